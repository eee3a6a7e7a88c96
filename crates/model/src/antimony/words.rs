//! The vocabulary of Antimony.

/// Words that begin what Malar does not read, with what to do instead.
pub const UNSUPPORTED: [(&str, &str); 13] = [
    (
        "at",
        "events belong to the protocol and therapy files: doses, rescue and stopping rules",
    ),
    ("import", "copy the module's lines into this file"),
    ("DNA", "write the production of the gene product as a rate"),
    ("gene", "write the production of the gene product as a rate"),
    ("operator", "write the effect into the rate it changes"),
    ("delete", "leave the line out"),
    ("formula", "declare it with `var`"),
    (
        "event",
        "events belong to the protocol and therapy files: doses, rescue and stopping rules",
    ),
    ("maximize", "flux balance is not simulated; leave the objective out"),
    ("minimize", "flux balance is not simulated; leave the objective out"),
    ("substanceConversion", "leave unit conversion factors out"),
    ("extentConversion", "leave unit conversion factors out"),
    ("constraint", "state the constraint as a note"),
];

/// Words that cannot be names.
pub const KEYWORDS: [&str; 17] = [
    "model",
    "module",
    "function",
    "end",
    "species",
    "compartment",
    "reaction",
    "const",
    "var",
    "substanceOnly",
    "unit",
    "is",
    "has",
    "in",
    "notes",
    "at",
    "import",
];

/// Links' words with the word Malar prints; the reference reads all of them.
const QUALIFIERS: [(&str, &str); 30] = [
    ("description", "description"),
    ("isDescribedBy", "description"),
    ("identity", "identity"),
    ("biological_entity_is", "identity"),
    ("hasPart", "part"),
    ("part", "part"),
    ("isPartOf", "parthood"),
    ("parthood", "parthood"),
    ("isVersionOf", "hypernym"),
    ("hypernym", "hypernym"),
    ("hasVersion", "version"),
    ("version", "version"),
    ("isHomologTo", "homolog"),
    ("homolog", "homolog"),
    ("isEncodedBy", "encoder"),
    ("encoder", "encoder"),
    ("encodes", "encodement"),
    ("encodement", "encodement"),
    ("occursIn", "container"),
    ("container", "container"),
    ("hasProperty", "property"),
    ("property", "property"),
    ("isPropertyOf", "propertyBearer"),
    ("propertyBearer", "propertyBearer"),
    ("hasTaxon", "taxon"),
    ("taxon", "taxon"),
    ("model_entity_is", "model_entity_is"),
    ("model_source", "model_entity_is"),
    ("origin", "origin"),
    ("isDerivedFrom", "origin"),
];

/// The printed word of a link's word; nothing if it is none.
pub fn qualifier(word: &str) -> Option<&'static str> {
    QUALIFIERS.iter().find(|known| known.0 == word).map(|known| known.1)
}

/// All words that can follow a name to say something about it, for suggestions.
pub fn annotation_words() -> impl Iterator<Item = &'static str> + Clone {
    QUALIFIERS
        .iter()
        .map(|known| known.0)
        .chain(["is", "has", "notes", "in"])
}
