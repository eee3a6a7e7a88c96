//! SELENA-SLEDAI and the hybrid form, by their differences from SLEDAI-2K.
//!
//! Same 24 weights. SELENA counts proteinuria only when it is new or has risen by more than 0.5 g in 24 hours
//! (verified); its further differences ([`SelenaFindings`]) are unverified. The hybrid form is SELENA with the
//! proteinuria of SLEDAI-2K (unverified).

use crate::decimal::Decimal;

use super::descriptors::{Descriptor, Descriptors};

/// Findings that SELENA counts and SLEDAI-2K does not, or the reverse. Unverified: from memory of the SELENA form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SelenaFindings {
    /// Scleritis or episcleritis: counts as visual disturbance.
    pub scleritis: bool,
    /// Vertigo due to lupus: counts as cranial nerve disorder.
    pub vertigo: bool,
    /// The stroke has a hypertensive cause: does not count.
    pub hypertensive_stroke: bool,
    /// Severe typical pleuritic pain without an objective sign: counts as pleurisy.
    pub pleuritic_pain: bool,
    /// Severe typical pericardial pain without an objective sign: counts as pericarditis.
    pub pericardial_pain: bool,
}

/// True if proteinuria counts in SELENA-SLEDAI: new above 0.5 g in 24 hours, or risen by more than 0.5 g.
///
/// `before` is the last earlier measurement; without one, any proteinuria above the limit is new.
pub fn proteinuria_counts(before: Option<Decimal>, now: Decimal) -> bool {
    let limit = Decimal::tenths(5);
    match before {
        None => now > limit,
        Some(before) => (before <= limit && now > limit) || now - before > limit,
    }
}

/// Descriptors of SELENA-SLEDAI from those of SLEDAI-2K; `proteinuria` from [`proteinuria_counts`], `None` if unknown.
pub fn selena(sledai_2k: Descriptors, proteinuria: Option<bool>, findings: SelenaFindings) -> Descriptors {
    hybrid(sledai_2k, findings).with_state(Descriptor::Proteinuria, proteinuria)
}

/// Descriptors of the hybrid form from those of SLEDAI-2K: persistent proteinuria counts.
pub fn hybrid(sledai_2k: Descriptors, findings: SelenaFindings) -> Descriptors {
    let added = [
        (findings.scleritis, Descriptor::Visual),
        (findings.vertigo, Descriptor::CranialNerve),
        (findings.pleuritic_pain, Descriptor::Pleurisy),
        (findings.pericardial_pain, Descriptor::Pericarditis),
    ];
    let found = added.into_iter().filter(|(seen, _)| *seen);
    let set = found.fold(sledai_2k, |set, (_, d)| set.with(d));
    if findings.hypertensive_stroke {
        set.with_state(Descriptor::Stroke, Some(false))
    } else {
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_proteinuria_scores_0_in_selena_and_4_in_the_others() {
        let visit = Descriptors::none().with(Descriptor::Proteinuria);
        let stable = proteinuria_counts(Some(Decimal::tenths(12)), Decimal::tenths(12));
        let none = SelenaFindings::default();
        assert_eq!(selena(visit, Some(stable), none).total(), Ok(0));
        assert_eq!(hybrid(visit, none).total(), Ok(4));
        assert_eq!(visit.total(), Ok(4));
    }

    #[test]
    fn proteinuria_is_new_or_up_by_more_than_half_a_gram() {
        let g = Decimal::tenths;
        assert!(proteinuria_counts(None, g(6)));
        assert!(!proteinuria_counts(None, g(5)));
        assert!(proteinuria_counts(Some(g(5)), g(6)), "new");
        assert!(!proteinuria_counts(Some(g(10)), g(15)), "up by exactly 0.5");
        assert!(proteinuria_counts(Some(g(10)), g(16)));
        assert!(!proteinuria_counts(Some(g(30)), g(20)), "falling");
    }

    #[test]
    fn findings_of_selena_move_their_descriptors() {
        let findings = SelenaFindings {
            scleritis: true,
            hypertensive_stroke: true,
            ..SelenaFindings::default()
        };
        let set = hybrid(Descriptors::none().with(Descriptor::Stroke), findings);
        assert_eq!(set, Descriptors::none().with(Descriptor::Visual));
    }
}
