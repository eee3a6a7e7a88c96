//! Hash-consed expressions: one arena per model or rule, equal subexpressions share one id.
//!
//! Truth is a number: comparisons give 1 or 0, `And`, `Or`, `Not` and `Select` treat any non-zero value as true. This is the
//! one expression language of Malar (SBML L3 infix): model equations, eligibility, taper and rescue rules, endpoints.

use std::collections::HashMap;

/// Index of an expression in its [`Arena`]; an operand always has a smaller index than its user.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ExprId(pub u32);

/// Index of a name in its [`Arena`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SymbolId(pub u32);

/// One-operand operations.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "the names are the mathematics")]
pub enum Unary {
    Neg,
    Exp,
    Ln,
    Sqrt,
    Abs,
    Floor,
    Ceil,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Not,
}

/// Two-operand operations.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "the names are the mathematics")]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Min,
    Max,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Or,
}

/// One node of an expression graph.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Node {
    /// A constant; never NaN inside a checked model.
    Number(f64),
    /// A named quantity.
    Symbol(SymbolId),
    /// Simulation time, days.
    Time,
    /// One operand.
    Unary(Unary, ExprId),
    /// Two operands.
    Binary(Binary, ExprId, ExprId),
    /// `Select(condition, then, otherwise)`: SBML `piecewise(then, condition, otherwise)`.
    Select(ExprId, ExprId, ExprId),
}

/// Key under which equal nodes meet; numbers by bits, so that 0 and -0 stay apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Number(u64),
    Symbol(SymbolId),
    Time,
    Unary(Unary, ExprId),
    Binary(Binary, ExprId, ExprId),
    Select(ExprId, ExprId, ExprId),
}

/// Owner of expressions and of the names they use.
#[derive(Clone, Default, Debug)]
pub struct Arena {
    nodes: Vec<Node>,
    index: HashMap<Key, ExprId>,
    names: Vec<String>,
    name_index: HashMap<String, SymbolId>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Arena {
    /// The id of `node`, new or already known. No simplification: see `simplify`.
    pub fn intern(&mut self, node: Node) -> ExprId {
        let key = match node {
            Node::Number(x) => Key::Number(x.to_bits()),
            Node::Symbol(s) => Key::Symbol(s),
            Node::Time => Key::Time,
            Node::Unary(op, a) => Key::Unary(op, a),
            Node::Binary(op, a, b) => Key::Binary(op, a, b),
            Node::Select(c, a, b) => Key::Select(c, a, b),
        };
        let next = ExprId(u32::try_from(self.nodes.len()).expect("fewer than 2^32 expressions"));
        let id = *self.index.entry(key).or_insert(next);
        if id == next {
            self.nodes.push(node);
        }
        id
    }

    /// The node behind an id.
    pub fn node(&self, id: ExprId) -> Node {
        self.nodes[id.0 as usize]
    }

    /// Number of nodes; ids are below it.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True if nothing was interned.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The symbol of `name`, new or already known.
    pub fn symbol(&mut self, name: &str) -> SymbolId {
        if let Some(&id) = self.name_index.get(name) {
            return id;
        }
        let id = SymbolId(u32::try_from(self.names.len()).expect("fewer than 2^32 names"));
        self.names.push(name.to_owned());
        self.name_index.insert(name.to_owned(), id);
        id
    }

    /// The symbol of `name` if any expression or declaration used it.
    pub fn find_symbol(&self, name: &str) -> Option<SymbolId> {
        self.name_index.get(name).copied()
    }

    /// The name of a symbol.
    pub fn name(&self, id: SymbolId) -> &str {
        &self.names[id.0 as usize]
    }

    /// Number of symbols; ids are below it.
    pub fn n_symbols(&self) -> usize {
        self.names.len()
    }

    /// Shorthand for a constant.
    pub fn number(&mut self, value: f64) -> ExprId {
        self.intern(Node::Number(value))
    }

    /// Shorthand for a named quantity.
    pub fn named(&mut self, name: &str) -> ExprId {
        let symbol = self.symbol(name);
        self.intern(Node::Symbol(symbol))
    }
}
