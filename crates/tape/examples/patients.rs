//! Many patients of one model, on one core: what `benchmarks/suite` times.
//!
//! ```sh
//! cargo run --release -p malar-tape --example patients -- MODEL.ant PATIENTS.csv --out FILE \
//!     [--infusion PARAMETER:RATE:DURATION:EVERY:COUNT] [--visits EVERY:COUNT] [--states A,B,...] [--method rodas4] [--relative 1e-4] [--absolute 1e-7] [--patients N] \
//!     [--code machine|tape|portable]
//! ```
//!
//! The table has a column per parameter that varies and a row per patient. `FILE` receives every state at day 0 and at each visit of
//! each patient, as little-endian 64-bit numbers in the order patient, visit, state (as asked, else as in the model). One line of JSON goes to standard output.
//! `--code tape` does without machine code made at run time, `--code portable` also without vectors that not every CPU has.
//! `benchmarks/instructions` counts the instructions of `counted` under callgrind.

use std::collections::HashMap;
use std::fs;

use malar_model::{Equations, Source, parse_antimony};
use malar_solver::dispatch::InstructionSet;
use malar_solver::{Counters, Course, Integrator, Method, Observed, Schedule, Settings, System};
use malar_tape::{Request, StateRef, Tape};

fn main() {
    let asked = Asked::from_command_line();
    let equations = read(&asked.model);
    let (varied, patients) = read_table(&asked.table, asked.n_patients);
    let tape = asked.code(compile(&equations, &varied, &asked.infusion));
    let names = asked.states.clone().unwrap_or_else(|| state_names(&equations));
    let states: Vec<usize> = names.iter().map(|name| index(&tape, name)).collect();
    let courses: Vec<Course> = patients
        .iter()
        .map(|values| course(&tape, values, &asked.infusion))
        .collect();
    let mut driver = Observed::new(courses, asked.visits.clone(), states);
    let mut integrator = Integrator::new(&tape, asked.settings.clone()).with_instructions(asked.instructions());
    let setup = cpu_seconds();
    let counters = counted(&mut integrator, &mut driver);
    let cpu = cpu_seconds() - setup;
    report(&counters, setup, cpu);
    let bytes: Vec<u8> = driver
        .into_records()
        .iter()
        .flatten()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    fs::write(&asked.out, bytes).unwrap_or_else(|error| panic!("{}: {error}", asked.out));
}

#[inline(never)]
fn counted(integrator: &mut Integrator<&Tape>, driver: &mut Observed) -> Counters {
    integrator.integrate(driver)
}

/// What the command line says.
struct Asked {
    model: String,
    table: String,
    out: String,
    n_patients: usize,
    states: Option<Vec<String>>,
    infusion: Infusion,
    visits: Vec<f64>,
    settings: Settings,
    code: Code,
}

/// `parameter` is `rate` for `duration` days, `count` times every `every` days from day 0 on; otherwise 0.
struct Infusion {
    parameter: String,
    rate: f64,
    duration: f64,
    every: f64,
    count: usize,
}

impl Asked {
    fn from_command_line() -> Asked {
        let (mut files, mut flags) = (Vec::new(), HashMap::new());
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.strip_prefix("--") {
                Some(flag) => drop(flags.insert(flag.to_string(), words.next().expect("a value after each flag"))),
                None => files.push(word),
            }
        }
        let [model, table] = <[String; 2]>::try_from(files).expect("two files: a model and a table of patients");
        let flag = |name: &str, default: &str| flags.get(name).map_or(default, String::as_str).to_string();
        let visits = numbers(&flag("visits", "28:13"));
        let relative = number(&flag("relative", "1e-4"));
        let settings = Settings {
            absolute: vec![flags.get("absolute").map_or(relative * 1e-3, |a| number(a))],
            method: method(&flag("method", "rodas4")),
            ..Settings::with_tolerance(relative)
        };
        Asked {
            model,
            table,
            out: flags.get("out").expect("--out FILE").clone(),
            n_patients: flags.get("patients").map_or(usize::MAX, |n| number(n) as usize),
            states: flags
                .get("states")
                .map(|names| names.split(',').map(str::to_string).collect()),
            infusion: Infusion::parse(&flag("infusion", "")),
            visits: (0..=visits[1] as usize).map(|i| i as f64 * visits[0]).collect(),
            settings,
            code: match flag("code", "machine").as_str() {
                "machine" => Code::Machine,
                "tape" => Code::Tape,
                "portable" => Code::Portable,
                other => panic!("neither machine, tape nor portable: `{other}`"),
            },
        }
    }

    fn instructions(&self) -> InstructionSet {
        match self.code {
            Code::Portable => InstructionSet::BASELINE,
            Code::Machine | Code::Tape => InstructionSet::detect(),
        }
    }

    fn code(&self, tape: Tape) -> Tape {
        let tape = tape.with_instructions(self.instructions());
        match self.code {
            Code::Machine => tape,
            Code::Tape | Code::Portable => tape.without_machine_code(),
        }
    }
}

/// Which of the ways to evaluate a model.
#[derive(Clone, Copy)]
enum Code {
    Machine,
    Tape,
    Portable,
}

impl Infusion {
    /// Reads `PARAMETER:RATE:DURATION:EVERY:COUNT`; an empty text is no infusion.
    fn parse(text: &str) -> Infusion {
        let (parameter, rest) = text.split_once(':').unwrap_or(("", "0:0:0:0"));
        let rest = numbers(rest);
        let [rate, duration, every, count] = rest[..] else {
            panic!("an infusion is PARAMETER:RATE:DURATION:EVERY:COUNT")
        };
        Infusion {
            parameter: parameter.into(),
            rate,
            duration,
            every,
            count: count as usize,
        }
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("not a number: `{text}`"))
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(':').map(number).collect()
}

fn method(name: &str) -> Method {
    match name {
        "rodas3" => Method::Rodas3,
        "rodas4" => Method::Rodas4,
        "rodas5" => Method::Rodas5,
        "rodas5p" => Method::Rodas5P,
        _ => panic!("neither rodas3, rodas4, rodas5 nor rodas5p: `{name}`"),
    }
}

fn read(path: &str) -> Equations {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let source = Source {
        path: path.into(),
        text,
    };
    let equations = parse_antimony(&source).and_then(|model| model.equations(&source));
    equations.unwrap_or_else(|diagnostics| panic!("{}", diagnostics[0].render(&source.text)))
}

/// Names of the columns after the first, and the first `n` rows of values.
fn read_table(path: &str, n: usize) -> (Vec<String>, Vec<Vec<f64>>) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut lines = text.lines();
    let names = lines
        .next()
        .expect("a line of names")
        .split(',')
        .skip(1)
        .map(str::to_string)
        .collect();
    let row = |line: &str| line.split(',').skip(1).map(number).collect();
    (names, lines.take(n).map(row).collect())
}

/// All states stay states, so that the record has each; inputs are what varies, then what is infused.
fn compile(equations: &Equations, varied: &[String], infusion: &Infusion) -> Tape {
    let names = state_names(equations);
    let states: Vec<&str> = names.iter().map(String::as_str).collect();
    let infused = (!infusion.parameter.is_empty()).then_some(infusion.parameter.as_str());
    let inputs: Vec<&str> = varied.iter().map(String::as_str).chain(infused).collect();
    let request = Request {
        inputs: &inputs,
        dosed: &states,
        outputs: &states,
        ..Request::default()
    };
    Tape::compile(equations, &request).unwrap_or_else(|error| panic!("{error}"))
}

fn state_names(equations: &Equations) -> Vec<String> {
    let name = |s: &malar_model::State| equations.arena.name(s.symbol).to_string();
    equations.states.iter().map(name).collect()
}

fn index(tape: &Tape, name: &str) -> usize {
    match tape.state(name) {
        Some(StateRef::Index(index)) => index,
        other => panic!("`{name}` is no state of the compiled model: {other:?}"),
    }
}

fn course(tape: &Tape, values: &[f64], infusion: &Infusion) -> Course {
    let mut inputs = values.to_vec();
    if !infusion.parameter.is_empty() {
        inputs.push(0.0);
    }
    let mut initial = vec![0.0; tape.n_states()];
    tape.initial_state(&inputs, &mut initial);
    let mut schedule = Schedule::new();
    for i in 0..infusion.count {
        schedule.infusion(
            values.len(),
            i as f64 * infusion.every,
            infusion.duration,
            infusion.rate,
        );
    }
    Course {
        start: 0.0,
        initial,
        inputs,
        schedule,
    }
}

fn report(counters: &Counters, setup: f64, cpu: f64) {
    let steps = (counters.accepted + counters.rejected) as f64 / counters.patients.max(1) as f64;
    let peak = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = peak.lines().find_map(|line| {
        line.strip_prefix("VmHWM:")?
            .trim()
            .strip_suffix(" kB")?
            .parse::<f64>()
            .ok()
    });
    println!(
        "{{\"patients\": {}, \"failures\": {}, \"rejected\": {}, \"cpu_seconds\": {cpu}, \"setup_seconds\": {setup}, \"steps\": {steps}, \"peak_mb\": {}}}",
        counters.patients,
        counters.failures,
        counters.rejected as f64 / counters.patients.max(1) as f64,
        peak.map_or("null".into(), |kb| (kb / 1024.0).to_string())
    );
}

/// Processor time of this thread so far, as Linux counts it; the kernel brings the count up to date when the thread yields.
fn cpu_seconds() -> f64 {
    std::thread::yield_now();
    let line = fs::read_to_string("/proc/self/schedstat").expect("Linux tells a process how long it ran");
    number(line.split(' ').next().expect("the first number")) * 1e-9
}
