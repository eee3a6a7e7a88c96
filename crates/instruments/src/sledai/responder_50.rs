//! SLEDAI-2K Responder Index-50: half of a descriptor's weight when it is at least 50 % better.
//!
//! Structure verified (Touma 2011, doi:10.3899/jrheum.100724). What "50 % better" means for each descriptor stands in
//! the index's own data retrieval form, which we have not seen: [`half_of_value`] and [`half_of_gap`] are the two
//! readings, and the caller says per descriptor whether it was met. For complement and anti-dsDNA the two readings
//! differ.

use crate::bilag::change::New;
use crate::decimal::Decimal;
use crate::error::ItemError;
use crate::pga::{Pga, Worsening};

use super::descriptors::{Descriptor, Descriptors};

/// S2K RI-50 at a visit, 0 to 105 points.
///
/// `before` and `now` are SLEDAI-2K descriptors; `half_better` are the descriptors at least 50 % better than before. Each
/// active descriptor counts its weight; half of it if it was active before and is half better; new ones count in full.
/// Fails if a descriptor was not assessed at this visit or the one before, or if something is called half better that was
/// not active at both visits.
pub fn score(before: Descriptors, now: Descriptors, half_better: Descriptors) -> Result<Decimal, ItemError> {
    before.total()?;
    let full = now.total()?;
    let mut saved = 0; // half points
    for descriptor in Descriptor::ALL {
        if half_better.state(descriptor) != Some(true) {
            continue;
        }
        if before.state(descriptor) != Some(true) || now.state(descriptor) != Some(true) {
            return Err(ItemError::Impossible {
                instrument: "S2K RI-50",
                item: descriptor.id(),
                conflict: "is called half better, but is not active at both visits",
            });
        }
        saved += descriptor.weight();
    }
    Ok(Decimal::tenths(10 * i64::from(full) - 5 * i64::from(saved)))
}

/// Why a visit is no SRI-50 response; the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotSri50 {
    /// The index is not lower by 4 points than SLEDAI-2K at baseline.
    NotImproved,
    /// A new BILAG A, or more than one new B, since baseline.
    BilagWorse,
    /// PGA up by 0.3 or more since baseline.
    PgaWorse,
}

/// SRI-50: SRI-4 with this index in place of SLEDAI-2K. Unverified. `baseline` is SLEDAI-2K at baseline, `now` the
/// index; discontinuation and restricted medication are the caller's.
pub fn sri_50(baseline: u16, now: Decimal, since_baseline: New, pga: (Pga, Pga)) -> Result<(), NotSri50> {
    if now + Decimal::whole(4) > Decimal::whole(baseline.into()) {
        Err(NotSri50::NotImproved)
    } else if !since_baseline.is_not_worse() {
        Err(NotSri50::BilagWorse)
    } else if pga.1.is_worse_than(pga.0, Worsening::AT_LEAST_0_3) {
        Err(NotSri50::PgaWorse)
    } else {
        Ok(())
    }
}

/// True if a count, dose or severity fell by at least half. Unverified as the rule of any one descriptor.
pub fn half_of_value(before: Decimal, now: Decimal) -> bool {
    !now.above_percent_of(50, before)
}

/// True if at least half of the gap to the limit of normal has closed, from either side. Unverified as the rule of any
/// one descriptor.
pub fn half_of_gap(before: Decimal, now: Decimal, limit: Decimal) -> bool {
    let gap = |value: Decimal| if before >= limit { value - limit } else { limit - value };
    !gap(now).above_percent_of(50, gap(before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Descriptor::*;

    fn set(present: &[Descriptor]) -> Descriptors {
        present.iter().fold(Descriptors::none(), |s, &d| s.with(d))
    }

    #[test]
    fn partial_improvement_counts_half_and_new_items_in_full() {
        let before = set(&[Arthritis, Rash, LowComplement]);
        let now = set(&[Arthritis, Rash, Ulcers]);
        assert_eq!(score(before, now, Descriptors::none()), Ok(Decimal::whole(8)));
        assert_eq!(score(before, now, set(&[Arthritis])), Ok(Decimal::whole(6)));
        assert_eq!(score(before, now, set(&[Arthritis, Rash])), Ok(Decimal::whole(5)));
    }

    #[test]
    fn one_point_descriptors_have_half_points() {
        let fever = set(&[Fever]);
        assert_eq!(score(fever, fever, fever), Ok(Decimal::tenths(5)));
    }

    #[test]
    fn a_new_descriptor_cannot_be_half_better() {
        let error = score(set(&[Rash]), set(&[Ulcers]), set(&[Ulcers])).expect_err("new");
        assert!(error.to_string().contains("`ulcers`"), "{error}");
    }

    #[test]
    fn sri_50_counts_partial_improvement() {
        let before = set(&[Arthritis, Rash, Ulcers, Proteinuria]);
        let index = score(before, before, set(&[Arthritis, Proteinuria])).expect("complete");
        let pga = |tenths| Pga::on_0_to_3(Decimal::tenths(tenths)).expect("in range");
        let respond = |index, new, now| sri_50(12, index, new, (pga(15), pga(now)));
        assert_eq!(
            respond(index, New::default(), 15),
            Ok(()),
            "12 to 8, where SLEDAI-2K stays 12"
        );
        assert_eq!(
            respond(Decimal::tenths(85), New::default(), 15),
            Err(NotSri50::NotImproved)
        );
        assert_eq!(respond(index, New { a: 0, b: 2 }, 15), Err(NotSri50::BilagWorse));
        assert_eq!(respond(index, New { a: 0, b: 1 }, 18), Err(NotSri50::PgaWorse));
    }

    #[test]
    fn the_two_readings_of_half_differ_for_serology() {
        let (before, now, limit) = (Decimal::whole(100), Decimal::whole(60), Decimal::whole(30));
        assert!(half_of_gap(before, Decimal::whole(65), limit));
        assert!(!half_of_gap(before, Decimal::whole(66), limit));
        assert!(!half_of_value(before, now));
        let low_c3 = |now| half_of_gap(Decimal::tenths(5), now, Decimal::tenths(9));
        assert!(low_c3(Decimal::tenths(7)) && !low_c3(Decimal::tenths(6)));
    }
}
