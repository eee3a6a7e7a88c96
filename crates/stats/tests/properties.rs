//! What must hold for any table.

use malar_stats::Count;
use malar_stats::difference::{miettinen_nurminen, newcombe};
use malar_stats::proportion::{clopper_pearson, wilson};
use malar_stats::rate::{Events, rate_difference, rate_ratio};
use malar_stats::stratified::*;
use malar_stats::summary::Summary;
use proptest::prelude::*;

fn any_count() -> impl Strategy<Value = Count> {
    (1u32..60)
        .prop_flat_map(|n| (0..=n, Just(n)))
        .prop_map(|(responders, n)| Count { responders, n })
}

fn any_strata() -> impl Strategy<Value = Vec<Stratum>> {
    let stratum = (any_count(), any_count()).prop_map(|(treated, control)| Stratum { treated, control });
    proptest::collection::vec(stratum, 1..8)
}

fn swapped(strata: &[Stratum]) -> Vec<Stratum> {
    strata
        .iter()
        .map(|s| Stratum {
            treated: s.control,
            control: s.treated,
        })
        .collect()
}

proptest! {
    #[test]
    fn intervals_hold_the_estimate_and_stay_in_range(count in any_count()) {
        for interval in [wilson(count, 0.95).unwrap(), clopper_pearson(count, 0.95).unwrap()] {
            prop_assert!(0.0 <= interval.low && interval.contains(count.share().unwrap()) && interval.high <= 1.0);
        }
    }

    #[test]
    fn swapping_arms_mirrors_every_interval(a in any_count(), b in any_count()) {
        for method in [newcombe, miettinen_nurminen] {
            let (one, other) = (method(a, b, 0.95).unwrap(), method(b, a, 0.95).unwrap());
            prop_assert!((one.low + other.high).abs() < 1e-9 && (one.high + other.low).abs() < 1e-9, "{one:?} {other:?}");
            prop_assert!(one.contains(a.share().unwrap() - b.share().unwrap()));
        }
    }

    #[test]
    fn swapping_arms_mirrors_stratified_estimates(strata in any_strata()) {
        let mirror = swapped(&strata);
        for variance in [Variance::Sato, Variance::IndependentBinomial] {
            let one = mantel_haenszel_difference(&strata, variance).unwrap();
            let other = mantel_haenszel_difference(&mirror, variance).unwrap();
            prop_assert!((one.estimate + other.estimate).abs() < 1e-12);
            prop_assert!((one.standard_error - other.standard_error).abs() < 1e-9);
        }
        let (one, other) = (stratified_newcombe(&strata, 0.95).unwrap(), stratified_newcombe(&mirror, 0.95).unwrap());
        prop_assert!((one.low + other.high).abs() < 1e-9);
    }

    #[test]
    fn empty_strata_change_nothing(strata in any_strata(), at in 0usize..8) {
        let mut padded = strata.clone();
        let lone = Stratum { treated: Count { responders: 3, n: 5 }, control: Count::default() };
        padded.insert(at.min(strata.len()), lone);
        padded.push(Stratum::default());
        let estimate = |s: &[Stratum]| mantel_haenszel_difference(s, Variance::Sato);
        prop_assert_eq!(estimate(&strata), estimate(&padded));
        let test = |s: &[Stratum]| cochran_mantel_haenszel(s, Continuity::Uncorrected);
        prop_assert_eq!(test(&strata), test(&padded));
    }

    #[test]
    fn summaries_have_the_same_bits_in_any_order_and_split(
        values in proptest::collection::vec(-1e6f64..1e6, 2..60), cut in 0usize..60, turn in 0usize..60,
    ) {
        let summarise = |values: &[f64]| {
            let mut summary = Summary::default();
            values.iter().for_each(|&x| summary.add(x));
            summary
        };
        let whole = summarise(&values);
        let mut turned = values.clone();
        turned.rotate_left(turn % values.len());
        let (left, right) = turned.split_at(cut.min(values.len()));
        let mut merged = summarise(right);
        merged.merge(&summarise(left));
        prop_assert_eq!(whole.sum().to_bits(), merged.sum().to_bits());
        let spread = |s: &Summary| s.standard_deviation().map(f64::to_bits);
        prop_assert_eq!(spread(&whole), spread(&merged));
        prop_assert_eq!((whole.n(), whole.min(), whole.max()), (merged.n(), merged.min(), merged.max()));
    }
}

#[test]
fn tables_that_say_nothing_give_none() {
    let nobody = Count::default();
    let half = Count { responders: 1, n: 2 };
    assert_eq!(wilson(nobody, 0.95), None);
    assert_eq!(clopper_pearson(nobody, 0.95), None);
    assert_eq!(newcombe(half, nobody, 0.95), None);
    let one_armed = [Stratum {
        treated: half,
        control: nobody,
    }];
    assert_eq!(mantel_haenszel_difference(&one_armed, Variance::Sato), None);
    assert_eq!(mantel_haenszel_difference(&[], Variance::Sato), None);
    assert_eq!(stratified_newcombe(&one_armed, 0.95), None);
    assert_eq!(stratified_miettinen_nurminen(&one_armed, 0.95), None);
    assert_eq!(mantel_haenszel_odds_ratio(&one_armed), None);
    let all_alike = [Stratum {
        treated: Count { responders: 4, n: 4 },
        control: Count { responders: 3, n: 3 },
    }];
    assert_eq!(cochran_mantel_haenszel(&all_alike, Continuity::Uncorrected), None);
    let quiet = Events {
        events: 0,
        person_time: 10.0,
    };
    assert_eq!(rate_ratio(quiet, quiet), None);
    assert_eq!(rate_difference(quiet, Events::default()), None);
    assert_eq!(
        rate_difference(quiet, quiet).map(|d| (d.estimate, d.p_value)),
        Some((0.0, 1.0))
    );
}

#[test]
#[should_panic(expected = "4 responders among 3 subjects")]
fn more_responders_than_subjects_is_our_mistake() {
    let _ = wilson(Count { responders: 4, n: 3 }, 0.95);
}
