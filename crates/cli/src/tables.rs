//! Tables in plain text.

use malar_workbench::summary::{EndpointSummary, Status, Summary};

/// Columns padded to their widest cell, two spaces between them; the first is flush left, `right` columns flush right.
pub(crate) fn aligned(rows: &[Vec<String>], right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.chars().count());
            let cell = if right.contains(&column) {
                format!("{pad}{cell}")
            } else {
                format!("{cell}{pad}")
            };
            line += &cell;
            line += "  ";
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Simulated against published, everybody, at the last week of each endpoint.
pub(crate) fn results(summary: &Summary) -> String {
    let mut rows = vec![cells([
        "endpoint",
        "week",
        "arm",
        "simulated",
        "90 % of trials",
        "published",
        "",
    ])];
    for rate in summary.endpoints.iter().filter(|rate| is_shown(rate, summary)) {
        let number = |value: f64| {
            if rate.unit == "percent" {
                format!("{value:.1}")
            } else {
                format!("{value:.2}")
            }
        };
        let published = rate.published.map_or("–".to_string(), number);
        let status = match rate.status {
            Status::Fitted => "fitted",
            Status::Predicted if summary.calibrated_on_shared_patients.is_empty() => "predicted",
            Status::Predicted => "predicted (shares patients with a fitted trial)",
            Status::None => "",
        };
        let range = format!("{} to {}", number(rate.low90), number(rate.high90));
        let week = format!("{}", rate.week);
        rows.push(cells([
            &rate.endpoint,
            &week,
            &rate.arm,
            &number(rate.mean),
            &range,
            &published,
            status,
        ]));
    }
    aligned(&rows, &[1, 3, 4, 5])
}

/// Differences at the last week, everybody, with power.
pub(crate) fn contrasts(summary: &Summary) -> String {
    let last = |endpoint: &str| last_week(endpoint, summary);
    let shown = summary
        .contrasts
        .iter()
        .filter(|c| c.population == "all" && c.week.to_bits() == last(&c.endpoint).to_bits());
    let mut rows = vec![cells([
        "endpoint",
        "week",
        "comparison",
        "difference",
        "90 % of trials",
        "published",
        "power",
    ])];
    for c in shown {
        let number = |value: f64| {
            if c.unit == "percentage points" {
                format!("{value:+.1}")
            } else {
                format!("{value:+.2}")
            }
        };
        let published = c.published.map_or("–".to_string(), number);
        rows.push(cells([
            &c.endpoint,
            &format!("{}", c.week),
            &format!("{} - {}", c.arm, c.control),
            &number(c.difference),
            &format!("{} to {}", number(c.low90), number(c.high90)),
            &published,
            &format!("{:.0} %", 100.0 * c.power),
        ]));
    }
    if rows.len() == 1 {
        String::new()
    } else {
        aligned(&rows, &[1, 3, 4, 5, 6])
    }
}

/// Hypotheses that share one error, with their power alone and together; empty without them.
pub(crate) fn multiplicity(summary: &Summary) -> String {
    let Some(all) = &summary.multiplicity else {
        return String::new();
    };
    let percent = |x: f64| format!("{:.0} %", 100.0 * x);
    let error = |x: f64| format!("±{:.1}", 100.0 * x);
    let head = ["hypothesis", "tested", "share", "power alone", "", "power adjusted", ""];
    let mut rows = vec![cells(head)];
    for h in &all.hypotheses {
        let tested = format!(
            "{}, week {}, {}, {} - {}",
            h.endpoint, h.week, h.population, h.arm, h.control
        );
        rows.push(cells([
            &h.hypothesis,
            &tested,
            &format!("{:.2}", h.weight),
            &percent(h.alone.power),
            &error(h.alone.power_se),
            &percent(h.adjusted.power),
            &error(h.adjusted.power_se),
        ]));
    }
    for (name, share) in [("at least one", all.any), ("all", all.all)] {
        let power = (percent(share.power), error(share.power_se));
        rows.push(cells([name, "", "", "", "", &power.0, &power.1]));
    }
    let note = format!(
        "{}, one-sided error {}; ± Monte-Carlo standard error",
        all.procedure, all.alpha
    );
    format!("\n{}{note}\n", aligned(&rows, &[2, 3, 4, 5, 6]))
}

/// Percent of each arm without an event yet, year by year; empty if the protocol asks for no curves.
pub(crate) fn survival(summary: &Summary) -> String {
    let all = &summary.survival;
    if all.is_empty() {
        return String::new();
    }
    let year = 365.25 / 7.0;
    let end = all
        .iter()
        .flat_map(|row| row.weeks.last())
        .fold(0.0, |a: f64, b| a.max(*b));
    let years: Vec<f64> = (1..=10).map(f64::from).filter(|n| n * year <= end + 1.0).collect();
    let mut head = cells(["percent without event", "arm"]);
    head.extend(years.iter().map(|n| format!("year {n}")));
    let mut rows = vec![head];
    for row in all {
        let mut line = cells([&row.curve, &row.arm]);
        line.extend(years.iter().map(|n| {
            let at = row.weeks.partition_point(|week| *week <= n * year + 1.0);
            at.checked_sub(1)
                .map_or("–".to_string(), |at| format!("{:.0}", row.percent[at]))
        }));
        rows.push(line);
    }
    let right: Vec<usize> = (2..2 + years.len()).collect();
    aligned(&rows, &right)
}

/// Every estimand with its truth, then what its estimators make of it; empty without estimands.
pub(crate) fn estimands(summary: &Summary) -> String {
    if summary.estimands.is_empty() {
        return String::new();
    }
    let mut rows = vec![cells([
        "estimand",
        "estimator",
        "truth",
        "estimate",
        "bias",
        "±SE",
        "coverage",
        "p<0.05",
        "missing",
    ])];
    for estimand in &summary.estimands {
        let back = |x: f64| if estimand.is_ratio { x.exp() } else { x };
        let number = |x: Option<f64>| x.map_or("–".to_string(), |x| format!("{x:.2}"));
        let percent = |x: Option<f64>| x.map_or("–".to_string(), |x| format!("{:.0} %", 100.0 * x));
        for estimator in &estimand.estimators {
            rows.push(cells([
                &estimand.estimand,
                &estimator.estimator,
                &number(Some(back(estimand.truth))),
                &number(estimator.estimate.map(back)),
                &estimator.bias.map_or("–".to_string(), |bias| format!("{bias:+.2}")),
                &number(estimator.bias_se),
                &percent(estimator.coverage),
                &percent(estimator.significant),
                &format!("{:.0}", estimator.missing),
            ]));
        }
    }
    let note = "bias of ratios on the natural logarithm; coverage of 95 % intervals";
    format!("\n{}{note}\n", aligned(&rows, &[2, 3, 4, 5, 6, 7, 8]))
}

/// Share of patients with each adverse event and events per 100 patient-years, arms side by side; empty without safety.
pub(crate) fn events(summary: &Summary) -> String {
    let all = &summary.safety;
    let mut ids: Vec<&str> = Vec::new();
    for row in all.iter().filter(|row| row.percent > 0.0) {
        if !ids.contains(&row.event.as_str()) {
            ids.push(&row.event);
        }
    }
    if ids.is_empty() {
        return String::new();
    }
    let mut rows = vec![cells([
        "adverse event",
        "arm",
        "patients",
        "90 % of trials",
        "grade 3+",
        "per 100 years",
        "published",
    ])];
    for id in ids {
        for row in all.iter().filter(|row| row.event == id) {
            rows.push(cells([
                id,
                &row.arm,
                &format!("{:.1}", row.percent),
                &format!("{:.1} to {:.1}", row.low90, row.high90),
                &format!("{:.1}", row.severe_percent),
                &format!("{:.1}", row.per_100_years),
                &row.published.map_or("–".to_string(), |value| format!("{value:.1}")),
            ]));
        }
    }
    aligned(&rows, &[2, 3, 4, 5, 6])
}

fn is_shown(rate: &EndpointSummary, summary: &Summary) -> bool {
    rate.population == "all" && rate.week.to_bits() == last_week(&rate.endpoint, summary).to_bits()
}

/// The week that decides the primary endpoint; the last of any other.
fn last_week(endpoint: &str, summary: &Summary) -> f64 {
    let is_primary = summary.primary_endpoint.as_deref() == Some(endpoint);
    if let Some(week) = summary.primary_week.filter(|_| is_primary) {
        return week;
    }
    summary
        .endpoints
        .iter()
        .filter(|rate| rate.endpoint == endpoint)
        .map(|rate| rate.week)
        .fold(0.0, f64::max)
}

fn cells<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_string).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [cells(["arm", "mean"]), cells(["placebo", "31.4"])];
        assert_eq!(aligned(&rows, &[1]), "arm      mean\nplacebo  31.4\n");
    }
}
