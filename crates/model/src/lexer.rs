//! Text into tokens: one lexer for model text and for rules.

use std::ops::Range;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token {
    /// A letter or underscore, then letters, digits and underscores.
    Name,
    /// An unsigned number.
    Number(f64),
    /// Quoted text, quotes included in the span.
    Text,
    /// Punctuation or an operator.
    Mark(&'static str),
    /// End of a line.
    NewLine,
    /// A character that has no place here, or a quotation without end.
    Unknown,
    /// End of the text.
    End,
}

/// A token and its byte range.
#[derive(Clone, Debug, PartialEq)]
pub struct Lexeme {
    /// What it is.
    pub token: Token,
    /// Where it is.
    pub span: Range<usize>,
}

/// Longest first, so that `<=` is not read as `<` and `=`.
const MARKS: [&str; 36] = [
    "...", "->", "=>", ":=", "==", "!=", "<=", ">=", "&&", "||", "**", "+", "-", "*", "/", "%", "^", "<", ">", "!",
    "(", ")", "[", "]", "{", "}", ",", ";", ":", "=", "'", "$", "@", ".", "|", "&",
];

/// Opens and closes text of several lines.
const FENCE: &str = "```";

/// All tokens of `text`, ending with [`Token::End`]. Comments (`//`, `#`, `/* */`) and blanks are skipped. Never fails.
pub fn lex(text: &str) -> Vec<Lexeme> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = if let Some(length) = blank_length(rest) {
            (None, length)
        } else if first == '\n' || first == '\r' {
            (Some(Token::NewLine), 1)
        } else if first.is_ascii_alphabetic() || first == '_' {
            (
                Some(Token::Name),
                length_while(rest, |c| c.is_ascii_alphanumeric() || c == '_'),
            )
        } else if let Some((value, length)) = number(rest) {
            (Some(Token::Number(value)), length)
        } else if first == '"' || rest.starts_with(FENCE) {
            quotation(rest)
        } else if let Some(mark) = MARKS.into_iter().find(|mark| rest.starts_with(mark)) {
            (Some(Token::Mark(mark)), mark.len())
        } else {
            (Some(Token::Unknown), first.len_utf8())
        };
        found.extend(token.map(|token| Lexeme {
            token,
            span: at..at + length,
        }));
        at += length;
    }
    found.push(Lexeme {
        token: Token::End,
        span: at..at,
    });
    found
}

/// Length in bytes of the leading characters that satisfy `test`.
fn length_while(text: &str, test: impl Fn(char) -> bool) -> usize {
    text.find(|c| !test(c)).unwrap_or(text.len())
}

/// Length of leading blanks or of one comment; an unclosed `/*` reaches to the end.
fn blank_length(text: &str) -> Option<usize> {
    if text.starts_with("//") || text.starts_with('#') {
        return Some(length_while(text, |c| c != '\n'));
    }
    if let Some(comment) = text.strip_prefix("/*") {
        return Some(comment.find("*/").map_or(text.len(), |end| end + 4));
    }
    let length = length_while(text, |c| c == ' ' || c == '\t' || c == '\u{feff}');
    (length > 0).then_some(length)
}

/// A leading unsigned number (`2`, `.5`, `5.`, `1e-3`) and its length.
fn number(text: &str) -> Option<(f64, usize)> {
    let digits = |from: usize| length_while(&text[from..], |c| c.is_ascii_digit());
    let whole = digits(0);
    let mut length = whole;
    if text[length..].starts_with('.') {
        let fraction = digits(length + 1);
        if whole + fraction > 0 {
            length += 1 + fraction;
        }
    }
    if length == 0 {
        return None;
    }
    if text[length..].starts_with(['e', 'E']) {
        let sign = usize::from(text[length + 1..].starts_with(['+', '-']));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    text[..length].parse().ok().map(|value| (value, length))
}

/// A leading quotation, in `"` with `\"` for a quote inside, or between triple backticks over several lines.
fn quotation(text: &str) -> (Option<Token>, usize) {
    if let Some(inside) = text.strip_prefix(FENCE) {
        return match inside.find(FENCE) {
            Some(end) => (Some(Token::Text), end + 2 * FENCE.len()),
            None => (Some(Token::Unknown), text.len()),
        };
    }
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return (Some(Token::Unknown), at),
            '"' if !escaped => return (Some(Token::Text), at + 1),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    (Some(Token::Unknown), text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<&str> {
        lex(text).into_iter().map(|l| &text[l.span]).collect()
    }

    #[test]
    fn splits_numbers_names_and_operators() {
        assert_eq!(pieces("x1<=1e-3*.5"), ["x1", "<=", "1e-3", "*", ".5", ""]);
        assert_eq!(pieces("2e day"), ["2", "e", "day", ""]);
        assert_eq!(lex("5.").first().map(|l| l.token), Some(Token::Number(5.0)));
    }

    #[test]
    fn skips_comments_of_all_three_kinds() {
        assert_eq!(pieces("a // b\nc # d\n/* e\n f */ g"), ["a", "\n", "c", "\n", "g", ""]);
        assert_eq!(pieces("a /* never closed"), ["a", ""]);
    }

    #[test]
    fn marks_an_open_quotation_as_unknown() {
        assert_eq!(lex("\"abc\ndef").first().map(|l| l.token), Some(Token::Unknown));
        assert_eq!(lex("\"abc\"").first().map(|l| l.token), Some(Token::Text));
        assert_eq!(pieces(r#""a \" b" c"#), [r#""a \" b""#, "c", ""]);
        assert_eq!(pieces("```a\nb``` c"), ["```a\nb```", "c", ""]);
    }
}
