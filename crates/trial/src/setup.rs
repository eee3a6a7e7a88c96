//! Checks that everything a protocol names exists and fits, before anything is compiled.

use std::collections::BTreeMap;
use std::ops::Range;

use malar_model::codes::{DATA_ID, DATA_NOT_FOUND, DOSING, NOT_MEASURED, POPULATION_LACKS, SCHEDULE, UNKNOWN_THERAPY};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::equations::Equations;
use malar_patients::Population;
use malar_solver::Settings;

use crate::assembly::{Given, shared_stream};
use crate::endpoint::{Endpoint, Kind, SCORED};
use crate::product::{Hooks, Product};
use crate::program::Dose;
use crate::protocol::{Arm, Protocol};
use crate::regimen::{Days, TherapyUse};
use crate::results::Labels;
use crate::therapy::{DoseUnit, Manufacturing};

/// The checked files a trial is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The protocol and its text, for diagnostics.
    pub protocol: Protocol,
    /// Text of the protocol file.
    pub source: Source,
    /// Who is enrolled.
    pub population: Population,
    /// Populations of baskets and controls from elsewhere, by id.
    pub others: BTreeMap<String, Population>,
    /// The disease model.
    pub model: Equations,
    /// What therapies may change in it.
    pub hooks: Hooks,
    /// Therapies by id.
    pub products: BTreeMap<String, Product>,
    /// Endpoints by id.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Accuracy of the integration.
    pub settings: Settings,
}

/// Gives constants of the population the values that the protocol's candidates have.
pub(crate) fn set_constants(parts: &mut Parts) -> Result<(), Vec<Diagnostic>> {
    for (name, value) in &parts.protocol.constants {
        if !parts.population.set_constant(name, *value) {
            let message = format!("population `{}` has no constant `{name}`", parts.population.id);
            let place = parts.protocol.constants_span.clone();
            let help = "name a parameter of the population file that is drawn as `constant`";
            return Err(vec![error(POPULATION_LACKS, parts, place, message).help(help)]);
        }
    }
    Ok(())
}

pub(crate) fn first_line(source: &Source) -> Range<usize> {
    0..source.text.lines().next().map_or(0, str::len)
}

pub(crate) fn error(code: &'static str, parts: &Parts, span: Range<usize>, message: String) -> Diagnostic {
    Diagnostic::error(code, &parts.source, span, message)
}

/// The endpoints in protocol order, each measurable by the trial's instruments.
pub(crate) fn find_endpoints(parts: &Parts) -> Result<Vec<Endpoint>, Vec<Diagnostic>> {
    let mut found = Vec::new();
    for (usage, span) in &parts.protocol.endpoints {
        let Some(endpoint) = parts.endpoints.get(&usage.id) else {
            let known = parts.endpoints.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(vec![
                error(
                    DATA_NOT_FOUND,
                    parts,
                    span.clone(),
                    format!("endpoint `{}` does not exist", usage.id),
                )
                .help(format!("known endpoints: {known}")),
            ]);
        };
        let missing = endpoint
            .instruments()
            .into_iter()
            .find(|i| !parts.protocol.instruments.iter().any(|m| m == i.id()));
        if let Some(instrument) = missing {
            let message = format!(
                "endpoint `{}` needs `{}`, which the trial does not measure",
                usage.id,
                instrument.id()
            );
            return Err(vec![error(NOT_MEASURED, parts, span.clone(), message).help(format!(
                "add `{}` to `instruments`, or remove the endpoint",
                instrument.id()
            ))]);
        }
        found.push(endpoint.clone());
    }
    if let Some(analysis) = &parts.protocol.basket_analysis
        && found
            .iter()
            .any(|e| e.id == analysis.endpoint && e.kind != Kind::Binary)
    {
        let message = format!(
            "baskets are compared by responders, which `{}` does not have",
            analysis.endpoint
        );
        let found = error(SCHEDULE, parts, first_line(&parts.source), message);
        return Err(vec![
            found.help("name an endpoint of kind `binary` in `[basket_analysis]`"),
        ]);
    }
    Ok(found)
}

pub(crate) fn find_product<'a>(parts: &'a Parts, id: &str, span: Range<usize>) -> Result<&'a Product, Vec<Diagnostic>> {
    parts.products.get(id).ok_or_else(|| {
        let known = parts.products.keys().cloned().collect::<Vec<_>>().join(", ");
        vec![
            error(UNKNOWN_THERAPY, parts, span, format!("therapy `{id}` does not exist"))
                .help(format!("known therapies: {known}")),
        ]
    })
}

/// What an arm gives. Therapies dosed with zero throughout are no therapies: the arm is then standard of care, bit for bit.
pub(crate) fn find_therapies<'a>(parts: &'a Parts, arm: &Arm) -> Result<Vec<Given<'a>>, Vec<Diagnostic>> {
    let mut given = Vec::new();
    for (number, (usage, span)) in arm.therapies.iter().enumerate() {
        let product = find_product(parts, &usage.id, span.clone())?;
        let route = find_route(parts, product, usage, span)?;
        let when_made = find_making(parts, usage, span)?;
        let amount = usage.amount();
        let value = amount.map(|a| a.value).or(usage.daily_dose).unwrap_or(0.0);
        if value == 0.0 && usage.daily_dose.is_none() {
            continue;
        }
        let days = usage.days.as_ref().map(Days::list).unwrap_or_default();
        let dose = |day: f64| Dose {
            day,
            amount: value,
            per_kg: amount.is_some_and(|a| a.per_kg),
            entry: 0,
            made: None,
            usage: number,
        };
        given.push(Given {
            product,
            usage: number,
            route,
            doses: days.into_iter().map(dose).collect(),
            daily: usage.daily_dose.filter(|_| usage.days.is_none()),
            when_made,
        });
    }
    Ok(given)
}

/// Position of the route, or `None` for a daily drug; the kind of dosing has to fit the therapy.
fn find_route(
    parts: &Parts,
    product: &Product,
    usage: &TherapyUse,
    span: &Range<usize>,
) -> Result<Option<usize>, Vec<Diagnostic>> {
    let wrong = |message: String, help: &str| Err(vec![error(DOSING, parts, span.clone(), message).help(help)]);
    let therapy = &product.therapy;
    let named = usage
        .route
        .as_ref()
        .map(|name| (name, therapy.routes.iter().position(|r| r.route == *name)));
    match (named, usage.daily_dose, &therapy.daily) {
        (Some((name, None)), ..) => wrong(
            format!("`{}` has no route `{name}`", usage.id),
            "use a route of the therapy file",
        ),
        (None, Some(_), Some(_)) => Ok(None),
        (Some((_, Some(route))), None, None) => {
            let (takes, given) = (therapy.routes[route].counted_in, usage.amount().map(|a| a.unit));
            if given == Some(takes) {
                return Ok(Some(route));
            }
            let help = format!("give the dose in {}", takes.text());
            wrong(
                format!("dose of `{}` is in another unit than its route", usage.id),
                &help,
            )
        }
        _ => wrong(
            format!("dosing of `{}` does not fit the therapy", usage.id),
            "daily drugs take `daily_dose`; others take a `route`, a dose and `days`",
        ),
    }
}

/// Random effects are numbered by the therapy's id; two therapies of a trial must not draw the same numbers.
pub(crate) fn check_streams(parts: &Parts, steroid: &Product, given: &[Vec<Given<'_>>]) -> Result<(), Vec<Diagnostic>> {
    let products = given.iter().flatten().map(|g| g.product).chain([steroid]);
    let therapies: Vec<_> = products.map(|product| &product.therapy).collect();
    let Some((one, other)) = shared_stream(&therapies) else {
        return Ok(());
    };
    let uses = parts.protocol.arms.iter().flat_map(|arm| &arm.therapies);
    let span = uses
        .filter(|(usage, _)| usage.id == other)
        .map(|(_, span)| span.clone())
        .next();
    let span = span.unwrap_or_else(|| first_line(&parts.source));
    let message =
        format!("`{other}` would draw the same random effects as `{one}`: their ids lead to one random stream");
    Err(vec![error(DATA_ID, parts, span, message).help(
        "give one of them another id: rename its folder and the `id` in its file",
    )])
}

/// The product that a use waits for, and how it is made.
fn find_making<'a>(
    parts: &'a Parts,
    usage: &TherapyUse,
    span: &Range<usize>,
) -> Result<Option<(&'a str, Manufacturing)>, Vec<Diagnostic>> {
    let Some(id) = &usage.when_made else {
        return Ok(None);
    };
    let therapy = &find_product(parts, id, span.clone())?.therapy;
    match therapy.manufacturing {
        Some(law) => Ok(Some((&therapy.id, law))),
        None => {
            let message = format!("`{id}` is not made for a patient");
            let help = "count the days from randomisation, or add `[manufacturing]` to the therapy file";
            Err(vec![error(DOSING, parts, span.clone(), message).help(help)])
        }
    }
}

pub(crate) fn labels(protocol: &Protocol, endpoints: &[Endpoint]) -> Labels {
    let mut reasons: Vec<String> = [
        "responder",
        "discontinued",
        "restricted-medication",
        "not-solved",
        "not-assessed",
    ]
    .map(str::to_owned)
    .to_vec();
    for criterion in endpoints.iter().flat_map(|e| &e.criteria) {
        if !reasons.contains(&criterion.id) {
            reasons.push(criterion.id.clone());
        }
    }
    if endpoints.iter().any(|e| e.kind == Kind::Score) {
        reasons.push(SCORED.to_owned());
    }
    let n_strata = 1usize << protocol.strata.len();
    let stratum = |bits: usize| {
        let names = protocol.strata.iter().enumerate();
        let parts = names.map(|(k, s)| format!("{}{}", if bits >> k & 1 == 1 { "" } else { "not " }, s.id));
        parts.collect::<Vec<_>>().join(", ")
    };
    let (therapies, dose_units) = given_by(protocol);
    Labels {
        therapies,
        dose_units,
        arms: protocol.arms.iter().map(|a| a.id.clone()).collect(),
        endpoints: endpoints.iter().map(|e| e.id.clone()).collect(),
        published_as: endpoints.iter().map(|e| e.published_as.clone()).collect(),
        endpoint_units: endpoints.iter().map(|e| e.unit.clone()).collect(),
        reasons,
        populations: protocol.analysis_populations(),
        criteria: (protocol.criteria.iter().map(|c| c.id.clone()))
            .chain(protocol.run_in.iter().map(|_| "run-in".to_owned()))
            .collect(),
        strata: (0..n_strata).map(stratum).collect(),
        baskets: protocol.basket_ids(),
        regions: protocol.regions.iter().map(|r| r.id.clone()).collect(),
        multiplicity: crate::multiplicity::label(protocol),
        ..Labels::default()
    }
}

/// Ids of all therapies that arms give, and what their doses are counted in.
fn given_by(protocol: &Protocol) -> (Vec<String>, Vec<String>) {
    let mut given: Vec<(String, String)> = Vec::new();
    for (usage, _) in protocol.arms.iter().flat_map(|arm| &arm.therapies) {
        let unit = usage.amount().map_or(DoseUnit::Mg, |amount| amount.unit);
        if given.iter().all(|(id, _)| *id != usage.id) {
            given.push((usage.id.clone(), unit.text().to_owned()));
        }
    }
    given.into_iter().unzip()
}
