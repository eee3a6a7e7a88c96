//! `evidence/subgroups.toml`: whom to compare, and what to change to see why.

use malar_evidence::Library as Evidence;
use malar_model::codes::{DATA_NOT_FOUND, EVIDENCE};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::read_toml;
use serde::Deserialize;
use toml::Spanned;

use crate::catalog::Library;
use crate::finding::InputError;
use crate::study::{Numbers, find_numbers};

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubgroupsFile {
    /// Comparisons, in the order of the page.
    pub comparisons: Vec<Comparison>,
}

/// An arm against its control in two analysis populations.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Kebab-case id.
    pub id: Spanned<String>,
    /// Name for people.
    pub name: String,
    /// What is asked.
    pub question: String,
    /// Protocols that are simulated and pooled.
    pub trials: Spanned<Vec<String>>,
    /// File of the evidence with the published contrasts.
    pub published: Spanned<String>,
    /// Arm that is treated.
    pub arm: String,
    /// Arm it is compared with.
    pub control: String,
    /// Two analysis populations of the protocols.
    pub subgroups: [String; 2],
    /// What is compared.
    pub endpoints: Vec<Spanned<At>>,
    /// The same with other numbers.
    #[serde(default)]
    pub scenarios: Vec<Spanned<Scenario>>,
}

/// An endpoint and its week.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// Endpoint as the protocols name it.
    pub id: String,
    /// Week.
    pub week: f64,
}

/// One thing that is different in the virtual patients.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What, in words.
    pub name: String,
    /// Numbers of population, therapies or disease model, as a posterior names them.
    pub set: Spanned<Numbers>,
    /// Where the values come from.
    pub assumed: String,
}

impl SubgroupsFile {
    /// Reads the file and holds it against the evidence.
    ///
    /// # Errors
    /// What is not a file of this shape; published results that are not there.
    pub fn read(source: &Source, evidence: &Evidence) -> Result<SubgroupsFile, Vec<Diagnostic>> {
        let file: SubgroupsFile = read_toml(source).map_err(|found| vec![found])?;
        let found: Vec<Diagnostic> = file
            .comparisons
            .iter()
            .flat_map(|comparison| comparison.unpublished(evidence, source))
            .collect();
        if found.is_empty() { Ok(file) } else { Err(found) }
    }

    /// Holds the numbers of every scenario against the trials in which they are to change. A trial that cannot be read says so elsewhere.
    ///
    /// # Errors
    /// Numbers that a trial does not have.
    pub(super) fn find_numbers(self, library: &Library, source: &Source) -> Result<SubgroupsFile, Vec<Diagnostic>> {
        let found: Vec<Diagnostic> = self
            .comparisons
            .iter()
            .flat_map(|comparison| comparison.unknown_numbers(library, source))
            .collect();
        if found.is_empty() { Ok(self) } else { Err(found) }
    }
}

impl Comparison {
    fn unknown_numbers(&self, library: &Library, source: &Source) -> Vec<Diagnostic> {
        let scenarios = self.scenarios.iter().map(|scenario| &scenario.get_ref().set);
        let both = scenarios.flat_map(|set| self.trials.get_ref().iter().map(move |trial| (set, trial)));
        let unknown = |(set, trial): (&Spanned<Numbers>, &String)| {
            let InputError::Unknown {
                kind: "number",
                name,
                help,
            } = find_numbers(library, trial, set.get_ref()).err()?
            else {
                return None;
            };
            let message = format!("`{trial}` has no number `{name}`");
            Some(Diagnostic::error(DATA_NOT_FOUND, source, set.span(), message).help(help))
        };
        both.filter_map(unknown).collect()
    }

    /// Contrasts that the evidence does not have in both populations.
    fn unpublished(&self, evidence: &Evidence, source: &Source) -> Vec<Diagnostic> {
        let id = self.published.get_ref();
        let Some(published) = evidence.get(id) else {
            let message = format!("no published results are called `{id}`");
            let help = "write the id of a file in `data/evidence/trials`";
            return vec![Diagnostic::error(DATA_NOT_FOUND, source, self.published.span(), message).help(help)];
        };
        let absent = |at: &&Spanned<At>| {
            let (endpoint, week) = (&at.get_ref().id, at.get_ref().week);
            let has = |population: &String| {
                published
                    .difference(&self.arm, &self.control, endpoint, week, population)
                    .is_some()
            };
            !self.subgroups.iter().all(has)
        };
        let say = |at: &Spanned<At>| {
            let At { id: endpoint, week } = at.get_ref();
            let [first, second] = &self.subgroups;
            let message =
                format!("`{id}` has no verified `{endpoint}` at week {week} in both `{first}` and `{second}`");
            let help = "compare endpoints whose contrasts were published in both populations";
            Diagnostic::error(EVIDENCE, source, at.span(), message).help(help)
        };
        self.endpoints.iter().filter(absent).map(say).collect()
    }
}
