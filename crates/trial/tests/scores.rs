//! Claims about scores, partial improvement and SELENA flares in whole simulated trials.

mod library;

use malar_trial::Simulation;
use malar_trial::results::{Labels, OutcomeRow, Replicate};

/// A trial of the library with further endpoints at week 24.
fn run(trial: &str, endpoints: &[&str], edit: impl Fn(String) -> String) -> (Replicate, Labels) {
    let add = |text: String| {
        let more: String = endpoints
            .iter()
            .map(|id| format!("\n[[endpoints]]\nid = \"{id}\"\nweeks = [24]\n"))
            .collect();
        edit(text) + &more
    };
    let mut parts = library::parts(trial, add);
    parts.protocol = parts.protocol.resized(90);
    let simulation = Simulation::new(parts).expect("a possible trial");
    (
        simulation.replicate(11, 0).expect("feasible"),
        simulation.labels().clone(),
    )
}

fn same(text: String) -> String {
    text
}

fn without_strata(text: String) -> String {
    let line = text
        .lines()
        .find(|l| l.starts_with("strata"))
        .expect("strata")
        .to_owned();
    text.replace(&line, "")
}

fn outcomes<'a>(replicate: &'a Replicate, labels: &'a Labels, id: &str) -> Vec<&'a OutcomeRow> {
    let k = labels.endpoints.iter().position(|e| e == id).expect("an endpoint");
    let own = |o: &&OutcomeRow| usize::from(o.endpoint) == k && o.week == 24.0;
    replicate.outcomes.iter().filter(own).collect()
}

fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (
        mean,
        values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0),
    )
}

#[test]
fn a_score_is_compared_by_its_mean_and_the_missing_are_counted() {
    let (replicate, labels) = run("bliss-76", &["lumos"], without_strata);
    let own = outcomes(&replicate, &labels, "lumos");
    let values = |arm: u16| -> Vec<f64> {
        let of_arm = own.iter().filter(|o| o.arm == arm);
        of_arm.filter_map(|o| o.value).collect()
    };
    let k = own[0].endpoint;
    let mut missing = 0.0;
    for row in replicate
        .endpoints
        .iter()
        .filter(|r| r.endpoint == k && r.population == 0)
    {
        let (mean, _) = mean_and_variance(&values(row.arm));
        assert!((row.value - mean).abs() < 1e-12);
        assert_eq!(row.count, values(row.arm).len() as f64);
        assert_eq!(row.n, own.iter().filter(|o| o.arm == row.arm).count() as f64);
        missing += row.n - row.count;
    }
    assert!(missing > 0.0, "somebody left, or the test says nothing of leaving");
    for o in &own {
        let reason = labels.reasons[usize::from(o.reason)].as_str();
        assert_eq!(o.value.is_some(), reason == "scored");
        assert!(o.value.is_some() || reason == "discontinued", "{reason}");
    }
    for row in replicate
        .estimates
        .iter()
        .filter(|r| r.endpoint == k && r.population == 0)
    {
        let (one, other) = (values(row.arm), values(row.control));
        let ((mean, variance), (mean_0, variance_0)) = (mean_and_variance(&one), mean_and_variance(&other));
        assert!((row.difference - (mean - mean_0)).abs() < 1e-12);
        // Without strata this is the test of Student: one variance for both arms.
        let (n, n_0) = (one.len() as f64, other.len() as f64);
        let pooled = ((n - 1.0) * variance + (n_0 - 1.0) * variance_0) / (n + n_0 - 2.0);
        let standard_error = (pooled * (1.0 / n + 1.0 / n_0)).sqrt();
        let t = (row.high95 - row.difference) / standard_error;
        assert!(
            (1.96..2.05).contains(&t),
            "the quantile of Student's t at {} is not {t}",
            n + n_0 - 2.0
        );
        assert!((row.difference - row.low95 - (row.high95 - row.difference)).abs() < 1e-12);
    }
}

#[test]
fn with_strata_two_arms_still_compare_with_control() {
    let (replicate, labels) = run("bliss-76", &["lumos"], same);
    let own = outcomes(&replicate, &labels, "lumos");
    let of_stratum = |arm: u16, stratum: u16| -> Vec<f64> {
        let in_stratum = own
            .iter()
            .filter(|o| replicate.patients[o.patient as usize].stratum == stratum);
        in_stratum.filter(|o| o.arm == arm).filter_map(|o| o.value).collect()
    };
    let rows = replicate.estimates.iter();
    let rows: Vec<_> = rows
        .filter(|r| r.endpoint == own[0].endpoint && r.population == 0)
        .collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        // Least squares on arm and stratum: the strata's differences of means, weighted by n1 n0 / (n1 + n0).
        let (mut sum, mut weights) = (0.0, 0.0);
        for stratum in 0..2 {
            let (one, other) = (of_stratum(row.arm, stratum), of_stratum(row.control, stratum));
            let weight = (one.len() * other.len()) as f64 / (one.len() + other.len()) as f64;
            sum += weight * (mean_and_variance(&one).0 - mean_and_variance(&other).0);
            weights += weight;
        }
        assert!(
            (row.difference - sum / weights).abs() < 1e-12,
            "{} {}",
            row.difference,
            sum / weights
        );
    }
}

#[test]
fn whoever_responds_by_whole_items_responds_by_halves() {
    let (replicate, labels) = run("tulip-2", &["sri-4", "sri-50"], same);
    let responders = |id: &str| -> Vec<u32> {
        let own = outcomes(&replicate, &labels, id);
        own.iter().filter(|o| o.responded).map(|o| o.patient).collect()
    };
    let (whole, halves) = (responders("sri-4"), responders("sri-50"));
    assert!(whole.iter().all(|patient| halves.contains(patient)));
    assert!(halves.len() > whole.len(), "{} and {}", halves.len(), whole.len());
    let everybody = outcomes(&replicate, &labels, "sri-50");
    let not_assessed = |o: &&&OutcomeRow| labels.reasons[usize::from(o.reason)] == "not-assessed";
    assert_eq!(everybody.iter().filter(not_assessed).count(), 0);
}

#[test]
fn severe_selena_flares_are_some_of_all_and_bliss_counts_fewer() {
    let ids = ["sfi-flare-rate", "sfi-severe-flare-rate", "sfi-severe-flare-rate-bliss"];
    let (replicate, labels) = run("bliss-76", &ids, same);
    let count = |id: &str, arm: u16| {
        let k = labels.endpoints.iter().position(|e| e == id).expect("an endpoint");
        let mut rows = replicate.endpoints.iter();
        rows.find(|r| usize::from(r.endpoint) == k && r.population == 0 && r.arm == arm)
            .expect("a row")
            .count
    };
    for arm in 0..3 {
        let [any, severe, bliss] = ids.map(|id| count(id, arm));
        assert!(any > severe && severe > bliss, "{any} {severe} {bliss}");
    }
}

/// Strategies of an estimand of LuMOS, and its estimators.
fn estimand(discontinuation: &str, estimators: &str) -> String {
    format!(
        "\n[[estimands]]\nid = \"lumos-mean\"\nvariable = {{ score = \"lumos\" }}\nweek = 24\n\
         discontinuation = \"{discontinuation}\"\nrestricted_medication = \"treatment-policy\"\n\
         summary = \"mean-difference\"\nestimators = [{estimators}]\n"
    )
}

#[test]
fn the_estimand_by_treatment_policy_is_the_trials_own_analysis() {
    let ancova = |text: String| text + &estimand("treatment-policy", "\"ancova\"");
    let (replicate, labels) = run("bliss-76", &["lumos"], ancova);
    let own = outcomes(&replicate, &labels, "lumos")[0].endpoint;
    let estimates = replicate.estimates.iter();
    let estimates: Vec<_> = estimates.filter(|r| r.endpoint == own && r.population == 0).collect();
    assert_eq!((estimates.len(), replicate.estimands.len()), (2, 2));
    for (one, other) in estimates.iter().zip(&replicate.estimands) {
        assert_eq!(one.difference.to_bits(), other.estimate.to_bits());
        assert_eq!(
            (one.low95.to_bits(), one.p_value.to_bits()),
            (other.low95.to_bits(), other.p_value.to_bits())
        );
        assert!(other.missing > 0, "without follow-up, who left has no value");
    }
}

#[test]
fn while_on_treatment_nobody_who_came_once_is_missing() {
    let while_on = |text: String| text + &estimand("while-on-treatment", "\"ancova\"");
    let (replicate, _) = run("bliss-76", &["lumos"], while_on);
    assert!(
        replicate
            .estimands
            .iter()
            .all(|row| row.missing == 0 && row.estimate.is_finite())
    );
}

#[test]
fn estimands_of_scores_without_a_meaning_are_refused() {
    let refused = |more: String| {
        let text = move |text: String| text + "\n[[endpoints]]\nid = \"lumos\"\nweeks = [24]\n" + &more;
        let parts = library::parts("bliss-76", text);
        let source = parts.source.text.clone();
        let found = Simulation::new(parts).expect_err("refused");
        found.iter().map(|d| d.render(&source)).collect::<String>()
    };
    let said = refused(estimand("treatment-policy", "\"mmrm\""));
    assert!(said.contains("a score is estimated by `ancova` alone"), "{said}");
    let said = refused(estimand("composite", "\"ancova\""));
    assert!(said.contains("a composite strategy needs a response"), "{said}");
    let said = refused(estimand("treatment-policy", "\"ancova\"").replace("score = \"lumos\"", "score = \"sri-4\""));
    assert!(said.contains("the trial has no score endpoint `sri-4`"), "{said}");
}
