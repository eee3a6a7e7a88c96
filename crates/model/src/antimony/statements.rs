//! Reading Antimony, statement by statement.

use std::ops::Range;

use crate::codes::{DEFINED_TWICE, MODEL_SYNTAX, RATE_OF_ASSIGNED, UNIT_CONFLICT};
use crate::diagnostic::Diagnostic;
use crate::lexer::Token;
use crate::model::{Annotation, Change, Kind, Place, Reference, UnitDefinition};

use crate::units::Unit;

use super::parser::{Block, Parser};
use super::words;

/// What a declaration says about all its names.
#[derive(Clone, Copy, Default)]
struct Declaration {
    variable: Option<bool>,
    substance_only: bool,
    kind: Option<&'static str>,
}

impl<'a> Parser<'a> {
    /// One statement, without the `;` or line end after it.
    pub(super) fn statement(&mut self) -> Result<(), Diagnostic> {
        let word = self.word();
        match self.peek().token {
            Token::End | Token::NewLine | Token::Mark(";") => return Ok(()),
            Token::Number(_) if self.peek_at(1).token == Token::Mark("=") => {
                let help = "solve it for one quantity and write `x := ...`";
                return Err(self.unsupported(self.peek().span.clone(), "an algebraic rule is", help));
            }
            Token::Name => {}
            Token::Mark("$") if self.defines_here(2) => return self.inside_statement(),
            _ => return self.reaction_or_error(),
        }
        if let Some((_, help)) = words::UNSUPPORTED.iter().find(|known| known.0 == word)
            && !self.defines_here(1)
        {
            return Err(self.unsupported(self.peek().span.clone(), format!("`{word}` is"), help));
        }
        match word {
            "model" | "module" if !self.is_annotation_at(1) => self.model_line(),
            "end" => self.model_end(),
            "function" => {
                if self.block == Block::Inside {
                    let help = "move the function above the `model` line";
                    return Err(self.error_here(MODEL_SYNTAX, "a function inside a model").help(help));
                }
                self.position += 1;
                self.function()
            }
            _ => self.inside_statement(),
        }
    }

    /// A statement that belongs to the model itself.
    fn inside_statement(&mut self) -> Result<(), Diagnostic> {
        let of_model = self.word() == self.model.name || self.word() == "model";
        if self.block == Block::After && !(of_model && self.is_annotation_at(1)) {
            let help = "one model per file; move the line before its `end`";
            return Err(self.unsupported(self.peek().span.clone(), "a statement outside the model is", help));
        }
        match self.word() {
            "unit" => self.unit_statement(),
            "const" | "var" | "substanceOnly" | "species" | "compartment" | "reaction" => self.declaration(),
            _ if self.is_annotation_at(1) => self.annotation_statement(),
            _ => self.named_statement(),
        }
    }

    /// True if the token `ahead` makes this a definition of the word before it.
    fn defines_here(&self, ahead: usize) -> bool {
        matches!(self.peek_at(ahead).token, Token::Mark("=" | ":=" | "'"))
    }

    /// True if the word `ahead` says something about the word before it.
    fn is_annotation_at(&self, ahead: usize) -> bool {
        let lexeme = self.peek_at(ahead);
        let word = &self.source.text[lexeme.span.clone()];
        lexeme.token == Token::Name && words::annotation_words().any(|known| known == word)
    }

    /// `model name`, `model *name()`.
    fn model_line(&mut self) -> Result<(), Diagnostic> {
        let start = self.peek().span.clone();
        self.position += 1;
        if self.block != Block::None || !self.model.variables.is_empty() || !self.model.reactions.is_empty() {
            self.skip_all();
            return Err(self.unsupported(
                start,
                "more than one model in a file is",
                "put each model into its own file",
            ));
        }
        self.accept("*");
        let (name, _) = self.new_name()?;
        self.model.name = name.to_owned();
        self.block = Block::Inside;
        if self.accept("(") && !self.accept(")") {
            let help = "leave the brackets empty; every quantity of a model can be changed from outside";
            return Err(self.unsupported(self.peek().span.clone(), "a model with arguments is", help));
        }
        Ok(())
    }

    fn model_end(&mut self) -> Result<(), Diagnostic> {
        if self.block != Block::Inside {
            return Err(self
                .error_here(MODEL_SYNTAX, "`end` without `model`")
                .help("leave it out"));
        }
        self.position += 1;
        self.block = Block::After;
        Ok(())
    }

    /// `unit name = ...`
    fn unit_statement(&mut self) -> Result<(), Diagnostic> {
        self.position += 1;
        let (name, span) = self.new_name()?;
        if Unit::sbml_kind(name).is_some() || self.model.units.iter().any(|u| u.name == name) {
            let error = self.error(DEFINED_TWICE, span, format!("unit `{name}` is already defined"));
            return Err(error.help("use another name"));
        }
        if !self.accept("=") {
            return Err(self.expected("`=` and the unit's definition"));
        }
        let definition = self.unit_expression()?;
        if name == "time_unit" && !definition.unit.same(&Unit::DAY) {
            let error = self.error(UNIT_CONFLICT, definition.place.0, "the time of a model is in days");
            return Err(error.help("write `unit time_unit = 86400 second` and rates per day"));
        }
        let (text, unit) = (definition.text, definition.unit);
        self.model.units.push(UnitDefinition {
            name: name.to_owned(),
            text,
            unit,
            place: Place(span),
        });
        Ok(())
    }

    /// `var species A in cell = 1, $B`, `compartment cell = 2`, `const k = 3`.
    fn declaration(&mut self) -> Result<(), Diagnostic> {
        let mut declared = Declaration::default();
        loop {
            match self.word() {
                "const" => declared.variable = Some(false),
                "var" => declared.variable = Some(true),
                "substanceOnly" => declared.substance_only = true,
                "species" => declared.kind = Some("species"),
                "compartment" => declared.kind = Some("compartment"),
                "reaction" => declared.kind = Some("reaction"),
                _ => break,
            }
            self.position += 1;
        }
        loop {
            self.declared_name(declared)?;
            if !self.accept(",") {
                return Ok(());
            }
            self.skip_line_ends();
        }
    }

    fn declared_name(&mut self, declared: Declaration) -> Result<(), Diagnostic> {
        let boundary = self.accept("$");
        let (name, span) = self.new_name()?;
        if declared.kind == Some("reaction") {
            return Ok(());
        }
        let place = span.clone();
        let variable = self.variable(name, span.clone());
        if declared.variable.is_some() {
            if variable
                .declared_variable
                .is_some_and(|earlier| Some(earlier) != declared.variable)
            {
                return Err(self.error(DEFINED_TWICE, place, format!("`{name}` is declared `const` and `var`")));
            }
            variable.declared_variable = declared.variable;
        }
        match declared.kind {
            Some("compartment") if matches!(variable.kind, Kind::Species { .. }) => {
                return Err(self.two_kinds(name, place));
            }
            Some("compartment") => variable.kind = Kind::Compartment,
            Some("species") => self.make_species(name, place, boundary, declared.substance_only)?,
            _ if boundary => self.make_species(name, place, true, false)?,
            _ => {}
        }
        if self.accept_word("in") {
            self.place_in(name, span.clone())?;
        }
        self.definition(name, span)
    }

    fn two_kinds(&self, name: &str, span: Range<usize>) -> Diagnostic {
        let message = format!("`{name}` is both a species and a compartment");
        self.error(DEFINED_TWICE, span, message).help("use two names")
    }

    /// Turns a quantity into a species, keeping what is known of it.
    pub(super) fn make_species(
        &mut self,
        name: &str,
        span: Range<usize>,
        fixed: bool,
        amount: bool,
    ) -> Result<(), Diagnostic> {
        let variable = self.variable(name, span.clone());
        let (compartment, substance_only, boundary) = match variable.kind {
            Kind::Species {
                compartment,
                substance_only,
                boundary,
            } => (compartment, substance_only, boundary),
            Kind::Parameter => (None, false, false),
            Kind::Compartment => return Err(self.two_kinds(name, span)),
        };
        variable.kind = Kind::Species {
            compartment,
            substance_only: substance_only || amount,
            boundary: boundary || fixed,
        };
        Ok(())
    }

    /// `in compartment`, the word `in` already read.
    fn place_in(&mut self, name: &str, span: Range<usize>) -> Result<(), Diagnostic> {
        let (home, home_span) = self.new_name()?;
        let home_variable = self.variable(home, home_span.clone());
        if matches!(home_variable.kind, Kind::Species { .. }) {
            return Err(self.two_kinds(home, home_span));
        }
        home_variable.kind = Kind::Compartment;
        let home_symbol = home_variable.symbol;
        match &mut self.variable(name, span).kind {
            Kind::Species { compartment, .. } => *compartment = Some(home_symbol),
            Kind::Compartment => {
                return Err(self.unsupported(home_span, "a compartment inside another is", "leave `in` out"));
            }
            Kind::Parameter => {}
        }
        Ok(())
    }

    /// `= ...`, `:= ...` or `' = ...` after a name, or nothing.
    fn definition(&mut self, name: &str, span: Range<usize>) -> Result<(), Diagnostic> {
        if self.accept("=") {
            if self.at_end_of_statement() {
                return Err(self.expected("a value"));
            }
            let formula = self.formula()?;
            let variable = self.variable(name, span.clone());
            if variable.initial.is_some() || matches!(variable.change, Some(Change::Assignment(_))) {
                return Err(self.defined_twice(name, span));
            }
            variable.initial = Some(formula);
        } else if self.accept(":=") {
            let formula = self.formula()?;
            let variable = self.variable(name, span.clone());
            if variable.initial.is_some() || matches!(variable.change, Some(Change::Assignment(_))) {
                return Err(self.defined_twice(name, span));
            }
            if variable.change.is_some() {
                return Err(self.rate_and_assignment(name, span));
            }
            variable.change = Some(Change::Assignment(formula));
        } else if self.accept("'") {
            if !self.accept("=") {
                return Err(self.expected("`=` and the rate"));
            }
            let formula = self.formula()?;
            let variable = self.variable(name, span.clone());
            match variable.change {
                Some(Change::Rate(_)) => return Err(self.defined_twice(name, span)),
                Some(Change::Assignment(_)) => return Err(self.rate_and_assignment(name, span)),
                None => variable.change = Some(Change::Rate(formula)),
            }
        }
        Ok(())
    }

    pub(super) fn defined_twice(&self, name: &str, span: Range<usize>) -> Diagnostic {
        self.error(DEFINED_TWICE, span, format!("`{name}` is defined twice"))
            .label("second definition")
            .help("keep one value, and one rate or assignment")
    }

    fn rate_and_assignment(&self, name: &str, span: Range<usize>) -> Diagnostic {
        self.error(
            RATE_OF_ASSIGNED,
            span,
            format!("`{name}` has both a rate and an assignment"),
        )
        .help("keep one of them")
    }

    /// A statement that begins with a name: a definition, a species' place, or a reaction.
    fn named_statement(&mut self) -> Result<(), Diagnostic> {
        if self.peek().token == Token::Mark("$") {
            return self.declared_name(Declaration::default());
        }
        match self.peek_at(1).token {
            Token::Mark("=" | ":=" | "'") => {
                let (name, span) = self.new_name()?;
                self.definition(name, span)
            }
            Token::Mark(".") => {
                let span = self.peek().span.start..self.peek_at(2).span.end;
                Err(self.unsupported(
                    span,
                    "a name with a dot (submodel or SBO term) is",
                    "leave the line out, or copy the submodel",
                ))
            }
            Token::Mark(":") if self.word_at(2) == "at" => {
                Err(self.unsupported(self.peek_at(2).span.clone(), "`at` is", words::UNSUPPORTED[0].1))
            }
            Token::Mark(":") if self.peek_at(2).token == Token::Name && self.peek_at(3).token == Token::Mark("(") => {
                let help = "copy the submodel's lines into this model";
                Err(self.unsupported(self.peek_at(2).span.clone(), "a submodel is", help))
            }
            _ => self.reaction_or_error(),
        }
    }

    fn word_at(&self, ahead: usize) -> &'a str {
        self.source.text.get(self.peek_at(ahead).span.clone()).unwrap_or("")
    }

    /// `x is "..."`, `x has unit`, `x notes "..."`, `x description "...", "..."`, `x in cell`.
    fn annotation_statement(&mut self) -> Result<(), Diagnostic> {
        let of_model = self.word() == "model" || (self.word() == self.model.name && self.block != Block::None);
        let (name, span) = if of_model {
            (self.word(), self.peek().span.clone())
        } else {
            self.new_name()?
        };
        self.position += usize::from(of_model);
        let word = self.word();
        self.position += 1;
        if word == "in" {
            self.variable(name, span.clone());
            return self.place_in(name, span);
        }
        if word == "has" {
            let unit = self.unit_expression()?;
            let annotation = self.annotation(of_model, name, span.clone());
            if annotation.unit.replace(unit).is_some() {
                return Err(self.defined_twice(name, span));
            }
            return Ok(());
        }
        let texts = self.texts(words::qualifier(word).is_some())?;
        let annotation = self.annotation(of_model, name, span.clone());
        match (word, words::qualifier(word)) {
            ("is", _) if annotation.display_name.is_some() => return Err(self.defined_twice(name, span)),
            ("is", _) => annotation.display_name = Some(texts.join(", ")),
            (_, Some(qualifier)) => {
                let reference = |resource| Reference {
                    qualifier: qualifier.to_owned(),
                    resource,
                };
                annotation.references.extend(texts.into_iter().map(reference));
            }
            _ => annotation.notes.extend(texts),
        }
        Ok(())
    }

    fn annotation(&mut self, of_model: bool, name: &str, span: Range<usize>) -> &mut Annotation {
        if of_model {
            return &mut self.model.annotation;
        }
        let symbol = self.model.arena.symbol(name);
        if let Some(position) = self.model.reactions.iter().position(|r| r.symbol == symbol) {
            return &mut self.model.reactions[position].annotation;
        }
        &mut self.variable(name, span).annotation
    }

    /// One quoted text, or several with commas between.
    fn texts(&mut self, several: bool) -> Result<Vec<String>, Diagnostic> {
        let mut found = Vec::new();
        loop {
            if self.peek().token == Token::Unknown && self.word().starts_with(['"', '`']) {
                return Err(self
                    .error_here(MODEL_SYNTAX, "text without closing quotes")
                    .help("close it on the same line"));
            }
            if self.peek().token != Token::Text {
                return Err(self.expected("text in double quotes"));
            }
            found.push(unquoted(self.word()));
            self.position += 1;
            if !several || !self.accept(",") {
                return Ok(found);
            }
            self.skip_line_ends();
        }
    }
}

/// The text between quotes, `\"` being a quote.
fn unquoted(text: &str) -> String {
    if let Some(inside) = text.strip_prefix("```").and_then(|t| t.strip_suffix("```")) {
        return inside.to_owned();
    }
    text.get(1..text.len() - 1).unwrap_or("").replace("\\\"", "\"")
}
