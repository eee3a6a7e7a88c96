//! XML with its places, and the checks that come before parsing.

use std::ops::Range;

use roxmltree::{Document, Node};

use crate::codes::{MODEL_TOO_LARGE, NOT_SBML};
use crate::diagnostic::{Diagnostic, Source};
use crate::model::Place;
use crate::network::escaped;

/// Largest file, bytes.
const MAX_SIZE: usize = 64 << 20;
/// Deepest nesting of elements; keeps the program's own stack small.
const MAX_DEPTH: usize = 400;

/// Parses `source`; comments and processing instructions are kept out.
pub(super) fn parse(source: &Source) -> Result<Document<'_>, Diagnostic> {
    if source.text.len() > MAX_SIZE {
        let error = Diagnostic::error(MODEL_TOO_LARGE, source, 0..0, "the file is larger than 64 MiB");
        return Err(error.help("leave out what is not the model, such as annotations"));
    }
    if let Some(at) = too_deep(source.text.as_bytes()) {
        let message = format!("elements are nested more than {MAX_DEPTH} deep");
        let error = Diagnostic::error(MODEL_TOO_LARGE, source, at..at + 1, message);
        return Err(error.help("give parts of the formula names with assignment rules"));
    }
    Document::parse(&source.text).map_err(|reason| {
        let position = reason.pos();
        let at = offset(&source.text, position.row, position.col);
        let message = format!("the XML cannot be read: {}", words(&reason));
        Diagnostic::error(NOT_SBML, source, at..at + 1, message).help("correct the file, or export it again")
    })
}

/// The parser's words, without its own position.
fn words(reason: &roxmltree::Error) -> String {
    let text = match reason {
        roxmltree::Error::DtdDetected => "a document type with entities is not read".to_owned(),
        other => other.to_string(),
    };
    text.split(" at ").next().unwrap_or("").to_owned()
}

/// Byte of a one-based row and column.
fn offset(text: &str, row: u32, column: u32) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(row.saturating_sub(1) as usize)
        .map(str::len)
        .sum();
    let line = text[start..].split('\n').next().unwrap_or("");
    let inside = line
        .char_indices()
        .nth(column.saturating_sub(1) as usize)
        .map_or(line.len(), |c| c.0);
    (start + inside).min(text.len())
}

/// Where the nesting becomes too deep, by counting tags. A broken file may be counted wrongly; the parser refuses it then.
fn too_deep(text: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(found) = text[at..].iter().position(|&b| b == b'<') {
        let start = at + found;
        let rest = &text[start..];
        let skipped = |end: &[u8]| {
            rest.windows(end.len())
                .position(|w| w == end)
                .map_or(text.len(), |n| start + n + end.len())
        };
        if rest.starts_with(b"<!--") {
            at = skipped(b"-->");
        } else if rest.starts_with(b"<![CDATA[") {
            at = skipped(b"]]>");
        } else {
            let (end, closes_itself) = tag_end(rest);
            at = start + end;
            match rest.get(1) {
                Some(b'/') => depth = depth.saturating_sub(1),
                Some(b'?' | b'!') | None => {}
                Some(_) if closes_itself => {}
                Some(_) => depth += 1,
            }
            if depth > MAX_DEPTH {
                return Some(start);
            }
        }
    }
    None
}

/// Bytes to the end of a tag, quotes respected, and whether it ends with `/>`.
fn tag_end(tag: &[u8]) -> (usize, bool) {
    let mut quote = None;
    for (at, &byte) in tag.iter().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return (at + 1, tag[at - 1] == b'/'),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    (tag.len(), false)
}

/// Where an element's opening tag stands.
pub(super) fn place(node: Node) -> Place {
    Place(span(node))
}

/// Byte range of an element's opening tag.
pub(super) fn span(node: Node) -> Range<usize> {
    let range = node.range();
    let text = &node.document().input_text().as_bytes()[range.clone()];
    range.start..range.start + tag_end(text).0
}

/// An element as text that means the same in any place: its own tag says what prefixes inside stand for, and has none.
pub(super) fn verbatim(node: Node) -> String {
    let whole = &node.document().input_text()[node.range()];
    let (open, closes_itself) = tag_end(whole.as_bytes());
    let inside = match whole.rfind("</") {
        Some(end) if !closes_itself => &whole[open..end],
        _ => "",
    };
    let mut text = format!("<{}", node.tag_name().name());
    for namespace in node.namespaces() {
        let prefix = namespace.name().unwrap_or("");
        if !prefix.is_empty() && prefix != "xml" && inside.contains(&format!("{prefix}:")) {
            text += &format!(" xmlns:{prefix}=\"{}\"", escaped(namespace.uri()));
        }
    }
    text + &format!(">{inside}</{}>", node.tag_name().name())
}

/// Child elements by local name.
pub(super) fn children<'a, 'd: 'a>(node: Node<'a, 'd>, name: &'a str) -> impl Iterator<Item = Node<'a, 'd>> + 'a {
    node.children()
        .filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// First child element by local name.
pub(super) fn child<'a, 'd: 'a>(node: Node<'a, 'd>, name: &'a str) -> Option<Node<'a, 'd>> {
    node.children()
        .find(|child| child.is_element() && child.tag_name().name() == name)
}

/// Members of a list: child elements of `list` named `item`.
pub(super) fn items<'a, 'd: 'a>(node: Node<'a, 'd>, list: &'a str, item: &'a str) -> Vec<Node<'a, 'd>> {
    children(node, list).flat_map(|list| children(list, item)).collect()
}
