//! The compiled equations of one arm, and how a patient is put into them and read out of them.

use malar_model::equations::Equations;
use malar_patients::random::{Key, Purpose, Stream};
use malar_solver::{LaneMut, System, math};
use malar_tape::{StateRef, Tape};

use crate::instruments::items::N_ORGANS;
use crate::instruments::{Biology, Filter};
use crate::therapy::Manufacturing;

/// Outputs of every program in this order; the kidney's and a drug's concentration may follow.
pub(crate) const MEASURED: [&str; 4] = ["C3_serum", "C4_serum", "anti_dsDNA_serum", "ifn_signature"];
/// Outputs that follow where a trial measures the kidney; elsewhere the kidney folds away.
pub(crate) const KIDNEY: [&str; 2] = ["UPCR", "eGFR"];

/// Outputs that follow if the trial measures them: anti-dsDNA of the classes IgA2 and IgA1.
pub(crate) const IGA: [&str; 2] = ["IgA2_dsDNA_serum", "IgA1_dsDNA_serum"];

/// One dose: when, into which state or infusion, how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dose {
    /// Days since randomisation, or since the product was ready.
    pub day: f64,
    /// Amount in the unit of its way in, or that per kg of body weight.
    pub amount: f64,
    /// The amount is per kg.
    pub per_kg: bool,
    /// Which of the program's ways in.
    pub entry: usize,
    /// Which of the program's makings the day counts from.
    pub made: Option<usize>,
    /// Which of the arm's therapies, in the order of the file.
    pub usage: usize,
}

/// How long a product takes to make for a patient, and whether that succeeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Making {
    pub law: Manufacturing,
    /// Number of its random stream.
    pub stream: u16,
}

impl Making {
    /// Days until this patient's product is ready; `None` if it cannot be made. The same in every arm.
    fn ready(&self, key: Key) -> Option<f64> {
        let mut stream = Stream::new(Key {
            purpose: Purpose::Manufacture,
            visit: self.stream,
            ..key
        });
        let fails = stream.uniform() < self.law.failure;
        let days = self.law.days * math::exp(self.law.days_log_sd * stream.normal());
        (!fails).then_some(days)
    }
}

/// A way into the body within a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Entry {
    /// Adds to a state.
    Bolus { state: usize },
    /// Sets an input to amount / days for so many days.
    Infusion { input: usize, days: f64 },
    /// Sets the daily dose of a drug from now on.
    Daily { input: usize },
    /// Sets the maintenance dose of the background steroid from now on.
    Steroid,
}

/// What fills an input of the tape.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fill {
    /// A value of the virtual patient.
    Patient(usize),
    /// A normal random effect: standard deviation, stream number.
    RandomEffect(f64, u16),
    /// A constant at the start.
    Constant(f64),
}

/// The compiled equations of one arm with everything the driver needs to run a patient.
#[derive(Debug)]
pub(crate) struct Program {
    pub tape: Tape,
    pub fills: Vec<Fill>,
    pub steroid_input: usize,
    /// Inputs to change at randomisation: daily drugs of the arm.
    pub daily_inputs: Vec<(usize, f64)>,
    pub entries: Vec<Entry>,
    pub doses: Vec<Dose>,
    pub makings: Vec<Making>,
    /// Therapy id and class of each way in.
    pub given: Vec<(String, String)>,
    /// First of the outputs that are watched beside those every program has; they come last.
    pub watched: usize,
    /// Organ triggers, then the systemic one.
    pub trigger: [StateRef; N_ORGANS + 1],
    pub organ: [StateRef; N_ORGANS],
    /// Outputs before the organs and states that are kept: [`MEASURED`], perhaps [`KIDNEY`] and [`IGA`], then concentrations.
    pub n_measured: usize,
    /// The outputs hold the kidney's.
    pub kidney: bool,
    /// The outputs hold anti-dsDNA IgA.
    pub iga: bool,
    /// States of the disease model, in its order.
    pub core: Vec<StateRef>,
}

impl Program {
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
            // What only this program follows was not carried until now, and starts at the patient's own baseline.
            if let (StateRef::Index(i), false) = (*r, value.is_nan()) {
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

    /// The doses of a patient in order of time, days since randomisation. What waits for a product that cannot be made is not
    /// given; what should come before randomisation comes at once.
    pub fn doses_of(&self, key: Key) -> Vec<Dose> {
        let ready: Vec<Option<f64>> = self.makings.iter().map(|m| m.ready(key)).collect();
        let timed = |dose: &Dose| {
            let day = match dose.made {
                Some(making) => dose.day + ready[making]?,
                None => dose.day,
            };
            let day = day.max(0.0);
            Some(Dose { day, ..*dose })
        };
        let mut doses: Vec<Dose> = self.doses.iter().filter_map(timed).collect();
        doses.sort_by(|a, b| a.day.total_cmp(&b.day).then(a.entry.cmp(&b.entry)));
        doses
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

    /// Reads what is watched in a lane, in the order asked for.
    pub fn watched<'s>(&self, lane: &LaneMut<'_>, scratch: &'s mut Scratch) -> &'s [f64] {
        scratch.read(lane);
        self.tape
            .outputs(lane.time(), &scratch.y, &scratch.inputs, &mut scratch.outputs);
        &scratch.outputs[self.watched..]
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
        let kidney = MEASURED.len();
        let iga = kidney + if self.kidney { KIDNEY.len() } else { 0 };
        let concentration = iga + if self.iga { IGA.len() } else { 0 };
        Biology {
            organs: std::array::from_fn(|k| state(self.organ[k])),
            c3: o[0],
            c4: o[1],
            anti_dsdna: o[2],
            ifn_signature: o[3],
            iga_anti_dsdna: if self.iga { [o[iga], o[iga + 1]] } else { [f64::NAN; 2] },
            concentration: if self.n_measured > concentration {
                o[concentration]
            } else {
                0.0
            },
            kidney: self.kidney.then(|| Filter {
                upcr: o[kidney],
                egfr: o[kidney + 1],
            }),
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
