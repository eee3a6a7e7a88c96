//! Formulas: SBML's Level 3 infix as trees.
//!
//! `&&` and `||` bind alike, comparisons chain, `^` binds to the right and closer than a sign; `log` is the natural
//! logarithm, and a name after a number is the number's unit, as the reference reads them.

use super::cursor::Cursor;
use crate::codes::{ARGUMENTS, MODEL_SYNTAX, MODEL_TOO_LARGE, UNSUPPORTED};
use crate::diagnostic::Diagnostic;
use crate::lexer::Token;
use crate::network::math::{Math, Operator};

/// Deepest nesting of brackets, signs and powers.
const MAX_DEPTH: usize = 100;
/// Longest chain of `-`, `/` or `%` that is kept as written; each is a level of the tree.
const MAX_CHAIN: usize = 100;
/// What stands for "the formula of whatever is upstream" on a strand.
pub(super) const UPSTREAM: &str = "...";

/// Names with a fixed meaning.
const CONSTANTS: [&str; 12] = [
    "time",
    "avogadro",
    "pi",
    "exponentiale",
    "true",
    "false",
    "inf",
    "infinity",
    "INF",
    "nan",
    "NaN",
    "notanumber",
];

/// Functions under other names than MathML's.
const OTHER_NAMES: [(&str, &str); 16] = [
    ("acos", "arccos"),
    ("acosh", "arccosh"),
    ("acot", "arccot"),
    ("acoth", "arccoth"),
    ("acsc", "arccsc"),
    ("acsch", "arccsch"),
    ("asec", "arcsec"),
    ("asech", "arcsech"),
    ("asin", "arcsin"),
    ("asinh", "arcsinh"),
    ("atan", "arctan"),
    ("atanh", "arctanh"),
    ("ceil", "ceiling"),
    ("pow", "power"),
    ("log", "ln"),
    ("sqrt", "root"),
];

/// Functions that draw random numbers.
const RANDOM: [&str; 14] = [
    "normal",
    "uniform",
    "bernoulli",
    "binomial",
    "cauchy",
    "chisquare",
    "exponential",
    "gamma",
    "laplace",
    "lognormal",
    "poisson",
    "rayleigh",
    "truncatedNormal",
    "truncatedPoisson",
];

/// True if no quantity can have this name.
pub(super) fn is_taken(name: &str) -> bool {
    CONSTANTS.contains(&name) || name == "piecewise" || name == "sqr" || name == "log10" || operator(name).is_some()
}

fn operator(name: &str) -> Option<Operator> {
    let mathml = OTHER_NAMES
        .iter()
        .find(|known| known.0 == name)
        .map_or(name, |known| known.1);
    let is_constant = ["true", "false", "pi", "exponentiale"].contains(&mathml);
    Operator::find(mathml).filter(|_| !is_constant)
}

fn constant(name: &str) -> Option<Math> {
    Some(match name {
        "time" => Math::Time,
        "avogadro" => Math::Avogadro,
        "pi" => Math::apply("pi", Vec::new()),
        "exponentiale" => Math::apply("exponentiale", Vec::new()),
        "true" => Math::apply("true", Vec::new()),
        "false" => Math::apply("false", Vec::new()),
        "inf" | "infinity" | "INF" => Math::number(f64::INFINITY),
        "nan" | "NaN" | "notanumber" => Math::number(f64::NAN),
        _ => return None,
    })
}

/// Reads formulas; names with dots in them are names inside submodules.
pub(super) struct FormulaReader<'c> {
    cursor: &'c mut Cursor,
    depth: usize,
}

/// The formula here, if there is one before the end of the statement.
pub(super) fn formula(cursor: &mut Cursor) -> Result<Option<Math>, Diagnostic> {
    if cursor.at_line_end() || [",", ":", ")"].contains(&cursor.mark()) {
        return Ok(None);
    }
    FormulaReader { cursor, depth: 0 }.logic().map(Some)
}

/// The name here with its dots; `$` signs and the place are the caller's.
pub(super) fn dotted(cursor: &mut Cursor) -> String {
    let mut name = cursor.word().to_owned();
    cursor.step();
    while cursor.mark() == "." && !cursor.word_at(1).is_empty() {
        cursor.step();
        name = format!("{name}.{}", cursor.word());
        cursor.step();
    }
    name
}

impl FormulaReader<'_> {
    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<Math, Diagnostic>) -> Result<Math, Diagnostic> {
        if self.depth == MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn too_deep(&self) -> Diagnostic {
        let error = self
            .cursor
            .error_here(MODEL_TOO_LARGE, "the formula is nested too deep");
        error.help("give parts of it names of their own with `:=`")
    }

    /// `&&` and `||`, from the left.
    fn logic(&mut self) -> Result<Math, Diagnostic> {
        let mut left = self.comparison()?;
        let mut changes = 0;
        loop {
            let name = match self.cursor.mark() {
                "&&" => "and",
                "||" => "or",
                _ => return Ok(left),
            };
            self.cursor.step();
            let right = self.comparison()?;
            if !matches!(&left, Math::Apply(operator, _) if operator.0 == name) {
                changes += 1;
            }
            if changes > MAX_CHAIN {
                return Err(self.too_deep());
            }
            left = joined(name, left, right);
        }
    }

    /// `a < b <= c` means `a < b && b <= c`.
    fn comparison(&mut self) -> Result<Math, Diagnostic> {
        let mut terms = vec![self.sum()?];
        let mut signs = Vec::new();
        loop {
            let name = match self.cursor.mark() {
                "<" => "lt",
                "<=" => "leq",
                ">" => "gt",
                ">=" => "geq",
                "==" => "eq",
                "!=" => "neq",
                _ => break,
            };
            self.cursor.step();
            signs.push(name);
            terms.push(self.sum()?);
            if signs.len() > MAX_CHAIN {
                return Err(self.too_deep());
            }
        }
        if signs.is_empty() {
            return Ok(terms.swap_remove(0));
        }
        let pairs = terms
            .windows(2)
            .zip(&signs)
            .map(|(pair, sign)| Math::apply(sign, pair.to_vec()));
        let mut pairs: Vec<Math> = pairs.collect();
        Ok(if pairs.len() == 1 {
            pairs.swap_remove(0)
        } else {
            Math::apply("and", pairs)
        })
    }

    fn sum(&mut self) -> Result<Math, Diagnostic> {
        let mut terms = vec![(false, self.product()?)];
        loop {
            let is_minus = match self.cursor.mark() {
                "+" => false,
                "-" => true,
                _ => break,
            };
            self.cursor.step();
            terms.push((is_minus, self.product()?));
        }
        // A long sum is one `plus`, so that its length is no depth; `a - b` and `a + (-b)` are the same number.
        let minuses = terms.iter().filter(|term| term.0).count();
        if minuses > MAX_CHAIN {
            let negated = |(is_minus, term)| {
                if is_minus {
                    Math::apply("minus", vec![term])
                } else {
                    term
                }
            };
            return Ok(Math::apply("plus", terms.into_iter().map(negated).collect()));
        }
        let mut terms = terms.into_iter();
        let (_, mut left) = terms.next().expect("a sum has a first term");
        for (is_minus, term) in terms {
            left = if is_minus {
                Math::apply("minus", vec![left, term])
            } else {
                joined("plus", left, term)
            };
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Math, Diagnostic> {
        let mut left = self.signed()?;
        let mut levels = 0;
        loop {
            let name = match self.cursor.mark() {
                "*" => "times",
                "/" => "divide",
                "%" => "rem",
                _ => return Ok(left),
            };
            self.cursor.step();
            let right = self.signed()?;
            if name == "times" {
                levels += usize::from(!matches!(&left, Math::Apply(operator, _) if operator.0 == name));
                left = joined(name, left, right);
            } else {
                levels += 1;
                left = Math::apply(name, vec![left, right]);
            }
            if levels > 2 * MAX_CHAIN {
                return Err(self.too_deep());
            }
        }
    }

    fn signed(&mut self) -> Result<Math, Diagnostic> {
        if self.cursor.accept("-") {
            return Ok(match self.nested(Self::signed)? {
                Math::Number(x, unit) => Math::Number(-x, unit),
                inside => Math::apply("minus", vec![inside]),
            });
        }
        if self.cursor.accept("!") {
            return Ok(Math::apply("not", vec![self.nested(Self::signed)?]));
        }
        if self.cursor.accept("+") {
            return self.nested(Self::signed);
        }
        let base = self.primary()?;
        if self.cursor.accept("^") {
            let exponent = self.nested(Self::signed)?;
            return Ok(Math::apply("power", vec![base, exponent]));
        }
        Ok(base)
    }

    fn primary(&mut self) -> Result<Math, Diagnostic> {
        match self.cursor.token() {
            Token::Number(value) => {
                self.cursor.step();
                let is_unit = !self.cursor.word().is_empty() && !is_word(self.cursor.word());
                Ok(Math::Number(value, is_unit.then(|| dotted(self.cursor))))
            }
            Token::Name => self.name(),
            Token::Mark("(") => {
                self.cursor.step();
                let inside = self.nested(Self::logic)?;
                self.cursor.expect(")")?;
                Ok(inside)
            }
            Token::Mark("...") => {
                self.cursor.step();
                Ok(Math::name(UPSTREAM))
            }
            Token::Mark("$") => {
                self.cursor.step();
                self.primary()
            }
            Token::Mark("{") => {
                let error = self.cursor.error_here(UNSUPPORTED, "a list of values is not supported");
                Err(error.help("write one formula"))
            }
            _ => Err(self.cursor.expected("a number, a name or `(`")),
        }
    }

    fn name(&mut self) -> Result<Math, Diagnostic> {
        let (span, first) = (self.cursor.span(), self.cursor.at);
        if is_word(self.cursor.word()) {
            return Err(self.cursor.expected("a number, a name or `(`"));
        }
        let name = dotted(self.cursor);
        if self.cursor.mark() != "(" {
            if operator(&name).is_some() || name == "piecewise" {
                let error = self.cursor.error(MODEL_SYNTAX, span, format!("`{name}` is a function"));
                return Err(error.help("give it arguments in brackets, or choose another name"));
            }
            return Ok(constant(&name).unwrap_or(Math::Name(name)));
        }
        self.cursor.step();
        let arguments = self.arguments()?;
        let whole = self.cursor.span_from(first);
        if RANDOM.contains(&name.as_str()) {
            let error = self.cursor.error(
                UNSUPPORTED,
                whole,
                format!("`{name}` draws a random number, which is not supported"),
            );
            return Err(error.help("write the mean, or give each patient its own value"));
        }
        let count = arguments.len();
        call(&name, arguments).ok_or_else(|| {
            let error = self
                .cursor
                .error(ARGUMENTS, whole, format!("`{name}` cannot take {count} argument(s)"));
            error.help("correct the number of arguments")
        })
    }

    fn arguments(&mut self) -> Result<Vec<Math>, Diagnostic> {
        let mut arguments = Vec::new();
        if self.cursor.accept(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.nested(Self::logic)?);
            if self.cursor.accept(")") {
                return Ok(arguments);
            }
            self.cursor.expect(",")?;
        }
    }
}

/// Words that end a formula.
fn is_word(word: &str) -> bool {
    ["end", "in", "after", "is", "has"].contains(&word)
}

/// `left` and `right` under an operator that takes any number of operands.
fn joined(name: &'static str, left: Math, right: Math) -> Math {
    match left {
        Math::Apply(operator, mut operands) if operator.0 == name => {
            operands.push(right);
            Math::Apply(operator, operands)
        }
        left => Math::apply(name, vec![left, right]),
    }
}

/// A call of a known function, or of one the model may define; nothing if the number of arguments is wrong.
fn call(name: &str, mut arguments: Vec<Math>) -> Option<Math> {
    match (name, arguments.len()) {
        ("log10", 1) => {
            arguments.insert(0, Math::number(10.0));
            return Some(Math::apply("log", arguments));
        }
        ("log", 2) => return Some(Math::apply("log", arguments)),
        ("sqr", 1) => {
            arguments.push(Math::number(2.0));
            return Some(Math::apply("power", arguments));
        }
        ("sqrt" | "root", 1) => {
            arguments.insert(0, Math::number(2.0));
            return Some(Math::apply("root", arguments));
        }
        ("log10" | "sqr" | "sqrt", _) => return None,
        ("piecewise", count) if count > 0 => return Some(piecewise(arguments)),
        ("piecewise", _) => return None,
        _ => {}
    }
    match operator(name) {
        Some(operator) => operator
            .takes(arguments.len())
            .then_some(Math::Apply(operator, arguments)),
        None => Some(Math::Call(name.to_owned(), arguments)),
    }
}

/// `piecewise(value, condition, value, condition, otherwise)`.
fn piecewise(arguments: Vec<Math>) -> Math {
    let mut pieces = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(value) = arguments.next() {
        match arguments.next() {
            Some(condition) => pieces.push((value, condition)),
            None => return Math::Piecewise(pieces, Some(Box::new(value))),
        }
    }
    Math::Piecewise(pieces, None)
}
