//! Treatment targets by their components: low disease activity (LLDAS) and remission (DORIS 2021).
//!
//! Every component is kept apart, so that a failure says why. Sources: Franklyn 2016,
//! doi:10.1136/annrheumdis-2015-207726; DORIS 2021, doi:10.1136/lupus-2021-000538. Terms of use: published definitions,
//! free.

use crate::bilag::change::is_new_a;
use crate::bilag::grade::Grades;
use crate::decimal::Decimal;
use crate::pga::Pga;
use crate::sledai::descriptors::{Descriptor, Descriptors, System};
use crate::sledai::flare_index::Severity;

/// A component that is not met, or cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unmet {
    /// The component, by its reason id.
    Failed(&'static str),
    /// Something the component needs was not assessed.
    NotAssessed(&'static str),
}

/// Answer of one component: met, not met, or not assessed.
type Component = (&'static str, Option<bool>);

/// The first component that is not met; failing that, the first that cannot be told.
fn judge(components: &[Component]) -> Result<(), Unmet> {
    if let Some((reason, _)) = components.iter().find(|c| c.1 == Some(false)) {
        return Err(Unmet::Failed(reason));
    }
    match components.iter().find(|c| c.1.is_none()) {
        Some((reason, _)) => Err(Unmet::NotAssessed(reason)),
        None => Ok(()),
    }
}

/// What LLDAS looks at; `None` is not assessed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LowDiseaseActivity {
    /// SLEDAI-2K descriptors.
    pub descriptors: Descriptors,
    /// Haemolytic anaemia, which SLEDAI does not ask for.
    pub haemolytic_anaemia: Option<bool>,
    /// Gastrointestinal activity, which SLEDAI does not ask for.
    pub gastrointestinal: Option<bool>,
    /// New activity, by [`new_activity_oon`] or [`new_activity_parodis`].
    pub new_activity: Option<bool>,
    /// PGA.
    pub pga: Option<Pga>,
    /// Prednisolone-equivalent, mg/day.
    pub prednisolone: Option<Decimal>,
    /// Immunosuppressants and biologics are standard maintenance doses and well tolerated; taking none passes.
    pub drugs_acceptable: Option<bool>,
}

impl LowDiseaseActivity {
    /// LLDAS: SLEDAI-2K at most 4 without major organ activity, nothing new, PGA at most 1, prednisolone at most 7.5
    /// mg/day, tolerated maintenance drugs.
    pub fn judge(&self) -> Result<(), Unmet> {
        judge(&[
            ("activity-high", at_most_4(self.descriptors)),
            ("major-organ", self.no_major_organ()),
            ("new-activity", self.new_activity.map(|new| !new)),
            ("pga-high", self.pga.map(|p| p.value() <= Decimal::whole(1))),
            (
                "steroid-high",
                self.prednisolone.map(|dose| dose <= Decimal::tenths(75)),
            ),
            ("drugs-not-tolerated", self.drugs_acceptable),
        ])
    }

    /// No renal, nervous, cardiopulmonary, vasculitic or fever descriptor, no haemolysis, no gut.
    fn no_major_organ(&self) -> Option<bool> {
        let major = Descriptor::ALL.into_iter().filter(|&d| is_major(d));
        let states = major.map(|d| self.descriptors.state(d));
        none_of(states.chain([self.haemolytic_anaemia, self.gastrointestinal]))
    }
}

/// SLEDAI-2K at most 4: known as soon as the bounds of the total are on one side.
fn at_most_4(descriptors: Descriptors) -> Option<bool> {
    match descriptors.bounds() {
        (_, high) if high <= 4 => Some(true),
        (low, _) if low > 4 => Some(false),
        _ => None,
    }
}

/// True if all are false; false if one is true, whatever is missing.
fn none_of(states: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for state in states {
        match state {
            Some(true) => return Some(false),
            Some(false) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

/// Descriptors that LLDAS calls major organ activity: nervous system, vasculitis, all four of the kidney, serosa, fever.
pub fn is_major(descriptor: Descriptor) -> bool {
    use System::*;
    matches!(
        descriptor.system(),
        Nervous | Vascular | Renal | Serosal | Constitutional
    )
}

/// New activity in the reading of Oon: a SLEDAI-2K descriptor that was absent at the previous visit, or a BILAG domain
/// that rose to A, B or C since. `None` if it cannot be told.
pub fn new_activity_oon(before: (Descriptors, &Grades), now: (Descriptors, &Grades)) -> Option<bool> {
    if now.0.new_since(before.0).next().is_some() {
        return Some(true);
    }
    let known = now.0.missing().next().is_none() && before.0.missing().next().is_none();
    let (grades_before, grades) = (before.1.complete().ok()?, now.1.complete().ok()?);
    let risen = grades_before
        .iter()
        .zip(&grades)
        .any(|(b, n)| n.is_active() && n > b || is_new_a(*b, *n));
    (risen || known).then_some(risen)
}

/// New activity in the reading of Parodis: a flare by the SELENA flare index against baseline.
pub fn new_activity_parodis(since_baseline: Severity) -> bool {
    since_baseline != Severity::None
}

/// Largest maintenance doses that LLDAS accepts (Golder 2016, doi:10.1186/s13075-016-1163-2): drug, mg, and per what.
pub const DOSE_CEILINGS: [(&str, Decimal, &str); 6] = [
    ("hydroxychloroquine", Decimal::whole(400), "day"),
    ("methotrexate", Decimal::whole(30), "week"),
    ("azathioprine", Decimal::whole(200), "day"),
    ("mycophenolate_mofetil", Decimal::whole(3000), "day"),
    ("mycophenolic_acid", Decimal::whole(2160), "day"),
    ("leflunomide", Decimal::whole(20), "day"),
];

/// True if the dose is within the ceiling; `None` for a drug without one.
pub fn within_ceiling(drug: &str, dose: Decimal) -> Option<bool> {
    let ceiling = DOSE_CEILINGS.iter().find(|c| c.0 == drug)?.1;
    Some(dose <= ceiling)
}

/// Share of visits in LLDAS at or above one half ("LLDAS-50"; name unverified). `None` without visits.
pub fn at_least_half_of_visits(in_target: &[bool]) -> Option<bool> {
    let reached = in_target.iter().filter(|t| **t).count();
    (!in_target.is_empty()).then(|| 2 * reached >= in_target.len())
}

/// Limits that published versions of DORIS write differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DorisVersion {
    /// Prednisolone of exactly 5 mg/day is remission: yes by the abstract of 2021, no by its table 2.
    pub allows_exactly_5_mg: bool,
    /// PGA of exactly 0.5 is remission: no in 2021, yes in an older version.
    pub allows_pga_of_exactly_half: bool,
    /// Off treatment: no steroid and no drug but antimalarials.
    pub off_treatment: bool,
}

impl DorisVersion {
    /// DORIS 2021 by its abstract, as used in the pooled belimumab analysis (PMC9707321).
    pub const ABSTRACT_2021: DorisVersion = DorisVersion {
        allows_exactly_5_mg: true,
        allows_pga_of_exactly_half: false,
        off_treatment: false,
    };
    /// DORIS 2021 by its table 2.
    pub const TABLE_2021: DorisVersion = DorisVersion {
        allows_exactly_5_mg: false,
        ..DorisVersion::ABSTRACT_2021
    };
    /// Remission off treatment: drug-free but for antimalarials.
    pub const OFF_TREATMENT: DorisVersion = DorisVersion {
        off_treatment: true,
        ..DorisVersion::ABSTRACT_2021
    };
}

/// What DORIS looks at; `None` is not assessed. Serology does not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remission {
    /// SLEDAI-2K descriptors.
    pub descriptors: Descriptors,
    /// PGA.
    pub pga: Option<Pga>,
    /// Prednisolone-equivalent, mg/day.
    pub prednisolone: Option<Decimal>,
    /// On an immunosuppressant or biologic.
    pub immunosuppressed: Option<bool>,
    /// Its dose is stable; taking none passes.
    pub drugs_stable: Option<bool>,
}

impl Remission {
    /// DORIS remission: clinical SLEDAI 0, low PGA, little or no steroid, stable drugs or none.
    pub fn judge(&self, version: DorisVersion) -> Result<(), Unmet> {
        let clinical = Descriptor::ALL
            .into_iter()
            .filter(|d| d.system() != System::Immunological);
        let inactive = none_of(clinical.map(|d| self.descriptors.state(d)));
        let half = Decimal::tenths(5);
        let low = |p: Pga| p.value() < half || (version.allows_pga_of_exactly_half && p.value() == half);
        let five = Decimal::whole(5);
        let little = |dose: Decimal| match version {
            DorisVersion {
                off_treatment: true, ..
            } => dose == Decimal::ZERO,
            DorisVersion {
                allows_exactly_5_mg: true,
                ..
            } => dose <= five,
            _ => dose < five,
        };
        let drugs = if version.off_treatment {
            ("drugs-taken", self.immunosuppressed.map(|on| !on))
        } else {
            ("drugs-not-stable", self.drugs_stable)
        };
        judge(&[
            ("activity", inactive),
            ("pga-high", self.pga.map(low)),
            ("steroid-high", self.prednisolone.map(little)),
            drugs,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pga(tenths: i64) -> Option<Pga> {
        Pga::on_0_to_3(Decimal::tenths(tenths)).ok()
    }

    fn low() -> LowDiseaseActivity {
        LowDiseaseActivity {
            descriptors: Descriptors::none()
                .with(Descriptor::Rash)
                .with(Descriptor::LowComplement),
            haemolytic_anaemia: Some(false),
            gastrointestinal: Some(false),
            new_activity: Some(false),
            pga: pga(10),
            prednisolone: Some(Decimal::tenths(75)),
            drugs_acceptable: Some(true),
        }
    }

    fn remission() -> Remission {
        Remission {
            descriptors: Descriptors::none().with(Descriptor::AntiDsDna),
            pga: pga(4),
            prednisolone: Some(Decimal::whole(5)),
            immunosuppressed: Some(true),
            drugs_stable: Some(true),
        }
    }

    #[test]
    fn lldas_allows_four_points_but_no_major_organ_and_no_fever() {
        assert_eq!(low().judge(), Ok(()));
        for descriptor in [
            Descriptor::Fever,
            Descriptor::Haematuria,
            Descriptor::Pyuria,
            Descriptor::Pleurisy,
            Descriptor::Vasculitis,
        ] {
            let descriptors = Descriptors::none().with(descriptor);
            let expected = if descriptor == Descriptor::Vasculitis {
                "activity-high"
            } else {
                "major-organ"
            };
            assert_eq!(
                LowDiseaseActivity { descriptors, ..low() }.judge(),
                Err(Unmet::Failed(expected))
            );
        }
        let five = low().descriptors.with(Descriptor::Leukopenia);
        let judged = LowDiseaseActivity {
            descriptors: five,
            ..low()
        }
        .judge();
        assert_eq!(judged, Err(Unmet::Failed("activity-high")));
    }

    #[test]
    fn lldas_fails_by_each_other_component() {
        let reason = |change: fn(&mut LowDiseaseActivity)| {
            let mut visit = low();
            change(&mut visit);
            visit.judge().expect_err("not in LLDAS")
        };
        assert_eq!(
            reason(|v| v.haemolytic_anaemia = Some(true)),
            Unmet::Failed("major-organ")
        );
        assert_eq!(
            reason(|v| v.gastrointestinal = Some(true)),
            Unmet::Failed("major-organ")
        );
        assert_eq!(reason(|v| v.new_activity = Some(true)), Unmet::Failed("new-activity"));
        assert_eq!(reason(|v| v.pga = pga(11)), Unmet::Failed("pga-high"));
        assert_eq!(
            reason(|v| v.prednisolone = Some(Decimal::whole(8))),
            Unmet::Failed("steroid-high")
        );
        assert_eq!(
            reason(|v| v.drugs_acceptable = Some(false)),
            Unmet::Failed("drugs-not-tolerated")
        );
        assert_eq!(reason(|v| v.gastrointestinal = None), Unmet::NotAssessed("major-organ"));
    }

    #[test]
    fn a_missing_descriptor_matters_only_if_it_could_change_the_answer() {
        let mut visit = low();
        visit.descriptors = Descriptors::none().with_state(Descriptor::Rash, None);
        assert_eq!(visit.judge(), Ok(()), "2 points at most");
        visit.descriptors = Descriptors::none()
            .with(Descriptor::Arthritis)
            .with_state(Descriptor::Rash, None);
        assert_eq!(visit.judge(), Err(Unmet::NotAssessed("activity-high")), "4 or 6 points");
    }

    #[test]
    fn doris_versions_differ_at_their_limits() {
        assert_eq!(remission().judge(DorisVersion::ABSTRACT_2021), Ok(()));
        assert_eq!(
            remission().judge(DorisVersion::TABLE_2021),
            Err(Unmet::Failed("steroid-high"))
        );
        let half = Remission {
            pga: pga(5),
            ..remission()
        };
        assert_eq!(half.judge(DorisVersion::ABSTRACT_2021), Err(Unmet::Failed("pga-high")));
        let older = DorisVersion {
            allows_pga_of_exactly_half: true,
            ..DorisVersion::ABSTRACT_2021
        };
        assert_eq!(half.judge(older), Ok(()));
    }

    #[test]
    fn remission_off_treatment_means_no_steroid_and_no_drug() {
        let off = DorisVersion::OFF_TREATMENT;
        assert_eq!(remission().judge(off), Err(Unmet::Failed("steroid-high")));
        let without_steroid = Remission {
            prednisolone: Some(Decimal::ZERO),
            ..remission()
        };
        assert_eq!(without_steroid.judge(off), Err(Unmet::Failed("drugs-taken")));
        let free = Remission {
            immunosuppressed: Some(false),
            ..without_steroid
        };
        assert_eq!(free.judge(off), Ok(()));
        let rash = Remission {
            descriptors: free.descriptors.with(Descriptor::Rash),
            ..free
        };
        assert_eq!(rash.judge(off), Err(Unmet::Failed("activity")));
    }

    #[test]
    fn new_activity_by_both_readings() {
        let quiet = Grades::NEVER;
        let worse = Grades::from_letters("ECEEEEEEE").expect("letters");
        let rash = Descriptors::none().with(Descriptor::Rash);
        let oon = |before, now| new_activity_oon(before, now);
        assert_eq!(oon((rash, &quiet), (rash, &quiet)), Some(false));
        assert_eq!(oon((Descriptors::none(), &quiet), (rash, &quiet)), Some(true));
        assert_eq!(oon((rash, &quiet), (rash, &worse)), Some(true));
        assert_eq!(oon((rash, &worse), (Descriptors::none(), &quiet)), Some(false));
        let left = Grades::from_letters("EDEEEEEEE").expect("letters");
        assert_eq!(oon((rash, &quiet), (rash, &left)), Some(false), "D is not activity");
        let unknown = rash.with_state(Descriptor::Fever, None);
        assert_eq!(oon((rash, &quiet), (unknown, &quiet)), None);
        assert_eq!(
            oon((rash, &quiet), (unknown, &worse)),
            Some(true),
            "a risen domain decides"
        );
        assert!(new_activity_parodis(Severity::MildOrModerate) && !new_activity_parodis(Severity::None));
    }

    #[test]
    fn ceilings_and_halves() {
        assert_eq!(within_ceiling("methotrexate", Decimal::whole(30)), Some(true));
        assert_eq!(within_ceiling("azathioprine", Decimal::whole(201)), Some(false));
        assert_eq!(within_ceiling("cyclophosphamide", Decimal::whole(1)), None);
        assert_eq!(at_least_half_of_visits(&[true, false]), Some(true));
        assert_eq!(at_least_half_of_visits(&[]), None);
    }
}
