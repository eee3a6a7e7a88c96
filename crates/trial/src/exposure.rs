//! Therapies in patients whose disease moves only as they move it: levels, cells and antibodies over time, before any question of
//! benefit.
//!
//! In: the disease model, products and how they are given. Out: chosen quantities on chosen days, by patient. Patients differ in body
//! weight and in the random effects of the therapies; their disease is the model's default.

use malar_model::compose::AttachError;
use malar_model::equations::Equations;
use malar_patients::normal;
use malar_patients::random::{Key, Purpose, Stream};
use malar_solver::{Action, Course, Integrator, Observed, Schedule, Settings, math};
use malar_tape::{CompileError, Request, StateRef, Tape};

use crate::assembly::stream_number;
use crate::product::{Hooks, Product};
use crate::regimen::{Days, TherapyUse};

/// Who is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Bodies {
    /// Patients, 1 or more.
    pub n: u32,
    /// Seed of their luck.
    pub seed: u64,
    /// Median body weight, kg.
    pub weight_kg: f64,
    /// Standard deviation of its natural logarithm.
    pub weight_log_sd: f64,
    /// What else differs between them; the names that [`Exposure::new`] was given, in that order.
    pub drawn: Vec<Drawn>,
}

/// A parameter of the disease model that is log-normal between patients, cut off at both ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// Median before cutting, in the model's unit; above 0.
    pub median: f64,
    /// Standard deviation of the natural logarithm before cutting; above 0.
    pub log_sd: f64,
    /// Lowest and highest value.
    pub limits: (f64, f64),
}

impl Drawn {
    /// The value at `share` (0-1) of the distribution.
    fn at(&self, share: f64) -> f64 {
        let place = |value: f64| normal::distribution((value / self.median).ln() / self.log_sd);
        let (low, high) = (place(self.limits.0), place(self.limits.1));
        self.median * math::exp(self.log_sd * normal::quantile(low + share * (high - low)))
    }
}

/// Why therapies cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum ExposureError {
    #[error(transparent)]
    Attach(#[from] AttachError),
    #[error(transparent)]
    Compile(#[from] CompileError),
    #[error("`{therapy}` cannot be given like this: {reason}")]
    Dosing { therapy: String, reason: &'static str },
}

/// What a dose goes into.
#[derive(Clone, Copy, Debug)]
enum Target {
    State(usize),
    Rate { input: usize, days: f64 },
    Daily(usize),
}

#[derive(Clone, Copy, Debug)]
struct Dose {
    day: f64,
    amount: f64,
    per_kg: bool,
    target: Target,
}

/// The disease model with therapies, compiled, and their doses.
#[derive(Debug)]
pub struct Exposure {
    tape: Tape,
    /// Standard deviation and stream of each random effect; they are the inputs after body weight and what is drawn.
    effects: Vec<(f64, u16)>,
    doses: Vec<Dose>,
}

/// Name of the body weight in the disease model; the first input.
const WEIGHT: &str = "weight";

impl Exposure {
    /// Joins `products` to the disease and compiles. `uses` say how they are given; `drawn` are parameters of the disease that differ
    /// between patients, `shown` names in the joined equations (`ifn_signature`, `anifrolumab__concentration`).
    pub fn new(
        (disease, hooks): (&Equations, &Hooks),
        products: &[Product],
        uses: &[TherapyUse],
        (drawn, shown): (&[String], &[String]),
    ) -> Result<Exposure, ExposureError> {
        let mut equations = disease.clone();
        for product in products {
            product.attach_to(&mut equations, hooks)?;
        }
        let (mut inputs, effects) = inputs(products);
        inputs.splice(1..1, drawn.iter().cloned());
        let mut dosed = Vec::new();
        for used in uses {
            dosed.extend(way(products, used)?.state);
        }
        let request = Request {
            inputs: &texts(&inputs),
            fixed: &[],
            dosed: &texts(&dosed),
            outputs: &texts(shown),
            prune_unobserved: true,
        };
        let tape = Tape::compile(&equations, &request)?;
        let mut doses = Vec::new();
        for used in uses {
            doses.extend(doses_of(&tape, products, used)?);
        }
        doses.sort_by(|a, b| a.day.total_cmp(&b.day));
        Ok(Exposure { tape, effects, doses })
    }

    /// What is shown on each of `days` (ascending), flat and in the order asked for, by patient; `None` for a patient who could not be
    /// solved. On a day with a dose what is seen comes before it.
    pub fn run(&self, bodies: &Bodies, settings: &Settings, days: &[f64]) -> Vec<Option<Vec<f64>>> {
        let courses: Vec<Course> = (0..bodies.n).map(|patient| self.course(bodies, patient)).collect();
        let n = self.tape.state_names().len();
        let mut driver = Observed::new(courses.clone(), days.to_vec(), (0..n).collect());
        Integrator::new(&self.tape, settings.clone()).integrate(&mut driver);
        let seen = |(patient, course): (usize, &Course)| {
            let solved = driver.failure(patient).is_none();
            solved.then(|| self.outputs(course, days, driver.record(patient)))
        };
        courses.iter().enumerate().map(seen).collect()
    }

    /// One patient: weight, random effects, doses.
    fn course(&self, bodies: &Bodies, patient: u32) -> Course {
        let draw = |purpose, visit| {
            let key = Key {
                seed: bodies.seed,
                replicate: 0,
                patient,
                purpose,
                visit,
            };
            Stream::new(key)
        };
        let size = draw(Purpose::Parameters, 0).normal();
        let weight = bodies.weight_kg * math::exp(bodies.weight_log_sd * size);
        let mut inputs = vec![weight];
        let drawn = (1..).zip(&bodies.drawn);
        inputs.extend(drawn.map(|(visit, drawn)| drawn.at(draw(Purpose::Parameters, visit).uniform())));
        let effects = self.effects.iter();
        inputs.extend(effects.map(|&(sd, stream)| sd * draw(Purpose::Kinetics, stream).normal()));
        inputs.resize(self.tape.input_names().len(), 0.0);
        let mut initial = vec![0.0; self.tape.state_names().len()];
        self.tape.initial_state(&inputs, &mut initial);
        let mut schedule = Schedule::new();
        for dose in &self.doses {
            let amount = if dose.per_kg { dose.amount * weight } else { dose.amount };
            match dose.target {
                Target::State(state) => schedule.at(dose.day, Action::AddToState { state, amount }),
                Target::Rate { input, days } => schedule.infusion(input, dose.day, days, amount / days),
                Target::Daily(input) => schedule.at(dose.day, Action::SetInput { input, value: amount }),
            }
        }
        Course {
            initial,
            inputs,
            schedule,
            ..Course::default()
        }
    }

    fn outputs(&self, course: &Course, days: &[f64], states: &[f64]) -> Vec<f64> {
        let (n, n_shown) = (self.tape.state_names().len(), self.tape.output_names().len());
        let mut inputs = course.inputs.clone();
        let mut events = course.schedule.events().iter().peekable();
        let mut values = vec![0.0; days.len() * n_shown];
        for (k, &day) in days.iter().enumerate() {
            while let Some((_, action)) = events.next_if(|event| event.0 < day) {
                if let Action::SetInput { input, value } = *action {
                    inputs[input] = value;
                }
            }
            let (y, into) = (&states[k * n..(k + 1) * n], &mut values[k * n_shown..(k + 1) * n_shown]);
            self.tape.outputs(day, y, &inputs, into);
        }
        values
    }
}

/// Names of the inputs, and standard deviation and stream of those that are random effects: body weight, random effects, then what
/// doses change.
fn inputs(products: &[Product]) -> (Vec<String>, Vec<(f64, u16)>) {
    let (mut names, mut effects) = (vec![WEIGHT.to_owned()], Vec::new());
    for therapy in products.iter().map(|product| &product.therapy) {
        for (k, effect) in therapy.random_effects.iter().enumerate() {
            names.push(format!("{}__{}", therapy.id, effect.parameter));
            effects.push((effect.sd, stream_number(&therapy.id).wrapping_add(k as u16)));
        }
    }
    for therapy in products.iter().map(|product| &product.therapy) {
        if therapy.routes.iter().any(|route| route.infusion_days > 0.0) {
            names.push(format!("{}__infusion_rate", therapy.id));
        }
        names.extend(
            therapy
                .daily
                .iter()
                .map(|daily| format!("{}__{}", therapy.id, daily.input)),
        );
    }
    (names, effects)
}

/// Where a use enters, by name in the joined equations: a state, or an input with the length of its infusions.
struct Way {
    state: Option<String>,
    input: Option<(String, f64)>,
}

fn way(products: &[Product], used: &TherapyUse) -> Result<Way, ExposureError> {
    let wrong = |reason| ExposureError::Dosing {
        therapy: used.id.clone(),
        reason,
    };
    let mut therapies = products.iter().map(|product| &product.therapy);
    let therapy = therapies
        .find(|therapy| therapy.id == used.id)
        .ok_or_else(|| wrong("it is not among the therapies"))?;
    let joined = |name: &str| format!("{}__{name}", used.id);
    if used.daily_dose.is_some() {
        let daily = therapy.daily.as_ref().ok_or_else(|| wrong("it is no daily drug"))?;
        return Ok(Way {
            state: None,
            input: Some((joined(&daily.input), 0.0)),
        });
    }
    let named = therapy
        .routes
        .iter()
        .find(|route| Some(&route.route) == used.route.as_ref());
    let route = named.ok_or_else(|| wrong("it has no such route"))?;
    if used.amount().map(|amount| amount.unit) != Some(route.counted_in) {
        return Err(wrong("its dose is counted in another unit"));
    }
    let rate = (route.infusion_days > 0.0).then(|| (joined("infusion_rate"), route.infusion_days));
    Ok(Way {
        state: Some(joined(&route.state)),
        input: rate,
    })
}

fn doses_of(tape: &Tape, products: &[Product], used: &TherapyUse) -> Result<Vec<Dose>, ExposureError> {
    let way = way(products, used)?;
    let target = match (&way.input, &way.state) {
        (Some((name, days)), _) => {
            let input = tape.input(name).expect("every input of a dose was asked for");
            match *days > 0.0 {
                true => Target::Rate { input, days: *days },
                false => Target::Daily(input),
            }
        }
        (None, Some(name)) => match tape.state(name) {
            Some(StateRef::Index(state)) => Target::State(state),
            // Nothing that is shown depends on it.
            _ => return Ok(Vec::new()),
        },
        (None, None) => return Ok(Vec::new()),
    };
    let amount = used.amount().map(|amount| (amount.value, amount.per_kg));
    let (amount, per_kg) = amount.unwrap_or((used.daily_dose.unwrap_or(0.0), false));
    let days = used.days.as_ref().map_or(vec![0.0], Days::list);
    let dose = |day| Dose {
        day,
        amount,
        per_kg,
        target,
    };
    Ok(days.into_iter().map(dose).collect())
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    fn bodies(n: u32) -> Bodies {
        Bodies {
            n,
            seed: 1,
            weight_kg: 70.0,
            weight_log_sd: 0.2,
            drawn: Vec::new(),
        }
    }

    fn given(text: &str) -> Vec<TherapyUse> {
        #[derive(serde::Deserialize)]
        struct File {
            gives: Vec<TherapyUse>,
        }
        toml::from_str::<File>(text).expect("uses").gives
    }

    fn exposure(id: &str, gives: &str, shown: &[&str]) -> Result<Exposure, ExposureError> {
        let disease = library::equations("models/sle/sle.ant");
        let products = [library::products()[id].clone()];
        let shown: Vec<String> = shown.iter().map(|name| (*name).to_owned()).collect();
        Exposure::new((&disease, &library::hooks()), &products, &given(gives), (&[], &shown))
    }

    #[test]
    fn what_is_infused_is_in_the_body_when_the_infusion_ends() {
        let gives = r#"gives = [{ id = "anifrolumab", route = "iv", dose_mg = 300, days = { at = [1] } }]"#;
        let exposure = exposure("anifrolumab", gives, &["anifrolumab__central"]).unwrap();
        let seen = exposure.run(&bodies(1), &Settings::default(), &[0.0, 1.0, 1.0 + 0.5 / 24.0]);
        let seen = seen[0].as_ref().unwrap();
        assert_eq!(seen[..2], [0.0, 0.0]);
        // Half an hour of loss at most: the fastest way out of the central compartment is distribution, about 0.4 a day.
        assert!((seen[2] - 300.0).abs() < 5.0, "{seen:?}");
    }

    #[test]
    fn a_disease_that_nothing_moves_stands_still() {
        let gives = r#"gives = [{ id = "rituximab", route = "iv", dose_mg = 0, days = { at = [0] } }]"#;
        let exposure = exposure("rituximab", gives, &["B_cells_relative", "IgG"]).unwrap();
        let seen = exposure.run(&bodies(3), &Settings::default(), &[0.0, 365.0]);
        for values in seen.iter().flatten() {
            assert!((values[0] - values[2]).abs() < 1e-6 && (values[1] - values[3]).abs() < 1e-6);
        }
    }

    #[test]
    fn a_patient_is_the_same_in_any_company() {
        let gives = r#"gives = [{ id = "rituximab", route = "iv", dose_mg = 1000, days = { at = [0, 14] } }]"#;
        let exposure = exposure("rituximab", gives, &["B_cells_relative"]).unwrap();
        let run = |n| exposure.run(&bodies(n), &Settings::default(), &[0.0, 90.0]);
        assert_eq!(run(2)[1], run(11)[1]);
    }

    #[test]
    fn what_is_drawn_stays_within_its_limits() {
        let drawn = Drawn {
            median: 0.85,
            log_sd: 0.25,
            limits: (0.2, 0.9),
        };
        assert!((drawn.at(0.0) - 0.2).abs() < 1e-6 && (drawn.at(1.0) - 0.9).abs() < 1e-6);
        let gives = r#"gives = [{ id = "rituximab", route = "iv", dose_mg = 0, days = { at = [0] } }]"#;
        let disease = library::equations("models/sle/sle.ant");
        let products = [library::products()["rituximab"].clone()];
        let names = ["C3_baseline".to_owned()];
        let shown = ["C3_serum".to_owned()];
        let all = (&names[..], &shown[..]);
        let exposure = Exposure::new((&disease, &library::hooks()), &products, &given(gives), all).unwrap();
        let bodies = Bodies {
            drawn: vec![drawn],
            ..bodies(50)
        };
        let seen = exposure.run(&bodies, &Settings::default(), &[0.0]);
        let values: Vec<f64> = seen.into_iter().flatten().flatten().collect();
        assert!(values.iter().all(|value| (0.2..=0.9).contains(value)), "{values:?}");
        assert!(values.iter().any(|value| *value < 0.6));
    }

    #[test]
    fn a_route_that_the_therapy_lacks_is_refused() {
        let gives = r#"gives = [{ id = "rituximab", route = "oral", dose_mg = 1000, days = { at = [0] } }]"#;
        let refused = exposure("rituximab", gives, &["IgG"]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`rituximab` cannot be given like this: it has no such route"
        );
    }
}
