//! Many patients of one network: compiled once, in lanes where that can be, each alone where not.

use malar_model::Dynamics;
use malar_model::expression::{ExprId, Node, SymbolId};
use malar_model::network::Dosed;
use malar_solver::{FailureReason, Integrator, Method, Settings};

use super::doses::Dose;
use super::lanes::{Course, Lanes};
use super::machine::Machine;
use super::plain::Plain;
use super::plan::{Failure, Plan};
use super::program::{Inline, Program};
use super::simulate::{Target, simulate_dosed};

/// Local relative error below which the method of order 5 needs fewer steps than that of order 4; measured on QSPB51.
const FINE: f64 = 1e-6;

/// What differs between patients.
#[derive(Clone, Copy, Debug, Default)]
pub struct Varied<'a> {
    /// Quantities whose value at the start each patient gives, as named by `Network::set_later`.
    pub given: &'a [String],
    /// Where doses go, by `Network::take_doses`; doses name them by position.
    pub dosed: &'a [Dosed],
    /// Local error allowed per step in lanes, relative. The plan's holds for patients who go alone.
    pub relative: f64,
    /// The same, absolute.
    pub absolute: f64,
}

/// One patient.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patient {
    /// A value for each quantity that is given.
    pub given: Vec<f64>,
    /// Doses in order of time, those at one time in the order in which they are given.
    pub doses: Vec<Dose>,
}

/// How it went for one patient.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Values in the order of the plan, row by row; rows after a failure are not there.
    pub values: Vec<f64>,
    /// Why rows are missing, if they are.
    pub failure: Option<Failure>,
}

/// A network compiled for many patients. A patient's numbers depend on the patient alone, not on the company.
pub struct Many<'a> {
    dynamics: &'a Dynamics,
    plan: &'a Plan,
    machine: Machine,
    given: Vec<usize>,
    targets: Vec<Target>,
    plain: Option<Plain>,
    settings: Settings,
}

impl<'a> Many<'a> {
    /// Compiles `dynamics`. `Err` names something in `varied` that the dynamics do not have.
    pub fn new(dynamics: &'a Dynamics, plan: &'a Plan, varied: &Varied<'_>) -> Result<Many<'a>, String> {
        let shown = plan.expressions(dynamics);
        let machine = Machine::new(dynamics, &shown);
        let place = |name: &String| {
            let symbol = dynamics.arena.find_symbol(name).ok_or_else(|| name.clone())?;
            Ok(symbol.0 as usize)
        };
        let given = varied.given.iter().map(place).collect::<Result<Vec<_>, String>>()?;
        let target = |dosed: &Dosed| target(dynamics, dosed).ok_or_else(|| dosed.name.clone());
        let targets = varied.dosed.iter().map(target).collect::<Result<Vec<_>, String>>()?;
        let mut started = machine.clone();
        started.start(plan.start);
        let plain = Plain::compile(dynamics, &shown, &started, &given, &targets);
        let settings = Settings {
            relative: varied.relative,
            absolute: vec![varied.absolute],
            initial_step: 1e-3 * plan.duration / f64::from(plan.steps),
            method: if varied.relative < FINE {
                Method::Rodas5P
            } else {
                Method::Rodas4
            },
            ..Settings::default()
        };
        Ok(Many {
            dynamics,
            plan,
            machine,
            given,
            targets,
            plain,
            settings,
        })
    }

    /// True if patients share lanes: the network has no events, algebraic rules, delays or fast reactions.
    pub fn is_plain(&self) -> bool {
        self.plain.is_some()
    }

    /// Runs `patients`; outcomes in their order.
    pub fn run(&self, patients: &[Patient]) -> Vec<Outcome> {
        match &self.plain {
            Some(plain) => self.in_lanes(plain, patients),
            None => patients.iter().map(|patient| self.alone(patient)).collect(),
        }
    }

    /// One patient by the careful engine.
    fn alone(&self, patient: &Patient) -> Outcome {
        let mut machine = self.machine.clone();
        for (&place, &value) in self.given.iter().zip(&patient.given) {
            machine.give(place, value);
        }
        let (rows, failure) = simulate_dosed(self.dynamics, self.plan, machine, &self.targets, &patient.doses);
        Outcome {
            values: rows.values.concat(),
            failure,
        }
    }

    fn in_lanes(&self, plain: &Plain, patients: &[Patient]) -> Vec<Outcome> {
        let mut machine = self.machine.clone();
        let courses = patients.iter().map(|patient| self.course(plain, &mut machine, patient));
        let tolerance = (self.settings.relative, self.settings.absolute[0]);
        let mut lanes = Lanes::new(plain, self.plan, courses.collect(), tolerance);
        let mut integrator = Integrator::new(&plain.tape, self.settings.clone());
        integrator.integrate(&mut lanes);
        let outcome = |(course, patient): (Course<'_>, &Patient)| {
            let is_hard = matches!(
                course.stop,
                Some(FailureReason::NotFinite | FailureReason::StepTooSmall)
            );
            // Lanes share an elimination without pivots and derivatives without second thoughts; alone there are both.
            if is_hard && patient.doses.iter().all(|dose| dose.steady.is_none()) {
                return self.alone(patient);
            }
            Outcome {
                values: course.seen,
                failure: course.failure,
            }
        };
        lanes.courses.into_iter().zip(patients).map(outcome).collect()
    }

    /// A patient at the start.
    fn course<'p>(&self, plain: &Plain, machine: &mut Machine, patient: &'p Patient) -> Course<'p> {
        for (&place, &value) in self.given.iter().zip(&patient.given) {
            machine.give(place, value);
        }
        machine.values.fill(f64::NAN);
        machine.start(self.plan.start);
        let at = |places: &[usize]| -> Vec<f64> { places.iter().map(|&place| machine.values[place]).collect() };
        let mut course = Course::new(at(&plain.states), at(&plain.inputs), &patient.doses);
        if let Some(state) = course.initial.iter().position(|x| !x.is_finite()) {
            let name = plain.tape.state_names()[state].trim_end_matches(" amount").to_owned();
            course.failure = Some(Failure {
                time: self.plan.start,
                name,
                reason: format!("it starts from {}", course.initial[state]),
            });
        }
        course
    }
}

/// Where a dose acts, if the dynamics have it.
fn target(dynamics: &Dynamics, dosed: &Dosed) -> Option<Target> {
    let arena = &dynamics.arena;
    let rate = arena.find_symbol(&dosed.rate)?.0 as usize;
    if dosed.is_rate {
        return Some(Target {
            unknown: None,
            size: None,
            rate,
        });
    }
    let unknown = |name: &str| {
        let symbol = arena.find_symbol(name)?;
        dynamics.unknowns.contains(&symbol).then_some(symbol.0 as usize)
    };
    if let Some(amount) = unknown(&format!("{} amount", dosed.name)) {
        return Some(Target {
            unknown: Some(amount),
            size: None,
            rate,
        });
    }
    let size = match &dosed.compartment {
        Some(home) => Some(size(dynamics, home)?),
        None => None,
    };
    Some(Target {
        unknown: Some(unknown(&dosed.name)?),
        size,
        rate,
    })
}

/// The size of a compartment at any time.
fn size(dynamics: &Dynamics, compartment: &str) -> Option<Program> {
    let mut arena = dynamics.arena.clone();
    let symbol: SymbolId = arena.find_symbol(compartment)?;
    let itself: ExprId = arena.intern(Node::Symbol(symbol));
    let inline = Inline::new(&mut arena, &dynamics.definitions);
    let expression = inline.apply(&mut arena, itself);
    Some(Program::new(&arena, &[expression]))
}
