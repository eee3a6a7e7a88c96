//! From candidate to eligible patient: run-in with triggers, screening visits on measured values, four weeks to baseline.

use malar_patients::Clinical;
use malar_solver::{Driver, Failure, LaneMut, Next};

use super::candidate::{Candidate, Roster};
use crate::instruments::{Assessment, Correlation, Examination, Measured, VisitContext};
use crate::program::{Program, Scratch};
use crate::protocol::{Protocol, RunIn};

/// Sorts of segments, for the solver's memory of first steps.
pub(crate) mod segment {
    /// Nothing happened at the start.
    pub const PLAIN: u8 = 0;
    /// After a trigger.
    pub const TRIGGER: u8 = 1;
    /// During an infusion.
    pub const INFUSION: u8 = 2;
    /// After an infusion or a bolus.
    pub const DOSED: u8 = 3;
    /// After a visit that may have changed the steroid dose.
    pub const VISIT: u8 = 4;
}

/// How screening ended for one candidate.
#[derive(Clone, Debug)]
pub(crate) enum ScreeningResult {
    /// Met every criterion at this attempt.
    Eligible {
        attempt: u8,
        screening: Box<Assessment>,
        state: Vec<f64>,
    },
    /// Failed all attempts.
    Ineligible,
    /// The solver could not carry the candidate to screening.
    Failed,
}

/// Runs candidates on standard of care until they are eligible or out of attempts.
pub(crate) struct ScreeningDriver<'a> {
    pub program: &'a Program,
    pub protocol: &'a Protocol,
    pub clinical: &'a Clinical,
    pub roster: &'a Roster,
    /// Trial effect at screening, ln units.
    pub offset: f64,
    /// What visit noise keeps from visit to visit.
    pub correlation: Correlation,
    /// What it keeps until a candidate who failed comes again.
    pub correlation_again: Correlation,
    /// What the trial measures of single organs.
    pub measured: Measured,
    pub run_in_days: f64,
    pub candidates: &'a mut [Candidate],
    pub results: &'a mut [ScreeningResult],
    /// Attempts held, and failures by criterion, per candidate.
    pub attempts: &'a mut [Vec<Vec<bool>>],
    pub records: Vec<Record>,
    pub scratch: Scratch,
    pub next: usize,
}

/// Where a candidate stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    visits: u8,
    next_visit: f64,
    last: Option<Assessment>,
    passed: Option<u8>,
    /// The visit that was passed, which changes in the run-in are counted from.
    screening: Option<Assessment>,
    /// Visits of the run-in that were held.
    run_in: u8,
}

impl ScreeningDriver<'_> {
    fn interval(&self) -> f64 {
        self.protocol.visit_every_weeks * 7.0
    }

    /// True if the candidate's last visit was a screening visit that failed.
    fn failed_last(&self, patient: usize) -> bool {
        let record = &self.records[patient];
        record.visits > 1 && record.passed.is_none() // the first visit only sets the scene
    }

    /// Days to the candidate's next visit.
    fn wait(&self, patient: usize) -> f64 {
        if self.failed_last(patient) {
            self.protocol.again_after_weeks * 7.0
        } else {
            self.interval()
        }
    }

    /// What happens on the day of a visit; false if it is the candidate's last.
    fn come(&mut self, patient: usize, lane: &LaneMut<'_>) -> bool {
        let protocol = self.protocol;
        let record = &self.records[patient];
        match (record.passed, &protocol.run_in) {
            (Some(_), Some(rule)) if record.run_in < rule.visits => self.run_in_visit(patient, lane, rule),
            (Some(attempt), _) => {
                self.enrol(patient, attempt, lane);
                false
            }
            (None, _) if record.visits > protocol.screening_attempts => false,
            (None, _) => {
                let may_come_again = self.visit(patient, lane);
                let record = &self.records[patient];
                record.passed.is_some() || (may_come_again && record.visits <= protocol.screening_attempts)
            }
        }
    }

    /// Baseline: what was seen last and the state of the disease are handed over.
    fn enrol(&mut self, patient: usize, attempt: u8, lane: &LaneMut<'_>) {
        let screening = self.records[patient].last.expect("passed at a screening visit");
        self.results[patient] = ScreeningResult::Eligible {
            attempt,
            screening: Box::new(screening),
            state: self.snapshot(lane),
        };
        self.candidates[patient].luck.triggers.shift(-lane.time());
    }

    /// One visit: the first only sets the scene for the direction of change, the others are screening attempts. False if a criterion
    /// failed that cannot be met another time.
    fn visit(&mut self, patient: usize, lane: &LaneMut<'_>) -> bool {
        let now = self.assess(patient, lane);
        let mut may_come_again = true;
        if self.records[patient].visits > 0 {
            let failed = self.failed_criteria(patient, &now);
            let criteria = self.protocol.criteria.iter();
            may_come_again = criteria
                .zip(&failed)
                .all(|(criterion, failed)| criterion.again || !failed);
            let record = &mut self.records[patient];
            if failed.iter().all(|f| !f) {
                record.passed = Some(record.visits);
            }
            self.attempts[patient].push(failed);
        }
        let record = &mut self.records[patient];
        record.visits += 1;
        record.last = Some(now);
        may_come_again
    }

    fn assess(&mut self, patient: usize, lane: &LaneMut<'_>) -> Assessment {
        let biology = self.program.biology(lane, &mut self.scratch);
        let correlation = if self.failed_last(patient) {
            self.correlation_again
        } else {
            self.correlation
        };
        let candidate = &mut self.candidates[patient];
        let noise = candidate.luck.next_visit(correlation, self.measured);
        let examination = Examination {
            instruments: &self.clinical.measurement,
            single_organs: &self.clinical.single_organs,
            measured: self.measured,
            who: &candidate.presentation,
            offset: self.offset
                * candidate
                    .presentation
                    .effect_share(self.clinical.trial_effect.between_patients_sd),
            skin_share: self.clinical.trial_effect.skin_share,
        };
        examination.assess(&biology, noise, self.records[patient].last.as_ref())
    }

    /// A visit of the run-in; false if its rule does not hold.
    fn run_in_visit(&mut self, patient: usize, lane: &LaneMut<'_>, rule: &RunIn) -> bool {
        let record = &mut self.records[patient];
        record.run_in += 1;
        record.screening = record.screening.or(record.last);
        let before = (record.screening, record.last);
        let now = self.assess(patient, lane);
        let (Some(screening), Some(previous)) = before else {
            unreachable!("a run-in begins after screening")
        };
        let week =
            self.protocol.visit_every_weeks * (f64::from(self.records[patient].run_in) - f64::from(rule.visits) - 1.0);
        let variables = self.context(patient, week, [&screening, &previous, &now]).variables();
        let holds = rule.holds.holds(&variables);
        let mut failed = vec![false; self.protocol.criteria.len()];
        failed.push(!holds);
        self.attempts[patient].push(failed);
        self.records[patient].last = Some(now);
        holds
    }

    fn context<'a>(
        &self,
        patient: usize,
        week: f64,
        [baseline, previous, now]: [&'a Assessment; 3],
    ) -> VisitContext<'a> {
        let values = &self.candidates[patient].values;
        let dose = values[self.roster.prednisone];
        VisitContext {
            form: self.protocol.sledai,
            week,
            baseline,
            previous,
            now,
            prednisone: dose,
            prednisone_baseline: dose,
            weight: values[self.roster.weight],
            covariates: self.roster.covariates(values),
            discontinued: false,
            restricted: false,
        }
    }

    fn failed_criteria(&self, patient: usize, now: &Assessment) -> Vec<bool> {
        let week = -self.protocol.visit_every_weeks;
        let variables = self.context(patient, week, [now; 3]).variables();
        self.protocol
            .criteria
            .iter()
            .map(|c| !c.rule.holds(&variables))
            .collect()
    }

    /// States of the disease model by name order, for the arm's program to start from.
    fn snapshot(&self, lane: &LaneMut<'_>) -> Vec<f64> {
        self.program.core_values(|i| lane.state(i))
    }
}

impl Driver for ScreeningDriver<'_> {
    fn load(&mut self, lane: &mut LaneMut<'_>) -> Option<usize> {
        let patient = self.next;
        let candidate = self.candidates.get(patient)?;
        self.next += 1;
        lane.set_time(0.0);
        let inputs = self.program.inputs(&candidate.values, candidate.luck.key);
        self.program.baseline(
            &inputs,
            self.roster.trigger_mean(&candidate.values),
            &mut self.scratch.y,
        );
        self.program.load(&inputs, &self.scratch.y, lane);
        self.records[patient].next_visit = self.run_in_days;
        Some(patient)
    }

    fn advance(&mut self, patient: usize, lane: &mut LaneMut<'_>) -> Next {
        let now = lane.time();
        let mut kind = segment::PLAIN;
        if self.candidates[patient].luck.triggers.next_time() <= now {
            let trigger = self.candidates[patient].luck.triggers.take();
            let chance = self.roster.trigger_law(&self.candidates[patient].values).organ_chance;
            self.program.pull_trigger(trigger, chance, lane);
            kind = segment::TRIGGER;
        }
        if self.records[patient].next_visit <= now {
            if !self.come(patient, lane) {
                return Next::Done; // without a result: ineligible, as every result starts out
            }
            self.records[patient].next_visit = now + self.wait(patient);
        }
        let end = self.records[patient]
            .next_visit
            .min(self.candidates[patient].luck.triggers.next_time());
        Next::Segment { end, kind }
    }

    fn fail(&mut self, patient: usize, _failure: Failure) {
        self.results[patient] = ScreeningResult::Failed;
    }
}
