//! Worked cases: a visit's variables, given one by one or by the forms behind them, and what the endpoint must say.

use std::collections::BTreeMap;

use malar_model::codes::WORKED_CASE;
use malar_model::diagnostic::{Diagnostic, Source};
use serde::Deserialize;
use toml::Spanned;

use super::SCORED;
use crate::instruments::{
    FlareForm, N_VARIABLES, VARIABLES, Variables, bilag_variables, set_partial_improvement, variable_names,
};

/// A worked case as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    pub name: String,
    #[serde(default)]
    values: BTreeMap<String, f64>,
    bilag_baseline: Option<String>,
    bilag: Option<String>,
    /// SLEDAI-2K items at baseline and now, and those half better.
    items_baseline: Option<Vec<String>>,
    #[serde(default)]
    items: Vec<String>,
    #[serde(default)]
    half_better: Vec<String>,
    /// What the SELENA flare index looks at.
    flare: Option<FlareForm>,
    reason: Option<String>,
    value: Option<f64>,
}

/// A worked case of an endpoint file.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name for people.
    pub name: String,
    /// Variables at the visit.
    pub values: Variables,
    /// Expected reason; `responder` for a response, `event` or `no-event` for a rate, `scored` where a score has a value.
    pub reason: String,
    /// Expected value of a score.
    pub value: Option<f64>,
}

pub(super) fn parse_case(case: &Spanned<CaseFile>, source: &Source) -> Result<Case, Diagnostic> {
    let file = case.get_ref();
    let wrong = |message: String, help: &str| Diagnostic::error(WORKED_CASE, source, case.span(), message).help(help);
    let mut values = [0.0; N_VARIABLES];
    if let (Some(baseline), Some(now)) = (&file.bilag_baseline, &file.bilag) {
        values = bilag_variables(baseline, now).ok_or_else(|| {
            wrong(
                "BILAG grades are nine letters A to E".to_owned(),
                "write `bilag = \"EEEBEEEEE\"`",
            )
        })?;
    }
    let no_item = |id: String| {
        wrong(
            format!("`{id}` is not a SLEDAI-2K item"),
            "docs/derive.md lists the items",
        )
    };
    if let Some(baseline) = &file.items_baseline {
        set_partial_improvement([baseline, &file.items, &file.half_better], &mut values).map_err(no_item)?;
    }
    if let Some(form) = &file.flare {
        form.set(&mut values).map_err(no_item)?;
    }
    for (name, value) in &file.values {
        let Some(k) = VARIABLES.iter().position(|v| v.0 == name) else {
            return Err(wrong(
                format!("`{name}` is not a variable"),
                "see docs/methods/endpoints.md for the list",
            ));
        };
        values[k] = *value;
    }
    complete_changes(&mut values);
    let reason = match (&file.reason, file.value) {
        (Some(reason), None) => reason.clone(),
        (None, Some(_)) => SCORED.to_owned(),
        _ => {
            let help = "write `reason = \"...\"`, or of a score `value = ...`";
            return Err(wrong("a worked case has a reason or a value".to_owned(), help));
        }
    };
    Ok(Case {
        name: file.name.clone(),
        values,
        reason,
        value: file.value,
    })
}

/// Fills `x_change` from `x` and `x_baseline`, as a visit would: decimals as they are printed.
fn complete_changes(values: &mut Variables) {
    let names = variable_names();
    for k in 0..N_VARIABLES {
        let Some(stem) = names[k].strip_suffix("_change") else {
            continue;
        };
        let find = |name: String| {
            names
                .iter()
                .position(|n| *n == name)
                .expect("a change has its value and baseline")
        };
        let difference = values[find(stem.to_owned())] - values[find(format!("{stem}_baseline"))];
        values[k] = (difference * 1000.0).round() / 1000.0;
    }
}
