//! Unit definitions as Antimony reads them.

use crate::codes::{MODEL_SYNTAX, MODEL_TOO_LARGE, UNKNOWN_UNIT};
use crate::diagnostic::Diagnostic;
use crate::infix::{MAX_DEPTH, describe};
use crate::lexer::Token;
use crate::model::NamedUnit;
use crate::model::Place;
use crate::nearest::suggestion;
use crate::units::Unit;

use super::parser::Parser;

impl Parser<'_> {
    /// A product or quotient of units, up to the end of the statement.
    pub(super) fn unit_expression(&mut self) -> Result<NamedUnit, Diagnostic> {
        let first = self.position;
        let unit = self.unit_product(0)?;
        let span = self.tokens[first].span.start..self.tokens[self.position - 1].span.end;
        if !self.tokens[first..self.position].iter().any(|l| l.token == Token::Name) {
            return Err(self
                .error(MODEL_SYNTAX, span, "a unit is not a number alone")
                .help("write `dimensionless`"));
        }
        if !(unit.factor.is_finite() && unit.factor > 0.0) {
            return Err(self.error(MODEL_SYNTAX, span, "a unit needs a factor above 0"));
        }
        Ok(NamedUnit {
            text: self.joined(first),
            unit,
            place: Place(span),
        })
    }

    fn unit_product(&mut self, depth: usize) -> Result<Unit, Diagnostic> {
        if depth > MAX_DEPTH {
            return Err(self.error_here(MODEL_TOO_LARGE, "unit is nested too deep"));
        }
        let mut unit = self.unit_power(depth)?;
        loop {
            if self.accept("*") {
                unit = unit.times(&self.unit_power(depth)?);
            } else if self.accept("/") {
                unit = unit.per(&self.unit_power(depth)?);
            } else {
                return Ok(unit);
            }
        }
    }

    /// A unit raised to a power; the number in front belongs to the unit that is raised.
    fn unit_power(&mut self, depth: usize) -> Result<Unit, Diagnostic> {
        let start = self.position;
        let base = self.unit_base(depth)?;
        if !self.accept("^") {
            return Ok(base);
        }
        let negative = self.accept("-");
        let Token::Number(size) = self.peek().token else {
            return Err(self.expected("a number as the power of the unit"));
        };
        self.position += 1;
        if negative && matches!(self.tokens[start].token, Token::Number(x) if x.to_bits() != 1f64.to_bits()) {
            let span = self.tokens[start].span.start..self.tokens[self.position - 1].span.end;
            let message = "a number before a negative power is read as part of the unit raised";
            return Err(self
                .error(MODEL_SYNTAX, span, message)
                .help("write `1/(86400 second)` for a rate per day"));
        }
        if size > 99.0 {
            return Err(self.error_here(MODEL_TOO_LARGE, "power of a unit is too large"));
        }
        Ok(base.power(if negative { -size } else { size }))
    }

    fn unit_base(&mut self, depth: usize) -> Result<Unit, Diagnostic> {
        match self.peek().token {
            Token::Number(x) => {
                self.position += 1;
                let name_follows = self.peek().token == Token::Name;
                let unit = if name_follows {
                    self.unit_name()?
                } else {
                    Unit::DIMENSIONLESS
                };
                Ok(unit.scaled(x))
            }
            Token::Name => self.unit_name(),
            Token::Mark("(") => {
                self.position += 1;
                let inside = self.unit_product(depth + 1)?;
                if !self.accept(")") {
                    return Err(self.expected("`)`"));
                }
                Ok(inside)
            }
            _ => Err(self.expected("a unit")),
        }
    }

    fn unit_name(&mut self) -> Result<Unit, Diagnostic> {
        let span = self.peek().span.clone();
        let name = &self.source.text[span.clone()];
        let defined = self.model.units.iter().find(|u| u.name == name).map(|u| u.unit);
        let Some(unit) = defined.or_else(|| Unit::sbml_kind(name)) else {
            const KINDS: [&str; 9] = [
                "second",
                "gram",
                "kilogram",
                "litre",
                "metre",
                "mole",
                "item",
                "dimensionless",
                "kelvin",
            ];
            let known: Vec<&str> = self.model.units.iter().map(|u| u.name.as_str()).chain(KINDS).collect();
            let error = self.error(UNKNOWN_UNIT, span, format!("unknown unit `{name}`"));
            return Err(
                error.help(suggestion(name, known.iter().copied()) + "; new units are defined before their use")
            );
        };
        self.position += 1;
        Ok(unit)
    }

    /// The text of the tokens from `first` to here, with plain spacing.
    fn joined(&self, first: usize) -> String {
        let mut text = String::new();
        for index in first..self.position {
            let piece = describe(&self.source.text, &self.tokens[index]);
            let piece = piece.trim_matches('`');
            let tight = text.is_empty() || text.ends_with(['(', '^', '-']) || [")", "^", "-"].contains(&piece);
            if !tight {
                text.push(' ');
            }
            text.push_str(piece);
        }
        text
    }
}
