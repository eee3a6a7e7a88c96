//! Submodules: copies of modules, names made the same, parts taken out, units of time and extent converted.

use super::say::{Wrong, wrong};
use super::symbols::{Copy, Course, Formula, Kind, Module, Symbol};
use super::units::kind;
use crate::codes::{COMPOSITION, RATE_OF_ASSIGNED, WRONG_KIND};
use crate::network::math::Math;

impl Module {
    /// Puts a copy of `module` under `name`, everything in it with `name.` in front.
    pub fn copy_in(&mut self, name: &str, module: &Module) -> Result<(), Wrong> {
        let at = self.position(name).expect("the submodule was named before");
        if !matches!(self.symbols[at].kind, Kind::Unknown | Kind::Number) || self.symbols[at].same.is_some() {
            let message = format!(
                "`{name}` is {} and cannot be a submodule",
                self.symbols[at].kind.words()
            );
            return wrong(WRONG_KIND, message, "give the submodule another name");
        }
        let inner = |own: &str| format!("{name}.{own}");
        self.symbols[at].kind = Kind::Submodule;
        self.symbols[at].copy = Some(Copy {
            module: module.name.clone(),
            exports: module.exports.iter().map(|own| inner(own)).collect(),
            time_factor: None,
            extent_factor: None,
        });
        let place = self.symbols[at].place.clone();
        for symbol in &module.symbols {
            let mut symbol = renamed(symbol, &inner, name);
            symbol.place = place.clone();
            self.add(symbol);
        }
        Ok(())
    }

    /// Lets `first` and `second` be one thing, `first * factor` if there is a factor. What `second` already says holds.
    pub fn unite(&mut self, first: usize, second: usize, factor: Option<&str>) -> Result<(), Wrong> {
        let (one, other) = (self.real(first), self.real(second));
        if one == other {
            return Ok(());
        }
        if self.symbols[one].kind == Kind::Submodule || self.symbols[other].kind == Kind::Submodule {
            let message = format!("`{}` is a submodule", self.symbols[one].name);
            return wrong(
                COMPOSITION,
                message,
                "make quantities inside submodules the same, one by one",
            );
        }
        let kind = self.symbols[one].kind;
        self.set_kind(other, kind)?;
        self.symbols[one].kind = self.symbols[other].kind;
        let mut giver = std::mem::take(&mut self.symbols[one]);
        let result = self.hand_over(&mut giver, other, factor);
        self.symbols[one] = giver;
        result?;
        if self.symbols[one].is_local() && !self.symbols[other].is_local() {
            // A name of this module goes before one of a submodule.
            return self.unite(other, one, None);
        }
        self.symbols[one].same = Some(self.symbols[other].name.clone());
        let names = (self.symbols[one].name.clone(), self.symbols[other].name.clone());
        self.pairs.push((names.0, names.1, factor.map(str::to_owned)));
        Ok(())
    }

    /// Moves what `giver` says to the symbol at `other`, where that says nothing.
    fn hand_over(&mut self, giver: &mut Symbol, other: usize, factor: Option<&str>) -> Result<(), Wrong> {
        let scaled = |formula: Formula| match factor {
            Some(factor) => Formula {
                math: Math::apply("times", vec![formula.math, Math::name(factor)]),
                ..formula
            },
            None => formula,
        };
        let taker = &mut self.symbols[other];
        taker.unit = taker.unit.take().or(giver.unit.take());
        taker.constant = taker.constant.or(giver.constant);
        taker.substance_only |= giver.substance_only;
        let remarks = &mut taker.remarks;
        remarks.name = remarks.name.take().or(giver.remarks.name.take());
        remarks.notes = remarks.notes.take().or(giver.remarks.notes.take());
        remarks.sbo_term = remarks.sbo_term.take().or(giver.remarks.sbo_term.take());
        taker.links.append(&mut giver.links);
        let has_formula = taker.formula.as_ref().is_some_and(|formula| !formula.is_upstream());
        if !has_formula && giver.course == Course::Assigned {
            taker.course = Course::Assigned;
        }
        let is_replaced = giver.sides.is_some() && taker.sides.is_some();
        if let Some(formula) = giver.formula.take()
            && !has_formula
            && !is_replaced
        {
            taker.formula = Some(scaled(formula));
        }
        if let Some(rate) = giver.rate.take()
            && taker.rate.is_none()
        {
            if taker.course == Course::Assigned && taker.formula.is_some() {
                let message = format!("`{}` has an assignment and `{}` a rate", taker.name, giver.name);
                return wrong(RATE_OF_ASSIGNED, message, "clear one of them, as in `a.x' = ;`");
            }
            (taker.course, taker.rate) = (Course::Rated, Some(scaled(rate)));
        }
        giver.is_replaced |= is_replaced;
        let sides = giver.sides.take();
        taker.sides = taker.sides.take().or(sides);
        let (event, strand) = (giver.event.take(), giver.strand.take());
        taker.event = taker.event.take().or(event);
        taker.strand = taker.strand.take().or(strand);
        taker.strands.append(&mut giver.strands);
        taker.definition = taker.definition.take().or(giver.definition.take());
        taker.compartment = taker.compartment.take().or(giver.compartment.take());
        taker.inherited = taker.inherited.take().or(giver.inherited.take());
        taker.conversion_factor = taker.conversion_factor.take().or(giver.conversion_factor.take());
        giver.course = taker.course;
        Ok(())
    }

    /// Takes a part out of its submodule, with every formula of the submodule that uses it.
    pub fn delete(&mut self, at: usize) -> Result<(), Wrong> {
        let at = self.real(at);
        let name = self.symbols[at].name.clone();
        if self.symbols[at].is_local() {
            let message = format!("`{name}` belongs to this module");
            return wrong(
                COMPOSITION,
                message,
                "delete parts of submodules only; leave out the line that brings it in",
            );
        }
        let is_joined = |pair: &(String, String, Option<String>)| {
            self.real_name(&pair.0) == name || self.real_name(&pair.1) == name
        };
        if self.pairs.iter().any(is_joined) {
            let message = format!("`{name}` was made the same as something else and cannot be deleted");
            return wrong(COMPOSITION, message, "delete it, or make it the same, not both");
        }
        let top = name.split('.').next().expect("a split has a first part").to_owned();
        let mut gone: Vec<String> = vec![name.clone()];
        if self.symbols[at].kind == Kind::Submodule {
            gone.extend(self.inside(&name).into_iter().map(|i| self.symbols[i].name.clone()));
        }
        for inner in self.inside(&top) {
            let mut symbol = std::mem::take(&mut self.symbols[inner]);
            clear(&mut symbol, &|used| {
                gone.iter().any(|gone| self.real_name(used) == gone)
            });
            self.symbols[inner] = symbol;
        }
        for name in gone {
            let at = self.position(&name).expect("it was found by this name");
            let symbol = &mut self.symbols[at];
            if symbol.same.is_none() {
                let (name, place) = (symbol.name.clone(), symbol.place.clone());
                *symbol = Symbol {
                    name,
                    place,
                    kind: Kind::Deleted,
                    ..Symbol::default()
                };
            }
        }
        Ok(())
    }
}

/// Drops whatever of a symbol uses a name that is gone.
fn clear(symbol: &mut Symbol, is_gone: &dyn Fn(&str) -> bool) {
    let uses = |formula: &Formula| formula.math.names().into_iter().any(is_gone);
    let loses_trigger = symbol.kind == Kind::Event && symbol.formula.as_ref().is_some_and(uses);
    for part in [&mut symbol.formula, &mut symbol.rate] {
        if part.as_ref().is_some_and(uses) {
            *part = None;
        }
    }
    if loses_trigger {
        (symbol.kind, symbol.event) = (Kind::Deleted, None);
    }
    if let Some(sides) = &mut symbol.sides {
        for side in [&mut sides.left, &mut sides.right] {
            side.retain(|member| !is_gone(&member.species));
        }
    }
    if let Some(event) = &mut symbol.event {
        for part in [&mut event.delay, &mut event.priority] {
            if part.as_ref().is_some_and(uses) {
                *part = None;
            }
        }
        event
            .changes
            .retain(|(target, formula)| !is_gone(target) && !uses(formula));
    }
    if let Some(strand) = &mut symbol.strand {
        strand.parts.retain(|part| !is_gone(part));
    }
    symbol.strands.retain(|strand| !is_gone(strand));
    for name in [&mut symbol.compartment, &mut symbol.unit, &mut symbol.conversion_factor] {
        if name.as_deref().is_some_and(is_gone) {
            *name = None;
        }
    }
}

/// The symbol as part of a submodule.
fn renamed(symbol: &Symbol, inner: &dyn Fn(&str) -> String, origin: &str) -> Symbol {
    let mut symbol = symbol.clone();
    symbol.name = inner(&symbol.name);
    let names = [&mut symbol.same, &mut symbol.compartment, &mut symbol.conversion_factor];
    for name in names {
        *name = name.as_deref().map(inner);
    }
    let unit_name = |unit: &str| {
        if kind(unit).is_some() {
            unit.to_owned()
        } else {
            inner(unit)
        }
    };
    symbol.unit = symbol.unit.as_deref().map(unit_name);
    for factor in symbol.definition.iter_mut().flatten() {
        factor.kind = unit_name(&factor.kind);
    }
    if let Some((home, _)) = &mut symbol.inherited {
        *home = inner(home);
    }
    symbol.strands.iter_mut().for_each(|strand| *strand = inner(strand));
    if let Some(strand) = &mut symbol.strand {
        strand.parts.iter_mut().for_each(|part| *part = inner(part));
    }
    if let Some(sides) = &mut symbol.sides {
        for member in sides.left.iter_mut().chain(&mut sides.right) {
            member.species = inner(&member.species);
            member.named = member.named.as_deref().map(inner);
        }
    }
    if let Some(copy) = &mut symbol.copy {
        copy.exports.iter_mut().for_each(|name| *name = inner(name));
        // Its conversions are done: they were part of finishing the module.
        (copy.time_factor, copy.extent_factor) = (None, None);
    }
    each_formula(&mut symbol, &mut |formula| {
        let leaf = |leaf: &Math| match leaf {
            Math::Name(name) if name != super::formula::UPSTREAM => Math::Name(inner(name)),
            Math::Number(value, Some(unit)) => Math::Number(*value, Some(unit_name(unit))),
            other => other.clone(),
        };
        formula.math = formula.math.map(&leaf, &str::to_owned);
        formula.origin = if formula.origin.is_empty() {
            origin.to_owned()
        } else {
            format!("{origin}.{}", formula.origin)
        };
    });
    if let Some(event) = &mut symbol.event {
        event.changes.iter_mut().for_each(|change| change.0 = inner(&change.0));
    }
    symbol
}

/// Every formula of a symbol.
pub(super) fn each_formula(symbol: &mut Symbol, change: &mut dyn FnMut(&mut Formula)) {
    symbol
        .formula
        .iter_mut()
        .chain(symbol.rate.iter_mut())
        .for_each(&mut *change);
    if let Some(event) = &mut symbol.event {
        event
            .delay
            .iter_mut()
            .chain(event.priority.iter_mut())
            .for_each(&mut *change);
        event.changes.iter_mut().for_each(|(_, formula)| change(formula));
    }
}
