//! What physicians and patients decide after an assessment: rescue, taper, drop-out.

use malar_patients::Practice;

use super::world::World;
use crate::instruments::{VARIABLES, Variables};
use crate::protocol::{Protocol, Taper};

/// Steroids of one patient, mg/day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Steroids {
    /// Dose at baseline.
    pub baseline: f64,
    /// Current maintenance dose.
    pub dose: f64,
    /// Extra dose after a rescue, taken back in steps.
    pub burst: f64,
}

impl Steroids {
    /// Maintenance plus burst.
    pub fn total(&self) -> f64 {
        self.dose + self.burst
    }
}

/// What was decided at a visit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Decision {
    /// Restricted medication that counts as failure was used.
    pub restricted: bool,
    /// The patient leaves, and why: lack of efficacy or not.
    pub leaves: Option<Leaving>,
}

/// Why a patient leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    Administrative,
    LackOfEfficacy,
    /// Study drug was stopped by an adverse event since the last visit.
    AdverseEvent,
}

fn value(v: &Variables, name: &str) -> f64 {
    v[VARIABLES.iter().position(|x| x.0 == name).expect("name of a variable")]
}

/// Decides after the assessment of one visit. `luck` are five uniform numbers; `frailty` multiplies the drop-out hazards.
pub(crate) fn decide(
    (protocol, world): (&Protocol, World),
    practice: &Practice,
    v: &Variables,
    luck: [f64; 5],
    frailty: f64,
    steroids: &mut Steroids,
) -> Decision {
    let week = v[0];
    let counts = week >= protocol.rescue.counts_from_week;
    let worse = protocol.rescue.worse.holds(v);
    let chance = if worse {
        practice.rescue_probability
    } else {
        practice.restricted_background_per_visit
    };
    // Without restricted medication only that which is allowed is given.
    let rescued = luck[0] < chance && (world.rescued || !counts);
    steroids.burst = if rescued {
        practice.burst
    } else {
        (steroids.burst - practice.burst_step).max(0.0)
    };
    if let Some(taper) = &protocol.taper {
        taper_steroids(taper, practice, v, luck, rescued, steroids);
    }
    if !worse && !rescued && luck[4] < practice.withdrawal_probability && may_withdraw(protocol, week) {
        steroids.dose = (steroids.dose - practice.withdrawal_step).max(0.0);
    }
    let leaves = drop_out(protocol, practice, v, worse, luck[3], frailty);
    Decision {
        restricted: rescued && counts,
        leaves: leaves.filter(|_| world.leaves),
    }
}

/// False after the protocol's taper, when it keeps doses stable.
fn may_withdraw(protocol: &Protocol, week: f64) -> bool {
    protocol.taper.as_ref().is_none_or(|taper| week <= taper.to_week)
}

fn taper_steroids(
    taper: &Taper,
    practice: &Practice,
    v: &Variables,
    luck: [f64; 5],
    rescued: bool,
    steroids: &mut Steroids,
) {
    let week = v[0];
    let in_window = week >= taper.from_week && week <= taper.to_week;
    let wanted = in_window && !rescued && taper.eligible.holds(v) && taper.when.holds(v);
    if wanted && luck[1] < practice.taper_probability && steroids.dose > taper.target_mg {
        let step = taper.step_mg.max(taper.step_share * steroids.dose);
        steroids.dose = (steroids.dose - step).max(taper.target_mg);
    }
    if steroids.dose < steroids.baseline && taper.back_up.holds(v) && luck[2] < practice.backup_probability {
        steroids.dose = (steroids.dose + taper.back_up_mg).min(steroids.baseline);
    }
}

/// Hazard over one visit interval: administrative, plus lack of efficacy when SLEDAI has not fallen by 2 after week 8,
/// twice that when the patient is worse (probe, section 8). The share of lack of efficacy is decided by the same number.
fn drop_out(
    protocol: &Protocol,
    practice: &Practice,
    v: &Variables,
    worse: bool,
    luck: f64,
    frailty: f64,
) -> Option<Leaving> {
    let not_better = value(v, "sledai_change") > -2.0 && v[0] >= 12.0;
    let lack = if worse { 2.0 } else { f64::from(u8::from(not_better)) };
    let years = protocol.visit_every_weeks * 7.0 / 365.25;
    let administrative = practice.dropout_administrative * frailty * years;
    let total = administrative + practice.dropout_lack_of_efficacy * lack * frailty * years;
    if luck < administrative {
        Some(Leaving::Administrative)
    } else if luck < total {
        Some(Leaving::LackOfEfficacy)
    } else {
        None
    }
}
