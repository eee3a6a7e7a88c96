//! Constraints: what has to hold for the model to mean anything.

use super::Builder;
use crate::network::dynamics::Limit;

impl Builder<'_> {
    pub(super) fn limits(&mut self) -> Vec<Limit> {
        let network = self.network;
        let mut limits = Vec::new();
        for (index, constraint) in network.constraints.iter().enumerate() {
            let own = constraint.remarks.id.clone();
            limits.push(Limit {
                name: own.unwrap_or_else(|| format!("constraint {}", index + 1)),
                holds: self.plain(&constraint.math, &constraint.place),
                message: constraint.message.as_deref().map(words).unwrap_or_default(),
            });
        }
        limits
    }
}

/// XML without its tags, in one line.
fn words(xml: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for letter in xml.chars() {
        match letter {
            '<' => is_tag = true,
            '>' => (is_tag, text) = (false, text + " "),
            other if !is_tag => text.push(other),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
