//! The posterior that a library keeps for predictions.

use malar_model::diagnostic::Source;

use super::Posterior;
use crate::catalog::{Kind, Library};
use crate::finding::{Finding, InputError};
use crate::plan::FileHash;

/// What the library keeps, sorted by whether it still fits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// The first posterior in the order of ids that left out no therapy and was made from the library's populations, disease models and
    /// therapies as they are now.
    pub current: Option<Posterior>,
    /// Posteriors made from others: id, and the first file that has changed since.
    pub stale: Vec<(String, String)>,
}

impl Stored {
    /// Looks through the library.
    ///
    /// # Errors
    /// A posterior's file that cannot be read.
    pub fn find(library: &Library) -> Result<Stored, InputError> {
        let mut stored = Stored::default();
        for id in library.ids(Kind::Posteriors) {
            let Some(source) = library.find(Kind::Posteriors, id) else {
                continue;
            };
            let posterior = Posterior::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
            match changed(&posterior, library) {
                Some(path) => stored.stale.push((posterior.id, path)),
                None if posterior.without.is_empty() && stored.current.is_none() => stored.current = Some(posterior),
                None => {}
            }
        }
        Ok(stored)
    }
}

/// The first file whose numbers the posterior was fitted together with and that is no longer the same. Trials and results may change: what
/// was learned from them stays learned.
fn changed(posterior: &Posterior, library: &Library) -> Option<String> {
    let matters = |file: &&FileHash| {
        let kinds = [Kind::Populations, Kind::Models, Kind::Therapies];
        kinds.iter().any(|kind| file.path.starts_with(kind.folder()))
    };
    let now = |source: &Source, file: &FileHash| FileHash::new(&file.path, &source.text);
    let same = |file: &FileHash| library.get(&file.path).is_some_and(|source| now(source, file) == *file);
    let file = posterior.files.iter().filter(matters).find(|file| !same(file))?;
    Some(file.path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library_with(population_then: &str) -> Library {
        let source = |path: &str, text: &str| Source {
            path: path.into(),
            text: text.into(),
        };
        let mut library = Library::embedded();
        let hash = FileHash::new("populations/p.toml", population_then);
        let posterior = format!(
            "id = \"a\"\nname = \"A\"\npopulations = [\"p\"]\ncalibrated_on = []\nnames = [\"k\"]\nweights = [1.0]\nmembers = [[2.0]]\n\
             [[files]]\npath = \"{}\"\nblake3 = \"{}\"\n[[files]]\npath = \"trials/gone.toml\"\nblake3 = \"0\"\n",
            hash.path, hash.blake3
        );
        library.insert("posteriors/a.toml", source("posteriors/a.toml", &posterior));
        library.insert("populations/p.toml", source("populations/p.toml", "k = 1"));
        library
    }

    #[test]
    fn a_posterior_of_the_population_as_it_is_is_taken_and_another_is_named() {
        let stored = Stored::find(&library_with("k = 1")).expect("readable");
        assert_eq!(stored.current.map(|p| p.id), Some("a".into()));
        let stored = Stored::find(&library_with("k = 3")).expect("readable");
        assert!(
            stored
                .stale
                .contains(&("a".to_owned(), "populations/p.toml".to_owned()))
        );
    }
}
