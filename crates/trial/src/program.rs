//! The equations of one arm: disease model and therapies joined, specialised, compiled.

use malar_model::compose::{Combine, Drive};
use malar_model::equations::Equations;
use malar_patients::Population;
use malar_patients::random::{Key, Purpose, Stream};
use malar_solver::{LaneMut, System};
use malar_tape::{Request, StateRef, Tape};

use crate::instruments::Biology;
use crate::instruments::items::{N_ORGANS, ORGANS};
use crate::therapy::Therapy;

/// Name of the per-organ and systemic trigger states.
pub(crate) fn trigger_states() -> [String; N_ORGANS + 1] {
    std::array::from_fn(|k| {
        if k == N_ORGANS {
            "trigger".to_owned()
        } else {
            format!("trigger_{}", ORGANS[k])
        }
    })
}

/// Measured quantities that the disease model must offer.
const MEASURED: [&str; 4] = ["C3_serum", "C4_serum", "anti_dsDNA_serum", "ifn_signature"];

/// One dose: when, into which state or infusion, how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dose {
    /// Days since randomisation.
    pub day: f64,
    /// Amount, mg, or mg per kg of body weight.
    pub amount: f64,
    /// The amount is per kg.
    pub per_kg: bool,
    /// Which of the program's ways in.
    pub entry: usize,
}

/// A way into the body within a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Entry {
    /// Adds to a state.
    Bolus { state: usize },
    /// Sets an input to amount / days for so many days.
    Infusion { input: usize, days: f64 },
}

/// What fills an input of the tape.
#[derive(Clone, Debug, PartialEq)]
enum Fill {
    /// A value of the virtual patient.
    Patient(usize),
    /// A normal random effect: standard deviation, stream number.
    RandomEffect(f64, u16),
    /// A constant at the start.
    Constant(f64),
}

/// A therapy with its own equations.
#[derive(Clone, Debug)]
pub struct Product {
    /// What it is.
    pub therapy: Therapy,
    /// Its equations.
    pub equations: Equations,
}

/// Something given in an arm.
#[derive(Clone, Debug)]
pub(crate) struct Given<'a> {
    pub product: &'a Product,
    /// Position of the route, if the therapy is dosed.
    pub route: Option<usize>,
    /// Doses over time (entry is filled in here).
    pub doses: Vec<Dose>,
    /// Daily dose from randomisation on.
    pub daily: Option<f64>,
}

/// The compiled equations of one arm with everything the driver needs to run a patient.
#[derive(Debug)]
pub(crate) struct Program {
    pub tape: Tape,
    fills: Vec<Fill>,
    pub steroid_input: usize,
    /// Inputs to change at randomisation: daily drugs of the arm.
    pub daily_inputs: Vec<(usize, f64)>,
    pub entries: Vec<Entry>,
    pub doses: Vec<Dose>,
    trigger: [StateRef; N_ORGANS + 1],
    organ: [StateRef; N_ORGANS],
    n_measured: usize,
    /// States of the disease model, in its order.
    pub core: Vec<StateRef>,
}

/// Why a program could not be built; said in the protocol's diagnostics.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgramError {
    #[error(transparent)]
    Attach(#[from] malar_model::compose::AttachError),
    #[error(transparent)]
    Compile(#[from] malar_tape::CompileError),
    #[error("the disease model has no `{0}`, which a trial needs")]
    Missing(String),
}

/// Everything a program is built from.
pub(crate) struct Recipe<'a> {
    pub core: &'a Equations,
    pub steroid: &'a Product,
    pub given: &'a [Given<'a>],
    pub population: &'a Population,
    /// States that another program of the same trial needs to be started from this one.
    pub keep: &'a [String],
}

impl Program {
    pub fn build(recipe: &Recipe<'_>) -> Result<Program, ProgramError> {
        let mut equations = recipe.core.clone();
        attach(&mut equations, recipe.steroid)?;
        for given in recipe.given {
            attach(&mut equations, given.product)?;
        }
        let mut inputs = Inputs::of_population(recipe.population, &equations);
        let steroid_input = inputs.daily(recipe.steroid, recipe.population)?;
        let mut dosed = trigger_states().to_vec();
        let mut daily_inputs = Vec::new();
        let mut pending = Vec::new();
        for given in recipe.given {
            let therapy = &given.product.therapy;
            inputs.random_effects(therapy);
            if let (Some(dose), Some(_)) = (given.daily, &therapy.daily) {
                daily_inputs.push((inputs.daily(given.product, recipe.population)?, dose));
            }
            let Some(route) = given.route.map(|k| &therapy.routes[k]) else {
                continue;
            };
            let state = format!("{}__{}", therapy.id, route.state);
            dosed.push(state.clone());
            let infusion = (route.infusion_days > 0.0).then(|| {
                (
                    inputs.push(format!("{}__infusion_rate", therapy.id), Fill::Constant(0.0)),
                    route.infusion_days,
                )
            });
            pending.push((given, state, infusion));
        }
        let mut outputs: Vec<String> = MEASURED.map(str::to_owned).to_vec();
        outputs.extend(recipe.given.iter().filter_map(|g| concentration(&g.product.therapy)));
        let organs = ORGANS.map(str::to_owned);
        let n_measured = outputs.len();
        let wanted: Vec<&str> = outputs
            .iter()
            .chain(&organs)
            .chain(recipe.keep)
            .map(String::as_str)
            .collect();
        let tape = Tape::compile(
            &equations,
            &Request {
                inputs: &inputs.names.iter().map(String::as_str).collect::<Vec<_>>(),
                fixed: &[],
                dosed: &dosed.iter().map(String::as_str).collect::<Vec<_>>(),
                outputs: &wanted,
                prune_unobserved: true,
            },
        )?;
        let index = |name: &str| match tape.state(name) {
            Some(StateRef::Index(i)) => Ok(i),
            _ => Err(ProgramError::Missing(name.to_owned())),
        };
        let reference = |name: &str| tape.state(name).ok_or_else(|| ProgramError::Missing(name.to_owned()));
        let (mut entries, mut doses) = (Vec::new(), Vec::new());
        for (given, state, infusion) in pending {
            doses.extend(given.doses.iter().map(|d| Dose {
                entry: entries.len(),
                ..*d
            }));
            entries.push(match infusion {
                Some((input, days)) => Entry::Infusion { input, days },
                None => Entry::Bolus { state: index(&state)? },
            });
        }
        doses.sort_by(|a, b| a.day.total_cmp(&b.day).then(a.entry.cmp(&b.entry)));
        let names = trigger_states();
        let mut trigger = [StateRef::Pruned; N_ORGANS + 1];
        let mut organ = [StateRef::Pruned; N_ORGANS];
        for k in 0..=N_ORGANS {
            trigger[k] = reference(&names[k])?;
        }
        for k in 0..N_ORGANS {
            organ[k] = reference(ORGANS[k])?;
        }
        let core_names = recipe.core.states.iter().map(|s| recipe.core.arena.name(s.symbol));
        let core = core_names.map(reference).collect::<Result<_, _>>()?;
        Ok(Program {
            tape,
            fills: inputs.fills,
            steroid_input,
            daily_inputs,
            entries,
            doses,
            trigger,
            organ,
            n_measured,
            core,
        })
    }

    /// Names of the disease model's states that this program integrates.
    pub fn active_core(&self, core: &Equations) -> Vec<String> {
        let names = core.states.iter().map(|s| core.arena.name(s.symbol).to_owned());
        names
            .zip(&self.core)
            .filter(|(_, r)| !matches!(r, StateRef::Pruned))
            .map(|(name, _)| name)
            .collect()
    }

    /// Start of a run-in: every state at baseline, triggers at the patient's mean.
    pub fn baseline(&self, inputs: &[f64], trigger_mean: f64, y: &mut [f64]) {
        self.tape.initial_state(inputs, y);
        for reference in &self.trigger {
            if let StateRef::Index(i) = *reference {
                y[i] = trigger_mean;
            }
        }
    }

    /// Values of the disease model's states in its own order, read with `state`; a pruned state is NaN.
    pub fn core_values(&self, state: impl Fn(usize) -> f64) -> Vec<f64> {
        let value = |r: &StateRef| match *r {
            StateRef::Index(i) => state(i),
            StateRef::Constant(value) => value,
            StateRef::Pruned => f64::NAN,
        };
        self.core.iter().map(value).collect()
    }

    /// Start of a patient whose disease model stands at `core` (in its own order): therapies at their initial values.
    pub fn start(&self, inputs: &[f64], core: &[f64], y: &mut [f64]) {
        self.tape.initial_state(inputs, y);
        for (r, value) in self.core.iter().zip(core) {
            if let StateRef::Index(i) = *r {
                y[i] = *value;
            }
        }
    }

    /// Puts a patient into a lane.
    pub fn load(&self, inputs: &[f64], y: &[f64], lane: &mut LaneMut<'_>) {
        for (i, x) in inputs.iter().enumerate() {
            lane.set_input(i, *x);
        }
        for (i, x) in y.iter().enumerate() {
            lane.set_state(i, *x);
        }
    }

    /// The inputs of a patient as a list.
    pub fn inputs(&self, values: &[f64], key: Key) -> Vec<f64> {
        self.fills.iter().map(|fill| fill.value(values, key)).collect()
    }

    /// Applies a trigger to the systemic and the organ states.
    pub fn pull_trigger(&self, trigger: super::conduct::Trigger, organ_chance: f64, lane: &mut LaneMut<'_>) {
        let mut add = |state: StateRef, amount: f64| {
            if let StateRef::Index(i) = state {
                let old = lane.state(i);
                lane.set_state(i, old + amount);
            }
        };
        add(self.trigger[N_ORGANS], trigger.size);
        for organ in 0..N_ORGANS {
            if trigger.organs >> organ & 1 == 1 {
                add(self.trigger[organ], trigger.size / organ_chance);
            }
        }
    }

    /// Reads the biology of a lane. `scratch` holds the patient's state, inputs and outputs.
    pub fn biology(&self, lane: &LaneMut<'_>, scratch: &mut Scratch) -> Biology {
        scratch.read(lane);
        self.tape
            .outputs(lane.time(), &scratch.y, &scratch.inputs, &mut scratch.outputs);
        let state = |r: StateRef| match r {
            StateRef::Index(i) => lane.state(i),
            StateRef::Constant(value) => value,
            StateRef::Pruned => f64::NAN,
        };
        let o = &scratch.outputs;
        Biology {
            organs: std::array::from_fn(|k| state(self.organ[k])),
            c3: o[0],
            c4: o[1],
            anti_dsdna: o[2],
            ifn_signature: o[3],
            concentration: if self.n_measured > MEASURED.len() {
                o[MEASURED.len()]
            } else {
                0.0
            },
        }
    }
}

/// Buffers for one patient's scalars, so that visits do not allocate.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub y: Vec<f64>,
    pub inputs: Vec<f64>,
    pub outputs: Vec<f64>,
}

impl Scratch {
    /// Buffers of the right size for a program.
    pub fn new(program: &Program) -> Self {
        Scratch {
            y: vec![0.0; program.tape.n_states()],
            inputs: vec![0.0; program.fills.len()],
            outputs: vec![0.0; program.tape.output_names().len()],
        }
    }

    fn read(&mut self, lane: &LaneMut<'_>) {
        for (i, y) in self.y.iter_mut().enumerate() {
            *y = lane.state(i);
        }
        for (i, x) in self.inputs.iter_mut().enumerate() {
            *x = lane.input(i);
        }
    }
}

impl Fill {
    fn value(&self, values: &[f64], key: Key) -> f64 {
        match *self {
            Fill::Patient(k) => values[k],
            Fill::Constant(x) => x,
            Fill::RandomEffect(sd, number) => {
                sd * Stream::new(Key {
                    purpose: Purpose::Kinetics,
                    visit: number,
                    ..key
                })
                .normal()
            }
        }
    }
}

/// Inputs of a tape under construction.
struct Inputs {
    names: Vec<String>,
    fills: Vec<Fill>,
}

impl Inputs {
    /// Everything the population draws that the model has as a parameter.
    fn of_population(population: &Population, equations: &Equations) -> Self {
        let is_parameter = |name: &str| {
            equations
                .parameters
                .iter()
                .any(|p| equations.arena.name(p.symbol) == name)
        };
        let mut inputs = Inputs {
            names: Vec::new(),
            fills: Vec::new(),
        };
        for (k, name) in population.names().iter().enumerate() {
            if is_parameter(name) {
                inputs.push(name.clone(), Fill::Patient(k));
            }
        }
        inputs
    }

    fn push(&mut self, name: String, fill: Fill) -> usize {
        self.names.push(name);
        self.fills.push(fill);
        self.names.len() - 1
    }

    /// Current and baseline dose of a daily drug; the population may draw `<therapy>_baseline`.
    fn daily(&mut self, product: &Product, population: &Population) -> Result<usize, ProgramError> {
        let id = &product.therapy.id;
        let daily = product
            .therapy
            .daily
            .as_ref()
            .ok_or_else(|| ProgramError::Missing(format!("{id} daily dose")))?;
        let fill = || {
            population
                .index(&format!("{id}_baseline"))
                .map_or(Fill::Constant(0.0), Fill::Patient)
        };
        self.push(format!("{id}__{}", daily.baseline_input), fill());
        Ok(self.push(format!("{id}__{}", daily.input), fill()))
    }

    fn random_effects(&mut self, therapy: &Therapy) {
        let base = stream_number(&therapy.id);
        for (k, effect) in therapy.random_effects.iter().enumerate() {
            let number = base.wrapping_add(k as u16);
            self.push(
                format!("{}__{}", therapy.id, effect.parameter),
                Fill::RandomEffect(effect.sd, number),
            );
        }
    }
}

/// Number of a therapy's first kinetics stream, from its id alone: another therapy beside it changes nothing (FNV-1a).
fn stream_number(id: &str) -> u16 {
    let hash = id
        .bytes()
        .fold(0x811c_9dc5u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    (hash ^ hash >> 16) as u16
}

/// Joined name of a therapy's concentration.
fn concentration(therapy: &Therapy) -> Option<String> {
    therapy
        .concentration
        .as_ref()
        .map(|name| format!("{}__{name}", therapy.id))
}

fn attach(equations: &mut Equations, product: &Product) -> Result<(), ProgramError> {
    let therapy = &product.therapy;
    // Killing adds up; fractions blocked by independent drugs combine as 1 - (1 - a)(1 - b).
    let combine = |hook: &str| {
        if hook.starts_with("kill_") {
            Combine::Sum
        } else {
            Combine::Independent
        }
    };
    let drive = |h: &String| Drive {
        from: h.clone(),
        hook: h.clone(),
        combine: combine(h),
    };
    let drives: Vec<Drive> = therapy.drives.iter().map(drive).collect();
    let shared: Vec<&str> = therapy.shared.iter().map(String::as_str).collect();
    equations.attach(&therapy.id, &product.equations, &shared, &drives)?;
    Ok(())
}
