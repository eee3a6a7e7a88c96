//! What moves a result, as a page: a drawing and a table per result, then what was moved and how.

use super::NOTE;
use super::figures::sensitivity::{figure, short};
use super::page::{Page, Section};
use super::sections::{details, table};
use super::words::{self, escape, number, signed};
use crate::sensitivity::{LUCK, Measure, Method, Row, Sensitivity, TargetResult};

/// The page.
pub fn html(all: &Sensitivity) -> String {
    const ANCHORS: [&str; 6] = ["result", "result-2", "result-3", "result-4", "result-5", "result-6"];
    let section = |anchor, heading, body| Section { anchor, heading, body };
    let headings: Vec<String> = all
        .targets
        .iter()
        .map(|t| words::capitalised(&words::result(&t.target)))
        .collect();
    let results = all
        .targets
        .iter()
        .zip(&headings)
        .enumerate()
        .map(|(k, (target, heading))| {
            // More results than anchors share the last one: links then lead to the first of them.
            section(ANCHORS[k.min(ANCHORS.len() - 1)], heading.as_str(), result(all, target))
        });
    let mut sections: Vec<Section<'_>> = results.collect();
    sections.push(section("moved", "What was moved", moved(all)));
    sections.push(section("method", "How it was done", method(all)));
    let page = Page {
        title: format!("{} — what moves the result", all.name),
        top: top(all),
        sections: &sections,
        foot: format!("{NOTE} Made by Malar {}; seed {}.", escape(&all.version), all.seed),
    };
    page.html()
}

/// The drawing of one result as a file of its own.
pub fn svg(all: &Sensitivity, target: &TargetResult) -> String {
    figure(all, target)
}

fn top(all: &Sensitivity) -> String {
    let variant = all.variant.as_ref().map_or(String::new(), |id| {
        format!(", structural alternative <em>{}</em>", escape(id))
    });
    let over = all.posterior.as_ref().map_or(String::new(), |id| {
        format!(" over the posterior <em>{}</em>", escape(id))
    });
    format!(
        "<p class=\"kicker\">Malar · sensitivity</p><h1>What moves the result of {}</h1>\
         <p class=\"standfirst\">{} simulated trials of {} virtual patients, {} numbers moved{over}{variant}.</p>",
        escape(&all.name),
        words::count(f64::from(all.trials)),
        all.patients,
        all.factors.iter().filter(|f| f.name != LUCK).count(),
    )
}

fn result(all: &Sensitivity, target: &TargetResult) -> String {
    let (headings, read) = words_of(all.method);
    let decimals = words::decimals(&target.unit) + 1;
    let rows: Vec<Vec<String>> = target.rows.iter().map(|row| line(row, decimals)).collect();
    let caption = format!("{}, unit of the result: {}", target.target, target.unit);
    let full = table(&caption, headings, &rows);
    let full = if rows.len() > 20 {
        details(&format!("All {} rows", rows.len()), &full)
    } else {
        full
    };
    format!(
        "<figure class=\"wide long\">{}</figure>\n<p class=\"read\">{read}</p>\n{full}",
        figure(all, target)
    )
}

/// Headings of a method's table, and how to read it.
fn words_of(method: Method) -> (&'static [&'static str], &'static str) {
    match method {
        Method::Morris => (
            &["number", "#µ*", "#90 % interval", "#µ", "#σ"],
            "Each number walks its range while the others stand at random places. µ* is the mean absolute change of the result over the \
             whole range, µ keeps its sign, σ is how much the change differs from place to place. Luck is the change from other virtual \
             patients alone: what lies near it is not told apart from chance.",
        ),
        Method::Sobol => (
            &["number", "#alone", "#90 % interval", "#with others", "#90 % interval"],
            "Share of the result's variance over all ranges together that a number explains alone, and with everything it acts together \
             with. Luck is the share of other virtual patients. Small shares may come out slightly negative.",
        ),
        Method::Prcc => (
            &["number", "#correlation", "#90 % interval", "#p"],
            "How steadily the result rises or falls with a number when the others are held, from −1 to 1, on ranks.",
        ),
        Method::Tornado => (
            &[
                "number",
                "#at the lower end",
                "#at the upper end",
                "#swing",
                "#90 % interval",
            ],
            "Each number alone at both ends of its range, everything else as it stands. The same virtual patients in every bar; the \
             interval of the swing is what is left of chance.",
        ),
    }
}

/// Cells of a row after its name, for pages and for terminals.
pub fn cells(measure: &Measure, decimals: usize) -> Vec<String> {
    let pair = |low: f64, high: f64, decimals| format!("{} to {}", number(low, decimals), number(high, decimals));
    match *measure {
        Measure::Morris {
            mean,
            mean_absolute,
            low,
            high,
            deviation,
        } => vec![
            number(mean_absolute, decimals),
            pair(low, high, decimals),
            signed(mean, decimals),
            number(deviation, decimals),
        ],
        Measure::Sobol {
            first,
            first_low,
            first_high,
            total,
            total_low,
            total_high,
        } => vec![
            number(first, 2),
            pair(first_low, first_high, 2),
            number(total, 2),
            pair(total_low, total_high, 2),
        ],
        Measure::Prcc {
            correlation,
            low,
            high,
            p_value,
        } => vec![
            signed(correlation, 2),
            pair(low, high, 2),
            if p_value < 0.001 {
                "< 0.001".to_owned()
            } else {
                number(p_value, 3)
            },
        ],
        Measure::Tornado {
            at_low,
            at_high,
            swing,
            low,
            high,
        } => vec![
            signed(at_low, decimals),
            signed(at_high, decimals),
            signed(swing, decimals),
            pair(low, high, decimals),
        ],
    }
}

fn line(row: &Row, decimals: usize) -> Vec<String> {
    std::iter::once(escape(&row.factor))
        .chain(cells(&row.measure, decimals))
        .collect()
}

fn moved(all: &Sensitivity) -> String {
    let row = |f: &crate::sensitivity::Factor| {
        let scale = if f.log { "logarithm" } else { "" };
        vec![
            escape(&f.name),
            short(f.value),
            short(f.low),
            short(f.high),
            escape(&f.unit),
            scale.to_owned(),
            escape(&f.range),
        ]
    };
    let rows: Vec<_> = all.factors.iter().filter(|f| f.name != LUCK).map(row).collect();
    let headings = ["number", "#value", "#from", "#to", "unit", "even on", "range from"];
    let full = table(
        "Numbers, their values in the data files and their ranges",
        &headings,
        &rows,
    );
    if rows.len() > 20 {
        details(&format!("All {} numbers", rows.len()), &full)
    } else {
        full
    }
}

fn method(all: &Sensitivity) -> String {
    let sources = match all.method {
        Method::Morris => "Morris 1991; Campolongo, Cariboni & Saltelli 2007; four levels",
        Method::Sobol => {
            "Saltelli 2002 on a scrambled Sobol sequence (Joe & Kuo 2008; Owen 1995); Saltelli et al. 2010 and Jansen 1999; bootstrap"
        }
        Method::Prcc if all.posterior.is_some() => {
            "Marino et al. 2008 on members of the posterior; Fisher's z intervals"
        }
        Method::Prcc => "Marino et al. 2008 on a scrambled Sobol sequence; Fisher's z intervals",
        Method::Tornado => "paired simulated trials, Student's t intervals",
    };
    format!(
        "<dl class=\"facts\"><dt>method</dt><dd>{sources}</dd><dt>size</dt><dd>{} {}</dd><dt>luck</dt><dd>{}</dd></dl>\n\
         <pre><code>{}</code></pre>\n",
        all.size,
        all.method.counts(),
        match (&all.posterior, all.method) {
            (Some(_), Method::Prcc) => "every simulated trial has patients of its own",
            _ => "every simulated trial starts from the same seed unless luck itself moves",
        },
        escape(&all.command),
    )
}
