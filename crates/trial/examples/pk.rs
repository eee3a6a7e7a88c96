#[path = "../tests/library/mod.rs"]
mod library;
use malar_solver::*;
use malar_tape::*;
use malar_patients::random::*;
fn main() {
    let eq = library::equations("therapies/anifrolumab/anifrolumab.ant");
    let inputs = ["weight", "ifn_signature_high", "eta_CL", "eta_V1", "eta_R0", "eta_time"];
    let tape = Tape::compile(&eq, &Request { inputs: &inputs, dosed: &["central"], outputs: &["concentration", "central"], ..Request::default() }).unwrap();
    let therapy = &library::products()["anifrolumab"].therapy;
    println!("{:?}", therapy.random_effects);
    for rel in [1e-4, 1e-7] { for dose in [150.0, 300.0] { for (w, label) in [(69.1, "typ"), (0.0, "pop")] {
        let n = if w > 0.0 { 1 } else { 20000 };
        let mut courses = vec![];
        for k in 0..n {
            let mut s = Stream::new(Key { seed: 1, replicate: 0, patient: k, purpose: Purpose::Kinetics, visit: 0 });
            let inp = if w > 0.0 { vec![w, 1.0, 0., 0., 0., 0.] } else { let mut v = vec![(69.1 * (0.22 * s.normal()).exp()).clamp(40., 130.), 1.0]; for n in ["eta_CL","eta_V1","eta_R0","eta_time"] { let sd = therapy.random_effects.iter().find(|e| e.parameter==n).map_or(0.0, |e| e.sd); v.push(sd*s.normal()); } v };
            let mut y = vec![0.0; tape.n_states()]; tape.initial_state(&inp, &mut y);
            let mut sch = Schedule::new();
            let Some(StateRef::Index(c)) = tape.state("central") else { panic!() };
            sch.repeated(0.0, 28.0, 6, Action::AddToState { state: c, amount: dose });
            courses.push(Course { start: 0.0, initial: y, inputs: inp, schedule: sch });
        }
        let Some(StateRef::Index(c)) = tape.state("central") else { panic!() };
        let ins: Vec<Vec<f64>> = courses.iter().map(|c| c.inputs.clone()).collect();
        let mut o = Observed::new(courses, vec![168.0], vec![c]);
        Integrator::new(&tape, Settings::with_tolerance(rel)).integrate(&mut o);
        let mut conc: Vec<f64> = (0..n as usize).map(|k| { let a = o.record(k)[0]; let v1 = 2.93*(ins[k][0]/69.1f64).powf(0.764)*ins[k][3].exp(); a/v1 }).collect();
        conc.sort_by(f64::total_cmp);
        println!("rel {rel} dose {dose} {label} median {:.4} {:?}", conc[conc.len()/2], [5,10,25,40,45,50,55,60,75,90,95].map(|q| (conc[conc.len()*q/100]*1000.).round()/1000.));
    } } }
}
