//! Doses of one patient on their way through time.

/// One dose; repeated doses are written out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dose {
    /// When.
    pub time: f64,
    /// Which of the dosed quantities takes it.
    pub into: usize,
    /// What is given.
    pub given: Given,
    /// True if everything starts anew before: states as at the start, infusions off.
    pub resets: bool,
    /// If the dose is the last of so many that nothing changes any more from one to the next.
    pub steady: Option<Steady>,
}

/// What a dose brings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given {
    /// Nothing.
    Nothing,
    /// An amount at once.
    Bolus(f64),
    /// Amount per time, for so long.
    Infusion {
        /// Amount per time.
        rate: f64,
        /// Length, above 0.
        duration: f64,
    },
}

/// What came before a dose at steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steady {
    /// Time between doses; 0 for an infusion that never stopped and ends now.
    pub interval: f64,
    /// True if the steady state is added to what is there, false if it replaces it.
    pub adds: bool,
}

/// What doses act on.
pub(super) trait Body {
    /// Adds an amount.
    fn add(&mut self, into: usize, amount: f64);
    /// Sets the rate at which it flows in, all infusions together.
    fn flow(&mut self, into: usize, rate: f64);
    /// States as at the start.
    fn reset(&mut self);
}

#[derive(Clone, Copy, Debug)]
struct Flow {
    end: f64,
    into: usize,
    rate: f64,
}

/// The doses still to come and the infusions that run.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor {
    next: usize,
    flows: Vec<Flow>,
}

/// Times closer than rounding makes them are the same: `start + 3 * interval` and the time of a row.
pub(super) fn is_due(time: f64, now: f64) -> bool {
    time - now <= 16.0 * f64::EPSILON * time.abs().max(now.abs())
}

impl Cursor {
    /// When something happens next.
    pub fn next_time(&self, doses: &[Dose]) -> Option<f64> {
        let ends = self.flows.iter().map(|flow| flow.end);
        ends.chain(doses.get(self.next).map(|dose| dose.time))
            .min_by(f64::total_cmp)
    }

    /// Does what is due, in order; stops at a dose whose steady state has to be found first, and returns it.
    pub fn act(&mut self, doses: &[Dose], now: f64, body: &mut impl Body) -> Option<Dose> {
        while let Some(at) = self.flows.iter().position(|flow| is_due(flow.end, now)) {
            let into = self.flows.remove(at).into;
            body.flow(into, self.total(into));
        }
        while let Some(&dose) = doses.get(self.next).filter(|dose| is_due(dose.time, now)) {
            self.next += 1;
            if dose.resets {
                self.stop(body);
                body.reset();
            }
            if dose.steady.is_some() {
                return Some(dose);
            }
            self.give(&dose, now, body);
        }
        None
    }

    /// Gives what a dose brings.
    pub fn give(&mut self, dose: &Dose, now: f64, body: &mut impl Body) {
        match dose.given {
            Given::Nothing => {}
            Given::Bolus(amount) => body.add(dose.into, amount),
            Given::Infusion { rate, duration } => self.run_until(now + duration, dose.into, rate, body),
        }
    }

    /// An infusion from now to `end`.
    pub fn run_until(&mut self, end: f64, into: usize, rate: f64, body: &mut impl Body) {
        self.flows.push(Flow { end, into, rate });
        body.flow(into, self.total(into));
    }

    /// Ends all infusions.
    pub fn stop(&mut self, body: &mut impl Body) {
        for flow in std::mem::take(&mut self.flows) {
            body.flow(flow.into, 0.0);
        }
    }

    /// Lets nothing flow for a while; what runs is remembered.
    pub fn pause(&self, body: &mut impl Body) {
        self.flows.iter().for_each(|flow| body.flow(flow.into, 0.0));
    }

    /// Lets what runs flow again, after somebody else used the flows.
    pub fn resume(&self, body: &mut impl Body) {
        for flow in &self.flows {
            body.flow(flow.into, self.total(flow.into));
        }
    }

    /// Added anew each time, so that it is zero exactly when nothing runs.
    fn total(&self, into: usize) -> f64 {
        self.flows
            .iter()
            .filter(|flow| flow.into == into)
            .map(|flow| flow.rate)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Sink {
        amount: f64,
        rate: f64,
    }

    impl Body for Sink {
        fn add(&mut self, _: usize, amount: f64) {
            self.amount += amount;
        }
        fn flow(&mut self, _: usize, rate: f64) {
            self.rate = rate;
        }
        fn reset(&mut self) {
            self.amount = 0.0;
        }
    }

    fn infusion(time: f64, rate: f64, duration: f64) -> Dose {
        Dose {
            time,
            into: 0,
            given: Given::Infusion { rate, duration },
            resets: false,
            steady: None,
        }
    }

    #[test]
    fn overlapping_infusions_add_up_and_end_at_exactly_zero() {
        let doses = [infusion(0.0, 0.1, 2.0), infusion(1.0, 0.2, 2.0)];
        let (mut cursor, mut sink) = (Cursor::default(), Sink::default());
        let mut seen = Vec::new();
        while let Some(time) = cursor.next_time(&doses) {
            cursor.act(&doses, time, &mut sink);
            seen.push((time, sink.rate));
        }
        assert_eq!(seen, [(0.0, 0.1), (1.0, 0.1 + 0.2), (2.0, 0.2), (3.0, 0.0)]);
    }

    #[test]
    fn a_reset_stops_infusions_and_comes_before_its_own_dose() {
        let mut second = infusion(1.0, 0.0, 1.0);
        (second.given, second.resets) = (Given::Bolus(5.0), true);
        let doses = [infusion(0.0, 3.0, 9.0), second];
        let (mut cursor, mut sink) = (Cursor::default(), Sink { amount: 7.0, rate: 0.0 });
        cursor.act(&doses, 0.0, &mut sink);
        cursor.act(&doses, 1.0, &mut sink);
        assert_eq!((sink.amount, sink.rate, cursor.next_time(&doses)), (5.0, 0.0, None));
    }

    #[test]
    fn times_that_differ_by_rounding_only_are_one() {
        assert!(is_due(0.1 + 0.2, 0.3) && is_due(0.3, 0.1 + 0.2) && !is_due(0.3 + 1e-12, 0.3));
    }
}
