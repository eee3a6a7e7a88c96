//! Major and partial clinical response by the FDA guidance on lupus trials of 2010, from BILAG grades over a year.
//!
//! Text verified in a public copy. Ours: months are four weeks, and "kept" is asked of every visit in between. Terms of
//! use: public.

use crate::bilag::change::{New, new_grades};
use crate::bilag::grade::{Grade, Grades};
use crate::error::ItemError;

/// Response at the end of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// Every domain C or better at six months without a new A or B, kept to twelve months.
    Major,
    /// One of the three partial responses.
    Partial(Partial),
    /// None of them.
    None,
}

/// Which partial response; the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partial {
    /// Every domain C or better at six months without a new A or B, kept for four months.
    QuietForFourMonths,
    /// At most one B at six months, no flare until twelve.
    OneBWithoutFlare,
    /// Very active at baseline (two A, or one A and two B, or four B), at most two B and no A from six to twelve months.
    FromVeryActive,
}

/// Week of six months.
const SIX_MONTHS: i32 = 24;
/// Week of ten months: four after six.
const TEN_MONTHS: i32 = 40;
/// Week of twelve months.
const TWELVE_MONTHS: i32 = 48;

/// Response from the grades at baseline and at visits (week, grades) in order of time.
///
/// Needs a visit at or after week 24, and for what must be kept to the end one at or after week 48; without, that
/// response is not reached. Flare: a new A or two new B against the visit before. Fails if a domain was not done.
pub fn response(baseline: &Grades, visits: &[(i32, Grades)]) -> Result<Response, ItemError> {
    for (_, grades) in visits {
        grades.complete()?;
    }
    let within = |last: i32| {
        visits
            .iter()
            .filter(move |v| (SIX_MONTHS..=last).contains(&v.0))
            .map(|v| &v.1)
    };
    let reaches = |week: i32| visits.iter().any(|v| v.0 >= week);
    let quiet = |last: i32| reaches(last) && within(last).all(|g| g.count(Grade::A) + g.count(Grade::B) == 0);
    if !reaches(SIX_MONTHS) {
        return Ok(Response::None);
    }
    if quiet(TWELVE_MONTHS) && within(i32::MAX).all(|g| g.count(Grade::A) + g.count(Grade::B) == 0) {
        return Ok(Response::Major);
    }
    if quiet(TEN_MONTHS) {
        return Ok(Response::Partial(Partial::QuietForFourMonths));
    }
    let at_six = within(i32::MAX).next().expect("a visit at or after six months");
    let one_b = at_six.count(Grade::A) == 0 && at_six.count(Grade::B) <= 1;
    if one_b && reaches(TWELVE_MONTHS) && !flares_after(visits, SIX_MONTHS)? {
        return Ok(Response::Partial(Partial::OneBWithoutFlare));
    }
    let calm = within(i32::MAX).all(|g| g.count(Grade::A) == 0 && g.count(Grade::B) <= 2);
    if is_very_active(baseline) && reaches(TWELVE_MONTHS) && calm {
        return Ok(Response::Partial(Partial::FromVeryActive));
    }
    Ok(Response::None)
}

/// Two A, or one A and two B, or four B.
pub fn is_very_active(grades: &Grades) -> bool {
    let (a, b) = (grades.count(Grade::A), grades.count(Grade::B));
    a >= 2 || (a == 1 && b >= 2) || b >= 4
}

/// True if a visit after `week` flares against the visit before it, from the first visit at or after `week`.
fn flares_after(visits: &[(i32, Grades)], week: i32) -> Result<bool, ItemError> {
    let first = visits.iter().position(|v| v.0 >= week).unwrap_or(visits.len());
    for pair in visits[first..].windows(2) {
        let new: New = new_grades(&pair[0].1, &pair[1].1)?;
        if new.is_tulip_flare() {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(baseline: &str, at: [&str; 7]) -> Response {
        let grades = |letters: &str| Grades::from_letters(letters).expect("letters");
        let weeks = [12, 24, 28, 32, 40, 44, 52];
        let visits: Vec<(i32, Grades)> = weeks.into_iter().zip(at.map(grades)).collect();
        response(&grades(baseline), &visits).expect("complete")
    }

    const QUIET: &str = "ECEDEEEEE";
    const ONE_B: &str = "ECEBEEEEE";
    const TWO_B: &str = "EBEBEEEEE";

    #[test]
    fn quiet_from_six_to_twelve_months_is_major() {
        assert_eq!(
            year("EBEAEEEEE", [TWO_B, QUIET, QUIET, QUIET, QUIET, QUIET, QUIET]),
            Response::Major
        );
    }

    #[test]
    fn quiet_for_four_months_only_is_partial() {
        let answer = year("EBEAEEEEE", [ONE_B, QUIET, QUIET, QUIET, QUIET, ONE_B, TWO_B]);
        assert_eq!(answer, Response::Partial(Partial::QuietForFourMonths));
    }

    #[test]
    fn one_b_without_a_flare_is_partial() {
        let stays = year("EBEAEEEEE", [ONE_B; 7]);
        assert_eq!(stays, Response::Partial(Partial::OneBWithoutFlare));
        let flares = year("EBEAEEEEE", [ONE_B, ONE_B, ONE_B, "ECEAEEEEE", ONE_B, ONE_B, ONE_B]);
        assert_eq!(flares, Response::None);
    }

    #[test]
    fn a_very_active_start_allows_two_b() {
        let from_four_b = year("BBBBEEEEE", [TWO_B; 7]);
        assert_eq!(from_four_b, Response::Partial(Partial::FromVeryActive));
        assert_eq!(year("BBBEEEEEE", [TWO_B; 7]), Response::None, "three B");
        assert_eq!(
            year("EBEAEEEBE", [TWO_B; 7]),
            Response::Partial(Partial::FromVeryActive)
        );
        assert_eq!(
            year("EBEAEEEEE", [TWO_B; 7]),
            Response::None,
            "one A and one B are not very active"
        );
        assert_eq!(
            year("EAEAEEEEE", [TWO_B, TWO_B, TWO_B, "EBEBEEEEB", TWO_B, TWO_B, TWO_B]),
            Response::None
        );
    }

    #[test]
    fn a_trial_that_ends_early_shows_no_response() {
        let grades = Grades::from_letters(QUIET).expect("letters");
        assert_eq!(response(&grades, &[(12, grades), (20, grades)]), Ok(Response::None));
        assert_eq!(response(&grades, &[(24, grades), (36, grades)]), Ok(Response::None));
    }
}
