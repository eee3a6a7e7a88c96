//! What follows from a network: equations that an integrator can run.

use crate::expression::{Arena, ExprId, SymbolId};

/// A network as a differential-algebraic system with events.
///
/// Every name is one of: an unknown (integrated or solved for), a stored value (constant, or changed by events only), a
/// definition (always equals an expression) or a delayed quantity. Species stand for what formulas mean by them; where
/// that is a concentration, the unknown is the amount, named `<id> amount`.
#[derive(Clone, Debug)]
pub struct Dynamics {
    /// Owner of all expressions and names.
    pub arena: Arena,
    /// Unknowns `u`, in the order of the columns of the system.
    pub unknowns: Vec<SymbolId>,
    /// As many rows as unknowns.
    pub rows: Vec<Row>,
    /// Unknowns that algebraic rules determine.
    pub solved: Vec<usize>,
    /// Values that are not integrated.
    pub stored: Vec<SymbolId>,
    /// Names that always equal an expression, each using earlier ones only.
    pub definitions: Vec<(SymbolId, ExprId)>,
    /// Values at the start, in an order in which each can be computed; delayed quantities and definitions stand among them.
    pub start: Vec<Start>,
    /// Quantities as they were some time ago; each may use earlier ones.
    pub delays: Vec<Delayed>,
    /// Events in the order of the document.
    pub events: Vec<Happening>,
    /// What has to hold all the time.
    pub limits: Vec<Limit>,
    /// What can be shown, in the order of the document.
    pub outputs: Vec<Output>,
}

/// One row of `M du/dt = f`.
#[derive(Clone, Debug)]
pub struct Row {
    /// Entries of `M`: unknown and factor. Empty for an algebraic row, which says `f = 0`.
    pub mass: Vec<(usize, f64)>,
    /// Right side.
    pub right: ExprId,
    /// What the row is about, for messages.
    pub about: String,
}

/// How a name gets its value at the start.
#[derive(Clone, Debug)]
pub struct Start {
    /// Which name.
    pub symbol: SymbolId,
    /// Its value in terms of names that stand earlier.
    pub value: ExprId,
}

/// `symbol` is `value` as it was `lag` ago.
#[derive(Clone, Debug)]
pub struct Delayed {
    /// Name that stands for it in expressions.
    pub symbol: SymbolId,
    /// What is looked back at.
    pub value: ExprId,
    /// How far back.
    pub lag: ExprId,
}

/// An event.
#[derive(Clone, Debug)]
pub struct Happening {
    /// Its id, or `event 3`.
    pub name: String,
    /// Happens when this becomes true.
    pub trigger: ExprId,
    /// Value of the trigger just before the start.
    pub initial_value: bool,
    /// False if it is dropped when the trigger becomes false while it waits.
    pub persistent: bool,
    /// Time from trigger to execution.
    pub delay: Option<ExprId>,
    /// Of several at one time the highest goes first.
    pub priority: Option<ExprId>,
    /// True if values are computed when it is triggered.
    pub values_from_trigger_time: bool,
    /// What it does.
    pub actions: Vec<Action>,
}

/// Gives a stored value or an unknown a new value.
#[derive(Clone, Debug)]
pub struct Action {
    /// Which one.
    pub target: SymbolId,
    /// New value.
    pub value: ExprId,
    /// If the target is an amount and the value a concentration: the size to multiply by, after all other actions.
    pub size: Option<ExprId>,
}

/// A condition outside of which the model means nothing.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Its id, or `constraint 3`.
    pub name: String,
    /// True as long as the model is valid.
    pub holds: ExprId,
    /// What its author says of a violation; may be empty.
    pub message: String,
}

/// Something to show.
#[derive(Clone, Debug)]
pub struct Output {
    /// Id in the document.
    pub name: String,
    /// What formulas mean by it.
    pub value: ExprId,
    /// Amount and concentration, if it is a species.
    pub species: Option<(ExprId, ExprId)>,
    /// True if it can change with time.
    pub varies: bool,
}
