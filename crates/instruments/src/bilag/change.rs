//! What changed between two visits, and what counts as new.
//!
//! New A: A now and not at the reference. New B: B now and C, D or E at the reference; A to B is improvement (the
//! wording is unverified; the consequence is, in the FDA guidance of 2010 and in Gordon 2003). The reference is
//! baseline for SRI and BICLA and the previous visit for the flares of the TULIP trials.

use crate::error::ItemError;

use super::grade::{Grade, Grades};

/// Change of one domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Inactive before, active now.
    New,
    /// Active before, a worse grade now.
    Worse,
    /// The same grade, or inactive at both visits: D and E are not told apart.
    Same,
    /// A better grade, or inactive now.
    Better,
}

/// Change of a domain from one grade to another.
pub fn change(before: Grade, now: Grade) -> Change {
    let level = |grade: Grade| grade.max(Grade::D);
    match (before.is_active(), level(now).cmp(&level(before))) {
        (_, std::cmp::Ordering::Less) => Change::Better,
        (_, std::cmp::Ordering::Equal) => Change::Same,
        (true, std::cmp::Ordering::Greater) => Change::Worse,
        (false, std::cmp::Ordering::Greater) => Change::New,
    }
}

/// True if the domain is a new A.
pub fn is_new_a(reference: Grade, now: Grade) -> bool {
    now == Grade::A && reference != Grade::A
}

/// True if the domain is a new B.
pub fn is_new_b(reference: Grade, now: Grade) -> bool {
    now == Grade::B && reference <= Grade::C
}

/// New grades of a visit against its reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct New {
    /// Domains newly A.
    pub a: u8,
    /// Domains newly B.
    pub b: u8,
}

/// New grades. Fails if a domain was not done at either visit.
pub fn new_grades(reference: &Grades, now: &Grades) -> Result<New, ItemError> {
    let (reference, now) = (reference.complete()?, now.complete()?);
    let mut new = New::default();
    for (&before, &grade) in reference.iter().zip(&now) {
        new.a += u8::from(is_new_a(before, grade));
        new.b += u8::from(is_new_b(before, grade));
    }
    Ok(new)
}

/// True if every A became B or better and every B became C or better. Fails if a domain was not done at either visit.
pub fn all_active_improved(baseline: &Grades, now: &Grades) -> Result<bool, ItemError> {
    let improved = |(before, grade): (&Grade, &Grade)| *before < Grade::B || grade < before;
    Ok(baseline.complete()?.iter().zip(&now.complete()?).all(improved))
}

impl New {
    /// Flare of the TULIP trials, against the previous visit: a new A, or two new B (doi:10.1177/09612033211014267).
    pub fn is_tulip_flare(self) -> bool {
        self.a >= 1 || self.b >= 2
    }

    /// Not worse, as SRI and BICLA ask: no new A and at most one new B.
    pub fn is_not_worse(self) -> bool {
        self.a == 0 && self.b <= 1
    }

    /// Flare by Gordon 2003: severe with a new A, moderate with a new B.
    pub fn gordon(self) -> GordonFlare {
        match (self.a, self.b) {
            (1.., _) => GordonFlare::Severe,
            (0, 1..) => GordonFlare::Moderate,
            (0, 0) => GordonFlare::None,
        }
    }
}

/// Flare by Gordon 2003.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GordonFlare {
    /// None.
    None,
    /// A new B.
    Moderate,
    /// A new A.
    Severe,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades(letters: &str) -> Grades {
        Grades::from_letters(letters).expect("nine letters")
    }

    fn new(reference: &str, now: &str) -> (u8, u8) {
        let new = new_grades(&grades(reference), &grades(now)).expect("complete");
        (new.a, new.b)
    }

    #[test]
    fn golden_cases() {
        assert_eq!(new("EEEBEEEEE", "EEEAEEEEE"), (1, 0));
        assert_eq!(new("EBEAEEEEE", "EBEBEEEEE"), (0, 0));
        assert_eq!(new("EDECEEEEE", "EBEBEEEEC"), (0, 2));
    }

    #[test]
    fn drift_never_flares_against_the_previous_visit() {
        let visits = ["ECECEEEEE", "ECEBEEEEE", "EBEBEEEEE"];
        for pair in visits.windows(2) {
            assert_eq!(new(pair[0], pair[1]), (0, 1));
        }
        let since_baseline = new_grades(&grades(visits[0]), &grades(visits[2])).expect("complete");
        assert!(
            since_baseline.is_tulip_flare(),
            "against baseline two domains are worse"
        );
    }

    #[test]
    fn changes_of_a_domain() {
        use Grade::*;
        assert_eq!(change(E, B), Change::New);
        assert_eq!(change(D, C), Change::New);
        assert_eq!(change(C, B), Change::Worse);
        assert_eq!(change(B, B), Change::Same);
        assert_eq!(change(D, E), Change::Same);
        assert_eq!(change(E, D), Change::Same);
        assert_eq!(change(A, B), Change::Better);
        assert_eq!(change(C, D), Change::Better);
    }

    #[test]
    fn improvement_is_asked_of_every_a_and_b() {
        let improved = |from, to| all_active_improved(&grades(from), &grades(to)).expect("complete");
        assert!(improved("EBEAEEEEE", "ECEBEEEEE"));
        assert!(!improved("EBEAEEEEE", "EBEBEEEEE"));
        assert!(!improved("EEEAEEEEE", "EEEAEEEEE"));
        assert!(improved("ECEEEEEEE", "EBEEEEEEE"), "C is not asked to improve");
    }

    #[test]
    fn gordon_flares() {
        let flare = |a, b| New { a, b }.gordon();
        assert_eq!(flare(1, 2), GordonFlare::Severe);
        assert_eq!(flare(0, 1), GordonFlare::Moderate);
        assert_eq!(flare(0, 0), GordonFlare::None);
    }

    #[test]
    fn a_gap_at_either_visit_is_no_answer() {
        assert!(new_grades(&grades("EEE-EEEEE"), &Grades::NEVER).is_err());
        assert!(all_active_improved(&Grades::NEVER, &grades("EEEE-EEEE")).is_err());
    }
}
