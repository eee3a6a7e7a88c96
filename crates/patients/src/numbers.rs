//! The numbers of a population by name, so that a calibration can move them.
//!
//! A draw's numbers are called by the draw and what they are: `level_TNF.median`, `k_skin.log_sd`, `rater_level.sd`; a constant by its
//! own name: `basal_share`; clinical ones by their section: `clinical.trial_effect.offset`.

use crate::population::{Draw, Population};

impl Population {
    /// The number called `name`, to be read or replaced; `None` if there is no such number.
    ///
    /// Nothing checks what is put there: keep medians, shapes and standard deviations above zero, shares between 0 and 1.
    pub fn number_mut(&mut self, name: &str) -> Option<&mut f64> {
        let constant = self.index(name).and_then(|place| place.checked_sub(self.n_copula));
        if let Some(draw) = constant {
            return match &mut self.draws[draw] {
                Draw::Constant(x) => Some(x),
                _ => None,
            };
        }
        let (first, rest) = name.split_once('.')?;
        if first == "clinical" {
            return self.clinical.number_mut(rest);
        }
        let place = self.index(first)?;
        let draw = place.checked_sub(self.n_copula)?;
        self.draws[draw].number_mut(rest)
    }

    /// The number called `name`.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.clone().number_mut(name).copied()
    }

    /// Gives every patient one more value, the same for all; patients stay who they were.
    ///
    /// A `name` of the form `therapy.parameter` reaches the equations of that therapy, any other those of the disease model.
    pub fn add_constant(&mut self, name: &str, value: f64) {
        self.names.push(name.to_owned());
        self.draws.push(Draw::Constant(value));
    }
}

impl Draw {
    fn number_mut(&mut self, what: &str) -> Option<&mut f64> {
        match (self, what) {
            (Draw::Bernoulli(x), "share") => Some(x),
            (Draw::Normal(x, _), "mean") | (Draw::LogNormal(x, _), "median") | (Draw::Gamma(x, _), "shape") => Some(x),
            (Draw::Normal(_, x), "sd") | (Draw::LogNormal(_, x), "log_sd") | (Draw::Gamma(_, x), "scale") => Some(x),
            (Draw::Uniform(x, _) | Draw::LogUniform(x, _), "low") | (Draw::Beta(x, _), "a") => Some(x),
            (Draw::Uniform(_, x) | Draw::LogUniform(_, x), "high") | (Draw::Beta(_, x), "b") => Some(x),
            _ => None,
        }
    }
}
