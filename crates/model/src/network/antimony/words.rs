//! Words that say something about an element, and the annotation that says the same in SBML.

use crate::network::escaped;

/// Qualifiers: Antimony's words, the element that says the same, and its namespace (`bqbiol` or `bqmodel`).
const QUALIFIERS: [(&str, &str, &str); 33] = [
    ("identity", "is", "bqbiol"),
    ("biological_entity_is", "is", "bqbiol"),
    ("is", "is", "bqbiol"),
    ("part", "hasPart", "bqbiol"),
    ("hasPart", "hasPart", "bqbiol"),
    ("parthood", "isPartOf", "bqbiol"),
    ("isPartOf", "isPartOf", "bqbiol"),
    ("hypernym", "isVersionOf", "bqbiol"),
    ("isVersionOf", "isVersionOf", "bqbiol"),
    ("version", "hasVersion", "bqbiol"),
    ("hasVersion", "hasVersion", "bqbiol"),
    ("homolog", "isHomologTo", "bqbiol"),
    ("isHomologTo", "isHomologTo", "bqbiol"),
    ("description", "isDescribedBy", "bqbiol"),
    ("isDescribedBy", "isDescribedBy", "bqbiol"),
    ("container", "occursIn", "bqbiol"),
    ("occursIn", "occursIn", "bqbiol"),
    ("encoder", "isEncodedBy", "bqbiol"),
    ("isEncodedBy", "isEncodedBy", "bqbiol"),
    ("encodement", "encodes", "bqbiol"),
    ("encodes", "encodes", "bqbiol"),
    ("property", "hasProperty", "bqbiol"),
    ("hasProperty", "hasProperty", "bqbiol"),
    ("propertyBearer", "isPropertyOf", "bqbiol"),
    ("isPropertyOf", "isPropertyOf", "bqbiol"),
    ("taxon", "hasTaxon", "bqbiol"),
    ("hasTaxon", "hasTaxon", "bqbiol"),
    ("model_entity_is", "is", "bqmodel"),
    ("model_source", "is", "bqmodel"),
    ("origin", "isDerivedFrom", "bqmodel"),
    ("isDerivedFrom", "isDerivedFrom", "bqmodel"),
    ("isInstanceOf", "isInstanceOf", "bqmodel"),
    ("hasInstance", "hasInstance", "bqmodel"),
];

/// The word by which the writer says what the reader found as `word`; nothing if it is no qualifier.
pub(crate) fn qualifier(word: &str) -> Option<&'static str> {
    let found = QUALIFIERS.iter().find(|known| known.0.eq_ignore_ascii_case(word))?;
    first_word(found.1, found.2)
}

fn first_word(element: &str, space: &str) -> Option<&'static str> {
    let same = QUALIFIERS.iter().find(|known| known.1 == element && known.2 == space);
    same.map(|known| known.0)
}

/// An `annotation` element that links the element with this metaid to addresses.
pub(crate) fn links_annotation(metaid: &str, links: &[(String, String)]) -> String {
    let mut inside = String::new();
    for (word, address) in links {
        if let Some((_, element, space)) = QUALIFIERS.iter().find(|known| known.0 == word) {
            let address = escaped(address);
            inside += &format!(
                "<{space}:{element}><rdf:Bag><rdf:li rdf:resource=\"{address}\"/></rdf:Bag></{space}:{element}>"
            );
        }
    }
    format!(
        "<annotation><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns:bqbiol=\"http://biomodels.net/biology-qualifiers/\" \
         xmlns:bqmodel=\"http://biomodels.net/model-qualifiers/\"><rdf:Description rdf:about=\"#{metaid}\">{inside}\
         </rdf:Description></rdf:RDF></annotation>"
    )
}

/// Links of an annotation in Antimony's words.
pub(crate) fn links(annotation: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for (at, (word, element, space)) in QUALIFIERS.iter().enumerate() {
        if QUALIFIERS[..at]
            .iter()
            .any(|earlier| earlier.1 == *element && earlier.2 == *space)
        {
            continue;
        }
        for part in annotation.split(&format!("<{space}:{element}>")).skip(1) {
            let part = part.split(&format!("</{space}:")).next().unwrap_or("");
            for address in part.split("rdf:resource=\"").skip(1) {
                let address = address.split('"').next().unwrap_or("").replace("&amp;", "&");
                found.push((*word, address));
            }
        }
    }
    found
}
