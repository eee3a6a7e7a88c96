//! Joining a therapy's own equations to the disease model.

use std::collections::{BTreeMap, BTreeSet};

use crate::equations::{Assignment, Equations, Parameter, State};
use crate::expression::{ExprId, Node, SymbolId};
use crate::nearest::nearest;
use crate::order::in_order;

/// Stands between the prefix of a module and the names of its quantities; model texts may not use it.
pub const SEPARATOR: &str = "__";

/// A quantity of the module that takes the place of a core parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Drive {
    /// Name in the module, without prefix.
    pub from: String,
    /// Name of the core parameter.
    pub hook: String,
    /// What to do if another module drives the same hook.
    pub combine: Combine,
}

/// How two effects on one hook act together; data files write it in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Combine {
    /// Fractions that act independently: `1 - (1 - a)(1 - b)`.
    Independent,
    /// Rates that add: `a + b`.
    Sum,
}

/// Why a module does not fit the core.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// A module with this prefix is already there.
    #[error("prefix `{0}` is already in use")]
    PrefixTaken(String),
    /// A shared name is not a quantity of the core.
    #[error("shared quantity `{name}` is not in the core model{}", meant(.nearest))]
    SharedUnknown {
        /// The name.
        name: String,
        /// The nearest quantity of the core.
        nearest: Option<String>,
    },
    /// A shared name is not a parameter of the module, so that there is nothing to link.
    #[error("shared quantity `{0}` is not a parameter of the module")]
    SharedNotParameter(String),
    /// A parameter of the module is computed from a shared quantity that changes in the core.
    #[error("module parameter `{parameter}` is computed from `{shared}`, which changes; make it an assignment")]
    SharedChanges {
        /// The module's parameter.
        parameter: String,
        /// The core's quantity.
        shared: String,
    },
    /// A driving quantity is not in the module.
    #[error("driving quantity `{name}` is not in the module{}", meant(.nearest))]
    SourceUnknown {
        /// The name.
        name: String,
        /// The nearest quantity of the module.
        nearest: Option<String>,
    },
    /// A hook is not a parameter of the core.
    #[error("hook `{name}` is not a parameter of the core model{}", meant(.nearest))]
    HookUnknown {
        /// The name.
        name: String,
        /// The nearest parameter of the core.
        nearest: Option<String>,
    },
    /// Nobody said how several effects on the hook act together.
    #[error("hook `{name}` is not among the hooks of the disease model{}", meant(.nearest))]
    HookUndeclared {
        /// The name.
        name: String,
        /// The nearest declared hook.
        nearest: Option<String>,
    },
    /// A core parameter is computed from the hook and would have to change with it.
    #[error("hook `{hook}` cannot change: parameter `{parameter}` is computed from it; make that an assignment")]
    HookInParameter {
        /// The hook.
        hook: String,
        /// The parameter computed from it.
        parameter: String,
    },
    /// The module needs a core quantity that needs the hook which the module drives.
    #[error("module and core define each other in a circle: `{}`", .0.join("` needs `"))]
    Circle(Vec<String>),
}

fn meant(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map_or(String::new(), |name| format!("; did you mean `{name}`?"))
}

impl Equations {
    /// Joins `module` to these equations; on failure they stay as they were.
    ///
    /// The module's quantities are called `prefix__name`, except `shared` ones: parameters of the module that stand for the
    /// core's quantity of the same name. Each drive turns a core parameter into an assignment, equal to the module's
    /// quantity, or combined with what drives the hook already. Needs a `prefix` not used before.
    pub fn attach(
        &mut self,
        prefix: &str,
        module: &Equations,
        shared: &[&str],
        drives: &[Drive],
    ) -> Result<(), AttachError> {
        let mut joined = self.clone();
        if joined
            .names()
            .iter()
            .any(|name| name.starts_with(&format!("{prefix}{SEPARATOR}")))
        {
            return Err(AttachError::PrefixTaken(prefix.to_owned()));
        }
        joined.check_shared(module, shared)?;
        joined.adopt(prefix, module, shared);
        for drive in drives {
            joined.drive(prefix, module, drive)?;
        }
        joined.check_parameters()?;
        joined.sort_assignments()?;
        *self = joined;
        Ok(())
    }

    /// Names of all states, parameters and assignments.
    fn names(&self) -> BTreeSet<&str> {
        let states = self.states.iter().map(|s| s.symbol);
        let parameters = self.parameters.iter().map(|p| p.symbol);
        let assignments = self.assignments.iter().map(|a| a.symbol);
        states
            .chain(parameters)
            .chain(assignments)
            .map(|s| self.arena.name(s))
            .collect()
    }

    fn parameter_names(&self) -> BTreeSet<&str> {
        self.parameters.iter().map(|p| self.arena.name(p.symbol)).collect()
    }

    fn check_shared(&self, module: &Equations, shared: &[&str]) -> Result<(), AttachError> {
        let (known, linkable) = (self.names(), module.parameter_names());
        for &name in shared {
            if !known.contains(name) {
                let nearest = nearest(name, known.iter().copied()).map(str::to_owned);
                return Err(AttachError::SharedUnknown {
                    name: name.to_owned(),
                    nearest,
                });
            }
            if !linkable.contains(name) {
                return Err(AttachError::SharedNotParameter(name.to_owned()));
            }
        }
        Ok(())
    }

    /// Copies the module's quantities under their new names.
    fn adopt(&mut self, prefix: &str, module: &Equations, shared: &[&str]) {
        let renamed = |name: &str| {
            if shared.contains(&name) {
                name.to_owned()
            } else {
                format!("{prefix}{SEPARATOR}{name}")
            }
        };
        for parameter in &module.parameters {
            let name = module.arena.name(parameter.symbol);
            if !shared.contains(&name) {
                let value = self.arena.import(&module.arena, &[parameter.value], &renamed)[0];
                let symbol = self.arena.symbol(&renamed(name));
                self.parameters.push(Parameter { symbol, value });
            }
        }
        for assignment in &module.assignments {
            let expression = self.arena.import(&module.arena, &[assignment.expression], &renamed)[0];
            let symbol = self.arena.symbol(&renamed(module.arena.name(assignment.symbol)));
            self.assignments.push(Assignment { symbol, expression });
        }
        for state in &module.states {
            let both = self.arena.import(&module.arena, &[state.initial, state.rate], &renamed);
            let symbol = self.arena.symbol(&renamed(module.arena.name(state.symbol)));
            self.states.push(State {
                symbol,
                initial: both[0],
                rate: both[1],
            });
        }
    }

    fn drive(&mut self, prefix: &str, module: &Equations, drive: &Drive) -> Result<(), AttachError> {
        if !module.names().contains(drive.from.as_str()) {
            let nearest = nearest(&drive.from, module.names()).map(str::to_owned);
            return Err(AttachError::SourceUnknown {
                name: drive.from.clone(),
                nearest,
            });
        }
        let own = self.arena.named(&format!("{prefix}{SEPARATOR}{}", drive.from));
        let hook = self.arena.find_symbol(&drive.hook);
        if let Some(position) = self.parameters.iter().position(|p| Some(p.symbol) == hook) {
            let symbol = self.parameters.remove(position).symbol;
            self.assignments.push(Assignment {
                symbol,
                expression: own,
            });
            return Ok(());
        }
        match self
            .assignments
            .iter()
            .position(|a| Some(a.symbol) == hook && self.is_driven(a))
        {
            Some(position) => {
                let before = self.assignments[position].expression;
                self.assignments[position].expression = self.combined(before, own, drive.combine);
                Ok(())
            }
            None => {
                let nearest = nearest(&drive.hook, self.parameter_names()).map(str::to_owned);
                Err(AttachError::HookUnknown {
                    name: drive.hook.clone(),
                    nearest,
                })
            }
        }
    }

    /// True if modules, and nothing else, make up the assignment: only they have names with the separator.
    fn is_driven(&self, assignment: &Assignment) -> bool {
        let used = self.arena.symbols_in(assignment.expression);
        let of_module = |s: SymbolId| self.arena.name(s).contains(SEPARATOR);
        !of_module(assignment.symbol) && !used.is_empty() && used.into_iter().all(of_module)
    }

    fn combined(&mut self, a: ExprId, b: ExprId, combine: Combine) -> ExprId {
        match combine {
            Combine::Sum => self.arena.add(a, b),
            Combine::Independent => {
                let one = self.arena.number(1.0);
                let (without_a, without_b) = (self.arena.sub(one, a), self.arena.sub(one, b));
                let neither = self.arena.mul(without_a, without_b);
                self.arena.sub(one, neither)
            }
        }
    }

    /// Parameters are still computed from parameters only.
    fn check_parameters(&self) -> Result<(), AttachError> {
        let constant: BTreeSet<SymbolId> = self.parameters.iter().map(|p| p.symbol).collect();
        for parameter in &self.parameters {
            let used = self.arena.symbols_in(parameter.value);
            if let Some(changing) = used.into_iter().find(|s| !constant.contains(s)) {
                let (parameter, other) = (
                    self.arena.name(parameter.symbol).to_owned(),
                    self.arena.name(changing).to_owned(),
                );
                let of_module = parameter.contains(SEPARATOR);
                return Err(match of_module {
                    true => AttachError::SharedChanges {
                        parameter,
                        shared: other,
                    },
                    false => AttachError::HookInParameter { hook: other, parameter },
                });
            }
        }
        Ok(())
    }

    /// Puts assignments back into dependency order.
    fn sort_assignments(&mut self) -> Result<(), AttachError> {
        let expressions: BTreeMap<SymbolId, ExprId> =
            self.assignments.iter().map(|a| (a.symbol, a.expression)).collect();
        let names: Vec<SymbolId> = self.assignments.iter().map(|a| a.symbol).collect();
        let uses = |s: SymbolId| -> Vec<SymbolId> {
            let used = self.arena.symbols_in(expressions[&s]);
            used.into_iter().filter(|u| expressions.contains_key(u)).collect()
        };
        let ordered = in_order(&names, &uses);
        if let Some(circle) = ordered.circles.first() {
            let names = circle
                .iter()
                .chain(circle.first())
                .map(|&s| self.arena.name(s).to_owned());
            return Err(AttachError::Circle(names.collect()));
        }
        let sorted = ordered.order.into_iter().map(|symbol| Assignment {
            symbol,
            expression: expressions[&symbol],
        });
        self.assignments = sorted.collect();
        Ok(())
    }

    /// All expressions in use, for checks and statistics: initial values, rates, values, assignments.
    pub fn expressions(&self) -> Vec<ExprId> {
        let states = self.states.iter().flat_map(|s| [s.initial, s.rate]);
        let parameters = self.parameters.iter().map(|p| p.value);
        states
            .chain(parameters)
            .chain(self.assignments.iter().map(|a| a.expression))
            .collect()
    }

    /// True if the invariants of [`Equations`] hold: each name defined once, all names defined, right order.
    pub fn is_consistent(&self) -> bool {
        let mut known: BTreeSet<SymbolId> = BTreeSet::new();
        let uses = |e: ExprId| self.arena.symbols_in(e);
        let parameters_fine = self
            .parameters
            .iter()
            .all(|p| uses(p.value).is_subset(&known) && known.insert(p.symbol));
        let states_fine = self.states.iter().all(|s| known.insert(s.symbol));
        let assignments_fine = self
            .assignments
            .iter()
            .all(|a| uses(a.expression).is_subset(&known) && known.insert(a.symbol));
        let no_nan = |id| !matches!(self.arena.node(id), Node::Number(x) if x.is_nan());
        let all = self.expressions();
        let all_known = all.iter().all(|&e| uses(e).is_subset(&known));
        parameters_fine
            && states_fine
            && assignments_fine
            && all_known
            && self.arena.reachable(&all).into_iter().all(no_nan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Source, parse_antimony};

    fn equations(text: &str) -> Equations {
        let source = Source {
            path: "test.ant".into(),
            text: text.into(),
        };
        parse_antimony(&source).unwrap().equations(&source).unwrap()
    }

    fn core() -> Equations {
        equations("B' = (1 - block)*k - kill*B; B = 1; k = 2; block = 0; kill = 0; weight = 70; half := B/2")
    }

    fn drug(effect: f64) -> Equations {
        equations(&format!(
            "A' = -A/V; A = 1; V = 3*weight; weight = 1; effect := {effect}*A; k = 5; used := k*A"
        ))
    }

    fn drive(hook: &str, combine: Combine) -> Drive {
        Drive {
            from: "effect".into(),
            hook: hook.into(),
            combine,
        }
    }

    /// The value of `name` with every state at its initial value.
    fn value(equations: &Equations, name: &str) -> f64 {
        let symbol = equations.arena.find_symbol(name).unwrap();
        let known = |s: SymbolId| value(equations, equations.arena.name(s));
        let parameter = equations
            .parameters
            .iter()
            .find(|p| p.symbol == symbol)
            .map(|p| p.value);
        let state = equations.states.iter().find(|s| s.symbol == symbol).map(|s| s.initial);
        let assignment = equations
            .assignments
            .iter()
            .find(|a| a.symbol == symbol)
            .map(|a| a.expression);
        equations
            .arena
            .evaluate(parameter.or(state).or(assignment).unwrap(), 0.0, &known)
    }

    #[test]
    fn a_module_keeps_its_names_behind_a_prefix_and_shares_what_it_should() {
        let mut joined = core();
        joined
            .attach("drug", &drug(0.5), &["weight"], &[drive("block", Combine::Independent)])
            .unwrap();
        assert!(joined.is_consistent());
        assert_eq!(joined.states.len(), 2);
        assert_eq!(value(&joined, "drug__V"), 210.0);
        assert_eq!(value(&joined, "drug__k"), 5.0);
        assert_eq!(value(&joined, "k"), 2.0);
        assert_eq!(value(&joined, "block"), 0.5);
    }

    #[test]
    fn independent_blocks_multiply_what_is_left_and_rates_add() {
        for (combine, expected) in [(Combine::Independent, 1.0 - 0.5 * 0.75), (Combine::Sum, 0.75)] {
            let mut joined = core();
            joined
                .attach("one", &drug(0.5), &["weight"], &[drive("block", combine)])
                .unwrap();
            joined
                .attach("two", &drug(0.25), &["weight"], &[drive("block", combine)])
                .unwrap();
            assert!(joined.is_consistent());
            assert_eq!(value(&joined, "block"), expected);
        }
    }

    #[test]
    fn what_does_not_fit_is_named_and_leaves_the_core_untouched() {
        let mut joined = core();
        let before = format!("{:?}", joined.assignments);
        let module = drug(0.5);
        let mut attach =
            |shared: &[&str], drives: &[Drive]| joined.attach("d", &module, shared, drives).unwrap_err().to_string();
        assert_eq!(
            attach(&["weigth"], &[]),
            "shared quantity `weigth` is not in the core model; did you mean `weight`?"
        );
        assert_eq!(
            attach(&["half"], &[]),
            "shared quantity `half` is not a parameter of the module"
        );
        assert_eq!(
            attach(&[], &[drive("blok", Combine::Sum)]),
            "hook `blok` is not a parameter of the core model; did you mean `block`?"
        );
        assert_eq!(
            attach(&[], &[drive("half", Combine::Sum)]),
            "hook `half` is not a parameter of the core model"
        );
        let unknown = Drive {
            from: "efect".into(),
            hook: "block".into(),
            combine: Combine::Sum,
        };
        assert_eq!(
            attach(&[], &[unknown]),
            "driving quantity `efect` is not in the module; did you mean `effect`?"
        );
        assert_eq!(format!("{:?}", joined.assignments), before);
        joined.attach("d", &drug(0.5), &[], &[]).unwrap();
        assert_eq!(
            joined.attach("d", &drug(0.5), &[], &[]),
            Err(AttachError::PrefixTaken("d".into()))
        );
    }

    #[test]
    fn circles_and_changing_parameters_are_refused() {
        let mut core = equations("S' = -S; S = 1; hook = 0; level := hook + S; derived = 2*hook; free = 1");
        let module = equations("level = 1; effect := 2*level");
        let error = core.attach("d", &module, &["level"], &[drive("free", Combine::Sum)]);
        assert_eq!(error, Ok(()));
        let error = core
            .attach("e", &module, &["level"], &[drive("hook", Combine::Sum)])
            .unwrap_err();
        assert_eq!(
            error,
            AttachError::HookInParameter {
                hook: "hook".into(),
                parameter: "derived".into()
            }
        );
        let mut core = equations("S' = -S; S = 1; hook = 0; level := hook + S");
        let error = core
            .attach("e", &module, &["level"], &[drive("hook", Combine::Sum)])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("module and core define each other in a circle: `"),
            "{error}"
        );
        let follower = equations("level = 1; V = 3*level; effect := V");
        let error = core.attach("f", &follower, &["level"], &[]).unwrap_err();
        assert_eq!(
            error,
            AttachError::SharedChanges {
                parameter: "f__V".into(),
                shared: "level".into()
            }
        );
    }
}
