//! What the rest of the house needs of a model: the flat ordinary differential equations.

use crate::expression::{Arena, ExprId, SymbolId};

/// A state variable with its initial value and rate of change per day.
#[derive(Clone, Debug)]
pub struct State {
    /// Name of the state.
    pub symbol: SymbolId,
    /// Initial value, in terms of parameters and assignments (and other states' initial values).
    pub initial: ExprId,
    /// Rate of change, in terms of states, parameters, assignments and time.
    pub rate: ExprId,
}

/// A quantity that is constant unless somebody outside changes it.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name of the parameter.
    pub symbol: SymbolId,
    /// Value, a number or an expression of other parameters (initial assignment).
    pub value: ExprId,
}

/// A quantity that always equals an expression.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Name of the quantity.
    pub symbol: SymbolId,
    /// Its definition.
    pub expression: ExprId,
}

/// Flat equations of a model: reactions folded into rates, species in the units of their state.
///
/// Invariants: `assignments` stand in dependency order; every symbol used is a state, parameter, assignment or
/// declared exactly once; parameters' values refer only to earlier parameters.
#[derive(Clone, Debug)]
pub struct Equations {
    /// Owner of all expressions and names.
    pub arena: Arena,
    /// States in the order of the model text.
    pub states: Vec<State>,
    /// Parameters, values in dependency order.
    pub parameters: Vec<Parameter>,
    /// Assignments in dependency order.
    pub assignments: Vec<Assignment>,
}
