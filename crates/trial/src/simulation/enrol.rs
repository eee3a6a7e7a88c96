//! From candidates to enrolled patients.

use malar_patients::random::{Key, Purpose, Stream};
use malar_solver::{Counters, Integrator, math};

use super::{Infeasible, Simulation};
use crate::conduct::{Candidate, Enrolled, Record, ScreeningDriver, ScreeningResult};
use crate::instruments::{Correlation, VisitContext};
use crate::program::Scratch;
use crate::results::Screening;

/// Candidates per patient wanted after which a trial is given up.
const MOST_CANDIDATES_PER_PATIENT: usize = 40;

/// One simulated trial: its random numbers and its trial effect, ln units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lot {
    pub seed: u64,
    pub replicate: u32,
    pub offset: f64,
}

/// What enrolment and treatment of one trial have cost, and what screening saw.
#[derive(Default)]
pub(super) struct Effort {
    pub counters: Counters,
    /// Days lived by all patients.
    pub days: f64,
    pub screening: Screening,
}

/// One candidate after screening.
#[derive(Default)]
struct Screened {
    stable: bool,
    attempts: Vec<Vec<bool>>,
    candidate: Option<Candidate>,
    result: Option<ScreeningResult>,
}

impl Simulation {
    /// Random numbers and trial effect of one replicate. The mean of the effect over replicates is the population's; baskets share
    /// their trial's luck with it, controls from elsewhere have had their own.
    pub(super) fn lot(&self, seed: u64, replicate: u32) -> Lot {
        let effect = &self.population.clinical.trial_effect;
        let own = self.group.seed(seed);
        let of_trial = if self.group.basket().is_some() { seed } else { own };
        let mut stream = Stream::new(Key {
            seed: of_trial,
            replicate,
            patient: 0,
            purpose: Purpose::Trial,
            visit: 0,
        });
        let sd = effect.between_trial_sd;
        Lot {
            seed: own,
            replicate,
            offset: effect.offset * math::exp(sd * stream.normal() - 0.5 * sd * sd),
        }
    }

    /// The first eligible candidates in order of their numbers, as many as the trial needs, with their attempt.
    pub(super) fn enrol(&self, lot: Lot, effort: &mut Effort) -> Result<Vec<(Enrolled, u8)>, Infeasible> {
        let wanted = self.group.wanted(&self.protocol) as usize;
        effort.screening.failed_by_criterion = vec![0; self.labels.criteria.len()];
        let mut enrolled = Vec::with_capacity(wanted);
        let mut next = 0u32;
        while enrolled.len() < wanted {
            // About half of the candidates fail; the chunk size decides nothing but speed.
            let missing = wanted - enrolled.len();
            let chunk = (missing * 2).max(16);
            if next as usize >= MOST_CANDIDATES_PER_PATIENT * wanted.max(25) {
                return Err(self.infeasible(enrolled.len(), next as usize, &effort.screening));
            }
            let screened = self.screen(lot, next, chunk, effort);
            next += chunk as u32;
            for candidate in screened {
                if enrolled.len() < wanted {
                    candidate.count(&mut effort.screening, &mut enrolled);
                }
            }
        }
        effort.screening.randomised = wanted as u32;
        Ok(enrolled)
    }

    fn infeasible(&self, found: usize, candidates: usize, screening: &Screening) -> Infeasible {
        let worst = (screening.failed_by_criterion.iter().enumerate()).max_by_key(|(k, n)| (**n, usize::MAX - k));
        let worst = worst.and_then(|(k, _)| self.protocol.criteria.get(k)); // none where the run-in is to blame
        let (id, span) = worst.map_or((String::new(), 0..0), |c| (c.id.clone(), c.span.clone()));
        Infeasible {
            found,
            candidates,
            wanted: self.group.wanted(&self.protocol) as usize,
            worst: id,
            span,
        }
    }

    /// Screens `n` candidates from number `first` on.
    fn screen(&self, lot: Lot, first: u32, n: usize, effort: &mut Effort) -> Vec<Screened> {
        let mut candidates: Vec<Candidate> = (first..first + n as u32)
            .map(|k| {
                let candidate = Candidate::draw(&self.population, &self.roster, lot.seed, lot.replicate, k);
                candidate.in_region(&self.protocol.regions, self.population.clinical.measurement.severity_sd)
            })
            .collect();
        let stable = self.filter.accepts(&self.standard_of_care, &self.roster, &candidates);
        let kept: Vec<usize> = (0..n).filter(|&k| stable[k]).collect();
        let mut verdict = stable.iter();
        candidates.retain(|_| *verdict.next().expect("one verdict per candidate"));
        let (results, attempts) = self.attend(lot, &mut candidates, effort);
        let mut screened: Vec<Screened> = (0..n).map(|_| Screened::default()).collect();
        let interval = self.protocol.visit_every_weeks * 7.0;
        for (((k, candidate), result), attempts) in kept.into_iter().zip(candidates).zip(results).zip(attempts) {
            effort.days += self.population.run_in_days + interval * attempts.len() as f64 + self.waited(&attempts);
            screened[k] = Screened {
                stable: true,
                attempts,
                candidate: Some(candidate),
                result: Some(result),
            };
        }
        screened
    }

    /// Days by which a candidate who came again waited longer than for other visits.
    fn waited(&self, attempts: &[Vec<bool>]) -> f64 {
        // Visits of the run-in have one criterion more, its rule.
        let screened = attempts
            .iter()
            .filter(|failed| failed.len() == self.protocol.criteria.len());
        let again = screened.count().saturating_sub(1) as f64;
        7.0 * again * (self.protocol.again_after_weeks - self.protocol.visit_every_weeks)
    }

    /// Takes stable candidates through run-in and screening visits; results, and failures by attempt and criterion.
    fn attend(
        &self,
        lot: Lot,
        candidates: &mut [Candidate],
        effort: &mut Effort,
    ) -> (Vec<ScreeningResult>, Vec<Vec<Vec<bool>>>) {
        let n = candidates.len();
        let mut results = vec![ScreeningResult::Ineligible; n];
        let mut attempts = vec![Vec::new(); n];
        let clinical = &self.population.clinical;
        let mut driver = ScreeningDriver {
            program: &self.standard_of_care,
            protocol: &self.protocol,
            clinical,
            roster: &self.roster,
            offset: lot.offset,
            correlation: Correlation::over(self.protocol.visit_every_weeks, &clinical.measurement),
            correlation_again: Correlation::over(self.protocol.again_after_weeks, &clinical.measurement),
            measured: self.measured,
            run_in_days: self.population.run_in_days,
            candidates,
            results: &mut results,
            attempts: &mut attempts,
            records: vec![Record::default(); n],
            scratch: Scratch::new(&self.standard_of_care),
            next: 0,
        };
        effort.counters += Integrator::new(&self.standard_of_care.tape, self.settings.clone()).integrate(&mut driver);
        (results, attempts)
    }

    /// Stratum of a patient: the yes/no rules at screening, read as bits.
    pub(super) fn stratum(&self, enrolled: &Enrolled) -> u16 {
        let values = &enrolled.candidate.values;
        let variables = VisitContext {
            form: self.protocol.sledai,
            week: -self.protocol.visit_every_weeks,
            baseline: &enrolled.screening,
            previous: &enrolled.screening,
            now: &enrolled.screening,
            prednisone: values[self.roster.prednisone],
            prednisone_baseline: values[self.roster.prednisone],
            weight: values[self.roster.weight],
            covariates: self.roster.covariates(values),
            discontinued: false,
            restricted: false,
        }
        .variables();
        let bits = self.protocol.strata.iter().enumerate();
        bits.fold(0, |bits, (k, s)| bits | u16::from(s.rule.holds(&variables)) << k)
    }
}

impl Screened {
    /// Adds to the screening log and, if eligible, to the enrolled.
    fn count(self, screening: &mut Screening, enrolled: &mut Vec<(Enrolled, u8)>) {
        screening.candidates += 1;
        screening.filtered += u32::from(!self.stable);
        screening.attempts += self.attempts.len() as u32;
        for failed in &self.attempts {
            for (sum, f) in screening.failed_by_criterion.iter_mut().zip(failed) {
                *sum += u32::from(*f);
            }
        }
        let (Some(candidate), Some(result)) = (self.candidate, self.result) else {
            return;
        };
        match result {
            ScreeningResult::Eligible {
                attempt,
                screening,
                state,
            } => {
                let enrolment = Enrolled {
                    candidate,
                    screening: *screening,
                    state,
                };
                enrolled.push((enrolment, attempt));
            }
            ScreeningResult::Failed => screening.solver_failed += 1,
            ScreeningResult::Ineligible => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    const N: usize = 300;

    fn simulation(screening: &str) -> Simulation {
        let edit = |text: String| text.replace("[screening]\nattempts = 3", &format!("[screening]\n{screening}"));
        Simulation::new(library::parts("tulip-2", edit)).unwrap_or_else(|e| panic!("{}", e[0].message))
    }

    fn screened(simulation: &Simulation) -> (Vec<Screened>, Effort) {
        let mut effort = Effort::default();
        let lot = simulation.lot(4, 0);
        let screened = simulation.screen(lot, 0, N, &mut effort);
        (screened, effort)
    }

    /// Attempt, assessment and baseline state of an eligible candidate, in words that tell every bit.
    fn eligible(one: &Screened) -> Option<(u8, String, String)> {
        match one.result.as_ref()? {
            ScreeningResult::Eligible {
                attempt,
                screening,
                state,
            } => Some((*attempt, format!("{screening:?}"), format!("{state:?}"))),
            _ => None,
        }
    }

    fn values(one: &Screened) -> Vec<u64> {
        let candidate = one.candidate.as_ref();
        candidate.map_or(Vec::new(), |c| c.values.iter().map(|x| x.to_bits()).collect())
    }

    #[test]
    fn who_fails_comes_again_once_and_who_does_not_is_left_alone() {
        let (once, _) = screened(&simulation("attempts = 1"));
        let (twice, _) = screened(&simulation("attempts = 2\nagain_after_weeks = 8"));
        let (mut left_alone, mut second_chance) = (0, 0);
        for (a, b) in once.iter().zip(&twice) {
            assert_eq!((a.stable, values(a)), (b.stable, values(b)), "the same person");
            assert_eq!(
                a.attempts.first(),
                b.attempts.first(),
                "the first visit does not know of a second"
            );
            let failed_first = b.attempts.first().is_some_and(|failed| failed.contains(&true));
            assert_eq!(
                b.attempts.len(),
                usize::from(!b.attempts.is_empty()) + usize::from(failed_first)
            );
            match (eligible(a), eligible(b)) {
                (Some(first), again) => {
                    assert_eq!(Some(first), again);
                    left_alone += 1;
                }
                (None, Some((attempt, ..))) => {
                    assert_eq!(attempt, 2);
                    assert!(b.attempts[1].iter().all(|failed| !failed));
                    second_chance += 1;
                }
                (None, None) => assert!(b.attempts.get(1).is_none_or(|failed| failed.contains(&true))),
            }
        }
        assert!(left_alone > 20 && second_chance > 5, "{left_alone} {second_chance}");
    }

    #[test]
    fn counts_of_screening_add_up() {
        let (all, _) = screened(&simulation("attempts = 2"));
        let attempts: Vec<Vec<Vec<bool>>> = all.iter().map(|one| one.attempts.clone()).collect();
        let solver_failed = all
            .iter()
            .filter(|one| matches!(one.result, Some(ScreeningResult::Failed)));
        let lost = solver_failed.count() as u32;
        let mut log = Screening {
            failed_by_criterion: vec![0; 5],
            ..Screening::default()
        };
        let mut enrolled = Vec::new();
        all.into_iter().for_each(|one| one.count(&mut log, &mut enrolled));
        let visits = attempts.iter().flatten();
        assert_eq!(log.candidates, N as u32);
        assert_eq!(log.attempts as usize, visits.clone().count());
        let came_again = attempts.iter().filter(|of| of.len() == 2).count() as u32;
        assert_eq!(log.attempts, log.candidates - log.filtered - lost + came_again);
        let passed = visits.clone().filter(|failed| !failed.contains(&true)).count();
        assert_eq!(enrolled.len(), passed);
        for (criterion, counted) in log.failed_by_criterion.iter().enumerate() {
            assert_eq!(
                *counted as usize,
                visits.clone().filter(|failed| failed[criterion]).count()
            );
        }
    }

    /// The next trigger of those enrolled at their second visit is four weeks nearer, unless it came in these weeks.
    #[test]
    fn the_second_visit_is_as_many_weeks_later_as_the_protocol_says() {
        let next_triggers = |weeks: f64| {
            let simulation = simulation(&format!("attempts = 2\nagain_after_weeks = {weeks}"));
            let (all, effort) = screened(&simulation);
            let came_again = all.iter().filter(|one| one.attempts.len() == 2).count();
            let next = |one: &Screened| {
                let (attempt, assessment, _) = eligible(one)?;
                let candidate = one.candidate.as_ref()?;
                (attempt == 2).then(|| (candidate.luck.triggers.next_time(), assessment))
            };
            (all.iter().map(next).collect::<Vec<_>>(), came_again, effort.days)
        };
        let (early, came_again, early_days) = next_triggers(4.0);
        let (late, also, late_days) = next_triggers(8.0);
        assert_eq!(came_again, also, "who comes again is decided before");
        assert!((late_days - early_days - 28.0 * came_again as f64).abs() < 1e-6);
        let both = early
            .iter()
            .zip(&late)
            .filter_map(|pair| Some((pair.0.as_ref()?, pair.1.as_ref()?)));
        let (mut nearer, mut n) = (0, 0);
        for ((early, before), (late, after)) in both {
            assert_ne!(before, after, "measured anew, on another day");
            if (early - late - 28.0).abs() < 1e-6 {
                nearer += 1;
            } else {
                assert!(*early < 28.0, "{early} {late}");
            }
            n += 1;
        }
        assert!(nearer > n / 2, "{nearer} of {n}");
    }

    #[test]
    fn who_fails_a_criterion_for_good_does_not_come_again() {
        let simulation = {
            let edit = |text: String| text.replace("\"pga >= 1\" }", "\"pga >= 1\", again = false }");
            Simulation::new(library::parts("tulip-2", edit)).unwrap_or_else(|e| panic!("{}", e[0].message))
        };
        let criterion = simulation.labels().criteria.iter().position(|id| id == "pga").unwrap();
        let (all, _) = screened(&simulation);
        let ends = all
            .iter()
            .filter(|one| one.attempts.iter().any(|failed| failed[criterion]));
        let ends: Vec<&Screened> = ends.collect();
        assert!(!ends.is_empty());
        for one in ends {
            assert!(one.attempts.last().unwrap()[criterion] && eligible(one).is_none());
        }
        let others = all
            .iter()
            .filter(|one| eligible(one).is_none() && one.attempts.iter().all(|f| !f[criterion]));
        assert!(
            others
                .filter(|one| !one.attempts.is_empty())
                .all(|one| one.attempts.len() == 3)
        );
    }
}
