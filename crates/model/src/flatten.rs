//! From a model as written to flat equations: roles, order, reactions folded into rates.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::codes::{
    CONSTANT_CHANGES, CYCLE, DEFINED_TWICE, INITIAL_VALUE, NO_VALUE, RATE_OF_ASSIGNED, UNDEFINED, UNSUPPORTED,
};
use crate::diagnostic::{Diagnostic, Source};
use crate::equations::{Assignment, Equations, Parameter, State};
use crate::expression::{Arena, ExprId, SymbolId};
use crate::infix::Formula;
use crate::model::{Change, Kind, Model, Place, Variable};
use crate::nearest::suggestion;
use crate::order::{Ordered, in_order};

/// What becomes of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    State,
    Parameter,
    Assignment,
}

/// A name with its role, its formula for every moment (rate laws apart) and its place in the text.
struct Definition<'a> {
    role: Role,
    /// Assignments: the expression. States and parameters: the initial value.
    value: Option<&'a Formula>,
    place: &'a Place,
}

impl Model {
    /// Flat equations, simplified; all mistakes found are reported together, in the order of the text.
    ///
    /// A quantity with a rate, or a species that reactions change, is a state; one with `:=`, and the rate of a reaction by its
    /// name, is an assignment; all others are parameters. A species' concentration changes by its reactions over the volume
    /// of its compartment, and is diluted as the compartment grows (SBML Level 3 Version 2, section 4.11.6).
    pub fn equations(&self, source: &Source) -> Result<Equations, Vec<Diagnostic>> {
        let mut flattening = Flattening {
            model: self,
            source,
            definitions: BTreeMap::new(),
            findings: Vec::new(),
        };
        flattening.define();
        flattening.check_symbols();
        flattening.check_values();
        flattening.check_compartments();
        let order = flattening.order();
        if flattening.findings.is_empty() {
            let equations = flattening.build(&order);
            if flattening.findings.is_empty() {
                return Ok(equations);
            }
        }
        flattening
            .findings
            .sort_by_key(|finding| (finding.span.start, finding.span.end));
        Err(flattening.findings)
    }

    /// Every formula of the model, functions' bodies apart.
    pub(crate) fn formulas(&self) -> impl Iterator<Item = &Formula> {
        let variables = self.variables.iter().flat_map(|v| formulas_of(v).into_iter().flatten());
        variables.chain(self.reactions.iter().map(|r| &r.rate))
    }

    /// Species that reactions make or use, and may change.
    fn reacting(&self) -> BTreeSet<SymbolId> {
        let sides = self
            .reactions
            .iter()
            .flat_map(|r| r.reactants.iter().chain(&r.products));
        let boundary = |s: &SymbolId| {
            let variable = self.variables.iter().find(|v| v.symbol == *s);
            variable.is_some_and(|v| {
                v.declared_variable == Some(false) || matches!(v.kind, Kind::Species { boundary: true, .. })
            })
        };
        sides
            .map(|&(_, symbol)| symbol)
            .filter(|symbol| !boundary(symbol))
            .collect()
    }
}

fn formulas_of(variable: &Variable) -> [Option<&Formula>; 2] {
    [variable.initial.as_ref(), variable.change.as_ref().map(Change::formula)]
}

/// Work in progress.
struct Flattening<'a> {
    model: &'a Model,
    source: &'a Source,
    definitions: BTreeMap<SymbolId, Definition<'a>>,
    findings: Vec<Diagnostic>,
}

/// Names in an order in which each can be computed from those before it.
struct Order {
    /// Assignments, at any time.
    assignments: Vec<SymbolId>,
    /// All names, at the start.
    initial: Vec<SymbolId>,
}

impl<'a> Flattening<'a> {
    fn report(&mut self, code: &'static str, place: &Place, message: String, help: impl Into<String>) {
        let finding = Diagnostic::error(code, self.source, place.0.clone(), message).help(help);
        self.findings.push(finding);
    }

    fn name(&self, symbol: SymbolId) -> &'a str {
        self.model.arena.name(symbol)
    }

    /// Gives every name its role.
    fn define(&mut self) {
        let reacting = self.model.reacting();
        for variable in &self.model.variables {
            let reacts = reacting.contains(&variable.symbol);
            if reacts && variable.change.is_some() {
                let name = self.name(variable.symbol);
                let message = format!("`{name}` is changed by reactions and has a rule of its own");
                self.report(
                    RATE_OF_ASSIGNED,
                    &variable.place,
                    message,
                    format!("mark it `${name}` in the reactions"),
                );
            }
            // `const species S` only keeps reactions from changing it, as `$S` does.
            if variable.declared_variable == Some(false) && variable.change.is_some() {
                let message = format!("`{}` is declared `const` and changes", self.name(variable.symbol));
                self.report(CONSTANT_CHANGES, &variable.place, message, "declare it with `var`");
            }
            let (role, value) = match &variable.change {
                Some(Change::Assignment(formula)) => (Role::Assignment, Some(formula)),
                Some(Change::Rate(_)) => (Role::State, variable.initial.as_ref()),
                None if reacts => (Role::State, variable.initial.as_ref()),
                None => (Role::Parameter, variable.initial.as_ref()),
            };
            self.definitions.insert(
                variable.symbol,
                Definition {
                    role,
                    value,
                    place: &variable.place,
                },
            );
        }
        for reaction in &self.model.reactions {
            let place = &reaction.place;
            let definition = Definition {
                role: Role::Assignment,
                value: Some(&reaction.rate),
                place,
            };
            if self.definitions.insert(reaction.symbol, definition).is_some() {
                let message = format!("`{}` is a reaction and a quantity", self.name(reaction.symbol));
                self.report(DEFINED_TWICE, place, message, "use two names");
            }
        }
    }

    /// Every name used is defined; each is reported at its first use.
    fn check_symbols(&mut self) {
        let mut unknown: BTreeMap<SymbolId, Place> = BTreeMap::new();
        for formula in self.model.formulas() {
            for (&symbol, span) in formula
                .uses
                .iter()
                .filter(|(symbol, _)| !self.definitions.contains_key(symbol))
            {
                let place = unknown.entry(symbol).or_insert_with(|| Place(span.clone()));
                if span.start < place.0.start {
                    *place = Place(span.clone());
                }
            }
        }
        let known: Vec<&str> = self.definitions.keys().map(|&s| self.name(s)).collect();
        for (symbol, place) in unknown {
            let name = self.name(symbol);
            let finding = Diagnostic::error(UNDEFINED, self.source, place.0, format!("undefined symbol `{name}`"));
            self.findings.push(
                finding
                    .label("not defined")
                    .help(suggestion(name, known.iter().copied())),
            );
        }
    }

    /// States and parameters have a value.
    fn check_values(&mut self) {
        for variable in &self.model.variables {
            let definition = &self.definitions[&variable.symbol];
            if definition.value.is_none() {
                let name = self.name(variable.symbol);
                let others = self
                    .definitions
                    .iter()
                    .filter(|(_, d)| d.value.is_some())
                    .map(|(&s, _)| self.name(s));
                let meant = crate::nearest::nearest(name, others).map(|near| format!(", or did you mean `{near}`?"));
                let help = format!("add `{name} = ...`{}", meant.unwrap_or_default());
                let kind = if definition.role == Role::State {
                    "state"
                } else {
                    "constant"
                };
                self.report(NO_VALUE, &variable.place, format!("{kind} `{name}` has no value"), help);
            }
        }
    }

    /// Volumes are constants or states.
    fn check_compartments(&mut self) {
        for variable in &self.model.variables {
            let assigned = matches!(variable.change, Some(Change::Assignment(_)));
            if variable.kind == Kind::Compartment && assigned {
                let message = format!(
                    "a compartment of assigned size is not supported: `{}`",
                    self.name(variable.symbol)
                );
                self.report(
                    UNSUPPORTED,
                    &variable.place,
                    message,
                    "give it a constant size, or a rate",
                );
            }
        }
    }

    /// Orders definitions, reporting circles.
    fn order(&mut self) -> Order {
        let names: Vec<SymbolId> = self.model.variables.iter().map(|v| v.symbol).collect();
        let names: Vec<SymbolId> = names
            .into_iter()
            .chain(self.model.reactions.iter().map(|r| r.symbol))
            .collect();
        let role = |s: &SymbolId| self.definitions.get(s).map(|d| d.role);
        let uses = |s: SymbolId| {
            let value = self.definitions[&s].value;
            value.map_or(Vec::new(), |f| {
                f.uses
                    .keys()
                    .copied()
                    .filter(|u| self.definitions.contains_key(u))
                    .collect()
            })
        };
        let assigned: Vec<SymbolId> = names
            .iter()
            .copied()
            .filter(|s| role(s) == Some(Role::Assignment))
            .collect();
        let among_assigned = |s: SymbolId| {
            let found: Vec<SymbolId> = uses(s);
            found
                .into_iter()
                .filter(|u| role(u) == Some(Role::Assignment))
                .collect()
        };
        let assignments = in_order(&assigned, &among_assigned);
        let initial = in_order(&names, &uses);
        let circles = if assignments.circles.is_empty() {
            &initial.circles
        } else {
            &assignments.circles
        };
        let circles: Vec<Vec<SymbolId>> = circles.clone();
        for circle in circles {
            self.report_circle(&circle);
        }
        let Ordered { order: assignments, .. } = assignments;
        Order {
            assignments,
            initial: initial.order,
        }
    }

    fn report_circle(&mut self, circle: &[SymbolId]) {
        let first = circle[0];
        let arrows = circle
            .iter()
            .chain([&first])
            .map(|&s| format!("`{}`", self.name(s)))
            .collect::<Vec<_>>();
        let message = if circle.len() == 1 {
            format!("`{}` is defined by itself", self.name(first))
        } else {
            format!("definitions in a circle: {}", arrows.join(" needs "))
        };
        let place = self.definitions[&first].place.clone();
        self.report(
            CYCLE,
            &place,
            message,
            "break the circle with a state, or leave one definition out",
        );
    }

    /// The equations, everything having been checked but parameters' values.
    fn build(&mut self, order: &Order) -> Equations {
        let mut arena = Arena::default();
        let mut import = |expr: ExprId| arena.import(&self.model.arena, &[expr], &str::to_owned)[0];
        let values: HashMap<SymbolId, ExprId> = self
            .definitions
            .iter()
            .filter_map(|(&s, d)| Some((s, import(d.value?.expr))))
            .collect();
        let new_symbol: HashMap<SymbolId, SymbolId> = self
            .definitions
            .keys()
            .map(|&s| (s, arena.symbol(self.model.arena.name(s))))
            .collect();
        let of_role = |order: &[SymbolId], role| -> Vec<SymbolId> {
            order
                .iter()
                .copied()
                .filter(|s| self.definitions[s].role == role)
                .collect()
        };
        let assignments: Vec<Assignment> = order
            .assignments
            .iter()
            .map(|s| Assignment {
                symbol: new_symbol[s],
                expression: values[s],
            })
            .collect();
        let mut parameters: Vec<Parameter> = of_role(&order.initial, Role::Parameter)
            .iter()
            .map(|s| Parameter {
                symbol: new_symbol[s],
                value: values[s],
            })
            .collect();
        self.resolve_parameters(&mut arena, &assignments, &mut parameters);
        let states = self
            .model
            .variables
            .iter()
            .filter(|v| self.definitions[&v.symbol].role == Role::State);
        let states = states
            .map(|v| State {
                symbol: new_symbol[&v.symbol],
                initial: values[&v.symbol],
                rate: self.rate(&mut arena, v),
            })
            .collect();
        Equations {
            arena,
            states,
            parameters,
            assignments,
        }
    }

    /// Puts constant assignments into the parameters' values; reports values that follow a state or time.
    fn resolve_parameters(&mut self, arena: &mut Arena, assignments: &[Assignment], parameters: &mut [Parameter]) {
        let mut constant: HashMap<SymbolId, ExprId> = HashMap::new();
        for parameter in parameters.iter() {
            let itself = arena.intern(crate::expression::Node::Symbol(parameter.symbol));
            constant.insert(parameter.symbol, itself);
        }
        for assignment in assignments {
            let inner = arena.symbols_in(assignment.expression);
            if !arena.uses_time(assignment.expression) && inner.iter().all(|s| constant.contains_key(s)) {
                let expanded = arena.substitute(assignment.expression, &|s| constant.get(&s).copied());
                constant.insert(assignment.symbol, expanded);
            }
        }
        for parameter in parameters {
            let name = arena.name(parameter.symbol).to_owned();
            let changing = arena
                .symbols_in(parameter.value)
                .into_iter()
                .find(|s| !constant.contains_key(s));
            let what = changing.map(|s| arena.name(s).to_owned());
            let what = what.or_else(|| arena.uses_time(parameter.value).then(|| "time".to_owned()));
            if let Some(what) = what {
                let symbol = self
                    .model
                    .arena
                    .find_symbol(&name)
                    .expect("parameters come from the model");
                let place = self.definitions[&symbol].place.clone();
                let message = format!("constant `{name}` is computed from `{what}`, which changes");
                self.report(INITIAL_VALUE, &place, message, format!("write `{name} := ...`"));
            }
            parameter.value = arena.substitute(parameter.value, &|s| constant.get(&s).copied());
        }
    }

    /// Rate of change of a state: its own rule, or its reactions.
    fn rate(&self, arena: &mut Arena, variable: &Variable) -> ExprId {
        if let Some(Change::Rate(formula)) = &variable.change {
            return arena.import(&self.model.arena, &[formula.expr], &str::to_owned)[0];
        }
        let mut flow = arena.number(0.0);
        for reaction in &self.model.reactions {
            let count = |side: &[(f64, SymbolId)]| -> f64 {
                side.iter()
                    .filter(|(_, s)| *s == variable.symbol)
                    .map(|(count, _)| count)
                    .sum()
            };
            let net = arena.number(count(&reaction.products) - count(&reaction.reactants));
            let speed = arena.named(self.name(reaction.symbol));
            let term = arena.mul(net, speed);
            flow = arena.add(flow, term);
        }
        match variable.kind {
            Kind::Species {
                compartment: Some(home),
                substance_only: false,
                ..
            } => self.concentrate(arena, variable.symbol, home, flow),
            _ => flow,
        }
    }

    /// Amount per time to concentration per time: `(flow - S V') / V`.
    fn concentrate(&self, arena: &mut Arena, species: SymbolId, home: SymbolId, flow: ExprId) -> ExprId {
        let volume = arena.named(self.name(home));
        let home = self
            .model
            .variables
            .iter()
            .find(|v| v.symbol == home)
            .expect("a compartment is a quantity");
        let mut change = flow;
        if let Some(Change::Rate(growth)) = &home.change {
            let growth = arena.import(&self.model.arena, &[growth.expr], &str::to_owned)[0];
            let concentration = arena.named(self.name(species));
            let dilution = arena.mul(concentration, growth);
            change = arena.sub(change, dilution);
        }
        arena.div(change, volume)
    }
}
