//! Claims about hypotheses that share one error.

mod library;

use malar_stats::multiplicity::{fixed_sequence, holm};
use malar_trial::results::{HypothesisRow, Replicate};
use malar_trial::{Protocol, Simulation};

fn simulation(section: &str) -> Simulation {
    let mut parts = library::parts("tulip-2", |text| format!("{text}\n{section}"));
    parts.protocol = parts.protocol.resized(160);
    Simulation::new(parts).unwrap_or_else(|e| panic!("{}", e[0].message))
}

/// Five hypotheses with what `words` adds to each.
fn section(procedure: &str, words: [&str; 5]) -> String {
    let hypotheses = [
        "id = \"response\"\nendpoint = \"bicla\"\nweek = 52",
        "id = \"response-high\"\nendpoint = \"bicla\"\nweek = 52\npopulation = \"ifngs-high\"",
        "id = \"early\"\nendpoint = \"sri-4\"\nweek = 24\narm = \"anifrolumab-300\"",
        "id = \"taper\"\nendpoint = \"gc-taper\"\nweek = 52",
        "id = \"flares\"\nendpoint = \"flare-rate\"\nweek = 52",
    ];
    let listed = hypotheses.iter().zip(words);
    let listed = listed.map(|(h, words)| format!("[[multiplicity.hypotheses]]\n{h}\n{words}\n"));
    let head = format!("[multiplicity]\nalpha = 0.05\nprocedure = \"{procedure}\"\nassumed = \"test\"\n\n");
    head + &listed.collect::<String>()
}

fn p_values(rows: &[HypothesisRow]) -> Vec<f64> {
    rows.iter().map(|row| row.p_value).collect()
}

fn assert_adjusted(rows: &[HypothesisRow], expected: &[f64]) {
    assert_eq!(rows.len(), expected.len());
    for (row, expected) in rows.iter().zip(expected) {
        assert!((row.adjusted - expected).abs() < 1e-12, "{row:?}: {expected}");
        assert_eq!(row.rejected, row.adjusted <= 0.05);
    }
}

#[test]
fn holm_and_fixed_sequence_are_graphs_and_p_values_are_the_analysis_own() {
    let by_holm = simulation(&section("holm", [""; 5]));
    let replicate = by_holm.replicate(4, 0).expect("enough candidates");
    let rows = &replicate.hypotheses;
    assert_adjusted(rows, &holm(&p_values(rows)));
    let in_order = simulation(&section("fixed-sequence", [""; 5])).replicate(4, 0).unwrap();
    assert_eq!(p_values(&in_order.hypotheses), p_values(rows));
    assert_adjusted(&in_order.hypotheses, &fixed_sequence(&p_values(rows)));
    // The same written out as a graph: all of alpha first, passed on whole.
    let next = |id: &str| format!("passes = {{ {id} = 1.0 }}");
    let words = [
        format!("weight = 1\n{}", next("response-high")),
        next("early"),
        next("taper"),
        next("flares"),
        String::new(),
    ];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let written = simulation(&section("graph", words.try_into().unwrap()));
    assert_eq!(written.replicate(4, 0).unwrap().hypotheses, in_order.hypotheses);

    let labels = by_holm.labels();
    let label = labels.multiplicity.as_ref().unwrap();
    for (hypothesis, row) in label.hypotheses.iter().zip(rows) {
        let estimate = replicate.estimates.iter().find(|e| {
            (e.endpoint, e.population, e.arm) == (hypothesis.endpoint, hypothesis.population, hypothesis.arm)
                && e.week == hypothesis.week
        });
        let estimate = estimate.expect("the trial's own comparison");
        let fewer_is_better = labels.endpoints[usize::from(hypothesis.endpoint)] == "flare-rate";
        let helps = (estimate.difference > 0.0) != fewer_is_better;
        let expected = if helps {
            estimate.p_value / 2.0
        } else {
            1.0 - estimate.p_value / 2.0
        };
        assert!(
            (row.p_value - expected).abs() < 1e-15,
            "{hypothesis:?} {row:?} {estimate:?}"
        );
    }
    assert_eq!(
        labels.populations[usize::from(label.hypotheses[1].population)],
        "ifngs-high"
    );
}

#[test]
fn listing_hypotheses_changes_nothing_else() {
    let mut with = simulation(&section("holm", [""; 5])).replicate(4, 0).unwrap();
    let without = simulation("").replicate(4, 0).unwrap();
    assert!(without.hypotheses.is_empty());
    with.hypotheses.clear();
    let text = |replicate: &Replicate| format!("{replicate:?}");
    assert!(text(&with) == text(&without));
}

#[test]
fn hypotheses_that_cannot_share_an_error_are_refused_with_their_line_and_a_remedy() {
    let said = |section: &str| {
        let mut file = library::source("trials/tulip-2.toml");
        let lines = file.text.lines().count();
        file.text = format!("{}\n{section}", file.text);
        let found = Protocol::parse(&file).expect_err("refused");
        assert_eq!(found.code, "T013");
        assert!(!found.help.is_empty());
        let said = found.render(&file.text);
        let line = said
            .split("trials/tulip-2.toml:")
            .nth(1)
            .and_then(|rest| rest.split(':').next());
        let line: usize = line
            .and_then(|line| line.trim().parse().ok())
            .unwrap_or_else(|| panic!("{said}"));
        assert!(line > lines, "{said}");
        said
    };
    let changed = |from: &str, to: &str| {
        let section = section(
            "graph",
            [
                "weight = 1\npasses = { response-high = 0.5, early = 0.5 }",
                "passes = { taper = 1 }",
                "passes = { flares = 1 }",
                "",
                "",
            ],
        );
        assert!(section.contains(from));
        said(&section.replacen(from, to, 1))
    };
    assert!(changed("\"sri-4\"", "\"sri-44\"").contains("does not read endpoint `sri-44`"));
    assert!(changed("week = 24", "week = 25").contains("`sri-4` at week 25"));
    assert!(changed("\"anifrolumab-300\"", "\"placebo\"").contains("no arm `placebo` is compared"));
    assert!(changed("\"ifngs-high\"", "\"nobody\"").contains("no analysis population `nobody`"));
    assert!(changed("weight = 1", "weight = 1.2").contains("make 1.2"));
    assert!(changed("weight = 1", "weight = -1").contains("weight `-1` is no share"));
    assert!(changed("early = 0.5", "early = 0.6").contains("passes on 1.1"));
    assert!(changed("early = 0.5", "early = -0.1").contains("`response` passes on"));
    assert!(changed("taper = 1", "tapir = 1").contains("passed on to `tapir`"));
    assert!(changed("taper = 1", "response-high = 1").contains("passed on to `response-high`"));
    assert!(changed("taper = 1", "early = 1").contains("`taper` can never be tested"));
    assert!(changed("\"flares\"", "\"taper\"").contains("declared twice"));
    assert!(changed("assumed = \"test\"", "").contains("no source"));
    assert!(changed("alpha = 0.05", "alpha = 0.5").contains("no hypothesis can be tested"));
    assert!(changed("\"graph\"", "\"holm\"").contains("`holm` has its own weights"));
    let two_arms = "[[arms]]\nid = \"low\"\nn = 20\n\n";
    let several = said(&(two_arms.to_owned() + &section("holm", [""; 5])));
    assert!(several.contains("not said which `arm`"), "{several}");
}
