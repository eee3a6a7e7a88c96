//! What the caller wants of a model, and why it may not get it.

/// What to compile for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Parameters that vary by patient or in time: the lane inputs, in this order. All others are constants.
    pub inputs: &'a [&'a str],
    /// Parameters with another value than the model text gives them.
    pub fixed: &'a [(&'a str, f64)],
    /// States that may be changed from outside; they are never taken for constant.
    pub dosed: &'a [&'a str],
    /// States, assignments or parameters that the caller wants to see.
    pub outputs: &'a [&'a str],
    /// Drop states that no output depends on.
    pub prune_unobserved: bool,
}

/// Where a state of the model went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StateRef {
    /// It is state number so and so of the system.
    Index(usize),
    /// It never leaves this value.
    Constant(f64),
    /// Nothing that was asked for depends on it.
    Pruned,
}

/// Why a model cannot be compiled as requested.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum CompileError {
    #[error("not a parameter of the model: `{name}`")]
    NotAParameter { name: String },
    #[error("not a state of the model: `{name}`")]
    NotAState { name: String },
    #[error("neither state, assignment nor parameter of the model: `{name}`")]
    UnknownOutput { name: String },
    #[error("cannot be input and fixed at once: `{name}`")]
    InputAndFixed { name: String },
    #[error("used but not declared: `{name}`")]
    Undeclared { name: String },
    #[error("initial value depends on itself: `{name}`")]
    CircularInitial { name: String },
    #[error("model needs more than 4,294,967,295 registers: `{registers}`")]
    TooLarge { registers: usize },
}
