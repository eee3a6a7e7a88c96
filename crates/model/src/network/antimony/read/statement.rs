//! Which statement stands here.

use super::symbols::{Kind, Module};
use super::{Reader, called, formula, remark};
use crate::codes::{DEFINED_TWICE, MODEL_SYNTAX, UNDEFINED, UNSUPPORTED};
use crate::diagnostic::Diagnostic;
use crate::lexer::Token;
use crate::network::math::Math;
use crate::network::parts::{NamedFunction, Remarks};

/// Words that cannot be names.
pub(super) const KEYWORDS: [&str; 27] = [
    "model",
    "module",
    "end",
    "species",
    "formula",
    "reaction",
    "DNA",
    "gene",
    "operator",
    "compartment",
    "has",
    "in",
    "is",
    "var",
    "const",
    "ext",
    "substanceOnly",
    "import",
    "event",
    "at",
    "after",
    "function",
    "unit",
    "delete",
    "constraint",
    "maximize",
    "minimize",
];

impl Reader<'_> {
    /// One statement and the end of its line.
    pub(super) fn statement(&mut self) -> Result<(), Diagnostic> {
        if self.cursor.at_line_end() {
            self.cursor.step();
            return Ok(());
        }
        match self.cursor.word() {
            "model" | "module" if !self.is_remark_on_model() => return self.open_module(),
            "end" => return self.close_module(),
            "function" => return self.function(),
            "import" => self.import()?,
            "species" if self.cursor.mark_at(1) == "." => self.layout(),
            "reaction" | "compartment" if self.cursor.mark_at(1) == "." => self.layout(),
            "model" | "module" => self.remark_on_model()?,
            "at" => self.event(None)?,
            "unit" => self.unit_definition()?,
            "delete" => self.deletions()?,
            "constraint" => self.constraint()?,
            "maximize" | "minimize" => return Err(self.flux_balance()),
            "geneProduct" if !self.cursor.word_at(1).is_empty() => return Err(self.flux_balance()),
            _ if self.is_declaration() => self.declaration()?,
            _ if self.cursor.mark() == "@" => self.event(None)?,
            _ => self.other()?,
        }
        self.end_of_statement()
    }

    fn end_of_statement(&mut self) -> Result<(), Diagnostic> {
        if self.cursor.at_line_end() {
            self.cursor.step();
            return Ok(());
        }
        if self.cursor.word() == "end" {
            return Ok(());
        }
        Err(self.cursor.expected("an operator, `;` or the end of the line"))
    }

    /// `model m`, `model *m(a, b)`.
    fn open_module(&mut self) -> Result<(), Diagnostic> {
        if self.outside.is_some() {
            let error = self.cursor.error_here(MODEL_SYNTAX, "a model inside a model");
            return Err(error.help("close the one before with `end`"));
        }
        self.cursor.step();
        let is_main = self.cursor.accept("*");
        let (name, span) = (self.cursor.word().to_owned(), self.cursor.span());
        if name.is_empty() || KEYWORDS.contains(&name.as_str()) {
            return Err(self.cursor.expected("the model's name"));
        }
        if self.modules.contains_key(&name) || self.functions.iter().any(|f| f.id == name) {
            let error = self
                .cursor
                .error(DEFINED_TWICE, span, format!("`{name}` is defined twice"));
            return Err(error.help("give one of them another name"));
        }
        self.cursor.step();
        let mut module = Module::named(&name);
        module.is_main = is_main;
        self.outside = Some(std::mem::replace(&mut self.current, module));
        if self.cursor.accept("(") {
            self.exports()?;
        }
        Ok(())
    }

    fn exports(&mut self) -> Result<(), Diagnostic> {
        while !self.cursor.accept(")") {
            let first = self.cursor.at;
            let at = self.variable()?;
            let name = self.current.symbols[at].name.clone();
            if self.current.exports.contains(&name) {
                let error = self.cursor.error(
                    DEFINED_TWICE,
                    self.cursor.span_from(first),
                    format!("`{name}` is listed twice"),
                );
                return Err(error.help("list each name once"));
            }
            self.current.exports.push(name);
            if !self.cursor.accept(",") && self.cursor.mark() != ")" {
                return Err(self.cursor.expected("`,` or `)`"));
            }
        }
        Ok(())
    }

    fn close_module(&mut self) -> Result<(), Diagnostic> {
        let Some(outside) = self.outside.take() else {
            let error = self.cursor.error_here(MODEL_SYNTAX, "`end` without a `model`");
            return Err(error.help("leave it out"));
        };
        self.cursor.step();
        let mut module = std::mem::replace(&mut self.current, outside);
        module.finish();
        self.order.push(module.name.clone());
        self.modules.insert(module.name.clone(), module);
        Ok(())
    }

    /// `function f(a, b) formula end`.
    fn function(&mut self) -> Result<(), Diagnostic> {
        self.cursor.step();
        let (name, span) = (self.cursor.word().to_owned(), self.cursor.span());
        if name.is_empty() || KEYWORDS.contains(&name.as_str()) || formula::is_taken(&name) {
            return Err(self.cursor.expected("the function's name"));
        }
        if self.modules.contains_key(&name) || self.functions.iter().any(|f| f.id == name) {
            let error = self
                .cursor
                .error(DEFINED_TWICE, span, format!("`{name}` is defined twice"));
            return Err(error.help("give one of them another name"));
        }
        self.cursor.step();
        self.cursor.expect("(")?;
        let mut parameters: Vec<String> = Vec::new();
        while !self.cursor.accept(")") {
            if self.cursor.word().is_empty() {
                return Err(self.cursor.expected("an argument or `)`"));
            }
            parameters.push(self.cursor.word().to_owned());
            self.cursor.step();
            if !self.cursor.accept(",") && self.cursor.mark() != ")" {
                return Err(self.cursor.expected("`,` or `)`"));
            }
        }
        self.cursor.skip_breaks();
        let body = formula::formula(&mut self.cursor)?;
        self.check_arguments(&name, body.as_ref(), &parameters, span.clone())?;
        self.cursor.skip_breaks();
        if !self.cursor.accept_word("end") {
            return Err(self.cursor.expected("an operator or `end` of the function"));
        }
        let place = self.place(span);
        self.functions.push(NamedFunction {
            id: name,
            parameters,
            body,
            remarks: Remarks::default(),
            place,
        });
        Ok(())
    }

    fn check_arguments(
        &self,
        name: &str,
        body: Option<&Math>,
        parameters: &[String],
        span: std::ops::Range<usize>,
    ) -> Result<(), Diagnostic> {
        let used = body.map(Math::names).unwrap_or_default();
        match used.into_iter().find(|used| !parameters.iter().any(|p| p == used)) {
            Some(stray) => {
                let message = format!("function `{name}` uses `{stray}`, which is not an argument");
                let error = self.cursor.error(UNDEFINED, span, message);
                Err(error.help("add it to the arguments"))
            }
            None => Ok(()),
        }
    }

    /// A statement that begins with a name, a number or an arrow.
    fn other(&mut self) -> Result<(), Diagnostic> {
        if self.starts_strand() {
            return self.strand(None);
        }
        if self.is_remark_on_global() {
            return self.remark_on_global();
        }
        if let Some(is_algebraic) = self.starts_with_number() {
            return if is_algebraic {
                self.algebraic(None)
            } else {
                self.constraint()
            };
        }
        if self.reaction(None)? {
            return Ok(());
        }
        if self.starts_submodule(0) {
            return self.submodule(None);
        }
        let first = self.cursor.at;
        let at = self.variable()?;
        if self.cursor.mark() == "." {
            return self.property(at);
        }
        self.place_in(at)?;
        match self.cursor.mark() {
            ":" if self.cursor.mark_at(1) != "=" => self.labelled(at),
            "<" | "<=" | ">" | ">=" | "==" | "!=" => {
                self.cursor.at = first;
                self.constraint()
            }
            "*" => self.same_as(at),
            _ if self.cursor.word() == "is" => self.same_as(at),
            _ if remark::is_remark(self.cursor.word()) => self.remark(at),
            _ => self.value_of(at),
        }
    }

    /// What stands after `name:`.
    fn labelled(&mut self, at: usize) -> Result<(), Diagnostic> {
        self.cursor.step();
        if self.cursor.word() == "at" || self.cursor.mark() == "@" {
            return self.event(Some(at));
        }
        if self.starts_strand() {
            return self.strand(Some(at));
        }
        if matches!(self.cursor.word(), "maximize" | "minimize") {
            return Err(self.flux_balance());
        }
        if matches!(self.starts_with_number(), Some(true)) {
            return self.algebraic(Some(at));
        }
        if self.reaction(Some(at))? {
            return Ok(());
        }
        if self.starts_submodule(0) {
            return self.submodule(Some(at));
        }
        if let (Token::Name, "(") = (self.cursor.token(), self.cursor.mark_at(1)) {
            let message = format!("there is no model `{}`", self.cursor.word());
            let error = self.cursor.error_here(UNDEFINED, message);
            return Err(error.help("define it, or import its file, above this line"));
        }
        Err(self.cursor.expected("a reaction, an event, a strand or a submodule"))
    }

    /// True for `0 =`, false for the start of a constraint such as `-3 <=`; nothing if no such thing stands here.
    fn starts_with_number(&self) -> Option<bool> {
        let ahead = usize::from(self.cursor.mark() == "-");
        let Token::Number(_) = self.cursor.lexeme(ahead).token else {
            return None;
        };
        match self.cursor.mark_at(ahead + 1) {
            "=" => Some(true),
            "<" | "<=" | ">" | ">=" | "==" | "!=" => Some(false),
            _ => None,
        }
    }

    /// `0 = formula`.
    fn algebraic(&mut self, at: Option<usize>) -> Result<(), Diagnostic> {
        let first = self.cursor.at;
        let is_negative = self.cursor.accept("-");
        let level = self.cursor.number().expect("the caller saw it");
        let level = if is_negative { -level } else { level };
        self.cursor.expect("=")?;
        let Some(mut formula) = self.formula()? else {
            return Err(self.cursor.expected("a formula"));
        };
        if level.abs() > 0.0 {
            formula.math = Math::apply("minus", vec![formula.math, Math::number(level)]);
        }
        let at = match at {
            Some(at) => at,
            None => {
                let name = self.current.numbered("_alg");
                self.symbol(&name, self.cursor.span_from(first))?
            }
        };
        let result = self.current.set_kind(at, Kind::Algebraic);
        self.at(first, result)?;
        let real = self.current.real(at);
        self.current.symbols[real].formula = Some(formula);
        Ok(())
    }

    /// A constraint, which says nothing about what happens: read and left out. Bounds of a reaction are flux balance.
    fn constraint(&mut self) -> Result<(), Diagnostic> {
        if self.cursor.accept_word("constraint") {
            if self.cursor.mark() != ":" {
                let first = self.cursor.at;
                let at = self.variable()?;
                if self.current.symbols[at].kind == Kind::Unknown {
                    self.current.symbols[at].kind = Kind::Constraint;
                } else {
                    let error = self.cursor.error(
                        DEFINED_TWICE,
                        self.cursor.span_from(first),
                        "the constraint's name is taken",
                    );
                    return Err(error.help("choose another name"));
                }
            }
            self.cursor.expect(":")?;
        }
        self.formula()?;
        Ok(())
    }

    fn flux_balance(&self) -> Diagnostic {
        let error = self.cursor.error_here(UNSUPPORTED, "flux balance is not supported");
        error.help("leave the objective and the gene products out, and give each reaction a rate")
    }

    /// `model is "..."` and the like, outside a model about the one named.
    fn is_remark_on_global(&self) -> bool {
        let word = self.cursor.word();
        let is_known = self.modules.contains_key(word) || self.functions.iter().any(|f| f.id == word);
        let says = self.cursor.word_at(1);
        let is_property = self.cursor.mark_at(1) == "." && remark::is_property(self.cursor.word_at(2));
        is_known && (is_property || says == "is" || remark::is_remark(says))
    }

    fn remark_on_global(&mut self) -> Result<(), Diagnostic> {
        let name = self.cursor.word().to_owned();
        self.cursor.step();
        let mut holder = crate::network::antimony::read::symbols::Symbol::default();
        self.any_remark(&mut holder)?;
        if let Some(module) = self.modules.get_mut(&name) {
            module.remarks = holder.remarks;
            module.links.append(&mut holder.links);
        } else if let Some(function) = self.functions.iter_mut().find(|f| f.id == name) {
            function.remarks = match holder.remarks.name {
                Some(display) => called(display),
                None => holder.remarks,
            };
        }
        Ok(())
    }
}
