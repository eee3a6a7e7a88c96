//! Claims about treatment that depends on how a patient did: withdrawal from responders, a second treatment after none.

mod library;

use malar_trial::results::{DoseRow, Replicate, VisitRow};
use malar_trial::{Protocol, Simulation};

fn replicate(trial: &str, edit: impl Fn(String) -> String) -> Replicate {
    let mut parts = library::parts(trial, edit);
    parts.protocol = parts.protocol.resized(120);
    let trial = Simulation::new(parts).unwrap_or_else(|e| panic!("{}", e[0].message));
    trial.replicate(4, 0).expect("enough candidates")
}

fn sledai(of: &Replicate, patient: u32, week: f64) -> Option<i32> {
    let visit = of.visits.iter().find(|v| v.patient == patient && v.week == week)?;
    Some(visit.sledai_2k.into())
}

/// Whether the patient came to week 24 on study drug, and by how much SLEDAI had changed.
fn change_at_24(of: &Replicate, patient: u32) -> Option<i32> {
    let stayed = of.patients[patient as usize].last_week > 24.0;
    Some(sledai(of, patient, 24.0)? - sledai(of, patient, 0.0)?).filter(|_| stayed)
}

fn doses_from_week_24(of: &Replicate, patient: u32) -> Vec<&DoseRow> {
    let own = of.doses.iter().filter(|d| d.patient == patient && d.day >= 168.0);
    own.collect()
}

#[test]
fn responders_stop_in_one_arm_and_everybody_else_goes_on() {
    let trial = replicate("rehearsal-responder-withdrawal", |text| text);
    let mut seen = [[0; 2]; 2];
    for patient in &trial.patients {
        let Some(change) = change_at_24(&trial, patient.patient) else {
            continue;
        };
        let (stops, responded) = (patient.arm == 0, change <= -4);
        let is_given = !doses_from_week_24(&trial, patient.patient).is_empty();
        assert_eq!(is_given, !(stops && responded), "patient {}", patient.patient);
        seen[usize::from(stops)][usize::from(responded)] += 1;
    }
    assert!(seen.iter().flatten().all(|n| *n >= 5), "{seen:?}");
}

#[test]
fn a_population_of_a_later_visit_holds_those_of_whom_its_rule_held_there() {
    let trial = replicate("rehearsal-responder-withdrawal", |text| text);
    for arm in 0..2 {
        let members = trial.patients.iter().filter(|p| p.arm == arm);
        let responders = members.filter(|p| {
            let change = sledai(&trial, p.patient, 24.0).zip(sledai(&trial, p.patient, 0.0));
            let on_drug = |v: &&VisitRow| v.patient == p.patient && v.week == 24.0;
            let was_there = trial.visits.iter().any(|v| on_drug(&v) && !v.components.discontinued);
            was_there && change.is_some_and(|(now, before)| now - before <= -4)
        });
        let row = trial
            .endpoints
            .iter()
            .find(|e| e.arm == arm && e.population == 1 && e.week == 52.0);
        assert_eq!(row.expect("a row").n, responders.count() as f64);
    }
}

#[test]
fn a_condition_that_always_or_never_holds_is_none_or_an_earlier_end_to_the_last_bit() {
    let whole = "days = { from = 0, every = 28, to = 336 }";
    let split = |rule: &'static str| {
        move |text: String| {
            let first = "days = { from = 0, every = 28, to = 140 } }";
            let second =
                "{ id = \"anifrolumab\", route = \"iv\", dose_mg = 300, days = { from = 168, every = 28, to = 336 }";
            text.replace(
                &format!("{whole} }}"),
                &format!("{first}, {second}, only_if = {{ week = 24, holds = \"{rule}\" }} }}"),
            )
        }
    };
    let visits = |edit: &dyn Fn(String) -> String| format!("{:?}", replicate("tulip-2", edit).visits);
    let (always, never) = (split("week > 0"), split("week < 0"));
    assert!(visits(&always) == visits(&|text| text));
    assert!(visits(&never) == visits(&|text| text.replace(whole, "days = { from = 0, every = 28, to = 140 }")));
}

#[test]
fn who_does_not_respond_to_the_first_drug_changes_to_the_other_in_the_regimes_that_say_so() {
    let trial = replicate("rehearsal-smart", |text| text);
    let mut switched = 0;
    for patient in &trial.patients {
        let Some(change) = change_at_24(&trial, patient.patient) else {
            continue;
        };
        let late = doses_from_week_24(&trial, patient.patient);
        let given: Vec<u16> = late.iter().map(|d| d.therapy).collect();
        let (first, second) = if patient.arm < 2 { (0, 1) } else { (1, 0) };
        let expected = if patient.arm % 2 == 1 && change > -4 {
            second
        } else {
            first
        };
        assert!(
            !given.is_empty() && given.iter().all(|t| *t == expected),
            "arm {}, {given:?}",
            patient.arm
        );
        switched += u32::from(expected == second);
    }
    assert!(switched >= 5, "{switched}");
}

#[test]
fn impossible_conditions_are_refused() {
    let refused = |from: &str, to: &str| {
        let mut file = library::source("trials/rehearsal-responder-withdrawal.toml");
        assert!(file.text.contains(from));
        file.text = file.text.replacen(from, to, 1);
        let found = Protocol::parse(&file).expect_err("refused");
        assert!(!found.help.is_empty());
        found.message
    };
    assert!(refused("only_if = { week = 24", "only_if = { week = 23").contains("no visit in week 23"));
    assert!(refused("only_if = { week = 24", "only_if = { week = 28").contains("before week 28 decides"));
    assert!(refused("holds = \"sledai_change > -4\"", "holds = \"sledai_chance > -4\"").contains("sledai_chance"));
    assert!(refused("holds = \"sledai_change > -4\"", "holds = \"clasi_activity > 4\"").contains("does not measure"));
    assert!(refused("at_week = 24", "at_week = 60").contains("no visit in week 60"));
}
