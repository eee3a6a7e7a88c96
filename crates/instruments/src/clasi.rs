//! CLASI: activity and damage of cutaneous lupus over 13 sites.
//!
//! Sites and activity verified (Klein 2011, PMID 21339447; rheumguide.ca): activity 0–70. Damage: the reported maximum
//! of 56 holds if scarring of the scalp counts only as scarring alopecia; that reading is ours. Terms of use: copyright
//! University of Pennsylvania; trials ask for a licence (unverified; ask before you use the form).

use crate::decimal::Decimal;
use crate::error::{ItemError, in_range};

const INSTRUMENT: &str = "CLASI";

/// The sites, in the order of the form.
pub const SITES: [&str; 13] = [
    "scalp",
    "ears",
    "nose",
    "rest_of_face",
    "v_neck",
    "posterior_neck_shoulders",
    "chest",
    "abdomen",
    "back_buttocks",
    "arms",
    "hands",
    "legs",
    "feet",
];

/// One site; `None` is not assessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Redness, 0–3.
    pub erythema: Option<u8>,
    /// Scale or hypertrophy, 0–2.
    pub scale: Option<u8>,
    /// Dyspigmentation, 0–1.
    pub dyspigmentation: Option<u8>,
    /// Scarring, atrophy or panniculitis, 0–2; of the scalp it is [`Clasi::scarring_alopecia`] and must stay empty or 0
    /// here.
    pub scarring: Option<u8>,
}

/// The form; `None` is not assessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clasi {
    /// The sites, in the order of [`SITES`].
    pub sites: [Site; 13],
    /// Lesions of mucous membranes, 0–1.
    pub mucous_membrane: Option<u8>,
    /// Hair lost within 30 days, 0–1.
    pub recent_hair_loss: Option<u8>,
    /// Non-scarring alopecia, 0–3.
    pub alopecia: Option<u8>,
    /// Scarring alopecia: 0, or 3–6.
    pub scarring_alopecia: Option<u8>,
    /// Dyspigmentation has lasted at least a year, and counts twice.
    pub lasting_dyspigmentation: Option<bool>,
}

impl Clasi {
    /// Activity, 0–70. Fails, naming it, on an item that is missing or out of range.
    pub fn activity(&self) -> Result<u8, ItemError> {
        let mut total = 0;
        for (site, name) in self.sites.iter().zip(SITES) {
            total += score(name, site.erythema, 3)? + score(name, site.scale, 2)?;
        }
        Ok(total
            + score("mucous_membrane", self.mucous_membrane, 1)?
            + score("recent_hair_loss", self.recent_hair_loss, 1)?
            + score("alopecia", self.alopecia, 3)?)
    }

    /// Damage, 0–56. Fails, naming it, on an item that is missing or out of range.
    pub fn damage(&self) -> Result<u8, ItemError> {
        let mut dyspigmentation = 0;
        let mut scarring = 0;
        for (k, (site, name)) in self.sites.iter().zip(SITES).enumerate() {
            dyspigmentation += score(name, site.dyspigmentation, 1)?;
            scarring += match k {
                0 => score(name, site.scarring.or(Some(0)), 0)?,
                _ => score(name, site.scarring, 2)?,
            };
        }
        let alopecia = score("scarring_alopecia", self.scarring_alopecia, 6)?;
        if matches!(alopecia, 1 | 2) {
            return Err(ItemError::Impossible {
                instrument: INSTRUMENT,
                item: "scarring_alopecia",
                conflict: "is 0, or 3 to 6",
            });
        }
        let factor = match (dyspigmentation, self.lasting_dyspigmentation) {
            (0, _) => 1,
            (_, Some(lasting)) => 1 + u8::from(lasting),
            (_, None) => return Err(missing("lasting_dyspigmentation")),
        };
        Ok(factor * dyspigmentation + scarring + alopecia)
    }
}

fn missing(item: &'static str) -> ItemError {
    ItemError::NotAssessed {
        instrument: INSTRUMENT,
        item,
    }
}

fn score(item: &'static str, value: Option<u8>, max: u8) -> Result<u8, ItemError> {
    let value = value.ok_or(missing(item))?;
    let whole = |n: u8| Decimal::whole(n.into());
    in_range(INSTRUMENT, item, whole(value), Decimal::ZERO, whole(max))?;
    Ok(value)
}

/// Severity of an activity score: mild to 9, moderate to 20, severe above (verified).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// 0–9.
    Mild,
    /// 10–20.
    Moderate,
    /// 21–70.
    Severe,
}

impl Severity {
    /// Severity of an activity score.
    pub fn of(activity: u8) -> Severity {
        match activity {
            0..=9 => Severity::Mild,
            10..=20 => Severity::Moderate,
            _ => Severity::Severe,
        }
    }
}

/// Clinically meaningful response: activity down by at least 4 points or 20 %.
pub fn responded(baseline: u8, now: u8) -> bool {
    let fall = i32::from(baseline) - i32::from(now);
    fall >= 4 || (fall > 0 && 5 * fall >= i32::from(baseline))
}

/// CLASI-50: activity fell by at least half. `None` below `minimum` at baseline (10 in TULIP): not in the denominator.
pub fn fell_by_half(baseline: u8, now: u8, minimum: u8) -> Option<bool> {
    let eligible = baseline >= minimum.max(1);
    eligible.then(|| 2 * u16::from(now) <= u16::from(baseline))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(erythema: u8, scale: u8, dyspigmentation: u8, scarring: u8) -> Clasi {
        let site = Site {
            erythema: Some(erythema),
            scale: Some(scale),
            dyspigmentation: Some(dyspigmentation),
            scarring: Some(scarring),
        };
        let mut sites = [site; 13];
        sites[0].scarring = None;
        Clasi {
            sites,
            mucous_membrane: Some(0),
            recent_hair_loss: Some(0),
            alopecia: Some(0),
            scarring_alopecia: Some(0),
            lasting_dyspigmentation: Some(false),
        }
    }

    #[test]
    fn maxima_are_70_and_56() {
        let worst = Clasi {
            mucous_membrane: Some(1),
            recent_hair_loss: Some(1),
            alopecia: Some(3),
            scarring_alopecia: Some(6),
            lasting_dyspigmentation: Some(true),
            ..all(3, 2, 1, 2)
        };
        assert_eq!((worst.activity(), worst.damage()), (Ok(70), Ok(56)));
        assert_eq!((all(0, 0, 0, 0).activity(), all(0, 0, 0, 0).damage()), (Ok(0), Ok(0)));
    }

    #[test]
    fn missing_and_impossible_items_are_named() {
        let mut form = all(1, 0, 0, 0);
        form.sites[3].erythema = None;
        assert!(form.activity().expect_err("gap").to_string().contains("`rest_of_face`"));
        form.sites[3].erythema = Some(4);
        assert!(form.activity().is_err());
        let scalp = Clasi {
            scarring_alopecia: Some(2),
            ..all(0, 0, 0, 0)
        };
        assert!(
            scalp
                .damage()
                .expect_err("2")
                .to_string()
                .contains("`scarring_alopecia`")
        );
    }

    #[test]
    fn severity_and_response_at_their_edges() {
        assert_eq!([9, 10, 20, 21].map(Severity::of).map(|s| s as u8), [0, 1, 1, 2]);
        assert!(responded(30, 26) && responded(10, 8) && !responded(19, 16) && !responded(0, 0));
        assert_eq!(fell_by_half(10, 5, 10), Some(true));
        assert_eq!(fell_by_half(11, 6, 10), Some(false));
        assert_eq!(fell_by_half(9, 0, 10), None);
    }
}
