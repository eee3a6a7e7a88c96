//! Advances patients until the driver has no more: steps, segment ends, refills and failures.

use std::sync::Arc;

use crate::batch::{Batch, Record};
use crate::controller::{self, Verdict};
use crate::dispatch::{InstructionSet, Kernel};
use crate::driver::{Driver, Failure, FailureReason, Next, SEGMENT_KINDS};
use crate::lane::{LANES, Lane};
use crate::lu::Factorisation;
use crate::settings::{Counters, Settings};
use crate::step::{Attempt, Scratch};
use crate::system::System;
use crate::tableau::Tableau;

/// Integrates patients of one system, eight at a time.
///
/// A patient's numbers depend on the patient, the system and the settings, and on nothing else: not on the lane, on the neighbours,
/// on the order in which patients come, or on the CPU's vector instructions.
pub struct Integrator<S> {
    system: S,
    settings: Settings,
    absolute: Vec<f64>,
    lu: Arc<Factorisation>,
    batch: Batch,
    scratch: Scratch,
    instructions: InstructionSet,
}

impl<S: System> Integrator<S> {
    /// Plans the elimination and asks for all memory; integrating then allocates nothing.
    ///
    /// # Panics
    /// If a tolerance or the initial step is not positive, or the absolute tolerances are neither one nor one per state.
    #[must_use]
    pub fn new(system: S, settings: Settings) -> Self {
        let lu = system.factorisation();
        let mut scratch = Scratch::new(&system, &lu, settings.method.tableau());
        let instructions = InstructionSet::detect();
        scratch.reserve(system.stages(instructions));
        Integrator {
            absolute: settings.absolute_by_state(system.n_states()),
            batch: Batch::new(system.n_states(), system.n_inputs()),
            instructions,
            scratch,
            lu,
            settings,
            system,
        }
    }

    /// The same with other vector instructions than the widest; the results are the same bits.
    #[must_use]
    pub fn with_instructions(mut self, instructions: InstructionSet) -> Self {
        self.instructions = instructions;
        self.scratch.reserve(self.system.stages(instructions));
        self
    }

    /// The system being integrated.
    pub fn system(&self) -> &S {
        &self.system
    }

    /// Integrates every patient that `driver` has, and returns what that took.
    ///
    /// # Panics
    /// If the driver breaks its contract: a segment that does not end after it starts, or a kind beyond [`SEGMENT_KINDS`].
    pub fn integrate<D: Driver>(&mut self, driver: &mut D) -> Counters {
        let mut counters = Counters::default();
        self.batch.records = [Record::idle(); LANES];
        self.batch.inputs_changed = true;
        for l in 0..LANES {
            self.refill(l, driver, &mut counters);
        }
        let Some(first) = (0..LANES).find(|&l| self.batch.is_active(l)) else {
            return counters;
        };
        self.batch.fill_idle(first);
        while (0..LANES).any(|l| self.batch.is_active(l)) {
            let (norm, factors) = self.attempt();
            counters.sweeps += 1;
            for l in 0..LANES {
                if self.batch.is_active(l) {
                    counters.evaluations += self.settings.method.tableau().stages as u64;
                    self.settle(l, norm.0[l], factors.0[l], driver, &mut counters);
                }
            }
        }
        counters
    }

    /// Tries a step in every lane; returns the error norms and the step-size factors they suggest.
    fn attempt(&mut self) -> (Lane, Lane) {
        if std::mem::take(&mut self.batch.inputs_changed) {
            let (inputs, scratch) = (&self.batch.inputs, &mut self.scratch);
            match self.system.stages(self.instructions) {
                Some(own) => own.prepare(inputs, &mut scratch.work, &mut scratch.extra),
                None => self.system.prepare(inputs, &mut scratch.work),
            }
        }
        self.batch.choose_trial();
        let tableau = self.settings.method.tableau();
        let attempt = Attempt {
            system: &self.system,
            own: self.system.stages(self.instructions),
            tableau,
            lu: &self.lu,
            relative: self.settings.relative,
            absolute: &self.absolute,
            batch: &mut self.batch,
            scratch: &mut self.scratch,
        };
        let norm = self.instructions.run(attempt);
        (norm, self.instructions.run(Factors(&norm, tableau)))
    }

    /// Accepts or rejects the step tried in lane `l` and does what follows from it.
    fn settle<D: Driver>(&mut self, l: usize, norm: f64, factor: f64, driver: &mut D, counters: &mut Counters) {
        self.batch.records[l].attempts += 1;
        let verdict = controller::judge(norm);
        if verdict == Verdict::Accept {
            counters.accepted += 1;
            self.accept(l, factor);
            if self.batch.records[l].reaches_end {
                counters.segments += 1;
                self.next_segment(l, driver, counters);
                return;
            }
        } else {
            counters.rejected += 1;
            let record = &mut self.batch.records[l];
            record.steps.rejected += 1;
            record.after_rejection = true;
            self.batch.proposal.0[l] = self.batch.trial.0[l] * factor;
        }
        if let Some(reason) = self.hopeless(l, verdict) {
            self.give_up(l, reason, driver, counters);
        }
    }

    /// Moves lane `l`'s clock over the step just taken and proposes the next one.
    fn accept(&mut self, l: usize, factor: f64) {
        let batch = &mut self.batch;
        let taken = batch.trial.0[l];
        let record = &mut batch.records[l];
        record.steps.accepted += 1;
        batch.time.0[l] = if record.reaches_end {
            batch.end.0[l]
        } else {
            batch.time.0[l] + taken
        };
        let next = controller::after_acceptance(taken, factor, batch.proposal.0[l], record.after_rejection);
        if record.first {
            // What would have been a good first step, for the next time this kind of thing happens to this patient.
            record.first_step[record.kind as usize] = next;
        }
        record.first = false;
        record.after_rejection = false;
        batch.proposal.0[l] = next;
    }

    /// Why lane `l` cannot go on, if so.
    fn hopeless(&self, l: usize, verdict: Verdict) -> Option<FailureReason> {
        let batch = &self.batch;
        let resolution = 16.0 * f64::EPSILON * batch.time.0[l].abs().max(self.settings.initial_step);
        if batch.proposal.0[l] < resolution || batch.proposal.0[l].is_nan() {
            let not_finite = verdict == Verdict::NotFinite;
            return Some(if not_finite {
                FailureReason::NotFinite
            } else {
                FailureReason::StepTooSmall
            });
        }
        (batch.records[l].attempts >= self.settings.max_steps).then_some(FailureReason::TooManySteps)
    }

    /// Reports lane `l` as failed and refills it.
    fn give_up<D: Driver>(&mut self, l: usize, reason: FailureReason, driver: &mut D, counters: &mut Counters) {
        counters.failures += 1;
        let failure = Failure {
            time: self.batch.time.0[l],
            state: self.worst_state(l),
            reason,
        };
        let patient = self.batch.records[l].patient.expect("only active lanes are settled");
        driver.fail(patient, failure);
        self.refill(l, driver, counters);
    }

    /// The first state that is not finite, else the one with the largest error.
    fn worst_state(&self, l: usize) -> usize {
        let mut worst = (0, 0.0);
        for (i, (new, error)) in self.scratch.result.iter().zip(self.scratch.error()).enumerate() {
            let size = self.batch.y[i].0[l].abs().max(new.0[l].abs());
            let ratio = error.0[l].abs() / (self.absolute[i] + self.settings.relative * size);
            if !new.0[l].is_finite() || ratio.is_nan() {
                return i;
            }
            if ratio > worst.1 {
                worst = (i, ratio);
            }
        }
        worst.0
    }

    /// Puts waiting patients into lane `l` until one needs integrating; the lane idles if nobody waits.
    fn refill<D: Driver>(&mut self, l: usize, driver: &mut D, counters: &mut Counters) {
        loop {
            self.batch.records[l] = Record::idle();
            let Some(patient) = driver.load(&mut self.batch.lane(l, &mut false)) else {
                break;
            };
            let record = &mut self.batch.records[l];
            record.patient = Some(patient);
            record.first_step = [self.settings.initial_step; SEGMENT_KINDS];
            if self.advance(l, true, driver) {
                return;
            }
            counters.patients += 1;
        }
        // An idle lane goes on trying the same harmless step from its last state.
        self.batch.proposal.0[l] = self.settings.initial_step;
        self.batch.end.0[l] = f64::INFINITY;
    }

    /// Lane `l` finished a segment: on to the next one, or to the next patient.
    fn next_segment<D: Driver>(&mut self, l: usize, driver: &mut D, counters: &mut Counters) {
        if !self.advance(l, false, driver) {
            counters.patients += 1;
            self.refill(l, driver, counters);
        }
    }

    /// Asks the driver for lane `l`'s next segment and begins it; false if the patient is done.
    fn advance<D: Driver>(&mut self, l: usize, fresh: bool, driver: &mut D) -> bool {
        let mut disturbed = fresh;
        let patient = self.batch.records[l].patient.expect("only active lanes advance");
        let Next::Segment { end, kind } = driver.advance(patient, &mut self.batch.lane(l, &mut disturbed)) else {
            return false;
        };
        let start = self.batch.time.0[l];
        assert!(
            end > start && end.is_finite(),
            "segment of patient {patient} from {start} to {end}"
        );
        self.batch.end.0[l] = end;
        let record = &mut self.batch.records[l];
        record.attempts = 0;
        if disturbed {
            record.kind = kind;
            record.first = true;
            record.after_rejection = false;
            // What was learnt in a very short segment long ago may be less than the clock can resolve by now.
            self.batch.proposal.0[l] = record.first_step[kind as usize].max(64.0 * f64::EPSILON * start.abs());
        }
        true
    }
}

/// [`controller::factors`], compiled for the CPU's vector instructions.
struct Factors<'a>(&'a Lane, &'static Tableau);

impl Kernel for Factors<'_> {
    type Output = Lane;
    #[inline(always)]
    fn run(self) -> Lane {
        controller::factors(self.0, self.1.order, self.1.safety)
    }
}
