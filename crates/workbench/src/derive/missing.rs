//! Which components endpoints lack, and for how many patients.

use std::collections::{BTreeMap, BTreeSet};

use malar_trial::instruments::VARIABLES;
use malar_trial::reason;

use super::{Answer, Derived, Row};

/// An endpoint that cannot be told for some patients, because they lack a component.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Gap {
    /// Endpoint id.
    pub endpoint: String,
    /// The component as rules call it; `visit` if the visit itself was not held.
    pub component: String,
    /// Patients who lack it at one visit or more.
    pub patients: usize,
    /// Patients in all.
    pub of: usize,
}

/// Every gap, by endpoint, the component most often missing first.
pub(super) fn gaps(derived: &Derived) -> Vec<Gap> {
    let reads: Vec<Vec<usize>> = derived.endpoints.iter().map(|e| e.reads()).collect();
    let mut lacking: BTreeMap<(u16, usize), BTreeSet<u32>> = BTreeMap::new();
    for row in derived.rows.iter().filter(|r| is_gap(r)) {
        for component in missing_at(derived, row, &reads[usize::from(row.endpoint)]) {
            lacking
                .entry((row.endpoint, component))
                .or_default()
                .insert(row.patient);
        }
    }
    let mut gaps: Vec<(u16, Gap)> = Vec::new();
    for ((endpoint, component), patients) in lacking {
        let gap = Gap {
            endpoint: derived.endpoints[usize::from(endpoint)].id.clone(),
            component: VARIABLES.get(component).map_or("visit", |v| v.0).to_owned(),
            patients: patients.len(),
            of: derived.patients.len(),
        };
        gaps.push((endpoint, gap));
    }
    gaps.sort_by_key(|(endpoint, gap)| (*endpoint, std::cmp::Reverse(gap.patients)));
    gaps.into_iter().map(|(_, gap)| gap).collect()
}

/// True if the answer is not known because something is missing, rather than because the patient left.
pub(super) fn is_gap(row: &Row) -> bool {
    row.answer == Answer::Unknown && usize::from(row.reason) == reason::NOT_ASSESSED
}

/// Positions of the variables that a row lacks; beyond all variables if it lacks the visit.
pub(super) fn missing_at(derived: &Derived, row: &Row, reads: &[usize]) -> Vec<usize> {
    let endpoint = &derived.endpoints[usize::from(row.endpoint)];
    let baseline = &derived.baselines[row.patient as usize];
    let denominator = endpoint.denominator.iter().flat_map(|rule| rule.positions());
    let unknown: Vec<usize> = denominator.filter(|&p| baseline[p].is_nan()).collect();
    if !unknown.is_empty() {
        return unknown;
    }
    let Some(visit) = row.visit else {
        return vec![VARIABLES.len()];
    };
    let now = &derived.visits[visit as usize];
    let lacking: Vec<usize> = reads.iter().copied().filter(|&p| now[p].is_nan()).collect();
    if !lacking.is_empty() {
        return lacking;
    }
    // A criterion that asks for every visit from some week on lacks it at an earlier one.
    let (mut earlier, mut at) = (BTreeSet::new(), visit as usize);
    while at > 0 && derived.visits[at - 1][0] < derived.visits[at][0] {
        at -= 1;
        earlier.extend(reads.iter().copied().filter(|&p| derived.visits[at][p].is_nan()));
    }
    earlier.into_iter().collect()
}
