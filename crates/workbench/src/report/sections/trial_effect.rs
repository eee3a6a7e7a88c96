//! The trial's own share in the responses.

use crate::report::view::View;
use crate::report::words::{self, escape};
use crate::summary::TrialEffectSummary;

use super::table;

/// Responses at the last week of each endpoint, with the fading trial effect and, in the same patients, without.
pub(in crate::report) fn html(view: &View<'_>) -> String {
    let all = &view.summary.trial_effect;
    let last = |row: &&TrialEffectSummary| {
        row.unit == "percent"
            && all
                .iter()
                .all(|other| other.endpoint != row.endpoint || other.week <= row.week)
    };
    let rows: Vec<&TrialEffectSummary> = all.iter().filter(last).collect();
    let Some(first) = rows.first() else {
        return String::new();
    };
    let cells = |row: &&TrialEffectSummary| {
        vec![
            escape(&words::endpoint(&row.endpoint)),
            escape(&words::capitalised(&view.arm(&row.arm).name)),
            format!("{} %", words::number(row.with, 1)),
            format!("{} %", words::number(row.without, 1)),
            format!("{} points", words::signed(row.with - row.without, 1)),
        ]
    };
    let cells: Vec<_> = rows.iter().map(cells).collect();
    format!(
        "<p class=\"read\">Being in a trial changes scores by itself: entry scores run high, care is closer, hopes are raised. The \
         population carries this as one offset that fades after baseline, the same for every arm. {} of the simulated trials were \
         run again with an offset that does not fade, same patients, same luck; what is lost is the trial's own share.</p>\n{}",
        first.replicates,
        table(
            "",
            &["Endpoint", "Arm", "#As simulated", "#Without fading", "#Trial's share"],
            &cells
        ),
    )
}
