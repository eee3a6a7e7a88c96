//! SLE-DAS, a continuous activity score.
//!
//! Coefficients: Jesus 2019, Ann Rheum Dis 78:365, doi:10.1136/annrheumdis-2018-214502, as found in a public
//! implementation that cites its figure 1; items and cut-offs: sle-das.eu. No case of the official calculator was
//! reproduced yet: compare one before you rely on it. Terms of use: open calculator at sle-das.eu; formula published.

use crate::error::ItemError;

const INSTRUMENT: &str = "SLE-DAS";

/// Where a lupus rash is; the two places exclude each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rash {
    /// None.
    #[default]
    Absent,
    /// Only above the neck.
    Localised,
    /// Below the neck, with or without above.
    Generalised,
}

/// The items at a visit, all needed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SleDas {
    /// Swollen joints of 28.
    pub swollen_joints: u8,
    /// Arthritis; must be present if joints are swollen.
    pub arthritis: bool,
    /// Mucocutaneous vasculitis or chilblain lupus.
    pub mucocutaneous_vasculitis: bool,
    /// Lupus rash.
    pub rash: Rash,
    /// Abnormal hair loss.
    pub alopecia: bool,
    /// Oral or nasal ulcers.
    pub mucosal_ulcers: bool,
    /// C3 or C4 below normal.
    pub low_complement: bool,
    /// Anti-dsDNA above normal.
    pub anti_dsdna: bool,
    /// Urine protein, mg in 24 h or mg/g creatinine.
    pub protein: f64,
    /// Platelets, 10⁹/L.
    pub platelets: f64,
    /// Leukocytes, 10⁹/L.
    pub leukocytes: f64,
    /// Neuropsychiatric involvement.
    pub neuropsychiatric: bool,
    /// Systemic vasculitis.
    pub systemic_vasculitis: bool,
    /// Cardiac or pulmonary involvement.
    pub cardiopulmonary: bool,
    /// Myositis.
    pub myositis: bool,
    /// Serositis.
    pub serositis: bool,
    /// Haemolytic anaemia.
    pub haemolytic_anaemia: bool,
}

impl SleDas {
    /// Nothing active.
    pub const QUIET: SleDas = SleDas {
        swollen_joints: 0,
        arthritis: false,
        mucocutaneous_vasculitis: false,
        rash: Rash::Absent,
        alopecia: false,
        mucosal_ulcers: false,
        low_complement: false,
        anti_dsdna: false,
        protein: 0.0,
        platelets: 250.0,
        leukocytes: 6.0,
        neuropsychiatric: false,
        systemic_vasculitis: false,
        cardiopulmonary: false,
        myositis: false,
        serositis: false,
        haemolytic_anaemia: false,
    };

    /// The score. Fails on more than 28 joints, swollen joints without arthritis, or impossible laboratory values.
    ///
    /// Protein counts above 500, platelets below 100, leukocytes below 3; at 501 mg protein jumps to 6.1 points.
    pub fn score(&self) -> Result<f64, ItemError> {
        self.check()?;
        let present = |yes: bool, points: f64| if yes { points } else { 0.0 };
        let rash = match self.rash {
            Rash::Absent => 0.0,
            Rash::Localised => 3.138,
            Rash::Generalised => 3.887,
        };
        let skin = present(self.mucocutaneous_vasculitis, 4.408)
            + rash
            + present(self.alopecia, 0.973)
            + present(self.mucosal_ulcers, 2.769);
        let joints = present(self.arthritis, 3.132) + 0.454 * f64::from(self.swollen_joints);
        let serology = present(self.low_complement, 0.754) + present(self.anti_dsdna, 0.956);
        let laboratory = present(self.protein > 500.0, -17.584 + 3.811 * self.protein.ln())
            + present(self.platelets < 100.0, 26.105 - 5.577 * self.platelets.ln())
            + present(self.leukocytes < 3.0, 6.118 - 5.058 * self.leukocytes.ln());
        let organs = present(self.neuropsychiatric, 18.0)
            + present(self.systemic_vasculitis, 18.0)
            + present(self.cardiopulmonary, 18.0)
            + present(self.myositis, 9.0)
            + present(self.serositis, 6.0)
            + present(self.haemolytic_anaemia, 9.0);
        Ok(0.366 + joints + skin + serology + laboratory + organs)
    }

    fn check(&self) -> Result<(), ItemError> {
        let impossible = |item, conflict| {
            Err(ItemError::Impossible {
                instrument: INSTRUMENT,
                item,
                conflict,
            })
        };
        if self.swollen_joints > 28 {
            return impossible("swollen_joints", "counts more than 28 joints");
        }
        if self.swollen_joints > 0 && !self.arthritis {
            return impossible("arthritis", "is absent although joints are swollen");
        }
        let sensible = |x: f64| x.is_finite() && x > 0.0;
        if !(self.protein.is_finite() && self.protein >= 0.0) {
            return impossible("protein", "must be a number of at least 0");
        }
        if !sensible(self.platelets) {
            return impossible("platelets", "must be a number above 0");
        }
        if !sensible(self.leukocytes) {
            return impossible("leukocytes", "must be a number above 0");
        }
        Ok(())
    }
}

/// Activity by SLE-DAS (cut-offs verified at sle-das.eu).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity {
    /// At most 2.08.
    Remission,
    /// At most 7.64.
    Mild,
    /// Above 7.64.
    ModerateOrSevere,
}

impl Activity {
    /// Activity of a score.
    pub fn of(score: f64) -> Activity {
        match score {
            s if s <= 2.08 => Activity::Remission,
            s if s <= 7.64 => Activity::Mild,
            _ => Activity::ModerateOrSevere,
        }
    }
}

/// Clinically meaningful change; a rise of this much is a flare.
pub const MEANINGFUL_CHANGE: f64 = 1.72;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_values() {
        let score = |visit: SleDas| visit.score().expect("possible");
        assert!((score(SleDas::QUIET) - 0.366).abs() < 1e-12);
        let joints_and_rash = SleDas {
            swollen_joints: 4,
            arthritis: true,
            rash: Rash::Localised,
            ..SleDas::QUIET
        };
        assert!((score(joints_and_rash) - 8.452).abs() < 1e-12);
        let nephrotic = |protein| SleDas {
            protein,
            ..SleDas::QUIET
        };
        assert!(
            (score(nephrotic(1000.0)) - 9.1074).abs() < 1e-4,
            "the worked value cuts 9.107455 off after four decimals"
        );
        let jump = score(nephrotic(501.0)) - 0.366;
        assert!(
            (jump - 6.108).abs() < 1e-3,
            "the worked value prints 6.107486 with three decimals, rounded up"
        );
        assert!((score(nephrotic(500.0)) - 0.366).abs() < 1e-12);
    }

    #[test]
    fn each_item_adds_its_coefficient() {
        let quiet = SleDas::QUIET;
        let generalised = Rash::Generalised;
        #[rustfmt::skip]
        let single = [
            (SleDas { arthritis: true, ..quiet }, 3.132),
            (SleDas { arthritis: true, swollen_joints: 10, ..quiet }, 3.132 + 4.54),
            (SleDas { mucocutaneous_vasculitis: true, ..quiet }, 4.408),
            (SleDas { rash: generalised, ..quiet }, 3.887),
            (SleDas { alopecia: true, ..quiet }, 0.973),
            (SleDas { mucosal_ulcers: true, ..quiet }, 2.769),
            (SleDas { low_complement: true, ..quiet }, 0.754),
            (SleDas { anti_dsdna: true, ..quiet }, 0.956),
            (SleDas { platelets: 50.0, ..quiet }, 4.287_648),
            (SleDas { platelets: 100.0, ..quiet }, 0.0),
            (SleDas { leukocytes: 2.0, ..quiet }, 2.612_062),
            (SleDas { leukocytes: 3.0, ..quiet }, 0.0),
            (SleDas { neuropsychiatric: true, ..quiet }, 18.0),
            (SleDas { systemic_vasculitis: true, ..quiet }, 18.0),
            (SleDas { cardiopulmonary: true, ..quiet }, 18.0),
            (SleDas { myositis: true, ..quiet }, 9.0),
            (SleDas { serositis: true, ..quiet }, 6.0),
            (SleDas { haemolytic_anaemia: true, ..quiet }, 9.0),
        ];
        for (visit, points) in single {
            let added = visit.score().expect("possible") - 0.366;
            assert!((added - points).abs() < 1e-6, "{points}: {added}, six decimals given");
        }
    }

    #[test]
    fn cut_offs_belong_to_the_milder_band() {
        assert_eq!(Activity::of(2.08), Activity::Remission);
        assert_eq!(Activity::of(7.64), Activity::Mild);
        assert_eq!(Activity::of(7.65), Activity::ModerateOrSevere);
    }

    #[test]
    fn impossible_items_are_named() {
        let wrong = |visit: SleDas| visit.score().expect_err("impossible").to_string();
        assert!(
            wrong(SleDas {
                swollen_joints: 2,
                ..SleDas::QUIET
            })
            .contains("`arthritis`")
        );
        assert!(
            wrong(SleDas {
                swollen_joints: 29,
                arthritis: true,
                ..SleDas::QUIET
            })
            .contains("`swollen_joints`")
        );
        assert!(
            wrong(SleDas {
                platelets: 0.0,
                ..SleDas::QUIET
            })
            .contains("`platelets`")
        );
        assert!(
            wrong(SleDas {
                protein: f64::NAN,
                ..SleDas::QUIET
            })
            .contains("`protein`")
        );
    }
}
