//! What a file of results may not say.

use malar_model::codes::{DATA_ID, DATA_VALUE, EVIDENCE, TOML};
use malar_model::{Diagnostic, Severity, Source};

use crate::baseline::split_key;
use crate::place::{Step, place};
use crate::published::{Kind, Outcome, Published};

/// Everything wrong with a file: errors and warnings, in the order of the file's parts.
pub(crate) fn check(source: &Source, published: &Published) -> Vec<Diagnostic> {
    let mut check = Check {
        source,
        published,
        found: Vec::new(),
    };
    check.id();
    check.arms();
    for index in 0..published.outcomes.len() {
        check.arm_reference(index);
        check.value(index);
        check.counts(index);
        check.interval(index);
        check.duplicate(index);
    }
    check.found
}

struct Check<'a> {
    source: &'a Source,
    published: &'a Published,
    found: Vec<Diagnostic>,
}

impl Check<'_> {
    fn error(&mut self, code: &'static str, steps: &[Step], message: String, help: &str) {
        let span = place(self.source, steps);
        self.found
            .push(Diagnostic::error(code, self.source, span, message).help(help));
    }

    /// An error at a key of an outcome.
    fn outcome_error(&mut self, index: usize, key: &str, message: String, help: &str) {
        self.error(
            EVIDENCE,
            &[Step::Key("outcomes"), Step::Item(index), Step::Key(key)],
            message,
            help,
        );
    }

    fn id(&mut self) {
        let id = &self.published.id;
        let name = self.source.path.rsplit('/').next().unwrap_or_default();
        if name.strip_suffix(".toml") != Some(id) {
            let message = format!("the file is called `{name}`, its id is `{id}`");
            self.error(
                DATA_ID,
                &[Step::Key("id")],
                message,
                "give both the same kebab-case name",
            );
        }
    }

    fn arms(&mut self) {
        for (index, arm) in self.published.arms.iter().enumerate() {
            let steps = [Step::Key("arms"), Step::Item(index), Step::Key("id")];
            if self.published.arms[..index].iter().any(|other| other.id == arm.id) {
                self.error(
                    EVIDENCE,
                    &steps,
                    format!("second arm called `{}`", arm.id),
                    "arm ids are unique in a file",
                );
            }
            for (key, value) in arm.baseline_values() {
                let steps = [
                    Step::Key("arms"),
                    Step::Item(index),
                    Step::Key("baseline"),
                    Step::Key(key),
                ];
                if split_key(key).is_none() {
                    let help = "variables and statistics are listed in data/evidence/README.md";
                    self.error(TOML, &steps, format!("unknown baseline key `{key}`"), help);
                } else if key.ends_with("_percent") && !(0.0..=100.0).contains(&value) {
                    self.error(
                        DATA_VALUE,
                        &steps,
                        format!("{value} percent of patients"),
                        "percent lies in 0 to 100",
                    );
                }
            }
        }
    }

    fn arm_reference(&mut self, index: usize) {
        let arm = &self.published.outcomes[index].arm;
        let exists = |id: &str| id == "all" || self.published.arm(id).is_some();
        let is_known = exists(arm) || arm.split_once("-vs-").is_some_and(|(x, y)| exists(x) && exists(y));
        if !is_known {
            let ids: Vec<&str> = self.published.arms.iter().map(|arm| arm.id.as_str()).collect();
            let help = format!(
                "known arms: {}; two as `x-vs-y`; `all` for all together",
                ids.join(", ")
            );
            self.outcome_error(index, "arm", format!("no arm `{arm}`"), &help);
        }
    }

    fn value(&mut self, index: usize) {
        let outcome = &self.published.outcomes[index];
        let problem = match (outcome.kind, outcome.value) {
            (Kind::Descriptive, Some(_)) => Some("a descriptive outcome has no value; its fact stands in `note`"),
            (Kind::Descriptive, None) => None,
            (_, None) => Some("an outcome needs a value, unless it is `descriptive`"),
            (_, Some(value)) if !value.is_finite() => Some("give a finite number"),
            (Kind::Binary, Some(value)) if !(0.0..=100.0).contains(&value) => Some("percent lies in 0 to 100"),
            (Kind::Binary, _) if outcome.unit != "percent" => Some("the unit of a binary outcome is `percent`"),
            (Kind::Range, _) if outcome.min.is_none() || outcome.max.is_none() => Some("add `min` and `max`"),
            _ => None,
        };
        if let Some(help) = problem {
            let message = format!("impossible value of `{}` in `{}`", outcome.endpoint, outcome.arm);
            self.outcome_error(index, "value", message, help);
        }
        if outcome.source.trim().is_empty() {
            self.outcome_error(
                index,
                "source",
                "number without source".to_owned(),
                "say where it was published",
            );
        }
    }

    fn counts(&mut self, index: usize) {
        let outcome = &self.published.outcomes[index];
        let Some(responders) = outcome.responders else { return };
        let Some(n) = outcome.n.filter(|&n| n > 0) else {
            self.outcome_error(index, "responders", "responders of how many?".to_owned(), "add `n`");
            return;
        };
        if responders > n {
            let message = format!("{responders} responders among {n} patients");
            self.outcome_error(index, "responders", message, "correct `responders` or `n`");
            return;
        }
        let share = 100.0 * f64::from(responders) / f64::from(n);
        let tolerance = rounding(outcome, self.published.stratified_percentages);
        if outcome.kind == Kind::Binary && outcome.value.is_some_and(|value| (value - share).abs() > tolerance) {
            let message = format!("{responders} of {n} are {share:.2} percent");
            self.outcome_error(
                index,
                "value",
                message,
                "look at the source again, or say why in `note`",
            );
            self.found.last_mut().expect("just pushed").severity = Severity::Warning;
        }
    }

    fn interval(&mut self, index: usize) {
        let outcome = &self.published.outcomes[index];
        let Some(value) = outcome.value else { return };
        if outcome.ci_low.is_some_and(|low| low > value) || outcome.ci_high.is_some_and(|high| high < value) {
            let message = format!("the interval does not hold its estimate {value}");
            self.outcome_error(index, "value", message, "correct `value`, `ci_low` or `ci_high`");
        }
    }

    /// Look-ups find one verified result without variant; a second one would be hidden by the first.
    fn duplicate(&mut self, index: usize) {
        let outcome = &self.published.outcomes[index];
        let is_default = |o: &Outcome| o.verified && o.variant.is_none();
        let key = |o: &Outcome| {
            (
                o.arm.clone(),
                o.endpoint.clone(),
                o.week.map(f64::to_bits),
                o.population.clone(),
            )
        };
        let mut earlier = self.published.outcomes[..index].iter();
        if is_default(outcome) && earlier.any(|o| is_default(o) && key(o) == key(outcome)) {
            let message = format!("second result for `{}` in `{}`", outcome.endpoint, outcome.arm);
            let help = "name the rules of one of them with `variant = \"...\"`, or keep one";
            self.outcome_error(index, "endpoint", message, help);
        }
    }
}

/// How far a printed percentage may lie from responders over n: half a unit of its last digit, or the strata's weights.
fn rounding(outcome: &Outcome, is_stratified: bool) -> f64 {
    let value = outcome.value.unwrap_or(0.0);
    let has_digits = |scale: f64| (value * scale - (value * scale).round()).abs() > 1e-6;
    let half_unit = match (has_digits(1.0), has_digits(10.0)) {
        (false, _) => 0.5,
        (true, false) => 0.05,
        (true, true) => 0.005,
    };
    if is_stratified { 1.0 } else { half_unit + 1e-9 }
}
