//! From the equations of a model to the programs of a tape: what is computed when, and which registers hold what.

use std::collections::BTreeMap;

use malar_model::expression::{Arena, ExprId, Node};
use malar_solver::Pattern;

use crate::arrange::{Division, Statics, arrange};
use crate::inline::Inlined;
use crate::jacobian::differentiate;
#[cfg(target_arch = "x86_64")]
use crate::machine::{Block, Recipe, TIME};
use crate::program::{Program, Register};

/// Registers that mean the same in all programs: constants, inputs, time, states, prepared values; then scratch.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub constants: Vec<f64>,
    pub inputs: usize,
    pub time: usize,
    pub states: usize,
    pub prepared: usize,
}

/// All expressions to compile, rearranged.
pub(crate) struct Parts {
    rates: Vec<ExprId>,
    /// The rates again, arranged together with their derivatives.
    rates_beside_jacobian: Vec<ExprId>,
    jacobian: Vec<ExprId>,
    pub by_time: Vec<ExprId>,
    initials: Vec<ExprId>,
    outputs: Vec<ExprId>,
    pub pattern: Pattern,
    /// Static expressions that the rates or the Jacobian use.
    prepared: Vec<ExprId>,
}

impl Parts {
    pub fn derive(model: &mut Inlined) -> Parts {
        let Inlined { arena, states, .. } = model;
        let rates = arrange(arena, states, &model.rates, Division::Plain);
        let derivatives = differentiate(arena, states, &rates);
        let mut all = rates.clone();
        all.extend(derivatives.entries.iter().chain(&derivatives.by_time));
        let all = arrange(arena, states, &all, Division::ByReciprocal);
        let n_entries = derivatives.entries.len();
        let mut statics = Statics::new(states);
        let prepared = static_operands(arena, &mut statics, &[&rates[..], &all[..]].concat());
        Parts {
            rates_beside_jacobian: all[..rates.len()].to_vec(),
            jacobian: all[rates.len()..][..n_entries].to_vec(),
            by_time: all[rates.len() + n_entries..].to_vec(),
            rates,
            initials: model.initials.clone(),
            outputs: model.outputs.clone(),
            pattern: derivatives.pattern,
            prepared,
        }
    }
}

/// The largest static expressions inside `roots` that need computing.
fn static_operands(arena: &Arena, statics: &mut Statics<'_>, roots: &[ExprId]) -> Vec<ExprId> {
    let mut wanted: Vec<ExprId> = Vec::new();
    let moving: Vec<ExprId> = arena
        .reachable(roots)
        .into_iter()
        .filter(|&id| !statics.contains(arena, id))
        .collect();
    let operands = moving.iter().flat_map(|&id| arena.node(id).operands()).flatten();
    for id in operands.chain(roots.iter().copied()) {
        let composite = !matches!(arena.node(id), Node::Number(_) | Node::Symbol(_) | Node::Time);
        if composite && statics.contains(arena, id) {
            wanted.push(id);
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// Gives registers to leaves and compiles the programs.
pub(crate) struct Compiler<'a> {
    arena: &'a Arena,
    pub layout: Layout,
    /// Registers of numbers, inputs, time and states.
    leaves: BTreeMap<ExprId, usize>,
    n_prepared: usize,
}

impl<'a> Compiler<'a> {
    pub fn new(model: &'a Inlined, parts: &Parts) -> Self {
        let arena = &model.arena;
        let roots: Vec<&[ExprId]> = vec![
            &parts.rates,
            &parts.rates_beside_jacobian,
            &parts.jacobian,
            &parts.by_time,
            &parts.initials,
            &parts.outputs,
        ];
        let reachable = arena.reachable(&roots.concat());
        let mut constants = Vec::new();
        let mut leaves = BTreeMap::new();
        for &id in &reachable {
            if let Some(number) = arena.constant(id) {
                leaves.insert(id, constants.len());
                constants.push(number);
            }
        }
        let inputs = constants.len();
        let time = inputs + model.inputs.len();
        let states = time + 1;
        let layout = Layout {
            constants,
            inputs,
            time,
            states,
            prepared: states + model.states.len(),
        };
        for &id in &reachable {
            let register = match arena.node(id) {
                Node::Time => time,
                Node::Symbol(symbol) => match model.inputs.iter().position(|&s| s == symbol) {
                    Some(i) => inputs + i,
                    None => {
                        states
                            + model
                                .states
                                .iter()
                                .position(|&s| s == symbol)
                                .expect("leaves were checked")
                    }
                },
                _ => continue,
            };
            leaves.insert(id, register);
        }
        Compiler {
            arena,
            layout,
            leaves,
            n_prepared: parts.prepared.len(),
        }
    }

    /// What machine code is made from; it shares the places of inputs and prepared values with the tape.
    #[cfg(target_arch = "x86_64")]
    pub fn recipe(&self, parts: &Parts) -> Recipe {
        let layout = &self.layout;
        let mut leaves = BTreeMap::new();
        for (&id, &register) in self.leaves.iter().filter(|&(&id, _)| self.arena.constant(id).is_none()) {
            let place = match register {
                r if r == layout.time => TIME,
                r if r >= layout.states => (Block::Argument, (r - layout.states) as u32),
                r => (Block::Work, r as u32),
            };
            leaves.insert(id, place);
        }
        let autonomous = parts.by_time.iter().all(|&d| self.arena.constant(d) == Some(0.0));
        Recipe {
            arena: self.arena.clone(),
            leaves,
            inputs: layout.inputs,
            prepared: (layout.prepared..)
                .zip(&parts.prepared)
                .map(|(register, &id)| (id, register as u32))
                .collect(),
            rates: parts.rates.clone(),
            rates_beside_jacobian: parts.rates_beside_jacobian.clone(),
            jacobian: parts.jacobian.clone(),
            by_time: if autonomous { Vec::new() } else { parts.by_time.clone() },
        }
    }

    /// Registers taken before scratch begins.
    pub fn n_leaves(&self) -> usize {
        self.layout.prepared + self.n_prepared
    }

    /// Programs that prepare, give rates, give rates with derivatives, give initial values, give outputs. `None` if registers run out.
    pub fn programs(&mut self, parts: &Parts) -> Option<[Program; 5]> {
        let number = |register: usize| Register::try_from(register).ok();
        let mut leaves = BTreeMap::new();
        for (&id, &register) in &self.leaves {
            leaves.insert(id, number(register)?);
        }
        let mut prepared = BTreeMap::new();
        for (i, &id) in parts.prepared.iter().enumerate() {
            prepared.insert(id, number(self.layout.prepared + i)?);
        }
        let mut known = leaves.clone();
        known.extend(&prepared);
        let none = BTreeMap::new();
        let free = self.n_leaves();
        let with_derivatives = [&parts.rates_beside_jacobian[..], &parts.jacobian, &parts.by_time].concat();
        Some([
            Program::compile(self.arena, &parts.prepared, &leaves, &prepared, free)?,
            Program::compile(self.arena, &parts.rates, &known, &none, free)?,
            Program::compile(self.arena, &with_derivatives, &known, &none, free)?,
            Program::compile(self.arena, &parts.initials, &leaves, &none, free)?,
            Program::compile(self.arena, &parts.outputs, &leaves, &none, free)?,
        ])
    }
}
