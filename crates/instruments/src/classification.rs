//! Classification of lupus for eligibility: EULAR/ACR 2019 and SLICC 2012.
//!
//! Weights and rules verified (ard.bmj.com table 260340; PMC3409311, PMC4764694). Criteria count if present ever, need
//! not coincide, and not if better explained otherwise; that judgement is the caller's. Terms of use: published
//! criteria, free.

/// Domains of EULAR/ACR 2019; only the heaviest criterion of each counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Fever.
    Constitutional,
    /// Blood.
    Haematological,
    /// Nervous system.
    Neuropsychiatric,
    /// Skin and mucosa.
    Mucocutaneous,
    /// Serosa.
    Serosal,
    /// Joints.
    Musculoskeletal,
    /// Kidney.
    Renal,
    /// Antiphospholipid antibodies.
    Antiphospholipid,
    /// Complement.
    Complement,
    /// Antibodies specific to lupus.
    Specific,
}

const N_DOMAINS: usize = 10;

impl Domain {
    /// True for the seven clinical domains.
    pub fn is_clinical(self) -> bool {
        (self as usize) <= Domain::Renal as usize
    }
}

macro_rules! criteria {
    ($($name:ident $domain:ident $weight:literal $meaning:literal;)*) => {
        /// A criterion of EULAR/ACR 2019.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Criterion { $(#[doc = $meaning] $name,)* }

        impl Criterion {
            /// All criteria.
            pub const ALL: &[Criterion] = &[$(Criterion::$name,)*];

            /// Domain.
            pub fn domain(self) -> Domain { match self { $(Criterion::$name => Domain::$domain,)* } }

            /// Points.
            pub fn weight(self) -> u8 { match self { $(Criterion::$name => $weight,)* } }
        }
    };
}

criteria! {
    Fever Constitutional 2 "Above 38.3 °C.";
    Leukopenia Haematological 3 "Below 4.0 × 10⁹/L.";
    Thrombocytopenia Haematological 4 "Below 100 × 10⁹/L.";
    AutoimmuneHaemolysis Haematological 4 "Autoimmune haemolysis.";
    Delirium Neuropsychiatric 2 "Delirium.";
    Psychosis Neuropsychiatric 3 "Psychosis.";
    Seizure Neuropsychiatric 5 "Seizure.";
    Alopecia Mucocutaneous 2 "Non-scarring alopecia.";
    OralUlcers Mucocutaneous 2 "Oral ulcers.";
    SubacuteOrDiscoid Mucocutaneous 4 "Subacute cutaneous or discoid lupus.";
    AcuteCutaneous Mucocutaneous 6 "Acute cutaneous lupus.";
    Effusion Serosal 5 "Pleural or pericardial effusion.";
    AcutePericarditis Serosal 6 "Acute pericarditis.";
    JointInvolvement Musculoskeletal 6 "Synovitis of two joints, or tenderness of two and 30 minutes of morning stiffness.";
    Proteinuria Renal 4 "More than 0.5 g in 24 hours.";
    ClassTwoOrFive Renal 8 "Biopsy of class II or V.";
    ClassThreeOrFour Renal 10 "Biopsy of class III or IV.";
    AntiphospholipidAntibody Antiphospholipid 2 "Any antiphospholipid antibody.";
    LowC3OrC4 Complement 3 "One fraction low.";
    LowC3AndC4 Complement 4 "Both fractions low.";
    AntiDsDnaOrSmith Specific 6 "Anti-dsDNA or anti-Smith.";
}

/// Result of EULAR/ACR 2019.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// Sum of the heaviest criterion of each domain, 0–51.
    pub points: u8,
    /// Antinuclear antibodies ever, at least one clinical criterion, and at least 10 points.
    pub is_lupus: bool,
}

/// EULAR/ACR 2019 from the criteria ever present; `ana` is an antinuclear antibody of at least 1:80 ever, without which
/// nobody is classified.
pub fn eular_acr_2019(ana: bool, present: &[Criterion]) -> Score {
    let mut best = [0; N_DOMAINS];
    for criterion in present {
        let slot = &mut best[criterion.domain() as usize];
        *slot = criterion.weight().max(*slot);
    }
    let points = best.iter().sum();
    let clinical = present.iter().any(|c| c.domain().is_clinical());
    Score {
        points,
        is_lupus: ana && clinical && points >= 10,
    }
}

/// Criteria of SLICC 2012 ever present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slicc2012 {
    /// Acute cutaneous; chronic cutaneous; oral or nasal ulcers; non-scarring alopecia; synovitis; serositis; renal;
    /// neurological; haemolytic anaemia; leukopenia or lymphopenia (once); thrombocytopenia.
    pub clinical: [bool; 11],
    /// Antinuclear; anti-dsDNA; anti-Smith; antiphospholipid; low complement; direct Coombs without haemolytic anaemia.
    pub immunological: [bool; 6],
    /// Lupus nephritis proven by biopsy.
    pub biopsy_proven_nephritis: bool,
}

impl Slicc2012 {
    /// Four criteria with at least one of each kind, or proven nephritis with antinuclear or anti-dsDNA antibodies.
    pub fn is_lupus(&self) -> bool {
        let count = |criteria: &[bool]| criteria.iter().filter(|c| **c).count();
        let (clinical, immunological) = (count(&self.clinical), count(&self.immunological));
        let by_count = clinical >= 1 && immunological >= 1 && clinical + immunological >= 4;
        by_count || (self.biopsy_proven_nephritis && (self.immunological[0] || self.immunological[1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Criterion::*;

    #[test]
    fn everything_is_51_points() {
        let all = eular_acr_2019(true, Criterion::ALL);
        assert_eq!((all.points, all.is_lupus), (51, true));
        assert_eq!(eular_acr_2019(true, &[]).points, 0);
    }

    #[test]
    fn each_domain_counts_once() {
        assert_eq!(eular_acr_2019(true, &[Alopecia, OralUlcers, AcuteCutaneous]).points, 6);
        assert_eq!(eular_acr_2019(true, &[LowC3OrC4, LowC3AndC4]).points, 4);
    }

    #[test]
    fn ten_points_need_a_clinical_criterion_and_antinuclear_antibodies() {
        let nephritis = [ClassThreeOrFour];
        assert!(eular_acr_2019(true, &nephritis).is_lupus);
        assert!(!eular_acr_2019(false, &nephritis).is_lupus);
        let serology = [AntiphospholipidAntibody, LowC3AndC4, AntiDsDnaOrSmith];
        let score = eular_acr_2019(true, &serology);
        assert_eq!((score.points, score.is_lupus), (12, false));
        assert!(
            !eular_acr_2019(true, &[JointInvolvement, LowC3OrC4]).is_lupus,
            "nine points"
        );
        assert!(eular_acr_2019(true, &[JointInvolvement, LowC3AndC4]).is_lupus);
    }

    #[test]
    fn slicc_needs_four_of_both_kinds_or_a_biopsy() {
        let mut patient = Slicc2012::default();
        patient.clinical[..4].fill(true);
        assert!(!patient.is_lupus(), "no immunological criterion");
        patient.clinical[3] = false;
        patient.immunological[2] = true;
        assert!(patient.is_lupus());
        let mut nephritis = Slicc2012 {
            biopsy_proven_nephritis: true,
            ..Slicc2012::default()
        };
        assert!(!nephritis.is_lupus());
        nephritis.immunological[1] = true;
        assert!(nephritis.is_lupus());
    }
}
