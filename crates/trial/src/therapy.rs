//! The therapy file: what a product is, how it gets into the body, and which hooks of the disease model it drives.

use malar_model::codes::DISTRIBUTION;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::toml_file::{Quantity, read_toml};
use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TherapyFile {
    id: String,
    name: String,
    target: String,
    class: String,
    support: Support,
    model: String,
    #[serde(default)]
    shared: Vec<String>,
    #[serde(default)]
    drives: Vec<String>,
    concentration: Option<String>,
    #[serde(default)]
    source: Vec<String>,
    #[serde(default)]
    routes: Vec<RouteFile>,
    #[serde(default)]
    variability: Vec<Spanned<VariabilityFile>>,
    studied: Option<Studied>,
    daily: Option<Daily>,
}

/// How well the numbers behind a therapy are supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// Published kinetics and effect.
    Solid,
    /// Published in part.
    Usable,
    /// Mostly assumed; marked wherever it is shown.
    Weak,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteFile {
    route: String,
    state: String,
    infusion_minutes: Option<Spanned<Quantity>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariabilityFile {
    parameter: String,
    distribution: String,
    sd: Spanned<Quantity>,
}

/// Range in which the kinetics were studied; outside it a run warns.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Studied {
    /// Lowest and highest dose, mg.
    pub dose_mg: [f64; 2],
    /// Shortest and longest interval, days.
    pub interval_days: [f64; 2],
}

/// A daily drug, given as an input that protocols change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daily {
    /// Parameter that holds the current dose.
    pub input: String,
    /// Parameter that holds the dose at baseline.
    pub baseline_input: String,
    /// Unit of the dose.
    pub unit: String,
}

/// One way into the body.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// `iv`, `sc`, `oral` ...
    pub route: String,
    /// State that receives the dose, mg.
    pub state: String,
    /// Length of the infusion, days; zero for a bolus.
    pub infusion_days: f64,
}

/// A random effect of the kinetics.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomEffect {
    /// Parameter of the therapy's model.
    pub parameter: String,
    /// Standard deviation of its normal distribution.
    pub sd: f64,
}

/// A checked therapy.
#[derive(Clone, Debug, PartialEq)]
pub struct Therapy {
    /// Id, equal to the folder name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Molecular target.
    pub target: String,
    /// Kind of product.
    pub class: String,
    /// How well supported.
    pub support: Support,
    /// File with its equations, in the same folder.
    pub model: String,
    /// Names linked to the disease model's.
    pub shared: Vec<String>,
    /// Assignments that replace the disease model's hooks of the same name.
    pub drives: Vec<String>,
    /// Assignment shown as drug concentration, mg/L.
    pub concentration: Option<String>,
    /// Where it comes from.
    pub source: Vec<String>,
    /// Ways in.
    pub routes: Vec<Route>,
    /// Between-patient variability.
    pub random_effects: Vec<RandomEffect>,
    /// Studied range.
    pub studied: Option<Studied>,
    /// Daily drug.
    pub daily: Option<Daily>,
}

impl Therapy {
    /// Reads and checks a therapy file.
    pub fn parse(source: &Source) -> Result<Therapy, Diagnostic> {
        let file: TherapyFile = read_toml(source)?;
        let mut routes = Vec::new();
        for r in file.routes {
            let days = r
                .infusion_minutes
                .map_or(Ok(0.0), |q| q.get_ref().in_unit("day", source, q.span()))?;
            routes.push(Route {
                route: r.route,
                state: r.state,
                infusion_days: days,
            });
        }
        let mut random_effects = Vec::new();
        for entry in file.variability {
            let span = entry.span();
            let v = entry.into_inner();
            if v.distribution != "normal" {
                return Err(Diagnostic::error(
                    DISTRIBUTION,
                    source,
                    span,
                    format!("`{}` is not a known distribution", v.distribution),
                )
                .help("random effects are `normal`; put the transformation into the therapy's equations"));
            }
            random_effects.push(RandomEffect {
                sd: v.sd.get_ref().in_unit("1", source, v.sd.span())?,
                parameter: v.parameter,
            });
        }
        Ok(Therapy {
            id: file.id,
            name: file.name,
            target: file.target,
            class: file.class,
            support: file.support,
            model: file.model,
            shared: file.shared,
            drives: file.drives,
            concentration: file.concentration,
            source: file.source,
            routes,
            random_effects,
            studied: file.studied,
            daily: file.daily,
        })
    }
}
