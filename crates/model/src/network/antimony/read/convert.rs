//! What is done to a module once its text is read: places inherited, time and extent of submodules converted.

use std::collections::VecDeque;

use super::submodule::each_formula;
use super::symbols::{Formula, Kind, Module, Reason};
use crate::network::math::Math;

impl Module {
    /// Finishes the module. After this it can be copied or written as a network.
    pub fn finish(&mut self) {
        self.settle_homes();
        self.convert_time_and_extent();
        self.convert_pairs();
    }

    /// Whatever has no place of its own is where the strand, reaction or submodule is that it is part of.
    fn settle_homes(&mut self) {
        for at in 0..self.symbols.len() {
            if self.symbols[at].same.is_some() {
                continue;
            }
            let mut pending = VecDeque::from([(at, false)]);
            while let Some((at, is_from_module)) = pending.pop_front() {
                let Some(home) = self.home(at).map(str::to_owned) else {
                    continue;
                };
                let (parts, reason) = self.parts(at);
                let reason = if is_from_module { Reason::Submodule } else { reason };
                for part in parts {
                    if self.inherit(part, &home, reason) {
                        pending.push_back((part, reason == Reason::Submodule));
                    }
                }
            }
        }
    }

    /// What a symbol is made of.
    fn parts(&self, at: usize) -> (Vec<usize>, Reason) {
        let symbol = &self.symbols[at];
        let all = |names: Vec<&String>| names.into_iter().filter_map(|name| self.find(name)).collect();
        match symbol.kind {
            Kind::Submodule => (self.inside(&symbol.name), Reason::Submodule),
            Kind::Strand => {
                let parts = symbol.strand.iter().flat_map(|strand| &strand.parts);
                (all(parts.collect()), Reason::Strand)
            }
            Kind::Reaction | Kind::Gene => {
                let members = symbol
                    .sides
                    .iter()
                    .flat_map(|sides| sides.left.iter().chain(&sides.right));
                (all(members.map(|member| &member.species).collect()), Reason::Reaction)
            }
            _ => (Vec::new(), Reason::Reaction),
        }
    }

    /// True if the symbol is now somewhere else.
    fn inherit(&mut self, at: usize, home: &str, reason: Reason) -> bool {
        let at = self.real(at);
        let symbol = &mut self.symbols[at];
        if symbol.compartment.is_some() || symbol.name == home {
            return false;
        }
        let new = Some((home.to_owned(), reason));
        let gives_way = symbol.inherited.as_ref().is_none_or(|old| old.1 <= reason);
        if gives_way && symbol.inherited != new {
            symbol.inherited = new;
            return true;
        }
        false
    }

    /// One unit of a submodule's time is `time_factor` of this module's, one of its extent `extent_factor`.
    fn convert_time_and_extent(&mut self) {
        let copies: Vec<(String, Option<String>, Option<String>)> = self
            .symbols
            .iter()
            .filter_map(|symbol| {
                let copy = symbol.copy.as_ref()?;
                let factors = (copy.time_factor.clone(), copy.extent_factor.clone());
                (factors.0.is_some() || factors.1.is_some()).then(|| (symbol.name.clone(), factors.0, factors.1))
            })
            .collect();
        for (name, time, extent) in copies {
            let factors = Factors {
                time: time.as_deref(),
                extent: extent.as_deref(),
            };
            self.convert_inside(&name, &factors);
        }
    }

    fn convert_inside(&mut self, name: &str, factors: &Factors) {
        // Rates that come from the submodule are converted; what asks for them there gets them in its own units.
        let is_rate = |used: &str| {
            let symbol = self.find(used).map(|at| &self.symbols[at]);
            symbol.is_some_and(|symbol| {
                symbol.kind.is_reaction() && symbol.formula.as_ref().is_some_and(|f| is_from(f, name))
            })
        };
        let mut symbols = self.symbols.clone();
        for symbol in &mut symbols {
            each_formula(symbol, &mut |formula| {
                if is_from(formula, name) {
                    formula.math = factors.inside(&formula.math, &is_rate);
                }
            });
            let is_reaction = symbol.kind.is_reaction();
            for (part, is_law) in [(&mut symbol.formula, true), (&mut symbol.rate, false)] {
                if let Some(formula) = part
                    && is_from(formula, name)
                    && (is_reaction || !is_law)
                {
                    let math = divided(formula.math.clone(), factors.time);
                    formula.math = if is_law { multiplied(math, factors.extent) } else { math };
                }
            }
            if let Some(delay) = symbol.event.as_mut().and_then(|event| event.delay.as_mut())
                && is_from(delay, name)
            {
                delay.math = multiplied(delay.math.clone(), factors.time);
            }
        }
        self.symbols = symbols;
    }

    /// Inside its submodule, a quantity that was made `x / factor` still means its own value.
    fn convert_pairs(&mut self) {
        for (first, _, factor) in std::mem::take(&mut self.pairs) {
            let (Some(factor), Some((module, _))) = (factor, first.rsplit_once('.')) else {
                continue;
            };
            let meant = self.real_name(&first).to_owned();
            let mut symbols = self.symbols.clone();
            let is_meant = |name: &str| self.real_name(name) == meant;
            for symbol in &mut symbols {
                each_formula(symbol, &mut |formula| {
                    if is_from(formula, module) {
                        let leaf = |leaf: &Math| match leaf {
                            Math::Name(name) if is_meant(name) => divided(leaf.clone(), Some(&factor)),
                            other => other.clone(),
                        };
                        formula.math = formula.math.map(&leaf, &str::to_owned);
                    }
                });
                for (target, formula) in symbol.event.iter_mut().flat_map(|event| &mut event.changes) {
                    if is_from(formula, module) && is_meant(target) {
                        formula.math = multiplied(formula.math.clone(), Some(&factor));
                    }
                }
            }
            self.symbols = symbols;
        }
    }
}

/// Conversion of a submodule's time and extent.
struct Factors<'a> {
    time: Option<&'a str>,
    extent: Option<&'a str>,
}

impl Factors<'_> {
    /// A formula of the submodule with this module's time and rates in it.
    fn inside(&self, math: &Math, is_rate: &dyn Fn(&str) -> bool) -> Math {
        match math {
            Math::Time => divided(Math::Time, self.time),
            Math::Name(name) if is_rate(name) => divided(multiplied(math.clone(), self.time), self.extent),
            Math::Apply(operator, arguments) => {
                let mut arguments: Vec<Math> = arguments.iter().map(|a| self.inside(a, is_rate)).collect();
                if operator.0 == "delay"
                    && let Some(lag) = arguments.pop()
                {
                    arguments.push(multiplied(lag, self.time));
                }
                Math::Apply(*operator, arguments)
            }
            Math::Call(name, arguments) => Math::Call(
                name.clone(),
                arguments.iter().map(|a| self.inside(a, is_rate)).collect(),
            ),
            Math::Piecewise(pieces, otherwise) => {
                let pair =
                    |(value, condition): &(Math, Math)| (self.inside(value, is_rate), self.inside(condition, is_rate));
                let otherwise = otherwise.as_ref().map(|math| Box::new(self.inside(math, is_rate)));
                Math::Piecewise(pieces.iter().map(pair).collect(), otherwise)
            }
            other => other.clone(),
        }
    }
}

/// True if the formula stands in the text of the submodule `name` or inside it.
fn is_from(formula: &Formula, name: &str) -> bool {
    let rest = formula.origin.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn multiplied(math: Math, factor: Option<&str>) -> Math {
    match factor {
        Some(factor) => Math::apply("times", vec![math, Math::name(factor)]),
        None => math,
    }
}

fn divided(math: Math, factor: Option<&str>) -> Math {
    match factor {
        Some(factor) => Math::apply("divide", vec![math, Math::name(factor)]),
        None => math,
    }
}
