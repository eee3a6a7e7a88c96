//! How long all endpoints take for 10,000 patients at 14 visits: the figure in `benchmarks/README.md`.
//!
//! ```sh
//! cargo run --release -p malar-workbench --example derive-speed
//! ```
//!
//! Findings with every component of every endpoint, made from a random stream; processor time of one thread.

use malar_instruments::sledai::descriptors::Descriptor;
use malar_workbench::catalog::Library;
use malar_workbench::dataset::{Dataset, Format, read_bytes, write};
use malar_workbench::derive::codes::{self, Codes};
use malar_workbench::derive::{Answer, Settings, derive, endpoints};

const PATIENTS: usize = 10_000;
const VISITS: usize = 14;

/// Seconds of processor time that this thread has used; of the clock where the system does not say.
fn seconds(start: std::time::Instant) -> f64 {
    let used = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = used.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |ns| ns * 1e-9)
}

/// SplitMix64 (Steele 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What is measured at a visit beside descriptors and grades: slot, unit, values in steps.
const MEASURED: [(usize, &str, f64, u64); 18] = [
    (codes::PGA, "", 0.01, 250),
    (codes::PREDNISONE, "mg", 2.5, 10),
    (codes::UPCR, "g/g", 0.05, 40),
    (codes::EGFR, "mL/min/1.73m2", 5.0, 28),
    (codes::EGFR_PRE_FLARE, "mL/min/1.73m2", 5.0, 28),
    (codes::CREATININE, "mg/dL", 0.05, 40),
    (codes::URINE_RED_CELLS, "/HPF", 1.0, 20),
    (codes::CASTS, "", 1.0, 2),
    (codes::CLASI, "", 1.0, 40),
    (codes::ACTIVE_JOINTS, "", 1.0, 28),
    (codes::TENDER_JOINTS, "", 1.0, 28),
    (codes::SWOLLEN_JOINTS, "", 1.0, 28),
    (codes::IMMUNOSUPPRESSANT, "", 1.0, 2),
    (codes::ANTIMALARIAL, "", 1.0, 2),
    (codes::WEIGHT, "kg", 1.0, 120),
    (codes::C3, "g/L", 0.05, 30),
    (codes::C4, "g/L", 0.01, 40),
    (codes::DSDNA, "IU/mL", 1.0, 300),
];

/// One column after the other, as tables are kept.
#[derive(Default)]
struct Rows {
    subject: Vec<String>,
    code: Vec<&'static str>,
    number: Vec<f64>,
    letter: Vec<&'static str>,
    unit: Vec<&'static str>,
    high: Vec<f64>,
    visit: Vec<String>,
}

impl Rows {
    fn push(
        &mut self,
        (subject, visit): (&str, &str),
        slot: usize,
        number: f64,
        letter: &'static str,
        unit: &'static str,
    ) {
        self.subject.push(subject.to_owned());
        self.code.push(Codes::all().of_slot(slot).code);
        self.number.push(number);
        self.letter.push(letter);
        self.unit.push(unit);
        self.high.push(if slot == codes::CREATININE { 1.1 } else { f64::NAN });
        self.visit.push(visit.to_owned());
    }
}

fn findings() -> Dataset {
    let (mut rows, mut luck) = (Rows::default(), 7);
    for patient in 0..PATIENTS {
        let subject = format!("S-{patient:05}");
        for visit in 0..VISITS {
            let name = if visit == 0 {
                "BASELINE".to_owned()
            } else {
                format!("WEEK {}", 4 * visit)
            };
            let at = (subject.as_str(), name.as_str());
            for descriptor in Descriptor::ALL {
                let points = if next(&mut luck).is_multiple_of(5) {
                    f64::from(descriptor.weight())
                } else {
                    0.0
                };
                rows.push(at, codes::SLEDAI + descriptor as usize, points, "", "");
                if points > 0.0 && visit > 0 {
                    let half_better = (next(&mut luck) % 2) as f64;
                    rows.push(at, codes::HALF_BETTER + descriptor as usize, half_better, "", "");
                }
            }
            for domain in 0..9 {
                let letter = ["E", "D", "C", "B", "A"][(next(&mut luck) % 5) as usize];
                rows.push(at, codes::BILAG_GRADE + domain, f64::NAN, letter, "");
            }
            for (slot, unit, step, n) in MEASURED {
                rows.push(at, slot, step * (next(&mut luck) % n) as f64, "", unit);
            }
        }
    }
    Dataset::new("ADRS", "Findings")
        .with_texts("USUBJID", "", rows.subject)
        .with_texts("PARAMCD", "", rows.code)
        .with_numbers("AVAL", "", rows.number)
        .with_texts("AVALC", "", rows.letter)
        .with_texts("AVALU", "", rows.unit)
        .with_numbers("ANRHI", "", rows.high)
        .with_texts("AVISIT", "", rows.visit)
}

fn main() {
    let start = std::time::Instant::now();
    let table = findings();
    let known = endpoints(&Library::embedded(), &[]).expect("endpoints of the library");
    let settings = Settings {
        as_recorded: true,
        ..Settings::default()
    };
    println!(
        "{} findings of {PATIENTS} patients at {VISITS} visits, {} endpoints",
        table.n_rows(),
        known.len()
    );
    for _ in 0..3 {
        let before = seconds(start);
        let derived = derive(std::slice::from_ref(&table), known.clone(), &settings).expect("derived");
        let told = derived
            .rows
            .iter()
            .filter(|r| matches!(r.answer, Answer::Yes | Answer::No | Answer::Scored))
            .count();
        println!(
            "derive: {:.2} s, {} rows, {told} of them told",
            seconds(start) - before,
            derived.rows.len()
        );
    }
    for format in [Format::Csv, Format::Ndjson, Format::Xpt, Format::Parquet] {
        let bytes = write(&table, format).expect("writable");
        let (before, size) = (seconds(start), bytes.len() as f64 / 1e6);
        let n = read_bytes(bytes, "findings").expect("readable")[0].n_rows();
        println!(
            "read {n} rows of {}: {:.2} s, {size:.0} MB",
            format.ending(),
            seconds(start) - before
        );
    }
}
