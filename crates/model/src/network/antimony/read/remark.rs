//! What is said about elements: names, notes, links, terms; and what is read and left out, since it changes nothing.

use super::Reader;
use super::symbols::{Kind, Symbol};
use crate::codes::MODEL_SYNTAX;
use crate::diagnostic::Diagnostic;
use crate::lexer::Token;
use crate::network::antimony::words::qualifier;
use crate::network::escaped;

/// Words after a dot that say something of the symbol before it.
const PROPERTIES: [&str; 54] = [
    "sboTerm",
    "conversionFactor",
    "kineticLaw",
    "charge",
    "formula",
    "chemicalFormula",
    "geneProductAssociation",
    "gpa",
    "associatedSpecies",
    "mean",
    "stdev",
    "standardDeviation",
    "coefficientOfVariation",
    "kurtosis",
    "median",
    "mode",
    "sampleSize",
    "skewness",
    "standardError",
    "variance",
    "confidenceInterval",
    "credibleInterval",
    "interquartileRange",
    "range",
    "distribution",
    "externalParameter",
    "layout",
    "autolayout",
    "position",
    "pos",
    "x",
    "y",
    "size",
    "width",
    "height",
    "color",
    "fillcolor",
    "font",
    "fontsize",
    "fontcolor",
    "fontstyle",
    "fontweight",
    "fontfamily",
    "linewidth",
    "linecolor",
    "linethickness",
    "shape",
    "species_end",
    "rxn_end",
    "b1",
    "b2",
    "opacity",
    "fill",
    "border",
];

/// True if `word` after a dot says something of what stands before the dot.
pub(super) fn is_property(word: &str) -> bool {
    PROPERTIES.contains(&word)
}

/// True if `word` after a name says something of it.
pub(super) fn is_remark(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_history = ["notes", "created", "modified", "creator"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word));
    (is_history || qualifier(word).is_some()) && !["is", "x", "y"].contains(&word)
}

impl Reader<'_> {
    /// `model notes "..."` and the like.
    pub(super) fn is_remark_on_model(&self) -> bool {
        let says = self.cursor.word_at(1);
        let has_text = matches!(self.cursor.lexeme(2).token, Token::Text) || self.cursor.mark_at(2) == ".";
        self.cursor.mark_at(1) == "." || ((is_remark(says) || says == "is") && has_text)
    }

    pub(super) fn remark_on_model(&mut self) -> Result<(), Diagnostic> {
        self.cursor.step();
        if self.cursor.mark() == "." && self.cursor.word_at(1) == "conversionFactor" {
            self.cursor.step();
            self.cursor.step();
            self.cursor.expect("=")?;
            let at = self.variable()?;
            let result = self.current.set_kind(at, Kind::Number);
            self.at(self.cursor.at, result)?;
            self.current.conversion_factor = Some(self.current.symbols[at].name.clone());
            return Ok(());
        }
        let mut holder = Symbol {
            remarks: std::mem::take(&mut self.current.remarks),
            ..Symbol::default()
        };
        let result = self.any_remark(&mut holder);
        self.current.remarks = holder.remarks;
        self.current.links.append(&mut holder.links);
        result
    }

    pub(super) fn remark(&mut self, at: usize) -> Result<(), Diagnostic> {
        let real = self.current.real(at);
        let mut symbol = std::mem::take(&mut self.current.symbols[real]);
        let result = self.any_remark(&mut symbol);
        self.current.symbols[real] = symbol;
        result
    }

    /// What stands after a name and a dot.
    pub(super) fn property(&mut self, at: usize) -> Result<(), Diagnostic> {
        if self.cursor.word_at(1) != "conversionFactor" {
            return self.remark(at);
        }
        let first = self.cursor.at;
        self.cursor.step();
        self.cursor.step();
        self.cursor.expect("=")?;
        let factor = if self.cursor.at_line_end() {
            None
        } else {
            let factor = self.variable()?;
            let result = self.current.set_kind(factor, Kind::Number);
            self.at(first, result)?;
            Some(self.current.symbols[factor].name.clone())
        };
        let real = self.current.real(at);
        self.current.symbols[real].conversion_factor = factor;
        Ok(())
    }

    /// A remark, on whatever `symbol` holds the remarks of.
    pub(super) fn any_remark(&mut self, symbol: &mut Symbol) -> Result<(), Diagnostic> {
        if self.cursor.accept(".") {
            let is_term = self.cursor.word().eq_ignore_ascii_case("sboTerm");
            if !is_term {
                self.skip_statement();
                return Ok(());
            }
            self.cursor.step();
            self.cursor.expect("=")?;
            return self.term(symbol);
        }
        if self.cursor.accept_word("is") {
            let Some(name) = self.cursor.quotation() else {
                return Err(self.cursor.expected("a display name in quotation marks"));
            };
            symbol.remarks.name = Some(name);
            return Ok(());
        }
        let word = self.cursor.word().to_owned();
        self.cursor.step();
        match qualifier(&word) {
            Some(word) => {
                let texts = self.texts()?;
                symbol.links.extend(
                    texts
                        .into_iter()
                        .filter(|t| !t.is_empty())
                        .map(|t| (word.to_owned(), t)),
                );
            }
            None if word.eq_ignore_ascii_case("notes") => {
                let paragraph =
                    |note: &String| format!("<p xmlns=\"http://www.w3.org/1999/xhtml\">{}</p>", escaped(note));
                let notes: String = self.texts()?.iter().map(paragraph).collect();
                symbol.remarks.notes = Some(format!("<notes>{notes}</notes>"));
            }
            // Who made it and when is not kept.
            None => self.skip_history(),
        }
        Ok(())
    }

    /// `236` or `SBO:0000236`.
    fn term(&mut self, symbol: &mut Symbol) -> Result<(), Diagnostic> {
        if self.cursor.word().eq_ignore_ascii_case("SBO") {
            self.cursor.step();
            self.cursor.expect(":")?;
        }
        let span = self.cursor.span();
        match self.cursor.number() {
            Some(number) if number.fract().abs() < 1e-9 && (0.0..1e7).contains(&number) => {
                symbol.remarks.sbo_term = Some(format!("SBO:{:07}", number as u32));
                Ok(())
            }
            _ => {
                let error = self
                    .cursor
                    .error(MODEL_SYNTAX, span, "this is not a term of the Systems Biology Ontology");
                Err(error.help("write its number, as in `x.sboTerm = 236`"))
            }
        }
    }

    /// Quoted texts with commas between them, the next on a new line or not.
    fn texts(&mut self) -> Result<Vec<String>, Diagnostic> {
        let mut texts = Vec::new();
        loop {
            let Some(text) = self.cursor.quotation() else {
                return Err(self.cursor.expected("a text in quotation marks"));
            };
            texts.push(text);
            if !self.cursor.accept(",") {
                return Ok(texts);
            }
            self.cursor.skip_new_lines();
        }
    }

    fn skip_history(&mut self) {
        let is_more = |reader: &Self| reader.cursor.mark() == "," && reader.cursor.lexeme(1).token == Token::NewLine;
        while !self.cursor.at_line_end() {
            if is_more(self) {
                self.cursor.step();
            }
            self.cursor.step();
        }
    }

    /// Layout and the like.
    pub(super) fn layout(&mut self) {
        self.skip_statement();
    }

    fn skip_statement(&mut self) {
        while !self.cursor.at_line_end() {
            self.cursor.step();
        }
    }
}
