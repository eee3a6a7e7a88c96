//! One joint: what happens to it and when, and how it stands on a day.

use malar_patients::random::Stream;
use malar_solver::math::{ln, pow};

use super::constants::{Constants, Lesion};
use super::protocol::Course;

/// Days of five years, at which shares of collapse are given.
const FIVE_YEARS: f64 = 5.0 * 365.25;

/// Where a joint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// One of two hips.
    Hip,
    /// One of two knees.
    Knee,
}

/// What an arm does about lesions beside arthroplasty, which every arm has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Treatments {
    /// Hips found with a lesion on this day are decompressed.
    pub decompression_day: Option<f64>,
    /// Collapsed knees get osteotomy with collagen-induced chondrogenesis.
    pub osteotomy: bool,
}

/// What chance has in store for one joint, the same in every arm. Uniform numbers unless said otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Luck {
    hit: f64,
    time: f64,
    hit_again: f64,
    /// Exponential with mean 1.
    time_again: f64,
    size: f64,
    repair: f64,
    repair_time: f64,
    /// Exponential with mean 1.
    collapse: f64,
    /// Exponential with mean 1.
    patience: f64,
    /// Exponential with mean 1.
    revision: f64,
}

impl Luck {
    /// The next joint's.
    pub fn draw(stream: &mut Stream) -> Luck {
        Luck {
            hit: stream.uniform(),
            time: stream.uniform(),
            hit_again: stream.uniform(),
            time_again: stream.exponential(),
            size: stream.uniform(),
            repair: stream.uniform(),
            repair_time: stream.uniform(),
            collapse: stream.exponential(),
            patience: stream.exponential(),
            revision: stream.exponential(),
        }
    }
}

/// Days of everything that happens to a joint; infinity for what never does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Joint {
    /// Where it is.
    pub site: Site,
    /// A lesion shows in magnetic resonance.
    pub lesion: f64,
    /// The lesion has healed.
    pub repaired: f64,
    /// Core decompression.
    pub decompressed: f64,
    /// The surface collapses.
    pub collapsed: f64,
    /// Osteotomy with chondrogenesis.
    pub osteotomy: f64,
    /// Arthroplasty.
    pub replaced: f64,
    /// First revision of it.
    pub revised: f64,
}

/// How a joint stands on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// Pain, 0-10.
    pub pain: f64,
    /// Lysholm score, 0-100.
    pub lysholm: f64,
    /// Joint space, mm; that of a sound joint once replaced.
    pub space: f64,
}

/// Share of patients with lesions after a first course with this peak, mg/day.
pub(super) fn susceptible_share(peak: f64, constants: &Constants) -> f64 {
    let onset = &constants.onset;
    if peak <= onset.least_dose {
        0.0
    } else if peak > onset.high_dose {
        onset.patients_above
    } else {
        let odds = onset.patients_above / (1.0 - onset.patients_above) / onset.odds_ratio;
        odds / (1.0 + odds)
    }
}

impl Joint {
    /// The fate of a joint. `susceptible` says whether the patient gets lesions from the first course.
    pub fn live(
        site: Site,
        luck: &Luck,
        susceptible: bool,
        courses: &[Course],
        treatments: Treatments,
        constants: &Constants,
    ) -> Joint {
        let surgery = &constants.surgery;
        let mut joint = Joint {
            site,
            lesion: lesion_day(luck, susceptible, courses, constants),
            repaired: f64::INFINITY,
            decompressed: f64::INFINITY,
            collapsed: f64::INFINITY,
            osteotomy: f64::INFINITY,
            replaced: f64::INFINITY,
            revised: f64::INFINITY,
        };
        if joint.lesion.is_infinite() {
            return joint;
        }
        let natural = joint.lesion + collapse_time(class(luck.size, constants), luck.collapse);
        let heals = joint.lesion + luck.repair_time * constants.repair.within;
        if luck.repair < constants.repair.share && heals < natural {
            joint.repaired = heals;
        }
        let found = treatments.decompression_day.unwrap_or(f64::INFINITY);
        let open = found >= joint.lesion && found < natural.min(joint.repaired);
        if site == Site::Hip && open {
            joint.decompressed = found;
        }
        if joint.repaired.is_finite() {
            return joint;
        }
        joint.collapsed = if joint.decompressed.is_finite() {
            found + (natural - found) / surgery.decompression_ratio
        } else {
            natural
        };
        joint.osteotomy = if treatments.osteotomy && site == Site::Knee {
            joint.collapsed
        } else {
            f64::INFINITY
        };
        let ratio = if joint.osteotomy.is_finite() {
            surgery.osteotomy_ratio
        } else {
            1.0
        };
        joint.replaced = joint.collapsed + luck.patience * constants.course.patience / ratio;
        joint.revised = joint.replaced + luck.revision / surgery.revision;
        joint
    }

    /// Pain, function and space on a day.
    pub fn at(&self, day: f64, constants: &Constants) -> State {
        let (course, surgery) = (&constants.course, &constants.surgery);
        let lysholm = |pain: f64| (course.lysholm_best - course.lysholm_per_pain * pain).clamp(0.0, 100.0);
        if day >= self.replaced {
            let pain = surgery.arthroplasty_pain;
            return State {
                pain,
                lysholm: lysholm(pain),
                space: course.space,
            };
        }
        let since = day - self.collapsed;
        if since < 0.0 {
            let pain = course.pain_before;
            return State {
                pain,
                lysholm: lysholm(pain),
                space: course.space,
            };
        }
        let gained = if day >= self.osteotomy {
            ((day - self.osteotomy) / surgery.osteotomy_time).min(1.0)
        } else {
            0.0
        };
        // Osteotomy comes with collapse and slows all wear from then on.
        let wear = if self.osteotomy.is_finite() {
            surgery.osteotomy_ratio * since
        } else {
            since
        };
        let worn = lysholm(course.pain_collapse + course.pain_rise * wear);
        let lysholm = (worn + gained * surgery.osteotomy_lysholm).min(course.lysholm_best);
        State {
            pain: ((course.lysholm_best - lysholm) / course.lysholm_per_pain).clamp(0.0, 10.0),
            lysholm,
            space: (course.space - course.space_loss * wear + gained * surgery.osteotomy_space)
                .clamp(0.0, course.space),
        }
    }

    /// Cost of all operations up to a day, in arthroplasties.
    pub fn cost(&self, day: f64, constants: &Constants) -> f64 {
        let surgery = &constants.surgery;
        let operations = [
            (self.decompressed, surgery.cost_decompression),
            (self.osteotomy, surgery.cost_osteotomy),
            (self.replaced, 1.0),
            (self.revised, surgery.cost_revision),
        ];
        operations
            .iter()
            .filter(|(when, _)| *when <= day)
            .map(|(_, cost)| cost)
            .sum()
    }
}

/// When a lesion shows: within months of the first course, seldom after a later one.
fn lesion_day(luck: &Luck, susceptible: bool, courses: &[Course], constants: &Constants) -> f64 {
    let onset = &constants.onset;
    let Some((first, later)) = courses.split_first() else {
        return f64::INFINITY;
    };
    if susceptible && luck.hit < onset.joints {
        return first.from_day + onset.earliest + luck.time * (onset.latest - onset.earliest);
    }
    let again = later.iter().find(|course| course.peak > onset.again_dose);
    match again {
        Some(course) if luck.hit_again < onset.again_joints => course.from_day + luck.time_again * onset.again_mean,
        _ => f64::INFINITY,
    }
}

/// The class that a uniform number falls into.
fn class(size: f64, constants: &Constants) -> &Lesion {
    let mut below = 0.0;
    for lesion in &constants.lesions {
        below += lesion.share;
        if size < below {
            return lesion;
        }
    }
    constants.lesions.last().expect("shares add up to 1")
}

/// Days from lesion to collapse: Weibull with the class's share after five years.
fn collapse_time(lesion: &Lesion, unit: f64) -> f64 {
    let hazard = -ln(1.0 - lesion.collapse_5_years);
    if hazard <= 0.0 {
        return f64::INFINITY;
    }
    FIVE_YEARS * pow(unit / hazard, 1.0 / lesion.shape)
}

/// Share that has collapsed some days after the lesion showed.
#[cfg(test)]
pub(super) fn collapsed_share(lesion: &Lesion, days: f64) -> f64 {
    let hazard = -ln(1.0 - lesion.collapse_5_years);
    1.0 - malar_solver::math::exp(-hazard * pow(days / FIVE_YEARS, lesion.shape))
}
