//! The one expression language of Malar: SBML Level 3 infix, as `SBML_parseL3Formula` of libSBML reads it.
//!
//! From weak to strong: `&& ||` (equal, from the left), comparisons (`a < b < c` means `a < b && b < c`), `+ -`, `* / %`,
//! `- !` in front, `^` (from the right; `-a^b` is `-(a^b)`). As in Antimony, `log(x)` is the natural logarithm; write
//! `log10(x)` or `log(base, x)` for another.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};
use crate::functions::{self, CallError};
use crate::lexer::{Lexeme, Token};

/// Deepest nesting of brackets, signs and powers; keeps the parser's own stack small.
pub const MAX_DEPTH: usize = 100;

/// A function defined by the user: parameters and body, expanded where it is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Name it is called by.
    pub name: String,
    /// Names of the arguments, in order.
    pub parameters: Vec<String>,
    /// Definition, in terms of the parameters.
    pub body: Formula,
}

/// An expression with the places of the names it uses.
#[derive(Clone, Debug)]
pub struct Formula {
    /// The expression, unsimplified.
    pub expr: ExprId,
    /// Byte range of its text.
    pub span: Range<usize>,
    /// Every name with the place of its first use.
    pub uses: BTreeMap<SymbolId, Range<usize>>,
}

/// Formulas of one arena are equal if their expressions are; places in the text do not count.
impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        self.expr == other.expr
    }
}

/// Why an expression cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InfixError {
    /// Something else was expected.
    #[error("expected {wanted}, found {found}")]
    Unexpected {
        /// What could stand here.
        wanted: &'static str,
        /// What stands here.
        found: String,
    },
    /// Brackets, signs or powers are nested more than [`MAX_DEPTH`] deep.
    #[error("expression is nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// A name followed by `(` is no function.
    #[error("unknown function `{0}`")]
    UnknownFunction(String),
    /// A function of SBML that Malar does not have.
    #[error("`{0}` is not supported")]
    Unsupported(String),
    /// A known function with the wrong number of arguments.
    #[error("`{name}` takes {wanted}, not {given}")]
    Arguments {
        /// The function.
        name: String,
        /// How many it takes, in words.
        wanted: String,
        /// How many were given.
        given: usize,
    },
}

/// An error with its place.
pub type Located = (InfixError, Range<usize>);

/// Reads one expression from tokens.
pub struct InfixParser<'a> {
    /// The text the tokens point into.
    pub text: &'a str,
    /// Tokens, ending with [`Token::End`].
    pub tokens: &'a [Lexeme],
    /// Index of the next token.
    pub position: usize,
    /// Where expressions go.
    pub arena: &'a mut Arena,
    /// Functions the user defined.
    pub functions: &'a BTreeMap<String, Function>,
    depth: usize,
    uses: BTreeMap<SymbolId, Range<usize>>,
}

/// Operators of two operands with their strength; all group from the left.
const OPERATORS: [(&str, u8, Operator); 13] = [
    ("||", 1, Operator::Plain(Binary::Or)),
    ("&&", 1, Operator::Plain(Binary::And)),
    ("<", COMPARISON, Operator::Plain(Binary::Lt)),
    ("<=", COMPARISON, Operator::Plain(Binary::Le)),
    (">", COMPARISON, Operator::Plain(Binary::Gt)),
    (">=", COMPARISON, Operator::Plain(Binary::Ge)),
    ("==", COMPARISON, Operator::Plain(Binary::Eq)),
    ("!=", COMPARISON, Operator::Plain(Binary::Ne)),
    ("+", 3, Operator::Plain(Binary::Add)),
    ("-", 3, Operator::Plain(Binary::Sub)),
    ("*", 4, Operator::Plain(Binary::Mul)),
    ("/", 4, Operator::Plain(Binary::Div)),
    ("%", 4, Operator::Modulo),
];

const COMPARISON: u8 = 2;

#[derive(Clone, Copy)]
enum Operator {
    Plain(Binary),
    Modulo,
}

impl<'a> InfixParser<'a> {
    /// A parser at token `position`.
    pub fn new(
        text: &'a str,
        tokens: &'a [Lexeme],
        position: usize,
        arena: &'a mut Arena,
        functions: &'a BTreeMap<String, Function>,
    ) -> Self {
        InfixParser {
            text,
            tokens,
            position,
            arena,
            functions,
            depth: 0,
            uses: BTreeMap::new(),
        }
    }

    /// Reads the longest expression from here; `position` is then the first token that is not part of it.
    pub fn formula(&mut self) -> Result<Formula, Located> {
        let start = self.peek().span.start;
        let expr = self.expression(1)?;
        let end = self.tokens[self.position.saturating_sub(1)].span.end;
        Ok(Formula {
            expr,
            span: start..end.max(start),
            uses: std::mem::take(&mut self.uses),
        })
    }

    fn peek(&self) -> &'a Lexeme {
        &self.tokens[self.position.min(self.tokens.len() - 1)]
    }

    /// Steps over the next token if it is `mark`.
    fn accept(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek().token, Token::Mark(m) if m == mark);
        self.position += usize::from(found);
        found
    }

    fn unexpected<T>(&self, wanted: &'static str) -> Result<T, Located> {
        let here = self.peek();
        Err((
            InfixError::Unexpected {
                wanted,
                found: describe(self.text, here),
            },
            here.span.clone(),
        ))
    }

    /// Runs `parse` one level deeper, refusing depths that would endanger the stack.
    fn nested(&mut self, parse: impl FnOnce(&mut Self) -> Result<ExprId, Located>) -> Result<ExprId, Located> {
        if self.depth == MAX_DEPTH {
            return Err((InfixError::TooDeep, self.peek().span.clone()));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn operator(&self) -> Option<(u8, Operator)> {
        let Token::Mark(mark) = self.peek().token else {
            return None;
        };
        OPERATORS
            .iter()
            .find(|(name, ..)| *name == mark)
            .map(|&(_, strength, operator)| (strength, operator))
    }

    /// Operators of at least `weakest` strength and their operands (precedence climbing).
    fn expression(&mut self, weakest: u8) -> Result<ExprId, Located> {
        let mut left = self.signed()?;
        let mut last_compared = None;
        while let Some((strength, operator)) = self.operator().filter(|(strength, _)| *strength >= weakest) {
            self.position += 1;
            let right = if strength == 4 {
                self.signed()?
            } else {
                self.expression(strength + 1)?
            };
            left = match (operator, last_compared) {
                (Operator::Modulo, _) => functions::modulo(self.arena, left, right),
                (Operator::Plain(op), Some(middle)) if strength == COMPARISON => {
                    let next = self.arena.intern(Node::Binary(op, middle, right));
                    self.arena.intern(Node::Binary(Binary::And, left, next))
                }
                (Operator::Plain(op), _) => self.arena.intern(Node::Binary(op, left, right)),
            };
            last_compared = (strength == COMPARISON).then_some(right);
        }
        Ok(left)
    }

    /// A power with any number of signs in front. A sign before a plain number makes a negative number.
    fn signed(&mut self) -> Result<ExprId, Located> {
        if self.accept("-") {
            let operand = self.nested(Self::signed)?;
            return Ok(match self.arena.constant(operand) {
                Some(x) => self.arena.number(-x),
                None => self.arena.intern(Node::Unary(Unary::Neg, operand)),
            });
        }
        if self.accept("!") {
            let operand = self.nested(Self::signed)?;
            return Ok(self.arena.intern(Node::Unary(Unary::Not, operand)));
        }
        if self.accept("+") {
            return self.nested(Self::signed);
        }
        self.power()
    }

    fn power(&mut self) -> Result<ExprId, Located> {
        let base = self.primary()?;
        if !self.accept("^") {
            return Ok(base);
        }
        let exponent = self.nested(Self::signed)?;
        Ok(self.arena.intern(Node::Binary(Binary::Pow, base, exponent)))
    }

    fn primary(&mut self) -> Result<ExprId, Located> {
        let here = self.peek();
        match here.token {
            Token::Number(x) => {
                self.position += 1;
                Ok(self.arena.number(x))
            }
            Token::Name => {
                self.position += 1;
                let name = &self.text[here.span.clone()];
                if self.accept("(") {
                    self.call(name, here.span.clone())
                } else {
                    self.name(name, here.span.clone())
                }
            }
            Token::Mark("(") => {
                self.position += 1;
                let inside = self.nested(|parser| parser.expression(1))?;
                if self.accept(")") {
                    Ok(inside)
                } else {
                    self.unexpected("`)` or an operator")
                }
            }
            _ => self.unexpected("a number, a name or `(`"),
        }
    }

    fn name(&mut self, name: &str, span: Range<usize>) -> Result<ExprId, Located> {
        if let Some(node) = functions::constant(name) {
            return Ok(self.arena.intern(node));
        }
        if functions::UNSUPPORTED.contains(&name) {
            return Err((InfixError::Unsupported(name.to_owned()), span));
        }
        let symbol = self.arena.symbol(name);
        self.uses.entry(symbol).or_insert(span);
        Ok(self.arena.intern(Node::Symbol(symbol)))
    }

    /// The call of `name`, its `(` already read.
    fn call(&mut self, name: &str, span: Range<usize>) -> Result<ExprId, Located> {
        let mut arguments = Vec::new();
        if !self.accept(")") {
            loop {
                arguments.push(self.nested(|parser| parser.expression(1))?);
                if self.accept(")") {
                    break;
                }
                if !self.accept(",") {
                    return self.unexpected("`,`, `)` or an operator");
                }
            }
        }
        if let Some(function) = self.functions.get(name) {
            return self.expand(function, &arguments).map_err(|e| (e, span));
        }
        functions::call(self.arena, name, &arguments).map_err(|e| {
            let error = match e {
                CallError::Unknown => InfixError::UnknownFunction(name.to_owned()),
                CallError::Unsupported => InfixError::Unsupported(name.to_owned()),
                CallError::Arguments(wanted) => InfixError::Arguments {
                    name: name.to_owned(),
                    wanted: wanted.to_owned(),
                    given: arguments.len(),
                },
            };
            (error, span)
        })
    }

    /// The body of `function` with its parameters replaced by the arguments.
    fn expand(&mut self, function: &Function, arguments: &[ExprId]) -> Result<ExprId, InfixError> {
        if function.parameters.len() != arguments.len() {
            let wanted = format!("{} argument(s)", function.parameters.len());
            return Err(InfixError::Arguments {
                name: function.name.clone(),
                wanted,
                given: arguments.len(),
            });
        }
        let parameters: Vec<SymbolId> = function.parameters.iter().map(|name| self.arena.symbol(name)).collect();
        let argument = |s: SymbolId| parameters.iter().position(|&p| p == s).map(|i| arguments[i]);
        Ok(self.arena.substitute(function.body.expr, &argument))
    }
}

/// How a message names the end of a line.
pub const LINE_END: &str = "the end of the line";

/// A token as a message names it.
pub fn describe(text: &str, lexeme: &Lexeme) -> String {
    match lexeme.token {
        Token::NewLine => LINE_END.to_owned(),
        Token::End => "the end of the text".to_owned(),
        _ => {
            let shown: String = text[lexeme.span.clone()].chars().take(40).collect();
            format!("`{}`", shown.lines().next().unwrap_or(""))
        }
    }
}
