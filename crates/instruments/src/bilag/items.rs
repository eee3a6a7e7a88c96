//! The 77 clinical items and the tier each feeds.
//!
//! Item list verified (form of 1 September 2009); meanings in our words. **Tiers unverified.** The pattern is: an A
//! item that is active gives A, one that improves gives B; a B item that is active gives B, one that improves gives C;
//! a C item gives C in either case. Constitutional disease has a rule of its own.

use crate::error::ItemError;

use super::grade::{Domain, Grade};

/// How an item compares with the four weeks before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Mark {
    /// Not present.
    Absent = 0,
    /// Improving: resolved, or better for at least two weeks so that less treatment could be considered. A new episode
    /// that already improves is improving.
    Improving = 1,
    /// The same.
    Same = 2,
    /// Worse.
    Worse = 3,
    /// New.
    New = 4,
}

impl Mark {
    /// The mark of a code 0 to 4 as entered.
    pub fn from_code(code: u8) -> Option<Mark> {
        use Mark::*;
        [Absent, Improving, Same, Worse, New]
            .into_iter()
            .find(|m| *m as u8 == code)
    }

    /// Same, worse or new.
    pub fn is_active(self) -> bool {
        self >= Mark::Same
    }

    /// Improving, same, worse or new.
    pub fn is_present(self) -> bool {
        self > Mark::Absent
    }
}

/// Grade that an active item gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// A when active, B when improving.
    A,
    /// B when active, C when improving.
    B,
    /// C when present.
    C,
}

impl Tier {
    /// Grade that an item of this tier gives by itself.
    pub fn grade(self, mark: Mark) -> Option<Grade> {
        match (self, mark) {
            (_, Mark::Absent) => None,
            (Tier::A, Mark::Improving) => Some(Grade::B),
            (Tier::A, _) => Some(Grade::A),
            (Tier::B, Mark::Improving) => Some(Grade::C),
            (Tier::B, _) => Some(Grade::B),
            (Tier::C, _) => Some(Grade::C),
        }
    }
}

/// A clinical item.
#[derive(Clone, Copy, Debug)]
pub struct ClinicalItem {
    /// Id, used in errors.
    pub id: &'static str,
    /// Domain.
    pub domain: Domain,
    /// Tier (unverified).
    pub tier: Tier,
}

const fn clinical(id: &'static str, domain: Domain, tier: Tier) -> ClinicalItem {
    ClinicalItem { id, domain, tier }
}

/// Number of clinical items.
pub const N_CLINICAL: usize = 77;

use Domain::{
    Cardiorespiratory as Chest, Constitutional as General, Gastrointestinal as Gut, Mucocutaneous as Skin,
    Musculoskeletal as Joints, Neuropsychiatric as Nerves, Ophthalmic as Eyes,
};

/// The clinical items; item `n` of the form is at `n - 1`. Tiers of the four constitutional items are not used.
#[rustfmt::skip]
pub const CLINICAL: [ClinicalItem; N_CLINICAL] = [
    clinical("pyrexia", General, Tier::B),
    clinical("weight_loss", General, Tier::C),
    clinical("lymphadenopathy_splenomegaly", General, Tier::C),
    clinical("anorexia", General, Tier::C),
    clinical("eruption_severe", Skin, Tier::A),
    clinical("eruption_mild", Skin, Tier::B),
    clinical("angio_oedema_severe", Skin, Tier::A),
    clinical("angio_oedema_mild", Skin, Tier::C),
    clinical("ulceration_severe", Skin, Tier::A),
    clinical("ulceration_mild", Skin, Tier::C),
    clinical("panniculitis_bullous_severe", Skin, Tier::A),
    clinical("panniculitis_bullous_mild", Skin, Tier::B),
    clinical("major_cutaneous_vasculitis", Skin, Tier::A),
    clinical("digital_infarcts_nodular_vasculitis", Skin, Tier::B),
    clinical("alopecia_severe", Skin, Tier::B),
    clinical("alopecia_mild", Skin, Tier::C),
    clinical("periungual_erythema_chilblains", Skin, Tier::C),
    clinical("splinter_haemorrhages", Skin, Tier::C),
    clinical("aseptic_meningitis", Nerves, Tier::A),
    clinical("cerebral_vasculitis", Nerves, Tier::A),
    clinical("demyelinating_syndrome", Nerves, Tier::A),
    clinical("myelopathy", Nerves, Tier::A),
    clinical("acute_confusional_state", Nerves, Tier::A),
    clinical("psychosis", Nerves, Tier::A),
    clinical("acute_demyelinating_polyradiculoneuropathy", Nerves, Tier::A),
    clinical("mononeuropathy", Nerves, Tier::A),
    clinical("cranial_neuropathy", Nerves, Tier::A),
    clinical("plexopathy", Nerves, Tier::A),
    clinical("polyneuropathy", Nerves, Tier::A),
    clinical("seizure_disorder", Nerves, Tier::B),
    clinical("status_epilepticus", Nerves, Tier::A),
    clinical("cerebrovascular_disease", Nerves, Tier::B),
    clinical("cognitive_dysfunction", Nerves, Tier::B),
    clinical("movement_disorder", Nerves, Tier::B),
    clinical("autonomic_disorder", Nerves, Tier::B),
    clinical("cerebellar_ataxia", Nerves, Tier::A),
    clinical("lupus_headache", Nerves, Tier::B),
    clinical("intracranial_hypertension_headache", Nerves, Tier::B),
    clinical("myositis_severe", Joints, Tier::A),
    clinical("myositis_mild", Joints, Tier::B),
    clinical("arthritis_severe", Joints, Tier::A),
    clinical("arthritis_moderate_tendonitis", Joints, Tier::B),
    clinical("arthritis_mild_arthralgia_myalgia", Joints, Tier::C),
    clinical("myocarditis_mild", Chest, Tier::B),
    clinical("myocarditis_cardiac_failure", Chest, Tier::A),
    clinical("arrhythmia", Chest, Tier::A),
    clinical("valvular_dysfunction", Chest, Tier::A),
    clinical("pleurisy_pericarditis", Chest, Tier::B),
    clinical("cardiac_tamponade", Chest, Tier::A),
    clinical("pleural_effusion_dyspnoea", Chest, Tier::A),
    clinical("pulmonary_haemorrhage_vasculitis", Chest, Tier::A),
    clinical("interstitial_alveolitis_pneumonitis", Chest, Tier::A),
    clinical("shrinking_lung", Chest, Tier::A),
    clinical("aortitis", Chest, Tier::A),
    clinical("coronary_vasculitis", Chest, Tier::A),
    clinical("peritonitis", Gut, Tier::A),
    clinical("abdominal_serositis_ascites", Gut, Tier::B),
    clinical("enteritis_colitis", Gut, Tier::A),
    clinical("malabsorption", Gut, Tier::B),
    clinical("protein_losing_enteropathy", Gut, Tier::B),
    clinical("pseudo_obstruction", Gut, Tier::A),
    clinical("hepatitis", Gut, Tier::B),
    clinical("acute_cholecystitis", Gut, Tier::A),
    clinical("acute_pancreatitis", Gut, Tier::A),
    clinical("orbital_inflammation", Eyes, Tier::A),
    clinical("keratitis_severe", Eyes, Tier::A),
    clinical("keratitis_mild", Eyes, Tier::B),
    clinical("anterior_uveitis", Eyes, Tier::B),
    clinical("posterior_uveitis_severe", Eyes, Tier::A),
    clinical("posterior_uveitis_mild", Eyes, Tier::B),
    clinical("episcleritis", Eyes, Tier::C),
    clinical("scleritis_severe", Eyes, Tier::A),
    clinical("scleritis_mild", Eyes, Tier::B),
    clinical("retinal_vaso_occlusion", Eyes, Tier::A),
    clinical("cotton_wool_spots", Eyes, Tier::C),
    clinical("optic_neuritis", Eyes, Tier::A),
    clinical("anterior_ischaemic_optic_neuropathy", Eyes, Tier::A),
];

/// Marks of all clinical items; `None` is not done.
pub type Marks = [Option<Mark>; N_CLINICAL];

/// First and last item (positions) of each clinical domain, the last excluded.
const RANGES: [(usize, usize); 7] = [(0, 4), (4, 18), (18, 38), (38, 43), (43, 55), (55, 64), (64, 77)];

/// Position of an item by id.
pub fn position(id: &str) -> Option<usize> {
    CLINICAL.iter().position(|i| i.id == id)
}

/// Marks from codes 0 to 4 as entered; `None` is not done. Fails, naming the item, on any other code.
pub fn marks_from_codes(codes: &[Option<u8>; N_CLINICAL]) -> Result<Marks, ItemError> {
    let mut marks = [None; N_CLINICAL];
    for (k, code) in codes.iter().enumerate() {
        let Some(code) = *code else { continue };
        marks[k] = Some(Mark::from_code(code).ok_or(ItemError::OutOfRange {
            instrument: "BILAG-2004",
            item: CLINICAL[k].id,
            value: crate::Decimal::whole(code.into()),
            low: crate::Decimal::ZERO,
            high: crate::Decimal::whole(4),
        })?);
    }
    Ok(marks)
}

/// What the items of a domain say: whether anything was done, anything is present, and the grade A, B or C that fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// At least one item was done.
    pub done: bool,
    /// At least one item is present, so the domain is involved from now on.
    pub present: bool,
    /// Grade that fires.
    pub active: Option<Grade>,
}

/// Finding of a clinical domain. Items that were not done count as absent. Panics on the renal and blood domains, whose
/// findings come from values.
pub fn finding(domain: Domain, marks: &Marks) -> Finding {
    let (first, end) = RANGES[domain as usize];
    let marks = &marks[first..end];
    let seen = marks.iter().flatten();
    Finding {
        done: seen.clone().next().is_some(),
        present: seen.clone().any(|m| m.is_present()),
        active: match domain {
            Domain::Constitutional => constitutional(marks),
            _ => tiers(&CLINICAL[first..end], marks),
        },
    }
}

fn tiers(items: &[ClinicalItem], marks: &[Option<Mark>]) -> Option<Grade> {
    let of_item = |(item, mark): (&ClinicalItem, &Option<Mark>)| mark.and_then(|m| item.tier.grade(m));
    items.iter().zip(marks).filter_map(of_item).max()
}

/// A with active pyrexia and two other active items, B with either, C with improving pyrexia or any other item present.
/// Unverified.
fn constitutional(marks: &[Option<Mark>]) -> Option<Grade> {
    let mark = |k: usize| marks[k].unwrap_or(Mark::Absent);
    let pyrexia = mark(0);
    let others = [mark(1), mark(2), mark(3)];
    let two_others = others.iter().filter(|m| m.is_active()).count() >= 2;
    if pyrexia.is_active() && two_others {
        Some(Grade::A)
    } else if pyrexia.is_active() || two_others {
        Some(Grade::B)
    } else if pyrexia.is_present() || others.iter().any(|m| m.is_present()) {
        Some(Grade::C)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(entries: &[(&str, Mark)]) -> Marks {
        let mut marks = [Some(Mark::Absent); N_CLINICAL];
        for (id, mark) in entries {
            marks[position(id).expect("an item")] = Some(*mark);
        }
        marks
    }

    fn grade(domain: Domain, entries: &[(&str, Mark)]) -> Option<Grade> {
        finding(domain, &marks(entries)).active
    }

    #[test]
    fn ranges_follow_the_table() {
        for (k, &(first, end)) in RANGES.iter().enumerate() {
            assert!(CLINICAL[first..end].iter().all(|i| i.domain as usize == k));
        }
        assert_eq!((RANGES[0].0, RANGES[6].1), (0, N_CLINICAL));
        assert_eq!(position("pyrexia"), Some(0));
        assert_eq!(position("seizure_disorder"), Some(29), "item 30 of the form");
        assert_eq!(position("pleurisy_pericarditis"), Some(47), "item 48 of the form");
        assert_eq!(position("acute_pancreatitis"), Some(63), "item 64 of the form");
    }

    #[test]
    fn an_item_falls_one_grade_when_it_improves() {
        use Mark::*;
        for (id, active, improving) in [
            ("arthritis_severe", Grade::A, Grade::B),
            ("arthritis_moderate_tendonitis", Grade::B, Grade::C),
            ("arthritis_mild_arthralgia_myalgia", Grade::C, Grade::C),
        ] {
            for mark in [Same, Worse, New] {
                assert_eq!(grade(Joints, &[(id, mark)]), Some(active), "{id}");
            }
            assert_eq!(grade(Joints, &[(id, Improving)]), Some(improving), "{id}");
            assert_eq!(grade(Joints, &[(id, Absent)]), None, "{id}");
        }
    }

    #[test]
    fn constitutional_disease_needs_fever_and_two_more_for_a() {
        use Mark::*;
        let fever = ("pyrexia", New);
        let (loss, nodes) = (("weight_loss", Same), ("lymphadenopathy_splenomegaly", Worse));
        assert_eq!(grade(General, &[fever, loss, nodes]), Some(Grade::A));
        assert_eq!(grade(General, &[fever, loss]), Some(Grade::B));
        assert_eq!(grade(General, &[loss, nodes]), Some(Grade::B));
        assert_eq!(grade(General, &[loss]), Some(Grade::C));
        assert_eq!(grade(General, &[("pyrexia", Improving)]), Some(Grade::C));
        assert_eq!(grade(General, &[]), None);
    }

    #[test]
    fn codes_beyond_four_name_the_item() {
        let mut codes = [Some(0); N_CLINICAL];
        codes[38] = Some(5);
        let error = marks_from_codes(&codes).expect_err("5").to_string();
        assert_eq!(error, "BILAG-2004: item `myositis_severe` must lie in 0 to 4, found 5");
    }

    #[test]
    fn a_domain_of_which_nothing_was_done_has_no_finding() {
        let finding = finding(Skin, &[None; N_CLINICAL]);
        assert_eq!((finding.done, finding.active), (false, None));
    }
}
