//! From checked files to a trial that can be run.

use std::sync::Arc;

use malar_model::codes::{MECHANISM, POPULATION_LACKS};
use malar_model::diagnostic::Diagnostic;

use super::Simulation;
use crate::assembly::{Given, Recipe};
use crate::conduct::Roster;
use crate::elsewhere::Group;
use crate::estimand::Estimand;
use crate::filter::StabilityFilter;
use crate::instruments::Measured;
use crate::product::Product;
use crate::program::Program;
use crate::setup::{
    Parts, check_streams, error, find_endpoints, find_product, find_therapies, first_line, labels, set_constants,
};
use crate::survival::curves;

impl Simulation {
    /// Checks that everything the protocol names exists and fits, and compiles the arms.
    pub fn new(parts: Parts) -> Result<Simulation, Vec<Diagnostic>> {
        let groups = Group::elsewhere(&parts.protocol).into_iter();
        let elsewhere = groups.map(|group| Simulation::of(group, group.parts(&parts)?));
        Ok(Simulation {
            elsewhere: elsewhere.collect::<Result<_, Vec<Diagnostic>>>()?,
            ..Simulation::of(Group::Own, parts)?
        })
    }

    /// The trial of one group of patients.
    fn of(group: Group, mut parts: Parts) -> Result<Simulation, Vec<Diagnostic>> {
        set_constants(&mut parts)?;
        let endpoints = find_endpoints(&parts)?;
        let roster = find_roster(&parts)?;
        let (standard_of_care, arms) = programs(&parts)?;
        let mut labels = labels(&parts.protocol, &endpoints);
        labels.curves = curves(&parts.protocol, false);
        let declared = parts.protocol.estimands.iter();
        let estimands = declared.map(|d| d.resolve(&parts.protocol, &endpoints, &labels));
        let estimands: Vec<Estimand> = estimands.collect::<Result<_, _>>().map_err(|wrong| vec![wrong])?;
        labels.estimands = estimands.iter().map(|e| e.label.clone()).collect();
        Ok(Simulation {
            filter: StabilityFilter::new(&standard_of_care, &parts.population, &parts.model),
            endpoints,
            estimands,
            labels,
            roster,
            standard_of_care: Arc::new(standard_of_care),
            arms: arms.into(),
            measured: Measured::of(&parts.protocol.instruments),
            protocol: parts.protocol,
            population: parts.population,
            settings: parts.settings,
            safety: None,
            group,
            elsewhere: Vec::new(),
        })
    }
}

fn find_roster(parts: &Parts) -> Result<Roster, Vec<Diagnostic>> {
    Roster::find(&parts.population).map_err(|name| {
        let message = format!("population `{}` does not draw `{name}`", parts.population.id);
        let place = parts.protocol.population_span.clone();
        vec![error(POPULATION_LACKS, parts, place, message).help("add the parameter to the population file")]
    })
}

/// Standard of care, with every state of the disease model that some arm needs, and the arms.
fn programs(parts: &Parts) -> Result<(Program, Vec<Program>), Vec<Diagnostic>> {
    let steroid = find_product(parts, &parts.protocol.steroid, first_line(&parts.source))?;
    let mut given = Vec::new();
    for arm in &parts.protocol.arms {
        given.push(find_therapies(parts, arm)?);
    }
    check_streams(parts, steroid, &given)?;
    let arms: Vec<Program> = given
        .iter()
        .map(|g| program(parts, steroid, g, &[]))
        .collect::<Result<_, _>>()?;
    let mut keep: Vec<String> = arms.iter().flat_map(|a| a.active_core(&parts.model)).collect();
    keep.sort();
    keep.dedup();
    Ok((program(parts, steroid, &[], &keep)?, arms))
}

fn program(parts: &Parts, steroid: &Product, given: &[Given<'_>], keep: &[String]) -> Result<Program, Vec<Diagnostic>> {
    let measured = Measured::of(&parts.protocol.instruments);
    let recipe = Recipe {
        core: &parts.model,
        hooks: &parts.hooks,
        steroid,
        given,
        population: &parts.population,
        keep,
        kidney: measured.kidney,
        watch: &[],
        iga: measured.iga,
    };
    Program::build(&recipe).map_err(|e| {
        let found = error(MECHANISM, parts, first_line(&parts.source), e.to_string());
        vec![found.help("check the therapy's `shared` and `drives` against the disease model")]
    })
}
