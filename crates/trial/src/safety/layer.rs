//! The safety of a trial: its hazards, and for each arm the equations to watch.

use malar_model::codes::MECHANISM;
use malar_model::diagnostic::Diagnostic;
use malar_solver::{Integrator, Settings};

use super::draw::{Event, Exposure, GivenDose, courses, events};
use super::hazard::{Hazard, Law};
use super::kinetics::{Traces, days};
use super::replay::{Replay, Subject};
use super::signals::{Moment, Signal, WATCHED};
use crate::assembly::{Given, Recipe};
use crate::conduct::{Course, Enrolled, Roster, Triggers};
use crate::elsewhere::Group;
use crate::product::Product;
use crate::program::{Entry, Program, Scratch};
use crate::results::{EventRow, KineticsRow, Labels, TraceLabel};
use crate::setup::{Parts, error, find_product, find_therapies, first_line};

/// Hazards, and the equations of each arm with what they look at.
#[derive(Debug)]
pub struct Safety {
    hazards: Vec<Hazard>,
    arms: Vec<Watched>,
    causes: Vec<String>,
    traces: Vec<TraceLabel>,
    /// Of controls and baskets from elsewhere, in their order.
    elsewhere: Vec<Safety>,
}

/// What was seen of all patients, in order of patient and day.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub events: Vec<EventRow>,
    pub kinetics: Vec<KineticsRow>,
}

impl Seen {
    /// Replaces what was seen of `who` (ascending) by what was seen of them alone, numbered from 0.
    pub fn replace(&mut self, who: &[usize], mut other: Seen) {
        let is_of = |patient: u32| who.binary_search(&(patient as usize)).is_ok();
        self.events.retain(|row| !is_of(row.patient));
        self.kinetics.retain(|row| !is_of(row.patient));
        other.renumber(|patient| who[patient as usize] as u32);
        self.events.extend(other.events);
        self.kinetics.extend(other.kinetics);
        // Stable: rows of one patient keep their order.
        self.events.sort_by_key(|row| row.patient);
        self.kinetics.sort_by_key(|row| row.patient);
    }

    /// Gives patients other numbers.
    pub fn renumber(&mut self, number: impl Fn(u32) -> u32) {
        self.events.iter_mut().for_each(|row| row.patient = number(row.patient));
        self.kinetics
            .iter_mut()
            .for_each(|row| row.patient = number(row.patient));
    }
}

/// The equations of one arm to watch, and which outputs belong together.
#[derive(Debug)]
pub(crate) struct Watched {
    pub program: Program,
    /// Division rate and number of CAR cells of each product that has them.
    growth: Vec<(usize, usize)>,
    /// Hazard of thrombosis of each product that has one, with the position of its id among the causes.
    thrombosis: Vec<(usize, u16)>,
    /// Cells and engagers to follow.
    traces: Traces,
}

/// Name of the background cause.
const BACKGROUND: &str = "background";

impl Safety {
    /// Compiles the arms of a trial once more, with what hazards look at.
    pub fn new(parts: &Parts, hazards: Vec<Hazard>) -> Result<Safety, Vec<Diagnostic>> {
        let groups = Group::elsewhere(&parts.protocol).into_iter();
        let elsewhere = groups.map(|group| Safety::of(&group.parts(parts)?, hazards.clone()));
        Ok(Safety {
            elsewhere: elsewhere.collect::<Result<_, Vec<Diagnostic>>>()?,
            ..Safety::of(parts, hazards)?
        })
    }

    /// The safety of controls and baskets from elsewhere, taken out.
    pub(crate) fn take_elsewhere(&mut self) -> Vec<Safety> {
        std::mem::take(&mut self.elsewhere)
    }

    /// Of one group of patients.
    fn of(parts: &Parts, hazards: Vec<Hazard>) -> Result<Safety, Vec<Diagnostic>> {
        let mut causes = vec![BACKGROUND.to_owned()];
        causes.extend(parts.products.keys().cloned());
        let (mut arms, mut traces) = (Vec::new(), Vec::new());
        for arm in &parts.protocol.arms {
            let given = find_therapies(parts, arm)?;
            arms.push(Watched::build(parts, &given, &causes, &mut traces)?);
        }
        Ok(Safety {
            hazards,
            arms,
            causes,
            traces,
            elsewhere: Vec::new(),
        })
    }

    /// Writes the names of events and causes.
    pub(crate) fn label(&self, labels: &mut Labels) {
        labels.events = self.hazards.iter().map(|h| h.id.clone()).collect();
        labels.event_terms = self.hazards.iter().map(|h| h.term.clone()).collect();
        labels.event_serious_from = self.hazards.iter().map(|h| h.serious_from).collect();
        labels.causes.clone_from(&self.causes);
        labels.traces.clone_from(&self.traces);
    }

    /// The events of all patients, and the course of cells. `triggers` are the patients' at randomisation.
    pub(crate) fn watch(
        &self,
        treated: &[(Enrolled, Course)],
        arms: &[u16],
        triggers: Vec<Triggers>,
        roster: &Roster,
        settings: &Settings,
    ) -> Seen {
        let mut rows: Vec<Vec<EventRow>> = vec![Vec::new(); treated.len()];
        let mut kinetics: Vec<Vec<KineticsRow>> = vec![Vec::new(); treated.len()];
        let mut triggers: Vec<Option<Triggers>> = triggers.into_iter().map(Some).collect();
        for (a, watched) in self.arms.iter().enumerate() {
            let members: Vec<usize> = (0..arms.len()).filter(|&k| usize::from(arms[k]) == a).collect();
            let doses: Vec<Vec<GivenDose<'_>>> = members.iter().map(|&k| watched.doses(&treated[k].1)).collect();
            let subject = |(&k, doses): (&usize, &Vec<GivenDose<'_>>)| {
                let own = triggers[k].take().expect("each patient has one arm");
                Subject::new(&treated[k], own, self.close(doses), roster).followed(watched.looks(&treated[k].1))
            };
            let mut replay = Replay {
                watched,
                roster,
                subjects: members.iter().zip(&doses).map(subject).collect(),
                scratch: Scratch::new(&watched.program),
                next: 0,
            };
            Integrator::new(&watched.program.tape, settings.clone()).integrate(&mut replay);
            for ((&k, subject), doses) in members.iter().zip(&replay.subjects).zip(&doses) {
                let exposure = Exposure {
                    key: treated[k].0.candidate.luck.key,
                    moments: &subject.moments,
                    doses,
                    end: subject.end(),
                };
                let found = events(&self.hazards, &exposure).into_iter();
                rows[k] = found.map(|event| self.row(&event, k, a, watched, doses)).collect();
                kinetics[k] = watched.kinetics(k, a, subject);
            }
        }
        Seen {
            events: rows.concat(),
            kinetics: kinetics.concat(),
        }
    }

    /// Days after which a reaction with a driver is looked for closely.
    fn close(&self, doses: &[GivenDose<'_>]) -> Vec<(f64, f64)> {
        let mut windows = Vec::new();
        for hazard in &self.hazards {
            let Law::Reaction(law) = &hazard.law else { continue };
            let Some(driver) = &law.driver else { continue };
            let starts = courses(&law.after, law.infused, law.course_days, doses);
            windows.extend(starts.map(|k| (doses[k].day, doses[k].day + driver.days)));
        }
        windows
    }

    fn row(&self, event: &Event, patient: usize, arm: usize, watched: &Watched, doses: &[GivenDose<'_>]) -> EventRow {
        let therapy = event.dose.map(|dose| doses[dose].id);
        let position = |id: &str| self.causes.iter().position(|cause| cause == id).unwrap_or(0) as u16;
        let added = || {
            watched
                .thrombosis
                .first()
                .filter(|_| event.added)
                .map_or(0, |product| product.1)
        };
        EventRow {
            patient: patient as u32,
            arm: arm as u16,
            day: event.day,
            event: event.hazard as u16,
            grade: event.grade,
            cause: therapy.map_or_else(added, position),
        }
    }
}

impl Watched {
    fn build(
        parts: &Parts,
        given: &[Given<'_>],
        causes: &[String],
        labels: &mut Vec<TraceLabel>,
    ) -> Result<Watched, Vec<Diagnostic>> {
        let mut watch: Vec<String> = WATCHED.iter().map(|(_, name)| (*name).to_owned()).collect();
        let (mut growth, mut thrombosis) = (Vec::new(), Vec::new());
        let mut ids: Vec<&str> = Vec::new();
        for product in given.iter().map(|g| g.product) {
            let id = product.therapy.id.as_str();
            if ids.contains(&id) {
                continue;
            }
            ids.push(id);
            if has(product, "division") && has(product, "effector") {
                growth.push((watch.len(), watch.len() + 1));
                watch.extend([format!("{id}__division"), format!("{id}__effector")]);
            }
            if has(product, "thrombosis_hazard") {
                let cause = causes.iter().position(|cause| cause == id).unwrap_or(0);
                thrombosis.push((watch.len(), cause as u16));
                watch.push(format!("{id}__thrombosis_hazard"));
            }
        }
        let products: Vec<&Product> = given.iter().map(|g| g.product).collect();
        let traces = Traces::of(&products, &mut watch, labels);
        let recipe = Recipe {
            core: &parts.model,
            hooks: &parts.hooks,
            steroid: find_product(parts, &parts.protocol.steroid, first_line(&parts.source))?,
            given,
            population: &parts.population,
            keep: &[],
            kidney: false,
            watch: &watch,
            iga: false,
        };
        let program = Program::build(&recipe).map_err(|e| {
            let found = error(MECHANISM, parts, first_line(&parts.source), e.to_string());
            vec![found.help("safety looks at immunoglobulin, B cells and T cells; use a disease model that has them")]
        })?;
        Ok(Watched {
            program,
            growth,
            thrombosis,
            traces,
        })
    }

    /// What was watched at one moment.
    pub(super) fn moment(&self, values: &[f64]) -> Moment {
        let mut moment = Moment::new();
        for (k, (signal, _)) in WATCHED.iter().enumerate() {
            moment.set(*signal, values[k]);
        }
        moment.set(
            Signal::car_growth,
            self.growth
                .iter()
                .map(|&(rate, cells)| values[rate] * values[cells])
                .sum(),
        );
        moment.set(
            Signal::thrombosis_hazard,
            self.thrombosis.iter().map(|&(hazard, _)| values[hazard]).sum(),
        );
        moment
    }

    /// Days on which cells are looked at: since randomisation, and since the first dose.
    fn looks(&self, course: &Course) -> Vec<(f64, f64)> {
        let end = 7.0 * course.last_week();
        let id = |dose: &crate::program::Dose| self.program.given[dose.entry].0.as_str();
        let Some(first) = self.traces.first_day(course.doses(), id) else {
            return Vec::new();
        };
        days(end - first).into_iter().map(|day| (first + day, day)).collect()
    }

    /// What was seen of the cells of one patient.
    fn kinetics(&self, patient: usize, arm: usize, subject: &Subject<'_>) -> Vec<KineticsRow> {
        let row = |&((day, since), ref values): &((f64, f64), Vec<f64>)| {
            let places = self.traces.places.iter().zip(values.iter().copied());
            let row = move |(&(_, trace), value): (&(usize, u16), f64)| KineticsRow {
                patient: patient as u32,
                arm: arm as u16,
                trace,
                day,
                since_dose: since,
                value,
            };
            places.map(row).collect::<Vec<_>>()
        };
        subject.traced.iter().flat_map(row).collect()
    }

    /// What is followed, in the order of the traces.
    pub(super) fn traced(&self, values: &[f64]) -> Vec<f64> {
        self.traces.places.iter().map(|&(place, _)| values[place]).collect()
    }

    fn doses(&self, course: &Course) -> Vec<GivenDose<'_>> {
        let dose = |dose: &crate::program::Dose| {
            let (id, class) = &self.program.given[dose.entry];
            GivenDose {
                day: dose.day,
                id,
                class,
                infused: matches!(self.program.entries[dose.entry], Entry::Infusion { .. }),
            }
        };
        course.doses().iter().filter(|d| d.amount > 0.0).map(dose).collect()
    }
}

/// True if the product's equations have a state or an assignment of this name.
pub(super) fn has(product: &Product, name: &str) -> bool {
    let equations = &product.equations;
    let symbol = equations.arena.find_symbol(name);
    let states = equations.states.iter().map(|s| s.symbol);
    let named = states.chain(equations.assignments.iter().map(|a| a.symbol));
    symbol.is_some_and(|symbol| named.into_iter().any(|known| known == symbol))
}
