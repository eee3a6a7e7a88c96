//! Why placebo arms respond: whether responses last, what they hang on, what makes trials differ, what data can tell.

use std::fmt::Write as _;

use super::name;
use crate::placebo::{Between, EARLY, ENDPOINTS, Identified, Keeping, LATE, Report, Switched, Together};

pub(super) fn keeping(report: &Report) -> String {
    let mut text = format!(
        "\n## Do responders keep their response?\n\nPlacebo arm of {}, visits every four weeks; a patient who left or needed restricted medication does not respond. Percent of all patients, and of \
         those who respond at week {EARLY}. *BILAG response*: every BILAG A or B of baseline improved and nothing new, whatever SLEDAI and PGA do; what the published analysis \
         called so is not defined in the evidence, and which visits it read is not said.\n\n\
         | response | week {EARLY} | week {LATE} | both | {EARLY} only | {LATE} only | neither | every visit | of week-{EARLY} responders: every visit | at week {LATE} |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        report.reference_name
    );
    for own in &report.keeping {
        let numbers = [
            own.early,
            own.late,
            own.both,
            own.lost,
            own.gained,
            own.neither,
            own.every,
            own.kept,
            own.kept_late,
        ];
        let cells = numbers.map(|x| format!(" {x:.1} |")).concat();
        let _ = writeln!(text, "| {} |{cells}", own.response);
    }
    for own in &report.keeping {
        if let Some(published) = &own.published {
            let _ = writeln!(
                text,
                "| *published: BILAG response* | {:.1} | {:.1} | – | – | – | – | {:.1} ({:.1} to {:.1}) | {:.1} ({:.1} to {:.1}) | – |",
                published.early,
                published.late,
                published.every.0,
                published.every.1,
                published.every.2,
                published.kept.0,
                published.kept.1,
                published.kept.2
            );
            let _ = writeln!(
                text,
                "\nPublished: {}; two trials, 147 patients on placebo; fitted: of the `fit` list, and looked at when the population was first set by hand.",
                published.source
            );
        }
    }
    text += &report.keeping.iter().map(verdict).collect::<String>();
    text += "\nWhy week-12 responders first failed, percent of them:\n\n";
    for own in &report.keeping {
        let reasons: Vec<String> = own
            .lost_by
            .iter()
            .map(|lost| format!("{} {:.0}", lost.reason, lost.percent))
            .collect();
        let _ = writeln!(text, "- {}: {}", own.response, reasons.join("; "));
    }
    text
}

/// Whether responders keep their response as rarely as published.
fn verdict(own: &Keeping) -> String {
    let Some(published) = &own.published else {
        return String::new();
    };
    let (value, low, high) = published.kept;
    let difference = own.kept - value;
    let judged = match (low..=high).contains(&own.kept) {
        true => "inside the published 95 % limits",
        false => "outside the published 95 % limits",
    };
    format!(
        "\nVirtual {} is kept at every visit by {:.0} % of the early responders where {value:.0} % was published ({difference:+.0} points, {judged}); {:.1} % of all patients respond throughout \
         (published {:.1} %).\n",
        own.response, own.kept, own.every, published.every.0
    )
}

pub(super) fn switched(report: &Report) -> String {
    let mut text = format!(
        "\n## What the response hangs on\n\nThe same placebo arm with one source taken away, patients enrolled anew with the same luck. Change: points at week {LATE}, with its standard error. Kept: week-{EARLY} responders \
         who respond at every visit, percent. Screening: visits that fail, percent: without a source other patients are let in.\n\n| without |"
    );
    for endpoint in ENDPOINTS {
        let name = name(endpoint);
        let _ = write!(text, " {name} week {EARLY} | week {LATE} | change | kept |");
    }
    text += " screening |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    for (k, row) in report.switched.iter().enumerate() {
        let _ = write!(text, "| {} |", row.without);
        for effect in &row.effects {
            let change = match k {
                0 => "–".to_owned(),
                _ => format!("{:+.1} ± {:.1}", effect.change, effect.change_se),
            };
            let _ = write!(
                text,
                " {:.1} | {:.1} | {change} | {:.0} |",
                effect.early, effect.late, effect.kept
            );
        }
        let _ = writeln!(text, " {:.0} |", row.screening_failed);
    }
    text += &shares(&report.switched);
    text
}

/// The trial effect's share of the response, and what moves keeping most.
fn shares(switched: &[Switched]) -> String {
    let (Some(base), Some(gone), Some(never)) = (switched.first(), switched.get(1), switched.get(2)) else {
        return String::new();
    };
    let mut text = String::from("\n");
    for ((own, gone), never) in base.effects.iter().zip(&gone.effects).zip(&never.effects) {
        let share = |without: f64| 100.0 * (own.late - without) / own.late;
        let _ = writeln!(
            text,
            "- {}: {:.1} % respond at week {LATE}. If the trial effect had never been there, {:.1} would; if it were there at entry and never faded, {:.1}. So it carries {:.0} to \
             {:.0} % of the placebo response: the larger share counts that it scored patients up to be let in.",
            name(&own.endpoint),
            own.late,
            gone.late,
            never.late,
            share(gone.late),
            share(never.late),
        );
    }
    for (place, own) in base.effects.iter().enumerate() {
        let change = |row: &Switched| row.effects[place].kept - own.kept;
        let mut moved: Vec<(f64, &str)> = switched[1..]
            .iter()
            .map(|row| (change(row), row.without.as_str()))
            .collect();
        moved.retain(|(change, _)| change.is_finite());
        moved.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        let words: Vec<String> = moved
            .iter()
            .take(3)
            .map(|(change, says)| format!("{says} ({change:+.0} points)"))
            .collect();
        let _ = writeln!(
            text,
            "- How many keep {} moves most with: {}.",
            name(&own.endpoint),
            words.join(", ")
        );
    }
    text
}

pub(super) fn between(report: &Report) -> String {
    let mut text = format!(
        "\n## Between trials\n\nStandard deviations of placebo rates between trials, points; each trial with its last published rate. Chance: of samples of the published sizes. Protocols: between \
         simulated means. Mean error: simulated minus published. Left: published minus simulated beyond chance, errors of the model included. Trial effect: what its spread between trials makes of one placebo arm ({}, week {LATE}).\n\n\
         | endpoint | trials | published | chance | beyond chance | protocols | mean error | left by protocols | trial effect | its share of what the model predicts | its variance over what is left |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        report.reference_name
    );
    for own in &report.between {
        text += &between_row(own);
    }
    text += "\nChance and the trial effect are all that differs between two simulated trials of one protocol: noise, triggers and severity are drawn for patients, and of 100 patients or more only chance \
             is left of them.\n\n| trial effect, standard deviations | factor |";
    for curve in &report.curves {
        let _ = write!(text, " {} at week {LATE} |", name(&curve.endpoint));
    }
    text += "\n|--:|--:|--:|--:|\n";
    let points = report.curves.first().map_or(0, |curve| curve.points.len());
    for k in 0..points {
        let (z, factor, _) = report.curves[0].points[k];
        let _ = write!(text, "| {z:+.2} | {factor:.2} |");
        for curve in &report.curves {
            let _ = write!(text, " {:.1} |", curve.points[k].2);
        }
        text += "\n";
    }
    text
}

fn between_row(own: &Between) -> String {
    format!(
        "| {} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {:+.1} | {:.1} | {:.1} | {:.0} % | {:.0} % |\n",
        name(&own.endpoint),
        own.trials,
        own.published,
        own.chance,
        own.beyond_chance,
        own.protocols,
        own.mean_error,
        own.left,
        own.trial_effect,
        own.share_predicted(),
        own.share_left(),
    )
}

pub(super) fn identified(report: &Report) -> String {
    let mut text = String::from("\n## Can data tell the trial effect from severity, triggers and noise?\n\n");
    let Some(first) = report.identified.first() else {
        return text
            + "No posterior of this population with a calibration file: nothing is known but the values that were set.\n";
    };
    let _ = writeln!(
        text,
        "From the posterior's members. Contraction: 1 − posterior over prior variance; 0 says that data moved nothing. Then posterior correlations where every prior is standard normal; \
         up to {:.2} is chance. Shared: part of the number's remaining variance that goes with all of these together, adjusted for their number: what is not told apart. \
         Profiles: [identifiability.md](identifiability.md).\n",
        first.chance
    );
    let short = |number: &str| {
        number
            .rsplit_once("measurement.")
            .map_or(number, |(_, own)| own)
            .to_owned()
    };
    let head: String = first
        .with
        .iter()
        .map(|other| format!(" {}: `{}` |", other.group, short(&other.number)))
        .collect();
    let _ = writeln!(text, "| number | contraction |{head} shared |");
    let _ = writeln!(text, "|---|--:|{}--:|", "--:|".repeat(first.with.len()));
    for own in &report.identified {
        text += &identified_row(own);
    }
    text + "\nThe spread of the effect between trials (`between_trial_sd`) is no calibrated number: a calibration takes differences between trials as its error `trial_sd`, and the table before holds the spread against the \
            published one.\n"
}

fn identified_row(own: &Identified) -> String {
    let cell = |other: &Together| {
        let bold = if other.correlation.abs() > own.chance { "**" } else { "" };
        format!(" {bold}{:+.2}{bold} |", other.correlation)
    };
    let cells: String = own.with.iter().map(cell).collect();
    let number = own.number.rsplit('.').next().unwrap_or(&own.number);
    format!("| `{number}` | {:.2} |{cells} {:.2} |\n", own.contraction, own.shared)
}
