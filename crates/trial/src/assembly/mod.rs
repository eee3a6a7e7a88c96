//! Joins the disease model and an arm's therapies into one set of equations, specialises and compiles them.

mod inputs;
mod streams;

use malar_model::equations::Equations;
use malar_patients::Population;
use malar_tape::{Request, StateRef, Tape};

use crate::instruments::items::{N_ORGANS, ORGANS};
use crate::product::{Hooks, Product};
use crate::program::{Dose, Entry, IGA, KIDNEY, MEASURED, Making, Program};
use crate::therapy::{Manufacturing, Therapy};
use inputs::Inputs;

pub(crate) use streams::{shared_stream, stream_number};

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

/// Something given in an arm.
#[derive(Clone, Debug)]
pub(crate) struct Given<'a> {
    pub product: &'a Product,
    /// Position among the arm's therapies.
    pub usage: usize,
    /// Position of the route, if the therapy is dosed.
    pub route: Option<usize>,
    /// Doses over time (entry and making are filled in here); of a daily drug, the daily doses from each day on.
    pub doses: Vec<Dose>,
    /// Daily dose from randomisation on.
    pub daily: Option<f64>,
    /// The product from whose readiness the days count, and how it is made.
    pub when_made: Option<(&'a str, Manufacturing)>,
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
    pub hooks: &'a Hooks,
    pub steroid: &'a Product,
    pub given: &'a [Given<'a>],
    pub population: &'a Population,
    /// States that another program of the same trial needs to be started from this one.
    pub keep: &'a [String],
    /// Whether the trial measures the kidney.
    pub kidney: bool,
    /// Further quantities to look at, by name in the joined equations.
    pub watch: &'a [String],
    /// Whether the trial measures anti-dsDNA IgA.
    pub iga: bool,
}

impl Program {
    /// Joins, specialises and compiles.
    pub fn build(recipe: &Recipe<'_>) -> Result<Program, ProgramError> {
        let mut assembly = Assembly::new(recipe)?;
        let background = &recipe.steroid.therapy.id;
        for product in distinct(recipe.given) {
            if product.therapy.id != *background {
                assembly.add(product, recipe)?;
            }
        }
        for given in recipe.given {
            assembly.give(given, recipe)?;
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
            makings: assembly.makings,
            given: assembly.given,
            watched: tape.output_names().len() - recipe.watch.len(),
            n_measured: measured.len(),
            kidney: recipe.kidney,
            iga: recipe.iga,
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
    /// Therapy and class of each way in.
    given: Vec<(String, String)>,
    doses: Vec<Dose>,
    makings: Vec<Making>,
}

/// A way into the body before compilation: a state by name, or one that needs no compilation.
enum Way {
    Bolus(String),
    Known(Entry),
}

impl Assembly {
    /// Disease model and background steroid.
    fn new(recipe: &Recipe<'_>) -> Result<Assembly, ProgramError> {
        let mut equations = recipe.core.clone();
        recipe.steroid.attach_to(&mut equations, recipe.hooks)?;
        let mut inputs = Inputs::of_population(recipe.population, &equations);
        inputs.of_therapy(recipe.steroid, recipe.population, &equations);
        let steroid_input = inputs.daily(recipe.steroid, recipe.population)?;
        let dosed = trigger_states().to_vec();
        Ok(Assembly {
            equations,
            inputs,
            steroid_input,
            daily_inputs: Vec::new(),
            dosed,
            ways: Vec::new(),
            given: Vec::new(),
            doses: Vec::new(),
            makings: Vec::new(),
        })
    }

    /// Adds the equations, the random effects of a product, and its parameters that the population draws.
    fn add(&mut self, product: &Product, recipe: &Recipe<'_>) -> Result<(), ProgramError> {
        product.attach_to(&mut self.equations, recipe.hooks)?;
        self.inputs.of_therapy(product, recipe.population, &self.equations);
        self.inputs.random_effects(&product.therapy);
        Ok(())
    }

    /// Adds one regimen of a product.
    fn give(&mut self, given: &Given<'_>, recipe: &Recipe<'_>) -> Result<(), ProgramError> {
        let therapy = &given.product.therapy;
        if therapy.daily.is_some() {
            let background = therapy.id == recipe.steroid.therapy.id;
            let input = match background {
                true => self.steroid_input,
                false => self.inputs.daily(given.product, recipe.population)?,
            };
            match given.daily {
                Some(dose) if !background => self.daily_inputs.push((input, dose)),
                Some(dose) => self.schedule(given, &[from_start(dose)], Way::Known(Entry::Steroid)),
                None if background => self.schedule(given, &given.doses, Way::Known(Entry::Steroid)),
                None => self.schedule(given, &given.doses, Way::Known(Entry::Daily { input })),
            }
        }
        let Some(route) = given.route.map(|k| &therapy.routes[k]) else {
            return Ok(());
        };
        let state = format!("{}__{}", therapy.id, route.state);
        self.dosed.push(state.clone());
        let way = if route.infusion_days > 0.0 {
            let (input, days) = (self.inputs.infusion_rate(therapy), route.infusion_days);
            Way::Known(Entry::Infusion { input, days })
        } else {
            Way::Bolus(state)
        };
        self.schedule(given, &given.doses, way);
        Ok(())
    }

    /// Adds doses that enter by `way`.
    fn schedule(&mut self, given: &Given<'_>, doses: &[Dose], way: Way) {
        let entry = self.ways.len();
        self.ways.push(way);
        let therapy = &given.product.therapy;
        self.given.push((therapy.id.clone(), therapy.class.clone()));
        let made = given.when_made.map(|(id, law)| self.making(id, law));
        self.doses.extend(doses.iter().map(|d| Dose {
            entry,
            made,
            usage: given.usage,
            ..*d
        }));
        self.doses
            .sort_by(|a, b| a.day.total_cmp(&b.day).then(a.entry.cmp(&b.entry)));
    }

    /// Position of the making of product `id`, added if it is new.
    fn making(&mut self, id: &str, law: Manufacturing) -> usize {
        let stream = stream_number(id);
        let known = self.makings.iter().position(|m| m.stream == stream);
        known.unwrap_or_else(|| {
            self.makings.push(Making { law, stream });
            self.makings.len() - 1
        })
    }

    /// What is looked at besides organs: laboratory values, the kidney and IgA where they are measured, then drug concentrations.
    fn measured(&self, recipe: &Recipe<'_>) -> Vec<String> {
        let drugs = distinct(recipe.given)
            .into_iter()
            .filter_map(|p| concentration(&p.therapy));
        let kidney = KIDNEY.iter().filter(|_| recipe.kidney);
        let iga = IGA.iter().filter(|_| recipe.iga);
        let fixed = MEASURED.iter().chain(kidney).chain(iga).map(|&name| name.to_owned());
        fixed.chain(drugs).collect()
    }

    fn compile(&self, recipe: &Recipe<'_>, measured: &[String]) -> Result<Tape, ProgramError> {
        fn names(list: &[String]) -> Vec<&str> {
            list.iter().map(String::as_str).collect()
        }
        let mut outputs: Vec<&str> = measured.iter().map(String::as_str).collect();
        outputs.extend(ORGANS);
        outputs.extend(recipe.keep.iter().chain(recipe.watch).map(String::as_str));
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
            Way::Known(entry) => Ok(*entry),
            Way::Bolus(name) => match tape.state(name) {
                Some(StateRef::Index(state)) => Ok(Entry::Bolus { state }),
                _ => Err(ProgramError::Missing(name.clone())),
            },
        };
        self.ways.iter().map(entry).collect()
    }
}

/// A daily dose from randomisation on, as a dose.
fn from_start(amount: f64) -> Dose {
    Dose {
        day: 0.0,
        amount,
        per_kg: false,
        entry: 0,
        made: None,
        usage: 0,
    }
}

/// The products of an arm, each once: a loading dose or a second route is another regimen of the same product.
fn distinct<'a>(given: &[Given<'a>]) -> Vec<&'a Product> {
    let mut products: Vec<&Product> = Vec::new();
    for g in given {
        if products.iter().all(|p| p.therapy.id != g.product.therapy.id) {
            products.push(g.product);
        }
    }
    products
}

/// Joined name of a therapy's concentration.
fn concentration(therapy: &Therapy) -> Option<String> {
    therapy
        .concentration
        .as_ref()
        .map(|name| format!("{}__{name}", therapy.id))
}

#[cfg(test)]
mod tests {
    use crate::library;

    /// What the disease model lists as hooks are numbers of it, and therapies drive nothing else.
    #[test]
    fn hooks_are_parameters_and_therapies_drive_hooks_only() {
        let (model, hooks) = (library::equations("models/sle/sle.ant"), library::hooks());
        for hook in hooks.keys() {
            let symbol = model.arena.find_symbol(hook);
            assert!(model.parameters.iter().any(|p| Some(p.symbol) == symbol), "{hook}");
        }
        for (id, product) in library::products() {
            for hook in &product.therapy.drives {
                assert!(hooks.contains_key(hook), "{id} drives {hook}");
            }
        }
    }
}
