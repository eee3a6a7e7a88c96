//! When patients come: sites that open one after the other, each with its own rate, in regions that may differ.
//!
//! Patients arrive at a site as a Poisson process from its opening on; rates of sites follow a gamma law around their
//! region's (Anisimov & Fedorov 2007, Stat Med 26:4958). A look is held when enough patients have their endpoint, so that by
//! then more have been enrolled than are analysed.

use malar_model::codes::DESIGN;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_patients::random::Stream;
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// Weeks of a month.
const WEEKS_PER_MONTH: f64 = 365.25 / 12.0 / 7.0;

/// `[design.accrual]`, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccrualFile {
    /// Regions with their sites.
    pub regions: Vec<Spanned<RegionFile>>,
    /// Where the numbers come from.
    pub assumed: Spanned<String>,
}

/// The sites of a region.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionFile {
    /// Id.
    pub id: String,
    /// Sites.
    pub sites: u32,
    /// Week in which the first may open.
    #[serde(default)]
    pub from_week: f64,
    /// Weeks over which they open, evenly.
    pub open_over_weeks: f64,
    /// Mean patients of a site in a month.
    pub per_site_month: f64,
    /// Coefficient of variation of the rates of sites.
    #[serde(default)]
    pub variation: f64,
    /// Odds of response over those of the simulated patients, in both arms alike.
    #[serde(default = "one")]
    pub response_odds: f64,
}

fn one() -> f64 {
    1.0
}

impl AccrualFile {
    /// Refuses numbers that no site can have.
    pub fn check(&self, source: &Source) -> Result<(), Diagnostic> {
        let wrong =
            |span, message: String, help: &str| Err(Diagnostic::error(DESIGN, source, span, message).help(help));
        if self.regions.is_empty() || self.assumed.get_ref().is_empty() {
            let message = "accrual needs regions, and why their numbers are assumed".into();
            return wrong(
                self.assumed.span(),
                message,
                "add a region with `sites`, and fill in `assumed = \"why\"`",
            );
        }
        for region in &self.regions {
            let r = region.get_ref();
            let is_whole = [r.from_week, r.open_over_weeks, r.variation]
                .iter()
                .all(|x| x.is_finite() && *x >= 0.0);
            let is_above = [r.per_site_month, r.response_odds]
                .iter()
                .all(|x| x.is_finite() && *x > 0.0);
            if r.sites == 0 || !is_whole || !is_above {
                let message = format!("nobody can be enrolled like this in region `{}`", r.id);
                let help = "`sites`, `per_site_month` and `response_odds` are above 0; `from_week`, `open_over_weeks` and \
                            `variation` at least 0";
                return wrong(region.span(), message, help);
            }
        }
        Ok(())
    }

    /// Odds of response by region.
    pub fn response_odds(&self) -> Vec<f64> {
        self.regions.iter().map(|r| r.get_ref().response_odds).collect()
    }

    /// The first `n` patients in order of time.
    pub(super) fn arrivals(&self, n: usize, stream: &mut Stream) -> Vec<Arrival> {
        let mut sites = self.sites(stream);
        let earliest = |sites: &[Site]| {
            let ahead = sites.iter().enumerate().min_by(|a, b| a.1.next.total_cmp(&b.1.next));
            ahead.expect("a checked file has sites").0
        };
        let mut arrivals = Vec::with_capacity(n);
        for _ in 0..n {
            let first = earliest(&sites);
            let site = &mut sites[first];
            arrivals.push(Arrival {
                week: site.next,
                region: site.region,
            });
            site.next += stream.exponential() / site.rate;
        }
        arrivals
    }

    fn sites(&self, stream: &mut Stream) -> Vec<Site> {
        let mut sites = Vec::new();
        for (region, r) in self.regions.iter().map(Spanned::get_ref).enumerate() {
            for k in 0..r.sites {
                let mean = r.per_site_month / WEEKS_PER_MONTH;
                let shape = r.variation.powi(-2);
                let rate = if shape.is_finite() {
                    mean * stream.gamma(shape) / shape
                } else {
                    mean
                };
                let opens = r.from_week + r.open_over_weeks * (f64::from(k) + 0.5) / f64::from(r.sites);
                let next = opens + stream.exponential() / rate;
                sites.push(Site { region, rate, next });
            }
        }
        sites
    }
}

/// A site at work.
struct Site {
    region: usize,
    /// Patients a week.
    rate: f64,
    /// Week of the next patient.
    next: f64,
}

/// A patient who comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Arrival {
    /// Week since the trial began.
    pub week: f64,
    /// Position of the region.
    pub region: usize,
}

/// The calendar of a design, means over drawn trials.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Calendar {
    /// Week in which the last patient is enrolled, if nothing stops the trial.
    pub full_week: f64,
    /// Week in which the trial stops, with the effect.
    pub stop_week: f64,
    /// Patients enrolled by then.
    pub enrolled: f64,
    /// The same without an effect.
    pub stop_week_null: f64,
    /// The same without an effect.
    pub enrolled_null: f64,
    /// Week and patients enrolled at each look, whoever stopped before.
    pub looks: Vec<(f64, f64)>,
}

/// When each look of one trial is held, and how many are enrolled by then.
#[derive(Clone, Debug)]
pub(super) struct Dates {
    /// Week in which the last patient is enrolled.
    pub full_week: f64,
    /// Week and patients enrolled, by look.
    pub looks: Vec<(f64, f64)>,
}

impl Dates {
    /// Looks after so many of the `arrivals` have their endpoint, which takes `endpoint_week` weeks.
    pub fn of(arrivals: &[Arrival], analysed: impl Iterator<Item = u32>, endpoint_week: f64) -> Dates {
        let look = |n: u32| {
            let week = arrivals[(n as usize).max(1) - 1].week + endpoint_week;
            (week, arrivals.partition_point(|a| a.week <= week) as f64)
        };
        Dates {
            full_week: arrivals.last().map_or(0.0, |a| a.week),
            looks: analysed.map(look).collect(),
        }
    }
}

/// Chance with which a patient's response is turned over, so that a share `p` of responders gets `odds` times its odds: that of
/// a non-responder, and that of a responder.
pub(super) fn turned_over(p: f64, odds: f64) -> [f64; 2] {
    let wanted = odds * p / (1.0 - p + odds * p);
    let chance = |more: f64, of: f64| if of > 0.0 { (more / of).max(0.0) } else { 0.0 };
    [chance(wanted - p, 1.0 - p), chance(p - wanted, p)]
}

#[cfg(test)]
mod tests {
    use malar_patients::random::{Key, Purpose};

    use super::*;

    fn stream(replicate: u32) -> Stream {
        Stream::new(Key {
            seed: 1,
            replicate,
            patient: 0,
            purpose: Purpose::Conduct,
            visit: 0,
        })
    }

    fn file(text: &str) -> AccrualFile {
        toml::from_str(text).expect("accrual")
    }

    #[test]
    fn open_sites_enrol_at_their_rate() {
        let region = "{ id = \"one\", sites = 20, open_over_weeks = 0, per_site_month = 0.5, variation = 1.2 }";
        let file = file(&format!("regions = [{region}]\nassumed = \"test\""));
        let weeks = |k| file.arrivals(400, &mut stream(k)).last().expect("400").week;
        let mean = (0..200).map(weeks).sum::<f64>() / 200.0;
        // 400 patients at 20 sites of 0.5 a month: 40 months. The sum of twenty gamma rates of coefficient 1.2 is a gamma of
        // shape 20/1.44, and the mean of its inverse is shape/(shape - 1) as large.
        let shape = 20.0_f64 / 1.44;
        let expected = 40.0 * WEEKS_PER_MONTH * shape / (shape - 1.0);
        let se = expected * (1.0 / (shape - 2.0) + 1.0 / 400.0).sqrt() / 200_f64.sqrt();
        assert!((mean - expected).abs() < 4.0 * se, "{mean} {expected} {se}");
    }

    #[test]
    fn looks_come_when_endpoints_are_there_and_patients_have_come_since() {
        let arrivals: Vec<Arrival> = (0..10)
            .map(|k| Arrival {
                week: f64::from(k),
                region: 0,
            })
            .collect();
        let dates = Dates::of(&arrivals, [5, 10].into_iter(), 3.5);
        assert_eq!(dates.looks, [(7.5, 8.0), (12.5, 10.0)]);
        assert_eq!(dates.full_week, 9.0);
    }

    #[test]
    fn turning_over_gives_the_odds() {
        for (p, odds) in [(0.3, 2.0), (0.3, 0.5), (0.5, 1.0), (0.0, 2.0)] {
            let [up, down] = turned_over(p, odds);
            let share = p * (1.0 - down) + (1.0 - p) * up;
            let got = share * (1.0 - p);
            assert!((got - odds * p * (1.0 - share)).abs() < 1e-12, "{p} {odds}");
        }
    }

    #[test]
    fn regions_without_sites_are_refused() {
        let source = Source {
            path: "s.toml".into(),
            text: String::new(),
        };
        let none =
            file("regions = [{ id = \"x\", sites = 0, open_over_weeks = 1, per_site_month = 1 }]\nassumed = \"t\"");
        assert!(none.check(&source).expect_err("refused").message.contains("`x`"));
        assert!(file("regions = []\nassumed = \"t\"").check(&source).is_err());
    }
}
