//! Classic BILAG, the older instrument of the belimumab trials: numeric score and the kidney's rules.
//!
//! Not to be mixed with BILAG-2004: eight systems, among them vasculitis, none for gut and eyes. Kidney verified
//! (PMC4411763 table 1, sakitani.net); a first visit counts protein above 1 g as newly documented. The other seven
//! systems are not defined here: their rules were not found.

use crate::decimal::Decimal;
use crate::error::ItemError;

use super::grade::Grade;
use super::renal::{Previous, Renal};

/// The eight systems, in the order of the form.
pub const SYSTEMS: [&str; 8] = [
    "general",
    "mucocutaneous",
    "neurological",
    "musculoskeletal",
    "cardiovascular_respiratory",
    "vasculitis",
    "renal",
    "haematology",
];

/// Which numbers the letters get; both were published, and neither fits BILAG-2004.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Points {
    /// A 9, B 3, C 1.
    NineThreeOne,
    /// A 12, B 5, C 1.
    TwelveFiveOne,
}

/// Numeric score of eight grades.
pub fn numeric(grades: &[Grade; 8], points: Points) -> u16 {
    let (a, b) = match points {
        Points::NineThreeOne => (9, 3),
        Points::TwelveFiveOne => (12, 5),
    };
    let worth = |grade: &Grade| match grade {
        Grade::A => a,
        Grade::B => b,
        Grade::C => 1,
        Grade::D | Grade::E => 0,
    };
    grades.iter().map(worth).sum()
}

/// Grade A, B or C of the kidney, `None` if inactive. Values not due to lupus and `gfr` as creatinine clearance count
/// as in BILAG-2004.
///
/// Fails on impossible values.
pub fn renal(now: &Renal, previous: Previous) -> Result<Option<Grade>, ItemError> {
    now.finding(previous, super::renal::Convention::Written)?; // refuses what is impossible
    let before = match previous {
        Previous::FirstVisit => None,
        Previous::Visit(before) => Some(before),
    };
    let severe = now.severe(previous, super::renal::Convention::Written);
    let protein = protein_grade(now, before);
    let function = severe_function(now, before);
    let findings = [
        protein == Some(Grade::A),
        severe.hypertension,
        function,
        severe.sediment,
        severe.biopsy,
        severe.nephrotic,
    ];
    let count = findings.iter().filter(|f| **f).count();
    if count >= 2 && (findings[0] || findings[3] || findings[4]) {
        return Ok(Some(Grade::A));
    }
    if count >= 1 || protein == Some(Grade::B) || creatinine_up(now, before, 115) {
        return Ok(Some(Grade::B));
    }
    let mild = protein == Some(Grade::C) || pressure_up(now, before);
    Ok(mild.then_some(Grade::C))
}

/// Grade that urine protein alone gives. Dipstick: up two pluses is A, up one to two or more is B, one or more is C.
fn protein_grade(now: &Renal, before: Option<&Renal>) -> Option<Grade> {
    if now.other_cause.protein {
        return None;
    }
    let stick = now.dipstick.map(|level| {
        let rise = level.saturating_sub(before.and_then(|b| b.dipstick).unwrap_or(0));
        match (rise, level) {
            (2.., _) => Grade::A,
            (1, 2..) => Grade::B,
            (_, 1..) => Grade::C,
            _ => Grade::D,
        }
    });
    let day = now
        .protein_24h
        .map(|grams| day_grade(grams, before.and_then(|b| b.protein_24h)));
    stick.max(day).filter(|grade| grade.is_active())
}

/// A above 1 g when newly documented or doubled, which includes "from below 0.2 g"; B above 1 g and up by half; C above
/// 0.25 g.
fn day_grade(grams: Decimal, before: Option<Decimal>) -> Grade {
    let high = grams > Decimal::whole(1);
    match before {
        None if high => Grade::A,
        Some(before) if high && grams.at_least_percent_of(200, before) => Grade::A,
        Some(before) if high && grams.at_least_percent_of(150, before) => Grade::B,
        _ if grams > Decimal::hundredths(25) => Grade::C,
        _ => Grade::D,
    }
}

/// Creatinine above 130 µmol/L and 130 % of the previous value, or clearance below 67 % of it, or below 50 when it was
/// above 50 or not measured.
fn severe_function(now: &Renal, before: Option<&Renal>) -> bool {
    if now.other_cause.function {
        return false;
    }
    let risen = match (now.creatinine, before) {
        (Some(level), None) => level > Decimal::whole(130),
        (Some(level), Some(before)) => {
            level > Decimal::whole(130) && before.creatinine.is_some_and(|b| level.above_percent_of(130, b))
        }
        (None, _) => false,
    };
    let last = before.and_then(|b| b.gfr);
    let fallen = now.gfr.is_some_and(|rate| {
        last.is_some_and(|l| !rate.at_least_percent_of(67, l))
            || (rate < Decimal::whole(50) && last.is_none_or(|l| l > Decimal::whole(50)))
    });
    risen || fallen
}

fn creatinine_up(now: &Renal, before: Option<&Renal>, percent: i64) -> bool {
    let Some(level) = now
        .creatinine
        .filter(|&c| c > Decimal::whole(130) && !now.other_cause.function)
    else {
        return false;
    };
    match before {
        None => true,
        Some(before) => before.creatinine.is_some_and(|b| level.at_least_percent_of(percent, b)),
    }
}

fn pressure_up(now: &Renal, before: Option<&Renal>) -> bool {
    let pressures = |r: &Renal| r.systolic.zip(r.diastolic);
    let Some(((high, low), (high_before, low_before))) = pressures(now).zip(before.and_then(pressures)) else {
        return false;
    };
    !now.other_cause.pressure && high > 140 && low > 90 && high >= high_before + 30 && low >= low_before + 15
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(tenths: i64) -> Renal {
        Renal {
            protein_24h: Some(Decimal::tenths(tenths)),
            ..Renal::default()
        }
    }

    fn grade(before: Option<&Renal>, now: &Renal) -> Option<Grade> {
        renal(now, before.map_or(Previous::FirstVisit, Previous::Visit)).expect("possible")
    }

    #[test]
    fn both_published_numbers() {
        use Grade::*;
        let grades = [A, B, C, D, E, E, B, E];
        assert_eq!(numeric(&grades, Points::NineThreeOne), 9 + 3 + 1 + 3);
        assert_eq!(numeric(&grades, Points::TwelveFiveOne), 12 + 5 + 1 + 5);
    }

    #[test]
    fn protein_must_be_new_or_rise() {
        assert_eq!(grade(None, &day(12)), Some(Grade::B), "newly documented: one finding");
        assert_eq!(
            grade(Some(&day(1)), &day(11)),
            Some(Grade::B),
            "from below 0.2 g: one finding"
        );
        assert_eq!(grade(Some(&day(10)), &day(15)), Some(Grade::B), "up by half");
        assert_eq!(grade(Some(&day(10)), &day(14)), Some(Grade::C));
        assert_eq!(grade(Some(&day(2)), &day(2)), None);
        let with_sediment = Renal {
            active_sediment: Some(true),
            ..day(20)
        };
        assert_eq!(
            grade(Some(&day(10)), &with_sediment),
            Some(Grade::A),
            "doubled, and sediment"
        );
        assert_eq!(grade(Some(&day(15)), &with_sediment), Some(Grade::B), "sediment alone");
    }

    #[test]
    fn function_grades_by_clearance_and_creatinine() {
        let gfr = |x| Renal {
            gfr: Some(Decimal::whole(x)),
            ..Renal::default()
        };
        assert_eq!(grade(Some(&gfr(100)), &gfr(66)), Some(Grade::B));
        assert_eq!(grade(Some(&gfr(100)), &gfr(67)), None);
        assert_eq!(grade(Some(&gfr(51)), &gfr(49)), Some(Grade::B));
        let creatinine = |x| Renal {
            creatinine: Some(Decimal::whole(x)),
            ..Renal::default()
        };
        assert_eq!(
            grade(Some(&creatinine(140)), &creatinine(161)),
            Some(Grade::B),
            "exactly 115 %"
        );
        assert_eq!(grade(Some(&creatinine(140)), &creatinine(160)), None);
        assert_eq!(grade(None, &creatinine(131)), Some(Grade::B));
    }

    #[test]
    fn the_dipstick_rises_by_pluses() {
        let stick = |d| Renal {
            dipstick: Some(d),
            ..Renal::default()
        };
        assert_eq!(grade(Some(&stick(1)), &stick(3)), Some(Grade::B), "one A finding");
        assert_eq!(grade(Some(&stick(1)), &stick(2)), Some(Grade::B));
        assert_eq!(grade(Some(&stick(2)), &stick(2)), Some(Grade::C));
        assert_eq!(grade(Some(&stick(0)), &stick(1)), Some(Grade::C));
    }
}
