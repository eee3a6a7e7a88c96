//! What is measured of single organs, where a trial asks: urine and creatinine, CLASI, joint counts.

use malar_instruments::kidney::Sex;
use malar_patients::SingleOrgans;
use malar_patients::random::Stream;
use malar_solver::math::{exp, ln};

use super::variables::Instrument;

/// Which of them a trial measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Urine protein, sediment, creatinine, filtration rate.
    pub kidney: bool,
    /// CLASI activity.
    pub clasi: bool,
    /// 28-joint counts.
    pub joints: bool,
    /// Anti-dsDNA of the classes IgA2 and IgA1.
    pub iga: bool,
}

impl Measured {
    /// What a protocol's list of instruments asks for.
    pub fn of(instruments: &[String]) -> Measured {
        let has = |instrument: Instrument| instruments.iter().any(|id| id == instrument.id());
        Measured {
            kidney: has(Instrument::Kidney),
            clasi: has(Instrument::Clasi),
            joints: has(Instrument::Joints),
            iga: has(Instrument::Iga),
        }
    }

    /// True if the trial measures any single organ.
    pub fn any(self) -> bool {
        self.kidney || self.clasi || self.joints
    }
}

/// Standard normal noise of one visit, fresh each time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SingleNoise {
    upcr: f64,
    creatinine: f64,
    clasi: f64,
    tender: f64,
    swollen: f64,
}

impl SingleNoise {
    /// Draws all of it, whatever is measured, so that an instrument more changes nothing in the others.
    pub fn draw(stream: &mut Stream) -> SingleNoise {
        let [upcr, creatinine, clasi, tender, swollen] = std::array::from_fn(|_| stream.normal());
        SingleNoise {
            upcr,
            creatinine,
            clasi,
            tender,
            swollen,
        }
    }
}

/// What a patient's creatinine depends on besides the filtration rate, and the filtration rate before the flare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KidneyOf {
    /// Age in years and sex, if the population draws them.
    pub age_and_sex: Option<(f64, Sex)>,
    /// Filtration rate before the flare that led to the trial, mL/min/1.73 m²; NaN if the population does not draw it.
    pub egfr_pre_flare: f64,
}

/// Kidney at a visit, without noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filter {
    /// Urine protein to creatinine, g/g.
    pub upcr: f64,
    /// Filtration rate, mL/min/1.73 m².
    pub egfr: f64,
}

/// Kidney as measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kidney {
    /// Urine protein to creatinine, g/g, to the nearest 0.01.
    pub upcr: f64,
    /// Estimated filtration rate, mL/min/1.73 m².
    pub egfr: f64,
    /// Filtration rate before the flare, mL/min/1.73 m²; NaN if unknown.
    pub egfr_pre_flare: f64,
    /// Creatinine, mg/dL; NaN if age or sex is unknown.
    pub creatinine: f64,
    /// Upper limit of normal of creatinine, mg/dL.
    pub creatinine_upper_limit: f64,
}

impl Kidney {
    /// Above this the SLEDAI-2K item proteinuria is present, g/g (0.5 g in 24 hours; Gladman 2002).
    pub const PROTEINURIA: f64 = 0.5;

    /// Creatinine and filtration rate share their noise: the rate is computed from creatinine.
    pub fn measure(m: &SingleOrgans, who: &KidneyOf, now: &Filter, noise: &SingleNoise) -> Kidney {
        let upcr = now.upcr * exp(m.upcr_noise_sd * noise.upcr);
        let egfr = now.egfr * exp(m.creatinine_noise_sd * noise.creatinine);
        Kidney {
            upcr: (upcr * 100.0).round() / 100.0,
            egfr,
            egfr_pre_flare: who.egfr_pre_flare,
            creatinine: who
                .age_and_sex
                .map_or(f64::NAN, |(age, sex)| creatinine_at(egfr, age, sex)),
            creatinine_upper_limit: m.creatinine_upper_limit,
        }
    }
}

/// Creatinine, mg/dL, at which CKD-EPI 2021 gives this filtration rate: the inverse of [`malar_instruments::kidney::filtration_rate`],
/// with the functions that give the same bits on every machine.
fn creatinine_at(egfr: f64, age: f64, sex: Sex) -> f64 {
    let (knee, below, factor) = match sex {
        Sex::Female => (0.7, -0.241, 1.012),
        Sex::Male => (0.9, -0.302, 1.0),
    };
    let at_knee = 142.0 * factor * exp(age * ln(0.9938));
    let power = if egfr >= at_knee { below } else { -1.2 };
    knee * exp(ln(egfr / at_knee) / power)
}

/// Severity of one organ at a visit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Severity {
    /// The patient's own, standard normal.
    pub lasting: f64,
    /// What activity, trial effect and noise of the day add, ln units.
    pub change: f64,
    /// Whether the organ can be involved at all.
    pub involved: bool,
}

/// Joints of 28, as counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Joints {
    /// Tender joints.
    pub tender: f64,
    /// Swollen joints.
    pub swollen: f64,
}

impl Joints {
    /// Joints both tender and swollen: a swollen joint is taken to be tender, as long as there are tender ones.
    pub fn active(self) -> f64 {
        self.tender.min(self.swollen)
    }

    /// Counts from the severity of the joints; none in a patient whose joints are never involved.
    pub fn measure(m: &SingleOrgans, joints: &Severity, noise: &SingleNoise) -> Joints {
        let count = |typical: f64, noise: f64| {
            let logarithm = m.joint_spread * joints.lasting + m.joint_gain * joints.change + m.joint_noise_sd * noise;
            if joints.involved {
                (typical * exp(logarithm)).round().min(28.0)
            } else {
                0.0
            }
        };
        Joints {
            tender: count(m.tender_typical, noise.tender),
            swollen: count(m.swollen_typical, noise.swollen),
        }
    }
}

/// CLASI activity, 0 to 70, from the severity of the skin; 0 in a patient whose skin is never involved.
pub fn clasi(m: &SingleOrgans, skin: &Severity, noise: &SingleNoise) -> f64 {
    let logarithm = m.clasi_spread * skin.lasting + m.clasi_gain * skin.change + m.clasi_noise_sd * noise.clasi;
    if skin.involved {
        (m.clasi_typical * exp(logarithm)).round().min(70.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use malar_instruments::kidney::{Equation, filtration_rate};

    #[test]
    fn creatinine_gives_back_the_filtration_rate() {
        for (sex, age) in [(Sex::Female, 20.0), (Sex::Female, 55.0), (Sex::Male, 33.0)] {
            for egfr in [20.0, 60.0, 95.0, 110.0, 130.0] {
                let back = filtration_rate(Equation::CkdEpi2021, sex, age, creatinine_at(egfr, age, sex));
                assert!(
                    (back.expect("an adult") - egfr).abs() < 1e-9 * egfr,
                    "{sex:?} {age} {egfr}"
                );
            }
        }
    }

    const M: SingleOrgans = SingleOrgans {
        upcr_noise_sd: 0.0,
        creatinine_noise_sd: 0.0,
        creatinine_upper_limit: 1.0,
        red_cell_gain: 1.0,
        clasi_typical: 4.0,
        clasi_spread: 1.0,
        clasi_gain: 1.0,
        clasi_noise_sd: 0.0,
        tender_typical: 6.0,
        swollen_typical: 3.0,
        joint_spread: 1.0,
        joint_gain: 1.0,
        joint_noise_sd: 0.0,
    };

    fn severity(change: f64, involved: bool) -> Severity {
        Severity {
            lasting: 0.0,
            change,
            involved,
        }
    }

    #[test]
    fn counts_double_with_ln_2_and_stay_within_the_form() {
        let noise = SingleNoise {
            upcr: 0.0,
            creatinine: 0.0,
            clasi: 0.0,
            tender: 0.0,
            swollen: 0.0,
        };
        let double = std::f64::consts::LN_2;
        for (change, points, tender, swollen) in
            [(0.0, 4.0, 6.0, 3.0), (double, 8.0, 12.0, 6.0), (9.0, 70.0, 28.0, 28.0)]
        {
            assert_eq!(clasi(&M, &severity(change, true), &noise), points);
            assert_eq!(
                Joints::measure(&M, &severity(change, true), &noise),
                Joints { tender, swollen }
            );
        }
        assert_eq!(clasi(&M, &severity(9.0, false), &noise), 0.0);
        assert_eq!(Joints::measure(&M, &severity(9.0, false), &noise).active(), 0.0);
    }
}
