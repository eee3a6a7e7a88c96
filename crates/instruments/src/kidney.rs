//! Urine protein, creatinine and filtration rate: units and equations.
//!
//! 1 mg/mg = 1 g/g = 1000 mg/g. Against mg/mmol two factors are in use and must not be mixed: exactly 1000/8.84 ≈ 113.1
//! mg/mmol per g/g by the molar mass of creatinine, and 100 as guidelines round it. Terms of use: free.

use crate::decimal::Decimal;
use crate::error::{ItemError, in_range};

/// Factor between g/g and mg/mmol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RatioFactor {
    /// 1000/8.84 mg/mmol per g/g.
    Exact,
    /// 100 mg/mmol per g/g (KDIGO 2012, PMC4089588).
    Guideline,
}

/// Protein to creatinine in g/g (= mg/mg) from mg/g.
pub fn grams_per_gram(milligrams_per_gram: Decimal) -> Decimal {
    divide(milligrams_per_gram.in_thousandths(), 1000)
}

/// Protein to creatinine in g/g from mg/mmol, to the nearest 0.001.
pub fn grams_per_gram_from_molar(milligrams_per_mmol: Decimal, factor: RatioFactor) -> Decimal {
    let thousandths = milligrams_per_mmol.in_thousandths();
    match factor {
        RatioFactor::Exact => divide(thousandths * 884, 100_000),
        RatioFactor::Guideline => divide(thousandths, 100),
    }
}

/// Protein to creatinine in mg/mmol from g/g, to the nearest 0.001.
pub fn molar_from_grams_per_gram(grams_per_gram: Decimal, factor: RatioFactor) -> Decimal {
    let thousandths = grams_per_gram.in_thousandths();
    match factor {
        RatioFactor::Exact => divide(thousandths * 100_000, 884),
        RatioFactor::Guideline => Decimal::thousandths(thousandths * 100),
    }
}

/// Creatinine in µmol/L from mg/dL: × 88.4.
pub fn micromolar(milligrams_per_decilitre: Decimal) -> Decimal {
    divide(milligrams_per_decilitre.in_thousandths() * 884, 10)
}

/// Creatinine in mg/dL from µmol/L: ÷ 88.4.
pub fn milligrams_per_decilitre(micromolar: Decimal) -> Decimal {
    divide(micromolar.in_thousandths() * 10, 884)
}

/// Thousandths divided, to the nearest, halves away from zero.
fn divide(thousandths: i64, by: i64) -> Decimal {
    let half = by / 2 * thousandths.signum();
    Decimal::thousandths((thousandths + half) / by)
}

/// Equation for the filtration rate of adults. Trials before 2021 used the older ones, so there is no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equation {
    /// CKD-EPI 2021, without race (kidney.org).
    CkdEpi2021,
    /// CKD-EPI 2009 (Levey 2009, Ann Intern Med 150:604).
    CkdEpi2009 {
        /// Black, as the equation of its time asks.
        black: bool,
    },
    /// MDRD with four variables, for standardised creatinine (Levey 2006, Ann Intern Med 145:247).
    Mdrd {
        /// Black, as the equation of its time asks.
        black: bool,
    },
}

/// Sex, as the equations ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Estimated filtration rate, mL/min/1.73 m², not rounded. Creatinine in mg/dL, 0.1–50; age 18–120 years.
pub fn filtration_rate(equation: Equation, sex: Sex, age: f64, creatinine: f64) -> Result<f64, ItemError> {
    check("age", age, 18, 120)?;
    let smallest = Decimal::tenths(1);
    in_range(
        "eGFR",
        "creatinine",
        as_decimal(creatinine),
        smallest,
        Decimal::whole(50),
    )?;
    let female = sex == Sex::Female;
    let either = |of_female: f64, of_male: f64| if female { of_female } else { of_male };
    let race = |black: bool, factor: f64| if black { factor } else { 1.0 };
    let relative = creatinine / either(0.7, 0.9);
    Ok(match equation {
        Equation::CkdEpi2021 => {
            let alpha = either(-0.241, -0.302);
            let shape = relative.min(1.0).powf(alpha) * relative.max(1.0).powf(-1.200);
            142.0 * shape * 0.9938_f64.powf(age) * either(1.012, 1.0)
        }
        Equation::CkdEpi2009 { black } => {
            let alpha = either(-0.329, -0.411);
            let shape = relative.min(1.0).powf(alpha) * relative.max(1.0).powf(-1.209);
            141.0 * shape * 0.993_f64.powf(age) * either(1.018, 1.0) * race(black, 1.159)
        }
        Equation::Mdrd { black } => {
            175.0 * creatinine.powf(-1.154) * age.powf(-0.203) * either(0.742, 1.0) * race(black, 1.212)
        }
    })
}

fn as_decimal(x: f64) -> Decimal {
    Decimal::from_f64(x).unwrap_or(Decimal::whole(-1)) // not a number: below every range
}

fn check(item: &'static str, value: f64, low: i64, high: i64) -> Result<(), ItemError> {
    in_range(
        "eGFR",
        item,
        as_decimal(value),
        Decimal::whole(low),
        Decimal::whole(high),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use Sex::*;

    /// Worked values of CKD-EPI 2021, four decimals printed.
    #[test]
    fn ckd_epi_2021_worked_values() {
        for (sex, age, creatinine, rate) in [
            (Female, 55.0, 0.9, 75.4988),
            (Female, 30.0, 0.7, 119.2446),
            (Male, 30.0, 0.9, 117.8306),
            (Female, 50.0, 1.0, 68.6335),
            (Male, 50.0, 1.0, 91.6915),
            (Female, 40.0, 2.0, 31.7914),
            (Female, 25.0, 0.5, 133.4014),
            (Male, 65.0, 1.5, 51.3457),
        ] {
            let found = filtration_rate(Equation::CkdEpi2021, sex, age, creatinine).expect("adult");
            assert!((found - rate).abs() <= 5e-5, "{sex:?} {age} {creatinine}: {found}");
        }
    }

    /// At the knot of the CKD-EPI equations only the constants remain; MDRD at 1 mg/dL and age 1 would be 175.
    #[test]
    fn older_equations_at_their_knots() {
        let rate = |e, sex, age, c| filtration_rate(e, sex, age, c).expect("adult");
        let female = rate(Equation::CkdEpi2009 { black: false }, Female, 40.0, 0.7);
        assert!((female - 141.0 * 1.018 * 0.993_f64.powi(40)).abs() < 1e-9);
        let black = rate(Equation::CkdEpi2009 { black: true }, Female, 40.0, 0.7);
        assert!((black / female - 1.159).abs() < 1e-12);
        let mdrd = rate(Equation::Mdrd { black: false }, Male, 32.0, 1.0);
        assert!((mdrd - 175.0 * 2_f64.powf(-0.203 * 5.0)).abs() < 1e-9);
    }

    /// Values of the published equations by an independent calculation in Python, four decimals.
    #[test]
    fn older_equations_away_from_their_knots() {
        let (old, black) = (
            Equation::CkdEpi2009 { black: false },
            Equation::CkdEpi2009 { black: true },
        );
        let (mdrd, mdrd_black) = (Equation::Mdrd { black: false }, Equation::Mdrd { black: true });
        for (equation, sex, age, creatinine, rate) in [
            (old, Female, 50.0, 1.0, 65.6376),
            (black, Male, 60.0, 1.5, 57.8152),
            (old, Male, 40.0, 0.6, 125.7658),
            (mdrd, Female, 50.0, 1.0, 58.6882),
            (mdrd_black, Male, 60.0, 1.5, 57.8584),
        ] {
            let found = filtration_rate(equation, sex, age, creatinine).expect("adult");
            assert!((found - rate).abs() <= 5e-5, "{equation:?} {sex:?}: {found}");
        }
    }

    #[test]
    fn units_convert_by_the_factor_named() {
        assert_eq!(grams_per_gram(Decimal::whole(500)), Decimal::tenths(5));
        assert_eq!(
            molar_from_grams_per_gram(Decimal::whole(1), RatioFactor::Exact),
            Decimal::thousandths(113_122)
        );
        assert_eq!(
            molar_from_grams_per_gram(Decimal::whole(1), RatioFactor::Guideline),
            Decimal::whole(100)
        );
        assert_eq!(
            grams_per_gram_from_molar(Decimal::thousandths(113_122), RatioFactor::Exact),
            Decimal::whole(1)
        );
        assert_eq!(
            grams_per_gram_from_molar(Decimal::whole(50), RatioFactor::Guideline),
            Decimal::tenths(5)
        );
        assert_eq!(
            micromolar(Decimal::whole(2)),
            Decimal::tenths(1768),
            "guidelines print 177"
        );
        assert_eq!(milligrams_per_decilitre(Decimal::tenths(884)), Decimal::whole(1));
    }

    #[test]
    fn children_and_impossible_creatinine_are_refused() {
        let rate = |age, c| filtration_rate(Equation::CkdEpi2021, Male, age, c);
        assert!(rate(17.0, 1.0).expect_err("child").to_string().contains("`age`"));
        assert!(rate(40.0, 0.0).is_err() && rate(40.0, f64::NAN).is_err());
    }
}
