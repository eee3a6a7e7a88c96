//! What a tape takes in: what the population draws, doses, and a patient's own kinetics.

use malar_model::equations::Equations;
use malar_patients::Population;

use super::{ProgramError, stream_number};
use crate::product::Product;
use crate::program::Fill;
use crate::therapy::Therapy;

/// Inputs of a tape under construction.
pub(super) struct Inputs {
    pub names: Vec<String>,
    pub fills: Vec<Fill>,
}

impl Inputs {
    /// Everything the population draws that the model has as a parameter.
    pub fn of_population(population: &Population, equations: &Equations) -> Self {
        let mut inputs = Inputs {
            names: Vec::new(),
            fills: Vec::new(),
        };
        for (k, name) in population.names().iter().enumerate() {
            if is_parameter(equations, name) {
                inputs.push(name.clone(), Fill::Patient(k));
            }
        }
        inputs
    }

    /// Everything the population draws as `therapy.parameter` that the therapy, joined to `equations`, has as a parameter.
    pub fn of_therapy(&mut self, product: &Product, population: &Population, equations: &Equations) {
        let id = &product.therapy.id;
        for (k, name) in population.names().iter().enumerate() {
            let own = name.strip_prefix(id.as_str()).and_then(|rest| rest.strip_prefix('.'));
            let Some(joined) = own.map(|own| format!("{id}__{own}")) else {
                continue;
            };
            if is_parameter(equations, &joined) {
                self.push(joined, Fill::Patient(k));
            }
        }
    }

    fn push(&mut self, name: String, fill: Fill) -> usize {
        self.names.push(name);
        self.fills.push(fill);
        self.names.len() - 1
    }

    /// The rate of a therapy's infusions, one input for all its regimens.
    pub fn infusion_rate(&mut self, therapy: &Therapy) -> usize {
        let name = format!("{}__infusion_rate", therapy.id);
        let known = self.names.iter().position(|n| *n == name);
        known.unwrap_or_else(|| self.push(name, Fill::Constant(0.0)))
    }

    /// Current and baseline dose of a daily drug; the population may draw `<therapy>_baseline`.
    pub fn daily(&mut self, product: &Product, population: &Population) -> Result<usize, ProgramError> {
        let id = &product.therapy.id;
        let daily = product
            .therapy
            .daily
            .as_ref()
            .ok_or_else(|| ProgramError::Missing(format!("{id} daily dose")))?;
        let fill = || {
            population
                .index(&format!("{id}_baseline"))
                .map_or(Fill::Constant(0.0), Fill::Patient)
        };
        let name = format!("{id}__{}", daily.input);
        if let Some(known) = self.names.iter().position(|n| *n == name) {
            return Ok(known);
        }
        self.push(format!("{id}__{}", daily.baseline_input), fill());
        Ok(self.push(name, fill()))
    }

    pub fn random_effects(&mut self, therapy: &Therapy) {
        let base = stream_number(&therapy.id);
        for (k, effect) in therapy.random_effects.iter().enumerate() {
            let number = base.wrapping_add(k as u16);
            self.push(
                format!("{}__{}", therapy.id, effect.parameter),
                Fill::RandomEffect(effect.sd, number),
            );
        }
    }
}

fn is_parameter(equations: &Equations, name: &str) -> bool {
    let mut parameters = equations.parameters.iter();
    parameters.any(|p| equations.arena.name(p.symbol) == name)
}
