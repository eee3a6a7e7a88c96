//! Group-sequential designs: printed boundaries, agreement with rpact, refusals.

use malar_stats::sequential::*;
use proptest::prelude::*;

const THIRDS: [f64; 3] = [1.0 / 3.0, 2.0 / 3.0, 1.0];

fn assert_near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} instead of {expected}");
}

fn assert_bounds(got: Result<Vec<f64>, DesignError>, expected: &[f64], tolerance: f64) {
    let got = got.unwrap();
    assert_eq!(got.len(), expected.len());
    for (g, e) in got.iter().zip(expected) {
        assert!((g - e).abs() <= tolerance, "{got:?} instead of {expected:?}");
    }
}

fn equal_looks(n: usize) -> Vec<f64> {
    (1..=n).map(|k| k as f64 / n as f64).collect()
}

/// gsDesign and rpact print these; one-sided alpha 0.025.
#[test]
fn boundaries_match_printed_ones() {
    let hair = 5.1e-6;
    let of_type = |t: &[f64]| spending_bounds(t, 0.025, Spending::ObrienFlemingType);
    assert_bounds(of_type(&equal_looks(2)), &[2.96259, 1.96860], hair);
    assert_bounds(of_type(&equal_looks(3)), &[3.71030, 2.51143, 1.99305], hair);
    assert_bounds(of_type(&equal_looks(4)), &[4.33263, 2.96313, 2.35904, 2.01409], hair);
    assert_bounds(
        of_type(&equal_looks(5)),
        &[4.87688, 3.35701, 2.68028, 2.28982, 2.03103],
        hair,
    );
    assert_bounds(of_type(&[0.6, 1.0]), &[2.66863, 1.98097], hair);
    assert_bounds(of_type(&[0.5, 0.75, 1.0]), &[2.96259, 2.35902, 2.01408], hair);
    assert_bounds(of_type(&[0.3, 0.6, 1.0]), &[3.92857, 2.66997, 1.98102], hair);
    assert_bounds(obrien_fleming(&equal_looks(2), 0.025), &[2.796510, 1.977431], 1e-6);
    assert_bounds(obrien_fleming(&THIRDS, 0.025), &[3.471091, 2.454432, 2.004036], 1e-6);
    assert_bounds(
        obrien_fleming(&equal_looks(5), 0.025),
        &[4.56174, 3.22564, 2.63372, 2.28087, 2.04007],
        hair,
    );
    assert_bounds(pocock(&equal_looks(2), 0.025), &[2.178272; 2], 1e-6);
    assert_bounds(pocock(&THIRDS, 0.025), &[2.289478; 3], 1e-6);
    assert_bounds(pocock(&equal_looks(5), 0.025), &[2.41318; 5], hair);
    let pocock_type = |n: usize| spending_bounds(&equal_looks(n), 0.025, Spending::PocockType);
    assert_bounds(pocock_type(2), &[2.15700, 2.20098], hair);
    assert_bounds(pocock_type(5), &[2.43798, 2.42681, 2.41019, 2.39665, 2.38600], hair);
    let hsd = |n: usize| spending_bounds(&equal_looks(n), 0.025, Spending::HwangShihDeCani { gamma: -4.0 });
    assert_bounds(hsd(3), &[3.01074, 2.54653, 1.99923], hair);
    assert_bounds(hsd(5), &[3.25267, 2.98605, 2.69166, 2.37367, 2.02532], hair);
}

/// Ninety per cent power with three looks of O'Brien-Fleming type, from gsDesign.
#[test]
fn power_and_inflation_match_gsdesign() {
    let upper = spending_bounds(&equal_looks(3), 0.025, Spending::ObrienFlemingType).unwrap();
    let drift = drift_for_power(&upper, &[], &equal_looks(3), 0.9).unwrap();
    assert_near(drift, 3.260669, 5.1e-7);
    assert_near((drift / 3.2415155).powi(2), 1.011853, 5.1e-7);
    let crossed = crossings(&upper, &[], &equal_looks(3), drift).unwrap();
    assert_near(crossed.upper[0], 0.0338, 5.1e-5);
    assert_near(crossed.upper[0] + crossed.upper[1], 0.5603, 5.1e-5);
    assert_near(crossed.power(), 0.9, 1e-9);
}

/// Looking again and again at 1.96 (Armitage, McPherson & Rowe 1969), one side of it.
#[test]
fn repeated_looks_at_1_96_spend_too_much() {
    for (n, spent) in [(2, 0.042), (4, 0.063), (10, 0.097), (20, 0.124)] {
        let bounds = vec![1.959964; n];
        let lower: Vec<f64> = bounds.iter().map(|b| -b).collect();
        let crossed = crossings(&bounds, &lower, &equal_looks(n), 0.0).unwrap();
        assert_near(crossed.power(), spent, 5.1e-4);
        assert!(matches!(
            check_bounds(&bounds, &equal_looks(n), 0.025),
            Err(DesignError::Overspent { .. })
        ));
    }
}

#[test]
fn designs_that_cannot_be_are_refused() {
    let spend = |t: &[f64], alpha| spending_bounds(t, alpha, Spending::PocockType);
    assert_eq!(spend(&[0.5, 0.5, 1.0], 0.025), Err(DesignError::Information));
    assert_eq!(spend(&[0.5, 0.9], 0.025), Err(DesignError::Information));
    assert_eq!(spend(&[], 0.025), Err(DesignError::Information));
    assert_eq!(spend(&[1.0], 0.0), Err(DesignError::Probability(0.0)));
    let flat = Spending::HwangShihDeCani { gamma: 1e4 };
    assert_eq!(
        spending_bounds(&[0.5, 0.8, 1.0], 0.025, flat),
        Err(DesignError::CannotSpend { look: 2 })
    );
    let late = Spending::Power { rho: 5000.0 };
    assert_eq!(
        spending_bounds(&[0.5, 1.0], 0.025, late),
        Err(DesignError::CannotSpend { look: 1 })
    );
    assert_eq!(check_bounds(&[2.0], &[0.5, 1.0], 0.025), Err(DesignError::Boundaries));
    assert_eq!(check_bounds(&[f64::NAN], &[1.0], 0.025), Err(DesignError::Boundaries));
    assert_near(
        check_bounds(&[2.796510, 1.977432], &[0.5, 1.0], 0.025).unwrap(),
        0.025,
        1e-7,
    );
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(' ').map(|field| field.parse().unwrap()).collect()
}

#[test]
fn bounds_and_power_match_rpact() {
    let text = include_str!("../../../validation/stats/sequential/expected.csv");
    let mut worst = [0.0_f64; 3];
    for line in text.lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let information = numbers(fields[1]);
        let (alpha, drift): (f64, f64) = (fields[3].parse().unwrap(), fields[4].parse().unwrap());
        let kind = fields[0];
        let (upper, lower, got) = if kind.contains('+') {
            let futility = Futility {
                beta: 0.1,
                spending: if kind.contains("bsP") {
                    Spending::PocockType
                } else {
                    Spending::ObrienFlemingType
                },
                binding: if kind.contains("binding") {
                    Binding::Binding
                } else {
                    Binding::NonBinding
                },
            };
            let b = bounds_with_futility(&information, alpha, Spending::ObrienFlemingType, futility).unwrap();
            (b.upper, b.lower, b.drift)
        } else {
            let upper = match kind {
                "OF" => obrien_fleming(&information, alpha),
                "P" => pocock(&information, alpha),
                "WT" => wang_tsiatis(&information, alpha, 0.25),
                "asOF" => spending_bounds(&information, alpha, Spending::ObrienFlemingType),
                "asP" => spending_bounds(&information, alpha, Spending::PocockType),
                "asHSD" => spending_bounds(&information, alpha, Spending::HwangShihDeCani { gamma: -4.0 }),
                _ => spending_bounds(&information, alpha, Spending::Power { rho: 3.0 }),
            }
            .unwrap();
            let drift = drift_for_power(&upper, &[], &information, 0.9).unwrap();
            (upper, vec![], drift)
        };
        for (a, b) in upper.iter().zip(numbers(fields[5])) {
            worst[0] = worst[0].max((a - b).abs());
        }
        if !lower.is_empty() {
            for (a, b) in lower.iter().zip(numbers(fields[6])) {
                worst[1] = worst[1].max((a - b).abs());
            }
        }
        worst[2] = worst[2].max((got - drift).abs());
    }
    // Both integrate numerically; what is left is the sum of both errors.
    assert!(worst.iter().all(|w| *w < 1e-6), "{worst:?}");
}

#[test]
fn interim_powers_match_reference() {
    let trend = 1.5 / 0.5f64.sqrt();
    let at = |drift| conditional_power(1.5, 0.5, 1.959964, drift).unwrap();
    assert_near(at(trend), 0.590252, 5.1e-7);
    assert_near(at(3.2415155), 0.846205, 5.1e-7);
    assert_near(at(0.0), 0.101721, 5.1e-7);
    assert_near(predictive_power(1.5, 0.5, 1.959964).unwrap(), 0.564094, 5.1e-7);
    assert!(conditional_power(1.5, 1.0, 1.96, 0.0).is_none() && predictive_power(1.5, 0.0, 1.96).is_none());
    // A second stage of that information has the power asked for, tested at the conditional error.
    let information = second_stage_information(1.5, 0.5, 1.959964, 3.0, 0.8).unwrap();
    let critical = malar_stats::distribution::normal_quantile(1.0 - at(0.0));
    let power = malar_stats::distribution::normal_cdf(3.0 * information.sqrt() - critical);
    assert_near(power, 0.8, 1e-12);
    assert!(second_stage_information(1.5, 0.5, 1.96, 0.0, 0.8).is_none());
    assert_near(combined_z(1.5, 1.2, 0.5), 2.7 / 2f64.sqrt(), 1e-15);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn every_spending_function_spends_alpha(
        cuts in prop::collection::btree_set(1u32..99, 1..4),
        gamma in -5.0f64..3.0,
        alpha in 0.005f64..0.1,
    ) {
        let mut t: Vec<f64> = cuts.iter().map(|&c| f64::from(c) / 100.0).collect();
        t.push(1.0);
        for spending in [Spending::ObrienFlemingType, Spending::PocockType, Spending::HwangShihDeCani { gamma }] {
            let bounds = spending_bounds(&t, alpha, spending).unwrap();
            prop_assert!((check_bounds(&bounds, &t, alpha).unwrap() - alpha).abs() < 1e-9);
        }
    }
}

fn table(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split(',').collect()).collect()
}

/// The oracle integrates to 1e-11 of the value, and divides by a density as small as 1e-4; both sides print or hold 12 digits.
#[test]
fn interim_powers_match_integrals_of_the_joint_law() {
    let rows = table(include_str!("../../../validation/stats/conditional_power/expected.csv"));
    assert_eq!(rows.len(), 5 * 9);
    for row in rows {
        let at = |k: usize| row[k].parse::<f64>().unwrap_or(f64::NAN);
        let (z, t, critical, expected) = (at(1), at(2), at(3), at(6));
        let got = match row[0] {
            "conditional" => conditional_power(z, t, critical, at(4)),
            "predictive" => predictive_power(z, t, critical),
            "with prior" => predictive_power_with_prior(z, t, critical, (at(4), at(5))),
            _ => second_stage_information(z, t, critical, at(4), at(5)),
        };
        let got = got.expect("a fraction inside");
        assert!((got - expected).abs() < 1e-10 * expected.max(1.0), "{row:?}: {got}");
        if row[0] == "conditional" && at(4) == 0.0 {
            assert_eq!(conditional_error(z, t, critical), Some(got));
        }
    }
}

/// rpact prints twelve digits, of z too: a slope of at most 3 in z leaves 1e-11.
#[test]
fn conditional_power_and_error_match_rpact() {
    let rows = table(include_str!("../../../validation/stats/conditional_power/rpact.csv"));
    assert_eq!(rows.len(), 36);
    for row in rows {
        let at = |k: usize| row[k].parse::<f64>().unwrap();
        let got = match row[0] {
            "conditional" => conditional_power(at(1), at(2), at(3), at(4)),
            _ => conditional_error(at(1), at(2), at(3)),
        };
        assert_near(got.expect("a fraction inside"), at(5), 1e-10);
    }
}

/// Both sides integrate numerically: rpact's bounds are good to 1e-10, its Simpson sums to about 1e-7, as are ours (see above).
#[test]
fn crossings_and_expected_information_match_rpact() {
    let rows = table(include_str!("../../../validation/stats/sequential/crossings.csv"));
    assert_eq!(rows.len(), 36);
    for row in rows {
        let list = |k: usize| if row[k].is_empty() { Vec::new() } else { numbers(row[k]) };
        let (information, upper, mut lower) = (list(0), list(1), list(2));
        if let Some(last) = upper.last().filter(|_| !lower.is_empty()) {
            lower.push(*last);
        }
        let found = crossings(&upper, &lower, &information, list(3)[0]).unwrap();
        for (got, expected) in found.upper.iter().zip(list(4)) {
            assert_near(*got, expected, 1e-7);
        }
        for (got, expected) in found.lower.iter().zip(list(5)) {
            assert_near(*got, expected, 1e-7);
        }
        assert_near(found.expected_information(&information), list(6)[0], 1e-7);
    }
}
