//! Networks that are nothing but ordinary differential equations, compiled for lanes.

use std::collections::BTreeSet;

use malar_model::Dynamics;
use malar_model::equations::{Assignment, Equations, Parameter, State};
use malar_model::expression::{ExprId, SymbolId};

use super::machine::Machine;
use super::simulate::Target;
use crate::request::{Request, StateRef};
use crate::tape::Tape;

/// A tape, and where its numbers stand among those of a [`Machine`].
pub(super) struct Plain {
    pub tape: Tape,
    /// Place of each state of the tape among the machine's values.
    pub states: Vec<usize>,
    /// The same of each input.
    pub inputs: Vec<usize>,
    /// State and input of each target of doses.
    pub targets: Vec<(Option<usize>, usize)>,
}

/// True if nothing but time and doses moves the unknowns, each at a rate of its own.
fn is_plain(dynamics: &Dynamics, targets: &[Target]) -> bool {
    let own_rate = |(at, row): (usize, &malar_model::network::Row)| matches!(row.mass.as_slice(), [(j, m)] if *j == at && (m - 1.0).abs() < f64::EPSILON);
    let has_paces = dynamics.arena.find_symbol(malar_model::network::FAST_PACE).is_some();
    dynamics.events.is_empty()
        && dynamics.delays.is_empty()
        && !has_paces
        && dynamics.rows.iter().enumerate().all(own_rate)
        && targets.iter().all(|target| target.size.is_none())
}

impl Plain {
    /// Compiles `dynamics` to show `shown`. `machine` has started once, `given` are the places of values that come from outside.
    /// Nothing if lanes cannot hold the network.
    pub fn compile(
        dynamics: &Dynamics,
        shown: &[ExprId],
        machine: &Machine,
        given: &[usize],
        targets: &[Target],
    ) -> Option<Plain> {
        if !is_plain(dynamics, targets) || dynamics.unknowns.is_empty() {
            return None;
        }
        let varied = varied(dynamics, given);
        let flows: BTreeSet<usize> = targets.iter().map(|target| target.rate).collect();
        let place = |symbol: SymbolId| symbol.0 as usize;
        let value = |symbol: SymbolId| machine.values[place(symbol)];
        let is_input = |symbol: SymbolId| {
            let at = place(symbol);
            !given.contains(&at) && (varied.contains(&at) || flows.contains(&at) || value(symbol).is_nan())
        };
        let inputs: Vec<SymbolId> = dynamics.stored.iter().copied().filter(|&s| is_input(s)).collect();
        let dosed = |symbol: SymbolId| targets.iter().any(|target| target.unknown == Some(place(symbol)));
        let moved: Vec<SymbolId> = dynamics
            .unknowns
            .iter()
            .copied()
            .filter(|&s| varied.contains(&place(s)) || dosed(s) || value(s).is_nan())
            .collect();

        let (equations, names) = equations(dynamics, shown, &value);
        let name = |symbol: &SymbolId| equations.arena.name(*symbol);
        let tape = Tape::compile(
            &equations,
            &Request {
                inputs: &inputs.iter().map(name).collect::<Vec<_>>(),
                dosed: &moved.iter().map(name).collect::<Vec<_>>(),
                outputs: &names.iter().map(String::as_str).collect::<Vec<_>>(),
                ..Request::default()
            },
        );
        let tape = tape.ok().filter(|tape| !tape.state_names().is_empty())?;
        let of_state = |name: &String| equations.arena.find_symbol(name).map(place);
        let states = tape.state_names().iter().map(of_state).collect::<Option<Vec<_>>>()?;
        let inputs: Vec<usize> = inputs.into_iter().map(place).collect();
        let target = |target: &Target| {
            let state = match target.unknown {
                Some(unknown) => match tape.state(dynamics.arena.name(SymbolId(unknown as u32)))? {
                    StateRef::Index(index) => Some(index),
                    _ => return None,
                },
                None => None,
            };
            Some((state, inputs.iter().position(|&input| input == target.rate)?))
        };
        let targets = targets.iter().map(target).collect::<Option<Vec<_>>>()?;
        Some(Plain {
            tape,
            states,
            inputs,
            targets,
        })
    }
}

/// Places of everything whose value at the start depends on what is given.
fn varied(dynamics: &Dynamics, given: &[usize]) -> BTreeSet<usize> {
    let mut varied: BTreeSet<usize> = given.iter().copied().collect();
    // Start values stand in an order in which each uses earlier ones.
    for start in &dynamics.start {
        let used = dynamics.arena.symbols_in(start.value);
        if used.iter().any(|symbol| varied.contains(&(symbol.0 as usize))) {
            varied.insert(start.symbol.0 as usize);
        }
    }
    varied
}

/// The equations with the values of the start as numbers, and the names under which `shown` stands among the assignments.
fn equations(dynamics: &Dynamics, shown: &[ExprId], value: &dyn Fn(SymbolId) -> f64) -> (Equations, Vec<String>) {
    let mut arena = dynamics.arena.clone();
    let mut number = |symbol: SymbolId| {
        let number = value(symbol);
        // What is not a number is an input or a state that varies; its value here is never used.
        arena.number(if number.is_nan() { 0.0 } else { number })
    };
    let parameters = dynamics.stored.iter().map(|&symbol| Parameter {
        symbol,
        value: number(symbol),
    });
    let parameters = parameters.collect();
    let states = dynamics
        .unknowns
        .iter()
        .zip(&dynamics.rows)
        .map(|(&symbol, row)| State {
            symbol,
            initial: number(symbol),
            rate: row.right,
        });
    let states = states.collect();
    let mut assignments: Vec<Assignment> = dynamics
        .definitions
        .iter()
        .map(|&(symbol, expression)| Assignment { symbol, expression })
        .collect();
    let mut names = Vec::new();
    for (at, &expression) in shown.iter().enumerate() {
        let name = format!("shown {at}");
        let symbol = arena.symbol(&name);
        assignments.push(Assignment { symbol, expression });
        names.push(name);
    }
    let equations = Equations {
        arena,
        states,
        parameters,
        assignments,
    };
    (equations, names)
}
