//! From a watched course to adverse events.

use malar_patients::random::{Key, Purpose, Stream};
use malar_solver::math::{exp, ln};

use super::factor::WhileGiven;
use super::hazard::{Hazard, Law, Rate, Reaction, Spell, Step, Threshold};
use super::signals::{Moment, Signal};
use crate::assembly::stream_number;

/// A dose as hazards see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct GivenDose<'a> {
    pub day: f64,
    /// Therapy id.
    pub id: &'a str,
    /// Class of the therapy.
    pub class: &'a str,
    /// Given as an infusion.
    pub infused: bool,
}

/// Everything hazards know of one patient.
#[derive(Clone, Debug)]
pub(crate) struct Exposure<'a> {
    pub key: Key,
    /// Ascending in time; each holds until the next.
    pub moments: &'a [Moment],
    pub doses: &'a [GivenDose<'a>],
    /// End of observation, days.
    pub end: f64,
}

/// An event of one patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Event {
    /// Position of the hazard.
    pub hazard: usize,
    pub day: f64,
    pub grade: u8,
    /// Position in `Exposure::doses` of the dose that led to it.
    pub dose: Option<usize>,
    /// Brought along by a product through an added hazard.
    pub added: bool,
}

/// All events of a patient in order of time, up to the first that is fatal.
pub(crate) fn events(hazards: &[Hazard], exposure: &Exposure<'_>) -> Vec<Event> {
    let mut events = rates(hazards, exposure);
    for (hazard, definition) in hazards.iter().enumerate() {
        let mut stream = stream(definition, exposure);
        match &definition.law {
            Law::Rate(_) => {}
            Law::Threshold(law) => crossings(law, hazard, exposure, &mut events),
            Law::Reaction(law) => reactions(law, hazard, exposure, &mut stream, &mut events),
            Law::Spell(law) => spells(law, hazard, exposure, &mut stream, &mut events),
        }
    }
    events.retain(|event| event.day <= exposure.end);
    events.sort_by(|a, b| a.day.total_cmp(&b.day).then(a.hazard.cmp(&b.hazard)));
    if let Some(death) = events.iter().position(|event| event.grade == 5) {
        events.truncate(death + 1);
    }
    events
}

fn stream(hazard: &Hazard, exposure: &Exposure<'_>) -> Stream {
    Stream::new(Key {
        purpose: Purpose::Safety,
        visit: stream_number(&hazard.id),
        ..exposure.key
    })
}

/// A rate that runs: what is left of the unit-exponential time to the next event.
struct Clock<'a> {
    hazard: usize,
    definition: &'a Hazard,
    law: &'a Rate,
    stream: Stream,
    left: f64,
}

/// Events of all rates, side by side, because damage of one raises another.
fn rates(hazards: &[Hazard], exposure: &Exposure<'_>) -> Vec<Event> {
    let clock = |(hazard, definition)| {
        let definition: &Hazard = definition;
        let Law::Rate(law) = &definition.law else { return None };
        let mut stream = stream(definition, exposure);
        let left = stream.exponential();
        Some(Clock {
            hazard,
            definition,
            law,
            stream,
            left,
        })
    };
    let mut clocks: Vec<Clock<'_>> = hazards.iter().enumerate().filter_map(clock).collect();
    let mut events = Vec::new();
    let mut damage = 0.0;
    for (k, moment) in exposure.moments.iter().enumerate() {
        let from = moment.get(Signal::day);
        let to = exposure
            .moments
            .get(k + 1)
            .map_or(exposure.end, |next| next.get(Signal::day));
        let mut now = *moment;
        now.set(Signal::damage, damage);
        for clock in &mut clocks {
            let before = events.len();
            clock.run(&now, (from, to.min(exposure.end)), exposure, &mut events);
            if clock.definition.adds_damage {
                damage += (events.len() - before) as f64;
            }
        }
    }
    events
}

impl Clock<'_> {
    fn run(&mut self, now: &Moment, (mut from, to): (f64, f64), exposure: &Exposure<'_>, events: &mut Vec<Event>) {
        let (own, added) = self.per_day(now, from, exposure);
        let total = own + added;
        if total <= 0.0 {
            return;
        }
        while total * (to - from) >= self.left {
            from += self.left / total;
            // Drawn for every event alike, so that the next time does not depend on what this event was.
            let [cause, grade] = [self.stream.uniform(), self.stream.uniform()];
            self.left = self.stream.exponential();
            events.push(Event {
                hazard: self.hazard,
                day: from,
                grade: graded(&self.law.grades, |step| grade < step.value).unwrap_or(self.law.grade),
                dose: None,
                added: cause * total < added,
            });
        }
        self.left -= total * (to - from).max(0.0);
    }

    /// Rate with its factors, and what products add to it.
    fn per_day(&self, now: &Moment, day: f64, exposure: &Exposure<'_>) -> (f64, f64) {
        let factors: f64 = self.law.factors.iter().map(|factor| factor.at(now)).product();
        let therapies: f64 = self.law.therapies.iter().map(|t| ratio_at(t, day, exposure)).product();
        let added = self.law.adds.as_ref().map_or(0.0, |rule| rule.evaluate(&now.values));
        (self.law.per_day * factors * therapies, added)
    }
}

/// The ratio while the therapy's last dose still counts, else 1.
fn ratio_at(therapy: &WhileGiven, day: f64, exposure: &Exposure<'_>) -> f64 {
    let counts =
        |dose: &GivenDose<'_>| dose.id == therapy.id && dose.day <= day && day <= dose.day + therapy.days_after;
    if exposure.doses.iter().any(counts) {
        therapy.ratio
    } else {
        1.0
    }
}

/// The gravest grade whose step is taken.
fn graded(steps: &[Step], taken: impl Fn(&Step) -> bool) -> Option<u8> {
    steps.iter().rev().find(|step| taken(step)).map(|step| step.at_least)
}

/// One event for every time spent below the first limit, at its start, with the worst grade. Who starts below it has none
/// until having recovered.
fn crossings(law: &Threshold, hazard: usize, exposure: &Exposure<'_>, events: &mut Vec<Event>) {
    let mut open: Option<Event> = None;
    let mut was_above = false;
    for moment in exposure.moments {
        let value = law.of.evaluate(&moment.values);
        match (graded(&law.grades, |step| value < step.value), &mut open) {
            (None, _) => {
                events.extend(open.take());
                was_above = true;
            }
            (Some(grade), Some(event)) => event.grade = event.grade.max(grade),
            (Some(grade), None) if was_above => {
                let day = moment.get(Signal::day);
                open = Some(Event {
                    hazard,
                    day,
                    grade,
                    dose: None,
                    added: false,
                });
            }
            (Some(_), None) => {}
        }
    }
    events.extend(open);
}

/// Doses that begin a course: none of their kind in the days before.
pub(crate) fn courses<'a>(
    after: &'a [String],
    infused: bool,
    course_days: f64,
    doses: &'a [GivenDose<'_>],
) -> impl Iterator<Item = usize> + 'a {
    let mut last = f64::NEG_INFINITY;
    doses.iter().enumerate().filter_map(move |(k, dose)| {
        let counts = after.iter().any(|word| word == dose.class || word == dose.id) && (dose.infused || !infused);
        if !counts {
            return None;
        }
        let begins = dose.day - last > course_days;
        last = dose.day;
        begins.then_some(k)
    })
}

fn reactions(law: &Reaction, hazard: usize, exposure: &Exposure<'_>, stream: &mut Stream, events: &mut Vec<Event>) {
    let own = law.own * stream.normal();
    for dose in courses(&law.after, law.infused, law.course_days, exposure.doses) {
        let [luck, delay] = [stream.uniform(), stream.normal()];
        let start = exposure.doses[dose];
        let therapies: f64 = law
            .therapies
            .iter()
            .filter(|t| t.id == start.id)
            .map(|t| ln(t.ratio))
            .sum();
        let log_odds = own + therapies + driven(law, start.day, exposure);
        let day = start.day + law.onset * exp(law.onset_log_sd * delay);
        if let Some(grade) = graded(&law.grades, |step| luck < shifted(step.value, log_odds)) {
            events.push(Event {
                hazard,
                day,
                grade,
                dose: Some(dose),
                added: false,
            });
        }
    }
}

/// What the driver's peak adds to the log odds; minus infinity if there was none.
fn driven(law: &Reaction, start: f64, exposure: &Exposure<'_>) -> f64 {
    let Some(driver) = &law.driver else { return 0.0 };
    let within = |m: &&Moment| (start..=start + driver.days).contains(&m.get(Signal::day));
    let values = exposure
        .moments
        .iter()
        .filter(within)
        .map(|m| driver.of.evaluate(&m.values));
    let peak = values.fold(0.0, f64::max);
    if peak > 0.0 {
        driver.slope * ln(peak / driver.reference)
    } else {
        f64::NEG_INFINITY
    }
}

/// A share whose odds are multiplied by exp(`log_odds`).
fn shifted(share: f64, log_odds: f64) -> f64 {
    if share >= 1.0 && log_odds.is_finite() {
        return 1.0;
    }
    let odds = share / (1.0 - share) * exp(log_odds);
    odds / (1.0 + odds)
}

fn spells(law: &Spell, hazard: usize, exposure: &Exposure<'_>, stream: &mut Stream, events: &mut Vec<Event>) {
    for dose in courses(&law.after, false, law.course_days, exposure.doses) {
        let length = law.days * exp(law.days_log_sd * stream.normal());
        if let Some(grade) = graded(&law.grades, |step| length >= step.value) {
            let day = exposure.doses[dose].day + law.onset;
            events.push(Event {
                hazard,
                day,
                grade,
                dose: Some(dose),
                added: false,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(patient: u32) -> Key {
        Key {
            seed: 1,
            replicate: 0,
            patient,
            purpose: Purpose::Parameters,
            visit: 0,
        }
    }

    fn hazard(text: &str) -> Hazard {
        let source = malar_model::diagnostic::Source {
            path: "hazard".into(),
            text: text.into(),
        };
        Hazard::parse(&source).unwrap_or_else(|e| panic!("{}", e.render(&source.text)))
    }

    /// Moments every ten days with one signal.
    fn course(signal: Signal, values: &[f64]) -> Vec<Moment> {
        let moment = |(k, value): (usize, &f64)| {
            let mut moment = Moment::new();
            moment.set(Signal::day, 10.0 * k as f64);
            moment.set(signal, *value);
            moment
        };
        values.iter().enumerate().map(moment).collect()
    }

    const YEARLY: &str = "id = \"a\"\nterm = \"A\"\nabout = \"a\"\nsource = [\"s\"]\nserious_from = 3\n[rate]\ngrade = 2\n\
        per_year = { value = 1.0, unit = \"1/year\", source = \"s\" }\n";

    fn count(hazards: &[Hazard], moments: &[Moment], patients: u32) -> usize {
        let end = 10.0 * moments.len() as f64;
        let of = |patient| {
            events(
                hazards,
                &Exposure {
                    key: key(patient),
                    moments,
                    doses: &[],
                    end,
                },
            )
            .len()
        };
        (0..patients).map(of).sum()
    }

    /// 4000 patient-years at one event a year: the count is Poisson with mean 4000, within four standard deviations.
    #[test]
    fn events_come_at_the_rate() {
        let moments = course(Signal::igg, &[10.0; 73]);
        let years = 2000.0 * 730.0 / 365.25;
        let found = count(&[hazard(YEARLY)], &moments, 2000) as f64;
        assert!((found - years).abs() < 4.0 * years.sqrt(), "{found} for {years}");
    }

    #[test]
    fn a_factor_multiplies_while_it_holds() {
        let factor = "[[rate.factors]]\nholds = \"igg < 6\"\nratio = { value = 2.0, unit = \"1\", source = \"s\" }\n";
        let half = course(Signal::igg, &[[10.0; 36], [5.0; 36]].concat());
        let years = 2000.0 * 720.0 / 365.25 * 1.5;
        let found = count(&[hazard(&format!("{YEARLY}{factor}"))], &half, 2000) as f64;
        assert!((found - years).abs() < 4.0 * years.sqrt(), "{found} for {years}");
    }

    #[test]
    fn another_hazard_changes_nothing_for_the_first() {
        let moments = course(Signal::igg, &[10.0; 73]);
        let exposure = Exposure {
            key: key(7),
            moments: &moments,
            doses: &[],
            end: 730.0,
        };
        let alone = events(&[hazard(YEARLY)], &exposure);
        let both = events(
            &[hazard(YEARLY), hazard(&YEARLY.replace("\"a\"\nterm", "\"b\"\nterm"))],
            &exposure,
        );
        let first: Vec<Event> = both.into_iter().filter(|event| event.hazard == 0).collect();
        assert_eq!(alone, first);
        assert!(!alone.is_empty());
    }

    #[test]
    fn low_igg_is_one_event_until_it_recovers() {
        let low = hazard(
            "id = \"a\"\nterm = \"A\"\nabout = \"a\"\nsource = [\"s\"]\nserious_from = 5\n[threshold]\nof = \"igg\"\nunit = \"g/L\"\n\
             [[threshold.grades]]\nat_least = 2\nlimit = { value = 6.0, unit = \"g/L\", source = \"s\" }\n\
             [[threshold.grades]]\nat_least = 3\nlimit = { value = 4.0, unit = \"g/L\", source = \"s\" }\n",
        );
        let moments = course(Signal::igg, &[5.0, 10.0, 5.0, 3.0, 5.0, 7.0, 5.0]);
        let exposure = Exposure {
            key: key(1),
            moments: &moments,
            doses: &[],
            end: 60.0,
        };
        let found: Vec<(f64, u8)> = events(&[low], &exposure).iter().map(|e| (e.day, e.grade)).collect();
        assert_eq!(found, [(20.0, 3), (60.0, 2)]);
    }

    #[test]
    fn nothing_follows_a_death() {
        let deadly = YEARLY.replace("1.0", "50.0").replace("grade = 2", "grade = 5");
        let moments = course(Signal::igg, &[10.0; 73]);
        let exposure = Exposure {
            key: key(3),
            moments: &moments,
            doses: &[],
            end: 730.0,
        };
        assert_eq!(events(&[hazard(&deadly)], &exposure).len(), 1);
    }

    #[test]
    fn shares_shift_by_the_odds() {
        assert!((shifted(0.5, ln(3.0)) - 0.75).abs() < 1e-12);
        assert_eq!(shifted(0.5, f64::NEG_INFINITY), 0.0);
        assert_eq!(shifted(1.0, -5.0), 1.0);
    }
}
