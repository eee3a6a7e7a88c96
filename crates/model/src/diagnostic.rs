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
    pub label: Box<str>,
    /// What to do about it.
    pub help: Box<str>,
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
            label: Box::default(),
            help: Box::default(),
        }
    }

    /// A warning at `span` of `source`.
    pub fn warning(code: &'static str, source: &Source, span: Range<usize>, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(code, source, span, message)
        }
    }

    /// The same with words under the underline.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into().into_boxed_str();
        self
    }

    /// The same with a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into().into_boxed_str();
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
        let (content, indent, width) = cut(&content, column - 1, width);
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
            " ".repeat(indent),
            "^".repeat(width),
            self.label
        );
        if !self.help.is_empty() {
            let _ = writeln!(out, "{gutter} = help: {}", self.help);
        }
        out
    }
}

/// The part of a long line around the underlined place, with the place's new indent and width, in characters.
fn cut(line: &str, indent: usize, width: usize) -> (String, usize, usize) {
    const SHOWN: usize = 160;
    const BEFORE: usize = 60;
    if line.chars().count() <= SHOWN {
        return (line.to_owned(), indent, width);
    }
    let skipped = indent.saturating_sub(BEFORE);
    let mut shown: String = line.chars().skip(skipped).take(SHOWN).collect();
    let width = width.min(SHOWN - (indent - skipped));
    if line.chars().count() > skipped + SHOWN {
        shown.push_str("...");
    }
    if skipped == 0 {
        (shown, indent, width)
    } else {
        (format!("...{shown}"), indent - skipped + 3, width)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, span: Range<usize>) -> String {
        let source = Source {
            path: "a".into(),
            text: text.into(),
        };
        Diagnostic::warning("M001", &source, span, "odd").render(text)
    }

    #[test]
    fn a_place_in_the_middle_of_a_character_or_past_the_end_is_shown_nearby() {
        assert_eq!(
            shown("é = 1", 1..2),
            "warning[M001]: odd\n --> a:1:1\n  |\n1 | é = 1\n  | ^ \n"
        );
        assert_eq!(
            shown("x\n", 90..95),
            "warning[M001]: odd\n --> a:2:1\n  |\n2 | \n  | ^ \n"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}XYZ{}", "a".repeat(500), "b".repeat(500));
        let message = shown(&text, 500..503);
        assert!(
            message.contains(&format!("1 | ...{}XYZ{}...\n", "a".repeat(60), "b".repeat(97))),
            "{message}"
        );
        assert!(message.contains(&format!("  | {}^^^ \n", " ".repeat(63))), "{message}");
    }
}
