//! Placebo arms of the library: small runs of what `malar placebo` does.

use malar_workbench::catalog::{Kind, Library};
use malar_workbench::placebo::{Report, Request, figure, page, placebo};
use malar_workbench::posterior::Posterior;
use malar_workbench::run::Silent;
use malar_workbench::run::Unfinished;

fn request(threads: usize) -> Request {
    Request {
        population: "sle-trial".into(),
        replicates: 4,
        seed: 7,
        threads,
    }
}

fn report(threads: usize, posterior: Option<&Posterior>) -> Report {
    placebo(&Library::embedded(), &request(threads), posterior, &Silent).expect("the library's own population")
}

#[test]
fn sources_of_the_placebo_response_do_what_their_names_say() {
    let library = Library::embedded();
    let posterior = Posterior::open(&library, "sle-trial").expect("in the library");
    let found = report(1, Some(&posterior));
    assert_eq!(found, report(2, Some(&posterior)), "threads change nothing");

    let late = |says: &str| {
        let row = found.switched.iter().find(|row| row.without.contains(says));
        let row = row.unwrap_or_else(|| panic!("no switch `{says}`"));
        row.effects.iter().map(|effect| effect.late).collect::<Vec<f64>>()
    };
    let as_it_is = late("as it is");
    // Four trials of 184 patients: standard errors of a difference below 4 points. The claims are about a third of the response and more.
    for (k, base) in as_it_is.iter().enumerate() {
        assert!(late("never fading")[k] < base - 12.0, "{:?}", late("never fading"));
        assert!(late("gone from the start")[k] < base - 8.0);
        assert!(late("nobody leaves")[k] > base + 8.0);
    }
    for curve in &found.curves {
        let responding: Vec<f64> = curve.points.iter().map(|(_, _, percent)| *percent).collect();
        assert!(responding.first() < responding.last(), "{responding:?}");
        assert!(curve.sd > 0.5 && curve.sd < 10.0, "{}", curve.sd);
    }
    for own in &found.keeping {
        assert!((own.both + own.lost + own.gained + own.neither - 100.0).abs() < 1e-9);
        assert!(own.every <= own.both && own.kept <= own.kept_late && own.lost_by.len() > 1);
    }
    assert!(
        found.keeping[2].early >= found.keeping[1].early,
        "a BICLA response is a BILAG response"
    );

    let page = page(&found, Some("placebo.svg"));
    for heading in [
        "Response over time",
        "keep their response",
        "hangs on",
        "Between trials",
        "tell the trial effect",
    ] {
        assert!(page.contains(heading), "{heading}");
    }
    assert!(page.contains("| tulip-1 | BICLA | 12 | 27.5 (184) |") && page.contains("14.3 (8.6 to 19.9)"));
    assert!(figure(&found).ends_with("</svg>\n") && !figure(&found).contains("NaN"));
}

/// The trial effect is the population's, or smaller by the one share of serologic referral. A protocol may say that its candidates are of
/// that referral, or that one of its shifts does not hold for them; it cannot give a shift another size.
#[test]
fn no_protocol_has_a_trial_effect_of_its_own() {
    for (path, source) in Library::embedded().list(Kind::Trials) {
        let table: toml::Table = source.text.parse().expect("a good protocol");
        let constants = table.get("candidates").and_then(|own| own.get("constants"));
        for (name, value) in constants.and_then(toml::Value::as_table).into_iter().flatten() {
            let value = value.as_float().or(value.as_integer().map(|n| n as f64));
            let is_shared = match name.as_str() {
                "serologic_referral" => value == Some(1.0),
                "referral_effect" | "referral_severity" => value == Some(0.0),
                "follow_up_loss" => true,
                _ => false,
            };
            assert!(is_shared, "{path}: `{name}` = {value:?}");
        }
    }
}

#[test]
fn what_cannot_be_asked_is_refused_with_a_remedy() {
    let library = Library::embedded();
    let refused = |request: Request| match placebo(&library, &request, None, &Silent) {
        Err(Unfinished::Input(reason)) => reason.to_string(),
        other => panic!("{other:?}"),
    };
    let one = refused(Request {
        replicates: 1,
        ..request(1)
    });
    assert!(one.contains("replicates") && one.contains("2 or more"), "{one}");
    let unknown = refused(Request {
        population: "sle-trail".into(),
        ..request(1)
    });
    assert!(
        unknown.contains("sle-trail") && unknown.contains("sle-trial"),
        "{unknown}"
    );
    let nephritis = refused(Request {
        population: "sle-nephritis".into(),
        ..request(1)
    });
    assert!(
        nephritis.contains("sle-nephritis") && nephritis.contains("weeks 12 and 52"),
        "{nephritis}"
    );
}
