//! The place in the text: tokens, looked at and stepped over.

use std::ops::Range;
use std::rc::Rc;

use crate::codes::MODEL_SYNTAX;
use crate::diagnostic::{Diagnostic, Source};
use crate::infix::describe;
use crate::lexer::{Lexeme, Token, lex};

/// A text, its tokens, and how far they are read.
pub(super) struct Cursor {
    pub source: Rc<Source>,
    tokens: Vec<Lexeme>,
    pub at: usize,
}

impl Cursor {
    /// The start of `source`. A `\` at the end of a line joins it with the next.
    pub fn new(source: Rc<Source>) -> Cursor {
        let mut tokens: Vec<Lexeme> = Vec::new();
        for lexeme in lex(&source.text) {
            let is_break = lexeme.token == Token::NewLine;
            let joins = |last: &Lexeme| last.token == Token::Unknown && &source.text[last.span.clone()] == "\\";
            if is_break && tokens.last().is_some_and(joins) {
                // The backslash stays last until a line begins, so that `\r\n` counts as one end.
                continue;
            }
            if !is_break && tokens.last().is_some_and(joins) {
                tokens.pop();
            }
            tokens.push(lexeme);
        }
        Cursor { source, tokens, at: 0 }
    }

    pub fn lexeme(&self, ahead: usize) -> &Lexeme {
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)]
    }

    pub fn token(&self) -> Token {
        self.lexeme(0).token
    }

    pub fn span(&self) -> Range<usize> {
        self.lexeme(0).span.clone()
    }

    /// From the start of the token at `first` to the end of the last token read.
    pub fn span_from(&self, first: usize) -> Range<usize> {
        let start = self.tokens[first.min(self.tokens.len() - 1)].span.start;
        start..self.tokens[self.at.saturating_sub(1)].span.end.max(start)
    }

    /// The text of a token, empty at the end of the text.
    pub fn text(&self, ahead: usize) -> &str {
        &self.source.text[self.lexeme(ahead).span.clone()]
    }

    /// The word here; empty if what stands here is no word.
    pub fn word(&self) -> &str {
        self.word_at(0)
    }

    pub fn word_at(&self, ahead: usize) -> &str {
        if self.lexeme(ahead).token == Token::Name {
            self.text(ahead)
        } else {
            ""
        }
    }

    pub fn mark_at(&self, ahead: usize) -> &'static str {
        match self.lexeme(ahead).token {
            Token::Mark(mark) => mark,
            _ => "",
        }
    }

    pub fn mark(&self) -> &'static str {
        self.mark_at(0)
    }

    pub fn step(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    pub fn accept(&mut self, mark: &str) -> bool {
        let found = self.mark() == mark;
        if found {
            self.step();
        }
        found
    }

    pub fn accept_word(&mut self, word: &str) -> bool {
        let found = self.word() == word;
        if found {
            self.step();
        }
        found
    }

    pub fn expect(&mut self, mark: &'static str) -> Result<(), Diagnostic> {
        if self.accept(mark) {
            return Ok(());
        }
        Err(self.expected(&format!("`{mark}`")))
    }

    /// A text between quotation marks or backticks.
    pub fn quotation(&mut self) -> Option<String> {
        if self.token() != Token::Text {
            return None;
        }
        let text = self.text(0).to_owned();
        self.step();
        let inside = match text.strip_prefix("```") {
            Some(rest) => rest.strip_suffix("```").unwrap_or(rest).trim().to_owned(),
            None => text.trim_matches('"').replace("\\\"", "\""),
        };
        Some(inside)
    }

    pub fn number(&mut self) -> Option<f64> {
        let Token::Number(value) = self.token() else {
            return None;
        };
        self.step();
        Some(value)
    }

    /// True if the marks here are these, with nothing between them.
    pub fn are_joined(&self, marks: &[&str]) -> bool {
        (0..marks.len()).all(|ahead| {
            self.text(ahead) == marks[ahead]
                && (ahead == 0 || self.lexeme(ahead - 1).span.end == self.lexeme(ahead).span.start)
        })
    }

    pub fn at_end(&self) -> bool {
        self.token() == Token::End
    }

    pub fn at_line_end(&self) -> bool {
        matches!(self.token(), Token::End | Token::NewLine | Token::Mark(";"))
    }

    pub fn skip_breaks(&mut self) {
        while matches!(self.token(), Token::NewLine | Token::Mark(";")) {
            self.step();
        }
    }

    pub fn skip_new_lines(&mut self) {
        while self.token() == Token::NewLine {
            self.step();
        }
    }

    pub fn error(&self, code: &'static str, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, &self.source, span, message)
    }

    pub fn error_here(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        self.error(code, self.span(), message)
    }

    pub fn expected(&self, wanted: &str) -> Diagnostic {
        let found = describe(&self.source.text, self.lexeme(0));
        let error = self.error_here(MODEL_SYNTAX, format!("expected {wanted}, found {found}"));
        error.help("a statement ends with its line or with `;`; a `\\` at the end of a line joins the next")
    }
}
