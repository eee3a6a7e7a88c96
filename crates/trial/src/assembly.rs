//! Joins the disease model and an arm's therapies into one set of equations, specialises and compiles them.

use malar_model::compose::{Combine, Drive};
use malar_model::equations::Equations;
use malar_patients::Population;
use malar_tape::{Request, StateRef, Tape};

use crate::instruments::items::{N_ORGANS, ORGANS};
use crate::program::{Dose, Entry, Fill, MEASURED, Program};
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
    /// Joins, specialises and compiles.
    pub fn build(recipe: &Recipe<'_>) -> Result<Program, ProgramError> {
        let mut assembly = Assembly::new(recipe)?;
        for given in recipe.given {
            assembly.give(given, recipe.population)?;
        }
        let measured = assembly.measured(recipe);
        let tape = assembly.compile(recipe, &measured)?;
        let reference = |name: &str| tape.state(name).ok_or_else(|| ProgramError::Missing(name.to_owned()));
        let (mut trigger, mut organ) = ([StateRef::Pruned; N_ORGANS + 1], [StateRef::Pruned; N_ORGANS]);
        for (place, name) in trigger.iter_mut().zip(trigger_states()) {
            *place = reference(&name)?;
        }
        for (place, name) in organ.iter_mut().zip(ORGANS) {
            *place = reference(name)?;
        }
        let core_names = recipe.core.states.iter().map(|s| recipe.core.arena.name(s.symbol));
        let core = core_names.map(reference).collect::<Result<_, _>>()?;
        let entries = assembly.entries(&tape)?;
        Ok(Program {
            entries,
            fills: assembly.inputs.fills,
            steroid_input: assembly.steroid_input,
            daily_inputs: assembly.daily_inputs,
            doses: assembly.doses,
            n_measured: measured.len(),
            trigger,
            organ,
            core,
            tape,
        })
    }
}

/// A program under construction.
struct Assembly {
    equations: Equations,
    inputs: Inputs,
    steroid_input: usize,
    daily_inputs: Vec<(usize, f64)>,
    /// Joined names of states that doses or triggers change.
    dosed: Vec<String>,
    ways: Vec<Way>,
    doses: Vec<Dose>,
}

/// A way into the body before compilation: a state by name, or an infusion into an input.
enum Way {
    Bolus(String),
    Infusion { input: usize, days: f64 },
}

impl Assembly {
    /// Disease model and background steroid.
    fn new(recipe: &Recipe<'_>) -> Result<Assembly, ProgramError> {
        let mut equations = recipe.core.clone();
        attach(&mut equations, recipe.steroid)?;
        let mut inputs = Inputs::of_population(recipe.population, &equations);
        let steroid_input = inputs.daily(recipe.steroid, recipe.population)?;
        let dosed = trigger_states().to_vec();
        Ok(Assembly {
            equations,
            inputs,
            steroid_input,
            daily_inputs: Vec::new(),
            dosed,
            ways: Vec::new(),
            doses: Vec::new(),
        })
    }

    /// Adds what an arm gives.
    fn give(&mut self, given: &Given<'_>, population: &Population) -> Result<(), ProgramError> {
        attach(&mut self.equations, given.product)?;
        let therapy = &given.product.therapy;
        self.inputs.random_effects(therapy);
        if let (Some(dose), Some(_)) = (given.daily, &therapy.daily) {
            self.daily_inputs
                .push((self.inputs.daily(given.product, population)?, dose));
        }
        let Some(route) = given.route.map(|k| &therapy.routes[k]) else {
            return Ok(());
        };
        let state = format!("{}__{}", therapy.id, route.state);
        self.dosed.push(state.clone());
        let entry = self.ways.len();
        self.doses.extend(given.doses.iter().map(|d| Dose { entry, ..*d }));
        self.doses
            .sort_by(|a, b| a.day.total_cmp(&b.day).then(a.entry.cmp(&b.entry)));
        self.ways.push(if route.infusion_days > 0.0 {
            let input = self
                .inputs
                .push(format!("{}__infusion_rate", therapy.id), Fill::Constant(0.0));
            Way::Infusion {
                input,
                days: route.infusion_days,
            }
        } else {
            Way::Bolus(state)
        });
        Ok(())
    }

    /// What is looked at besides organs: laboratory values, then drug concentrations.
    fn measured(&self, recipe: &Recipe<'_>) -> Vec<String> {
        let drugs = recipe.given.iter().filter_map(|g| concentration(&g.product.therapy));
        MEASURED.iter().map(|&name| name.to_owned()).chain(drugs).collect()
    }

    fn compile(&self, recipe: &Recipe<'_>, measured: &[String]) -> Result<Tape, ProgramError> {
        fn names(list: &[String]) -> Vec<&str> {
            list.iter().map(String::as_str).collect()
        }
        let mut outputs: Vec<&str> = measured.iter().map(String::as_str).collect();
        outputs.extend(ORGANS);
        outputs.extend(recipe.keep.iter().map(String::as_str));
        let request = Request {
            inputs: &names(&self.inputs.names),
            fixed: &[],
            dosed: &names(&self.dosed),
            outputs: &outputs,
            prune_unobserved: true,
        };
        Ok(Tape::compile(&self.equations, &request)?)
    }

    fn entries(&self, tape: &Tape) -> Result<Vec<Entry>, ProgramError> {
        let entry = |way: &Way| match way {
            Way::Infusion { input, days } => Ok(Entry::Infusion {
                input: *input,
                days: *days,
            }),
            Way::Bolus(name) => match tape.state(name) {
                Some(StateRef::Index(state)) => Ok(Entry::Bolus { state }),
                _ => Err(ProgramError::Missing(name.clone())),
            },
        };
        self.ways.iter().map(entry).collect()
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
