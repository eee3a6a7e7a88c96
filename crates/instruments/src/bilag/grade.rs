//! Letters, domains, and what a set of nine letters is worth.

use crate::error::ItemError;

/// Grade of a domain, from E (never involved) to A (severe). D and E are both inactive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Grade {
    /// Never involved.
    E = 0,
    /// Involved before, inactive now.
    D = 1,
    /// Mild.
    C = 2,
    /// Moderate.
    B = 3,
    /// Severe.
    A = 4,
}

impl Grade {
    /// All grades, mildest first.
    pub const ALL: [Grade; 5] = [Grade::E, Grade::D, Grade::C, Grade::B, Grade::A];

    /// The letter.
    pub const fn letter(self) -> char {
        match self {
            Grade::A => 'A',
            Grade::B => 'B',
            Grade::C => 'C',
            Grade::D => 'D',
            Grade::E => 'E',
        }
    }

    /// The grade of a letter, in either case.
    pub fn from_letter(letter: char) -> Option<Grade> {
        Grade::ALL
            .into_iter()
            .find(|g| g.letter() == letter.to_ascii_uppercase())
    }

    /// Points of BILAG-2004: A 12, B 8, C 1, D and E 0 (Yee 2010, doi:10.1093/rheumatology/keq026).
    pub const fn points(self) -> u16 {
        match self {
            Grade::A => 12,
            Grade::B => 8,
            Grade::C => 1,
            Grade::D | Grade::E => 0,
        }
    }

    /// True for A, B and C.
    pub fn is_active(self) -> bool {
        self >= Grade::C
    }

    /// The treatment that the grade stands for; unverified wording of ours.
    pub const fn treatment_intent(self) -> &'static str {
        match self {
            Grade::A => "high-dose steroid or an immunosuppressant would be started or raised",
            Grade::B => "low-dose steroid, an antimalarial or an anti-inflammatory drug would be used",
            Grade::C => "symptomatic treatment at most",
            Grade::D | Grade::E => "none",
        }
    }
}

/// The nine domains, in the order of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Domain {
    /// Fever, weight, nodes, appetite.
    Constitutional,
    /// Skin, hair, mucosa.
    Mucocutaneous,
    /// Nervous system and mind.
    Neuropsychiatric,
    /// Muscles and joints.
    Musculoskeletal,
    /// Heart and lungs.
    Cardiorespiratory,
    /// Gut, liver, pancreas.
    Gastrointestinal,
    /// Eyes.
    Ophthalmic,
    /// Kidney.
    Renal,
    /// Blood.
    Haematological,
}

/// Number of domains.
pub const N_DOMAINS: usize = 9;

impl Domain {
    /// All domains, in the order of the form.
    pub const ALL: [Domain; N_DOMAINS] = [
        Domain::Constitutional,
        Domain::Mucocutaneous,
        Domain::Neuropsychiatric,
        Domain::Musculoskeletal,
        Domain::Cardiorespiratory,
        Domain::Gastrointestinal,
        Domain::Ophthalmic,
        Domain::Renal,
        Domain::Haematological,
    ];

    /// Id, used in errors and tables.
    pub const fn id(self) -> &'static str {
        match self {
            Domain::Constitutional => "constitutional",
            Domain::Mucocutaneous => "mucocutaneous",
            Domain::Neuropsychiatric => "neuropsychiatric",
            Domain::Musculoskeletal => "musculoskeletal",
            Domain::Cardiorespiratory => "cardiorespiratory",
            Domain::Gastrointestinal => "gastrointestinal",
            Domain::Ophthalmic => "ophthalmic",
            Domain::Renal => "renal",
            Domain::Haematological => "haematological",
        }
    }
}

/// The grades of a visit; `None` is a domain of which nothing was done.
///
/// ```
/// use malar_instruments::bilag::grade::Grades;
/// let grades = Grades::from_letters("EBEAEEEEC").expect("nine letters");
/// assert_eq!(grades.numeric(), Ok(12 + 8 + 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grades(pub [Option<Grade>; N_DOMAINS]);

impl Grades {
    /// Never involved anywhere.
    pub const NEVER: Grades = Grades([Some(Grade::E); N_DOMAINS]);

    /// From nine letters in the order of the form; `-` is not done.
    pub fn from_letters(letters: &str) -> Option<Grades> {
        let mut grades = [None; N_DOMAINS];
        if letters.chars().count() != N_DOMAINS {
            return None;
        }
        for (slot, letter) in grades.iter_mut().zip(letters.chars()) {
            if letter != '-' {
                *slot = Some(Grade::from_letter(letter)?);
            }
        }
        Some(Grades(grades))
    }

    /// Nine letters; `-` is not done.
    pub fn letters(&self) -> String {
        self.0.iter().map(|g| g.map_or('-', Grade::letter)).collect()
    }

    /// Grade of a domain.
    pub fn of(&self, domain: Domain) -> Option<Grade> {
        self.0[domain as usize]
    }

    /// All nine grades. Fails, naming the domain, if one was not done.
    pub fn complete(&self) -> Result<[Grade; N_DOMAINS], ItemError> {
        let mut all = [Grade::E; N_DOMAINS];
        for (slot, domain) in all.iter_mut().zip(Domain::ALL) {
            *slot = self.of(domain).ok_or(ItemError::NotAssessed {
                instrument: "BILAG-2004",
                item: domain.id(),
            })?;
        }
        Ok(all)
    }

    /// Numeric score, 0 to 108. Fails if a domain was not done.
    pub fn numeric(&self) -> Result<u16, ItemError> {
        Ok(self.complete()?.iter().map(|g| g.points()).sum())
    }

    /// Number of domains with the grade; domains not done are not counted.
    pub fn count(&self, grade: Grade) -> usize {
        self.0.iter().filter(|g| **g == Some(grade)).count()
    }

    /// True with at least one A or two B: active disease, and the entry criterion of the TULIP trials.
    pub fn one_a_or_two_b(&self) -> bool {
        self.count(Grade::A) >= 1 || self.count(Grade::B) >= 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_e_d_c_b_a() {
        assert!(Grade::E < Grade::D && Grade::D < Grade::C && Grade::C < Grade::B && Grade::B < Grade::A);
        assert_eq!(Grade::ALL.map(Grade::points), [0, 0, 1, 8, 12]);
    }

    #[test]
    fn letters_go_in_and_come_out() {
        let grades = Grades::from_letters("EBEAE-EDC").expect("nine letters");
        assert_eq!(grades.letters(), "EBEAE-EDC");
        assert!(Grades::from_letters("EEEE").is_none());
        assert!(Grades::from_letters("EEEEEEEEF").is_none());
    }

    #[test]
    fn a_domain_that_was_not_done_has_no_score() {
        let grades = Grades::from_letters("EBEAE-EDC").expect("nine letters");
        assert!(
            grades
                .numeric()
                .expect_err("gap")
                .to_string()
                .contains("`gastrointestinal`")
        );
        assert_eq!(Grades::from_letters("AAAAAAAAA").expect("letters").numeric(), Ok(108));
    }

    #[test]
    fn active_disease_is_one_a_or_two_b() {
        let active = |letters| Grades::from_letters(letters).expect("letters").one_a_or_two_b();
        assert!(active("EEEAEEEEE") && active("EBEBEEEEE"));
        assert!(!active("EBECCCEEE"));
    }
}
