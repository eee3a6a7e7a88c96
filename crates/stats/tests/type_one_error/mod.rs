//! Trials without an effect, analysed by every test and run under every design of the crate: how often does each cry wolf?

#![allow(dead_code, reason = "the command and the test each use a part")]

mod designs;
mod dice;
mod families;
mod from_elsewhere;
mod tests_of_counts;
mod tests_of_times;
mod tests_of_values;

pub use dice::Dice;

/// What simulation should say of a method's error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expectation {
    /// Within two Monte-Carlo standard errors of nominal, exactly or to higher order.
    Nominal,
    /// Not above nominal; why it stays below.
    Conservative(&'static str),
    /// Off by a small amount known from the literature; why, and the largest deviation that counts as explained.
    Approximate(&'static str, f64),
    /// Far above nominal, there to show what the other rows avoid; why.
    Inflated(&'static str),
}

/// A method and how to try it once.
pub struct Method {
    /// Name in the table.
    pub name: &'static str,
    /// The situation simulated.
    pub setting: &'static str,
    /// Nominal error.
    pub nominal: f64,
    /// What should come out.
    pub expectation: Expectation,
    /// Simulated trials in the long run, in thousands.
    pub thousands: u32,
    /// One trial without effect: does the method reject? `None` if it has no result.
    pub rejects: fn(&mut Dice) -> Option<bool>,
}

/// Every method in the order of the table.
pub fn methods() -> Vec<Method> {
    let mut all = tests_of_counts::methods();
    all.extend(tests_of_values::methods());
    all.extend(tests_of_times::methods());
    all.extend(from_elsewhere::methods());
    all.extend(designs::methods());
    all.extend(families::methods());
    all
}

/// Error of a method over simulated trials.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Share of trials that reject, of those with a result.
    pub error: f64,
    /// Its Monte-Carlo standard error, at the nominal error.
    pub standard_error: f64,
    /// Trials without a result.
    pub without_result: u32,
}

/// How a finding compares with the expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Within two Monte-Carlo standard errors of nominal.
    Within,
    /// Outside, as explained.
    Explained,
    /// Outside, and nobody knows why.
    Unexplained,
}

impl Method {
    /// Simulates `trials` trials; the same numbers each time.
    pub fn simulate(&self, trials: u32) -> Found {
        let mut dice = Dice::named(self.name);
        let (mut rejected, mut without_result) = (0u32, 0u32);
        for _ in 0..trials {
            match (self.rejects)(&mut dice) {
                Some(true) => rejected += 1,
                Some(false) => {}
                None => without_result += 1,
            }
        }
        let n = f64::from(trials - without_result);
        Found {
            error: f64::from(rejected) / n,
            standard_error: (self.nominal * (1.0 - self.nominal) / n).sqrt(),
            without_result,
        }
    }

    /// Whether what was found is what was expected; `margin` in Monte-Carlo standard errors.
    pub fn verdict(&self, found: Found, margin: f64) -> Verdict {
        let excess = found.error - self.nominal;
        let noise = margin * found.standard_error;
        let explained = match self.expectation {
            Expectation::Nominal => false,
            Expectation::Conservative(_) => excess <= noise,
            Expectation::Approximate(_, largest) => excess.abs() <= largest + noise,
            Expectation::Inflated(_) => excess > 0.0,
        };
        match (excess.abs() <= noise, explained) {
            (true, _) => Verdict::Within,
            (false, true) => Verdict::Explained,
            (false, false) => Verdict::Unexplained,
        }
    }

    /// The explanation, if there is one.
    pub fn why(&self) -> &'static str {
        match self.expectation {
            Expectation::Nominal => "",
            Expectation::Conservative(why) | Expectation::Approximate(why, _) | Expectation::Inflated(why) => why,
        }
    }
}
