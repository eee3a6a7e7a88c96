//! Reading Antimony, statement by statement.

mod convert;
mod cursor;
mod declare;
mod emit;
mod event;
mod files;
mod formula;
mod from_network;
mod reaction;
mod remark;
mod say;
mod statement;
mod strand;
mod submodule;
mod symbols;
mod units;

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use cursor::Cursor;
use say::Wrong;
use symbols::{Module, Symbol};

use crate::codes::{MODEL_SYNTAX, MODEL_TOO_LARGE, RESERVED_NAME};
use crate::diagnostic::{Diagnostic, Source};
use crate::model::Place;
use crate::network::math::Math;
use crate::network::parts::{NamedFunction, Network, Remarks};
use crate::sbml::Load;

/// Longest text that is read, bytes.
const MAX_TEXT: usize = 16 << 20;
/// Findings after which reading stops: what follows is rarely another mistake.
const MAX_FINDINGS: usize = 20;
/// Most symbols that a module and its submodules may have together.
const MOST_SYMBOLS: usize = 100_000;

/// The network of an Antimony text: of the module marked `*`, else of what stands outside modules, else of the last module.
///
/// `load` finds imported files, Antimony or SBML; a text without `import` never calls it. A name inside submodules becomes an
/// id with `_` for each dot. A species without a value starts at 0 and a compartment has size 1, as simulators of Antimony
/// assume. Layout, uncertainty and constraints do not change what a model does over time and are left out; flux balance
/// objectives and random functions are errors.
pub fn read_antimony(source: &Source, load: &Load) -> Result<Network, Vec<Diagnostic>> {
    if source.text.len() > MAX_TEXT {
        let message = format!("model text is larger than {} MiB", MAX_TEXT >> 20);
        let error = Diagnostic::error(MODEL_TOO_LARGE, source, 0..1, message);
        return Err(vec![error.help("split the model")]);
    }
    let mut reader = Reader {
        cursor: Cursor::new(Rc::new(source.clone())),
        load,
        open_files: vec![source.path.clone()],
        import_place: None,
        modules: BTreeMap::new(),
        order: Vec::new(),
        current: Module::named(""),
        outside: None,
        functions: Vec::new(),
        findings: Vec::new(),
    };
    reader.file();
    reader.close()
}

/// Reads files into modules.
struct Reader<'l> {
    cursor: Cursor,
    load: &'l Load<'l>,
    /// Files being read, the outermost first.
    open_files: Vec<String>,
    /// Where the outermost file imports what is being read.
    import_place: Option<Place>,
    modules: BTreeMap<String, Module>,
    /// Names of modules in the order of the text.
    order: Vec<String>,
    /// The module being filled.
    current: Module,
    /// What stands outside modules, while a module is being filled.
    outside: Option<Module>,
    functions: Vec<NamedFunction>,
    findings: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Reads statements to the end of the text; after a mistake goes on with the next line.
    fn file(&mut self) {
        while !self.cursor.at_end() && self.findings.len() < MAX_FINDINGS {
            if let Err(finding) = self.statement() {
                self.findings.push(finding);
                while !self.cursor.at_line_end() {
                    self.cursor.step();
                }
                self.cursor.step();
            }
        }
        if self.outside.is_some() && self.findings.is_empty() {
            let error = self.cursor.error_here(MODEL_SYNTAX, "the model has no `end`");
            self.findings.push(error.help("close it with `end`"));
        }
    }

    /// The network, once everything is read.
    fn close(mut self) -> Result<Network, Vec<Diagnostic>> {
        if !self.findings.is_empty() {
            return Err(self.findings);
        }
        self.current.finish();
        let marked = self.order.iter().rev().find(|name| self.modules[*name].is_main);
        let last = self.order.last().filter(|_| self.current.symbols.is_empty());
        let main = match marked.or(last) {
            Some(name) => self.modules.remove(name).expect("it is in the order"),
            None => std::mem::take(&mut self.current),
        };
        match main.network() {
            Ok(mut network) => {
                network.functions = self.functions;
                Ok(network)
            }
            Err((wrong, place)) => Err(vec![self.misplaced(wrong, place.0)]),
        }
    }

    fn misplaced(&self, wrong: Wrong, span: Range<usize>) -> Diagnostic {
        self.cursor.error(wrong.code, span, wrong.message).help(wrong.help)
    }

    /// Lets `result` be wrong at the tokens read since `first`.
    fn at<T>(&self, first: usize, result: Result<T, Wrong>) -> Result<T, Diagnostic> {
        result.map_err(|wrong| self.misplaced(wrong, self.cursor.span_from(first)))
    }

    /// Where the outermost file says what is read here.
    fn place(&self, span: Range<usize>) -> Place {
        self.import_place.clone().unwrap_or(Place(span))
    }

    /// The symbol called `name`, made on first mention; names inside submodules must be there.
    fn symbol(&mut self, name: &str, span: Range<usize>) -> Result<usize, Diagnostic> {
        if let Some(at) = self.current.position(name) {
            return Ok(at);
        }
        if let Some((outer, inner)) = name.rsplit_once('.') {
            let message = format!("`{outer}` has nothing called `{inner}`");
            let error = self.cursor.error(crate::codes::UNDEFINED, span, message);
            return Err(error.help("name something that the submodule's module mentions"));
        }
        if formula::is_taken(name) {
            let error = self
                .cursor
                .error(RESERVED_NAME, span, format!("`{name}` is a word of the language"));
            return Err(error.help("choose another name"));
        }
        if self.current.symbols.len() >= MOST_SYMBOLS {
            let error = self.cursor.error(MODEL_TOO_LARGE, span, "the model has too many names");
            return Err(error.help("split the model"));
        }
        let place = self.place(span);
        Ok(self.current.add(Symbol {
            name: name.to_owned(),
            place,
            ..Symbol::default()
        }))
    }

    /// A name with any `$` in front, which makes it constant.
    fn variable(&mut self) -> Result<usize, Diagnostic> {
        let mut is_constant = false;
        while self.cursor.accept("$") {
            is_constant = true;
        }
        if self.cursor.word().is_empty() || statement::KEYWORDS.contains(&self.cursor.word()) {
            return Err(self.cursor.expected("a name"));
        }
        let first = self.cursor.at;
        let name = self.name();
        let at = self.symbol(&name, self.cursor.span_from(first))?;
        if is_constant {
            let real = self.current.real(at);
            self.current.symbols[real].constant = Some(true);
        }
        Ok(at)
    }

    /// A name with its dots; words after the last dot that say something of a symbol are left where they are.
    fn name(&mut self) -> String {
        let mut name = self.cursor.word().to_owned();
        self.cursor.step();
        while self.cursor.mark() == "." && !self.cursor.word_at(1).is_empty() {
            let longer = format!("{name}.{}", self.cursor.word_at(1));
            if self.current.position(&longer).is_none() && !self.is_submodule(&name) && self.ends_in_property() {
                break;
            }
            self.cursor.step();
            self.cursor.step();
            name = longer;
        }
        name
    }

    fn is_submodule(&self, name: &str) -> bool {
        let found = self.current.find(name).map(|at| self.current.symbols[at].kind);
        found == Some(symbols::Kind::Submodule)
    }

    /// True if the last word of the dots and words here is a property's.
    fn ends_in_property(&self) -> bool {
        let mut ahead = 1;
        while self.cursor.mark_at(ahead + 1) == "." && !self.cursor.word_at(ahead + 2).is_empty() {
            ahead += 2;
        }
        remark::is_property(self.cursor.word_at(ahead))
    }

    /// The formula here as one of this module; every name in it becomes a symbol.
    fn formula(&mut self) -> Result<Option<symbols::Formula>, Diagnostic> {
        let first = self.cursor.at;
        let Some(math) = formula::formula(&mut self.cursor)? else {
            return Ok(None);
        };
        let span = self.cursor.span_from(first);
        self.mention(&math, span)?;
        Ok(Some(symbols::Formula::own(math)))
    }

    /// Makes symbols of the names and units in a formula.
    fn mention(&mut self, math: &Math, span: Range<usize>) -> Result<(), Diagnostic> {
        let mut pending = vec![math];
        let mut named = Vec::new();
        while let Some(math) = pending.pop() {
            match math {
                Math::Name(name) if name != formula::UPSTREAM => named.push((name, false)),
                Math::Number(_, Some(unit)) if units::kind(unit).is_none() => named.push((unit, true)),
                _ => {}
            }
            pending.extend(math.operands());
        }
        for (name, is_unit) in named.into_iter().rev() {
            let at = self.symbol(name, span.clone())?;
            if is_unit {
                self.current
                    .set_kind(at, symbols::Kind::Unit)
                    .map_err(|wrong| self.misplaced(wrong, span.clone()))?;
            }
        }
        Ok(())
    }
}

/// Remarks with a display name.
fn called(name: String) -> Remarks {
    Remarks {
        name: Some(name),
        ..Remarks::default()
    }
}

/// True if no quantity, function or unit can be called so.
pub(super) fn is_reserved(name: &str) -> bool {
    statement::KEYWORDS.contains(&name) || formula::is_taken(name) || units::kind(name).is_some()
}
