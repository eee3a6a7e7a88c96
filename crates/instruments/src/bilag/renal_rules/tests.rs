//! Grades of the kidney by their written rules, and where the legacy program reads them otherwise.

use super::super::renal::{OtherCause, Previous};
use super::*;
use Convention::*;

const QUIET: Renal = Renal {
    systolic: Some(120),
    diastolic: Some(80),
    accelerated_hypertension: Some(false),
    dipstick: None,
    albumin_creatinine: None,
    protein_creatinine: None,
    protein_24h: Some(Decimal::tenths(1)),
    nephrotic: Some(false),
    creatinine: Some(Decimal::whole(70)),
    gfr: Some(Decimal::whole(100)),
    active_sediment: Some(false),
    active_biopsy: Some(false),
    other_cause: OtherCause {
        pressure: false,
        protein: false,
        function: false,
    },
};

fn grade(before: &Renal, now: &Renal, convention: Convention) -> Option<Grade> {
    now.finding(Previous::Visit(before), convention)
        .expect("possible")
        .active
}

fn first(now: &Renal) -> Option<Grade> {
    now.finding(Previous::FirstVisit, Written).expect("possible").active
}

fn day(grams: &str) -> Renal {
    Renal {
        protein_24h: Some(grams.parse().expect("a decimal")),
        ..QUIET
    }
}

fn creatinine(level: &str) -> Renal {
    Renal {
        creatinine: Some(level.parse().expect("a decimal")),
        ..QUIET
    }
}

#[test]
fn a_needs_two_findings_one_of_them_proteinuria_sediment_or_biopsy() {
    let nephrotic = Renal {
        nephrotic: Some(true),
        ..QUIET
    };
    assert_eq!(grade(&QUIET, &nephrotic, Written), Some(Grade::B), "one finding");
    let with_pressure = Renal {
        accelerated_hypertension: Some(true),
        ..nephrotic
    };
    assert_eq!(
        grade(&QUIET, &with_pressure, Written),
        Some(Grade::B),
        "two, none of the three"
    );
    let with_sediment = Renal {
        active_sediment: Some(true),
        ..nephrotic
    };
    assert_eq!(grade(&QUIET, &with_sediment, Written), Some(Grade::A));
}

#[test]
fn protein_grades_by_its_amount_and_its_fall() {
    assert_eq!(
        grade(&QUIET, &day("1"), Written),
        Some(Grade::B),
        "1 g is not more than 1 g"
    );
    assert!(day("1.1").severe(Previous::Visit(&QUIET), Written).proteinuria);
    assert_eq!(grade(&QUIET, &day("0.5"), Written), Some(Grade::B));
    assert_eq!(grade(&QUIET, &day("0.499"), Written), Some(Grade::C));
    assert_eq!(grade(&QUIET, &day("0.25"), Written), None);
    assert_eq!(grade(&day("2"), &day("1.4"), Written), Some(Grade::C), "down by 30 %");
    assert_eq!(grade(&day("2"), &day("1.6"), Written), Some(Grade::B), "down by 20 %");
}

#[test]
fn a_fall_of_exactly_a_quarter_and_a_rise_of_exactly_30_percent_depend_on_the_convention() {
    assert_eq!(grade(&day("2"), &day("1.5"), Written), Some(Grade::C));
    assert_eq!(grade(&day("2"), &day("1.5"), Legacy), Some(Grade::B));
    let acr = |x| Renal {
        albumin_creatinine: Some(Decimal::whole(x)),
        protein_24h: None,
        ..QUIET
    };
    assert_eq!(
        grade(&acr(200), &acr(150), Legacy),
        Some(Grade::C),
        "for ACR it is a fall"
    );
    let rise = |convention| {
        creatinine("169")
            .severe(Previous::Visit(&creatinine("130")), convention)
            .function
    };
    assert_eq!((rise(Written), rise(Legacy)), (false, true));
}

#[test]
fn legacy_grade_c_needs_protein_that_does_not_fall() {
    assert_eq!(grade(&day("0.4"), &day("0.3"), Written), Some(Grade::C));
    assert_eq!(grade(&day("0.4"), &day("0.3"), Legacy), None);
}

#[test]
fn creatinine_needs_the_level_and_the_rise() {
    assert_eq!(
        grade(&creatinine("120"), &creatinine("150"), Written),
        Some(Grade::B),
        "up by 25 %"
    );
    assert_eq!(
        grade(&creatinine("140"), &creatinine("160"), Written),
        None,
        "up by 14 %"
    );
    assert_eq!(
        grade(&creatinine("60"), &creatinine("130"), Written),
        None,
        "not above 130"
    );
    let unmeasured = Renal {
        creatinine: None,
        ..QUIET
    };
    assert_eq!(
        grade(&unmeasured, &creatinine("200"), Written),
        None,
        "no value to rise from"
    );
}

#[test]
fn creatinine_up_by_exactly_15_percent_is_moderate() {
    assert_eq!(grade(&creatinine("140"), &creatinine("161"), Written), Some(Grade::B));
    assert_eq!(grade(&creatinine("140"), &creatinine("160.9"), Written), None);
}

#[test]
fn both_ratios_have_the_same_limits() {
    let pcr = |x| Renal {
        protein_creatinine: Some(Decimal::whole(x)),
        protein_24h: None,
        ..QUIET
    };
    let acr = |x| Renal {
        albumin_creatinine: Some(Decimal::whole(x)),
        protein_24h: None,
        ..QUIET
    };
    let severe = |r: &Renal| r.severe(Previous::Visit(&QUIET), Written).proteinuria;
    for ratio in [&pcr as &dyn Fn(i64) -> Renal, &acr] {
        assert!(severe(&ratio(101)) && !severe(&ratio(100)));
        let grades = [25, 26, 49, 50].map(|x| grade(&QUIET, &ratio(x), Written));
        assert_eq!(grades, [None, Some(Grade::C), Some(Grade::C), Some(Grade::B)]);
    }
}

#[test]
fn pressure_needs_both_levels_and_both_rises() {
    let pressed = |systolic, diastolic| Renal {
        systolic: Some(systolic),
        diastolic: Some(diastolic),
        ..QUIET
    };
    let from =
        |before: (u16, u16), now: (u16, u16)| grade(&pressed(before.0, before.1), &pressed(now.0, now.1), Written);
    assert_eq!(from((120, 80), (150, 95)), Some(Grade::C));
    assert_eq!(from((110, 70), (140, 95)), None, "not above 140");
    assert_eq!(from((120, 70), (150, 90)), None, "not above 90");
    assert_eq!(from((121, 80), (150, 95)), None, "up by 29");
    assert_eq!(from((120, 81), (150, 95)), None, "up by 14");
}

#[test]
fn filtration_falls_below_two_thirds_or_below_fifty() {
    let gfr = |x| Renal {
        gfr: Some(Decimal::whole(x)),
        ..QUIET
    };
    assert_eq!(grade(&gfr(100), &gfr(66), Written), Some(Grade::B));
    assert_eq!(grade(&gfr(100), &gfr(67), Written), None);
    assert_eq!(grade(&gfr(51), &gfr(49), Written), Some(Grade::B));
    assert_eq!(grade(&gfr(50), &gfr(49), Written), None);
    let unmeasured = Renal { gfr: None, ..QUIET };
    assert_eq!(grade(&unmeasured, &gfr(49), Written), Some(Grade::B));
}

#[test]
fn on_the_first_visit_absolute_thresholds_decide_and_pressure_cannot() {
    assert_eq!(first(&creatinine("131")), Some(Grade::B));
    assert_eq!(
        first(&Renal {
            gfr: Some(Decimal::whole(79)),
            ..QUIET
        }),
        Some(Grade::B)
    );
    assert_eq!(first(&day("1.2")), Some(Grade::B));
    assert_eq!(
        first(&Renal {
            active_sediment: Some(true),
            ..day("1.2")
        }),
        Some(Grade::A)
    );
    let pressed = Renal {
        systolic: Some(180),
        diastolic: Some(110),
        ..QUIET
    };
    assert_eq!(first(&pressed), None);
    assert_eq!(grade(&QUIET, &pressed, Written), Some(Grade::C));
}

#[test]
fn the_dipstick_speaks_only_without_a_quantity() {
    let stick = |d| Renal {
        dipstick: Some(d),
        protein_24h: None,
        ..QUIET
    };
    assert!(stick(3).severe(Previous::Visit(&stick(1)), Written).proteinuria);
    assert_eq!(grade(&stick(1), &stick(2), Written), Some(Grade::B));
    assert_eq!(grade(&stick(0), &stick(1), Written), Some(Grade::C));
    assert_eq!(grade(&stick(2), &stick(2), Written), Some(Grade::C));
    let quantified = Renal {
        dipstick: Some(4),
        ..QUIET
    };
    assert_eq!(grade(&stick(0), &quantified, Written), None);
}

#[test]
fn values_of_another_cause_do_not_count_and_impossible_ones_are_named() {
    let excused = Renal {
        other_cause: OtherCause {
            protein: true,
            ..OtherCause::default()
        },
        ..day("3")
    };
    assert_eq!(first(&excused), None);
    let all_excused = |r: Renal| Renal {
        other_cause: OtherCause {
            pressure: true,
            protein: true,
            function: true,
        },
        ..r
    };
    assert_eq!(first(&all_excused(creatinine("300"))), None);
    assert_eq!(
        first(&all_excused(Renal {
            gfr: Some(Decimal::whole(20)),
            ..QUIET
        })),
        None
    );
    assert_eq!(
        first(&all_excused(Renal {
            accelerated_hypertension: Some(true),
            ..QUIET
        })),
        None
    );
    let error = |r: Renal| {
        r.finding(Previous::FirstVisit, Written)
            .expect_err("impossible")
            .to_string()
    };
    assert!(
        error(Renal {
            diastolic: Some(130),
            ..QUIET
        })
        .contains("`diastolic`")
    );
    assert!(error(creatinine("0")).contains("`creatinine`"));
    assert!(
        error(Renal {
            dipstick: Some(5),
            ..QUIET
        })
        .contains("`dipstick`")
    );
}
