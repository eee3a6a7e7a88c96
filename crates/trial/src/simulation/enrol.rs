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
