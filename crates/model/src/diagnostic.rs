//! "Your file is wrong", said with the file, the line, the place underlined and what to do.

use std::fmt::Write as _;
use std::ops::Range;

/// A text and the name people know it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path as shown to the user.
    pub path: String,
    /// Whole text.
    pub text: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file can be used; something looks wrong.
    Warning,
    /// The file cannot be used.
    Error,
}

/// One finding in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, looked up by `malar explain`; see `codes`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, literals in backticks.
    pub message: String,
    /// Path of the file.
    pub path: String,
    /// Byte range of the place, within the file's text.
    pub span: Range<usize>,
    /// A few words under the underline; may be empty.
    pub label: String,
    /// What to do about it.
    pub help: String,
}

impl Diagnostic {
    /// An error at `span` of `source`.
    pub fn error(code: &'static str, source: &Source, span: Range<usize>, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            path: source.path.clone(),
            span,
            label: String::new(),
            help: String::new(),
        }
    }

    /// The same with words under the underline.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// One-based line and column of the start of the span.
    pub fn position(&self, text: &str) -> (usize, usize) {
        let start = floor_boundary(text, self.span.start);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (
            before.matches('\n').count() + 1,
            text[line_start..start].chars().count() + 1,
        )
    }

    /// The finding as people read it: message, place, the line underlined, remedy.
    pub fn render(&self, text: &str) -> String {
        let (line, column) = self.position(text);
        let content = text.lines().nth(line - 1).unwrap_or("").replace('\t', " ");
        let start = floor_boundary(text, self.span.start);
        let end = floor_boundary(text, self.span.end.max(start));
        let width = text[start..end].lines().next().map_or(0, |s| s.chars().count()).max(1);
        let kind = if self.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        let gutter = " ".repeat(line.to_string().len());
        let mut out = String::new();
        let _ = writeln!(out, "{kind}[{}]: {}", self.code, self.message);
        let _ = writeln!(out, "{gutter}--> {}:{line}:{column}", self.path);
        let _ = writeln!(out, "{gutter} |\n{line} | {content}");
        let _ = writeln!(
            out,
            "{gutter} | {}{} {}",
            " ".repeat(column - 1),
            "^".repeat(width),
            self.label
        );
        if !self.help.is_empty() {
            let _ = writeln!(out, "{gutter} = help: {}", self.help);
        }
        out
    }
}

/// The nearest character boundary at or below `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
