//! What Levels 1 and 2 can say and Level 3 cannot, none of which changes what a model does: kept in the annotation.

use roxmltree::Node;

use crate::network::escaped;
use crate::sbml::xml;

/// Namespace of what is kept.
const NAMESPACE: &str = "https://github.com/malar-sle/malar/earlier-levels";
/// Attributes without meaning for a simulation that Level 3 does not have.
const ATTRIBUTES: [&str; 5] = [
    "outside",
    "compartmentType",
    "speciesType",
    "charge",
    "spatialSizeUnits",
];
/// Lists of a model that Level 3 does not have.
const LISTS: [&str; 2] = ["listOfCompartmentTypes", "listOfSpeciesTypes"];

/// The annotation of an element as XML text, with what its level says beyond Level 3.
pub(super) fn annotation(node: Node) -> Option<String> {
    let own = xml::child(node, "annotation").map(xml::verbatim);
    let Some(kept) = kept(node) else { return own };
    Some(match own {
        Some(text) => text.trim_end_matches("</annotation>").to_owned() + &kept + "</annotation>",
        None => format!("<annotation>{kept}</annotation>"),
    })
}

fn kept(node: Node) -> Option<String> {
    let mut attributes = String::new();
    for name in ATTRIBUTES {
        if let Some(value) = node.attribute(name) {
            attributes += &format!(" {name}=\"{}\"", escaped(value));
        }
    }
    let lists: String = LISTS
        .iter()
        .flat_map(|name| xml::children(node, name))
        .map(xml::verbatim)
        .collect();
    let is_empty = attributes.is_empty() && lists.is_empty();
    (!is_empty).then(|| format!("<earlier xmlns=\"{NAMESPACE}\"{attributes}>{lists}</earlier>"))
}
