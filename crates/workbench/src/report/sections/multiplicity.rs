//! Hypotheses that share one error: who gives to whom, and how often each is rejected.

use crate::report::figures;
use crate::report::view::View;
use crate::report::words::{self, escape};
use crate::summary::{HypothesisSummary, MultiplicitySummary, ShareSummary};

use super::table;

/// The section; empty without hypotheses.
pub(in crate::report) fn html(view: &View<'_>) -> String {
    let Some(all) = &view.summary.multiplicity else {
        return String::new();
    };
    let rows: Vec<Vec<String>> = (all.hypotheses.iter().enumerate())
        .map(|(k, h)| cells(view, k, h))
        .collect();
    let headings = ["Hypothesis", "#Share of alpha", "#Power alone", "#Power adjusted"];
    format!(
        "{}<figure class=\"wide\">{}</figure>\n{}{}",
        intro(all),
        figures::multiplicity::figure(all),
        together(all),
        table("", &headings, &rows)
    )
}

fn intro(all: &MultiplicitySummary) -> String {
    let procedure = match all.procedure.as_str() {
        "holm" => "by Holm’s procedure: equal shares, passed on equally",
        "fixed-sequence" => "in a fixed sequence: each is tested if all before it were rejected",
        _ => "by a graph: each has a share of alpha, and passes it on along the arrows once it is rejected",
    };
    format!(
        "<p class=\"read\">{} hypotheses share a one-sided error of {} {procedure} (Bretz et al. 2009). P values are those of the \
         trial’s own analysis, on the side of benefit. Power alone is the share of simulated trials that would reject the hypothesis \
         at the whole alpha, were it the only one.</p>\n",
        all.hypotheses.len(),
        all.alpha,
    )
}

fn cells(view: &View<'_>, k: usize, h: &HypothesisSummary) -> Vec<String> {
    let population = match words::population(&h.population) {
        everybody if everybody.is_empty() => "everybody".to_owned(),
        population => population,
    };
    vec![
        format!(
            "{} {}<br><small>{}, week {}, {}, {} against {}</small>",
            k + 1,
            escape(&words::capitalised(&words::plain(&h.hypothesis))),
            escape(&words::endpoint(&h.endpoint)),
            words::week(h.week),
            escape(&population),
            escape(&view.arm(&h.arm).name),
            escape(&view.arm(&h.control).name),
        ),
        words::share(h.weight),
        percent(h.alone),
        percent(h.adjusted),
    ]
}

fn together(all: &MultiplicitySummary) -> String {
    format!(
        "<p class=\"read\">At least one hypothesis is rejected in {} of {} simulated trials (disjunctive power), all of them in {} \
         (conjunctive power). ± Monte-Carlo standard error.</p>\n",
        percent(all.any),
        words::count(f64::from(all.replicates)),
        percent(all.all)
    )
}

fn percent(share: ShareSummary) -> String {
    format!(
        "{} % <small>±{}</small>",
        words::number(100.0 * share.power, 0),
        words::number(100.0 * share.power_se, 1)
    )
}
