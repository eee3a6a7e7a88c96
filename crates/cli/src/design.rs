//! The verb `design`.

use malar_workbench::catalog::Library;
use malar_workbench::design::{Calendar, Choice, Report, evaluate};
use malar_workbench::posterior::Posterior;
use malar_workbench::report::NOTE;
use malar_workbench::run::Progress;
use malar_workbench::store::to_json;
use malar_workbench::study::{Request, prepare_design};

use crate::arguments::DesignArguments;
use crate::progress::Bar;
use crate::tables::aligned;
use crate::verbs::{Result, print, unfinished, wrong};

/// Simulates patients once, draws trials from them and prints the design's operating characteristics.
pub(crate) fn design(arguments: &DesignArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    let request = Request {
        study: arguments.study.clone(),
        replicates: arguments.replicates,
        patients: None,
        seed: arguments.seed,
    };
    let posterior = arguments.posterior.as_ref().map(|name| Posterior::open(&library, name));
    let posterior = posterior.transpose().map_err(wrong)?;
    let (prepared, design, source) = prepare_design(&library, &request, posterior.as_ref()).map_err(wrong)?;
    let (bar, total) = (Bar::new("trials"), prepared.manifest.replicates);
    bar.update(0, total);
    let report = evaluate(&prepared, (&design, &source), arguments.threads, &|done| {
        bar.update(done, total)
    });
    let report = report.map_err(unfinished)?;
    if arguments.json {
        print(&to_json(&report))
    } else {
        print(&words(&report))
    }
}

fn words(report: &Report) -> String {
    let (treated, control) = report.pool_percent;
    format!(
        "{}\n\n{}: {}, {}; pool of {} and {} virtual patients, {treated:.1} and {control:.1} % respond{}\n\n{}\n{}\n{}\
         {} trials drawn for each size, with and without effect, in {:.1} s; ± Monte-Carlo standard error\n{NOTE}\n",
        report.question,
        report.trial,
        report.endpoint,
        report.comparison,
        report.pool_patients.0,
        report.pool_patients.1,
        doubt(report),
        if report.adaptive.is_empty() {
            bounds(report)
        } else {
            String::new()
        },
        if report.adaptive.is_empty() {
            characteristics(report)
        } else {
            adaptive(report)
        },
        calendars(report),
        report.trials,
        report.seconds,
    )
}

/// How sure the effect is, with a posterior.
fn doubt(report: &Report) -> String {
    let both = report.posterior.as_ref().zip(report.effect);
    both.map_or(String::new(), |(posterior, effect)| {
        format!(
            ";\nover posterior `{posterior}` and between trials the true difference is {:+.1} points with a standard deviation of {:.1}",
            effect.mean, effect.sd
        )
    })
}

fn bounds(report: &Report) -> String {
    let mut rows = vec![
        ["look", "information", "win at z", "one-sided p", "give up below z"]
            .map(str::to_string)
            .to_vec(),
    ];
    let b = &report.boundaries;
    for k in 0..b.looks.len() {
        rows.push(vec![
            format!("{}", k + 1),
            format!("{}", b.looks[k]),
            format!("{:.4}", b.upper[k]),
            format!("{:.5}", b.nominal_p[k]),
            b.lower.get(k).map_or("–".into(), |z| format!("{z:.4}")),
        ]);
    }
    aligned(&rows, &[0, 1, 2, 3, 4])
}

fn characteristics(report: &Report) -> String {
    let head = [
        "patients",
        "power",
        "",
        "assurance",
        "",
        "one look",
        "type-I error",
        "",
        "wins by look",
        "lost by look",
        "expected patients",
        "without effect",
        "mean estimate",
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for size in &report.sizes {
        let percent = |x: f64| format!("{:.1}", 100.0 * x);
        let by_look = |of: &dyn Fn(&malar_workbench::design::Look) -> f64| {
            size.looks
                .iter()
                .map(|look| percent(of(look)))
                .collect::<Vec<_>>()
                .join(" ")
        };
        rows.push(vec![
            format!("{}", size.patients),
            format!("{} %", percent(size.power)),
            format!("±{}", percent(size.power_se)),
            size.assurance
                .map_or(String::new(), |own| format!("{} %", percent(own.power))),
            (size.assurance.and_then(|own| own.standard_error)).map_or(String::new(), |se| format!("±{}", percent(se))),
            format!("{} %", percent(size.power_single_look)),
            format!("{:.2} %", 100.0 * size.type_one_error),
            format!("±{:.2}", 100.0 * size.type_one_error_se),
            by_look(&|look| look.wins),
            by_look(&|look| look.gives_up),
            format!("{:.0}", size.expected_patients),
            format!("{:.0}", size.expected_patients_null),
            format!("{:+.1}", size.mean_estimate),
        ]);
    }
    if report.posterior.is_none() {
        rows.iter_mut().for_each(|row| drop(row.drain(3..5)));
    }
    aligned(&rows, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
}

/// What an adaptive design does, and what it chooses.
fn adaptive(report: &Report) -> String {
    let head = [
        "patients",
        "power",
        "",
        "unadapted",
        "type-I error",
        "",
        "expected patients",
        "without effect",
        "conditional, predictive power at the look",
        "chosen (without effect)",
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for size in &report.adaptive {
        let percent = |x: f64| format!("{:.1}", 100.0 * x);
        let choice = |c: &Choice| format!("{} {} % ({} %)", c.what, percent(c.share), percent(c.share_null));
        rows.push(vec![
            format!("{}", size.patients),
            format!("{} %", percent(size.power)),
            format!("±{}", percent(size.power_se)),
            format!("{} %", percent(size.power_unadapted)),
            format!("{:.2} %", 100.0 * size.type_one_error),
            format!("±{:.2}", 100.0 * size.type_one_error_se),
            format!("{:.0}", size.expected_patients),
            format!("{:.0}", size.expected_patients_null),
            format!(
                "{} %, {} %",
                percent(size.interim.conditional_power),
                percent(size.interim.predictive_power)
            ),
            size.choices.iter().map(choice).collect::<Vec<_>>().join(", "),
        ]);
    }
    aligned(&rows, &[0, 1, 2, 3, 4, 5, 6, 7])
}

/// When looks are held and trials stop; nothing if the design does not say how patients come.
fn calendars(report: &Report) -> String {
    let head = [
        "patients",
        "look: week (enrolled)",
        "all enrolled",
        "stops in week",
        "enrolled by then",
        "without effect",
        "",
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    let row = |patients: u32, c: &Calendar| {
        let look = |&(week, enrolled): &(f64, f64)| format!("{week:.0} ({enrolled:.0})");
        let numbers = [c.full_week, c.stop_week, c.enrolled, c.stop_week_null, c.enrolled_null];
        let looks: Vec<String> = c.looks.iter().map(look).collect();
        let mut row = vec![format!("{patients}"), looks.join(", ")];
        row.extend(numbers.map(|x| format!("{x:.0}")));
        row
    };
    rows.extend(
        report
            .sizes
            .iter()
            .filter_map(|s| s.calendar.as_ref().map(|c| row(s.patients, c))),
    );
    match rows.len() {
        1 => String::new(),
        _ => format!("{}\n", aligned(&rows, &[0, 1, 2, 3, 4, 5, 6])),
    }
}
