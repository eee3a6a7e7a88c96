#[path = "../tests/library/mod.rs"]
mod library;
use malar_trial::Simulation;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let reps: u32 = a[2].parse().unwrap();
    let parts = library::parts(&a[1], |t| t);
    let text = parts.source.text.clone();
    let sim = Simulation::new(parts).unwrap_or_else(|e| panic!("{}", e.iter().map(|d| d.render(&text)).collect::<String>()));
    let t = std::time::Instant::now();
    let next = std::sync::atomic::AtomicU32::new(0);
    let all = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|s| { for _ in 0..2 { s.spawn(|| loop {
        let k = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if k >= reps { break }
        let r = sim.replicate(41, k).unwrap();
        all.lock().unwrap().push(r);
    }); } });
    let all = all.into_inner().unwrap();
    let l = sim.labels();
    let py: f64 = all.iter().map(|r| r.patient_years).sum();
    let steps: u64 = all.iter().map(|r| r.steps.0 + r.steps.1).sum();
    println!("{:?} states {:?} py {:.0} steps/py {:.1} {:.2}s = {:.0} py/s", a, sim.n_states(), py, steps as f64 / py, t.elapsed().as_secs_f64(), py / t.elapsed().as_secs_f64());
    let n = all.len() as f64;
    let sc = |f: &dyn Fn(&malar_trial::results::Screening) -> u32| all.iter().map(|r| f64::from(f(&r.screening))).sum::<f64>();
    let att = sc(&|s| s.attempts);
    println!("candidates {:.0} filtered {:.1}% attempts {:.0} failed {:.1}%", sc(&|s| s.candidates)/n, 100.*sc(&|s| s.filtered)/sc(&|s| s.candidates), att/n, 100.*(1.-sc(&|s| s.randomised)/att));
    for (k,c) in l.criteria.iter().enumerate() { print!("{c} {:.1}% ", 100.*sc(&|s| s.failed_by_criterion[k])/att); }
    println!();
    let pts: Vec<_> = all.iter().flat_map(|r| &r.patients).collect();
    let m = |f: &dyn Fn(&malar_trial::results::PatientRow) -> f64| pts.iter().map(|p| f(p)).sum::<f64>() / pts.len() as f64;
    let b = |x: bool| 100.0 * f64::from(u8::from(x));
    println!("baseline sledai {:.2} ge10 {:.1} A {:.1} 2B {:.1} pga {:.2} ifnhi {:.1} gc10 {:.1} gc {:.1} dna {:.1} lowc {:.1} flares {:.2}", m(&|p| f64::from(p.sledai_2k)), m(&|p| b(p.sledai_2k>=10)), m(&|p| b(p.bilag_a>0)), m(&|p| b(p.bilag_a==0&&p.bilag_b>=2)), m(&|p| p.pga), m(&|p| b(p.ifn_signature_high)), m(&|p| b(p.prednisone_mg_per_day>=10.)), m(&|p| b(p.prednisone_mg_per_day>0.)), m(&|p| b(p.anti_dsdna_positive)), m(&|p| b(p.low_complement)), m(&|p| f64::from(p.flares)));
    let sd = |f: &dyn Fn(&malar_trial::results::PatientRow) -> f64| { let mu = m(f); (m(&|p| (f(p)-mu).powi(2))).sqrt() };
    println!("sd sledai {:.2} pga {:.2}", sd(&|p| f64::from(p.sledai_2k)), sd(&|p| p.pga));
    let v0: Vec<_> = all.iter().flat_map(|r| &r.visits).filter(|v| v.week == 0.0).collect();
    print!("items ");
    for (k, it) in malar_trial::instruments::items::ITEMS.iter().enumerate() { print!("{} {:.0} ", it.id, 100.0*v0.iter().filter(|v| v.sledai_items>>k&1==1).count() as f64/v0.len() as f64); }
    println!();
    for (arm,name) in l.arms.iter().enumerate() {
        let hi: std::collections::HashSet<(u32,u32)> = all.iter().flat_map(|r| r.patients.iter().filter(|p| p.ifn_signature_high).map(move |p| (r.index, p.patient))).collect();
        { let mut c: Vec<f64> = all.iter().flat_map(|r| r.visits.iter().map(move |v| (r.index, v))).filter(|(i,v)| v.week==24.0 && usize::from(v.arm)==arm && hi.contains(&(*i, v.patient))).map(|(_,v)| v.concentration_mg_per_l).collect(); c.sort_by(f64::total_cmp);
          if !c.is_empty() { println!("{name} IFN-high median week-24 trough {:.4} n {} pct {:?}", c[c.len()/2], c.len(), [5,10,25,40,45,50,55,60,75,90,95].map(|q| (c[c.len()*q/100]*1000.).round()/1000.)); } }
        for w in [24.0, 48.0] { let mut c: Vec<f64> = all.iter().flat_map(|r| &r.visits).filter(|v| v.week==w && usize::from(v.arm)==arm).map(|v| v.concentration_mg_per_l).collect(); c.sort_by(f64::total_cmp);
        let x: Vec<_> = all.iter().flat_map(|r| &r.visits).filter(|v| v.week==w && usize::from(v.arm)==arm).collect();
        let mean = |f: &dyn Fn(&malar_trial::results::VisitRow)->f64| x.iter().map(|v| f(v)).sum::<f64>()/x.len() as f64;
        println!("{name} wk {w} trough {:.3} pred {:.2} dsdna(log) {:.2} ifngs {:.2} n {}", c[c.len()/2], mean(&|v| v.prednisone_mg_per_day), mean(&|v| v.anti_dsdna_iu_per_ml.ln()), mean(&|v| v.ifn_signature_fold), x.len()); }
    }
    for (e,name) in l.endpoints.iter().enumerate() {
        let mut weeks: Vec<f64> = all[0].endpoints.iter().filter(|r| usize::from(r.endpoint)==e).map(|r| r.week).collect(); weeks.dedup(); weeks.sort_by(f64::total_cmp); weeks.dedup();
        for w in weeks { if ![4.,8.,12.,24.,52.,76.].contains(&w) { continue }
            for (p,pn) in l.populations.iter().enumerate() { if p>0 && w != 52.0 { continue }
                print!("{name} wk {w} {pn}: ");
                for arm in 0..l.arms.len() {
                    let (mut c, mut d)=(0.,0.);
                    for r in &all { for x in r.endpoints.iter().filter(|x| usize::from(x.endpoint)==e && x.week==w && usize::from(x.population)==p && usize::from(x.arm)==arm) { c+=x.count; d+=x.n; } }
                    print!("{:.2} ", if l.endpoint_units[e]=="percent" {100.*c/d} else {c/d});
                }
                println!();
            } } }
    for arm in 0..l.arms.len() { let q: Vec<_> = pts.iter().filter(|p| usize::from(p.arm)==arm).collect(); use malar_trial::results::PatientStatus::*; let f=|g:&dyn Fn(&malar_trial::results::PatientRow)->bool| 100.*q.iter().filter(|p| g(p)).count() as f64/q.len() as f64;
        println!("{} completed {:.1} admin {:.1} loe {:.1} failed {:.1} restricted {:.1}", l.arms[arm], f(&|p| p.status==Completed), f(&|p| p.status==DroppedOutAdministrative), f(&|p| p.status==DroppedOutLackOfEfficacy), f(&|p| p.status==SolverFailed), f(&|p| p.restricted_week.is_some())); }
}
