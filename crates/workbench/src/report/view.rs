//! The summary as the page looks at it: arms with colours and names, the primary endpoint, last weeks.

use super::words;
use crate::summary::{ContrastSummary, EndpointSummary, Status, Summary};

/// Colours there are for treated arms; more arms share them.
const TREATED_COLOURS: usize = 4;
/// Standard normal quantile at 0.975.
const Z975: f64 = 1.959_963_984_540_054;

/// A summary with what the page needs to know about all of it.
pub(super) struct View<'a> {
    pub summary: &'a Summary,
    arms: Vec<Arm>,
    primary: Option<(String, f64)>,
}

/// An arm on the page.
#[derive(Clone, Debug)]
pub(super) struct Arm {
    pub id: String,
    /// Name in words.
    pub name: String,
    /// Class that carries its colour, `arm-0` for controls.
    pub class: String,
}

/// The arm's id in words, marked if it rests on a weakly supported therapy.
fn name(id: &str, summary: &Summary) -> String {
    let is_weak = summary.weak_arms.iter().any(|arm| arm == id);
    let mark = if is_weak { super::WEAK } else { "" };
    format!("{}{mark}", words::plain(id))
}

impl<'a> View<'a> {
    pub fn new(summary: &'a Summary) -> View<'a> {
        let mut treated = 0;
        let arms = summary.arms.iter().map(|(id, therapy)| {
            let is_control = therapy == "placebo" || summary.contrasts.iter().any(|c| &c.control == id);
            let colour = if is_control { 0 } else { 1 + treated % TREATED_COLOURS };
            treated += usize::from(!is_control);
            Arm {
                id: id.clone(),
                name: name(id, summary),
                class: format!("arm-{colour}"),
            }
        });
        let arms = arms.collect();
        View {
            summary,
            arms,
            primary: primary(summary),
        }
    }

    /// Arms in protocol order.
    pub fn arms(&self) -> &[Arm] {
        &self.arms
    }

    /// The arm called `id`.
    pub fn arm(&self, id: &str) -> Arm {
        self.arms
            .iter()
            .find(|arm| arm.id == id)
            .cloned()
            .unwrap_or_else(|| Arm {
                id: id.into(),
                name: words::plain(id),
                class: "arm-0".into(),
            })
    }

    /// Endpoint and week that decide the trial.
    pub fn primary(&self) -> Option<(&str, f64)> {
        self.primary.as_ref().map(|(endpoint, week)| (endpoint.as_str(), *week))
    }

    /// Endpoint ids, the primary first, then in order of appearance.
    pub fn endpoint_ids(&self) -> Vec<&'a str> {
        let mut ids: Vec<&str> = Vec::new();
        for rate in &self.summary.endpoints {
            if !ids.contains(&rate.endpoint.as_str()) {
                ids.push(&rate.endpoint);
            }
        }
        let is_secondary = |id: &&str| self.primary().is_none_or(|(primary, _)| primary != *id);
        ids.sort_by_key(is_secondary);
        ids
    }

    /// Rates of an endpoint in everybody, all weeks, one arm.
    pub fn rates(&self, endpoint: &str, arm: &str) -> Vec<&'a EndpointSummary> {
        let wanted = |r: &&EndpointSummary| r.endpoint == endpoint && r.arm == arm && r.population == "all";
        self.summary.endpoints.iter().filter(wanted).collect()
    }

    /// The rate of one arm at one week in everybody.
    pub fn rate(&self, endpoint: &str, week: f64, arm: &str) -> Option<&'a EndpointSummary> {
        self.rates(endpoint, arm)
            .into_iter()
            .find(|rate| rate.week.to_bits() == week.to_bits())
    }

    /// Comparisons in everybody at the last week of each endpoint, the primary endpoint first and with its subgroups.
    pub fn final_contrasts(&self) -> Vec<&'a ContrastSummary> {
        let mut found = Vec::new();
        for endpoint in self.endpoint_ids() {
            let of = || self.summary.contrasts.iter().filter(|c| c.endpoint == endpoint);
            let last = self
                .assessed_at(endpoint)
                .unwrap_or_else(|| of().map(|c| c.week).fold(0.0, f64::max));
            let is_primary = self.primary().is_some_and(|(primary, _)| primary == endpoint);
            let shown = |c: &&ContrastSummary| is_primary || c.population == "all";
            found.extend(of().filter(|c| c.week.to_bits() == last.to_bits()).filter(shown));
        }
        found
    }

    /// The week an endpoint is judged at: the primary's own, else unknown here.
    fn assessed_at(&self, endpoint: &str) -> Option<f64> {
        self.primary()
            .filter(|(primary, _)| *primary == endpoint)
            .map(|(_, week)| week)
    }

    /// Whether anything published stands beside the simulation, and if so fitted or predicted.
    pub fn status(&self) -> Status {
        let statuses = self.summary.endpoints.iter().map(|rate| rate.status);
        statuses
            .chain(self.summary.contrasts.iter().map(|c| c.status))
            .find(|s| *s != Status::None)
            .unwrap_or(Status::None)
    }
}

/// The primary endpoint the protocol names, or the first endpoint at its last week.
fn primary(summary: &Summary) -> Option<(String, f64)> {
    let first = summary.endpoints.first().map(|rate| rate.endpoint.clone());
    let endpoint = summary.primary_endpoint.clone().or(first)?;
    let weeks = summary
        .endpoints
        .iter()
        .filter(|rate| rate.endpoint == endpoint)
        .map(|rate| rate.week);
    let last = weeks.fold(f64::NEG_INFINITY, f64::max);
    let week = summary.primary_week.unwrap_or(last);
    week.is_finite().then_some((endpoint, week))
}

/// 95 % limits of a published rate: Wilson's for a percentage with known n (Wilson 1927, JASA 22:209), else none.
pub(super) fn published_limits(rate: &EndpointSummary) -> Option<(f64, f64)> {
    let (value, n) = rate.published.zip(rate.published_n)?;
    if rate.unit != "percent" {
        return None;
    }
    let (p, z2) = (value / 100.0, Z975 * Z975);
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z975 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    Some((100.0 * (centre - half), 100.0 * (centre + half)))
}

/// Class of a published mark: filled if the population was fitted to it, hollow if predicted.
pub(super) fn mark(status: Status) -> &'static str {
    if status == Status::Fitted {
        "fitted"
    } else {
        "predicted"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_limits_agree_with_a_published_example() {
        // Newcombe 1998, Stat Med 17:857, table I: 81/263 gives 0.2553 to 0.3662 by the score method.
        let rate = EndpointSummary {
            arm: String::new(),
            endpoint: String::new(),
            week: 52.0,
            population: "all".into(),
            unit: "percent".into(),
            mean: 0.0,
            low90: 0.0,
            high90: 0.0,
            published: Some(8100.0 / 263.0),
            published_n: Some(263.0),
            published_source: None,
            status: Status::Predicted,
        };
        let (low, high) = published_limits(&rate).expect("n is known");
        assert!(
            (low - 25.53).abs() < 0.005 && (high - 36.62).abs() < 0.005,
            "{low} {high}"
        );
    }
}
