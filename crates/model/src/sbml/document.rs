//! Whole documents: the level, the packages needed, the models inside.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::compose::Composer;
use super::read::{Reader, own};
use super::refer::{Hierarchy, hierarchy};
use super::xml;
use crate::codes::{NOT_SBML, PACKAGE};
use crate::diagnostic::{Diagnostic, Source};
use crate::model::Place;
use crate::network::Network;

/// Finds the text of an external model by the `source` that a file gives; the error is a sentence.
pub type Load<'a> = dyn Fn(&str) -> Result<Source, String> + 'a;

/// Namespace of the package for hierarchical models.
const COMP: &str = "http://www.sbml.org/sbml/level3/version1/comp/version1";
/// Packages that add nothing but MathML, which is read anyway.
const HARMLESS: [&str; 1] = ["/l3v2extendedmath/"];

/// One model of a document.
pub(super) struct Part {
    pub network: Network,
    pub hierarchy: Hierarchy,
}

/// A model in another file.
pub(super) struct External {
    pub source: String,
    pub model: Option<String>,
    pub place: Place,
}

/// A file with its models.
pub(super) struct Document {
    pub main: Option<String>,
    pub parts: BTreeMap<String, Part>,
    pub externals: BTreeMap<String, External>,
}

/// The network of an SBML text, submodels merged into one.
///
/// `load` finds external models; a text without them never calls it. The network's ids are the file's, those of a submodel's
/// elements with the submodel's id and `__` in front.
pub fn read_sbml(source: &Source, load: &Load) -> Result<Network, Vec<Diagnostic>> {
    let document = read_document(source)?;
    let Some(main) = document.main.clone() else {
        let error = Diagnostic::error(NOT_SBML, source, 0..0, "the document has no model");
        return Err(vec![error.help("add a `model` element")]);
    };
    Composer::new(source, document, load).compose(&main)
}

/// All models of one file, each as it stands.
pub(super) fn read_document(source: &Source) -> Result<Document, Vec<Diagnostic>> {
    let xml = xml::parse(source).map_err(|error| vec![error])?;
    let root = xml.root_element();
    let level = check(source, root)?;
    let mut reader = Reader {
        source,
        level,
        findings: Vec::new(),
    };
    let mut document = Document {
        main: None,
        parts: BTreeMap::new(),
        externals: BTreeMap::new(),
    };
    let main = xml::child(root, "model");
    let definitions = xml::items(root, "listOfModelDefinitions", "modelDefinition");
    for node in main.into_iter().chain(definitions) {
        let is_main = Some(node) == main;
        // The main model needs no id; no reference can be empty.
        let id = own(node, "id").unwrap_or("").to_owned();
        if is_main {
            document.main = Some(id.clone());
        }
        let part = Part {
            network: reader.model(node),
            hierarchy: hierarchy(node),
        };
        if document.parts.insert(id.clone(), part).is_some() {
            let error = Diagnostic::error(
                NOT_SBML,
                source,
                xml::span(node),
                format!("two models are called `{id}`"),
            );
            reader.findings.push(error.help("give one another id"));
        }
    }
    for node in xml::items(root, "listOfExternalModelDefinitions", "externalModelDefinition") {
        let id = own(node, "id").unwrap_or("").to_owned();
        let external = External {
            source: own(node, "source").unwrap_or("").to_owned(),
            model: own(node, "modelRef").map(str::to_owned),
            place: xml::place(node),
        };
        document.externals.insert(id, external);
    }
    if reader.findings.is_empty() {
        Ok(document)
    } else {
        Err(reader.findings)
    }
}

/// The level and version, if the document is SBML that can be read.
fn check(source: &Source, root: Node) -> Result<(u32, u32), Vec<Diagnostic>> {
    let error =
        |code, message: String, help: &str| vec![Diagnostic::error(code, source, xml::span(root), message).help(help)];
    let name = root.tag_name();
    if name.name() != "sbml"
        || !name
            .namespace()
            .is_none_or(|n| n.starts_with("http://www.sbml.org/sbml/level"))
    {
        let message = format!("the outermost element is `{}`, not `sbml`", name.name());
        return Err(error(NOT_SBML, message, "give a file in SBML"));
    }
    let number = |name| root.attribute(name).and_then(|text| text.trim().parse::<u32>().ok());
    let level = match (number("level"), number("version")) {
        (Some(level @ 1..=2), Some(version @ 1..=5)) => (level, version),
        (Some(3), Some(version @ 1..=2)) => (3, version),
        _ => {
            return Err(error(
                NOT_SBML,
                "no known `level` and `version`".into(),
                "write `level=\"3\" version=\"2\"`",
            ));
        }
    };
    for attribute in root.attributes().filter(|a| a.name() == "required") {
        let address = attribute.namespace().unwrap_or("");
        let needed = matches!(attribute.value().trim(), "true" | "1");
        if needed && address != COMP && !HARMLESS.iter().any(|known| address.contains(known)) {
            return Err(package(source, root, address));
        }
    }
    let flux = |node: Node| {
        node.is_element()
            && matches!(
                node.tag_name().name(),
                "listOfObjectives" | "listOfFluxBounds" | "fluxBound"
            )
    };
    if let Some(node) = root.descendants().find(|&node| flux(node)) {
        return Err(package(source, node, node.tag_name().namespace().unwrap_or("fbc")));
    }
    Ok(level)
}

fn package(source: &Source, node: Node, address: &str) -> Vec<Diagnostic> {
    // .../level3/version1/fbc/version2
    let parts: Vec<&str> = address.split('/').collect();
    let name = if parts.len() > 1 {
        parts[parts.len() - 2]
    } else {
        address
    };
    let message = format!("the SBML package `{name}` is not supported");
    let error = Diagnostic::error(PACKAGE, source, xml::span(node), message);
    vec![error.help("export the model without the package, if it has a meaning without it")]
}
