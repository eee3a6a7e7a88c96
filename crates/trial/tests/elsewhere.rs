//! Claims about patients from elsewhere: controls that were not randomised, baskets, and regions that differ.

mod library;

use malar_trial::results::{EstimandRow, Replicate};
use malar_trial::{Parts, Protocol, Simulation};

fn parts(edit: impl Fn(String) -> String, patients: u32) -> Parts {
    let mut parts = library::parts("tulip-2", edit);
    parts.protocol = parts.protocol.resized(patients);
    parts
}

fn trial(edit: impl Fn(String) -> String, patients: u32) -> Simulation {
    let parts = parts(edit, patients);
    let text = parts.source.text.clone();
    Simulation::new(parts).unwrap_or_else(|e| panic!("{}", e.iter().map(|d| d.render(&text)).collect::<String>()))
}

fn run(edit: impl Fn(String) -> String, patients: u32) -> Replicate {
    trial(edit, patients).replicate(4, 0).expect("enough candidates")
}

fn with(section: &'static str) -> impl Fn(String) -> String {
    move |text| text.replace("[screening]", &format!("{section}\n\n[screening]"))
}

fn same(text: String) -> String {
    text
}

/// A registry as large as an arm of TULIP-2.
const REGISTRY: &str = "[[arms]]\nid = \"registry\"\nn = 181\nexternal = { trial_effect = 0.0, assumed = \"test\" }";

const BICLA: &str = "[[estimands]]\nid = \"bicla\"\nvariable = { response = \"bicla\" }\nweek = 52\n\
    discontinuation = \"composite\"\nrestricted_medication = \"composite\"\nsummary = \"risk-difference\"\n";

fn visits_of(replicate: &Replicate, arms: &[u16]) -> String {
    let own = replicate.visits.iter().filter(|v| arms.contains(&v.arm));
    format!("{:?}", own.collect::<Vec<_>>())
}

#[test]
fn an_external_control_moves_no_bit_of_the_randomised_arms() {
    let alone = run(same, 120);
    let beside = run(with(REGISTRY), 180);
    assert!(visits_of(&beside, &[0, 1]) == visits_of(&alone, &[0, 1]));
    assert!(format!("{:?}", beside.estimates) == format!("{:?}", alone.estimates));
    assert_eq!(beside.screening, alone.screening);
    assert_eq!(beside.patients.iter().filter(|p| p.arm == 2).count(), 60);
    assert!(beside.patients.iter().enumerate().all(|(k, p)| p.patient == k as u32));
    // They are other people: nobody has the weight of a randomised patient.
    let weight = |arm: u16| {
        beside
            .patients
            .iter()
            .filter(move |p| (p.arm == 2) == (arm == 2))
            .map(|p| p.weight_kg)
    };
    assert!(weight(2).all(|w| weight(0).all(|other| other != w)));
}

fn share(replicate: &Replicate, arm: u16) -> f64 {
    let row = replicate
        .endpoints
        .iter()
        .find(|e| e.arm == arm && e.endpoint == 0 && e.week == 52.0 && e.population == 0);
    row.expect("a row").value
}

#[test]
fn a_registry_without_trial_effect_responds_less_and_its_bias_stands_beside_the_truth() {
    let edit = |text: String| {
        let estimand = format!(
            "{BICLA}control = \"registry\"\ncovariates = [\"sledai_2k\", \"prednisone\"]\nestimators = [\"cmh\", \"odds-weighted\"]\n"
        );
        with(REGISTRY)(text) + "\n" + &estimand
    };
    let trial = trial(edit, 540);
    let replicate = trial.replicate(4, 0).unwrap();
    assert!(
        share(&replicate, 2) < share(&replicate, 0) - 5.0,
        "{} {}",
        share(&replicate, 2),
        share(&replicate, 0)
    );
    let truths = trial.truth(4, 0).unwrap();
    // Placebo against its like: the same therapies in the same patients.
    let of = |arm: u16| truths.iter().find(|t| t.arm == arm).unwrap();
    assert_eq!((of(0).value, of(0).control), (0.0, 2));
    assert!(of(1).value > 5.0);
    let rows: Vec<&EstimandRow> = replicate.estimands.iter().filter(|r| r.arm == 0).collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert!(row.problem.is_empty() && row.estimate > 5.0, "{row:?}");
    }
}

#[test]
fn a_published_rate_is_compared_as_two_counts() {
    let edit = |text: String| {
        let arm = "[[arms]]\nid = \"published\"\nn = 200\nexternal = { published = [{ endpoint = \"bicla\", week = 52, responders = 60 }], assumed = \"test\" }";
        let estimand = format!("{BICLA}control = \"published\"\nestimators = [\"cmh\", \"logistic\"]\n");
        with(arm)(text) + "\n" + &estimand
    };
    let trial = trial(edit, 320);
    let replicate = trial.replicate(4, 0).unwrap();
    assert!(replicate.patients.iter().all(|p| p.arm < 2));
    assert_eq!(share(&replicate, 2), 30.0);
    // Of the rest nothing is known: no row, rather than one of nobody.
    assert_eq!(replicate.endpoints.iter().filter(|e| e.arm == 2).count(), 1);
    let row = |arm: u16, estimator: u16| {
        let rows = replicate.estimands.iter();
        rows.clone().find(|r| r.arm == arm && r.estimator == estimator).unwrap()
    };
    assert!((row(1, 0).estimate - (share(&replicate, 1) - 30.0)).abs() < 1e-9);
    assert!(!row(1, 1).problem.is_empty(), "a regression needs patients");
}

#[test]
fn a_registry_drawn_like_the_trial_differs_from_placebo_by_luck_only() {
    let like = "[[arms]]\nid = \"registry\"\nn = 181\nexternal = { assumed = \"test\" }";
    let trial = trial(with(like), 540);
    let difference = |index: u32| {
        let replicate = trial.replicate(9, index).unwrap();
        share(&replicate, 2) - share(&replicate, 0)
    };
    let differences: Vec<f64> = (0..6).map(difference).collect();
    let mean = differences.iter().sum::<f64>() / 6.0;
    // 180 patients an arm: 5 points of sampling error a trial, and as much of the trial effect between trials; over six
    // trials 3 points, of which three.
    assert!(mean.abs() < 9.0, "{differences:?}");
}

/// What a control from elsewhere says of its patients counts for them, whatever the trial says of its own candidates; under a posterior too.
#[test]
fn a_constant_of_a_registry_is_not_that_of_the_trial() {
    let registry = "[[arms]]\nid = \"registry\"\nn = 181\nexternal = { constants = { referral_severity = -0.8 }, assumed = \"test\" }";
    let trial_says =
        "[candidates]\nconstants = { referral_severity = 0.4, serologic_referral = 1 }\nassumed = \"test\"";
    let registry_says = "[candidates]\nconstants = { serologic_referral = 1 }\nassumed = \"test\"";
    let of_registry = |candidates: &str| {
        let section = format!("{candidates}\n\n{registry}\n\n[screening]");
        let simulation = trial(|text| text.replace("[screening]", &section), 60);
        let laid_over = simulation.with_population(simulation.population().clone());
        let visits = |simulation: &Simulation| visits_of(&simulation.replicate(4, 0).expect("enough candidates"), &[2]);
        (visits(&simulation), visits(&laid_over))
    };
    let (compiled, laid_over) = of_registry(trial_says);
    assert!(compiled == laid_over);
    assert!((compiled, laid_over) == of_registry(registry_says));
}

const BASKET: &str = "[[baskets]]\nid = \"severe\"\nn = 362\ncriteria = [{ id = \"sledai\", holds = \"sledai_2k >= 12\" }]\nassumed = \"test\"\n\n\
    [basket_analysis]\nendpoint = \"bicla\"\nweek = 52\nnull_percent = 30\nmean_scale = 2\nbetween_scale = 0.5\nvague_weight = 0.2\nassumed = \"test\"";

#[test]
fn a_basket_has_its_own_criteria_and_borrowing_draws_it_towards_the_other() {
    let alone = run(same, 120);
    let replicate = run(with(BASKET), 240);
    // The first basket are the trial's own patients.
    let own = |r: &Replicate| format!("{:?}", r.visits.iter().filter(|v| v.patient < 120).collect::<Vec<_>>());
    assert!(own(&replicate) == own(&alone));
    let severe = replicate.patients.iter().filter(|p| p.patient >= 120);
    // Screened at 12 or more; four weeks later at baseline it may be a little less.
    let mean = severe.clone().map(|p| f64::from(p.sledai_2k)).sum::<f64>() / severe.count() as f64;
    assert!(mean > 11.0, "{mean}");
    assert_eq!(replicate.baskets.len(), 4);
    for arm in 0..2u16 {
        let rows: Vec<_> = replicate.baskets.iter().filter(|b| b.arm == arm).collect();
        assert_eq!(
            rows.iter().map(|b| b.n).sum::<u32>() as usize,
            replicate.patients.iter().filter(|p| p.arm == arm).count()
        );
        let gap = |of: fn(&&malar_trial::results::BasketRow) -> f64| (of(&rows[0]) - of(&rows[1])).abs();
        assert!(gap(|b| b.borrowing.percent) < gap(|b| b.alone.percent), "{rows:?}");
        let width = |p: malar_trial::results::Posterior| p.high95 - p.low95;
        assert!(rows.iter().all(|b| width(b.borrowing) < width(b.alone)), "{rows:?}");
    }
}

#[test]
fn a_basket_may_be_of_another_population() {
    let basket =
        "[[baskets]]\nid = \"nephritis\"\nn = 60\npopulation = \"sle-nephritis\"\ncriteria = []\nassumed = \"test\"";
    let trial = trial(with(basket), 160);
    assert_eq!(trial.labels().baskets, ["sle-trial", "nephritis"]);
    let replicate = trial.replicate(4, 0).unwrap();
    let by_basket = |label: &str, arm: u16| {
        let population = trial.labels().populations.iter().position(|p| p == label).unwrap() as u16;
        let row = replicate
            .endpoints
            .iter()
            .find(|e| e.population == population && e.arm == arm && e.endpoint == 0);
        row.unwrap().n
    };
    let total: f64 = (0..2)
        .map(|arm| by_basket("basket-sle-trial", arm) + by_basket("basket-nephritis", arm))
        .sum();
    assert_eq!(total, replicate.patients.len() as f64);
    // Renal disease in all of them: proteinuria or another urine item is usual at baseline.
    let renal = |from: u32, to: u32| {
        let first = replicate
            .visits
            .iter()
            .filter(|v| v.week == 0.0 && (from..to).contains(&v.patient));
        let domain = 7; // renal, of the nine
        first.clone().filter(|v| v.bilag[domain] < b'C').count() as f64 / first.count() as f64
    };
    let n = replicate.patients.len() as u32;
    let own = n - 23; // the basket's share of 160
    assert!(renal(own, n) > renal(0, own), "{} {}", renal(own, n), renal(0, own));
}

const REGIONS: &str = "[[regions]]\nid = \"first\"\nshare = 0.5\nassumed = \"test\"\n\n\
    [[regions]]\nid = \"second\"\nshare = 0.5\ntrial_effect = 0.0\nassumed = \"test\"";

#[test]
fn a_region_without_trial_effect_responds_less_and_one_like_the_others_changes_nothing() {
    let one = "[[regions]]\nid = \"whole\"\nshare = 1.0\nassumed = \"test\"";
    assert!(visits_of(&run(with(one), 120), &[0, 1]) == visits_of(&run(same, 120), &[0, 1]));
    let trial = trial(with(REGIONS), 600);
    let replicate = trial.replicate(4, 0).unwrap();
    let share = |region: &str| {
        let population = trial.labels().populations.iter().position(|p| p == region).unwrap() as u16;
        let rows = replicate
            .endpoints
            .iter()
            .filter(|e| e.population == population && e.endpoint == 0 && e.week == 52.0);
        let (n, count) = rows.fold((0.0, 0.0), |(n, count), row| (n + row.n, count + row.count));
        assert!(n > 100.0, "{n}"); // without the effect fewer are active enough at screening
        100.0 * count / n
    };
    // Every patient's row says where the patient is from, as the population does.
    let regions = &trial.labels().regions;
    assert_eq!(*regions, ["first", "second"]);
    for (k, region) in regions.iter().enumerate() {
        let label = format!("region-{region}");
        let population = trial.labels().populations.iter().position(|p| *p == label).unwrap() as u16;
        let rows = replicate.endpoints.iter();
        let counted = rows
            .filter(|e| e.population == population && e.endpoint == 0 && e.week == 52.0)
            .map(|e| e.n)
            .sum::<f64>();
        let own = replicate.patients.iter().filter(|p| p.region == Some(k as u16)).count();
        assert_eq!(own as f64, counted, "{region}");
    }
    assert!(run(same, 60).patients.iter().all(|p| p.region.is_none()));
    // Some 10 points of response are the trial effect's, of 600 patients.
    assert!(
        share("region-second") < share("region-first"),
        "{} {}",
        share("region-second"),
        share("region-first")
    );
}

#[test]
fn a_region_with_more_severe_disease_fails_screening_for_activity_less_often() {
    let severe = "[[regions]]\nid = \"whole\"\nshare = 1.0\nseverity = 0.5\nassumed = \"test\"";
    let too_quiet = |replicate: &Replicate| {
        let failed = replicate.screening.failed_by_criterion[0]; // SLEDAI-2K of 6 or more
        f64::from(failed) / f64::from(replicate.screening.attempts)
    };
    let (severe, usual) = (too_quiet(&run(with(severe), 120)), too_quiet(&run(same, 120)));
    assert!(severe < 0.8 * usual, "{severe} {usual}");
}

#[test]
fn what_cannot_be_is_refused_with_its_line_and_a_remedy() {
    let said = |section: &str| {
        let mut file = library::source("trials/tulip-2.toml");
        file.text = file.text.replace("[screening]", &format!("{section}\n\n[screening]"));
        let found = Protocol::parse(&file).expect_err("refused");
        assert!(!found.help.is_empty());
        found.render(&file.text)
    };
    let external = |inside: &str| said(&format!("[[arms]]\nid = \"x\"\nn = 10\nexternal = {{ {inside} }}"));
    assert!(external("trial_effect = 1.0").contains("trials/tulip-2.toml:2"));
    assert!(external("trial_effect = -1.0, assumed = \"x\"").contains("`trial_effect`"));
    let counts = "published = [{ endpoint = \"bicla\", week = 52, responders = 11 }], assumed = \"x\"";
    assert!(external(counts).contains("more responders than patients"));
    assert!(external("assumed = \"x\", n = 3").contains("belong to baskets"));
    let late = said("[[arms]]\nid = \"x\"\nn = 10\nexternal = { assumed = \"x\" }\n\n[[arms]]\nid = \"y\"\nn = 10");
    assert!(late.contains("before a randomised arm"), "{late}");
    assert!(said("[[baskets]]\nid = \"b\"\nassumed = \"x\"").contains("no `n`"));
    assert!(said("[[regions]]\nid = \"r\"\nshare = 0.4\nassumed = \"x\"").contains("shares of regions make 0.4"));
    assert!(said("[[regions]]\nid = \"r\"\nshare = 1.0").contains("no source"));
    assert!(said(&BASKET.replace("week = 52", "week = 51")).contains("does not read `bicla` at week 51"));
    assert!(said(&BASKET.replace("null_percent = 30", "null_percent = 0")).contains("out of range"));
    let unknown = parts(
        with("[[baskets]]\nid = \"b\"\nn = 10\nconstants = { nothing = 1 }\nassumed = \"x\""),
        60,
    );
    let found = Simulation::new(unknown).expect_err("refused");
    assert!(found[0].message.contains("no constant `nothing`") && !found[0].help.is_empty());
}
