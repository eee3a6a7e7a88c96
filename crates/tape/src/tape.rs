//! A compiled model.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use malar_model::equations::Equations;
use malar_solver::dispatch::InstructionSet;
use malar_solver::lu::Factorisation;
#[cfg(target_arch = "x86_64")]
use malar_solver::stages::Stages;
use malar_solver::{Lane, Pattern, System};

use crate::compile::{Compiler, Layout, Parts};
use crate::eval::{Gather, RunLanes, run_scalar};
use crate::inline::inline;
#[cfg(target_arch = "x86_64")]
use crate::machine::Machines;
use crate::program::{Program, Register};
use crate::prune::prune;
use crate::request::{CompileError, Request, StateRef};

/// A model compiled for a [`Request`]: a [`System`] for the integrator, plus initial values and outputs.
///
/// A value that depends on inputs only is computed when inputs change. Sums and products are rearranged to that end, so rates agree with
/// the model text within rounding; all evaluators, lanes and instruction sets agree with each other bit for bit.
#[derive(Clone, Debug)]
pub struct Tape {
    places: BTreeMap<String, StateRef>,
    states: Vec<String>,
    inputs: Vec<String>,
    outputs: Vec<String>,
    layout: Layout,
    pattern: Pattern,
    depends_on_time: bool,
    prepare: Program,
    rates: Program,
    /// Rates, then Jacobian, then time derivatives.
    jacobian: Program,
    initial: Program,
    observe: Program,
    n_registers: usize,
    instructions: InstructionSet,
    factorisation: OnceLock<Arc<Factorisation>>,
    /// Machine code for the stages, made when an integrator asks for it.
    #[cfg(target_arch = "x86_64")]
    machines: Option<Arc<Machines>>,
}

impl Tape {
    /// Compiles `equations` for `request`.
    ///
    /// # Errors
    /// If the request names something the model does not have, initial values refer to themselves, or the model is too large.
    pub fn compile(equations: &Equations, request: &Request<'_>) -> Result<Tape, CompileError> {
        let mut model = inline(equations, request)?;
        let mut names = Vec::new();
        for state in &equations.states {
            names.push(equations.arena.name(state.symbol).to_owned());
        }
        let places = prune(&mut model, request);
        let parts = Parts::derive(&mut model);
        let mut compiler = Compiler::new(&model, &parts);
        let programs = compiler.programs(&parts).ok_or(CompileError::TooLarge {
            registers: compiler.n_leaves(),
        })?;
        let [prepare, rates, jacobian, initial, observe] = programs;
        let all = [&prepare, &rates, &jacobian, &initial, &observe];
        Ok(Tape {
            n_registers: all
                .iter()
                .map(|p| p.n_registers)
                .max()
                .unwrap_or(0)
                .max(compiler.n_leaves()),
            depends_on_time: parts.by_time.iter().any(|&d| model.arena.constant(d) != Some(0.0)),
            states: model.states.iter().map(|&s| model.arena.name(s).to_owned()).collect(),
            inputs: request.inputs.iter().map(|&s| s.to_owned()).collect(),
            outputs: request.outputs.iter().map(|&s| s.to_owned()).collect(),
            places: names.into_iter().zip(places).collect(),
            instructions: InstructionSet::detect(),
            factorisation: OnceLock::new(),
            #[cfg(target_arch = "x86_64")]
            machines: Some(Arc::new(Machines::new(compiler.recipe(&parts)))),
            layout: compiler.layout,
            pattern: parts.pattern,
            prepare,
            rates,
            jacobian,
            initial,
            observe,
        })
    }

    /// The same with other vector instructions than the widest; the results are the same bits.
    #[must_use]
    pub fn with_instructions(mut self, instructions: InstructionSet) -> Self {
        self.instructions = instructions;
        self
    }

    /// The same without machine code made at run time: slower, for CPUs and systems that do not have it; the results are the same bits.
    #[must_use]
    pub fn without_machine_code(self) -> Self {
        Tape {
            #[cfg(target_arch = "x86_64")]
            machines: None,
            ..self
        }
    }

    /// Where a state of the model went; `None` if the model has no such state.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<StateRef> {
        self.places.get(name).copied()
    }

    /// Names of the system's states, by index.
    #[must_use]
    pub fn state_names(&self) -> &[String] {
        &self.states
    }

    /// Index of an input.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<usize> {
        self.inputs.iter().position(|input| input == name)
    }

    /// Names of the inputs, as requested.
    #[must_use]
    pub fn input_names(&self) -> &[String] {
        &self.inputs
    }

    /// Index of an output.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<usize> {
        self.outputs.iter().position(|output| output == name)
    }

    /// Names of the outputs, as requested.
    #[must_use]
    pub fn output_names(&self) -> &[String] {
        &self.outputs
    }

    /// Number of instructions to prepare, for the rates, and for rates with Jacobian.
    #[must_use]
    pub fn instruction_counts(&self) -> [usize; 3] {
        [self.prepare.code.len(), self.rates.code.len(), self.jacobian.code.len()]
    }

    /// Number of runs of equal instructions in the same programs: how often the interpreter changes its loop.
    #[must_use]
    pub fn run_counts(&self) -> [usize; 3] {
        [self.prepare.runs.len(), self.rates.runs.len(), self.jacobian.runs.len()]
    }

    /// Initial values of the states for one patient's inputs, at time 0.
    ///
    /// # Panics
    /// If a slice has not the length of the inputs or the states.
    pub fn initial_state(&self, inputs: &[f64], states: &mut [f64]) {
        let mut registers = self.scalar_registers(0.0, inputs);
        run_scalar(&self.initial, &mut registers);
        assert_eq!(states.len(), self.states.len(), "one value per state");
        for (state, &register) in states.iter_mut().zip(&self.initial.results) {
            *state = registers[register as usize];
        }
    }

    /// The outputs of one patient, in the order of the request; states among them too.
    ///
    /// # Panics
    /// If a slice has not the length of the states, inputs or outputs.
    pub fn outputs(&self, time: f64, y: &[f64], inputs: &[f64], values: &mut [f64]) {
        self.outputs_with(&mut Vec::new(), time, y, inputs, values);
    }

    /// The same in `registers` that are kept from one call to the next, so that many calls ask for memory once.
    ///
    /// # Panics
    /// If a slice has not the length of the states, inputs or outputs.
    pub fn outputs_with(&self, registers: &mut Vec<f64>, time: f64, y: &[f64], inputs: &[f64], values: &mut [f64]) {
        registers.resize(self.n_registers, 0.0);
        registers[..self.layout.constants.len()].copy_from_slice(&self.layout.constants);
        registers[self.layout.inputs..][..self.inputs.len()].copy_from_slice(inputs);
        registers[self.layout.time] = time;
        registers[self.layout.states..][..self.states.len()].copy_from_slice(y);
        run_scalar(&self.observe, registers);
        assert_eq!(values.len(), self.outputs.len(), "one value per output");
        for (value, &register) in values.iter_mut().zip(&self.observe.results) {
            *value = registers[register as usize];
        }
    }

    /// Rates of one patient by the reference evaluator; bit for bit what the lanes compute.
    ///
    /// # Panics
    /// If a slice has not the length of the states or inputs.
    pub fn rates_of_one(&self, time: f64, y: &[f64], inputs: &[f64], rates: &mut [f64]) {
        let registers = self.evaluate_one(&self.rates, time, y, inputs);
        for (rate, &register) in rates.iter_mut().zip(&self.rates.results) {
            *rate = registers[register as usize];
        }
    }

    /// Rates, Jacobian entries and time derivatives of one patient, one after the other, by the reference evaluator.
    ///
    /// # Panics
    /// If a slice has not the length of the states or inputs.
    #[must_use]
    pub fn jacobian_of_one(&self, time: f64, y: &[f64], inputs: &[f64]) -> Vec<f64> {
        let registers = self.evaluate_one(&self.jacobian, time, y, inputs);
        self.jacobian
            .results
            .iter()
            .map(|&register| registers[register as usize])
            .collect()
    }

    fn evaluate_one(&self, program: &Program, time: f64, y: &[f64], inputs: &[f64]) -> Vec<f64> {
        let mut registers = self.scalar_registers(time, inputs);
        run_scalar(&self.prepare, &mut registers);
        registers[self.layout.states..][..self.states.len()].copy_from_slice(y);
        run_scalar(program, &mut registers);
        registers
    }

    fn scalar_registers(&self, time: f64, inputs: &[f64]) -> Vec<f64> {
        let mut registers = vec![0.0; self.n_registers];
        registers[..self.layout.constants.len()].copy_from_slice(&self.layout.constants);
        registers[self.layout.inputs..][..self.inputs.len()].copy_from_slice(inputs);
        registers[self.layout.time] = time;
        registers
    }

    /// Puts time and states where the programs look for them and runs `program`.
    #[inline]
    fn evaluate(&self, program: &Program, time: &Lane, y: &[Lane], registers: &mut [Lane]) {
        registers[self.layout.time] = *time;
        registers[self.layout.states..][..y.len()].copy_from_slice(y);
        self.instructions.run(RunLanes::new(program, registers));
    }

    fn gather(&self, from: &[Register], registers: &[Lane], to: &mut [Lane]) {
        self.instructions.run(Gather { from, registers, to });
    }
}

impl System for Tape {
    fn n_states(&self) -> usize {
        self.states.len()
    }

    fn n_inputs(&self) -> usize {
        self.inputs.len()
    }

    fn n_work(&self) -> usize {
        self.n_registers
    }

    fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    fn prepare(&self, inputs: &[Lane], work: &mut [Lane]) {
        for (register, &constant) in work.iter_mut().zip(&self.layout.constants) {
            *register = Lane::splat(constant);
        }
        work[self.layout.inputs..][..inputs.len()].copy_from_slice(inputs);
        self.instructions.run(RunLanes::new(&self.prepare, work));
    }

    fn rates(&self, time: &Lane, y: &[Lane], _inputs: &[Lane], work: &mut [Lane], rates: &mut [Lane]) {
        self.evaluate(&self.rates, time, y, work);
        self.gather(&self.rates.results, work, rates);
    }

    fn rates_and_jacobian(
        &self,
        time: &Lane,
        y: &[Lane],
        _inputs: &[Lane],
        work: &mut [Lane],
        rates: &mut [Lane],
        jacobian: &mut [Lane],
        time_derivative: &mut [Lane],
    ) {
        self.evaluate(&self.jacobian, time, y, work);
        let (n, results) = (y.len(), &self.jacobian.results);
        self.gather(&results[..n], work, rates);
        self.gather(&results[n..n + jacobian.len()], work, jacobian);
        if self.depends_on_time {
            self.gather(&results[n + jacobian.len()..], work, time_derivative);
        }
    }

    fn depends_on_time(&self) -> bool {
        self.depends_on_time
    }

    fn factorisation(&self) -> Arc<Factorisation> {
        Arc::clone(
            self.factorisation
                .get_or_init(|| Arc::new(Factorisation::new(&self.pattern))),
        )
    }

    #[cfg(target_arch = "x86_64")]
    fn stages(&self, instructions: InstructionSet) -> Option<&dyn Stages> {
        let lanes = instructions.vector_lanes()?;
        let machine = self.machines.as_ref()?.for_lanes(lanes, &self.factorisation())?;
        Some(machine)
    }
}
