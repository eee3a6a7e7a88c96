//! Machine code made at run time: a model's stages as straight vector instructions.
//!
//! Interpreting a tape moves every value through memory. Here the expressions, the elimination and the substitutions of a stage become
//! one function whose values mostly stay in registers. On a model of 51 states a step then takes less than half of the time, and making the
//! code needs no compiler. It computes the same operations in the same dependence, so the bits are the same; the
//! tape remains the reference and serves every other CPU.
//!
//! `flow` writes the computation down (`stages` from the model, `functions` for exp, ln and pow; `fold` computes what is known already), `schedule` orders it, `allocate` gives its
//! values registers (`uses` says until when), `assembler` writes the bytes (`encode` says which), `memory` makes them callable and is the only place with `unsafe`.

mod allocate;
mod assembler;
mod encode;
mod flow;
mod fold;
mod functions;
mod memory;
mod schedule;
mod stages;
#[cfg(test)]
mod tests;
mod uses;

use std::sync::OnceLock;

use malar_solver::Lane;
use malar_solver::lu::Factorisation;
use malar_solver::stages::{StageMemory, Stages, TIME_DERIVATIVE};

use assembler::Vectors;
pub(crate) use flow::Block;
use flow::{Flow, Item, Node, Place};
use memory::Function;
pub(crate) use stages::{Recipe, TIME};

/// A model's stages, compiled for the vectors of one instruction set.
#[derive(Debug)]
pub(crate) struct Machine {
    prepare: Function,
    first: Function,
    later: Function,
    n_scratch: usize,
    /// Where in `Work` the inputs begin.
    inputs: usize,
}

/// Machines for each kind of vectors, made when first asked for.
#[derive(Debug)]
pub(crate) struct Machines {
    recipe: Recipe,
    avx2: OnceLock<Option<Machine>>,
    avx512: OnceLock<Option<Machine>>,
}

impl Machines {
    pub fn new(recipe: Recipe) -> Self {
        Machines {
            recipe,
            avx2: OnceLock::new(),
            avx512: OnceLock::new(),
        }
    }

    /// The machine for vectors of so many lanes; `None` if there is no such thing or the system forbids it.
    pub fn for_lanes(&self, lanes: usize, lu: &Factorisation) -> Option<&Machine> {
        let (vectors, cell) = match lanes {
            4 => (Vectors::Avx2, &self.avx2),
            8 => (Vectors::Avx512, &self.avx512),
            _ => return None,
        };
        cell.get_or_init(|| Machine::new(&self.recipe, lu, vectors)).as_ref()
    }
}

/// Longer functions (some 10 MB of code) take long to make and run no faster than the tape, whose loops fit the cache.
const MOST_ITEMS: usize = 1_000_000;

impl Machine {
    fn new(recipe: &Recipe, lu: &Factorisation, vectors: Vectors) -> Option<Self> {
        let scratch = TIME_DERIVATIVE + recipe.rates.len();
        let mut n_scratch = 0;
        let mut function = |flow: &Flow| {
            if flow.items.len() > MOST_ITEMS {
                return None;
            }
            let (function, used) = compile(&scheduled(&flow.without_idle()), vectors, scratch)?;
            n_scratch = n_scratch.max(used);
            Some(function)
        };
        Some(Machine {
            prepare: function(&stages::prepare(recipe))?,
            first: function(&stages::first(recipe, lu))?,
            later: function(&stages::later(recipe, lu))?,
            n_scratch,
            inputs: recipe.inputs,
        })
    }
}

impl Stages for Machine {
    fn n_scratch(&self) -> usize {
        self.n_scratch
    }

    fn prepare(&self, inputs: &[Lane], work: &mut [Lane], extra: &mut [Lane]) {
        work[self.inputs..][..inputs.len()].copy_from_slice(inputs);
        self.prepare.run(&mut StageMemory {
            work,
            argument: &[],
            sums: &[],
            matrix: &mut [],
            u: &mut [],
            extra,
        });
    }

    fn first(&self, memory: &mut StageMemory<'_>) {
        self.first.run(memory);
    }

    fn later(&self, memory: &mut StageMemory<'_>) {
        self.later.run(memory);
    }
}

/// `flow` in a good order.
fn scheduled(flow: &Flow) -> Flow {
    flow.reordered(schedule::schedule(flow))
}

/// A callable function for `flow` and how many lanes of scratch it uses from lane `scratch` of `Extra` on.
#[expect(unsafe_code, reason = "the promise that the bytes are what `Function` expects")]
fn compile(flow: &Flow, vectors: Vectors, scratch: usize) -> Option<(Function, usize)> {
    let assembled = allocate::assemble(flow, vectors, scratch, memory::address_of)?;
    let mut needs = needs(flow);
    if assembled.n_scratch > 0 {
        needs[Block::Extra as usize] = needs[Block::Extra as usize].max(scratch + assembled.n_scratch);
    }
    // SAFETY: `assemble` writes one function of six pointers that loads the lanes of the flow's loads, stores those of its stores, and
    // uses the scratch it reports; `needs` covers them all. `Machines` is asked for vectors of sets that the CPU is known to have.
    let function = unsafe { Function::new(&assembled.bytes, vectors, needs) }?;
    Some((function, assembled.n_scratch))
}

/// Lanes of each block that a flow touches.
fn needs(flow: &Flow) -> [usize; 6] {
    let mut needs = [0; 6];
    let mut touch = |place: Place| {
        let need: &mut usize = &mut needs[place.block as usize];
        *need = (*need).max(place.index as usize + 1);
    };
    for item in &flow.items {
        let value = match *item {
            Item::Compute(value) => value,
            Item::Store(value, place) => {
                touch(place);
                value
            }
        };
        for read in flow.nodes[value.0 as usize].operands().chain([value]) {
            if let Node::Load(place) = flow.nodes[read.0 as usize] {
                touch(place);
            }
        }
    }
    needs
}
