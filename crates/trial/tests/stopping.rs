//! Claims about study drug stopped for adverse events, and about blocks of those randomised again.

mod library;

use malar_trial::results::{PatientStatus, Replicate};
use malar_trial::safety::Safety;
use malar_trial::{Parts, Protocol, Simulation};

fn parts(trial: &str, edit: impl Fn(String) -> String, patients: u32) -> Parts {
    let mut parts = library::parts(trial, edit);
    parts.protocol = parts.protocol.resized(patients);
    parts
}

fn watched(edit: impl Fn(String) -> String) -> Replicate {
    let parts = parts("tulip-2", edit, 120);
    let safety = Safety::new(&parts, library::hazards()).unwrap_or_else(|e| panic!("{e:?}"));
    let trial = Simulation::new(parts).unwrap_or_else(|e| panic!("{e:?}"));
    trial.with_safety(safety).replicate(3, 0).unwrap()
}

fn stopping(probability: f64, grade: u8) -> impl Fn(String) -> String {
    let section =
        format!("[adverse_events]\nstop_probability = {probability}\nfrom_grade = {grade}\nassumed = \"test\"");
    move |text| text.replace("[rescue]", &format!("{section}\n\n[rescue]"))
}

#[test]
fn events_that_never_stop_anybody_change_nothing() {
    let (without, never) = (watched(|text| text), watched(stopping(0.0, 1)));
    assert!(without.events.iter().all(|e| e.grade < 5), "nobody dies in this trial");
    assert!(format!("{without:?}") == format!("{never:?}"));
}

#[test]
fn who_stops_has_had_an_event_and_lives_the_same_life_until_then() {
    let (without, always) = (watched(|text| text), watched(stopping(1.0, 3)));
    let mut stopped = 0;
    for patient in &always.patients {
        let severe = |r: &Replicate| {
            let own = r.events.iter().find(|e| e.patient == patient.patient && e.grade >= 3);
            own.map(|e| e.day)
        };
        let before = &without.patients[patient.patient as usize];
        if patient.status != PatientStatus::DroppedOutAdverseEvent {
            assert_eq!(severe(&without), None, "patient {}", patient.patient);
            assert!(format!("{patient:?}") == format!("{before:?}"));
            continue;
        }
        stopped += 1;
        let day = severe(&always).expect("an event");
        assert_eq!(Some(day), severe(&without));
        // The visit after the event is the last.
        assert!(7.0 * patient.last_week >= day && 7.0 * patient.last_week < day + 28.0);
        assert!(
            always
                .doses
                .iter()
                .all(|d| d.patient != patient.patient || d.day <= day)
        );
        let until = |r: &Replicate| {
            let own = r
                .visits
                .iter()
                .filter(|v| v.patient == patient.patient && 7.0 * v.week <= day);
            own.map(|v| (v.sledai_items, v.c3_g_per_l.to_bits(), v.pga.to_bits()))
                .collect::<Vec<_>>()
        };
        assert_eq!(until(&always), until(&without));
    }
    assert!((1..60).contains(&stopped), "{stopped}");
}

#[test]
fn half_the_probability_stops_fewer() {
    let stopped = |probability: f64| {
        let replicate = watched(stopping(probability, 2));
        let is_stopped = |p: &&malar_trial::results::PatientStatus| **p == PatientStatus::DroppedOutAdverseEvent;
        let status: Vec<PatientStatus> = replicate.patients.iter().map(|p| p.status).collect();
        status.iter().filter(is_stopped).count()
    };
    assert!(stopped(0.3) < stopped(1.0));
}

#[test]
#[should_panic(expected = "needs its adverse events")]
fn a_trial_that_needs_its_adverse_events_does_not_run_without_them() {
    let trial = Simulation::new(parts("tulip-2", stopping(0.5, 3), 40)).unwrap();
    assert!(trial.needs_safety());
    drop(trial.replicate(3, 0));
}

fn again(block_size: u32) -> impl Fn(String) -> String {
    let rule = |one: &str, other: &str| {
        format!(
            "[[randomised_again]]\nweek = 24\nholds = \"sledai_change > -4\"\narms = [\"{one}\", \"{other}\"]\nblock_size = {block_size}\nassumed = \"test\"\n"
        )
    };
    let rules = [
        rule("belimumab-go-on", "belimumab-then-anifrolumab"),
        rule("anifrolumab-go-on", "anifrolumab-then-belimumab"),
    ];
    move |text| text.replace("[screening]", &format!("{}\n[screening]", rules.join("\n")))
}

/// Patients by arm of whom nothing was seen at week 24 but no response.
fn unresponsive(replicate: &Replicate) -> [i32; 4] {
    let mut counts = [0; 4];
    for patient in replicate.patients.iter().filter(|p| p.last_week > 24.0) {
        let sledai = |week: f64| {
            let visit = replicate
                .visits
                .iter()
                .find(|v| v.patient == patient.patient && v.week == week);
            visit.map(|v| i32::from(v.sledai_2k))
        };
        let change = sledai(24.0).zip(sledai(0.0)).map(|(now, before)| now - before);
        counts[usize::from(patient.arm)] += i32::from(change.is_some_and(|change| change > -4));
    }
    counts
}

#[test]
fn blocks_of_two_leave_at_most_one_patient_between_arms_randomised_again() {
    let mut unbalanced = 0;
    for replicate in 0..6 {
        let run = |edit: &dyn Fn(String) -> String| {
            let trial =
                Simulation::new(parts("rehearsal-smart", edit, 120)).unwrap_or_else(|e| panic!("{}", e[0].message));
            trial.replicate(5, replicate).unwrap()
        };
        let (blocks, start) = (run(&again(2)), run(&|text| text));
        let [a, b, c, d] = unresponsive(&blocks);
        assert!((a - b).abs() <= 1 && (c - d).abs() <= 1, "{a} {b} {c} {d}");
        let [e, f, g, h] = unresponsive(&start);
        assert_eq!((a + b, c + d), (e + f, g + h), "the same patients do not respond");
        unbalanced += u32::from((e - f).abs() > 1) + u32::from((g - h).abs() > 1);
    }
    assert!(unbalanced > 0, "blocks at the start alone leave more");
}

#[test]
fn who_responds_keeps_the_first_arm() {
    let run = |edit: &dyn Fn(String) -> String| {
        let trial = Simulation::new(parts("rehearsal-smart", edit, 120)).unwrap();
        trial.replicate(5, 0).unwrap()
    };
    let (blocks, start) = (run(&again(2)), run(&|text| text));
    let pairs = blocks.patients.iter().zip(&start.patients);
    assert!(pairs.clone().any(|(now, before)| now.arm != before.arm));
    // First treatments are what they were: nobody moves between belimumab and anifrolumab.
    assert!(pairs.clone().all(|(now, before)| now.arm / 2 == before.arm / 2));
}

#[test]
fn what_cannot_be_is_refused() {
    let said = |trial: &str, edit: &dyn Fn(String) -> String| {
        let mut file = library::source(&format!("trials/{trial}.toml"));
        file.text = edit(file.text);
        let found = Protocol::parse(&file).expect_err("refused");
        assert!(!found.help.is_empty());
        found.render(&file.text)
    };
    assert!(said("tulip-2", &stopping(1.5, 3)).contains("trials/tulip-2.toml:"));
    assert!(said("tulip-2", &stopping(0.5, 9)).contains("grade is out of range"));
    let smart = |from: &'static str, to: &'static str| {
        said("rehearsal-smart", &move |text| again(2)(text).replacen(from, to, 1))
    };
    assert!(smart("block_size = 2", "block_size = 0").contains("nobody can be randomised again"));
    assert!(smart("week = 24\nholds", "week = 23\nholds").contains("no visit in week 23"));
    assert!(smart("\"belimumab-then-anifrolumab\"]", "\"nothing\"]").contains("no arm `nothing`"));
    let unlike = smart("\"belimumab-then-anifrolumab\"]", "\"anifrolumab-go-on\"]");
    assert!(unlike.contains("differ before week 24"), "{unlike}");
}
