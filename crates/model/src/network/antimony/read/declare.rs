//! Declarations, values, names made the same, units, submodules, deletions.

use super::symbols::{Formula, Kind};
use super::{Reader, formula, units};
use crate::codes::{COMPOSITION, MODEL_SYNTAX};
use crate::diagnostic::Diagnostic;
use crate::lexer::Token;
use crate::network::math::Math;

/// Words that declare.
const DECLARING: [(&str, Option<Kind>); 11] = [
    ("species", Some(Kind::Species)),
    ("formula", Some(Kind::Number)),
    ("reaction", Some(Kind::Reaction)),
    ("DNA", Some(Kind::Dna)),
    ("gene", Some(Kind::Gene)),
    ("operator", Some(Kind::Operator)),
    ("compartment", Some(Kind::Compartment)),
    ("var", None),
    ("const", None),
    ("ext", None),
    ("substanceOnly", Some(Kind::Species)),
];

impl Reader<'_> {
    pub(super) fn is_declaration(&self) -> bool {
        let follows = !self.cursor.word_at(1).is_empty() || self.cursor.mark_at(1) == "$";
        follows && DECLARING.iter().any(|known| known.0 == self.cursor.word())
    }

    /// `const substanceOnly species S in C = 3, T`.
    pub(super) fn declaration(&mut self) -> Result<(), Diagnostic> {
        let (mut constant, mut kind, mut substance_only) = (None, None, false);
        while self.is_declaration() {
            let word = self.cursor.word().to_owned();
            match word.as_str() {
                "var" => constant = Some(false),
                "const" | "ext" => constant = Some(true),
                "substanceOnly" => substance_only = true,
                _ => {}
            }
            let said = DECLARING.iter().find(|known| known.0 == word).and_then(|known| known.1);
            kind = said.or(kind);
            self.cursor.step();
        }
        loop {
            let first = self.cursor.at;
            let at = self.variable()?;
            self.place_in(at)?;
            if self.is_value() {
                self.value_of(at)?;
            }
            if let Some(kind) = kind {
                let result = self.current.set_kind(at, kind);
                self.at(first, result)?;
            }
            let real = self.current.real(at);
            let symbol = &mut self.current.symbols[real];
            symbol.constant = constant.or(symbol.constant);
            if kind == Some(Kind::Species) {
                symbol.substance_only = substance_only;
            }
            if !self.cursor.accept(",") {
                return Ok(());
            }
        }
    }

    /// `in compartment`, if it stands here; true if it does.
    pub(super) fn place_in(&mut self, at: usize) -> Result<bool, Diagnostic> {
        let first = self.cursor.at;
        if !self.cursor.accept_word("in") {
            return Ok(false);
        }
        let home = self.variable()?;
        let result = self.current.set_kind(home, Kind::Compartment);
        self.at(first, result)?;
        let home = self.current.real(home);
        let (real, name) = (self.current.real(at), self.current.symbols[home].name.clone());
        self.current.symbols[real].compartment = Some(name);
        Ok(true)
    }

    fn is_value(&self) -> bool {
        matches!(self.cursor.mark(), "=" | ":=" | "'" | ":") || self.cursor.word() == "has"
    }

    /// `= formula`, `:= formula`, `' = formula`, `has unit`; or nothing after `in`.
    pub(super) fn value_of(&mut self, at: usize) -> Result<(), Diagnostic> {
        let first = self.cursor.at;
        if self.cursor.accept_word("has") {
            let unit = self.unit_name()?;
            let real = self.current.real(at);
            self.current.symbols[real].unit = Some(unit);
            return Ok(());
        }
        let is_assignment = self.cursor.accept(":=") || (self.cursor.mark_at(1) == "=" && self.cursor.accept(":"));
        if is_assignment {
            self.cursor.accept("=");
            let formula = self.formula()?;
            let result = self.current.set_assignment(at, formula);
            return self.at(first, result);
        }
        if self.cursor.accept("'") {
            self.cursor.expect("=")?;
            let formula = self.formula()?;
            let result = self.current.set_rate(at, formula);
            return self.at(first, result);
        }
        if self.cursor.accept("=") {
            let formula = self.formula()?;
            let result = self.current.set_formula(at, formula);
            return self.at(first, result);
        }
        let is_placed = self.current.symbols[self.current.real(at)].compartment.is_some();
        if self.cursor.at_line_end() && is_placed {
            return Ok(());
        }
        Err(self
            .cursor
            .expected("`=`, `:=`, `' =`, `->` or words that say something of it"))
    }

    /// `a is b`, `a * factor is b`, `a is b / factor`, `a is "display name"`.
    pub(super) fn same_as(&mut self, at: usize) -> Result<(), Diagnostic> {
        let first = self.cursor.at;
        let mut factor = None;
        if self.cursor.accept("*") {
            factor = Some(self.variable()?);
        }
        if !self.cursor.accept_word("is") {
            return Err(self.cursor.expected("`is`"));
        }
        if let Some(name) = self.cursor.quotation() {
            let real = self.current.real(at);
            self.current.symbols[real].remarks.name = (!name.is_empty()).then_some(name);
            return Ok(());
        }
        let other = self.variable()?;
        if self.cursor.accept("/") {
            factor = Some(self.variable()?);
        }
        let factor = factor.map(|at| self.current.symbols[at].name.clone());
        let result = self.current.unite(at, other, factor.as_deref());
        self.at(first, result)
    }

    /// A unit written out or named; one written out gets a name.
    fn unit_name(&mut self) -> Result<String, Diagnostic> {
        let first = self.cursor.at;
        let Some(math) = formula::formula(&mut self.cursor)? else {
            return Err(self.cursor.expected("a unit"));
        };
        if let Math::Name(name) = &math {
            if units::kind(name).is_none() {
                self.unit_symbol(name, first)?;
            }
            return Ok(name.clone());
        }
        let name = self.current.numbered("_unit");
        self.define_unit(&name, &math, first)?;
        Ok(name)
    }

    fn unit_symbol(&mut self, name: &str, first: usize) -> Result<usize, Diagnostic> {
        let at = self.symbol(name, self.cursor.span_from(first))?;
        let result = self.current.set_kind(at, Kind::Unit);
        self.at(first, result)?;
        Ok(at)
    }

    fn define_unit(&mut self, name: &str, math: &Math, first: usize) -> Result<(), Diagnostic> {
        let result = units::definition(math);
        let factors = self.at(first, result)?;
        for factor in factors.iter().filter(|factor| units::kind(&factor.kind).is_none()) {
            self.unit_symbol(&factor.kind, first)?;
        }
        let at = self.unit_symbol(name, first)?;
        let real = self.current.real(at);
        self.current.symbols[real].definition = Some(factors);
        Ok(())
    }

    /// `unit name = formula`.
    pub(super) fn unit_definition(&mut self) -> Result<(), Diagnostic> {
        let first = self.cursor.at;
        self.cursor.step();
        if self.cursor.word().is_empty() {
            return Err(self.cursor.expected("the unit's name"));
        }
        let name = formula::dotted(&mut self.cursor);
        if !self.cursor.accept("=") {
            return self.unit_symbol(&name, first).map(|_| ());
        }
        let Some(math) = formula::formula(&mut self.cursor)? else {
            return Err(self.cursor.expected("a unit"));
        };
        self.define_unit(&name, &math, first)
    }

    /// True if `module(` stands here.
    pub(super) fn starts_submodule(&self, ahead: usize) -> bool {
        self.modules.contains_key(self.cursor.word_at(ahead)) && self.cursor.mark_at(ahead + 1) == "("
    }

    /// `module(a, 3), timeconv = 60 in place`.
    pub(super) fn submodule(&mut self, at: Option<usize>) -> Result<(), Diagnostic> {
        let first = self.cursor.at;
        let at = match at {
            Some(at) => at,
            None => {
                let name = self.current.numbered("_sys");
                self.symbol(&name, self.cursor.span())?
            }
        };
        let name = self.current.symbols[at].name.clone();
        let module = self
            .modules
            .get(self.cursor.word())
            .cloned()
            .expect("the caller looked it up");
        if self.current.symbols.len() + module.symbols.len() > super::MOST_SYMBOLS {
            let error = self
                .cursor
                .error_here(crate::codes::MODEL_TOO_LARGE, "the submodules hold too many names");
            return Err(error.help("use fewer copies"));
        }
        let result = self.current.copy_in(&name, &module);
        self.at(first, result)?;
        self.cursor.step();
        self.cursor.step();
        self.arguments(&name, &module.name)?;
        while self.cursor.accept(",") {
            self.conversion(at)?;
        }
        self.place_in(at)?;
        Ok(())
    }

    fn arguments(&mut self, submodule: &str, module: &str) -> Result<(), Diagnostic> {
        let copy = self
            .current
            .position(submodule)
            .and_then(|at| self.current.symbols[at].copy.clone());
        let mut exports = copy.map(|copy| copy.exports).unwrap_or_default().into_iter();
        while !self.cursor.accept(")") {
            let first = self.cursor.at;
            let Some(export) = exports.next() else {
                let error = self
                    .cursor
                    .error_here(COMPOSITION, format!("`{module}` does not take so many names"));
                return Err(error.help("give as many as stand in brackets after `model`"));
            };
            let inner = self
                .current
                .position(&export)
                .expect("exports are symbols of the module");
            let given = self.argument()?;
            let result = self.current.unite(inner, given, None);
            self.at(first, result)?;
            if !self.cursor.accept(",") && self.cursor.mark() != ")" {
                return Err(self.cursor.expected("`,` or `)`"));
            }
        }
        Ok(())
    }

    /// A name, or a number that gets a name.
    fn argument(&mut self) -> Result<usize, Diagnostic> {
        let is_negative = self.cursor.mark() == "-" && self.cursor.accept("-");
        let Token::Number(value) = self.cursor.token() else {
            return self.variable();
        };
        let span = self.cursor.span();
        self.cursor.step();
        let name = self.current.numbered("_ant");
        let at = self.symbol(&name, span)?;
        self.current.symbols[at].kind = Kind::Number;
        self.current.symbols[at].formula = Some(Formula::own(Math::number(if is_negative { -value } else { value })));
        Ok(at)
    }

    /// `timeconv = factor`, `extentconv = factor`.
    fn conversion(&mut self, at: usize) -> Result<(), Diagnostic> {
        let first = self.cursor.at;
        let word = self.cursor.word().to_owned();
        if word != "timeconv" && word != "extentconv" {
            return Err(self.cursor.expected("`timeconv` or `extentconv`"));
        }
        self.cursor.step();
        self.cursor.expect("=")?;
        let factor = match self.cursor.token() {
            Token::Number(value) => {
                self.cursor.step();
                let own = if self.current.position(&word).is_some() {
                    self.current
                        .numbered(if word == "timeconv" { "timeconv" } else { "extentconv" })
                } else {
                    word.clone()
                };
                let factor = self.symbol(&own, self.cursor.span_from(first))?;
                let result = self
                    .current
                    .set_formula(factor, Some(Formula::own(Math::number(value))));
                self.at(first, result)?;
                factor
            }
            _ => self.variable()?,
        };
        let result = self.current.set_kind(factor, Kind::Number);
        self.at(first, result)?;
        let real = self.current.real(factor);
        self.current.symbols[real].constant = Some(true);
        let name = self.current.symbols[factor].name.clone();
        if let Some(copy) = &mut self.current.symbols[at].copy {
            let place = if word == "timeconv" {
                &mut copy.time_factor
            } else {
                &mut copy.extent_factor
            };
            *place = Some(name);
        }
        Ok(())
    }

    /// `delete A.x, A.y`.
    pub(super) fn deletions(&mut self) -> Result<(), Diagnostic> {
        self.cursor.step();
        loop {
            let first = self.cursor.at;
            let at = self.variable()?;
            let result = self.current.delete(at);
            self.at(first, result)?;
            if !self.cursor.accept(",") {
                return Ok(());
            }
        }
    }

    pub(super) fn starts_strand(&self) -> bool {
        if self.cursor.are_joined(&["-", "-"]) {
            return true;
        }
        let mut ahead = 0;
        while !self.cursor.word_at(ahead).is_empty() && self.cursor.mark_at(ahead + 1) == "." {
            ahead += 2;
        }
        let dashes = [self.cursor.lexeme(ahead + 1), self.cursor.lexeme(ahead + 2)];
        let are_dashes = dashes.iter().all(|l| l.token == Token::Mark("-"));
        !self.cursor.word_at(ahead).is_empty() && are_dashes && dashes[0].span.end == dashes[1].span.start
    }

    /// `--a--b--c`.
    pub(super) fn strand(&mut self, at: Option<usize>) -> Result<(), Diagnostic> {
        let first = self.cursor.at;
        let mut strand = super::symbols::Strand {
            parts: Vec::new(),
            open_upstream: self.dashes(),
            open_downstream: false,
        };
        loop {
            let part = self.variable()?;
            strand.parts.push(self.current.symbols[part].name.clone());
            if !self.dashes() {
                break;
            }
            if self.cursor.word().is_empty() && self.cursor.mark() != "$" {
                strand.open_downstream = true;
                break;
            }
        }
        if strand.parts.len() < 2 && !strand.open_upstream && !strand.open_downstream {
            let error = self.cursor.error(
                MODEL_SYNTAX,
                self.cursor.span_from(first),
                "a strand needs two parts or an open end",
            );
            return Err(error.help("write `a--b` or `--a--`"));
        }
        let at = match at {
            Some(at) => at,
            None => {
                let name = self.current.numbered("_dna");
                self.symbol(&name, self.cursor.span_from(first))?
            }
        };
        let result = self.current.set_strand(at, strand);
        self.at(first, result)
    }

    /// Steps over two or more dashes.
    fn dashes(&mut self) -> bool {
        let found = self.cursor.are_joined(&["-", "-"]);
        while found && self.cursor.accept("-") {}
        found
    }
}
