//! The 24 descriptors and what they add up to.
//!
//! Weights: Gladman 2002, J Rheumatol 29:288–291 (verified). A descriptor is present if it was seen at the visit or in
//! the look-back window and is due to active lupus, not to damage, a drug or an infection.

use crate::error::ItemError;

const INSTRUMENT: &str = "SLEDAI-2K";

/// Number of descriptors.
pub const N_DESCRIPTORS: usize = 24;

/// Organ systems under which trials report the descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Central nervous system.
    Nervous,
    /// Vessels.
    Vascular,
    /// Joints and muscles.
    Musculoskeletal,
    /// Kidney.
    Renal,
    /// Skin, hair and mucosa.
    Mucocutaneous,
    /// Pleura and pericardium.
    Serosal,
    /// Complement and anti-dsDNA.
    Immunological,
    /// Fever.
    Constitutional,
    /// Blood cells.
    Haematological,
}

macro_rules! descriptors {
    ($($name:ident $id:literal $weight:literal $system:ident $meaning:literal;)*) => {
        /// A descriptor, in the order of the instrument.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Descriptor { $(#[doc = $meaning] $name,)* }

        impl Descriptor {
            /// All of them, in the order of the instrument.
            pub const ALL: [Descriptor; N_DESCRIPTORS] = [$(Descriptor::$name,)*];

            /// Id, used in errors and tables.
            pub const fn id(self) -> &'static str { match self { $(Descriptor::$name => $id,)* } }

            /// Points when present.
            pub const fn weight(self) -> u16 { match self { $(Descriptor::$name => $weight,)* } }

            /// Organ system.
            pub const fn system(self) -> System { match self { $(Descriptor::$name => System::$system,)* } }

            /// What counts, in our words.
            pub const fn meaning(self) -> &'static str { match self { $(Descriptor::$name => $meaning,)* } }
        }
    };
}

descriptors! {
    Seizure "seizure" 8 Nervous "Recent-onset seizure; not metabolic, infectious or drug-induced.";
    Psychosis "psychosis" 8 Nervous "Severely disturbed perception of reality; not uraemia or drugs.";
    OrganicBrainSyndrome "organic_brain_syndrome" 8 Nervous "Altered mental function of rapid onset and fluctuating course: clouded consciousness and at least two of disturbed perception, incoherent speech, disturbed sleep, changed psychomotor activity.";
    Visual "visual" 8 Nervous "Retinal changes of lupus, choroidal exudate or bleeding, optic neuritis; not hypertension, infection or drugs.";
    CranialNerve "cranial_nerve" 8 Nervous "New sensory or motor neuropathy of a cranial nerve.";
    Headache "headache" 8 Nervous "Severe persistent headache that narcotic analgesics do not relieve.";
    Stroke "stroke" 8 Nervous "New cerebrovascular accident; not arteriosclerosis.";
    Vasculitis "vasculitis" 8 Vascular "Ulceration, gangrene, tender finger nodules, periungual infarction, splinter haemorrhages, or proof by biopsy or angiogram.";
    Arthritis "arthritis" 4 Musculoskeletal "Joints with pain and signs of inflammation; two or three are needed, by form.";
    Myositis "myositis" 4 Musculoskeletal "Proximal muscle pain or weakness with raised enzymes, electromyogram changes or biopsy.";
    Casts "casts" 4 Renal "Haem-granular or red-cell casts.";
    Haematuria "haematuria" 4 Renal "More than 5 red cells per high-power field; no stone, infection or other cause.";
    Proteinuria "proteinuria" 4 Renal "More than 0.5 g of protein in 24 hours.";
    Pyuria "pyuria" 4 Renal "More than 5 white cells per high-power field; no infection.";
    Rash "rash" 2 Mucocutaneous "Inflammatory rash, also when it persists.";
    Alopecia "alopecia" 2 Mucocutaneous "Abnormal patchy or diffuse hair loss; scarring alopecia is damage.";
    Ulcers "ulcers" 2 Mucocutaneous "Oral or nasal ulcers.";
    Pleurisy "pleurisy" 2 Serosal "Pleuritic chest pain with rub, effusion or thickening.";
    Pericarditis "pericarditis" 2 Serosal "Pericardial pain with rub, effusion, electrocardiogram or echocardiogram.";
    LowComplement "low_complement" 2 Immunological "CH50, C3 or C4 below the laboratory's lower limit.";
    AntiDsDna "anti_dsdna" 2 Immunological "Anti-dsDNA above the laboratory's upper limit.";
    Fever "fever" 1 Constitutional "Above 38 °C; no infection.";
    Thrombocytopenia "thrombocytopenia" 1 Haematological "Platelets below 100 × 10⁹/L; no drug cause.";
    Leukopenia "leukopenia" 1 Haematological "Leukocytes below 3.0 × 10⁹/L; no drug cause.";
}

/// Which descriptors are present, absent or not assessed at a visit.
///
/// A missing descriptor makes every total that needs it missing; [`Descriptors::bounds`] says what the total can still
/// be, so that a caller can see when the answer does not depend on it.
///
/// ```
/// use malar_instruments::sledai::descriptors::{Descriptor, Descriptors};
/// let visit = Descriptors::none().with(Descriptor::Arthritis).with(Descriptor::LowComplement);
/// assert_eq!(visit.total(), Ok(6));
/// assert_eq!(visit.clinical_total(), Ok(4));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Descriptors {
    present: u32,
    unknown: u32,
}

const fn bit(descriptor: Descriptor) -> u32 {
    1 << descriptor as u8
}

const EVERY: u32 = (1 << N_DESCRIPTORS) - 1;
const SEROLOGY: u32 = bit(Descriptor::LowComplement) | bit(Descriptor::AntiDsDna);

impl Descriptors {
    /// All assessed, none present.
    pub const fn none() -> Descriptors {
        Descriptors { present: 0, unknown: 0 }
    }

    /// None assessed.
    pub const fn not_assessed() -> Descriptors {
        Descriptors {
            present: 0,
            unknown: EVERY,
        }
    }

    /// From states in the order of the instrument; `None` is not assessed.
    pub fn from_states(states: &[Option<bool>; N_DESCRIPTORS]) -> Descriptors {
        let put = |set: Descriptors, (&d, &state): (&Descriptor, &Option<bool>)| set.with_state(d, state);
        Descriptor::ALL.iter().zip(states).fold(Descriptors::none(), put)
    }

    /// From bits, the first descriptor lowest, all assessed. Bits beyond the 24th are ignored.
    pub const fn from_bits(bits: u32) -> Descriptors {
        Descriptors {
            present: bits & EVERY,
            unknown: 0,
        }
    }

    /// The same visit with the descriptor present.
    pub const fn with(self, descriptor: Descriptor) -> Descriptors {
        self.with_state(descriptor, Some(true))
    }

    /// The same visit with the descriptor present, absent or not assessed.
    pub const fn with_state(self, descriptor: Descriptor, state: Option<bool>) -> Descriptors {
        let (present, unknown) = (self.present & !bit(descriptor), self.unknown & !bit(descriptor));
        match state {
            Some(true) => Descriptors {
                present: present | bit(descriptor),
                unknown,
            },
            Some(false) => Descriptors { present, unknown },
            None => Descriptors {
                present,
                unknown: unknown | bit(descriptor),
            },
        }
    }

    /// Present, absent, or `None` if not assessed.
    pub const fn state(self, descriptor: Descriptor) -> Option<bool> {
        if self.unknown & bit(descriptor) != 0 {
            None
        } else {
            Some(self.present & bit(descriptor) != 0)
        }
    }

    /// SLEDAI-2K, 0 to 105. Fails if a descriptor was not assessed.
    pub fn total(self) -> Result<u16, ItemError> {
        self.points(EVERY)
    }

    /// Clinical SLEDAI-2K, 0 to 101: without complement and anti-dsDNA. Those two may be missing.
    pub fn clinical_total(self) -> Result<u16, ItemError> {
        self.points(EVERY & !SEROLOGY)
    }

    /// Points of one organ system. Fails if one of its descriptors was not assessed.
    pub fn system_total(self, system: System) -> Result<u16, ItemError> {
        let members = Descriptor::ALL.into_iter().filter(|d| d.system() == system);
        self.points(members.fold(0, |bits, d| bits | bit(d)))
    }

    /// Smallest and largest SLEDAI-2K that the missing descriptors leave possible; equal if none is missing.
    pub fn bounds(self) -> (u16, u16) {
        (weigh(self.present), weigh(self.present | self.unknown))
    }

    /// True if complement is low or anti-dsDNA raised; missing if neither is known to be so and one is not assessed.
    pub fn serologically_active(self) -> Option<bool> {
        let either = self.present & SEROLOGY != 0;
        (either || self.unknown & SEROLOGY == 0).then_some(either)
    }

    /// Descriptors present here and absent at `before`; those missing at either visit are left out.
    pub fn new_since(self, before: Descriptors) -> impl Iterator<Item = Descriptor> {
        let new = self.present & !before.present & !before.unknown;
        Descriptor::ALL.into_iter().filter(move |&d| new & bit(d) != 0)
    }

    /// Descriptors that were not assessed.
    pub fn missing(self) -> impl Iterator<Item = Descriptor> {
        Descriptor::ALL.into_iter().filter(move |&d| self.unknown & bit(d) != 0)
    }

    fn points(self, wanted: u32) -> Result<u16, ItemError> {
        match (self.unknown & wanted).trailing_zeros() as usize {
            k if k < N_DESCRIPTORS => Err(ItemError::NotAssessed {
                instrument: INSTRUMENT,
                item: Descriptor::ALL[k].id(),
            }),
            _ => Ok(weigh(self.present & wanted)),
        }
    }
}

/// Points of a set of bits: the weights stand in four runs, so four counts do.
fn weigh(bits: u32) -> u16 {
    let count = |low: u32, high: u32| (bits >> low & ((1 << (high - low)) - 1)).count_ones();
    (8 * count(0, 8) + 4 * count(8, 14) + 2 * count(14, 21) + count(21, 24)) as u16
}

/// Activity bands of a SLEDAI-2K total (verified: EULAR monitoring recommendations).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// 0.
    Remission,
    /// 1 to 4.
    Low,
    /// 5 to 10.
    Moderate,
    /// Above 10.
    High,
}

impl Band {
    /// Band of a total.
    pub fn of(total: u16) -> Band {
        match total {
            0 => Band::Remission,
            1..=4 => Band::Low,
            5..=10 => Band::Moderate,
            _ => Band::High,
        }
    }
}

/// Clinically important change of a SLEDAI-2K total: more than 3 points (verified: EULAR monitoring recommendations,
/// whose table misprints the fall).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Up by more than 3.
    Flare,
    /// Down by more than 3.
    Improved,
    /// Within 3 points.
    Persistent,
}

impl Course {
    /// Course from one total to the next.
    pub fn between(before: u16, now: u16) -> Course {
        match i32::from(now) - i32::from(before) {
            4.. => Course::Flare,
            ..=-4 => Course::Improved,
            _ => Course::Persistent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Descriptor::*;

    fn set(present: &[Descriptor]) -> Descriptors {
        present.iter().fold(Descriptors::none(), |s, &d| s.with(d))
    }

    #[test]
    fn all_present_are_105_points_and_101_without_serology() {
        let all = set(&Descriptor::ALL);
        assert_eq!(all.total(), Ok(105));
        assert_eq!(all.clinical_total(), Ok(101));
        assert_eq!(Descriptor::ALL.iter().map(|d| d.weight()).sum::<u16>(), 105);
    }

    #[test]
    fn worked_totals() {
        assert_eq!(
            set(&[Arthritis, Rash, Alopecia, LowComplement, AntiDsDna]).total(),
            Ok(12)
        );
        assert_eq!(set(&[Casts, Haematuria, Proteinuria, Pyuria]).total(), Ok(16));
        let all = set(&Descriptor::ALL);
        assert_eq!(all.system_total(System::Haematological), Ok(2));
        assert_eq!(all.system_total(System::Immunological), Ok(4));
        assert_eq!(all.system_total(System::Nervous), Ok(56));
    }

    #[test]
    fn every_single_descriptor_weighs_what_the_table_says() {
        for d in Descriptor::ALL {
            assert_eq!(set(&[d]).total(), Ok(d.weight()), "{}", d.id());
        }
    }

    #[test]
    fn a_missing_descriptor_makes_the_total_missing_and_names_itself() {
        let visit = set(&[Rash]).with_state(AntiDsDna, None);
        let error = visit.total().expect_err("missing");
        assert_eq!(
            error,
            ItemError::NotAssessed {
                instrument: "SLEDAI-2K",
                item: "anti_dsdna"
            }
        );
        assert_eq!(visit.bounds(), (2, 4));
        assert_eq!(
            visit.clinical_total(),
            Ok(2),
            "serology is not part of the clinical score"
        );
        assert_eq!(visit.serologically_active(), None);
        assert_eq!(visit.with(LowComplement).serologically_active(), Some(true));
    }

    #[test]
    fn new_descriptors_are_those_that_were_known_to_be_absent() {
        let before = set(&[Rash]).with_state(Fever, None);
        let new: Vec<_> = set(&[Rash, Fever, Ulcers]).new_since(before).collect();
        assert_eq!(new, [Ulcers]);
    }

    #[test]
    fn bands_and_courses_at_their_edges() {
        let bands = [0, 1, 4, 5, 10, 11].map(Band::of);
        use Band::*;
        assert_eq!(bands, [Remission, Low, Low, Moderate, Moderate, High]);
        assert_eq!(Course::between(8, 4), Course::Improved);
        assert_eq!(Course::between(8, 5), Course::Persistent);
        assert_eq!(Course::between(8, 11), Course::Persistent);
        assert_eq!(Course::between(8, 12), Course::Flare);
    }
}
