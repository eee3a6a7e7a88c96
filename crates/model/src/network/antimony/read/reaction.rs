//! Reactions and interactions.

use super::Reader;
use super::symbols::{Arrow, Kind, Member, Sides};
use crate::diagnostic::Diagnostic;
use crate::lexer::Token;

impl Reader<'_> {
    /// The reaction or interaction here, if there is one; its label, if any, is read.
    pub(super) fn reaction(&mut self, label: Option<usize>) -> Result<bool, Diagnostic> {
        if !self.is_reaction() {
            return Ok(false);
        }
        let first = self.cursor.at;
        let left = self.members()?;
        let Some(arrow) = self.arrow() else {
            return Err(self.cursor.expected("`->` or another arrow"));
        };
        let right = self.members()?;
        let mut formula = None;
        if self.cursor.accept(";") {
            formula = self.formula()?;
        } else if arrow.is_reaction() {
            let error = self.cursor.expected("`;` and the rate of the reaction");
            return Err(error.help("end the reaction with `;`, with or without a rate after it"));
        }
        let at = match label {
            Some(at) => at,
            None => {
                let name = self.current.numbered("_J");
                self.symbol(&name, self.cursor.span_from(first))?
            }
        };
        let sides = Sides { left, right, arrow };
        let result = self.current.set_reaction(at, sides, formula);
        self.at(first, result)?;
        self.place_in(at)?;
        Ok(true)
    }

    /// True if an arrow follows names, numbers and signs.
    fn is_reaction(&self) -> bool {
        let mut ahead = 0;
        loop {
            if self.arrow_at(ahead).is_some() {
                return true;
            }
            let belongs = match self.cursor.lexeme(ahead).token {
                Token::Name | Token::Number(_) => true,
                Token::Mark(mark) => ["+", "-", "$", "."].contains(&mark),
                _ => false,
            };
            if !belongs {
                return false;
            }
            ahead += 1;
        }
    }

    /// The arrow so many tokens ahead, and how many tokens it is.
    fn arrow_at(&self, ahead: usize) -> Option<(Arrow, usize)> {
        let next_is = |text: &str| {
            let (here, next) = (self.cursor.lexeme(ahead), self.cursor.lexeme(ahead + 1));
            here.span.end == next.span.start && self.cursor.text(ahead + 1) == text
        };
        match self.cursor.mark_at(ahead) {
            "->" => Some((Arrow::Reversible, 1)),
            "=>" => Some((Arrow::Irreversible, 1)),
            "<=" if next_is("=>") => Some((Arrow::Reversible, 2)),
            "-" if next_is("o") => Some((Arrow::Activates, 2)),
            "-" if next_is("|") => Some((Arrow::Inhibits, 2)),
            "-" if next_is("(") => Some((Arrow::Influences, 2)),
            _ => None,
        }
    }

    fn arrow(&mut self) -> Option<Arrow> {
        let (arrow, tokens) = self.arrow_at(0)?;
        (0..tokens).for_each(|_| self.cursor.step());
        Some(arrow)
    }

    /// `2 A + n B - C`, up to the arrow, the `;` or the end of the line.
    fn members(&mut self) -> Result<Vec<Member>, Diagnostic> {
        let mut members = Vec::new();
        loop {
            if self.arrow_at(0).is_some() || self.cursor.at_line_end() {
                if members.is_empty() {
                    return Ok(members);
                }
                return Err(self.cursor.expected("a species"));
            }
            members.push(self.member()?);
            let is_next = matches!(self.cursor.mark(), "+" | "-") && self.arrow_at(0).is_none();
            if !is_next {
                return Ok(members);
            }
            // A `-` is the sign of the next member.
            self.cursor.accept("+");
        }
    }

    fn member(&mut self) -> Result<Member, Diagnostic> {
        let is_negative = self.cursor.accept("-");
        let (count, mut named) = (self.cursor.number().unwrap_or(1.0), None);
        let mut at = self.variable()?;
        let follows = !self.cursor.word().is_empty() || self.cursor.mark() == "$";
        if follows && self.arrow_at(0).is_none() && self.cursor.word() != "in" {
            let first = self.cursor.at;
            let result = self.current.set_kind(at, Kind::Stoichiometry);
            self.at(first, result)?;
            named = Some(self.current.symbols[at].name.clone());
            at = self.variable()?;
        }
        Ok(Member {
            count: if is_negative { -count } else { count },
            named,
            species: self.current.symbols[at].name.clone(),
        })
    }
}
