//! Imported files.

use std::rc::Rc;

use super::Reader;
use super::cursor::Cursor;
use crate::codes::{CYCLE, DEFINED_TWICE, MODEL_SYNTAX, MODEL_TOO_LARGE, UNDEFINED};
use crate::diagnostic::{Diagnostic, Source};
use crate::sbml::{is_sbml, read_sbml};

/// Most files inside each other.
const MOST_FILES: usize = 30;

impl Reader<'_> {
    /// `import "file"`: the file's modules and lines, as if they stood here.
    pub(super) fn import(&mut self) -> Result<(), Diagnostic> {
        let first = self.cursor.at;
        self.cursor.step();
        let Some(name) = self.cursor.quotation() else {
            return Err(self.cursor.expected("a file's name in quotation marks"));
        };
        let span = self.cursor.span_from(first);
        if self.outside.is_some() {
            let error = self.cursor.error(MODEL_SYNTAX, span, "an import inside a model");
            return Err(error.help("move it above the `model` line"));
        }
        let path = self.beside(&name);
        if self.open_files.contains(&path) {
            let error = self.cursor.error(
                CYCLE,
                span,
                format!("`{name}` imports itself, directly or through others"),
            );
            return Err(error.help("take one of the imports away"));
        }
        if self.open_files.len() > MOST_FILES {
            let error = self
                .cursor
                .error(MODEL_TOO_LARGE, span, "too many files import each other");
            return Err(error.help("put models into fewer files"));
        }
        let source = (self.load)(&path).map_err(|reason| {
            let error = self
                .cursor
                .error(UNDEFINED, span.clone(), format!("`{name}` cannot be read: {reason}"));
            error.help("give the path from the folder of this file")
        })?;
        let before = self.import_place.clone();
        self.import_place = Some(self.place(span.clone()));
        self.open_files.push(path);
        let result = if is_sbml(&source.text) {
            self.import_sbml(&source, span)
        } else {
            self.import_antimony(source);
            Ok(())
        };
        self.open_files.pop();
        self.import_place = before;
        result
    }

    /// The path of a file that the file being read names.
    fn beside(&self, name: &str) -> String {
        let is_outermost = self.open_files.len() == 1;
        let folder = self
            .open_files
            .last()
            .and_then(|open| open.rsplit_once('/'))
            .map(|parts| parts.0);
        match folder {
            Some(folder) if !is_outermost && !name.starts_with('/') => format!("{folder}/{name}"),
            _ => name.to_owned(),
        }
    }

    fn import_antimony(&mut self, source: Source) {
        if source.text.len() > super::MAX_TEXT {
            let error = self
                .cursor
                .error_here(MODEL_TOO_LARGE, format!("`{}` is too large", source.path));
            self.findings.push(error.help("split the model"));
            return;
        }
        let own = std::mem::replace(&mut self.cursor, Cursor::new(Rc::new(source)));
        self.file();
        self.cursor = own;
    }

    /// The model of an SBML file becomes a module of its name.
    fn import_sbml(&mut self, source: &Source, span: std::ops::Range<usize>) -> Result<(), Diagnostic> {
        let network = match read_sbml(source, self.load) {
            Ok(network) => network,
            Err(found) => {
                self.findings.extend(found);
                return Ok(());
            }
        };
        let name = if network.id.is_empty() {
            "file".to_owned()
        } else {
            network.id.clone()
        };
        if self.modules.contains_key(&name) {
            let error = self
                .cursor
                .error(DEFINED_TWICE, span, format!("the model `{name}` is defined twice"));
            return Err(error.help("give one of them another id"));
        }
        for function in &network.functions {
            if !self.functions.iter().any(|known| known.id == function.id) {
                self.functions.push(function.clone());
            }
        }
        let place = self.import_place.clone().unwrap_or_default();
        let result = super::from_network::module(&network, &name, &place);
        let mut module = result.map_err(|wrong| self.misplaced(wrong, span))?;
        module.finish();
        self.order.push(name.clone());
        self.modules.insert(name, module);
        Ok(())
    }
}
