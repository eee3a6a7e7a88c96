//! diffsol on the model of a work folder: BDF, faer's sparse LU, DiffSL through Cranelift.
//! Arguments: WORK RELATIVE ABSOLUTE PATIENTS OUT VISITS. Prints one line of JSON.

use std::fs;

use diffsol::{
    CraneliftJitModule, FaerSparseLU, FaerSparseMat, FaerVec, NonLinearOp, OdeBuilder, OdeEquations, OdeSolverMethod, OdeSolverStopReason, Vector,
};

type M = FaerSparseMat<f64>;
/// First step after a change from outside, days; the error test corrects it.
const FIRST_STEP: f64 = 1e-4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().collect();
    let [_, work, relative, absolute, patients, out, visits] = &words[..] else {
        return Err("WORK RELATIVE ABSOLUTE PATIENTS OUT VISITS".into());
    };
    let (patients, visits): (usize, usize) = (patients.parse()?, visits.parse()?);
    let segments = table(&format!("{work}/segments.csv"))?;
    let varied = table(&format!("{work}/varied.csv"))?;
    let mut problem = OdeBuilder::<M>::new()
        .rtol(relative.parse()?)
        .atol([absolute.parse()?])
        .build_from_diffsl::<CraneliftJitModule>(&fs::read_to_string(format!("{work}/model.diffsl"))?)?;
    // The default, 50, counts over all restarts of one solver and stops every patient before the end.
    problem.ode_options.max_nonlinear_solver_failures = 1_000_000;
    problem.ode_options.max_error_test_failures = 1_000_000;
    let context = *problem.context();
    let setup = cpu_seconds();
    let (mut seen, mut steps) = (Vec::new(), 0);
    for values in &varied[..patients] {
        problem.eqn_mut().set_params(&FaerVec::from_vec(values.clone(), context));
        let mut solver = problem.bdf::<FaerSparseLU<f64>>()?;
        let n_states = solver.state().y.len() - 1;
        let first = seen.len();
        seen.resize(first + visits * n_states, f64::NAN);
        copy(solver.state().y, &mut seen[first..first + n_states]);
        for segment in &segments {
            let state = solver.state_mut();
            state.y.set_index(n_states, segment[2]);
            problem.eqn.rhs().call_inplace(state.y, *state.t, state.dy);
            *state.h = FIRST_STEP;
            solver.set_stop_time(segment[1])?;
            while !matches!(solver.step()?, OdeSolverStopReason::TstopReached) {}
            if segment[3] >= 0.0 {
                let place = first + segment[3] as usize * n_states;
                copy(solver.state().y, &mut seen[place..place + n_states]);
            }
        }
        steps += solver.get_statistics().number_of_steps;
    }
    let cpu = cpu_seconds() - setup;
    let bytes: Vec<u8> = seen.iter().flat_map(|x| x.to_le_bytes()).collect();
    fs::write(out, bytes)?;
    let steps = steps as f64 / patients as f64;
    println!("{{\"cpu_seconds\": {cpu}, \"setup_seconds\": {setup}, \"peak_mb\": {}, \"steps\": {steps}}}", peak_mb());
    Ok(())
}

/// The first states; the last one of diffsol's is the infusion.
fn copy(y: &FaerVec<f64>, seen: &mut [f64]) {
    for (i, x) in seen.iter_mut().enumerate() {
        *x = y.get_index(i);
    }
}

fn table(path: &str) -> Result<Vec<Vec<f64>>, Box<dyn std::error::Error>> {
    let row = |line: &str| line.split(',').map(|x| x.parse().map_err(Into::into)).collect();
    fs::read_to_string(path)?.lines().map(row).collect()
}

/// Processor time of this thread so far; the kernel brings the count up to date when the thread yields.
fn cpu_seconds() -> f64 {
    std::thread::yield_now();
    let line = fs::read_to_string("/proc/self/schedstat").expect("Linux tells a process how long it ran");
    line.split(' ').next().and_then(|x| x.parse::<f64>().ok()).expect("nanoseconds") * 1e-9
}

fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells a process its memory");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}
