//! Renal flares and relapses after a response.
//!
//! Sources: those of [`crate::renal_response`] for AURORA 2; relapse grades, KDIGO 2012, PMC4089588 table 29 (verified). Terms
//! of use: published definitions, free.

use crate::decimal::Decimal;

/// Renal flare of AURORA 2 by UPCR in g/g: above 1 after a response below 0.2, above 2 after one of 0.2–1.0. `None` if
/// the response was above 1.
pub fn aurora_flare(post_response: Decimal, now: Decimal) -> Option<bool> {
    if post_response < Decimal::tenths(2) {
        Some(now > Decimal::whole(1))
    } else if post_response <= Decimal::whole(1) {
        Some(now > Decimal::whole(2))
    } else {
        None
    }
}

/// Adequate response of AURORA 2: UPCR at most 0.7 g/g.
pub fn aurora_adequate(upcr: Decimal) -> bool {
    upcr <= Decimal::tenths(7)
}

/// Grade of a relapse by KDIGO 2012.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relapse {
    /// None.
    None,
    /// Sediment.
    Mild,
    /// Creatinine or protein.
    Moderate,
    /// Creatinine or protein, more so.
    Severe,
}

/// What a relapse is judged by; `None` is not assessed and does not speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SinceRemission {
    /// Creatinine before and now, mg/dL.
    pub creatinine: Option<(Decimal, Decimal)>,
    /// UPCR before and now, g/g.
    pub upcr: Option<(Decimal, Decimal)>,
    /// Glomerular red cells rose from below 5 to above 15 per field with acanthocytes, or with casts: as judged on the
    /// slide.
    pub sediment: Option<bool>,
}

impl SinceRemission {
    /// The worst grade that a component gives.
    pub fn relapse(&self) -> Relapse {
        let creatinine = self
            .creatinine
            .map_or(Relapse::None, |(before, now)| creatinine_relapse(before, now));
        let protein = self
            .upcr
            .map_or(Relapse::None, |(before, now)| protein_relapse(before, now));
        let sediment = if self.sediment == Some(true) {
            Relapse::Mild
        } else {
            Relapse::None
        };
        creatinine.max(protein).max(sediment)
    }
}

/// Below 2.0 mg/dL a rise of 0.20–1.0 is moderate and more is severe; from 2.0 on, 0.40–1.5 and more.
fn creatinine_relapse(before: Decimal, now: Decimal) -> Relapse {
    let rise = now - before;
    let (moderate, severe) = if before < Decimal::whole(2) {
        (Decimal::tenths(2), Decimal::whole(1))
    } else {
        (Decimal::tenths(4), Decimal::tenths(15))
    };
    if rise > severe {
        Relapse::Severe
    } else if rise >= moderate {
        Relapse::Moderate
    } else {
        Relapse::None
    }
}

/// A rise above 5 g/g is severe. Moderate: from below 0.5 to 1 or more, from 0.5–1 to 2 or more with a rise below 5,
/// from above 1 at least doubled and below 5.
fn protein_relapse(before: Decimal, now: Decimal) -> Relapse {
    let five = Decimal::whole(5);
    if now - before > five {
        return Relapse::Severe;
    }
    let moderate = if before < Decimal::tenths(5) {
        now >= Decimal::whole(1)
    } else if before <= Decimal::whole(1) {
        now >= Decimal::whole(2) && now - before < five
    } else {
        now.at_least_percent_of(200, before) && now < five
    };
    if moderate { Relapse::Moderate } else { Relapse::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn flares_of_aurora_2() {
        let flare = |before: &str, now: &str| aurora_flare(d(before), d(now));
        assert_eq!(flare("0.19", "1"), Some(false));
        assert_eq!(flare("0.19", "1.01"), Some(true));
        assert_eq!(flare("0.2", "2"), Some(false));
        assert_eq!(flare("1", "2.01"), Some(true));
        assert_eq!(flare("1.1", "5"), None);
        assert!(aurora_adequate(Decimal::tenths(7)));
    }

    #[test]
    fn kdigo_relapses() {
        let of = |creatinine: Option<(&str, &str)>, upcr: Option<(&str, &str)>| {
            let pair = |p: (&str, &str)| (d(p.0), d(p.1));
            let since = SinceRemission {
                creatinine: creatinine.map(pair),
                upcr: upcr.map(pair),
                sediment: None,
            };
            since.relapse()
        };
        assert_eq!(of(Some(("1.0", "1.19")), None), Relapse::None);
        assert_eq!(of(Some(("1.0", "1.2")), None), Relapse::Moderate);
        assert_eq!(of(Some(("1.0", "2.0")), None), Relapse::Moderate);
        assert_eq!(of(Some(("1.0", "2.1")), None), Relapse::Severe);
        assert_eq!(of(Some(("2.0", "2.39")), None), Relapse::None);
        assert_eq!(of(Some(("2.0", "3.6")), None), Relapse::Severe);
        assert_eq!(of(None, Some(("0.4", "1.0"))), Relapse::Moderate);
        assert_eq!(of(None, Some(("0.5", "1.9"))), Relapse::None);
        assert_eq!(of(None, Some(("0.5", "2.0"))), Relapse::Moderate);
        assert_eq!(of(None, Some(("2.0", "4.0"))), Relapse::Moderate);
        assert_eq!(of(None, Some(("2.0", "7.1"))), Relapse::Severe);
        let sediment = SinceRemission {
            sediment: Some(true),
            ..SinceRemission::default()
        };
        assert_eq!(sediment.relapse(), Relapse::Mild);
    }
}
