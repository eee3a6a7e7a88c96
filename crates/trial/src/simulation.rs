//! A trial that can be run: everything checked and compiled, one replicate at a time.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use malar_model::codes::{MECHANISM, POPULATION_LACKS};
use malar_model::diagnostic::Diagnostic;
use malar_patients::Population;
use malar_patients::random::{Key, Purpose, Stream};
use malar_solver::{Counters, Integrator, Settings, System, math};

use crate::analysis::{Subject, analyse, comparisons};
use crate::assembly::{Given, ProgramError, Recipe};
use crate::conduct::{
    Candidate, Course, Effect, Enrolled, Record, Roster, ScreeningDriver, ScreeningResult, TreatmentDriver, World,
    assign_arms, minimise,
};
use crate::endpoint::Endpoint;
use crate::estimand::{Estimand, Luck, Potential, estimate, truth};
use crate::filter::StabilityFilter;
use crate::instruments::{Measured, VARIABLES};
use crate::program::{Program, Scratch};
use crate::protocol::Protocol;
use crate::results::{AtRisk, EventRow, Labels, Replicate, Screening, TruthRow};
use crate::rows;
use crate::safety::{Safety, Seen};
use crate::setup::{
    Parts, check_streams, error, find_endpoints, find_product, find_therapies, first_line, labels, set_constants,
};
use crate::survival::{curves, survival};

/// Nobody can be enrolled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("only {found} of {candidates} virtual candidates are eligible, {wanted} are needed")]
pub struct Infeasible {
    /// Eligible candidates found.
    pub found: usize,
    /// Candidates drawn.
    pub candidates: usize,
    /// Patients wanted.
    pub wanted: usize,
    /// The criterion that most screening visits failed.
    pub worst: String,
    /// Its place in the protocol file; empty if the protocol has no criteria.
    pub span: Range<usize>,
}

/// A trial ready to run. Replicates are pure functions of (seed, index) and may run on any thread.
///
/// Clones share the compiled equations.
#[derive(Clone, Debug)]
pub struct Simulation {
    protocol: Protocol,
    population: Population,
    endpoints: Vec<Endpoint>,
    estimands: Vec<Estimand>,
    labels: Labels,
    roster: Roster,
    standard_of_care: Arc<Program>,
    arms: Arc<[Program]>,
    filter: StabilityFilter,
    settings: Settings,
    measured: Measured,
    safety: Option<Arc<Safety>>,
}

/// What becomes of the trial effect after randomisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TrialEffect {
    /// It fades, as it does.
    Fades,
    /// It stays as it was at baseline.
    Stays,
}

/// Candidates per patient wanted after which a trial is given up.
const MOST_CANDIDATES_PER_PATIENT: usize = 40;

impl Simulation {
    /// Checks that everything the protocol names exists and fits, and compiles the arms.
    pub fn new(mut parts: Parts) -> Result<Simulation, Vec<Diagnostic>> {
        set_constants(&mut parts)?;
        let endpoints = find_endpoints(&parts)?;
        let roster = Roster::find(&parts.population).map_err(|name| {
            let message = format!("population `{}` does not draw `{name}`", parts.population.id);
            vec![
                error(
                    POPULATION_LACKS,
                    &parts,
                    parts.protocol.population_span.clone(),
                    message,
                )
                .help("add the parameter to the population file"),
            ]
        })?;
        let steroid = find_product(&parts, &parts.protocol.steroid, first_line(&parts.source))?;
        let mut given = Vec::new();
        for arm in &parts.protocol.arms {
            given.push(find_therapies(&parts, arm)?);
        }
        check_streams(&parts, steroid, &given)?;
        let measured = Measured::of(&parts.protocol.instruments);
        let build = |given: &[Given<'_>], keep: &[String]| {
            Program::build(&Recipe {
                core: &parts.model,
                hooks: &parts.hooks,
                steroid,
                given,
                population: &parts.population,
                keep,
                kidney: measured.kidney,
                watch: &[],
                iga: measured.iga,
            })
        };
        let failed = |e: ProgramError| {
            vec![
                error(MECHANISM, &parts, first_line(&parts.source), e.to_string())
                    .help("check the therapy's `shared` and `drives` against the disease model"),
            ]
        };
        let arms = given
            .iter()
            .map(|g| build(g, &[]))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        let mut keep: Vec<String> = arms.iter().flat_map(|a| a.active_core(&parts.model)).collect();
        keep.sort();
        keep.dedup();
        let standard_of_care = build(&[], &keep).map_err(failed)?;
        let mut labels = labels(&parts.protocol, &endpoints);
        labels.curves = curves(&parts.protocol, false);
        let declared = parts.protocol.estimands.iter();
        let estimands = declared.map(|d| d.resolve(&parts.protocol, &endpoints, &labels));
        let estimands = estimands.collect::<Result<Vec<_>, _>>().map_err(|wrong| vec![wrong])?;
        labels.estimands = estimands.iter().map(|e| e.label.clone()).collect();
        Ok(Simulation {
            filter: StabilityFilter::new(&standard_of_care, &parts.population, &parts.model),
            endpoints,
            estimands,
            labels,
            roster,
            standard_of_care: Arc::new(standard_of_care),
            arms: arms.into(),
            protocol: parts.protocol,
            population: parts.population,
            settings: parts.settings,
            measured,
            safety: None,
        })
    }

    /// The same trial with adverse events. Nothing else of it changes.
    #[must_use]
    pub fn with_safety(mut self, safety: Safety) -> Self {
        safety.label(&mut self.labels);
        self.labels.curves = curves(&self.protocol, true);
        self.safety = Some(Arc::new(safety));
        self
    }

    /// Names behind the indices of the rows.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The protocol in force.
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// The population.
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// The same trial with other numbers in its population; nothing is compiled again.
    ///
    /// Panics unless `population` draws the same names in the same order.
    #[must_use]
    pub fn with_population(&self, population: Population) -> Simulation {
        assert_eq!(population.names(), self.population.names(), "one list of draws");
        Simulation {
            population,
            ..self.clone()
        }
    }

    /// The same trial with `patients` in all, split over its arms as before.
    #[must_use]
    pub fn resized(&self, patients: u32) -> Simulation {
        Simulation {
            protocol: self.protocol.clone().resized(patients),
            ..self.clone()
        }
    }

    /// Number of equations of each arm.
    pub fn n_states(&self) -> Vec<usize> {
        self.arms.iter().map(|a| a.tape.n_states()).collect()
    }

    #[cfg(test)]
    pub(crate) fn filter_parts(&self) -> (&StabilityFilter, &Program, &Roster, &Population) {
        (&self.filter, &self.standard_of_care, &self.roster, &self.population)
    }

    /// Simulates one trial.
    pub fn replicate(&self, seed: u64, index: u32) -> Result<Replicate, Infeasible> {
        self.replicate_with(seed, index, TrialEffect::Fades)
    }

    /// The same trial with a trial effect that does not fade after randomisation: the same patients are enrolled with the same
    /// baseline, and what is missing in their response is the effect's share.
    pub fn replicate_without_fading(&self, seed: u64, index: u32) -> Result<Replicate, Infeasible> {
        self.replicate_with(seed, index, TrialEffect::Stays)
    }

    fn replicate_with(&self, seed: u64, index: u32, effect: TrialEffect) -> Result<Replicate, Infeasible> {
        let offset = self.offset(seed, index);
        let mut screening = Screening {
            failed_by_criterion: vec![0; self.protocol.criteria.len()],
            ..Screening::default()
        };
        let mut effort = Effort::default();
        let enrolled = self.enrol(seed, index, offset, &mut screening, &mut effort)?;
        let strata: Vec<u16> = enrolled.iter().map(|e| self.stratum(&e.0)).collect();
        let sizes: Vec<u32> = self.protocol.arms.iter().map(|a| a.n).collect();
        let arms = match self.protocol.minimisation {
            None => assign_arms(&strata, &sizes, self.protocol.block_size, seed, index),
            Some(probability) => minimise(&strata, &sizes, (self.protocol.strata.len(), probability), seed, index),
        };
        let attempts: Vec<u8> = enrolled.iter().map(|e| e.1).collect();
        let patients: Vec<Enrolled> = enrolled.into_iter().map(|e| e.0).collect();
        let triggers = patients.iter().map(|p| p.candidate.luck.triggers.clone()).collect();
        let effect = Effect {
            offset,
            fades: effect == TrialEffect::Fades,
        };
        let world = World::real(self.protocol.followed);
        let courses = self.treat(patients, &arms, (effect, world), &mut effort);
        let Seen { events, kinetics } = self.safety.as_ref().map_or_else(Seen::default, |safety| {
            safety.watch(&courses, &arms, triggers, &self.roster, &self.settings)
        });
        let subjects: Vec<Subject> = (courses.iter().zip(&strata).zip(&arms).enumerate())
            .map(|(k, ((course, &stratum), &arm))| Subject::new(k as u32, arm, stratum, course, &self.protocol))
            .collect();
        let analysis = analyse(&self.protocol, &self.endpoints, &self.labels, &subjects);
        let luck = Luck { seed, replicate: index };
        let estimands = self.estimands.iter().enumerate();
        let estimands = estimands.flat_map(|(number, estimand)| {
            let arms = comparisons(&self.protocol);
            estimate(estimand, number as u16, &self.endpoints, &subjects, arms, luck)
        });
        let who = |k: usize| rows::Who {
            patient: k as u32,
            arm: arms[k],
            stratum: strata[k],
            attempts: attempts[k],
        };
        let states = |arm: u16| &self.arms[usize::from(arm)];
        Ok(Replicate {
            index,
            screening,
            patients: (courses.iter().enumerate())
                .map(|(k, c)| rows::patient(who(k), c, &self.roster, states(arms[k])))
                .collect(),
            visits: courses
                .iter()
                .enumerate()
                .flat_map(|(k, c)| rows::visits(who(k), &c.1))
                .collect(),
            doses: (courses.iter().enumerate())
                .flat_map(|(k, c)| {
                    let arm = (&self.roster, states(arms[k]));
                    rows::doses(who(k), c, arm, (&self.protocol, &self.labels))
                })
                .collect(),
            outcomes: analysis.outcomes,
            endpoints: analysis.endpoints,
            estimates: analysis.estimates,
            at_risk: self
                .safety
                .as_ref()
                .map_or_else(Vec::new, |_| at_risk(self.arms.len(), &arms, &courses, &events)),
            survival: survival(&self.protocol, &self.labels, &arms, &courses, &events),
            estimands: estimands.collect(),
            events,
            kinetics,
            patient_years: effort.days / 365.25,
            steps: (effort.counters.accepted, effort.counters.rejected),
        })
    }

    /// The truth of every estimand among the patients of replicate `index`: each of them in every arm, with the same luck.
    pub fn truth(&self, seed: u64, index: u32) -> Result<Vec<TruthRow>, Infeasible> {
        if self.estimands.is_empty() {
            return Ok(Vec::new());
        }
        let offset = self.offset(seed, index);
        let mut screening = Screening {
            failed_by_criterion: vec![0; self.protocol.criteria.len()],
            ..Screening::default()
        };
        let mut effort = Effort::default();
        let enrolled = self.enrol(seed, index, offset, &mut screening, &mut effort)?;
        let patients: Vec<Enrolled> = enrolled.into_iter().map(|e| e.0).collect();
        let mut worlds: Vec<World> = Vec::new();
        for world in self.estimands.iter().map(Estimand::world) {
            if !worlds.contains(&world) {
                worlds.push(world);
            }
        }
        let effect = Effect { offset, fades: true };
        let mut rows = Vec::new();
        for world in worlds {
            let by_arm: Vec<Vec<Subject>> = (0..self.arms.len() as u16)
                .map(|arm| self.all_in(arm, &patients, (effect, world), &mut effort))
                .collect();
            for (number, estimand) in self.estimands.iter().enumerate().filter(|(_, e)| e.world() == world) {
                rows.extend(self.truth_rows(number as u16, estimand, &by_arm));
            }
        }
        rows.sort_by_key(|row| (row.estimand, row.arm));
        Ok(rows)
    }

    /// Every patient in one arm.
    fn all_in(&self, arm: u16, patients: &[Enrolled], world: (Effect, World), effort: &mut Effort) -> Vec<Subject> {
        let arms = vec![arm; patients.len()];
        let courses = self.treat(patients.to_vec(), &arms, world, effort);
        let subject = |(k, course): (usize, &(Enrolled, Course))| {
            Subject::new(k as u32, arm, self.stratum(&course.0), course, &self.protocol)
        };
        courses.iter().enumerate().map(subject).collect()
    }

    fn truth_rows(&self, number: u16, estimand: &Estimand, by_arm: &[Vec<Subject>]) -> Vec<TruthRow> {
        let row = |(arm, control): (usize, usize)| {
            let potential = Potential {
                treated: &by_arm[arm],
                control: &by_arm[control],
                endpoints: &self.endpoints,
            };
            let found = truth(estimand, &potential);
            TruthRow {
                estimand: number,
                arm: arm as u16,
                control: control as u16,
                value: found.map_or(f64::NAN, |t| t.value),
                treated: found.map_or(f64::NAN, |t| t.treated),
                of_control: found.map_or(f64::NAN, |t| t.control),
                patients: found.map_or(0, |t| t.patients),
            }
        };
        comparisons(&self.protocol).map(row).collect()
    }

    /// The trial effect of one replicate, ln units; its mean over replicates is the population's.
    fn offset(&self, seed: u64, replicate: u32) -> f64 {
        let effect = &self.population.clinical.trial_effect;
        let mut stream = Stream::new(Key {
            seed,
            replicate,
            patient: 0,
            purpose: Purpose::Trial,
            visit: 0,
        });
        let sd = effect.between_trial_sd;
        effect.offset * math::exp(sd * stream.normal() - 0.5 * sd * sd)
    }

    /// The first eligible candidates in order of their numbers, as many as the trial needs, with their attempt.
    fn enrol(
        &self,
        seed: u64,
        replicate: u32,
        offset: f64,
        screening: &mut Screening,
        effort: &mut Effort,
    ) -> Result<Vec<(Enrolled, u8)>, Infeasible> {
        let wanted = self.protocol.n_patients() as usize;
        let mut enrolled = Vec::with_capacity(wanted);
        let mut next = 0u32;
        while enrolled.len() < wanted {
            // About half of the candidates fail; the chunk size decides nothing but speed.
            let missing = wanted - enrolled.len();
            let chunk = (missing * 2).max(16);
            if next as usize >= MOST_CANDIDATES_PER_PATIENT * wanted.max(25) {
                return Err(self.infeasible(enrolled.len(), next as usize, wanted, screening));
            }
            let screened = self.screen(seed, replicate, next, chunk, offset, effort);
            next += chunk as u32;
            for candidate in screened {
                if enrolled.len() < wanted {
                    candidate.count(screening, &mut enrolled);
                }
            }
        }
        screening.randomised = wanted as u32;
        Ok(enrolled)
    }

    fn infeasible(&self, found: usize, candidates: usize, wanted: usize, screening: &Screening) -> Infeasible {
        let worst = (screening.failed_by_criterion.iter().enumerate()).max_by_key(|(k, n)| (**n, usize::MAX - k));
        let worst = worst.map(|(k, _)| &self.protocol.criteria[k]);
        let (id, span) = worst.map_or((String::new(), 0..0), |c| (c.id.clone(), c.span.clone()));
        Infeasible {
            found,
            candidates,
            wanted,
            worst: id,
            span,
        }
    }

    /// Screens `n` candidates from number `first` on.
    fn screen(
        &self,
        seed: u64,
        replicate: u32,
        first: u32,
        n: usize,
        offset: f64,
        effort: &mut Effort,
    ) -> Vec<Screened> {
        let numbers = first..first + n as u32;
        let mut candidates: Vec<Candidate> = numbers
            .map(|k| Candidate::draw(&self.population, &self.roster, seed, replicate, k))
            .collect();
        let stable = self.filter.accepts(&self.standard_of_care, &self.roster, &candidates);
        let kept: Vec<usize> = (0..n).filter(|&k| stable[k]).collect();
        let mut verdict = stable.iter();
        candidates.retain(|_| *verdict.next().expect("one verdict per candidate"));
        let mut screened: Vec<Screened> = (0..n).map(|_| Screened::default()).collect();
        let mut results = vec![ScreeningResult::Ineligible; kept.len()];
        let mut attempts = vec![Vec::new(); kept.len()];
        let mut driver = ScreeningDriver {
            program: &self.standard_of_care,
            protocol: &self.protocol,
            clinical: &self.population.clinical,
            roster: &self.roster,
            offset,
            measured: self.measured,
            run_in_days: self.population.run_in_days,
            candidates: &mut candidates,
            results: &mut results,
            attempts: &mut attempts,
            records: vec![Record::default(); kept.len()],
            scratch: Scratch::new(&self.standard_of_care),
            next: 0,
        };
        effort.counters += Integrator::new(&self.standard_of_care.tape, self.settings.clone()).integrate(&mut driver);
        let interval = self.protocol.visit_every_weeks * 7.0;
        for (((k, candidate), result), attempts) in kept.into_iter().zip(candidates).zip(results).zip(attempts) {
            effort.days += self.population.run_in_days + interval * attempts.len() as f64;
            screened[k] = Screened {
                stable: true,
                attempts,
                candidate: Some(candidate),
                result: Some(result),
            };
        }
        screened
    }

    /// Stratum of a patient: the yes/no rules at screening, read as bits.
    fn stratum(&self, enrolled: &Enrolled) -> u16 {
        let variables = crate::instruments::VisitContext {
            form: self.protocol.sledai,
            week: -self.protocol.visit_every_weeks,
            baseline: &enrolled.screening,
            previous: &enrolled.screening,
            now: &enrolled.screening,
            prednisone: enrolled.candidate.values[self.roster.prednisone],
            prednisone_baseline: enrolled.candidate.values[self.roster.prednisone],
            covariates: self.roster.covariates(&enrolled.candidate.values),
            discontinued: false,
            restricted: false,
        }
        .variables();
        let bits = self.protocol.strata.iter().enumerate();
        bits.fold(0, |bits, (k, s)| bits | u16::from(s.rule.holds(&variables)) << k)
    }

    /// Runs every arm and puts the patients back in order of randomisation.
    fn treat(
        &self,
        patients: Vec<Enrolled>,
        arms: &[u16],
        (effect, world): (Effect, World),
        effort: &mut Effort,
    ) -> Vec<(Enrolled, Course)> {
        let mut places: Vec<Option<(Enrolled, Course)>> = (0..patients.len()).map(|_| None).collect();
        let mut waiting: Vec<Option<Enrolled>> = patients.into_iter().map(Some).collect();
        for (a, program) in self.arms.iter().enumerate() {
            let members: Vec<usize> = (0..arms.len()).filter(|&k| usize::from(arms[k]) == a).collect();
            let group = members
                .iter()
                .map(|&k| waiting[k].take().expect("each patient has one arm"))
                .collect();
            let clinical = &self.population.clinical;
            let arm = (program, &self.protocol.arms[a]);
            let mut driver = TreatmentDriver::new(arm, &self.protocol, clinical, &self.roster, (effect, world), group);
            effort.counters += Integrator::new(&program.tape, self.settings.clone()).integrate(&mut driver);
            for (k, course) in members.into_iter().zip(driver.finish()) {
                effort.days += course.1.visits.last().map_or(0.0, |v| v.week * 7.0);
                places[k] = Some(course);
            }
        }
        places
            .into_iter()
            .map(|p| p.expect("every patient was treated"))
            .collect()
    }
}

/// Patients and years of observation by arm.
fn at_risk(n_arms: usize, arms: &[u16], courses: &[(Enrolled, Course)], events: &[EventRow]) -> Vec<AtRisk> {
    let mut rows = vec![
        AtRisk {
            patients: 0,
            years: 0.0
        };
        n_arms
    ];
    let deaths: BTreeMap<u32, f64> = events
        .iter()
        .filter(|e| e.grade == 5)
        .map(|e| (e.patient, e.day))
        .collect();
    for (k, (arm, (_, course))) in arms.iter().zip(courses).enumerate() {
        let end = 7.0 * course.last_week();
        let row = &mut rows[usize::from(*arm)];
        row.patients += 1;
        row.years += deaths.get(&(k as u32)).copied().unwrap_or(end) / 365.25;
    }
    rows
}

/// Work done for one replicate.
#[derive(Default)]
struct Effort {
    counters: Counters,
    days: f64,
}

/// One candidate after screening.
#[derive(Default)]
struct Screened {
    stable: bool,
    attempts: Vec<Vec<bool>>,
    candidate: Option<Candidate>,
    result: Option<ScreeningResult>,
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
        match (self.candidate, self.result) {
            (
                Some(candidate),
                Some(ScreeningResult::Eligible {
                    attempt,
                    screening,
                    state,
                }),
            ) => {
                enrolled.push((
                    Enrolled {
                        candidate,
                        screening: *screening,
                        state,
                    },
                    attempt,
                ));
            }
            (_, Some(ScreeningResult::Failed)) => screening.solver_failed += 1,
            _ => {}
        }
    }
}

/// Names of all variables that rules may use, with their meaning, for documentation.
pub fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    VARIABLES.iter().map(|(name, _, meaning)| (*name, *meaning))
}
