//! The unit check: every equation of a model measures the same thing on both sides.
//!
//! A plain number has no dimension, zero and infinity fit anywhere. Equal dimensions in different sizes (mg beside g) are a
//! warning, since the numbers then need a factor; once an expression is multiplied by a plain number, which may be that
//! factor, sizes are no longer compared. Quantities without a unit fit anywhere and are reported once.

use std::collections::BTreeMap;

use crate::codes::{NO_UNIT, WRONG_DIMENSION};
use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::expression::{Binary, ExprId, Node, SymbolId, Unary};
use crate::infix::Formula;
use crate::model::{Change, Kind, Model, Place, Variable};
use crate::order::in_order;
use crate::units::Unit;

/// What is known of an expression's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    /// Fits anywhere: zero, infinity, or something without a unit.
    Any,
    /// A unit, and whether its size is known, not only its dimension.
    Known(Unit, Size),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Size {
    /// The unit's factor counts.
    Exact,
    /// A plain number took part: the factor may have been changed on purpose.
    Open,
}

const PURE: Measure = Measure::Known(Unit::DIMENSIONLESS, Size::Exact);

/// A mistake inside one formula.
struct Mismatch {
    message: String,
    severity: Severity,
}

impl Model {
    /// Checks the units of all equations. Contradictions are errors, missing units and differing sizes warnings.
    ///
    /// Sums, comparisons, `min`, `max` and branches of `piecewise` need equal dimensions; `exp`, `ln`, angles and exponents
    /// none; a rate has its state's unit per day; a reaction's rate that of its substance per day.
    pub fn check_units(&self, source: &Source) -> Vec<Diagnostic> {
        let mut check = UnitCheck {
            model: self,
            source,
            units: BTreeMap::new(),
            findings: Vec::new(),
        };
        check.declared();
        check.equations();
        check
            .findings
            .sort_by_key(|finding| (finding.span.start, finding.span.end));
        check.findings
    }
}

struct UnitCheck<'a> {
    model: &'a Model,
    source: &'a Source,
    units: BTreeMap<SymbolId, Measure>,
    findings: Vec<Diagnostic>,
}

impl UnitCheck<'_> {
    /// Takes units from `has`; constants and states without one are reported.
    fn declared(&mut self) {
        for variable in &self.model.variables {
            let assigned = matches!(variable.change, Some(Change::Assignment(_)));
            let known = variable
                .annotation
                .unit
                .as_ref()
                .map(|u| Measure::Known(u.unit, Size::Exact));
            if known.is_none() && !assigned {
                let name = self.model.arena.name(variable.symbol);
                let place = variable.place.0.clone();
                let help = format!("add `{name} has ...`, with `dimensionless` for a pure number");
                let finding = Diagnostic::warning(NO_UNIT, self.source, place, format!("`{name}` has no unit"));
                self.findings.push(finding.help(help));
            }
            if let Some(measure) = known {
                self.units.insert(variable.symbol, measure);
            }
        }
        for reaction in &self.model.reactions {
            if let Some(unit) = &reaction.annotation.unit {
                self.units
                    .insert(reaction.symbol, Measure::Known(unit.unit, Size::Exact));
            }
        }
    }

    /// Checks every formula, assignments first and in an order in which units can be inferred.
    fn equations(&mut self) {
        let mut formulas: BTreeMap<SymbolId, &Formula> = BTreeMap::new();
        for variable in &self.model.variables {
            if let Some(Change::Assignment(formula)) = &variable.change {
                formulas.insert(variable.symbol, formula);
            }
        }
        formulas.extend(self.model.reactions.iter().map(|r| (r.symbol, &r.rate)));
        let uses = |s: SymbolId| -> Vec<SymbolId> {
            formulas[&s]
                .uses
                .keys()
                .copied()
                .filter(|u| formulas.contains_key(u))
                .collect()
        };
        let names: Vec<SymbolId> = formulas.keys().copied().collect();
        for symbol in in_order(&names, &uses).order {
            let found = self.measure(formulas[&symbol]);
            match self.units.get(&symbol) {
                Some(&wanted) => self.compare(formulas[&symbol], found, wanted, self.model.arena.name(symbol), "value"),
                None => drop(self.units.insert(symbol, found)),
            }
        }
        for variable in &self.model.variables {
            self.initial(variable);
            if let Some(Change::Rate(formula)) = &variable.change {
                let found = self.measure(formula);
                let wanted = per_day(self.of(variable.symbol));
                self.compare(formula, found, wanted, self.model.arena.name(variable.symbol), "rate");
            }
        }
        self.reactions();
    }

    /// A value computed from other quantities has the unit of what it is the value of; a plain number is in that unit.
    fn initial(&mut self, variable: &Variable) {
        let Some(formula) = &variable.initial else { return };
        if !formula.uses.is_empty() {
            let found = self.measure(formula);
            self.compare(
                formula,
                found,
                self.of(variable.symbol),
                self.model.arena.name(variable.symbol),
                "value",
            );
        }
    }

    /// The rate of a reaction is the substance of every species in it, per day.
    fn reactions(&mut self) {
        for reaction in &self.model.reactions {
            let found = self.of(reaction.symbol);
            for &(_, species) in reaction.reactants.iter().chain(&reaction.products) {
                let variable = self.model.variables.iter().find(|v| v.symbol == species);
                let mut substance = self.of(species);
                if let Some(Kind::Species {
                    compartment: Some(home),
                    substance_only: false,
                    ..
                }) = variable.map(|v| v.kind)
                {
                    substance = product(substance, self.of(home), 1.0);
                }
                let name = self.model.arena.name(reaction.symbol);
                let before = self.findings.len();
                self.compare(&reaction.rate, found, per_day(substance), name, "rate");
                if self.findings.len() > before {
                    break;
                }
            }
        }
    }

    fn of(&self, symbol: SymbolId) -> Measure {
        self.units.get(&symbol).copied().unwrap_or(Measure::Any)
    }

    fn compare(&mut self, formula: &Formula, found: Measure, wanted: Measure, name: &str, what: &str) {
        let (Measure::Known(found, found_size), Measure::Known(wanted, wanted_size)) = (found, wanted) else {
            return;
        };
        if !found.same_dimension(&wanted) {
            let message = format!(
                "the {what} of `{name}` should be in {}, but is in {}",
                self.words(&wanted),
                self.words(&found)
            );
            self.report(
                formula,
                &Mismatch {
                    message,
                    severity: Severity::Error,
                },
            );
        } else if found_size == Size::Exact && wanted_size == Size::Exact && !found.same(&wanted) {
            let message = format!(
                "the {what} of `{name}` is in {} instead of {}",
                self.words(&found),
                self.words(&wanted)
            );
            self.report(
                formula,
                &Mismatch {
                    message,
                    severity: Severity::Warning,
                },
            );
        }
    }

    fn report(&mut self, formula: &Formula, mismatch: &Mismatch) {
        let place = Place(formula.span.clone());
        let finding = Diagnostic::error(WRONG_DIMENSION, self.source, place.0, mismatch.message.clone());
        let help = match mismatch.severity {
            Severity::Error => "check the units (`has`) of the quantities in it",
            Severity::Warning => "multiply by the factor between the units",
        };
        self.findings.push(Diagnostic {
            severity: mismatch.severity,
            ..finding.help(help)
        });
    }

    /// A unit by the name the model gives it, else as a product or quotient of two such names, else in base units.
    fn words(&self, unit: &Unit) -> String {
        let mut known: Vec<(&str, Unit)> = vec![("dimensionless", Unit::DIMENSIONLESS)];
        known.extend(
            self.model
                .units
                .iter()
                .map(|definition| (definition.name.as_str(), definition.unit)),
        );
        if let Some((name, _)) = known.iter().find(|(_, candidate)| candidate.same(unit)) {
            return format!("`{name}`");
        }
        for (i, (first, a)) in known.iter().enumerate().skip(1) {
            for (second, b) in &known[i..] {
                if a.times(b).same(unit) {
                    return format!("`{first}*{second}`");
                }
            }
            if let Some((second, _)) = known.iter().find(|(_, b)| a.per(b).same(unit)) {
                return format!("`{first}/{second}`");
            }
        }
        format!("`{unit}`")
    }

    /// The unit of a formula; its first mistake is reported, after which it fits anywhere.
    fn measure(&mut self, formula: &Formula) -> Measure {
        let mut known: BTreeMap<ExprId, Measure> = BTreeMap::new();
        for id in self.model.arena.reachable(&[formula.expr]) {
            match self.node(id, &known) {
                Ok((measure, warning)) => {
                    known.insert(id, measure);
                    if let Some(warning) = warning {
                        self.report(formula, &warning);
                        return Measure::Any;
                    }
                }
                Err(mismatch) => {
                    self.report(formula, &mismatch);
                    return Measure::Any;
                }
            }
        }
        known[&formula.expr]
    }

    /// The unit of one operation, given those of its operands, and perhaps a warning.
    fn node(&self, id: ExprId, known: &BTreeMap<ExprId, Measure>) -> Result<(Measure, Option<Mismatch>), Mismatch> {
        let arena = &self.model.arena;
        let plain = |measure| Ok((measure, None));
        match arena.node(id) {
            // Zero and infinity are the same in every unit.
            Node::Number(x) if x == 0.0 || x.is_infinite() => plain(Measure::Any),
            Node::Number(_) => plain(PURE),
            Node::Symbol(s) => plain(self.of(s)),
            Node::Time => plain(Measure::Known(Unit::DAY, Size::Exact)),
            Node::Unary(Unary::Neg | Unary::Abs | Unary::Floor | Unary::Ceil, a) => plain(known[&a]),
            Node::Unary(Unary::Sqrt, a) => plain(power(known[&a], 0.5)),
            Node::Unary(Unary::Not, _) => plain(PURE),
            Node::Unary(op, a) => self
                .pure(a, known[&a], &format!("{op:?}").to_lowercase())
                .map(|()| (PURE, None)),
            Node::Binary(op, a, b) => self.binary(op, [a, b], [known[&a], known[&b]]),
            Node::Select(_, a, b) => self.equal("choose between", [a, b], [known[&a], known[&b]]),
        }
    }

    fn binary(
        &self,
        op: Binary,
        ids: [ExprId; 2],
        [a, b]: [Measure; 2],
    ) -> Result<(Measure, Option<Mismatch>), Mismatch> {
        let factor =
            |id: ExprId| matches!(self.model.arena.node(id), Node::Number(x) if x.abs().to_bits() != 1f64.to_bits());
        let opened = |measure| {
            if factor(ids[0]) || factor(ids[1]) {
                open(measure)
            } else {
                measure
            }
        };
        match op {
            Binary::Add => self.equal("add", ids, [a, b]),
            Binary::Sub => self.equal("subtract", ids, [a, b]),
            Binary::Min | Binary::Max => self.equal("compare", ids, [a, b]),
            Binary::Mul => Ok((opened(product(a, b, 1.0)), None)),
            Binary::Div => Ok((opened(product(a, b, -1.0)), None)),
            Binary::Pow => self.pow(ids, [a, b]).map(|measure| (measure, None)),
            Binary::And | Binary::Or => Ok((PURE, None)),
            _ => self.equal("compare", ids, [a, b]).map(|(_, warning)| (PURE, warning)),
        }
    }

    /// Both operands measure the same thing; the result does too.
    fn equal(
        &self,
        verb: &str,
        [x, y]: [ExprId; 2],
        [a, b]: [Measure; 2],
    ) -> Result<(Measure, Option<Mismatch>), Mismatch> {
        let (Measure::Known(left, left_size), Measure::Known(right, right_size)) = (a, b) else {
            return Ok((if a == Measure::Any { b } else { a }, None));
        };
        let exact = left_size == Size::Exact && right_size == Size::Exact;
        let say = || {
            let text = |id| self.model.arena.text_up_to(id, 40);
            let (left, right) = (self.words(&left), self.words(&right));
            format!("cannot {verb} `{}` in {left} and `{}` in {right}", text(x), text(y))
        };
        if !left.same_dimension(&right) {
            return Err(Mismatch {
                message: say(),
                severity: Severity::Error,
            });
        }
        let warning = (exact && !left.same(&right)).then(|| Mismatch {
            message: say(),
            severity: Severity::Warning,
        });
        Ok((
            Measure::Known(left, if exact { Size::Exact } else { Size::Open }),
            warning,
        ))
    }

    fn pure(&self, id: ExprId, measure: Measure, function: &str) -> Result<(), Mismatch> {
        match measure {
            Measure::Known(unit, _) if !unit.is_dimensionless() => {
                let text = self.model.arena.text_up_to(id, 40);
                let message = format!(
                    "`{function}` needs a number without unit, but `{text}` is in {}",
                    self.words(&unit)
                );
                Err(Mismatch {
                    message,
                    severity: Severity::Error,
                })
            }
            _ => Ok(()),
        }
    }

    fn pow(&self, [x, y]: [ExprId; 2], [a, b]: [Measure; 2]) -> Result<Measure, Mismatch> {
        self.pure(y, b, "an exponent")?;
        match (a, self.model.arena.constant(y)) {
            (Measure::Any, _) => Ok(Measure::Any),
            (_, Some(exponent)) => Ok(power(a, exponent)),
            (Measure::Known(unit, size), None) if unit.is_dimensionless() => {
                Ok(Measure::Known(Unit::DIMENSIONLESS, size))
            }
            (Measure::Known(unit, _), None) => {
                let text = self.model.arena.text_up_to(x, 40);
                let message = format!(
                    "`{text}` in {} is raised to a power that is not a number",
                    self.words(&unit)
                );
                Err(Mismatch {
                    message,
                    severity: Severity::Error,
                })
            }
        }
    }
}

/// `a` times `b` to the power `sign`.
fn product(a: Measure, b: Measure, sign: f64) -> Measure {
    match (a, b) {
        (Measure::Known(a, a_size), Measure::Known(b, b_size)) => {
            let size = if a_size == Size::Exact && b_size == Size::Exact {
                Size::Exact
            } else {
                Size::Open
            };
            Measure::Known(a.times(&b.power(sign)), size)
        }
        _ => Measure::Any,
    }
}

fn power(a: Measure, exponent: f64) -> Measure {
    match a {
        Measure::Known(unit, size) => Measure::Known(unit.power(exponent), size),
        Measure::Any => Measure::Any,
    }
}

fn open(measure: Measure) -> Measure {
    match measure {
        Measure::Known(unit, _) => Measure::Known(unit, Size::Open),
        Measure::Any => Measure::Any,
    }
}

fn per_day(measure: Measure) -> Measure {
    product(measure, Measure::Known(Unit::DAY, Size::Exact), -1.0)
}
