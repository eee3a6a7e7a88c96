//! From a study design to a draft of a protocol file: what USDM says, as our words; what it says in sentences, as comments;
//! what it does not say, marked so.

use std::fmt::Write;

use super::document::{Design, UsdmError};
use super::schedule::{Planned, schedule};

/// A protocol file for a study. One that was written here comes back as it was.
pub fn draft(design: &Design) -> Result<String, UsdmError> {
    if let Some(text) = design.protocol() {
        return Ok(text);
    }
    let planned = schedule(design)?;
    let mut text = String::new();
    head(design, &mut text);
    timing(&planned, &mut text);
    arms(design, &mut text);
    rules(design, &mut text);
    endpoints(design, &mut text);
    epochs(design, &planned, &mut text);
    Ok(text)
}

const NOT_SAID: &str = "not in the study definition";

fn line(text: &mut String, line: std::fmt::Arguments) {
    text.write_fmt(line).expect("memory takes everything");
    text.push('\n');
}

macro_rules! say {
    ($text:expr, $($words:tt)*) => { line($text, format_args!($($words)*)) };
}

fn head(design: &Design, text: &mut String) {
    let registry = design
        .identifiers
        .iter()
        .find(|id| id.starts_with("NCT"))
        .or(design.identifiers.first());
    let file = design.path.rsplit(['/', '\\']).next().unwrap_or(&design.path);
    say!(text, "# A draft from {file}, USDM {}.", one_line(&design.usdm_version));
    say!(
        text,
        "# Arms, epochs, encounters and their times are the study's. Lines with `to choose` are not in it and need a decision."
    );
    say!(text, "id = {}", quoted(&kebab(&design.study)));
    say!(text, "name = {}", quoted(&design.study));
    say!(text, "registry = {}", quoted(registry.map_or("", String::as_str)));
    say!(text, "source = [{}]", quoted(&format!("USDM study definition {file}")));
    for (key, value) in [
        ("model", "\"sle\""),
        ("population", "\"sle-trial\""),
        ("sledai", "\"sledai-2k\""),
        ("instruments", "[\"sledai-2k\", \"bilag-2004\", \"pga\", \"serology\"]"),
        ("steroid", "\"prednisone\""),
        ("endpoints", "[]"),
    ] {
        say!(text, "{key} = {value} # to choose");
    }
}

/// Length and interval of visits, from the days of encounters after the anchor.
fn timing(planned: &[Planned], text: &mut String) {
    let days: Vec<f64> = planned.iter().filter_map(|p| p.day).filter(|day| *day > 0.0).collect();
    let last = days.iter().fold(0.0_f64, |last, &day| last.max(day));
    let interval = days.iter().fold(0.0, |common, &day| greatest_common(common, day));
    if last > 0.0 && interval >= 1.0 {
        say!(text, "duration_weeks = {}", decimal(last / 7.0));
        say!(
            text,
            "visit_every_weeks = {} # the largest interval that meets every encounter",
            decimal(interval / 7.0)
        );
    } else {
        say!(
            text,
            "duration_weeks = 52.0 # to choose: no encounter after the anchor has a day"
        );
        say!(text, "visit_every_weeks = 4.0 # to choose");
    }
}

/// Greatest common divisor of two numbers of days, to a thousandth.
fn greatest_common(a: f64, b: f64) -> f64 {
    let (mut a, mut b) = ((a * 1000.0).round() as u64, (b * 1000.0).round() as u64);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a as f64 / 1000.0
}

fn arms(design: &Design, text: &mut String) {
    let arms = &design.parts.arms;
    let planned = design.parts.population.planned_enrollment_number.as_ref();
    let total = planned.and_then(|q| q.value.or(q.max_value.as_ref().and_then(|m| m.value)));
    let each = total
        .filter(|n| *n >= 1.0)
        .map(|n| ((n / arms.len().max(1) as f64).round() as u64).clamp(1, 1_000_000));
    let mut ids: Vec<String> = Vec::new();
    for arm in arms {
        let id = unique(&kebab(arm.title()), &ids);
        let kind = arm.kind.as_ref();
        say!(text, "\n[[arms]]");
        say!(
            text,
            "# {}",
            one_line(&format!(
                "{}: {}",
                kind.map_or("", |k| &k.decode),
                arm.description.as_deref().unwrap_or("")
            ))
        );
        say!(text, "id = {}", quoted(&id));
        match each {
            Some(n) => say!(
                text,
                "n = {n} # the study plans {} in all; USDM does not say how many in an arm",
                total.unwrap_or(0.0)
            ),
            None => say!(text, "n = 100 # to choose: {NOT_SAID}"),
        }
        if kind.is_some_and(|k| k.code == PLACEBO_ARM) {
            say!(text, "control = true");
        }
        say!(
            text,
            "therapies = [] # to choose: therapies of the library, with dose and days"
        );
        ids.push(id);
    }
}

/// Placebo Control Arm.
pub(super) const PLACEBO_ARM: &str = "C174268";

fn rules(design: &Design, text: &mut String) {
    say!(text, "\n[screening]\nattempts = 1\nassumed = {}", quoted(NOT_SAID));
    say!(text, "criteria = [");
    for criterion in &design.criteria {
        say!(
            text,
            "  # {}: {}",
            one_line(&criterion.category),
            one_line(&without_tags(&criterion.text))
        );
        if let Some(rule) = &criterion.rule {
            say!(
                text,
                "  {{ id = {}, holds = {} }},",
                quoted(&kebab(&criterion.id)),
                quoted(rule)
            );
        }
    }
    say!(text, "]");
    say!(
        text,
        "\n[randomisation]\nblock_size = {}\nassumed = {}",
        2 * design.parts.arms.len().max(1),
        quoted(NOT_SAID)
    );
    say!(
        text,
        "\n[rescue]\nworse = \"1 == 0\" # to choose\ncounts_from_week = 0\nassumed = {}",
        quoted(NOT_SAID)
    );
}

/// Objectives, endpoints and estimands: sentences, so comments.
fn endpoints(design: &Design, text: &mut String) {
    say!(
        text,
        "\n# Objectives and endpoints of the study; name endpoints of the library for them (`malar list endpoints`):"
    );
    for objective in &design.parts.objectives {
        say!(
            text,
            "# {}: {}",
            one_line(&objective.level.decode),
            one_line(&without_tags(&objective.text))
        );
        for endpoint in &objective.endpoints {
            say!(
                text,
                "#   {}: {}",
                one_line(&endpoint.level.decode),
                one_line(&without_tags(&endpoint.text))
            );
        }
    }
    for estimand in &design.parts.estimands {
        let endpoints = design.parts.objectives.iter().flat_map(|o| &o.endpoints);
        let variable = endpoints.into_iter().find(|e| e.id == estimand.variable_of_interest_id);
        let variable = variable.map_or(estimand.variable_of_interest_id.as_str(), |e| e.text.as_str());
        say!(
            text,
            "# Estimand of {}: {}",
            one_line(&without_tags(variable)),
            one_line(&estimand.population_summary)
        );
        for event in &estimand.intercurrent_events {
            let strategy = intercurrent_strategy(&event.strategy).unwrap_or("strategy to choose");
            say!(
                text,
                "#   {}: {strategy} (\"{}\")",
                one_line(&event.text),
                one_line(&event.strategy)
            );
        }
    }
    say!(
        text,
        "# For example, in place of `endpoints = []` above: endpoints = [{{ id = \"sri-4\", weeks = [52] }}]"
    );
}

fn epochs(design: &Design, planned: &[Planned], text: &mut String) {
    for epoch in &design.parts.epochs {
        say!(
            text,
            "\n[[epochs]]\nid = {}\nname = {}",
            quoted(&epoch.id),
            quoted(epoch.title())
        );
    }
    for encounter in planned {
        say!(
            text,
            "\n[[encounters]]\nid = {}\nname = {}",
            quoted(&encounter.id),
            quoted(&encounter.name)
        );
        if let Some(epoch) = &encounter.epoch {
            say!(text, "epoch = {}", quoted(epoch));
        }
        if let Some(day) = encounter.day {
            say!(text, "day = {}", decimal(day));
        }
        if let Some([early, late]) = encounter.window_days {
            say!(text, "window_days = [{}, {}]", decimal(early), decimal(late));
        }
    }
}

/// The five strategies of ICH E9(R1) by the words a definition uses; `None` if it names none of them.
pub fn intercurrent_strategy(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let named = [
        ("treatment policy", "treatment-policy"),
        ("treatment-policy", "treatment-policy"),
        ("composite", "composite"),
        ("hypothetical", "hypothetical"),
        ("while on treatment", "while-on-treatment"),
        ("while-on-treatment", "while-on-treatment"),
        ("principal strat", "principal-stratum"),
    ];
    named
        .into_iter()
        .find(|(words, _)| text.contains(words))
        .map(|(_, name)| name)
}

/// A number as TOML wants floats.
fn decimal(x: f64) -> String {
    if x.fract() == 0.0 {
        format!("{x:.1}")
    } else {
        x.to_string()
    }
}

/// A text as a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn one_line(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(|c: char| c.is_control(), "")
}

/// Sentences without the tags that templates leave in them.
fn without_tags(text: &str) -> String {
    let mut plain = String::new();
    let mut is_inside = false;
    for c in text.chars() {
        match c {
            '<' => is_inside = true,
            '>' if is_inside => is_inside = false,
            c if !is_inside => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// Lower case words with `-` between them.
fn kebab(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-").to_lowercase();
    if joined.is_empty() { "unnamed".into() } else { joined }
}

fn unique(id: &str, taken: &[String]) -> String {
    let mut candidates = std::iter::once(id.to_owned()).chain((2..).map(|k| format!("{id}-{k}")));
    candidates
        .find(|candidate| !taken.contains(candidate))
        .expect("numbers do not end")
}
