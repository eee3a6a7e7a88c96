use super::*;
use crate::run::Silent;

fn compared(id: &str, replicates: u32) -> Compared {
    let request = Request {
        comparison: Some(id.into()),
        replicates,
        seed: 3,
        threads: 0,
    };
    let report = subgroups(&Library::embedded(), &request, None, &Silent).expect("the library is sound");
    assert!(page(&report).contains(&report.comparisons[0].name) && figure(&report).ends_with("</svg>\n"));
    report.comparisons.into_iter().next().expect("one was asked for")
}

/// Whom anifrolumab helps follows the level of interferon, not the name of the population: with the same level in everybody the
/// contrast of signature-low patients becomes that of high ones, and with a low level in everybody neither has one.
///
/// 16 trials pool about 1,000 signature-low patients an arm: a contrast of two such arms has a standard error of 2.2 points at most, and the
/// published contrasts are 9 points apart. The two limits below are three standard errors.
#[test]
fn the_interferon_level_makes_the_contrast() {
    let compared = compared("interferon-signature", 16);
    let bicla = &compared.rows[0];
    assert_eq!(bicla.endpoint, "bicla");
    let [high, low] = bicla.sides.each_ref().map(|side| side.difference.mean);
    assert!(high - low > 6.6, "{high} {low}");
    let [all_high, all_low] = [0, 1].map(|k| compared.scenarios[k].differences[0].map(|own| own.mean));
    assert!(
        (all_high[1] - high).abs() < 6.6 && all_high[1] - low > 6.6,
        "{all_high:?}"
    );
    assert!(all_low[0] < 0.5 * high && all_low[1] < 0.5 * high, "{all_low:?}");
}

#[test]
fn a_comparison_nobody_published_is_refused() {
    let mut library = Library::embedded();
    let old = library.get(FILE).expect("in the library").clone();
    let text = old.text.replacen("week = 52 }", "week = 51 }", 1);
    let source = Source { text, ..old };
    library.insert(FILE, source.clone());
    let found = check(&library, &source);
    assert!(
        found.len() == 1 && found[0].diagnostic.message.contains("week 51"),
        "{found:?}"
    );
}

#[test]
fn an_unknown_comparison_names_the_known_ones() {
    let request = Request {
        comparison: Some("x".into()),
        replicates: 1,
        seed: 1,
        threads: 1,
    };
    let wrong = subgroups(&Library::embedded(), &request, None, &Silent).expect_err("there is no x");
    assert!(wrong.to_string().contains("x"), "{wrong}");
}

#[test]
fn a_scenario_of_a_number_that_no_trial_has_is_underlined() {
    let mut library = Library::embedded();
    let old = library.get(FILE).expect("in the library").clone();
    let text = old
        .text
        .replacen("BAFF_dependence_serology\" = 0.0", "BAFF_dependance\" = 0.0", 1);
    assert_ne!(text, old.text);
    let source = Source { text, ..old };
    library.insert(FILE, source.clone());
    let found = check(&library, &source);
    assert!(
        !found.is_empty() && found.iter().all(|f| f.diagnostic.message.contains("BAFF_dependance")),
        "{found:?}"
    );
    let underlined = &source.text[found[0].diagnostic.span.clone()];
    assert!(underlined.starts_with("{ \"BAFF_dependance\""), "{underlined}");
}
