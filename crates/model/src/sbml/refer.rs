//! What hierarchical models say beside their networks: submodels, ports, replacements, deletions.

use roxmltree::Node;

use super::read::own;
use super::xml;
use crate::model::Place;

/// A reference to an element of a submodel.
#[derive(Clone, Debug, Default)]
pub(super) struct Reference {
    pub port: Option<String>,
    pub id: Option<String>,
    pub unit: Option<String>,
    pub metaid: Option<String>,
    /// Further inside: the reference before leads to a submodel.
    pub inner: Option<Box<Reference>>,
}

/// An element of a model, by the name it can be found under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Id(String),
    Unit(String),
    MetaId(String),
}

/// Another model inside this one.
#[derive(Clone, Debug)]
pub(super) struct Submodel {
    pub id: String,
    pub metaid: Option<String>,
    pub model: String,
    pub time_factor: Option<String>,
    pub extent_factor: Option<String>,
    pub deletions: Vec<Reference>,
    pub place: Place,
}

/// An element that takes the place of one in a submodel.
#[derive(Clone, Debug)]
pub(super) struct Replacement {
    pub element: Target,
    pub submodel: String,
    pub of: Reference,
    pub factor: Option<String>,
    pub place: Place,
}

/// Everything of the kind in one model.
#[derive(Clone, Debug, Default)]
pub(super) struct Hierarchy {
    pub submodels: Vec<Submodel>,
    pub ports: Vec<(String, Reference)>,
    pub replaced: Vec<Replacement>,
    pub replaced_by: Vec<Replacement>,
}

fn attribute(node: Node, name: &str) -> Option<String> {
    own(node, name).map(|text| text.trim().to_owned())
}

/// Reads what `model` says.
pub(super) fn hierarchy(model: Node) -> Hierarchy {
    let ports = xml::items(model, "listOfPorts", "port");
    let mut found = Hierarchy {
        submodels: xml::items(model, "listOfSubmodels", "submodel")
            .into_iter()
            .map(submodel)
            .collect(),
        ports: ports
            .into_iter()
            .filter_map(|p| Some((attribute(p, "id")?, reference(p))))
            .collect(),
        ..Hierarchy::default()
    };
    for element in model.descendants().filter(Node::is_element) {
        let Some(target) = target(element) else { continue };
        let replacement = |node: Node| Replacement {
            element: target.clone(),
            submodel: attribute(node, "submodelRef").unwrap_or_default(),
            of: reference(node),
            factor: attribute(node, "conversionFactor"),
            place: xml::place(node),
        };
        for node in xml::items(element, "listOfReplacedElements", "replacedElement") {
            if attribute(node, "deletion").is_none() {
                found.replaced.push(replacement(node));
            }
        }
        found
            .replaced_by
            .extend(xml::children(element, "replacedBy").map(replacement));
    }
    found
}

/// The name under which an element of this model can be found.
fn target(element: Node) -> Option<Target> {
    let is_unit = element.tag_name().name() == "unitDefinition";
    let named = attribute(element, "id").map(|id| if is_unit { Target::Unit(id) } else { Target::Id(id) });
    named.or_else(|| attribute(element, "metaid").map(Target::MetaId))
}

fn submodel(node: Node) -> Submodel {
    Submodel {
        id: attribute(node, "id").unwrap_or_default(),
        metaid: attribute(node, "metaid"),
        model: attribute(node, "modelRef").unwrap_or_default(),
        time_factor: attribute(node, "timeConversionFactor"),
        extent_factor: attribute(node, "extentConversionFactor"),
        deletions: xml::items(node, "listOfDeletions", "deletion")
            .into_iter()
            .map(reference)
            .collect(),
        place: xml::place(node),
    }
}

fn reference(node: Node) -> Reference {
    Reference {
        port: attribute(node, "portRef"),
        id: attribute(node, "idRef"),
        unit: attribute(node, "unitRef"),
        metaid: attribute(node, "metaIdRef"),
        inner: xml::child(node, "sBaseRef").map(|inner| Box::new(reference(inner))),
    }
}
