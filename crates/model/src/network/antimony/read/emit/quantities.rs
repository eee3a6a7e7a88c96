//! Compartments, species and parameters of the network.

use super::{NOWHERE, Writer};
use crate::codes::RATE_OF_ASSIGNED;
use crate::model::Place;
use crate::network::antimony::read::say::{Wrong, wrong};
use crate::network::antimony::read::symbols::{Course, Formula, Symbol};
use crate::network::math::Math;
use crate::network::parts::{Compartment, InitialAssignment, Parameter, Remarks, Rule, RuleKind, Species};

impl Writer<'_> {
    /// Initial assignment, assignment and rate of a quantity.
    pub(super) fn rules(&mut self, symbol: &Symbol) {
        let id = self.id(&symbol.name);
        let place = symbol.place.clone();
        if let (Some(Formula { math, .. }), None) = (&symbol.formula, Self::number(symbol)) {
            let math = self.math(math);
            if symbol.course == Course::Assigned {
                self.rule(RuleKind::Assignment, &id, math, &place);
            } else {
                self.network.initial_assignments.push(InitialAssignment {
                    symbol: id.clone(),
                    math,
                    remarks: Remarks::default(),
                    place: place.clone(),
                });
            }
        }
        if let Some(Formula { math, .. }) = &symbol.rate
            && symbol.course == Course::Rated
        {
            let math = self.math(math);
            self.rule(RuleKind::Rate, &id, math, &place);
        }
    }

    fn rule(&mut self, kind: RuleKind, variable: &str, math: Math, place: &Place) {
        self.network.rules.push(Rule {
            kind,
            variable: variable.to_owned(),
            math,
            remarks: Remarks::default(),
            place: place.clone(),
        });
    }

    pub(super) fn parameter(&mut self, symbol: &Symbol) {
        let id = self.id(&symbol.name);
        self.network.parameters.push(Parameter {
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            id,
            value: Self::number(symbol),
            constant: self.constant.contains(symbol.name.as_str()),
            units: symbol.unit.as_deref().map(|unit| self.unit_id(unit)),
            place: symbol.place.clone(),
        });
        self.rules(symbol);
    }

    /// A compartment; one that nobody gives a size has size 1, as simulators of Antimony assume.
    pub(super) fn compartment(&mut self, symbol: &Symbol) {
        let id = self.id(&symbol.name);
        let has_start = symbol.formula.is_some();
        self.network.compartments.push(Compartment {
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            id,
            dimensions: Some(3.0),
            size: Self::number(symbol).or((!has_start).then_some(1.0)),
            constant: self.constant.contains(symbol.name.as_str()),
            units: symbol.unit.as_deref().map(|unit| self.unit_id(unit)),
            place: symbol.place.clone(),
        });
        self.rules(symbol);
    }

    /// A species; one that nobody gives a value starts at 0, as simulators of Antimony assume.
    pub(super) fn species(&mut self, at: usize, symbol: &Symbol) -> Result<(), Wrong> {
        let id = self.id(&symbol.name);
        let home = self.module.home(at).map(str::to_owned);
        let compartment = match home.as_deref() {
            Some(home) => self.id(home),
            None => self.nowhere(),
        };
        let number = Self::number(symbol);
        let start = number.or(symbol.formula.is_none().then_some(0.0));
        let other_way = self.other_measure(symbol, home.as_deref().unwrap_or(NOWHERE));
        let (amount, concentration) = if symbol.substance_only {
            (start, other_way)
        } else {
            (other_way, start)
        };
        let species = Species {
            compartment,
            initial_amount: amount,
            initial_concentration: concentration,
            substance_only: symbol.substance_only,
            boundary: symbol.constant == Some(true),
            constant: false,
            substance_units: self.substance_unit(symbol, home.as_deref())?,
            conversion_factor: symbol.conversion_factor.as_deref().map(|name| self.id(name)),
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            place: symbol.place.clone(),
            id,
        };
        self.network.species.push(species);
        if other_way.is_none() {
            self.rules(symbol);
        } else {
            self.rules(&Symbol {
                formula: None,
                ..symbol.clone()
            });
        }
        self.check_one_cause(symbol)
    }

    /// The number in `amount / compartment` for a species in concentrations, in `concentration * compartment` for one in
    /// amounts.
    fn other_measure(&self, symbol: &Symbol, home: &str) -> Option<f64> {
        let Some(Formula {
            math: Math::Apply(operator, arguments),
            ..
        }) = &symbol.formula
        else {
            return None;
        };
        let wanted = if symbol.substance_only { "times" } else { "divide" };
        match arguments.as_slice() {
            [Math::Number(value, _), Math::Name(name)]
                if operator.0 == wanted && symbol.course != Course::Assigned && self.module.real_name(name) == home =>
            {
                Some(*value)
            }
            _ => None,
        }
    }

    fn check_one_cause(&self, symbol: &Symbol) -> Result<(), Wrong> {
        let has_rule = match symbol.course {
            Course::Initial => false,
            Course::Assigned => symbol.formula.is_some(),
            Course::Rated => symbol.rate.is_some(),
        };
        if symbol.constant != Some(true) && has_rule && self.reacting.contains(symbol.name.as_str()) {
            let message = format!("`{}` has a rule and takes part in a reaction", symbol.name);
            let help = "write it as `$name` if the reaction does not change it, or drop the rule";
            return wrong(RATE_OF_ASSIGNED, message, help);
        }
        Ok(())
    }

    /// The compartment of species that are nowhere.
    fn nowhere(&mut self) -> String {
        let is_known = |c: &Compartment| c.id == NOWHERE;
        if self.module.find(NOWHERE).is_none() && !self.network.compartments.iter().any(is_known) {
            self.network.compartments.push(Compartment {
                id: NOWHERE.into(),
                dimensions: Some(3.0),
                size: Some(1.0),
                constant: true,
                ..Compartment::default()
            });
        }
        NOWHERE.into()
    }
}
