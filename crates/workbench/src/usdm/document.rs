//! What is read of a study definition: the parts of the first study design, checked for ids that lead nowhere.

use malar_model::codes::USDM_FILE;
use serde::Deserialize;

/// A file that is not a study definition of USDM 4, or contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error[{USDM_FILE}]: {message}\n  --> {place}\n   = help: {help}")]
pub struct UsdmError {
    /// File, and the id of the part, if one is meant.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// A study design with what stands around it.
#[derive(Clone, Debug)]
pub struct Design {
    /// Where it was read.
    pub path: String,
    /// Version of the model.
    pub usdm_version: String,
    /// Name of the study.
    pub study: String,
    /// Identifiers, such as a registry's.
    pub identifiers: Vec<String>,
    /// Criteria as sentences, in the order of the design: inclusion or exclusion, text, our rule if it has one.
    pub criteria: Vec<Criterion>,
    pub(super) parts: Parts,
}

/// A criterion of a study definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// Id, such as `EligibilityCriterion_1`.
    pub id: String,
    /// `Inclusion` or `Exclusion`, as the file says.
    pub category: String,
    /// The sentence.
    pub text: String,
    /// A rule in our expression language.
    pub rule: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapper {
    study: Study,
    usdm_version: String,
}

#[derive(Deserialize)]
struct Study {
    name: String,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    #[serde(default)]
    study_identifiers: Vec<Identifier>,
    #[serde(default)]
    study_designs: Vec<Parts>,
    #[serde(default)]
    eligibility_criterion_items: Vec<CriterionItem>,
}

#[derive(Deserialize)]
struct Identifier {
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CriterionItem {
    id: String,
    text: String,
    #[serde(default)]
    extension_attributes: Vec<Extension>,
}

/// The parts of a study design.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parts {
    pub arms: Vec<Named>,
    pub epochs: Vec<Named>,
    #[serde(default)]
    pub encounters: Vec<Encounter>,
    #[serde(default)]
    pub schedule_timelines: Vec<Timeline>,
    #[serde(default)]
    pub eligibility_criteria: Vec<CriterionUse>,
    #[serde(default)]
    pub objectives: Vec<Objective>,
    #[serde(default)]
    pub estimands: Vec<Estimand>,
    pub population: Population,
    #[serde(default)]
    pub extension_attributes: Vec<Extension>,
}

/// Something with an id and names.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Named {
    pub id: String,
    pub name: String,
    pub label: Option<String>,
    pub description: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<Code>,
}

impl Named {
    /// The name that people read.
    pub fn title(&self) -> &str {
        self.label
            .as_deref()
            .filter(|label| !label.is_empty())
            .unwrap_or(&self.name)
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Code {
    pub code: String,
    pub decode: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Encounter {
    #[serde(flatten)]
    pub named: Named,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timeline {
    pub main_timeline: bool,
    #[serde(default)]
    pub instances: Vec<Instance>,
    #[serde(default)]
    pub timings: Vec<Timing>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Instance {
    pub id: String,
    pub epoch_id: Option<String>,
    pub encounter_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timing {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: Code,
    pub value: String,
    pub relative_from_scheduled_instance_id: String,
    pub relative_to_scheduled_instance_id: Option<String>,
    pub window_lower: Option<String>,
    pub window_upper: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CriterionUse {
    id: String,
    category: Code,
    criterion_item_id: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Objective {
    pub text: String,
    pub level: Code,
    #[serde(default)]
    pub endpoints: Vec<Endpoint>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Endpoint {
    pub id: String,
    pub text: String,
    pub level: Code,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Estimand {
    pub population_summary: String,
    pub variable_of_interest_id: String,
    #[serde(default)]
    pub intercurrent_events: Vec<IntercurrentEvent>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct IntercurrentEvent {
    pub text: String,
    pub strategy: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Population {
    pub planned_enrollment_number: Option<Quantity>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quantity {
    pub value: Option<f64>,
    pub max_value: Option<Box<Quantity>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extension {
    pub url: String,
    pub value_string: Option<String>,
}

impl Design {
    /// Reads the first design of the first version of a study.
    pub fn read(text: &str, path: &str) -> Result<Design, UsdmError> {
        let wrong = |place: String, message: String, help: &'static str| UsdmError { place, message, help };
        let wrapper: Wrapper = serde_json::from_str(text).map_err(|reason| {
            let place = format!("{path}:{}:{}", reason.line(), reason.column());
            wrong(
                place,
                format!("is not a study of USDM 4: {reason}"),
                "write it by the USDM API, version 4.0.0",
            )
        })?;
        if !wrapper.usdm_version.starts_with("4.") {
            let message = format!("is USDM {}", wrapper.usdm_version);
            return Err(wrong(path.into(), message, "only version 4 is read; convert it first"));
        }
        let version = wrapper.study.versions.into_iter().next();
        let found = version.and_then(|mut v| (!v.study_designs.is_empty()).then(|| (v.study_designs.remove(0), v)));
        let Some((parts, version)) = found else {
            return Err(wrong(
                path.into(),
                "has no study design".into(),
                "add `versions` with `studyDesigns`",
            ));
        };
        let criteria = parts.eligibility_criteria.iter().map(|use_| {
            let item = version
                .eligibility_criterion_items
                .iter()
                .find(|item| item.id == use_.criterion_item_id);
            let item = item.ok_or_else(|| dangling(path, &use_.id, &use_.criterion_item_id))?;
            Ok(Criterion {
                id: use_.id.clone(),
                category: use_.category.decode.clone(),
                text: item.text.clone(),
                rule: extension(&item.extension_attributes, super::RULE),
            })
        });
        Ok(Design {
            path: path.into(),
            usdm_version: wrapper.usdm_version,
            study: wrapper.study.name,
            identifiers: version.study_identifiers.into_iter().map(|i| i.text).collect(),
            criteria: criteria.collect::<Result<_, UsdmError>>()?,
            parts,
        })
    }

    /// The whole protocol file, if the study was written here.
    pub fn protocol(&self) -> Option<String> {
        extension(&self.parts.extension_attributes, super::PROTOCOL)
    }

    /// Ids and names of the encounters, in the order of the file.
    pub fn encounters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parts
            .encounters
            .iter()
            .map(|e| (e.named.id.as_str(), e.named.title()))
    }
}

/// An id that nothing has.
pub(super) fn dangling(path: &str, from: &str, to: &str) -> UsdmError {
    UsdmError {
        place: format!("{path}, {from}"),
        message: format!("`{from}` leads to `{to}`, which is not in the file"),
        help: "correct the id, or add the part it names",
    }
}

fn extension(attributes: &[Extension], url: &str) -> Option<String> {
    attributes.iter().find(|a| a.url == url)?.value_string.clone()
}
