//! Replaces every name by what it stands for, until only states, inputs, time and numbers are left.

use std::collections::BTreeMap;

use malar_model::equations::Equations;
use malar_model::expression::{Arena, ExprId, Node, SymbolId};

use crate::request::{CompileError, Request};

/// Equations in terms of states, inputs and time only.
pub(crate) struct Inlined {
    pub arena: Arena,
    /// Name of each state, in the order of the model.
    pub states: Vec<SymbolId>,
    /// Initial value of each state, in terms of inputs (and time, which is 0 then).
    pub initials: Vec<ExprId>,
    /// Rate of each state.
    pub rates: Vec<ExprId>,
    /// Each requested output.
    pub outputs: Vec<ExprId>,
    /// Name of each input, in the order of the request.
    pub inputs: Vec<SymbolId>,
}

/// Inlines `equations` with the parameters that `request` fixes.
pub(crate) fn inline(equations: &Equations, request: &Request<'_>) -> Result<Inlined, CompileError> {
    let mut arena = equations.arena.clone();
    let inputs = inputs(equations, request)?;
    let mut meaning = parameters(equations, request, &inputs, &mut arena)?;
    let constants = meaning.clone();
    for assignment in &equations.assignments {
        let expression = replace(&mut arena, assignment.expression, &meaning);
        meaning.insert(assignment.symbol, expression);
    }
    let rates = equations
        .states
        .iter()
        .map(|s| replace(&mut arena, s.rate, &meaning))
        .collect();
    let mut outputs = Vec::new();
    for &name in request.outputs {
        let symbol = declared(equations, name).ok_or(CompileError::UnknownOutput { name: name.to_owned() })?;
        let itself = arena.intern(Node::Symbol(symbol));
        outputs.push(meaning.get(&symbol).copied().unwrap_or(itself));
    }
    let mut initials = Initials {
        equations,
        known: constants,
        open: Vec::new(),
    };
    let initials: Result<Vec<_>, _> = equations
        .states
        .iter()
        .map(|s| initials.of(s.symbol, &mut arena))
        .collect();
    let states = equations.states.iter().map(|s| s.symbol).collect();
    let inlined = Inlined {
        states,
        initials: initials?,
        rates,
        outputs,
        inputs,
        arena,
    };
    check_leaves(&inlined)?;
    Ok(inlined)
}

fn replace(arena: &mut Arena, expression: ExprId, meaning: &BTreeMap<SymbolId, ExprId>) -> ExprId {
    arena.substitute(expression, &|symbol| meaning.get(&symbol).copied())
}

fn is_parameter(equations: &Equations, name: &str) -> Option<SymbolId> {
    let symbol = equations.arena.find_symbol(name)?;
    equations
        .parameters
        .iter()
        .any(|p| p.symbol == symbol)
        .then_some(symbol)
}

/// The symbol of `name` if the model declares it as anything.
fn declared(equations: &Equations, name: &str) -> Option<SymbolId> {
    let symbol = equations.arena.find_symbol(name)?;
    let state = equations.states.iter().any(|s| s.symbol == symbol);
    let assignment = equations.assignments.iter().any(|a| a.symbol == symbol);
    (state || assignment || is_parameter(equations, name).is_some()).then_some(symbol)
}

/// The symbols of the requested inputs and the check of the requested states.
fn inputs(equations: &Equations, request: &Request<'_>) -> Result<Vec<SymbolId>, CompileError> {
    for &name in request.dosed {
        let symbol = equations.arena.find_symbol(name);
        if !equations.states.iter().any(|s| Some(s.symbol) == symbol) {
            return Err(CompileError::NotAState { name: name.to_owned() });
        }
    }
    let symbol =
        |&name: &&str| is_parameter(equations, name).ok_or(CompileError::NotAParameter { name: name.to_owned() });
    request.inputs.iter().map(symbol).collect()
}

/// What each parameter that is not an input stands for.
fn parameters(
    equations: &Equations,
    request: &Request<'_>,
    inputs: &[SymbolId],
    arena: &mut Arena,
) -> Result<BTreeMap<SymbolId, ExprId>, CompileError> {
    let mut fixed = BTreeMap::new();
    for &(name, value) in request.fixed {
        let symbol = is_parameter(equations, name).ok_or(CompileError::NotAParameter { name: name.to_owned() })?;
        if inputs.contains(&symbol) {
            return Err(CompileError::InputAndFixed { name: name.to_owned() });
        }
        fixed.insert(symbol, value);
    }
    let mut meaning = BTreeMap::new();
    for parameter in equations.parameters.iter().filter(|p| !inputs.contains(&p.symbol)) {
        let value = match fixed.get(&parameter.symbol) {
            Some(&value) => arena.number(value),
            None => replace(arena, parameter.value, &meaning),
        };
        meaning.insert(parameter.symbol, value);
    }
    Ok(meaning)
}

/// Initial values: here a state's name stands for its initial value, and an assignment for its value at the start.
struct Initials<'a> {
    equations: &'a Equations,
    known: BTreeMap<SymbolId, ExprId>,
    /// Names being worked out, to notice circles.
    open: Vec<SymbolId>,
}

impl Initials<'_> {
    fn of(&mut self, symbol: SymbolId, arena: &mut Arena) -> Result<ExprId, CompileError> {
        if let Some(&known) = self.known.get(&symbol) {
            return Ok(known);
        }
        if self.open.contains(&symbol) {
            return Err(CompileError::CircularInitial {
                name: arena.name(symbol).to_owned(),
            });
        }
        let state = self
            .equations
            .states
            .iter()
            .find(|s| s.symbol == symbol)
            .map(|s| s.initial);
        let assignment = self
            .equations
            .assignments
            .iter()
            .find(|a| a.symbol == symbol)
            .map(|a| a.expression);
        let Some(definition) = state.or(assignment) else {
            return Ok(arena.intern(Node::Symbol(symbol)));
        };
        self.open.push(symbol);
        let mut meaning = BTreeMap::new();
        for name in arena.symbols_in(definition) {
            meaning.insert(name, self.of(name, arena)?);
        }
        self.open.pop();
        let value = replace(arena, definition, &meaning);
        self.known.insert(symbol, value);
        Ok(value)
    }
}

/// Every name left must be a state or an input.
fn check_leaves(inlined: &Inlined) -> Result<(), CompileError> {
    let Inlined {
        arena,
        states,
        initials,
        rates,
        outputs,
        inputs,
    } = inlined;
    let roots: Vec<ExprId> = initials.iter().chain(rates).chain(outputs).copied().collect();
    for id in arena.reachable(&roots) {
        if let Node::Symbol(symbol) = arena.node(id)
            && !states.contains(&symbol)
            && !inputs.contains(&symbol)
        {
            return Err(CompileError::Undeclared {
                name: arena.name(symbol).to_owned(),
            });
        }
    }
    Ok(())
}
