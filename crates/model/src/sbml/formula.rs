//! Formulas of SBML Level 1: infix text.

use crate::lexer::{Lexeme, Token, lex};
use crate::network::{Math, Operator};

/// Deepest nesting of brackets and signs.
const MAX_DEPTH: usize = 100;

/// Functions that Level 1 calls otherwise than MathML.
const OTHER_NAMES: [(&str, &str); 6] = [
    ("acos", "arccos"),
    ("asin", "arcsin"),
    ("atan", "arctan"),
    ("ceil", "ceiling"),
    ("log", "ln"),
    ("pow", "power"),
];

/// The formula in `text`; the error is a sentence.
pub(super) fn read(text: &str) -> Result<Math, String> {
    let mut lexemes = lex(text);
    lexemes.retain(|lexeme| lexeme.token != Token::NewLine);
    let mut parser = Parser {
        text,
        lexemes: &lexemes,
        at: 0,
        depth: 0,
        chained: 0,
    };
    let math = parser.sum()?;
    if parser.mark().is_empty() && parser.token() == &Token::End {
        Ok(math)
    } else {
        Err(parser.unexpected())
    }
}

struct Parser<'a> {
    text: &'a str,
    lexemes: &'a [Lexeme],
    at: usize,
    depth: usize,
    chained: usize,
}

impl Parser<'_> {
    fn token(&self) -> &Token {
        &self.lexemes[self.at.min(self.lexemes.len() - 1)].token
    }

    fn mark(&self) -> &'static str {
        if let Token::Mark(mark) = self.token() { mark } else { "" }
    }

    fn unexpected(&self) -> String {
        let lexeme = &self.lexemes[self.at.min(self.lexemes.len() - 1)];
        format!(
            "`{}` cannot stand where it stands in `{}`",
            &self.text[lexeme.span.clone()],
            self.text
        )
    }

    fn accept(&mut self, mark: &str) -> bool {
        let found = self.mark() == mark;
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Result<Math, String> {
        let mut left = self.product()?;
        loop {
            let name = match self.mark() {
                "+" => "plus",
                "-" => "minus",
                _ => return Ok(left),
            };
            self.at += 1;
            left = self.join(name, left, Self::product)?;
        }
    }

    fn product(&mut self) -> Result<Math, String> {
        let mut left = self.signed()?;
        loop {
            let name = match self.mark() {
                "*" => "times",
                "/" => "divide",
                _ => return Ok(left),
            };
            self.at += 1;
            left = self.join(name, left, Self::signed)?;
        }
    }

    /// Long sums and products become one list; the limit on other chains keeps later recursion small.
    fn join(
        &mut self,
        name: &'static str,
        left: Math,
        next: fn(&mut Self) -> Result<Math, String>,
    ) -> Result<Math, String> {
        let right = next(self)?;
        let (list, term) = match name {
            "minus" => ("plus", Math::apply("minus", vec![right.clone()])),
            other => (other, right.clone()),
        };
        Ok(match left {
            Math::Apply(operator, mut terms)
                if operator.0 == list && matches!(list, "plus" | "times") && terms.len() > 1 =>
            {
                terms.push(term);
                Math::Apply(operator, terms)
            }
            left => {
                self.chained += 1;
                if self.chained > MAX_DEPTH {
                    return Err(format!("more than {MAX_DEPTH} operators stand in one row"));
                }
                Math::apply(name, vec![left, right])
            }
        })
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("a formula is nested more than {MAX_DEPTH} deep"));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn signed(&mut self) -> Result<Math, String> {
        if self.accept("-") {
            let inner = self.nested(Self::signed)?;
            return Ok(Math::apply("minus", vec![inner]));
        }
        if self.accept("+") {
            return self.nested(Self::signed);
        }
        let base = self.primary()?;
        if self.accept("^") {
            let exponent = self.nested(Self::signed)?;
            return Ok(Math::apply("power", vec![base, exponent]));
        }
        Ok(base)
    }

    fn primary(&mut self) -> Result<Math, String> {
        if self.accept("(") {
            let inner = self.nested(Self::sum)?;
            return if self.accept(")") {
                Ok(inner)
            } else {
                Err(self.unexpected())
            };
        }
        let span = self.lexemes[self.at.min(self.lexemes.len() - 1)].span.clone();
        match *self.token() {
            Token::Number(value) => {
                self.at += 1;
                Ok(Math::number(value))
            }
            Token::Name => {
                self.at += 1;
                let name = &self.text[span];
                if self.accept("(") {
                    self.call(name)
                } else {
                    Ok(Math::name(name))
                }
            }
            _ => Err(self.unexpected()),
        }
    }

    fn call(&mut self, name: &str) -> Result<Math, String> {
        let mut arguments = Vec::new();
        while !self.accept(")") {
            if !arguments.is_empty() && !self.accept(",") {
                return Err(self.unexpected());
            }
            arguments.push(self.nested(Self::sum)?);
        }
        let known = OTHER_NAMES.iter().find(|n| n.0 == name).map_or(name, |n| n.1);
        Ok(match (known, arguments.len()) {
            ("log10", 1) => Math::Apply(Operator("log"), [vec![Math::number(10.0)], arguments].concat()),
            ("sqrt", 1) => Math::Apply(Operator("root"), [vec![Math::number(2.0)], arguments].concat()),
            ("sqr", 1) => Math::Apply(Operator("power"), [arguments, vec![Math::number(2.0)]].concat()),
            (_, count) => match Operator::find(known) {
                Some(operator) if operator.takes(count) => Math::Apply(operator, arguments),
                _ => Math::Call(name.to_owned(), arguments),
            },
        })
    }
}
