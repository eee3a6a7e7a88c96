//! Through models, submodels and files.

use std::collections::BTreeMap;

use super::Flat;
use super::resolve::{own_names, resolve};
use crate::codes::{COMPOSITION, MODEL_TOO_LARGE};
use crate::diagnostic::{Diagnostic, Source};
use crate::model::Place;
use crate::network::Network;
use crate::sbml::document::{Document, Load, Part, read_document};

/// Deepest nesting of models and of files.
const MAX_DEPTH: usize = 32;
/// Most elements of all submodels together.
const MAX_ELEMENTS: usize = 1_000_000;

pub(in crate::sbml) struct Composer<'a> {
    source: &'a Source,
    documents: Vec<(String, Document)>,
    load: &'a Load<'a>,
    path: Vec<(usize, String)>,
    elements: usize,
}

pub(super) type Found<T> = Result<T, Vec<Diagnostic>>;

impl<'a> Composer<'a> {
    pub fn new(source: &'a Source, document: Document, load: &'a Load<'a>) -> Self {
        Composer {
            source,
            documents: vec![(source.path.clone(), document)],
            load,
            path: Vec::new(),
            elements: 0,
        }
    }

    pub fn compose(mut self, main: &str) -> Found<Network> {
        Ok(self.flatten(0, main, &Place::default())?.network)
    }

    pub(super) fn error<T>(&self, place: &Place, message: String, help: &str) -> Found<T> {
        Err(vec![
            Diagnostic::error(COMPOSITION, self.source, place.0.clone(), message).help(help),
        ])
    }

    /// The model `id` of a document with everything inside merged.
    pub(super) fn flatten(&mut self, document: usize, id: &str, place: &Place) -> Found<Flat> {
        let here = (document, id.to_owned());
        if self.path.contains(&here) {
            return self.error(
                place,
                format!("the model `{id}` contains itself"),
                "remove the submodel that closes the circle",
            );
        }
        if self.path.len() >= MAX_DEPTH {
            return self.error(
                place,
                format!("models are nested more than {MAX_DEPTH} deep"),
                "merge some of them",
            );
        }
        self.path.push(here);
        let result = self.flatten_known(document, id, place);
        self.path.pop();
        result
    }

    fn flatten_known(&mut self, document: usize, id: &str, place: &Place) -> Found<Flat> {
        if let Some(external) = self.documents[document].1.externals.get(id) {
            let (source, model) = (external.source.clone(), external.model.clone());
            let place = if document == 0 {
                external.place.clone()
            } else {
                place.clone()
            };
            let (document, main) = self.open(&source, &place)?;
            return self.flatten(document, &model.unwrap_or(main), &place);
        }
        let Some(Part { network, hierarchy }) = self.documents[document].1.parts.get(id) else {
            return self.error(
                place,
                format!("there is no model `{id}`"),
                "define it, or correct the reference",
            );
        };
        let (mut network, hierarchy) = (network.clone(), hierarchy.clone());
        if document != 0 {
            network.place_all(place);
        }
        self.elements += network.size();
        if self.elements > MAX_ELEMENTS {
            let error = Diagnostic::error(
                MODEL_TOO_LARGE,
                self.source,
                place.0.clone(),
                "the submodels have too many elements",
            );
            return Err(vec![error.help("use fewer submodels")]);
        }
        let mut inside = BTreeMap::new();
        for submodel in &hierarchy.submodels {
            let mut submodel = submodel.clone();
            if document != 0 {
                submodel.place = place.clone();
            }
            let names = self.add(document, &mut network, &submodel, &hierarchy)?;
            if let Some(metaid) = &submodel.metaid {
                inside.insert(metaid.clone(), names.clone());
            }
            inside.insert(submodel.id.clone(), names);
        }
        let mut flat = Flat {
            network,
            ports: BTreeMap::new(),
            inside,
        };
        for (port, reference) in &hierarchy.ports {
            if let Some(target) = resolve(reference, &own_names(&flat)) {
                flat.ports.insert(port.clone(), target);
            }
        }
        Ok(flat)
    }

    /// Reads another file; its number and the id of its main model.
    fn open(&mut self, source: &str, place: &Place) -> Found<(usize, String)> {
        if self.documents.len() > MAX_DEPTH {
            return self.error(
                place,
                format!("more than {MAX_DEPTH} files refer to each other"),
                "merge some of them",
            );
        }
        let loaded = (self.load)(source);
        let text = match loaded {
            Ok(text) => text,
            Err(reason) => {
                return self.error(
                    place,
                    format!("the external model `{source}` cannot be read: {reason}"),
                    "put the file beside this one",
                );
            }
        };
        let known = self.documents.iter().position(|d| d.0 == text.path);
        let at = match known {
            Some(at) => at,
            None => match read_document(&text) {
                Ok(document) => {
                    self.documents.push((text.path.clone(), document));
                    self.documents.len() - 1
                }
                Err(findings) => {
                    let reason = findings
                        .first()
                        .map_or(String::new(), |f| format!("{}: {}", f.code, f.message));
                    return self.error(
                        place,
                        format!("the external model `{source}` cannot be used: {reason}"),
                        "check that file by itself",
                    );
                }
            },
        };
        let main = self.documents[at].1.main.clone().unwrap_or_default();
        Ok((at, main))
    }
}
