//! A therapy with its equations: its own, or a shared model with the therapy's values, joined to the disease model by hooks.

use std::collections::BTreeMap;

use malar_model::Model;
use malar_model::codes::MECHANISM;
use malar_model::compose::{AttachError, Combine, Drive};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::equations::Equations;
use malar_model::nearest::nearest;
use malar_model::units::Unit;

use crate::therapy::Therapy;

/// What therapies may change in a disease model, by parameter, and how several effects on one of them act together.
pub type Hooks = BTreeMap<String, Combine>;

/// A therapy with its equations.
#[derive(Clone, Debug)]
pub struct Product {
    /// What it is.
    pub therapy: Therapy,
    /// Its equations.
    pub equations: Equations,
}

impl Product {
    /// Puts the therapy's values into the equations of `model`. `source` is the therapy's file.
    ///
    /// Fails if a value is of another kind than the parameter, has no source, or is no parameter of the model.
    pub fn new(
        therapy: Therapy,
        source: &Source,
        model: &Model,
        mut equations: Equations,
    ) -> Result<Product, Diagnostic> {
        for (name, quantity) in &therapy.values {
            let symbol = equations.arena.find_symbol(name);
            let Some(place) = equations.parameters.iter().position(|p| Some(p.symbol) == symbol) else {
                return Err(unknown(name, &therapy, &equations, source, quantity.span()));
            };
            let (unit, words) = unit_of(model, name);
            let value = quantity
                .get_ref()
                .in_unit_called(&unit, &words, source, quantity.span())?;
            equations.parameters[place].value = equations.arena.number(value);
        }
        Ok(Product { therapy, equations })
    }

    /// Joins the product to the disease model's equations, under its own id. Fails if it drives something that is not a hook.
    pub fn attach_to(&self, disease: &mut Equations, hooks: &Hooks) -> Result<(), AttachError> {
        let drive = |hook: &String| match hooks.get(hook) {
            Some(&combine) => Ok(Drive {
                from: hook.clone(),
                hook: hook.clone(),
                combine,
            }),
            None => Err(AttachError::HookUndeclared {
                name: hook.clone(),
                nearest: nearest(hook, hooks.keys().map(String::as_str)).map(str::to_owned),
            }),
        };
        let drives = self.therapy.drives.iter().map(drive).collect::<Result<Vec<_>, _>>()?;
        let shared: Vec<&str> = self.therapy.shared.iter().map(String::as_str).collect();
        disease.attach(&self.therapy.id, &self.equations, &shared, &drives)
    }
}

/// Unit of a model's quantity and what the model calls it; a quantity without unit is a pure number.
fn unit_of(model: &Model, name: &str) -> (Unit, String) {
    let variable = model.variables.iter().find(|v| model.arena.name(v.symbol) == name);
    let named = variable.and_then(|v| v.annotation.unit.as_ref());
    let plain = || (Unit::parse("1").expect("one is a unit"), "1".to_owned());
    named.map_or_else(plain, |u| (u.unit, u.text.clone()))
}

fn unknown(
    name: &str,
    therapy: &Therapy,
    equations: &Equations,
    source: &Source,
    span: std::ops::Range<usize>,
) -> Diagnostic {
    let names = equations.parameters.iter().map(|p| equations.arena.name(p.symbol));
    let help = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write the name of a parameter of that model".to_owned(),
    };
    let message = format!("model `{}` has no parameter `{name}`", therapy.model);
    Diagnostic::error(MECHANISM, source, span, message).help(help)
}
