//! A simulated trial, exported and derived again, gives its own endpoints: every patient, endpoint and visit.

use std::collections::BTreeMap;

use malar_instruments::sledai::descriptors::Descriptor;
use malar_trial::results::{Replicate, VisitRow};
use malar_workbench::catalog::Library;
use malar_workbench::dataset::{Dataset, Format, read_bytes};
use malar_workbench::derive::{Answer, Derived, Settings, Sledai, derive, endpoints};
use malar_workbench::export::{Exported, files, tables};
use malar_workbench::run::Prepared;
use malar_workbench::study::{Request, prepare};

fn simulated(study: &str, patients: u32) -> (Prepared, Replicate) {
    let request = Request {
        study: study.into(),
        replicates: Some(1),
        patients: Some(patients),
        seed: Some(3),
    };
    let prepared = prepare(&Library::embedded(), &request).expect("a trial of the library");
    let replicate = prepared.simulation.replicate(3, 0).expect("feasible");
    (prepared, replicate)
}

/// A trial with further endpoints at week 52.
fn with_endpoints(study: &str, patients: u32, ids: &[&str]) -> (Prepared, Replicate) {
    let mut library = Library::embedded();
    let path = format!("trials/{study}.toml");
    let mut file = library.get(&path).expect("a trial of the library").clone();
    for id in ids {
        file.text += &format!("\n[[endpoints]]\nid = \"{id}\"\nweeks = [12, 52]\n");
    }
    library.insert(&path, file);
    let request = Request {
        study: study.into(),
        replicates: Some(1),
        patients: Some(patients),
        seed: Some(3),
    };
    let prepared = prepare(&library, &request).expect("a trial");
    let replicate = prepared.simulation.replicate(3, 0).expect("feasible");
    (prepared, replicate)
}

fn exported<'a>(prepared: &'a Prepared, replicate: &'a Replicate) -> Exported<'a> {
    Exported {
        study: &prepared.manifest.study,
        sledai: prepared.about.sledai.expect("a protocol names a form"),
        labels: prepared.simulation.labels(),
        replicate,
    }
}

fn derived(tables: &[Dataset], exported: &Exported) -> Derived {
    let asked = endpoints(&Library::embedded(), &exported.labels.endpoints).expect("endpoints of the library");
    let settings = Settings {
        sledai: exported.sledai,
        as_recorded: true,
        ..Settings::default()
    };
    derive(tables, asked, &settings).unwrap_or_else(|error| panic!("{error}"))
}

/// Answers of the run itself: by patient number, endpoint and week, whether there was a response and the reason.
fn own(exported: &Exported) -> BTreeMap<(u32, u16, u64), (bool, String)> {
    let outcomes = exported.replicate.outcomes.iter();
    let answer = |reason: u16| exported.labels.reasons[usize::from(reason)].clone();
    outcomes
        .map(|o| {
            (
                (o.patient, o.endpoint, o.week.to_bits()),
                (o.responded, answer(o.reason)),
            )
        })
        .collect()
}

fn number(name: &str) -> u32 {
    let last = name.rsplit('-').next().expect("parts");
    last.parse::<u32>().expect("a number") - 1
}

/// Holds derived rows against the run: the same answer and reason where the run looked, nothing counted that it did not count.
fn agree(derived: &Derived, exported: &Exported) {
    let own = own(exported);
    let weeks: std::collections::BTreeSet<(u16, u64)> = own.keys().map(|k| (k.1, k.2)).collect();
    let mut found = 0;
    for row in &derived.rows {
        let patient = number(&derived.patients[row.patient as usize]);
        let endpoint = &derived.endpoints[usize::from(row.endpoint)];
        let who = format!("{} patient {patient} week {}", endpoint.id, row.week);
        match own.get(&(patient, row.endpoint, row.week.to_bits())) {
            None if weeks.contains(&(row.endpoint, row.week.to_bits())) => {
                assert_eq!(row.answer, Answer::NotCounted, "{who}");
            }
            None => {}
            Some((responded, reason)) => {
                assert_eq!(row.answer == Answer::Yes, *responded, "{who}");
                assert_eq!(endpoint.reason_id(row.reason.into()), reason, "{who}");
                found += 1;
            }
        }
    }
    assert_eq!(found, own.len(), "every outcome of the run was derived");
}

/// Events of rates by arm, as the run counted them.
fn agree_on_rates(derived: &Derived, exported: &Exported) -> usize {
    let mut compared = 0;
    for own in exported.replicate.endpoints.iter().filter(|row| row.population == 0) {
        if exported.labels.endpoint_units[usize::from(own.endpoint)] != "per patient-year" {
            continue;
        }
        let in_arm = |name: &str| exported.replicate.patients[number(name) as usize].arm == own.arm;
        let rows = derived
            .rows
            .iter()
            .filter(|r| r.endpoint == own.endpoint && r.week <= own.week);
        let events = rows
            .filter(|r| in_arm(&derived.patients[r.patient as usize]) && r.answer == Answer::Yes)
            .count();
        assert_eq!(events as f64, own.count);
        compared += 1;
    }
    compared
}

#[test]
fn tulip_2_comes_back_exactly_in_every_format() {
    let (prepared, replicate) = simulated("tulip-2", 80);
    let exported = exported(&prepared, &replicate);
    for (ending, format) in Format::ENDINGS {
        let written = files(&exported, format).expect(ending);
        let tables = written.into_iter().filter(|(name, _)| name.ends_with(ending));
        let tables: Vec<Dataset> = tables
            .flat_map(|(name, bytes)| read_bytes(bytes, &name).expect("readable"))
            .collect();
        assert_eq!(tables.len(), 8, "{ending}");
        let derived = derived(&tables, &exported);
        agree(&derived, &exported);
        assert_eq!(agree_on_rates(&derived, &exported), 2, "two arms, one rate");
    }
    let left = replicate.patients.iter().filter(|p| p.last_week < 52.0).count();
    assert!(left > 0, "somebody left, or the test says nothing of leaving");
}

#[test]
fn selena_sledai_and_measured_kidneys_come_back_exactly() {
    for (study, form) in [("bliss-52", Sledai::SelenaSledai), ("nobility", Sledai::Sledai2k)] {
        let (prepared, replicate) = simulated(study, 40);
        let exported = exported(&prepared, &replicate);
        assert_eq!(exported.sledai, form, "{study}");
        agree(&derived(&tables(&exported), &exported), &exported);
    }
}

#[test]
fn scores_flares_and_partial_improvement_come_back_exactly() {
    let more = [
        "lumos",
        "sri-50",
        "sfi-flare-rate",
        "sfi-severe-flare-rate",
        "sfi-severe-flare-rate-bliss",
    ];
    for study in ["tulip-2", "bliss-52"] {
        let (prepared, replicate) = with_endpoints(study, 60, &more);
        let exported = exported(&prepared, &replicate);
        for format in [Format::Json, Format::Xpt] {
            let written = files(&exported, format).expect("writable");
            let tables = written.into_iter().filter(|(name, _)| name.ends_with(format.ending()));
            let tables: Vec<Dataset> = tables
                .flat_map(|(name, bytes)| read_bytes(bytes, &name).expect("readable"))
                .collect();
            let derived = derived(&tables, &exported);
            agree(&derived, &exported);
            assert!(
                agree_on_rates(&derived, &exported) >= 12,
                "three rates at two weeks in two arms"
            );
            let values: BTreeMap<(u32, u16, u64), f64> = replicate
                .outcomes
                .iter()
                .filter_map(|o| Some(((o.patient, o.endpoint, o.week.to_bits()), o.value?)))
                .collect();
            let mut found = 0;
            for row in derived.rows.iter().filter(|r| r.answer == Answer::Scored) {
                let key = (
                    number(&derived.patients[row.patient as usize]),
                    row.endpoint,
                    row.week.to_bits(),
                );
                if let Some(own) = values.get(&key) {
                    assert_eq!(own.to_bits(), row.value.to_bits(), "{study} {key:?}");
                    found += 1;
                }
            }
            assert_eq!(found, values.len(), "every value of the run was derived");
            assert!(found > 100);
        }
    }
}

#[test]
fn doses_and_disposition_are_those_of_the_trial() {
    let (prepared, replicate) = simulated("tulip-2", 24);
    let exported = exported(&prepared, &replicate);
    let tables = tables(&exported);
    let table = |name: &str| tables.iter().find(|t| t.name == name).expect("exported");
    let given = table("EX");
    let anifrolumab = |row: &usize| given.column("EXTRT").expect("a column").text(*row) == "ANIFROLUMAB";
    let rows: Vec<usize> = (0..given.n_rows()).filter(anifrolumab).collect();
    assert_eq!(rows.len(), given.n_rows(), "placebo gives nothing");
    for &row in &rows {
        let cell = |name: &str| given.column(name).expect("a column").text(row).into_owned();
        assert_eq!((cell("EXDOSE"), cell("EXDOSU")), ("300".to_owned(), "mg".into()));
        assert_eq!(
            cell("EXSTDY").parse::<u32>().expect("a day") % 28,
            1,
            "every four weeks from day 1 on"
        );
    }
    let completed = replicate
        .patients
        .iter()
        .filter(|p| p.arm == 1 && p.last_week == 52.0)
        .count();
    assert!(
        rows.len() >= 13 * completed,
        "those who stay have 13 doses: {} of {completed}",
        rows.len()
    );
    assert_eq!(table("DM").n_rows(), replicate.patients.len());
    assert_eq!(table("DS").n_rows(), replicate.patients.len());
    let visits = replicate.visits.len();
    assert_eq!(table("ADCM").n_rows(), visits);
    let per_visit = 24 + 2 + 9 + 1 + 1 + 3; // descriptors, totals of both forms, grades, PGA, CLASI, joint counts
    let judged = |v: &VisitRow| {
        Descriptor::ALL
            .iter()
            .filter(|&&d| v.components.half_better.state(d).is_some())
            .count()
    };
    let judged: usize = replicate.visits.iter().map(judged).sum();
    assert!(judged > visits, "most patients keep an item or more");
    assert_eq!(table("RS").n_rows(), visits * per_visit + judged);
}

/// PREDEQ is not needed where the records of medication tell the dose.
#[test]
fn steroids_from_medication_give_the_same_endpoints() {
    let (prepared, replicate) = simulated("tulip-2", 60);
    let exported = exported(&prepared, &replicate);
    let without: Vec<Dataset> = tables(&exported).into_iter().filter(|t| t.name != "ADCM").collect();
    assert!(without.len() < tables(&exported).len());
    let derived = derived(&without, &exported);
    agree(&derived, &exported);
    assert!(
        derived.notes.iter().any(|note| note.contains("PREDEQ")),
        "{:?}",
        derived.notes
    );
}
