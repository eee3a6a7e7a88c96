//! What a reader should know about a regimen before believing its result.

use std::collections::BTreeMap;

use crate::product::Product;
use crate::protocol::{Arm, Protocol};
use crate::regimen::{Days, TherapyUse};
use crate::therapy::{DoseUnit, Support, Therapy};

/// Weight at which a dose per kilogram is compared with a studied dose in mg.
const REFERENCE_KG: f64 = 70.0;
/// Relative slack of every limit: a limit itself is inside.
const SLACK: f64 = 1e-9;

/// A sentence for every regimen outside the range in which its kinetics were studied, and for every weakly supported therapy.
/// In the order of the protocol, none twice. A dose per kilogram is compared at 70 kg.
pub fn warnings(protocol: &Protocol, products: &BTreeMap<String, Product>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut say = |sentence: String| {
        if !found.contains(&sentence) {
            found.push(sentence);
        }
    };
    for arm in &protocol.arms {
        for (usage, _) in &arm.therapies {
            let Some(product) = products.get(&usage.id) else {
                continue;
            };
            outside(arm, usage, &product.therapy).into_iter().for_each(&mut say);
            if product.therapy.support == Support::Weak {
                say(format!(
                    "{} is weakly supported: most of its numbers are assumed",
                    product.therapy.name
                ));
            }
        }
    }
    found
}

fn outside(arm: &Arm, usage: &TherapyUse, therapy: &Therapy) -> Vec<String> {
    let Some(studied) = &therapy.studied else {
        return Vec::new();
    };
    let (given, unit) = match usage.amount() {
        Some(a) => (Some(if a.per_kg { a.value * REFERENCE_KG } else { a.value }), a.unit),
        None => (usage.daily_dose, DoseUnit::Mg),
    };
    let limits = match unit {
        DoseUnit::Mg => studied.dose_mg,
        DoseUnit::Cells => studied.dose_cells,
        DoseUnit::Ml => studied.dose_ml,
    };
    let mut found = Vec::new();
    let regimen = format!("{} in arm `{}`", therapy.name, arm.id);
    if let (Some(dose), Some([low, high])) = (given, limits)
        && dose > 0.0
        && !inside(dose, [low, high])
    {
        let unit = unit.text();
        found.push(format!(
            "{regimen}: {dose} {unit} is outside the studied {low} to {high} {unit}"
        ));
    }
    if let Some([low, high]) = studied.interval_days
        && let Some(days) = stray_interval(usage.days.as_ref(), [low, high])
    {
        found.push(format!(
            "{regimen}: {days} days between doses are outside the studied {low} to {high} days"
        ));
    }
    found
}

fn inside(value: f64, [low, high]: [f64; 2]) -> bool {
    (low * (1.0 - SLACK)..=high * (1.0 + SLACK)).contains(&value)
}

/// The first interval between doses that was not studied.
fn stray_interval(days: Option<&Days>, studied: [f64; 2]) -> Option<f64> {
    let days = days?.list();
    let mut intervals = days.windows(2).map(|pair| pair[1] - pair[0]);
    intervals.find(|interval| !inside(*interval, studied))
}
