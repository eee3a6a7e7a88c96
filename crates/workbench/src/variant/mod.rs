//! Structural alternatives of a disease model: other right-hand sides for some of its equations, laid over the library.
//!
//! `models/<model>/variants/<id>.toml` names quantities of the model and gives new right-hand sides in its own language. A rule
//! stays a rule and a rate a rate; a constant becomes a rule, so that no population can draw it any more. States, numbers and rules that the
//! model does not have stand in `adds`, Antimony that goes to the model's end. The model's text is changed at these places and nowhere else, so that a
//! variant that repeats the model changes no bit of any result.

mod compare;

use std::collections::BTreeMap;
use std::ops::Range;

use malar_model::codes::{DATA_ID, NO_SOURCE, UNDEFINED};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::{Model, parse_antimony, read_toml};
use serde::Deserialize;
use toml::Spanned;

use crate::catalog::{Kind, Library};
use crate::finding::{Finding, InputError};
use crate::study::ModelFile;
pub use compare::{Comparison, Line, Request, compare};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantFile {
    id: Spanned<String>,
    name: String,
    why: String,
    source: Option<String>,
    assumed: Option<String>,
    adds: Option<Spanned<String>>,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Spanned<String>>,
}

/// A structural alternative, in words.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Variant {
    /// What `--variant` takes.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Model it changes.
    pub model: String,
    /// Why the alternative matters.
    pub why: String,
    /// Quantities whose equations it changes.
    pub changes: Vec<String>,
    /// States that the model does not have.
    pub adds: Vec<String>,
}

/// Every variant of the library, sorted by model and id.
pub fn variants(library: &Library) -> Result<Vec<Variant>, InputError> {
    let described = |(path, source): (&str, &Source)| {
        let model = model_of(path)?.to_owned();
        Some(read(source).map(|file| describe(file, model)))
    };
    library.list(Kind::Models).filter_map(described).collect()
}

/// The library with the model that the variant called `id` changes.
pub fn with_variant(library: &Library, id: &str) -> Result<Library, InputError> {
    let is_it = |path: &str| model_of(path).is_some() && path.ends_with(&format!("/variants/{id}.toml"));
    let found = library.list(Kind::Models).find(|(path, _)| is_it(path));
    let Some((path, source)) = found else {
        let known: Vec<String> = variants(library)?.into_iter().map(|variant| variant.id).collect();
        return Err(InputError::Unknown {
            kind: "variant",
            name: id.into(),
            help: format!("known variants: {}", known.join(", ")),
        });
    };
    let file = read(source)?;
    if file.id.get_ref() != id {
        let message = format!("id `{}` is not the name of the file", file.id.get_ref());
        let found = Diagnostic::error(DATA_ID, source, file.id.span(), message).help(format!("write `id = \"{id}\"`"));
        return Err(vec![Finding::new(found, source)].into());
    }
    let (place, base) = model_text(library, model_of(path).expect("asked before"))?;
    let changed = change(base, &file, source)?;
    let mut library = library.clone();
    library.insert(&place, changed);
    library.name_variant(id);
    Ok(library)
}

/// Id of the model whose variant the file at `path` describes.
pub(crate) fn model_of(path: &str) -> Option<&str> {
    let (model, file) = path.strip_prefix("models/")?.split_once("/variants/")?;
    (file.ends_with(".toml") && !file.contains('/')).then_some(model)
}

fn read(source: &Source) -> Result<VariantFile, InputError> {
    let one = |found: Diagnostic| vec![Finding::new(found, source)];
    let file: VariantFile = read_toml(source).map_err(one)?;
    if file.source.is_some() == file.assumed.is_some() {
        let found = Diagnostic::error(
            NO_SOURCE,
            source,
            file.id.span(),
            "the variant has no source".to_owned(),
        )
        .help("add `source = \"doi:...\"` or `assumed = \"what is assumed\"`, not both");
        return Err(one(found).into());
    }
    Ok(file)
}

fn describe(file: VariantFile, model: String) -> Variant {
    Variant {
        id: file.id.into_inner(),
        name: file.name,
        model,
        why: file.why,
        adds: file.adds.as_ref().map_or(Vec::new(), |text| declared(text.get_ref())),
        changes: file.rules.into_keys().map(Spanned::into_inner).collect(),
    }
}

/// Names behind `var`.
fn declared(text: &str) -> Vec<String> {
    let state = |line: &str| {
        let name = line.trim_start().strip_prefix("var ")?;
        Some(name.split([' ', '=', ';']).next()?.to_owned())
    };
    text.lines().filter_map(state).collect()
}

/// Path in the library and text of a model's equations.
fn model_text<'a>(library: &'a Library, model: &str) -> Result<(String, &'a Source), InputError> {
    let missing = |name: String| InputError::Unknown {
        kind: "file",
        name,
        help: "a variant needs the model it changes".into(),
    };
    let path = Library::path(Kind::Models, model);
    let described = library.get(&path).ok_or_else(|| missing(path.clone()))?;
    let file: ModelFile = read_toml(described).map_err(|found| vec![Finding::new(found, described)])?;
    let place = format!("models/{model}/{}", file.file);
    let text = library.get(&place).ok_or_else(|| missing(place.clone()))?;
    Ok((place, text))
}

/// A new right-hand side and the place it goes to.
struct Edit {
    place: Range<usize>,
    text: String,
    /// Where the variant file says so.
    said: Range<usize>,
}

/// The model's text with the variant's right-hand sides, checked.
fn change(base: &Source, file: &VariantFile, source: &Source) -> Result<Source, InputError> {
    let model = parse_antimony(base).map_err(|found| Finding::all(found, base))?;
    let mut edits = Vec::new();
    for (name, text) in &file.rules {
        edits.push(edit(&model, base, name, text).map_err(|message| {
            let found = Diagnostic::error(UNDEFINED, source, name.span(), message);
            vec![Finding::new(
                found.help("write the name of a quantity of the model with a rule, a rate or a value"),
                source,
            )]
        })?);
    }
    edits.extend(file.adds.as_ref().map(|text| at_the_end(base, text)));
    edits.sort_by_key(|edit| edit.place.start);
    let (changed, places) = apply(base, &edits);
    let check = || -> Result<(), Vec<Diagnostic>> { parse_antimony(&changed)?.equations(&changed).map(drop) };
    check().map_err(|found| {
        let blame = |found: Diagnostic| {
            let hit = places.iter().position(|place| place.contains(&found.span.start));
            let said = edits[hit.unwrap_or(0)].said.clone();
            let found = Diagnostic::error(
                found.code,
                source,
                said,
                format!("the changed model fails: {}", found.message),
            );
            Finding::new(
                found.help("right-hand sides are Antimony, in the model's own names"),
                source,
            )
        };
        InputError::Wrong(found.into_iter().map(blame).collect())
    })?;
    Ok(changed)
}

/// Where the right-hand side of `name` stands. A constant `k = 1` becomes `k := ...`.
fn edit(model: &Model, base: &Source, name: &Spanned<String>, text: &Spanned<String>) -> Result<Edit, String> {
    let said = text.span();
    let variable = model.variable(name.get_ref());
    let formula = variable.and_then(|v| v.change.as_ref().map(|change| change.formula().span.clone()));
    if let Some(place) = formula {
        let text = text.get_ref().clone();
        return Ok(Edit { place, text, said });
    }
    let value = variable.and_then(|v| v.initial.as_ref().map(|value| value.span.clone()));
    let value = value.ok_or_else(|| format!("`{}` has no equation in `{}`", name.get_ref(), base.path))?;
    let sign = base.text[..value.start]
        .rfind('=')
        .expect("a value stands behind a sign");
    Ok(Edit {
        place: sign..value.end,
        text: format!(":= {}", text.get_ref()),
        said,
    })
}

/// New statements before the model's `end`, or behind everything if it has none.
fn at_the_end(base: &Source, text: &Spanned<String>) -> Edit {
    let end = base.text.rfind("\nend").unwrap_or(base.text.len());
    Edit {
        place: end..end,
        text: format!("\n{}", text.get_ref().trim_end()),
        said: text.span(),
    }
}

/// The text with all edits, and where they ended up.
fn apply(base: &Source, edits: &[Edit]) -> (Source, Vec<Range<usize>>) {
    let (mut text, mut places, mut done) = (String::new(), Vec::new(), 0);
    for edit in edits {
        text += &base.text[done..edit.place.start];
        places.push(text.len()..text.len() + edit.text.len());
        text += &edit.text;
        done = edit.place.end;
    }
    text += &base.text[done..];
    let path = base.path.clone();
    (Source { path, text }, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library_with(name: &str, text: &str) -> Library {
        let mut library = Library::embedded();
        let path = format!("models/sle/variants/{name}.toml");
        let source = Source {
            path: format!("data/{path}"),
            text: text.to_owned(),
        };
        library.insert(&path, source);
        library
    }

    #[test]
    fn every_variant_of_the_library_gives_a_model() {
        let library = Library::embedded();
        let all = variants(&library).expect("readable");
        assert!(all.len() >= 3);
        for variant in all {
            let changed = with_variant(&library, &variant.id).unwrap_or_else(|e| panic!("{}: {e}", variant.id));
            let text = |library: &Library| library.get("models/sle/sle.ant").expect("the model").text.clone();
            assert_ne!(text(&changed), text(&library), "{}", variant.id);
        }
    }

    #[test]
    fn a_variant_that_repeats_the_model_is_the_model() {
        let rule = "id = \"same\"\nname = \"n\"\nwhy = \"w\"\nassumed = \"nothing\"\n[rules]\nBAFF_free = \"BAFF*(1 - baff_block)\"\n";
        let library = library_with("same", rule);
        let changed = with_variant(&library, "same").expect("a good variant");
        let text = |library: &Library| library.get("models/sle/sle.ant").expect("the model").text.clone();
        assert_eq!(text(&changed), text(&library));
    }

    #[test]
    fn a_variant_may_have_states_that_the_model_has_not() {
        let all = variants(&Library::embedded()).expect("readable");
        let kidney = all
            .iter()
            .find(|variant| variant.id == "inflammatory-kidney")
            .expect("in the library");
        assert_eq!(
            kidney.adds,
            ["kidney_complexes", "kidney_inflammation", "kidney_restraint"]
        );
        let added = "id = \"pool\"\nname = \"n\"\nwhy = \"w\"\nassumed = \"a\"\nadds = \"\"\"\n  var pool = 1;\n  pool' = 1 - pool\n\"\"\"\n";
        let states = |library: &Library| {
            let source = library.get("models/sle/sle.ant").expect("the model");
            let equations = parse_antimony(source).and_then(|model| model.equations(source));
            equations.expect("a good model").states.len()
        };
        let changed = with_variant(&library_with("pool", added), "pool").expect("a good variant");
        assert_eq!(states(&changed), states(&Library::embedded()) + 1);
    }

    #[test]
    fn mistakes_are_shown_in_the_variants_own_file() {
        let head = "id = \"bad\"\nname = \"n\"\nwhy = \"w\"\nassumed = \"a\"\n[rules]\n";
        let message = |rule: &str| {
            let library = library_with("bad", &format!("{head}{rule}\n"));
            with_variant(&library, "bad").expect_err("a bad variant").to_string()
        };
        let unknown = message("helpp = \"1\"");
        assert!(
            unknown.contains("variants/bad.toml:6") && unknown.contains("helpp"),
            "{unknown}"
        );
        let undefined = message("help = \"T_help*nothing\"");
        assert!(
            undefined.contains("variants/bad.toml:6") && undefined.contains("nothing"),
            "{undefined}"
        );
        let added =
            String::from("id = \"bad\"\nname = \"n\"\nwhy = \"w\"\nassumed = \"a\"\nadds = \"pool' = nothing\"\n");
        let found = with_variant(&library_with("bad", &added), "bad")
            .expect_err("nothing is defined")
            .to_string();
        assert!(found.contains("variants/bad.toml:5"), "{found}");
        let none = with_variant(&Library::embedded(), "none")
            .expect_err("not there")
            .to_string();
        assert!(none.contains("known variants: additive-help"), "{none}");
    }
}
