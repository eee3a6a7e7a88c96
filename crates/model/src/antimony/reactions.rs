//! Reading reactions: `name: 2 A + $B -> C; rate`.

use crate::codes::MODEL_SYNTAX;
use crate::diagnostic::Diagnostic;
use crate::expression::SymbolId;
use crate::lexer::Token;
use crate::model::{Annotation, Kind, Place, Reaction, Variable};
use crate::nearest::suggestion;

use super::parser::Parser;
use super::words;

impl Parser<'_> {
    /// A reaction if the statement has an arrow, else the best message for what it is.
    pub(super) fn reaction_or_error(&mut self) -> Result<(), Diagnostic> {
        let rest = self.tokens[self.position..].iter();
        let statement: Vec<_> = rest
            .take_while(|l| !matches!(l.token, Token::End | Token::NewLine | Token::Mark(";")))
            .cloned()
            .collect();
        let has = |mark: &str| statement.iter().any(|l| matches!(l.token, Token::Mark(m) if m == mark));
        if has("->") || has("=>") {
            return self.reaction();
        }
        let pointed = statement.iter().position(|l| l.token == Token::Mark("-"));
        let drawn = pointed.is_some_and(|i| {
            statement.get(i + 1).is_some_and(|l| {
                l.token == Token::Mark("|") || l.token == Token::Mark("(") || &self.source.text[l.span.clone()] == "o"
            })
        });
        if let (true, Some(first)) = (drawn, pointed) {
            let help = "interactions are drawings; write the effect into the rate";
            return Err(self.unsupported(statement[first].span.clone(), "an interaction is", help));
        }
        if statement.len() > 1 && statement[0].token == Token::Name && statement[1].token == Token::Name {
            let word = &self.source.text[statement[1].span.clone()];
            let error = self.error(
                MODEL_SYNTAX,
                statement[1].span.clone(),
                format!("`{word}` says nothing about `{}`", self.word()),
            );
            return Err(error.help(suggestion(word, words::annotation_words())));
        }
        if self.peek().token == Token::Name {
            self.position += 1;
            return Err(self.expected("`=`, `:=`, `'` or `->`"));
        }
        Err(self.expected("a statement"))
    }

    /// `name: 2 A + B -> C; rate`
    fn reaction(&mut self) -> Result<(), Diagnostic> {
        let start = self.peek().span.start;
        let symbol = self.reaction_name()?;
        let reactants = self.reaction_side()?;
        let reversible = self.accept("->");
        if !reversible && !self.accept("=>") {
            return Err(self.expected("`+`, `->` or `=>`"));
        }
        let products = self.reaction_side()?;
        let end = self.tokens[self.position - 1].span.end;
        if !self.accept(";") || self.at_end_of_statement() {
            let error = self.error(MODEL_SYNTAX, start..end, "the reaction has no rate");
            return Err(error.help("write it after a `;`, as in `A -> B; k*A`"));
        }
        let rate = self.formula()?;
        let annotation = match self.index.remove(&symbol) {
            Some(_) => self.take_variable(symbol),
            None => Annotation::default(),
        };
        let place = Place(start..end);
        self.model.reactions.push(Reaction {
            symbol,
            reactants,
            products,
            reversible,
            rate,
            annotation,
            place,
        });
        Ok(())
    }

    /// Annotations written before the reaction made a plain quantity of its name; takes them back.
    fn take_variable(&mut self, symbol: SymbolId) -> Annotation {
        let position = self
            .model
            .variables
            .iter()
            .position(|v| v.symbol == symbol)
            .expect("it was in the index");
        let taken = self.model.variables.remove(position);
        for place in self.index.values_mut().filter(|place| **place > position) {
            *place -= 1;
        }
        taken.annotation
    }

    /// The name before a colon, or the next free `_J0`, `_J1` ... as in the reference implementation.
    fn reaction_name(&mut self) -> Result<SymbolId, Diagnostic> {
        if self.peek_at(1).token != Token::Mark(":") {
            let taken = |s| self.model.reactions.iter().any(|r| r.symbol == s);
            let free = (self.model.reactions.len()..).map(|n| format!("_J{n}"));
            let mut free = free.filter(|name| !self.model.arena.find_symbol(name).is_some_and(taken));
            let name = free.next().expect("numbers do not end");
            return Ok(self.model.arena.symbol(&name));
        }
        let (name, span) = self.new_name()?;
        self.position += 1;
        let symbol = self.model.arena.symbol(name);
        let defined = |v: &Variable| {
            v.symbol == symbol && (v.initial.is_some() || v.change.is_some() || v.kind != Kind::Parameter)
        };
        if self.model.reactions.iter().any(|r| r.symbol == symbol) || self.model.variables.iter().any(defined) {
            return Err(self.defined_twice(name, span));
        }
        Ok(symbol)
    }

    /// `2 A + $B`, perhaps empty.
    fn reaction_side(&mut self) -> Result<Vec<(f64, SymbolId)>, Diagnostic> {
        let mut side = Vec::new();
        if matches!(
            self.peek().token,
            Token::Mark("->" | "=>" | ";") | Token::NewLine | Token::End
        ) {
            return Ok(side);
        }
        loop {
            let mut count = 1.0;
            if let Token::Number(x) = self.peek().token {
                count = x;
                self.position += 1;
            }
            let boundary = self.accept("$");
            let (name, span) = self.new_name()?;
            if self.peek().token == Token::Name {
                let help = "write the number of molecules, as in `2 A -> B`";
                return Err(self.unsupported(span, "a variable number of molecules is", help));
            }
            self.make_species(name, span.clone(), boundary, false)?;
            side.push((count, self.variable(name, span).symbol));
            if !self.accept("+") {
                return Ok(side);
            }
        }
    }
}
