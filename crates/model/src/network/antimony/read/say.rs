//! What a text can say of a symbol: that it is of a kind, has a value, an assignment, a rate, a reaction.

use super::symbols::{Course, Formula, Kind, Member, Module, Sides, Symbol};
use crate::codes::{DEFINED_TWICE, RATE_OF_ASSIGNED, WRONG_KIND};
use crate::network::math::Math;

/// Why something cannot be said; the reader knows where.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub code: &'static str,
    pub message: String,
    pub help: &'static str,
}

pub(super) fn wrong<T>(code: &'static str, message: String, help: &'static str) -> Result<T, Wrong> {
    Err(Wrong { code, message, help })
}

impl Module {
    /// Lets the symbol be of a kind, as well as what it already is.
    pub fn set_kind(&mut self, at: usize, kind: Kind) -> Result<(), Wrong> {
        let at = self.real(at);
        let symbol = &mut self.symbols[at];
        if kind == Kind::Unknown || kind == symbol.kind {
            return Ok(());
        }
        let Some(both) = symbol.kind.and(kind) else {
            let message = format!(
                "`{}` is {} and cannot be {}",
                symbol.name,
                symbol.kind.words(),
                kind.words()
            );
            return wrong(WRONG_KIND, message, "give one of them another name");
        };
        if both.is_dna() && symbol.sides.as_ref().is_some_and(|sides| !sides.left.is_empty()) {
            let message = format!("the gene `{}` uses up a species", symbol.name);
            return wrong(WRONG_KIND, message, "write a gene as `gene: -> product`");
        }
        symbol.kind = both;
        if both.is_dna() {
            symbol.course = Course::Assigned;
            let upstream = || Formula::own(Math::name(super::formula::UPSTREAM));
            symbol.formula.get_or_insert_with(upstream);
        }
        if both == Kind::Strand {
            (symbol.formula, symbol.course) = (None, Course::Initial);
        }
        // A species that a rule determines is not changed by reactions.
        if both == Kind::Species && symbol.course != Course::Initial {
            symbol.constant = Some(true);
        }
        Ok(())
    }

    /// `x = formula`: value at the start, rate of a reaction; without a formula, no such value any more.
    pub fn set_formula(&mut self, at: usize, formula: Option<Formula>) -> Result<(), Wrong> {
        let at = self.real(at);
        let symbol = &mut self.symbols[at];
        match symbol.kind {
            Kind::Strand | Kind::Submodule | Kind::Deleted | Kind::Unit => {
                let message = format!("`{}` is {} and has no value", symbol.name, symbol.kind.words());
                return wrong(WRONG_KIND, message, "give the value to a quantity");
            }
            Kind::Unknown => symbol.kind = Kind::Number,
            Kind::Number | Kind::Species | Kind::Compartment | Kind::Stoichiometry
                if symbol.course == Course::Assigned && symbol.formula.is_some() =>
            {
                let message = format!("`{}` has an assignment, which holds at the start too", symbol.name);
                return wrong(DEFINED_TWICE, message, "drop the value, or the line with `:=`");
            }
            _ => {}
        }
        symbol.formula = formula;
        self.take_unit(at);
        Ok(())
    }

    /// A value that is a number with a unit gives the unit to the quantity.
    fn take_unit(&mut self, at: usize) {
        let symbol = &mut self.symbols[at];
        if symbol.kind.is_reaction() {
            return;
        }
        if let Some(Formula {
            math: Math::Number(_, unit),
            ..
        }) = &mut symbol.formula
            && let Some(unit) = unit.take()
        {
            symbol.unit = Some(unit);
        }
    }

    /// `x := formula`.
    pub fn set_assignment(&mut self, at: usize, formula: Option<Formula>) -> Result<(), Wrong> {
        let at = self.real(at);
        let symbol = &mut self.symbols[at];
        if symbol.kind.is_reaction() || symbol.kind.is_dna() {
            symbol.formula = formula;
            return Ok(());
        }
        check_rule(symbol)?;
        if symbol.course == Course::Rated && symbol.rate.is_some() {
            let message = format!("`{}` has a rate and cannot have an assignment too", symbol.name);
            return wrong(RATE_OF_ASSIGNED, message, "keep one of them");
        }
        (symbol.course, symbol.formula) = (Course::Assigned, formula);
        Ok(())
    }

    /// `x' = formula`.
    pub fn set_rate(&mut self, at: usize, formula: Option<Formula>) -> Result<(), Wrong> {
        let at = self.real(at);
        let symbol = &mut self.symbols[at];
        check_rule(symbol)?;
        if symbol.course == Course::Assigned && symbol.formula.is_some() {
            let message = format!("`{}` has an assignment and cannot have a rate too", symbol.name);
            return wrong(RATE_OF_ASSIGNED, message, "keep one of them");
        }
        (symbol.course, symbol.rate) = (Course::Rated, formula);
        Ok(())
    }

    /// `left -> right; formula`.
    pub fn set_reaction(&mut self, at: usize, sides: Sides, formula: Option<Formula>) -> Result<(), Wrong> {
        let at = self.real(at);
        for member in &sides.left {
            self.set_member(member, Kind::Species)?;
        }
        let is_reaction = sides.arrow.is_reaction();
        for member in &sides.right {
            self.set_member(member, if is_reaction { Kind::Species } else { Kind::Number })?;
        }
        if self.symbols[at].kind.is_dna() && !sides.left.is_empty() {
            let message = format!("the gene `{}` uses up a species", self.symbols[at].name);
            return wrong(WRONG_KIND, message, "write a gene as `gene: -> product`");
        }
        self.set_kind(at, if is_reaction { Kind::Reaction } else { Kind::Interaction })?;
        let symbol = &mut self.symbols[at];
        if formula.is_some() {
            symbol.formula = formula;
        }
        symbol.sides = Some(sides);
        Ok(())
    }

    fn set_member(&mut self, member: &Member, kind: Kind) -> Result<(), Wrong> {
        let at = self.find(&member.species).expect("a member was named before");
        self.set_kind(at, kind)?;
        match member.named.as_deref().and_then(|name| self.find(name)) {
            Some(at) => self.set_kind(at, Kind::Stoichiometry),
            None => Ok(()),
        }
    }
}

fn check_rule(symbol: &mut Symbol) -> Result<(), Wrong> {
    match symbol.kind {
        Kind::Unknown => symbol.kind = Kind::Number,
        Kind::Number | Kind::Species | Kind::Compartment | Kind::Stoichiometry => {}
        _ => {
            let message = format!("`{}` is {} and cannot have a rule", symbol.name, symbol.kind.words());
            return wrong(WRONG_KIND, message, "give the rule to a quantity of another name");
        }
    }
    Ok(())
}
