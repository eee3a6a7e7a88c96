//! P values of the trial's hypotheses, adjusted for each other.

use crate::endpoint::{Endpoint, Kind};
use crate::protocol::{Hypothesis, Protocol};
use crate::results::{EstimateRow, HypothesisLabel, HypothesisRow, MultiplicityLabel};

/// One row per hypothesis; none if the protocol lists none.
pub(crate) fn hypothesis_rows(
    protocol: &Protocol,
    endpoints: &[Endpoint],
    estimates: &[EstimateRow],
) -> Vec<HypothesisRow> {
    let Some(multiplicity) = &protocol.multiplicity else {
        return Vec::new();
    };
    let p_value = |h: &Hypothesis| one_sided(h, endpoints[h.endpoint].kind, estimates);
    let p: Vec<f64> = multiplicity.hypotheses.iter().map(p_value).collect();
    let adjusted = multiplicity.graph.adjust(&p);
    let row = |(k, (&p_value, &adjusted)): (usize, (&f64, &f64))| HypothesisRow {
        hypothesis: k as u16,
        p_value,
        adjusted,
        rejected: adjusted <= multiplicity.alpha,
    };
    p.iter().zip(&adjusted).enumerate().map(row).collect()
}

/// The analysis' p value on the side of benefit: more responders, a higher score, fewer events.
fn one_sided(hypothesis: &Hypothesis, kind: Kind, estimates: &[EstimateRow]) -> f64 {
    let is_it = |row: &&EstimateRow| {
        usize::from(row.arm) == hypothesis.arm
            && usize::from(row.endpoint) == hypothesis.endpoint
            && usize::from(row.population) == hypothesis.population
            && row.week.to_bits() == hypothesis.week.to_bits()
    };
    let Some(row) = estimates.iter().find(is_it) else {
        return 1.0; // an empty arm shows nothing
    };
    let benefit = match kind {
        Kind::Binary | Kind::Score => row.difference,
        Kind::Rate => -row.difference,
    };
    if benefit > 0.0 {
        0.5 * row.p_value
    } else {
        1.0 - 0.5 * row.p_value
    }
}

/// What the rows refer to.
pub(crate) fn label(protocol: &Protocol) -> Option<MultiplicityLabel> {
    let multiplicity = protocol.multiplicity.as_ref()?;
    let graph = &multiplicity.graph;
    let passes = |k: usize| {
        let shares = graph.transitions()[k].iter().enumerate();
        shares
            .filter(|(_, share)| **share > 0.0)
            .map(|(j, share)| (j as u16, *share))
    };
    let hypotheses = multiplicity.hypotheses.iter().enumerate();
    let hypotheses = hypotheses.map(|(k, h)| HypothesisLabel {
        id: h.id.clone(),
        arm: h.arm as u16,
        control: protocol.control() as u16,
        endpoint: h.endpoint as u16,
        week: h.week,
        population: h.population as u16,
        weight: graph.weights()[k],
        passes: passes(k).collect(),
    });
    Some(MultiplicityLabel {
        alpha: multiplicity.alpha,
        procedure: multiplicity.procedure.id().to_owned(),
        hypotheses: hypotheses.collect(),
    })
}
