//! What must hold of every form, whatever is on it.

use malar_instruments::Decimal;
use malar_instruments::bilag::change::{all_active_improved, new_grades};
use malar_instruments::bilag::grade::{Domain, Grade, Grades};
use malar_instruments::bilag::index::{Form, History, check_recorded};
use malar_instruments::bilag::items::{CLINICAL, Mark, Marks, N_CLINICAL, finding};
use malar_instruments::bilag::renal::{Convention, Previous, Renal};
use malar_instruments::damage;
use malar_instruments::kidney::{Equation, Sex, filtration_rate};
use malar_instruments::pga::Pga;
use malar_instruments::sle_das::{Rash, SleDas};
use malar_instruments::sledai::descriptors::{Descriptor, Descriptors, N_DESCRIPTORS};
use malar_instruments::sledai::flare_index::{FromTo, Severity, Since, Version};
use malar_instruments::sledai::responder_50;
use malar_instruments::sledai::selena::{SelenaFindings, selena};
use malar_instruments::target_states::{DorisVersion, LowDiseaseActivity, Remission};
use proptest::prelude::*;

fn descriptors() -> impl Strategy<Value = Descriptors> {
    prop::array::uniform24(prop::option::weighted(0.9, any::<bool>())).prop_map(|s| Descriptors::from_states(&s))
}

fn assessed() -> impl Strategy<Value = Descriptors> {
    (0_u32..1 << N_DESCRIPTORS).prop_map(Descriptors::from_bits)
}

fn sparse() -> impl Strategy<Value = Descriptors> {
    (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(a, b, c)| Descriptors::from_bits(a & b & c))
}

fn marks() -> impl Strategy<Value = Marks> {
    let mark = prop_oneof![
        8 => Just(Some(Mark::Absent)),
        1 => Just(None),
        3 => (0_u8..5).prop_map(Mark::from_code),
    ];
    prop::collection::vec(mark, N_CLINICAL).prop_map(|m| m.try_into().expect("77 marks"))
}

fn grades() -> impl Strategy<Value = Grades> {
    prop::array::uniform9(0_usize..5).prop_map(|g| Grades(g.map(|k| Some(Grade::ALL[k]))))
}

fn renal() -> impl Strategy<Value = Renal> {
    let tenths = |high: i64| prop::option::of((0..high).prop_map(Decimal::tenths));
    let yes = || prop::option::of(any::<bool>());
    (
        tenths(60),
        tenths(4000),
        tenths(4000),
        prop::option::of(0_u8..5),
        yes(),
        yes(),
        yes(),
        tenths(1200),
    )
        .prop_map(|(day, pcr, acr, stick, pressure, sediment, nephrotic, gfr)| Renal {
            protein_24h: day,
            protein_creatinine: pcr,
            albumin_creatinine: acr,
            dipstick: stick,
            accelerated_hypertension: pressure,
            active_sediment: sediment,
            nephrotic,
            gfr,
            ..Renal::default()
        })
}

proptest! {
    #[test]
    fn sledai_lies_within_its_bounds_and_never_above_105(visit in descriptors()) {
        let (low, high) = visit.bounds();
        prop_assert!(low <= high && high <= 105);
        match visit.total() {
            Ok(total) => {
                prop_assert_eq!((low, high), (total, total));
                let clinical = visit.clinical_total().expect("complete");
                prop_assert!(clinical <= total && total - clinical <= 4 && clinical <= 101);
            }
            Err(_) => prop_assert!(low < high),
        }
    }

    #[test]
    fn one_more_descriptor_adds_its_weight(visit in assessed(), k in 0..N_DESCRIPTORS) {
        let descriptor = Descriptor::ALL[k];
        let without = visit.with_state(descriptor, Some(false)).total().expect("complete");
        prop_assert_eq!(visit.with(descriptor).total(), Ok(without + descriptor.weight()));
    }

    #[test]
    fn selena_is_sledai_2k_less_stable_proteinuria(visit in assessed(), counts in any::<bool>()) {
        let both = counts && visit.state(Descriptor::Proteinuria) == Some(true);
        let form = selena(visit, Some(both), SelenaFindings::default()).total().expect("complete");
        prop_assert!(form == visit.total().expect("complete") || form + 4 == visit.total().expect("complete"));
    }

    #[test]
    fn half_improvement_lies_between_nothing_and_half_the_score(before in assessed(), now in assessed()) {
        let shared: Vec<Option<bool>> = Descriptor::ALL
            .iter()
            .map(|&d| Some(before.state(d) == Some(true) && now.state(d) == Some(true)))
            .collect();
        let shared = Descriptors::from_states(&shared.try_into().expect("24"));
        let score = responder_50::score(before, now, shared).expect("complete");
        let full = Decimal::whole(now.total().expect("complete").into());
        prop_assert!(score <= full && score.at_least_percent_of(50, full));
        prop_assert_eq!(responder_50::score(before, now, Descriptors::none()), Ok(full));
    }

    #[test]
    fn a_worse_mark_never_gives_a_better_grade(marks in marks(), k in 0..N_CLINICAL) {
        let domain = CLINICAL[k].domain;
        let grade_with = |mark| {
            let mut changed = marks;
            changed[k] = Some(mark);
            finding(domain, &changed).active
        };
        let rising = [Mark::Absent, Mark::Improving, Mark::Same].map(grade_with);
        prop_assert!(rising.is_sorted());
        prop_assert_eq!(grade_with(Mark::Same), grade_with(Mark::Worse));
        prop_assert_eq!(grade_with(Mark::Same), grade_with(Mark::New));
    }

    #[test]
    fn a_present_item_is_never_inactive_and_graded_forms_agree_with_themselves(marks in marks()) {
        let form = Form { clinical: marks, ..Form::NOT_DONE };
        let grades = History::none().grade(&form, Convention::Written).expect("possible");
        prop_assert!(check_recorded(&grades, &grades).is_ok());
        for domain in Domain::ALL.into_iter().take(7) {
            let found = finding(domain, &marks);
            prop_assert_eq!(found.present, found.active.is_some());
            prop_assert_eq!(grades.of(domain).is_some(), found.done);
        }
    }

    #[test]
    fn once_involved_a_domain_is_never_e(first in marks(), second in marks()) {
        let mut history = History::none();
        let form = |clinical| Form { clinical, ..Form::NOT_DONE };
        let before = history.grade(&form(first), Convention::Written).expect("possible");
        let after = history.grade(&form(second), Convention::Written).expect("possible");
        for domain in Domain::ALL {
            let involved = before.of(domain).is_some_and(Grade::is_active);
            prop_assert!(!involved || after.of(domain) != Some(Grade::E));
            prop_assert!(involved || after.of(domain) != Some(Grade::D));
        }
    }

    #[test]
    fn more_protein_never_gives_a_better_kidney(now in renal(), before in renal(), more in 0_i64..30) {
        for convention in [Convention::Written, Convention::Legacy] {
            let grade = |r: &Renal| r.finding(Previous::Visit(&before), convention).expect("possible").active;
            let Some(protein) = now.protein_24h else { continue };
            let worse = Renal { protein_24h: Some(protein + Decimal::tenths(more)), ..now };
            prop_assert!(grade(&worse) >= grade(&now));
        }
    }

    #[test]
    fn equal_visits_have_nothing_new_and_improvement_has_no_new_a(before in grades(), now in grades()) {
        let same = new_grades(&before, &before).expect("complete");
        prop_assert_eq!((same.a, same.b), (0, 0));
        prop_assert!(before.numeric().expect("complete") <= 108);
        let new = new_grades(&before, &now).expect("complete");
        prop_assert!(usize::from(new.a) <= now.count(Grade::A) && usize::from(new.b) <= now.count(Grade::B));
        if all_active_improved(&before, &now).expect("complete") {
            prop_assert!(usize::from(new.a) == now.count(Grade::A), "an A that stayed is not improved");
        }
    }

    #[test]
    fn doris_versions_are_nested_and_remission_is_low_activity(
        visit in sparse(), pga in 0_i64..100, dose in 0_i64..80, on_drug in any::<bool>(),
    ) {
        let pga = Pga::on_0_to_3(Decimal::hundredths(pga)).ok();
        let dose = Some(Decimal::tenths(dose));
        let remission = Remission {
            descriptors: visit, pga, prednisolone: dose, immunosuppressed: Some(on_drug), drugs_stable: Some(true),
        };
        let met = |version| remission.judge(version).is_ok();
        prop_assert!(!met(DorisVersion::OFF_TREATMENT) || met(DorisVersion::TABLE_2021));
        prop_assert!(!met(DorisVersion::TABLE_2021) || met(DorisVersion::ABSTRACT_2021));
        let low = LowDiseaseActivity {
            descriptors: visit, haemolytic_anaemia: Some(false), gastrointestinal: Some(false), new_activity: Some(false),
            pga, prednisolone: dose, drugs_acceptable: Some(true),
        };
        prop_assert!(!met(DorisVersion::ABSTRACT_2021) || low.judge().is_ok());
    }

    #[test]
    fn hospital_is_always_a_severe_flare(before in 0_u16..=105, now in 0_u16..=105) {
        let since = Since {
            sledai: Some(FromTo { before, now }),
            hospitalised: Some(true),
            ..Since::default()
        };
        for version in [Version::Original, Version::BlissModified] {
            prop_assert_eq!(since.flare(version).expect("decided").severity, Severity::Severe);
        }
    }

    #[test]
    fn damage_only_grows_and_stops_at_47(items in prop::collection::vec(0_u8..2, damage::N_ITEMS)) {
        let mut answers: [Option<u8>; damage::N_ITEMS] = [None; damage::N_ITEMS];
        for (slot, score) in answers.iter_mut().zip(&items) {
            *slot = Some(*score);
        }
        let end_stage = damage::FORM.position("end_stage_kidney").expect("an item");
        answers[end_stage] = answers[end_stage].map(|s| 3 * s);
        let total = damage::total(&answers, damage::Version::WithTendonRupture).expect("possible");
        prop_assert!(total <= 47);
        prop_assert!(damage::check_progress(&[Some(0); damage::N_ITEMS], &answers).is_ok());
    }

    #[test]
    fn filtration_falls_with_creatinine_and_age(creatinine in 0.2_f64..8.0, age in 18.0_f64..90.0, female in any::<bool>()) {
        let sex = if female { Sex::Female } else { Sex::Male };
        for equation in [Equation::CkdEpi2021, Equation::CkdEpi2009 { black: false }, Equation::Mdrd { black: true }] {
            let rate = |age, creatinine| filtration_rate(equation, sex, age, creatinine).expect("adult");
            prop_assert!(rate(age, creatinine * 1.1) < rate(age, creatinine));
            prop_assert!(rate(age + 1.0, creatinine) < rate(age, creatinine));
        }
    }

    #[test]
    fn sle_das_starts_at_its_constant(joints in 0_u8..=28, protein in 0.0_f64..9000.0, platelets in 1.0_f64..400.0) {
        let visit = SleDas {
            swollen_joints: joints, arthritis: joints > 0, rash: Rash::Absent, protein, platelets, ..SleDas::QUIET
        };
        let score = visit.score().expect("possible");
        prop_assert!(score.is_finite() && score >= 0.366);
    }

    #[test]
    fn decimals_print_what_they_read(thousandths in -1_000_000_000_i64..1_000_000_000) {
        let decimal = Decimal::thousandths(thousandths);
        prop_assert_eq!(decimal.to_string().parse(), Ok(decimal));
        prop_assert_eq!(Decimal::from_f64(decimal.to_f64()), Ok(decimal));
    }
}
