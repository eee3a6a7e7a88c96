//! A result to watch, in words: `bicla difference at 52`, `sri-4 placebo at 24 in ifngs-high`, `c3 placebo at 52`, `completed placebo`.

use crate::finding::InputError;
use crate::summary::{ContrastSummary, EndpointSummary, Summary};

/// What a target needs to look like.
const GRAMMAR: &str = "write `ENDPOINT ARM at WEEK`, `ENDPOINT [ARM] difference at WEEK`, `ENDPOINT [ARM] power at WEEK`, each with \
                       `in POPULATION` behind if wanted; `VARIABLE ARM at WEEK`; `completed ARM`; or `screen-failure`";

/// A result to watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// As asked for.
    pub text: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    /// Rate of an arm, or a measured variable's median in it.
    Level { name: String, arm: String, at: At },
    /// Arm minus control.
    Difference {
        endpoint: String,
        arm: Option<String>,
        at: At,
    },
    /// Share of trials won.
    Power {
        endpoint: String,
        arm: Option<String>,
        at: At,
    },
    /// Percent of an arm that stayed to the end.
    Completed { arm: String },
    /// Percent of screening visits that failed.
    ScreenFailure,
}

/// When and in whom.
#[derive(Clone, Debug, PartialEq)]
struct At {
    week: f64,
    population: String,
}

impl Target {
    /// Reads a target; whether the trial has it shows when it is simulated.
    pub fn parse(text: &str) -> Result<Target, InputError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let wrong = || InputError::Value {
            what: "a result to watch",
            value: text.into(),
            help: GRAMMAR,
        };
        let what = What::parse(&words).ok_or_else(wrong)?;
        let text = text.to_owned();
        Ok(Target { text, what })
    }

    /// The value in one simulated trial; `None` if the trial has no such result.
    pub(crate) fn value(&self, summary: &Summary) -> Option<f64> {
        match &self.what {
            What::Level { name, arm, at } => {
                let rate = rate(summary, name, arm, at).map(|rate| rate.mean);
                rate.or_else(|| median(summary, name, arm, at.week))
            }
            What::Difference { endpoint, arm, at } => contrast(summary, endpoint, arm, at).map(|c| c.difference),
            What::Power { endpoint, arm, at } => contrast(summary, endpoint, arm, at).map(|c| 100.0 * c.power),
            What::Completed { arm } => {
                let flow = summary.flow.iter().find(|flow| flow.arm == *arm)?;
                Some(100.0 * flow.completed / flow.randomised)
            }
            What::ScreenFailure => Some(summary.screening.failed_percent),
        }
    }

    /// Its unit, or what the trial offers instead.
    pub(super) fn unit(&self, summary: &Summary) -> Result<String, InputError> {
        let unit = match &self.what {
            What::Level { name, arm, at } => {
                let rate = rate(summary, name, arm, at).map(|rate| rate.unit.clone());
                let of_variable = || {
                    let measured = summary.trajectories.iter().find(|t| t.variable == *name)?;
                    median(summary, name, arm, at.week).map(|_| measured.unit.clone())
                };
                rate.or_else(of_variable)
            }
            What::Difference { endpoint, arm, at } => contrast(summary, endpoint, arm, at).map(|c| c.unit.clone()),
            What::Power { endpoint, arm, at } => {
                contrast(summary, endpoint, arm, at).map(|_| "percent of trials".to_owned())
            }
            What::Completed { .. } | What::ScreenFailure => self.value(summary).map(|_| "percent".to_owned()),
        };
        unit.ok_or_else(|| InputError::Unknown {
            kind: "result of this trial",
            name: self.text.clone(),
            help: offered(summary),
        })
    }
}

impl What {
    fn parse(words: &[&str]) -> Option<What> {
        let (words, population) = match words {
            [rest @ .., "in", population] => (rest, *population),
            _ => (words, "all"),
        };
        let at = |week: &str| {
            Some(At {
                week: week.parse().ok()?,
                population: population.to_owned(),
            })
        };
        let owned = |text: &str| text.to_owned();
        Some(match words {
            ["screen-failure"] => What::ScreenFailure,
            ["completed", arm] => What::Completed { arm: owned(arm) },
            [endpoint, rest @ .., kind @ ("difference" | "power"), "at", week] if rest.len() < 2 => {
                let (endpoint, arm, at) = (owned(endpoint), rest.first().map(|arm| owned(arm)), at(week)?);
                match *kind {
                    "power" => What::Power { endpoint, arm, at },
                    _ => What::Difference { endpoint, arm, at },
                }
            }
            [name, arm, "at", week] => What::Level {
                name: owned(name),
                arm: owned(arm),
                at: at(week)?,
            },
            _ => return None,
        })
    }
}

fn same_week(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

fn rate<'a>(summary: &'a Summary, endpoint: &str, arm: &str, at: &At) -> Option<&'a EndpointSummary> {
    summary.endpoints.iter().find(|rate| {
        rate.endpoint == endpoint
            && rate.arm == arm
            && same_week(rate.week, at.week)
            && rate.population == at.population
    })
}

/// Without an arm there must be one comparison only.
fn contrast<'a>(summary: &'a Summary, endpoint: &str, arm: &Option<String>, at: &At) -> Option<&'a ContrastSummary> {
    let mut found = summary.contrasts.iter().filter(|c| {
        let of_arm = arm.as_ref().is_none_or(|arm| c.arm == *arm);
        of_arm && c.endpoint == endpoint && same_week(c.week, at.week) && c.population == at.population
    });
    let first = found.next()?;
    (arm.is_some() || found.next().is_none()).then_some(first)
}

fn median(summary: &Summary, variable: &str, arm: &str, week: f64) -> Option<f64> {
    let course = summary
        .trajectories
        .iter()
        .find(|t| t.variable == variable && t.arm == arm)?;
    let k = course.weeks.iter().position(|w| same_week(*w, week))?;
    course.median.get(k).copied()
}

/// What could have been meant.
fn offered(summary: &Summary) -> String {
    let mut endpoints: Vec<String> = Vec::new();
    for rate in summary.endpoints.iter().filter(|rate| rate.population == "all") {
        let text = format!("{} at {}", rate.endpoint, rate.week);
        if !endpoints.contains(&text) {
            endpoints.push(text);
        }
    }
    let arms: Vec<&str> = summary.flow.iter().map(|flow| flow.arm.as_str()).collect();
    let mut variables: Vec<&str> = summary.trajectories.iter().map(|t| t.variable.as_str()).collect();
    variables.dedup();
    format!(
        "endpoints: {}; arms: {}; variables: {}",
        endpoints.join(", "),
        arms.join(", "),
        variables.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_written() {
        for good in [
            "bicla difference at 52",
            "bicla anifrolumab-300 difference at 52 in ifngs-high",
            "sri-4 placebo at 24",
            "bicla power at 52",
            "completed placebo",
            "screen-failure",
        ] {
            assert_eq!(Target::parse(good).expect(good).text, good);
        }
        for bad in [
            "",
            "bicla",
            "bicla at",
            "bicla difference at week",
            "bicla a b difference at 52",
        ] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }
}
