//! Who came in, how they fared, and why they failed.

use crate::report::figures::reasons as figure;
use crate::report::view::View;
use crate::report::words::{self, escape};
use crate::summary::{BaselineSummary, FlowSummary, ReasonSummary};

use super::table;

/// Criteria named in the flow chart; more stand in `summary.json`.
const CRITERIA_SHOWN: usize = 6;

/// Bars of the primary endpoint by reason, or of the first endpoint that has reasons.
pub(in crate::report) fn reasons(view: &View<'_>) -> String {
    let has = |id: &&str| view.summary.reasons.iter().any(|r| r.endpoint == **id);
    let Some(endpoint) = view.endpoint_ids().into_iter().find(has) else {
        return String::new();
    };
    let reasons: Vec<&ReasonSummary> = view.summary.reasons.iter().filter(|r| r.endpoint == endpoint).collect();
    let week = reasons.first().map_or(0.0, |r| r.week);
    format!(
        "<p class=\"read\">{} at week {}. Every patient counts once, under the reason that decided.</p>\n\
         <figure class=\"wide\">{}</figure>\n{}",
        escape(&words::endpoint(endpoint)),
        words::week(week),
        figure::figure(view, &reasons),
        reason_table(view, &reasons),
    )
}

fn reason_table(view: &View<'_>, reasons: &[&ReasonSummary]) -> String {
    let arms: Vec<_> = view
        .arms()
        .iter()
        .filter(|arm| reasons.iter().any(|r| r.arm == arm.id))
        .collect();
    let row = |(position, reason): (usize, String)| {
        let words = words::capitalised(&figure::reason_words(&reason, reasons));
        let key = format!("<span class=\"key key-{}\"></span>", figure::shade(position));
        let key = if position == 0 { String::new() } else { key };
        let mut row = vec![format!("{key}{}", escape(&words))];
        row.extend(arms.iter().map(|arm| {
            let percent = reasons
                .iter()
                .find(|r| r.arm == arm.id && r.reason == reason)
                .map_or(0.0, |r| r.percent);
            format!("{} %", words::number(percent, 1))
        }));
        row
    };
    let rows: Vec<_> = figure::order(reasons).into_iter().enumerate().map(row).collect();
    let names: Vec<String> = arms
        .iter()
        .map(|arm| format!("#{}", words::capitalised(&arm.name)))
        .collect();
    let mut headings = vec!["Outcome"];
    headings.extend(names.iter().map(String::as_str));
    table("", &headings, &rows)
}

/// From candidates to the last visit, as a chart of boxes; means over simulated trials.
pub(in crate::report) fn flow(view: &View<'_>) -> String {
    if view.summary.flow.is_empty() {
        return String::new();
    }
    let screening = &view.summary.screening;
    let mut criteria: Vec<&(String, f64)> = screening
        .by_criterion
        .iter()
        .filter(|(_, percent)| *percent > 0.0)
        .collect();
    criteria.sort_by(|a, b| b.1.total_cmp(&a.1));
    let failed: Vec<String> = criteria
        .iter()
        .take(CRITERIA_SHOWN)
        .map(|(name, percent)| {
            let name = escape(&words::capitalised(&words::plain(name)));
            format!(
                "<li><span>{name}</span><span>{} % of visits</span></li>",
                words::number(*percent, 0)
            )
        })
        .collect();
    let failed = if failed.is_empty() {
        String::new()
    } else {
        {
            let head = "<li><span>criterion</span><span>failed at</span></li>";
            format!("<ul class=\"why\">{head}{}</ul>", failed.concat())
        }
    };
    let top = format!(
        "<div class=\"box wide-box\"><b>{}</b> virtual candidates<br><small>{} % refused as implausible</small></div>\
         <div class=\"drop\"></div>\
         <div class=\"box wide-box\"><b>{}</b> screening visits, {} % not eligible{failed}</div><div class=\"drop\"></div>\
         <div class=\"box wide-box\"><b>{}</b> randomised</div><div class=\"drop\"></div>",
        words::count(screening.candidates),
        words::number(screening.filtered_percent, 0),
        words::count(screening.attempts),
        words::number(screening.failed_percent, 0),
        words::count(view.summary.flow.iter().map(|f| f.randomised).sum()),
    );
    let arms: String = view.summary.flow.iter().map(|arm| arm_box(view, arm)).collect();
    format!(
        "<p class=\"read\">Means over simulated trials. A screening visit can fail several criteria; the shares are of all \
         visits and overlap.</p>\n<div class=\"flow\">{top}<div class=\"arms\">{arms}</div></div>\n"
    )
}

fn arm_box(view: &View<'_>, flow: &FlowSummary) -> String {
    let arm = view.arm(&flow.arm);
    let item = |words: &str, value: f64| {
        let percent = 100.0 * value / flow.randomised;
        format!(
            "<li><span>{words}</span><span>{} <small>({} %)</small></span></li>",
            words::number(value, if value < 10.0 { 1 } else { 0 }),
            words::number(percent, 0)
        )
    };
    let failed = if flow.solver_failed > 0.0 {
        item("Not solved", flow.solver_failed)
    } else {
        String::new()
    };
    let event = if flow.dropped_adverse_event > 0.0 {
        item("Left, adverse event", flow.dropped_adverse_event)
    } else {
        String::new()
    };
    format!(
        "<div class=\"box {}\"><b>{}</b> {}<ul>{}{}{event}{}{}{failed}</ul></div>",
        arm.class,
        words::count(flow.randomised),
        escape(&arm.name),
        item("Completed on study drug", flow.completed),
        item("Left, lack of efficacy", flow.dropped_lack_of_efficacy),
        item("Left, other reasons", flow.dropped_administrative),
        item("Used restricted medication", flow.restricted_medication),
    )
}

/// Simulated beside published.
pub(in crate::report) fn baseline(view: &View<'_>) -> String {
    if view.summary.baseline.is_empty() {
        return String::new();
    }
    let row = |b: &BaselineSummary| {
        let unit = if b.unit == "%" {
            String::new()
        } else {
            format!(" <small>{}</small>", escape(&b.unit))
        };
        vec![
            format!("{}{unit}", escape(&b.variable)),
            statistic(b.simulated, b.simulated_sd, &b.unit),
            b.published
                .map_or("–".into(), |value| statistic(value, b.published_sd, &b.unit)),
            dumbbell(b),
        ]
    };
    let rows: Vec<_> = view.summary.baseline.iter().map(row).collect();
    let table = table("", &["Characteristic", "#Simulated", "#Published", "0 – 100 %"], &rows);
    format!(
        "<p class=\"read\">All randomised patients; mean (standard deviation) or percent. Published values are weighted by \
         patients over the arms that state them. In the last column, round: simulated; diamond: published.</p>\n{table}"
    )
}

fn statistic(value: f64, sd: Option<f64>, unit: &str) -> String {
    if unit == "%" {
        return format!("{} %", words::number(value, 0));
    }
    let sd = sd.map_or(String::new(), |sd| {
        format!(" <small>({})</small>", words::number(sd, 1))
    });
    format!("{}{sd}", words::number(value, 1))
}

/// Simulated and published percentage on one short line.
fn dumbbell(baseline: &BaselineSummary) -> String {
    if baseline.unit != "%" {
        return String::new();
    }
    let x = |percent: f64| 6.0 + 1.2 * percent.clamp(0.0, 100.0);
    let published = baseline.published.map_or(String::new(), |value| {
        let x = x(value);
        let (left, right) = (x - 4.5, x + 4.5);
        format!("<polygon class=\"open\" points=\"{x:.1},2.5 {right:.1},7 {x:.1},11.5 {left:.1},7\"/>")
    });
    format!(
        "<svg class=\"inline arm-1\" width=\"132\" height=\"14\" viewBox=\"0 0 132 14\" aria-hidden=\"true\">\
         <line class=\"grid\" x1=\"6\" y1=\"7\" x2=\"126\" y2=\"7\"/><circle class=\"dot\" cx=\"{:.1}\" cy=\"7\" r=\"4.5\"/>\
         {published}</svg>",
        x(baseline.simulated)
    )
}
