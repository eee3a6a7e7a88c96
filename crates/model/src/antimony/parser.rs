//! Reading Antimony: the file, its blocks, and the tools that statements are read with.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::codes::{ARGUMENTS, MODEL_SYNTAX, MODEL_TOO_LARGE, RESERVED_NAME, UNDEFINED, UNKNOWN_FUNCTION, UNSUPPORTED};
use crate::diagnostic::{Diagnostic, Source};
use crate::expression::SymbolId;
use crate::functions;
use crate::infix::{Formula, Function, InfixError, InfixParser, LINE_END, Located, describe};
use crate::lexer::{Lexeme, Token, lex};
use crate::model::{Kind, Model, Place, Variable};
use crate::nearest::suggestion;

use super::words;

/// Longest text that is read, bytes.
const MAX_TEXT: usize = 16 << 20;

/// Findings after which reading stops: what follows is rarely another mistake.
const MAX_FINDINGS: usize = 50;

/// Reads a model. On failure returns every mistake found (at most 50), in the order of the text.
///
/// ```
/// use malar_model::{Source, parse_antimony};
/// let source = Source { path: "decay.ant".into(), text: "x' = -k*x; x = 1; k = 0.1".into() };
/// let model = parse_antimony(&source).map_err(|found| found[0].render(&source.text)).unwrap();
/// assert_eq!(model.variables.len(), 2);
/// ```
pub fn parse_antimony(source: &Source) -> Result<Model, Vec<Diagnostic>> {
    if source.text.len() > MAX_TEXT {
        let message = format!("model text is larger than {} MiB", MAX_TEXT >> 20);
        return Err(vec![
            Diagnostic::error(MODEL_TOO_LARGE, source, 0..1, message).help("split the model"),
        ]);
    }
    let mut parser = Parser {
        source,
        tokens: lex(&source.text),
        position: 0,
        model: Model::default(),
        functions: BTreeMap::new(),
        index: BTreeMap::new(),
        block: Block::None,
        findings: Vec::new(),
    };
    parser.file();
    if parser.findings.is_empty() {
        Ok(parser.model)
    } else {
        Err(parser.findings)
    }
}

/// Where in the file we are.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Block {
    /// No `model` line so far.
    None,
    /// Between `model` and `end`.
    Inside,
    /// After the model's `end`.
    After,
}

/// Reads statements into a model.
pub(super) struct Parser<'a> {
    pub(super) source: &'a Source,
    pub(super) tokens: Vec<Lexeme>,
    pub(super) position: usize,
    pub(super) model: Model,
    pub(super) functions: BTreeMap<String, Function>,
    /// Position in `model.variables`.
    pub(super) index: BTreeMap<SymbolId, usize>,
    pub(super) block: Block,
    pub(super) findings: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    /// Reads statements to the end of the text; after a mistake goes on with the next statement.
    fn file(&mut self) {
        while self.peek().token != Token::End && self.findings.len() < MAX_FINDINGS {
            let start = self.position;
            // The `model` line needs no end: its first statement may follow at once.
            let header = matches!(self.word(), "model" | "module");
            let read = self
                .statement()
                .and_then(|()| if header { Ok(()) } else { self.end_of_statement() });
            if let Err(finding) = read {
                let cut_line = self.peek().token == Token::NewLine && finding.span == self.peek().span;
                self.findings.push(finding);
                self.skip_statement();
                // The rest of a statement cut by a line end, or the rate of a reaction, is no mistake of its own.
                let cut_reaction = self.tokens[start..self.position].iter().any(is_arrow)
                    && self.tokens[self.position - 1].token == Token::Mark(";");
                if cut_line || cut_reaction {
                    self.skip_statement();
                }
            }
        }
        if self.block == Block::Inside && self.findings.is_empty() {
            let error = self
                .error_here(MODEL_SYNTAX, "the model has no `end`")
                .help("close it with `end`");
            self.findings.push(error);
        }
    }

    /// Steps to the end of the statement, and over it.
    fn skip_statement(&mut self) {
        while !self.at_end_of_statement() {
            self.position += 1;
        }
        self.position += usize::from(self.peek().token != Token::End);
    }

    pub(super) fn at_end_of_statement(&self) -> bool {
        matches!(self.peek().token, Token::End | Token::NewLine | Token::Mark(";"))
    }

    fn end_of_statement(&mut self) -> Result<(), Diagnostic> {
        if self.at_end_of_statement() {
            self.position += usize::from(self.peek().token != Token::End);
            return Ok(());
        }
        Err(self.expected("an operator, `;` or the end of the line"))
    }

    pub(super) fn peek(&self) -> &Lexeme {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> &Lexeme {
        &self.tokens[(self.position + ahead).min(self.tokens.len() - 1)]
    }

    /// The text of the next token.
    pub(super) fn word(&self) -> &'a str {
        self.source.text.get(self.peek().span.clone()).unwrap_or("")
    }

    /// Steps over the next token if it is `mark`.
    pub(super) fn accept(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek().token, Token::Mark(m) if m == mark);
        self.position += usize::from(found);
        found
    }

    /// Steps over the next token if it is the word `word`.
    pub(super) fn accept_word(&mut self, word: &str) -> bool {
        let found = self.peek().token == Token::Name && self.word() == word;
        self.position += usize::from(found);
        found
    }

    pub(super) fn error(&self, code: &'static str, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.source, span, message)
    }

    pub(super) fn error_here(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        self.error(code, self.peek().span.clone(), message)
    }

    pub(super) fn expected(&self, wanted: &str) -> Diagnostic {
        let found = describe(&self.source.text, self.peek());
        self.error_here(MODEL_SYNTAX, format!("expected {wanted}, found {found}"))
    }

    pub(super) fn unsupported(&self, span: Range<usize>, what: impl std::fmt::Display, help: &str) -> Diagnostic {
        self.error(UNSUPPORTED, span, format!("{what} not supported"))
            .help(help)
    }

    /// A name that can be given to something.
    pub(super) fn new_name(&mut self) -> Result<(&'a str, Range<usize>), Diagnostic> {
        if self.peek().token != Token::Name {
            return Err(self.expected("a name"));
        }
        let (name, span) = (self.word(), self.peek().span.clone());
        let taken = functions::constant(name).is_some()
            || functions::is_function(name)
            || functions::UNSUPPORTED.contains(&name)
            || words::KEYWORDS.contains(&name);
        if taken {
            let error = self.error(RESERVED_NAME, span, format!("`{name}` is a word of the language"));
            return Err(error.help("choose another name"));
        }
        if name.contains("__") {
            let error = self.error(RESERVED_NAME, span, format!("`{name}` contains a double underscore"));
            return Err(error.help("double underscores mark a therapy's quantities inside the model; use one"));
        }
        self.position += 1;
        Ok((name, span))
    }

    /// An expression; names need not be defined yet.
    pub(super) fn formula(&mut self) -> Result<Formula, Diagnostic> {
        let (text, position) = (&self.source.text, self.position);
        let mut infix = InfixParser::new(text, &self.tokens, position, &mut self.model.arena, &self.functions);
        let result = infix.formula();
        self.position = infix.position;
        let formula = result.map_err(|error| self.infix_error(error))?;
        let follows = self.peek();
        if follows.token == Token::Name && self.tokens[self.position - 1].token != Token::Mark(")") {
            let number = matches!(self.tokens[self.position - 1].token, Token::Number(_));
            if number && self.word() != "end" && !self.at_end_of_statement() {
                let help = "write `x = 5; x has mL`, and units of constants in equations likewise";
                return Err(self.unsupported(follows.span.clone(), "a unit after a number is", help));
            }
        }
        Ok(formula)
    }

    /// Gives up on the rest of the text.
    pub(super) fn skip_all(&mut self) {
        self.position = self.tokens.len() - 1;
    }

    fn infix_error(&self, (error, span): Located) -> Diagnostic {
        let (code, help) = match &error {
            InfixError::Unexpected { found, .. } if found == LINE_END => (
                MODEL_SYNTAX,
                "an expression ends with its line; write it on one line".to_owned(),
            ),
            InfixError::Unexpected { .. } => (MODEL_SYNTAX, String::new()),
            InfixError::TooDeep => (MODEL_TOO_LARGE, "give parts of it names of their own".to_owned()),
            InfixError::UnknownFunction(name) => {
                let mut known: Vec<&str> = self.functions.keys().map(String::as_str).collect();
                for builtin in functions::known() {
                    known.push(builtin);
                }
                (UNKNOWN_FUNCTION, suggestion(name, known.iter().copied()))
            }
            InfixError::Unsupported(name) => (UNSUPPORTED, unsupported_function(name).to_owned()),
            InfixError::Arguments { .. } => (ARGUMENTS, String::new()),
        };
        self.error(code, span, error.to_string()).help(help)
    }

    /// The variable called `name`, made on first mention.
    pub(super) fn variable(&mut self, name: &str, span: Range<usize>) -> &mut Variable {
        let symbol = self.model.arena.symbol(name);
        let next = self.model.variables.len();
        let position = *self.index.entry(symbol).or_insert(next);
        if position == next {
            self.model.variables.push(Variable {
                symbol,
                kind: Kind::default(),
                declared_variable: None,
                initial: None,
                change: None,
                annotation: Default::default(),
                place: Place(span),
            });
        }
        &mut self.model.variables[position]
    }

    /// `function name(a, b) expression end`, the word `function` already read.
    pub(super) fn function(&mut self) -> Result<(), Diagnostic> {
        let (name, span) = self.new_name()?;
        if self.functions.contains_key(name) {
            let error = self.error(
                crate::codes::DEFINED_TWICE,
                span,
                format!("function `{name}` is defined twice"),
            );
            return Err(error.help("keep one of the definitions"));
        }
        let parameters = self.parameters()?;
        self.skip_line_ends();
        let body = self.formula()?;
        for (&symbol, place) in &body.uses {
            let used = self.model.arena.name(symbol);
            if !parameters.iter().any(|p| p == used) {
                let message = format!("undefined symbol `{used}` in function `{name}`");
                let known: Vec<&str> = parameters.iter().map(String::as_str).collect();
                let error = self.error(UNDEFINED, place.clone(), message).label("not an argument");
                return Err(error.help(suggestion(used, known.iter().copied())));
            }
        }
        self.skip_line_ends();
        if !self.accept_word("end") {
            return Err(self.expected("an operator or `end` of the function"));
        }
        let function = Function {
            name: name.to_owned(),
            parameters,
            body,
        };
        self.functions.insert(name.to_owned(), function.clone());
        self.model.functions.push(function);
        Ok(())
    }

    /// `(a, b)`; each name once.
    fn parameters(&mut self) -> Result<Vec<String>, Diagnostic> {
        let mut names: Vec<String> = Vec::new();
        if !self.accept("(") {
            return Err(self.expected("`(`"));
        }
        if self.accept(")") {
            return Ok(names);
        }
        loop {
            let (name, span) = self.new_name()?;
            if names.iter().any(|known| known == name) {
                return Err(self.error(
                    crate::codes::DEFINED_TWICE,
                    span,
                    format!("argument `{name}` is given twice"),
                ));
            }
            names.push(name.to_owned());
            if self.accept(")") {
                return Ok(names);
            }
            if !self.accept(",") {
                return Err(self.expected("`,` or `)`"));
            }
        }
    }

    pub(super) fn skip_line_ends(&mut self) {
        while matches!(self.peek().token, Token::NewLine | Token::Mark(";")) {
            self.position += 1;
        }
    }
}

fn is_arrow(lexeme: &Lexeme) -> bool {
    matches!(lexeme.token, Token::Mark("->" | "=>"))
}

fn unsupported_function(name: &str) -> &'static str {
    match name {
        "delay" => "write the delay as a chain of states",
        "rateOf" => "give the rate a name of its own with `:=` and use that",
        "factorial" => "write the number",
        "avogadro" => "declare the number as a constant with its source",
        _ => "every quantity needs a number",
    }
}
