//! Virtual patients with therapies in them, without trial around: the disease model joined, compiled and integrated.

#![allow(dead_code, reason = "each test file uses its own part")]

use malar_model::equations::Equations;
use malar_patients::Population;
use malar_patients::random::{Key, Purpose, Stream};
use malar_solver::{Action, Course, Integrator, Observed, Schedule, Settings, System};
use malar_tape::{Request, StateRef, Tape};
use malar_trial::Product;

use crate::library;

/// A dose: day, joined name of the state, amount.
pub type Dose<'a> = (f64, &'a str, f64);

/// Equations with the inputs in which patients differ.
pub struct Body {
    tape: Tape,
    inputs: Vec<String>,
    /// Standard deviations of the inputs that are random effects.
    effects: Vec<(String, f64)>,
    population: Population,
}

/// Values over time: `[patient][day][quantity]`.
pub type Table = Vec<Vec<Vec<f64>>>;

impl Body {
    /// The disease with therapies of the library attached; `outputs` are what can be looked at, `dosed` what can be dosed.
    pub fn with(therapies: &[&str], dosed: &[&str], outputs: &[&str]) -> Body {
        let mut equations = library::equations("models/sle/sle.ant");
        let (products, hooks) = (library::products(), library::hooks());
        let given: Vec<&Product> = therapies.iter().map(|id| &products[*id]).collect();
        for product in &given {
            product.attach_to(&mut equations, &hooks).unwrap();
        }
        let effect = |p: &&Product| -> Vec<(String, f64)> {
            let effects = p.therapy.random_effects.iter();
            effects
                .map(|e| (format!("{}__{}", p.therapy.id, e.parameter), e.sd))
                .collect()
        };
        Body::of(&equations, given.iter().flat_map(effect).collect(), dosed, outputs)
    }

    fn of(equations: &Equations, effects: Vec<(String, f64)>, dosed: &[&str], outputs: &[&str]) -> Body {
        let file = library::source("populations/sle-trial.toml");
        let population = Population::parse(&file).unwrap();
        let is_parameter = |name: &&String| {
            let mut names = equations.parameters.iter().map(|p| equations.arena.name(p.symbol));
            names.any(|n| n == name.as_str())
        };
        let mut inputs: Vec<String> = population.names().iter().filter(is_parameter).cloned().collect();
        inputs.extend(effects.iter().map(|e| e.0.clone()));
        let names: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let request = Request {
            inputs: &names,
            dosed,
            outputs,
            prune_unobserved: true,
            ..Request::default()
        };
        let tape = Tape::compile(equations, &request).unwrap();
        Body {
            tape,
            inputs,
            effects,
            population,
        }
    }

    /// Values of virtual patient `k`'s inputs: the population's draw and the therapies' random effects.
    fn patient(&self, k: u32) -> Vec<f64> {
        let key = Key {
            seed: 7,
            replicate: 0,
            patient: k,
            purpose: Purpose::Parameters,
            visit: 0,
        };
        let mut values = vec![0.0; self.population.names().len()];
        self.population.draw(&mut Stream::new(key), &mut values);
        let mut luck = Stream::new(Key {
            purpose: Purpose::Kinetics,
            ..key
        });
        let mut value = |name: &String| match self.effects.iter().find(|e| e.0 == *name) {
            Some((_, sd)) => sd * luck.normal(),
            None if name == "trigger_mean" => 0.0, // no triggers in these tests
            None => values[self.population.index(name).unwrap()],
        };
        self.inputs.iter().map(&mut value).collect()
    }

    /// Runs `n` virtual patients through `doses` and looks at the outputs on each of `days`.
    pub fn run(&self, n: u32, doses: &[Dose<'_>], days: &[f64]) -> Table {
        let mut schedule = Schedule::new();
        for &(day, state, amount) in doses {
            let Some(StateRef::Index(state)) = self.tape.state(state) else {
                panic!("{state} cannot be dosed")
            };
            schedule.at(day, Action::AddToState { state, amount });
        }
        let patients: Vec<Vec<f64>> = (0..n).map(|k| self.patient(k)).collect();
        let course = |inputs: &Vec<f64>| {
            let mut initial = vec![0.0; self.tape.n_states()];
            self.tape.initial_state(inputs, &mut initial);
            Course {
                initial,
                inputs: inputs.clone(),
                schedule: schedule.clone(),
                ..Course::default()
            }
        };
        let states: Vec<usize> = (0..self.tape.n_states()).collect();
        let mut observed = Observed::new(patients.iter().map(course).collect(), days.to_vec(), states);
        let settings = Settings {
            absolute: vec![1e-9],
            ..Settings::with_tolerance(1e-5)
        };
        Integrator::new(&self.tape, settings).integrate(&mut observed);
        (patients.iter().enumerate())
            .map(|(k, inputs)| {
                assert_eq!(observed.failure(k), None, "patient {k}");
                self.outputs(observed.record(k), inputs, days)
            })
            .collect()
    }

    fn outputs(&self, record: &[f64], inputs: &[f64], days: &[f64]) -> Vec<Vec<f64>> {
        let rows = record.chunks(self.tape.n_states());
        let row = |(y, day): (&[f64], &f64)| {
            let mut values = vec![0.0; self.tape.output_names().len()];
            self.tape.outputs(*day, y, inputs, &mut values);
            values
        };
        rows.zip(days).map(row).collect()
    }
}

/// Lymphodepletion of most trials, for 1.7 m2: fludarabine 25 mg/m2 on three days, cyclophosphamide 1 g/m2 on the first.
pub const LYMPHODEPLETION: [Dose<'static>; 4] = [
    (0.0, "fludarabine__central", 42.5),
    (0.0, "cyclophosphamide__central", 1700.0),
    (1.0, "fludarabine__central", 42.5),
    (2.0, "fludarabine__central", 42.5),
];
/// States that lymphodepletion doses.
pub const LYMPHODEPLETION_STATES: [&str; 2] = ["fludarabine__central", "cyclophosphamide__central"];
/// Day of the infusion after it.
pub const INFUSION: f64 = 5.0;
