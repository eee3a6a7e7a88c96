//! A number of the data files that can be moved, and which of them a request means.

use malar_model::nearest::nearest;
use serde::Serialize;

use super::{LUCK, Request};
use crate::finding::InputError;

/// Where a number stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// `[clinical.<section>] <key>` of the population.
    Clinical { section: String, key: String },
    /// An entry of the population's `parameter`, and the way it is drawn.
    Draw { entry: usize, way: Way },
    /// A parameter of the disease model that the population does not draw.
    Model { parameter: String },
    /// A parameter of a therapy's equations.
    Therapy { id: String, parameter: String },
    /// A number of a posterior, by its name there.
    Posterior,
    /// Not a number: the seed.
    Luck,
}

/// How a patient's number is drawn, and which number of the distribution moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The number itself, or a chance.
    Plain(&'static str),
    /// First of two: mean or median.
    First(&'static str),
    /// Second of two: standard deviation.
    Second(&'static str),
    /// Both limits, by the same factor.
    Both(&'static str),
    /// Mean of a beta distribution with the same sum of shapes.
    Beta,
    /// Mean of a gamma distribution of the same shape.
    Gamma,
}

/// A share of a range that is none: the number stays as it is in the data files.
pub(super) const UNMOVED: f64 = f64::NAN;

/// A number that can be moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Factor {
    /// Name as typed: `severity_sd`, `k_skin`, `anifrolumab.effect_max`.
    pub name: String,
    /// Unit, as the file says it.
    pub unit: String,
    /// Value in the data files.
    pub value: f64,
    /// Lower end of its range.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// True if steps are even on the logarithm.
    pub log: bool,
    /// Where the range comes from.
    pub range: String,
    #[serde(skip)]
    pub(super) place: Place,
}

impl Factor {
    /// Other virtual patients.
    pub(super) fn luck() -> Factor {
        Factor {
            name: LUCK.into(),
            unit: String::new(),
            value: 0.0,
            low: 0.0,
            high: 1.0,
            log: false,
            range: "other virtual patients, other noise".into(),
            place: Place::Luck,
        }
    }

    /// The value a share `u` of the way along the range; [`UNMOVED`] leaves it as it is.
    pub fn at(&self, u: f64) -> f64 {
        if u.is_nan() {
            self.value
        } else if self.log {
            self.low * (self.high / self.low).powf(u)
        } else {
            self.low + u * (self.high - self.low)
        }
    }
}

/// What a trial offers to move, in the order of the files.
pub(super) struct Available {
    pub factors: Vec<Factor>,
    /// Names with a range in `ranges.toml`.
    pub declared: Vec<String>,
}

/// The factors that a request means.
pub(super) fn choose(available: &Available, request: &Request) -> Result<Vec<Factor>, InputError> {
    let is_spread = |f: &&Factor| f.name.ends_with(".sd");
    if request.parameters.is_empty() {
        let wanted = |f: &&Factor| f.low < f.high && (request.all || available.declared.contains(&f.name));
        let chosen = available.factors.iter().filter(|f| !is_spread(f)).filter(wanted);
        return some(chosen.cloned().collect(), "");
    }
    let mut chosen: Vec<Factor> = Vec::new();
    for typed in &request.parameters {
        for factor in meant(available, typed.trim())? {
            chosen.retain(|earlier| earlier.name != factor.name);
            chosen.push(factor);
        }
    }
    some(chosen, "")
}

fn some(chosen: Vec<Factor>, typed: &str) -> Result<Vec<Factor>, InputError> {
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    Err(InputError::Unknown {
        kind: "parameter to move",
        name: typed.into(),
        help: "this trial uses none of the numbers with a declared range; name some with `--parameters`, or `--all`"
            .into(),
    })
}

/// `name`, `pattern*` or `name=low:high`.
fn meant(available: &Available, typed: &str) -> Result<Vec<Factor>, InputError> {
    let (name, range) = match typed.split_once('=') {
        Some((name, range)) => (name.trim(), Some(limits(typed, range)?)),
        None => (typed, None),
    };
    let mut found: Vec<Factor> = (available.factors.iter())
        .filter(|f| matches(name, &f.name))
        .cloned()
        .collect();
    if found.is_empty() {
        let names = available.factors.iter().map(|f| f.name.as_str());
        let near = nearest(name, names).map_or(String::new(), |near| format!("did you mean `{near}`? "));
        return Err(InputError::Unknown {
            kind: "parameter",
            name: name.into(),
            help: format!("{near}`malar sensitivity TRIAL --list` shows all that the trial uses"),
        });
    }
    if let Some((low, high)) = range {
        for factor in &mut found {
            (factor.low, factor.high, factor.log) = (low, high, false);
            factor.range = "as typed".into();
        }
    }
    if let Some(fixed) = found
        .iter()
        .find(|f| f.low >= f.high || !f.low.is_finite() || !f.high.is_finite())
    {
        return Err(InputError::Value {
            what: "the range of a number that is zero",
            value: fixed.name.clone(),
            help: "give its ends: `name=low:high`",
        });
    }
    Ok(found)
}

fn limits(typed: &str, range: &str) -> Result<(f64, f64), InputError> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
    let found = range
        .split_once(':')
        .and_then(|(low, high)| number(low).zip(number(high)));
    found.filter(|(low, high)| low < high).ok_or_else(|| InputError::Value {
        what: "a range",
        value: typed.into(),
        help: "write `name=low:high`, the lower end first",
    })
}

/// Whether `name` fits a pattern in which each `*` stands for any text.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(tail) = name.strip_prefix(head) else {
        return false;
    };
    (0..=tail.len()).any(|k| tail.is_char_boundary(k) && matches(rest, &tail[k..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_any_text() {
        assert!(matches("anifrolumab.*", "anifrolumab.CL") && matches("*_sd", "severity_sd") && matches("*", "x"));
        assert!(!matches("anifrolumab.*", "belimumab.CL") && !matches("k_skin", "k_skin2"));
    }

    #[test]
    fn log_ranges_are_even_on_the_logarithm() {
        let factor = Factor {
            low: 1.0,
            high: 100.0,
            value: 10.0,
            log: true,
            ..Factor::luck()
        };
        assert!((factor.at(0.5) - 10.0).abs() < 1e-12 && factor.at(UNMOVED) == 10.0);
    }
}
