//! The SELENA flare index of a visit against the one before.
//!
//! What a simulated trial cannot know: whether a patient was in hospital, and whether an NSAID or hydroxychloroquine was
//! added. Neither is there ([`SinceLast::OF_VIRTUAL_PATIENTS`]), so its flares are too few. Platelets below 60 × 10⁹/L and
//! haemolysis are not told from descriptors either, here or in tables, nor is what got worse without being new.

use malar_instruments::Decimal;
use malar_instruments::sledai::descriptors::Descriptor;
use malar_instruments::sledai::flare_index::{FromTo, Severity, Since, Version};
use serde::Deserialize;

use super::components::Components;
use super::half_better::descriptors;
use super::variables::{V, Variables};

/// What happened since the visit before; `None` is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SinceLast {
    /// In hospital for lupus.
    pub hospitalised: Option<bool>,
    /// An NSAID or hydroxychloroquine was added for lupus.
    pub milder_drug_added: Option<bool>,
    /// An immunosuppressant was added; if it is not said, the first use of restricted medication is taken for it.
    pub immunosuppressant_added: Option<bool>,
}

impl SinceLast {
    /// Nothing of the kind happens in a simulated trial.
    pub const OF_VIRTUAL_PATIENTS: SinceLast = SinceLast {
        hospitalised: Some(false),
        milder_drug_added: Some(false),
        immunosuppressant_added: None,
    };
}

/// Descriptors of the milder column, as far as there are some: rash stands for the index's list of rashes.
const MILDER: [Descriptor; 6] = [
    Descriptor::Arthritis,
    Descriptor::Rash,
    Descriptor::Ulcers,
    Descriptor::Pleurisy,
    Descriptor::Pericarditis,
    Descriptor::Fever,
];

/// Descriptors of the severe column: nervous system, vasculitis, nephritis, myositis.
const SEVERE: [Descriptor; 13] = [
    Descriptor::Seizure,
    Descriptor::Psychosis,
    Descriptor::OrganicBrainSyndrome,
    Descriptor::Visual,
    Descriptor::CranialNerve,
    Descriptor::Headache,
    Descriptor::Stroke,
    Descriptor::Vasculitis,
    Descriptor::Myositis,
    Descriptor::Casts,
    Descriptor::Haematuria,
    Descriptor::Proteinuria,
    Descriptor::Pyuria,
];

/// Words of the flare index; missing where a component is that the answer depends on.
pub(crate) fn set_flare(now: &Components, previous: &Components, v: &mut Variables) {
    let since = since(now, previous);
    let severity = |version: Version| match since.flare(version).map(|flare| flare.severity) {
        Ok(Severity::None) => 0.0,
        Ok(Severity::MildOrModerate) => 1.0,
        Ok(Severity::Severe) => 2.0,
        Err(_) => f64::NAN,
    };
    v[V::selena_flare as usize] = severity(Version::Original);
    v[V::selena_flare_bliss as usize] = severity(Version::BlissModified);
}

fn since(now: &Components, previous: &Components) -> Since {
    let first_restricted = now.restricted && !previous.restricted;
    Since {
        sledai: from_to(previous.selena_sledai, now.selena_sledai),
        pga: from_to(previous.pga, now.pga),
        prednisone: prednisone(now, previous),
        weight: exact(now.weight.or(previous.weight)),
        milder_manifestation: any_new(&MILDER, now, previous),
        severe_manifestation: any_new(&SEVERE, now, previous),
        milder_drug_added: now.since_last.milder_drug_added,
        immunosuppressant_added: now.since_last.immunosuppressant_added.or(Some(first_restricted)),
        hospitalised: now.since_last.hospitalised,
    }
}

fn from_to<T>(before: Option<T>, now: Option<T>) -> Option<FromTo<T>> {
    before.zip(now).map(|(before, now)| FromTo { before, now })
}

fn exact(x: Option<f64>) -> Option<Decimal> {
    Decimal::from_f64(x?).ok()
}

/// Doses from the two visits' decisions on, so that treatment meets the flare that it is for; where they are not told, the
/// doses that patients came with.
fn prednisone(now: &Components, previous: &Components) -> Option<FromTo<Decimal>> {
    let doses = |dose: fn(&Components) -> Option<f64>| from_to(exact(dose(previous)), exact(dose(now)));
    doses(|c| c.prednisone_after).or_else(|| doses(|c| c.prednisone))
}

/// Whether one of these is present and was not before. One is enough; that there is none needs all of them.
fn any_new(descriptors: &[Descriptor], now: &Components, previous: &Components) -> Option<bool> {
    let mut known = true;
    for &descriptor in descriptors {
        match (
            previous.descriptors.state(descriptor),
            now.descriptors.state(descriptor),
        ) {
            (Some(false), Some(true)) => return Some(true),
            (_, Some(false)) | (Some(true), _) => {}
            _ => known = false,
        }
    }
    known.then_some(false)
}

/// What a worked case of a flare says, the visit before and now; what it does not say did not happen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlareForm {
    /// SELENA-SLEDAI.
    #[serde(default)]
    sledai: [u16; 2],
    #[serde(default)]
    pga: [f64; 2],
    /// mg/day, from the visits' decisions on.
    #[serde(default)]
    prednisone: [f64; 2],
    /// kg; not known if left away.
    weight: Option<f64>,
    /// Items that are new now.
    #[serde(default)]
    new: Vec<String>,
    /// Items that were there before as well.
    #[serde(default)]
    persistent: Vec<String>,
    #[serde(default)]
    hospitalised: bool,
    #[serde(default)]
    milder_drug_added: bool,
    #[serde(default)]
    immunosuppressant_added: bool,
}

impl FlareForm {
    /// Fills in the words of the flare index; fails with an item that is none.
    pub fn set(&self, v: &mut Variables) -> Result<(), String> {
        let visit = |k: usize, items: &[String]| {
            Ok::<_, String>(Components {
                descriptors: descriptors(items)?,
                selena_sledai: Some(self.sledai[k]),
                pga: exact(Some(self.pga[k])),
                prednisone_after: Some(self.prednisone[k]),
                weight: self.weight,
                since_last: SinceLast {
                    hospitalised: Some(self.hospitalised),
                    milder_drug_added: Some(self.milder_drug_added),
                    immunosuppressant_added: Some(self.immunosuppressant_added),
                },
                ..Components::not_assessed(0.0)
            })
        };
        let now = [self.persistent.as_slice(), &self.new].concat();
        set_flare(&visit(1, &now)?, &visit(0, &self.persistent)?, v);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use malar_instruments::sledai::descriptors::Descriptors;

    /// A quiet visit of a virtual patient of 60 kg on 10 mg.
    fn quiet() -> Components {
        Components {
            descriptors: Descriptors::none(),
            selena_sledai: Some(4),
            pga: Some(Decimal::whole(1)),
            prednisone: Some(10.0),
            prednisone_after: Some(10.0),
            weight: Some(60.0),
            since_last: SinceLast::OF_VIRTUAL_PATIENTS,
            ..Components::not_assessed(4.0)
        }
    }

    /// Both words after a change of a quiet visit.
    fn flare(change: impl FnOnce(&mut Components)) -> (f64, f64) {
        let mut now = quiet();
        change(&mut now);
        let mut v = super::super::variables::missing();
        set_flare(&now, &quiet(), &mut v);
        (v[V::selena_flare as usize], v[V::selena_flare_bliss as usize])
    }

    #[test]
    fn each_component_can_flare() {
        assert_eq!(flare(|_| ()), (0.0, 0.0));
        assert_eq!(flare(|c| c.selena_sledai = Some(7)), (1.0, 1.0));
        assert_eq!(
            flare(|c| c.selena_sledai = Some(13)),
            (2.0, 1.0),
            "BLISS calls it milder"
        );
        assert_eq!(flare(|c| c.pga = Some(Decimal::tenths(26))), (2.0, 2.0));
        assert_eq!(flare(|c| c.prednisone_after = Some(20.0)), (1.0, 1.0));
        assert_eq!(
            flare(|c| c.prednisone_after = Some(30.5)),
            (2.0, 2.0),
            "above 0.5 mg/kg"
        );
        assert_eq!(flare(|c| c.restricted = true), (2.0, 2.0));
        assert_eq!(flare(|c| c.since_last.hospitalised = Some(true)), (2.0, 2.0));
        let with = |d: Descriptor| move |c: &mut Components| c.descriptors = c.descriptors.with(d);
        assert_eq!(flare(with(Descriptor::Rash)), (1.0, 1.0));
        assert_eq!(flare(with(Descriptor::Myositis)), (0.0, 0.0), "not treated");
        let treated = |c: &mut Components| {
            c.descriptors = c.descriptors.with(Descriptor::Myositis);
            c.prednisone_after = Some(20.0);
        };
        assert_eq!(flare(treated), (2.0, 2.0));
    }

    #[test]
    fn the_dose_that_a_patient_came_with_serves_where_the_decision_is_not_told() {
        let came_with = |c: &mut Components| (c.prednisone_after, c.prednisone) = (None, Some(20.0));
        assert_eq!(flare(came_with), (1.0, 1.0));
    }

    #[test]
    fn no_flare_needs_everything() {
        let (known, _) = flare(|c| c.since_last.hospitalised = None);
        assert!(known.is_nan());
        let (severe, _) = flare(|c| (c.since_last.hospitalised, c.restricted) = (None, true));
        assert_eq!(severe, 2.0);
    }
}
