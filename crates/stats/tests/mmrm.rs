//! Repeated measures against SAS PROC MIXED, as published by the R package mmrm with its data.

use malar_stats::FitError;
use malar_stats::least_squares::{Subject, ancova};
use malar_stats::matrix::Matrix;
use malar_stats::mmrm::*;
use std::io::Write;
use std::path::PathBuf;

/// A measurement of the FEV1 data: subject and visit from 0, treated, race (0 Asian, 1 Black, 2 White), female, value.
struct Row {
    subject: usize,
    visit: usize,
    treated: f64,
    race: [f64; 2],
    female: f64,
    value: f64,
}

/// The data stand beside the project, not in it.
fn fev_rows() -> Option<Vec<Row>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/stats/fev_data.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        // Straight to the stream: the test runner swallows what `eprintln!` says in a test that passes.
        let line = "SKIPPED: no shared/conformance/stats/fev_data.csv beside the project";
        writeln!(std::io::stderr(), "{line}").expect("stderr is open");
        return None;
    };
    let flag = |is: bool| f64::from(u8::from(is));
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').map(|field| field.trim_matches('"')).collect();
        Some(Row {
            subject: fields[0][2..].parse().unwrap(),
            visit: fields[1][3..].parse::<usize>().unwrap() - 1,
            treated: flag(fields[2] == "TRT"),
            race: [flag(fields[3].starts_with("Black")), flag(fields[3] == "White")],
            female: flag(fields[4] == "Female"),
            value: fields[6].parse().ok()?,
        })
    };
    Some(text.lines().skip(1).filter_map(row).collect())
}

fn fit(rows: &[Row], columns: impl Fn(&Row) -> Vec<f64>, structure: Structure) -> MmrmFit {
    let design = Matrix::from_rows(&rows.iter().map(columns).collect::<Vec<_>>());
    let of = |f: fn(&Row) -> usize| rows.iter().map(f).collect::<Vec<_>>();
    let response: Vec<f64> = rows.iter().map(|r| r.value).collect();
    let measurements = Measurements {
        design: &design,
        response: &response,
        subject: &of(|r| r.subject),
        visit: &of(|r| r.visit),
    };
    mmrm(&measurements, structure).unwrap_or_else(|error| panic!("{structure:?}: {error}"))
}

fn assert_near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} instead of {expected}");
}

/// SAS stops once a step promises less than 1e-8 of the deviance; ours must lie at or below that point.
///
/// Returns the square root of what is between. A deviance d above the least leaves each parameter of the covariance
/// within √d of its standard errors, and moves coefficients by less than that share of theirs.
fn assert_deviance(got: f64, other: f64) -> f64 {
    assert!(
        got <= other + 5.1e-9 && got > other - 1e-8 * other,
        "{got} instead of {other}"
    );
    (other - got).max(1e-12).sqrt()
}

fn unit(n: usize, at: usize) -> Vec<f64> {
    (0..n).map(|i| f64::from(u8::from(i == at))).collect()
}

fn at_visit(row: &Row, visit: usize) -> f64 {
    f64::from(u8::from(row.visit == visit))
}

/// FEV1 ~ RACE + SEX + ARMCD * AVISIT, unstructured, REML: SAS and the R package agree on these digits.
#[test]
fn full_model_matches_sas() {
    let Some(rows) = fev_rows() else { return };
    assert_eq!(rows.len(), 537);
    let columns = |r: &Row| {
        let mut x = vec![1.0, r.race[0], r.race[1], r.female, r.treated];
        x.extend((1..4).map(|visit| at_visit(r, visit)));
        x.extend((1..4).map(|visit| r.treated * at_visit(r, visit)));
        x
    };
    let fit = fit(&rows, columns, Structure::Unstructured);
    let gap = assert_deviance(fit.deviance, 3386.44987722);
    let expected = [
        (30.77741, 0.88657, 219.0),
        (1.53059, 0.62446, 169.0),
        (5.64357, 0.66559, 157.0),
        (0.32603, 0.53194, 166.0),
        (3.77441, 1.07416, 146.0),
        (4.83960, 0.80173, 144.0),
        (10.34217, 0.82269, 156.0),
        (15.05379, 1.31288, 138.0),
        (-0.04209, 1.12933, 139.0),
        (-0.69381, 1.18764, 158.0),
        (0.62412, 1.85096, 130.0),
    ];
    for (j, (estimate, se, df)) in expected.into_iter().enumerate() {
        let got = fit.contrast(&unit(11, j), DegreesOfFreedom::Satterthwaite);
        assert_near(got.estimate, estimate, 5.1e-6 + gap * se);
        assert_near(got.standard_error, se, 5.1e-6 + gap * se);
        assert_near(got.degrees_of_freedom, df, 0.51);
    }
    let covariance = [
        40.5509, 14.3982, 26.5692, 4.9744, 2.7851, 14.8970, 13.3731, 7.4790, 0.9017, 95.5528,
    ];
    for (i, expected) in covariance.into_iter().enumerate() {
        let se = fit.parameter_covariance[(i, i)].sqrt();
        assert_near(fit.parameters[i], expected, 5.1e-5 + gap * se);
    }
    for (visit, estimate, se) in [(1, 3.73232, 0.85886), (2, 3.08061, 0.68963), (3, 4.39854, 1.68055)] {
        let mut weights = unit(11, 4);
        weights[7 + visit] = 1.0;
        let got = fit.contrast(&weights, DegreesOfFreedom::Satterthwaite);
        assert_near(got.estimate, estimate, 5.1e-6 + gap * se);
        assert_near(got.standard_error, se, 5.1e-6 + gap * se);
    }
}

/// FEV1 ~ ARMCD + SEX: the SAS listing beside the data, read by the line.
#[test]
fn listing_of_sas_matches() {
    let Some(rows) = fev_rows() else { return };
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/stats/sas_coef_ci_reml_un.txt");
    let listing = std::fs::read_to_string(path).expect("it lies beside the data");
    let fit = fit(&rows, |r| vec![1.0, r.treated, r.female], Structure::Unstructured);
    let gap = assert_deviance(fit.deviance, 3666.96698281);
    for (j, start) in ["Intercept", "ARMCD        TRT", "SEX                   Female"]
        .into_iter()
        .enumerate()
    {
        let line = listing
            .lines()
            .find(|line| line.trim_start().starts_with(start))
            .unwrap();
        let printed: Vec<f64> = line[line.find(start).unwrap() + start.len()..]
            .split_whitespace()
            .map(|word| word.trim_start_matches('<').parse().unwrap())
            .collect();
        let got = fit.contrast(&unit(3, j), DegreesOfFreedom::Satterthwaite);
        let tolerance = 5.1e-5 + gap * got.standard_error;
        assert_near(got.estimate, printed[0], tolerance);
        assert_near(got.standard_error, printed[1], tolerance);
        assert_near(got.degrees_of_freedom, printed[2], 0.51);
        assert_near(got.low95, printed[6], 2.0 * tolerance);
        assert_near(got.high95, printed[7], 2.0 * tolerance);
    }
    let printed: Vec<f64> = listing
        .lines()
        .filter(|line| line.trim_start().starts_with("UN("))
        .map(|line| line.split_whitespace().nth(2).unwrap().parse().unwrap())
        .collect();
    for (i, expected) in printed.iter().enumerate() {
        // Six figures are printed.
        let se = fit.parameter_covariance[(i, i)].sqrt();
        assert_near(
            fit.parameters[i],
            *expected,
            5.1e-6 * expected.abs().max(10.0) + gap * se,
        );
    }
}

/// FEV1 ~ 1: -2 restricted log-likelihood, intercept, standard error and Satterthwaite degrees of freedom of SAS.
#[test]
fn structures_match_sas() {
    let Some(rows) = fev_rows() else { return };
    for (structure, deviance, intercept, se, df) in [
        (Structure::CompoundSymmetry, 3917.98183508, 42.2896, 0.4285, 187.0),
        (Structure::Autoregressive, 3875.49945459, 42.3255, 0.5013, 188.0),
        (
            Structure::HeterogeneousCompoundSymmetry,
            3784.85341599,
            41.9964,
            0.3575,
            199.0,
        ),
        (
            Structure::HeterogeneousAutoregressive,
            3739.96835012,
            41.6955,
            0.3947,
            191.0,
        ),
        (Structure::HeterogeneousToeplitz, 3722.38018329, 41.6726, 0.3822, 185.0),
    ] {
        let fit = fit(&rows, |_| vec![1.0], structure);
        let gap = assert_deviance(fit.deviance, deviance);
        let got = fit.contrast(&[1.0], DegreesOfFreedom::Satterthwaite);
        assert_near(got.estimate, intercept, 5.1e-5 + gap * se);
        assert_near(got.standard_error, se, 5.1e-5 + gap * se);
        assert_near(got.degrees_of_freedom, df, 0.51);
    }
}

/// FEV1 ~ ARMCD with Kenward and Roger's correction in SAS (tests/testthat/test-kenwardroger.R of the R package mmrm).
#[test]
fn corrections_of_kenward_and_roger_match_sas() {
    let Some(rows) = fev_rows() else { return };
    for (structure, se, df) in [
        (Structure::Unstructured, 0.66124382270307, 160.733266403768),
        (Structure::CompoundSymmetry, 0.7964696053595, 177.038485931223),
        (Structure::Autoregressive, 0.95865439662225, 188.46934887972),
        (Structure::Toeplitz, 0.87839805519623, 160.027408337368),
        (
            Structure::HeterogeneousCompoundSymmetry,
            0.67414806011886,
            190.737701349941,
        ),
        (
            Structure::HeterogeneousAutoregressive,
            0.7590316099633,
            188.225339095373,
        ),
        (Structure::HeterogeneousToeplitz, 0.72543828853831, 180.062730071701),
    ] {
        let fit = fit(&rows, |r| vec![1.0, r.treated], structure);
        let got = fit.contrast(&[0.0, 1.0], DegreesOfFreedom::KenwardRoger);
        // At its stopping rule the parameters of SAS are good to about three digits; the R package allows as much.
        assert_near(got.standard_error, se, 2e-4 * se);
        assert_near(got.degrees_of_freedom, df, 5e-4 * df);
    }
}

#[test]
fn a_visit_without_values_and_identical_measurements_are_refused() {
    let design = Matrix::from_rows(&[[1.0]; 4]);
    let measurements = |response, visit| {
        mmrm(
            &Measurements {
                design: &design,
                response,
                subject: &[0, 0, 1, 1],
                visit,
            },
            Structure::Unstructured,
        )
    };
    assert_eq!(
        measurements(&[1.0, 2.0, 3.0, 4.0], &[0, 2, 0, 2]),
        Err(FitError::TooFew)
    );
    assert_eq!(measurements(&[1.0; 4], &[0, 1, 0, 1]), Err(FitError::NotConverged));
}

#[test]
fn one_visit_is_analysis_of_covariance() {
    let subject = |i: usize| Subject {
        treated: i % 2 == 1,
        covariates: vec![(i * 7 % 11) as f64],
        response: (i * i % 13) as f64 + if i % 2 == 1 { 2.0 } else { 0.0 },
    };
    let subjects: Vec<Subject> = (0..24).map(subject).collect();
    let adjusted = ancova(&subjects).unwrap();
    let rows: Vec<[f64; 3]> = subjects
        .iter()
        .map(|s| [1.0, f64::from(u8::from(s.treated)), s.covariates[0]])
        .collect();
    let response: Vec<f64> = subjects.iter().map(|s| s.response).collect();
    let ids: Vec<usize> = (0..24).collect();
    let design = Matrix::from_rows(&rows);
    let measurements = Measurements {
        design: &design,
        response: &response,
        subject: &ids,
        visit: &[0; 24],
    };
    let fit = mmrm(&measurements, Structure::Unstructured).unwrap();
    for method in [DegreesOfFreedom::Satterthwaite, DegreesOfFreedom::KenwardRoger] {
        let got = fit.contrast(&[0.0, 1.0, 0.0], method);
        assert_near(got.estimate, adjusted.estimate, 1e-10);
        assert_near(got.standard_error, adjusted.standard_error, 1e-9);
        assert_near(got.degrees_of_freedom, 21.0, 1e-6);
        assert_near(got.p_value, adjusted.p_value, 1e-9);
    }
}

/// Rows of the made data: subject, visit, arm, baseline, value.
fn made_rows(text: &str) -> Vec<Vec<f64>> {
    let fields = |line: &str| line.split(',').skip(1).map(|field| field.parse().unwrap()).collect();
    text.lines()
        .filter(|line| line.starts_with("data"))
        .map(fields)
        .collect()
}

#[test]
fn made_data_match_nlme_lmertest_and_pbkrtest() {
    let text = include_str!("../../../validation/stats/mmrm/expected.csv");
    let rows = made_rows(text);
    let columns = |r: &Vec<f64>| {
        let visit = |k: u8| f64::from(u8::from((r[1] - f64::from(k)).abs() < 0.5));
        let (v1, v2, v3) = (visit(1), visit(2), visit(3));
        [1.0, r[3], v1, v2, v3, r[2], r[2] * v1, r[2] * v2, r[2] * v3]
    };
    let design = Matrix::from_rows(&rows.iter().map(columns).collect::<Vec<_>>());
    let measurements = Measurements {
        design: &design,
        response: &rows.iter().map(|r| r[4]).collect::<Vec<_>>(),
        subject: &rows.iter().map(|r| r[0] as usize).collect::<Vec<_>>(),
        visit: &rows.iter().map(|r| r[1] as usize).collect::<Vec<_>>(),
    };
    use DegreesOfFreedom::*;
    let mut gap = 0.0;
    for line in text.lines().filter(|line| line.starts_with("fit")) {
        let fields: Vec<&str> = line.split(',').collect();
        let structure = match fields[1] {
            "Unstructured" => Structure::Unstructured,
            "CompoundSymmetry" => Structure::CompoundSymmetry,
            "HeterogeneousCompoundSymmetry" => Structure::HeterogeneousCompoundSymmetry,
            "Autoregressive" => Structure::Autoregressive,
            _ => Structure::HeterogeneousAutoregressive,
        };
        let fit = mmrm(&measurements, structure).unwrap();
        if fields[2] == "deviance" {
            gap = assert_deviance(fit.deviance, fields[3].parse().unwrap()).max(1e-7);
        }
        for (j, expected) in fields[3..].iter().enumerate() {
            let contrast = |method| fit.contrast(&unit(9, j), method);
            let got = match fields[2] {
                "deviance" => fit.deviance,
                "estimate" => fit.coefficients[j],
                "se" => contrast(Satterthwaite).standard_error,
                "satterthwaite_df" => contrast(Satterthwaite).degrees_of_freedom,
                "kenward_roger_se" => contrast(KenwardRoger).standard_error,
                _ => contrast(KenwardRoger).degrees_of_freedom,
            };
            let expected: f64 = expected.parse().unwrap();
            let se = contrast(Satterthwaite).standard_error;
            let tolerance = match fields[2] {
                "deviance" => continue,
                "estimate" => gap * se,
                // pbkrtest takes the expected information of the covariance parameters, we and SAS the observed one.
                "kenward_roger_se" => 1e-5 * se,
                "kenward_roger_df" => 1e-2 * expected,
                _ => gap * expected,
            };
            assert_near(got, expected, tolerance);
        }
    }
}

#[test]
fn order_of_rows_and_unit_of_measurement_do_not_matter() {
    let rows = made_rows(include_str!("../../../validation/stats/mmrm/expected.csv"));
    let fit = |order: &[usize], unit: f64| {
        let pick = |k: usize| order.iter().map(|&i| rows[i][k]).collect::<Vec<f64>>();
        let columns: Vec<[f64; 3]> = order.iter().map(|&i| [1.0, rows[i][2], rows[i][1]]).collect();
        let whole = |k: usize| pick(k).into_iter().map(|x| x as usize).collect::<Vec<_>>();
        let measurements = Measurements {
            design: &Matrix::from_rows(&columns),
            response: &pick(4).into_iter().map(|y| y * unit).collect::<Vec<_>>(),
            subject: &whole(0),
            visit: &whole(1),
        };
        mmrm(&measurements, Structure::HeterogeneousToeplitz).unwrap()
    };
    let straight: Vec<usize> = (0..rows.len()).collect();
    // 101 is prime to the number of rows, so its multiples visit each once.
    let mixed: Vec<usize> = straight.iter().map(|i| i * 101 % rows.len()).collect();
    let (a, b) = (fit(&straight, 1.0), fit(&mixed, 1000.0));
    let contrast = |fit: &MmrmFit| fit.contrast(&[0.0, 1.0, 0.0], DegreesOfFreedom::KenwardRoger);
    let (c, d) = (contrast(&a), contrast(&b));
    assert_near(d.estimate / 1000.0, c.estimate, 1e-7);
    assert_near(d.standard_error / 1000.0, c.standard_error, 1e-7);
    assert_near(d.degrees_of_freedom, c.degrees_of_freedom, 1e-4);
}
