//! The therapy file: what a product is, how it gets into the body, and which hooks of the disease model it drives.

use malar_model::codes::{DATA_VALUE, DISTRIBUTION};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::toml_file::{Quantity, read_toml};
use serde::Deserialize;
use std::collections::BTreeMap;
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
    #[serde(default)]
    values: BTreeMap<String, Spanned<Quantity>>,
    manufacturing: Option<ManufacturingFile>,
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
    #[serde(default)]
    counted_in: DoseUnit,
    infusion_minutes: Option<Spanned<Quantity>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariabilityFile {
    parameter: String,
    distribution: String,
    sd: Spanned<Quantity>,
}

/// What doses of a route are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DoseUnit {
    /// Milligrams.
    #[default]
    Mg,
    /// Living cells.
    Cells,
    /// Millilitres of a product without a stated content.
    Ml,
}

impl DoseUnit {
    /// The unit as people write it.
    pub fn text(self) -> &'static str {
        match self {
            DoseUnit::Mg => "mg",
            DoseUnit::Cells => "cells",
            DoseUnit::Ml => "mL",
        }
    }
}

/// Range in which the kinetics were studied; outside it a run warns. What is missing is not looked at.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Studied {
    /// Lowest and highest dose, mg.
    pub dose_mg: Option<[f64; 2]>,
    /// Lowest and highest dose, cells.
    pub dose_cells: Option<[f64; 2]>,
    /// Lowest and highest dose, mL.
    pub dose_ml: Option<[f64; 2]>,
    /// Shortest and longest interval, days.
    pub interval_days: Option<[f64; 2]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManufacturingFile {
    days: Spanned<Quantity>,
    days_log_sd: Spanned<Quantity>,
    failure: Spanned<Quantity>,
}

/// How a product is made for one patient, from the day its cells are taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manufacturing {
    /// Median time until the product is ready, days.
    pub days: f64,
    /// Standard deviation of the logarithm of that time.
    pub days_log_sd: f64,
    /// Share of patients for whom no product can be made.
    pub failure: f64,
}

impl Manufacturing {
    fn read(file: &ManufacturingFile, source: &Source) -> Result<Manufacturing, Diagnostic> {
        let read = |q: &Spanned<Quantity>, unit: &str| q.get_ref().in_unit(unit, source, q.span());
        let made = Manufacturing {
            days: read(&file.days, "day")?,
            days_log_sd: read(&file.days_log_sd, "1")?,
            failure: read(&file.failure, "1")?,
        };
        if made.days > 0.0 && made.days_log_sd >= 0.0 && (0.0..=1.0).contains(&made.failure) {
            return Ok(made);
        }
        let message = "time of manufacture or share of failures is out of range".to_owned();
        Err(Diagnostic::error(DATA_VALUE, source, file.failure.span(), message)
            .help("days above 0, their spread at least 0, failures from 0 to 1"))
    }
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
    /// State that receives the dose.
    pub state: String,
    /// What doses are counted in.
    pub counted_in: DoseUnit,
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
    /// File with its equations, in the same folder, or the id of a model that several therapies share.
    pub model: String,
    /// Numbers of that model which this product changes, by parameter, with their places in the file.
    pub values: Vec<(String, Spanned<Quantity>)>,
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
    /// How it is made for one patient, if it is.
    pub manufacturing: Option<Manufacturing>,
}

impl Therapy {
    /// True if its equations are a model of the library, not a file of its own.
    pub fn shares_model(&self) -> bool {
        !self.model.ends_with(".ant")
    }

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
                counted_in: r.counted_in,
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
            values: file.values.into_iter().collect(),
            manufacturing: file
                .manufacturing
                .map(|m| Manufacturing::read(&m, source))
                .transpose()?,
        })
    }
}
