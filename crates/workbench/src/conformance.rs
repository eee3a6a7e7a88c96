//! The SBML semantic test suite: cases run, compared with what is expected, and told by tier.
//!
//! A case is a folder `00001` with `00001-settings.txt`, `00001-results.csv` and one file per level and version. It passes if every
//! value is within `absolute + relative |expected|` of the expected one, with the tolerances of its settings.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use malar_model::Source;

use crate::catalog::read_source;
use crate::network::convert;
use crate::simulate::{Series, Settled, simulate};

/// The part of the page about Antimony, measured by hand with the programs it names.
const ANTIMONY: &str = include_str!("conformance_antimony.md");

/// One case in one level and version.
#[derive(Clone, Debug)]
pub struct Case {
    /// Number, five digits.
    pub id: String,
    /// Tier by the index, `T1_ode`.
    pub tier: String,
    /// Level and version, `l3v2`.
    pub level: String,
    /// True to read the file, write it, and simulate what was written.
    is_rewritten: bool,
    folder: PathBuf,
}

impl Case {
    /// The same case, its file read, written and read again before it is simulated.
    pub fn rewritten(self) -> Case {
        Case {
            is_rewritten: true,
            ..self
        }
    }
}

/// How a case went.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Which case.
    pub case: Case,
    /// Nothing if it passed, else why not.
    pub failure: Option<String>,
}

/// All cases of the suite unpacked at `folder`: each in its newest level and version, or in every one.
pub fn cases(folder: &Path, every_level: bool) -> std::io::Result<Vec<Case>> {
    let index = fs::read_to_string(folder.join("index.tsv"))?;
    let mut cases = Vec::new();
    for line in index.lines().skip(1) {
        let mut fields = line.split('\t');
        let (Some(id), Some(tier), Some(levels)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let levels: Vec<&str> = levels.split(',').collect();
        let first = if every_level { 0 } else { levels.len() - 1 };
        for level in &levels[first..] {
            let (id, tier, level) = (id.to_owned(), tier.to_owned(), (*level).to_owned());
            cases.push(Case {
                is_rewritten: false,
                folder: folder.join(&id),
                id,
                tier,
                level,
            });
        }
    }
    Ok(cases)
}

/// Runs all cases on all cores; verdicts in the order of the cases.
pub fn run(cases: &[Case]) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let failure = check(case).err();
                    found.lock().expect("no thread panics holding it").push(Verdict {
                        case: case.clone(),
                        failure,
                    });
                }
            });
        }
    });
    let mut found = found.into_inner().expect("all threads are done");
    found.sort_by(|a, b| (&a.case.id, &a.case.level).cmp(&(&b.case.id, &b.case.level)));
    found
}

/// Settings of a case by name.
fn settings(case: &Case) -> Result<BTreeMap<String, String>, String> {
    let path = case.folder.join(format!("{}-settings.txt", case.id));
    let text = fs::read_to_string(&path).map_err(|reason| format!("{}: {reason}", path.display()))?;
    let pair = |line: &str| {
        line.split_once(':')
            .map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned()))
    };
    Ok(text.lines().filter_map(pair).collect())
}

fn names(text: Option<&String>) -> Vec<String> {
    text.map_or("", String::as_str)
        .split(',')
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// Runs one case; the error says what is wrong.
fn check(case: &Case) -> Result<(), String> {
    let settings = settings(case)?;
    let number = |key: &str| -> Result<f64, String> {
        settings
            .get(key)
            .and_then(|text| text.parse().ok())
            .ok_or(format!("the settings have no `{key}`"))
    };
    let (absolute, relative) = (number("absolute")?, number("relative")?);
    let settled = Settled {
        start: number("start")?,
        duration: number("duration")?,
        steps: number("steps")? as u32,
        variables: names(settings.get("variables")),
        amount: names(settings.get("amount")),
        concentration: names(settings.get("concentration")),
        relative,
        absolute,
        ..Settled::default()
    };
    let path = case.folder.join(format!("{}-sbml-{}.xml", case.id, case.level));
    let source = read_source(&path).map_err(|reason| reason.to_string())?;
    let source = if case.is_rewritten {
        let text = convert(&source, Path::new("again.xml")).map_err(|reason| reason.to_string())?;
        Source { text, ..source }
    } else {
        source
    };
    let got = simulate(&source, &settled).map_err(|reason| reason.to_string())?;
    let path = case.folder.join(format!("{}-results.csv", case.id));
    let expected = fs::read_to_string(&path).map_err(|reason| format!("{}: {reason}", path.display()))?;
    compare(&expected, &got, absolute, relative)
}

fn compare(expected: &str, got: &Series, absolute: f64, relative: f64) -> Result<(), String> {
    let mut lines = expected.lines().filter(|line| !line.trim().is_empty());
    let header: Vec<&str> = lines
        .next()
        .unwrap_or("")
        .split(',')
        .map(|name| name.trim().trim_matches('"'))
        .collect();
    let mut rows = 0;
    for (line, row) in lines.clone().zip(&got.rows) {
        rows += 1;
        for (at, (field, name)) in line.split(',').zip(&header).enumerate() {
            // Time comes first; a variable may be called so too.
            let column = if at == 0 {
                Some(0)
            } else {
                got.names.iter().skip(1).position(|n| n == name).map(|n| n + 1)
            };
            let Some(column) = column else {
                return Err(format!("`{name}` is not among the results"));
            };
            let wanted = value(field).ok_or_else(|| format!("`{field}` is expected, which is not a number"))?;
            let value = row[column];
            // Infinities are equal or not; a missing value matches a missing value.
            let is_same = (wanted.is_nan() && value.is_nan()) || (wanted.is_infinite() && wanted == value);
            let error = (wanted - value).abs();
            if !is_same && (error > absolute + relative * wanted.abs() || error.is_nan()) {
                return Err(format!("`{name}` at time {}: {wanted} expected, {value} found", row[0]));
            }
        }
    }
    if rows != lines.count() || rows != got.rows.len() {
        return Err(format!("{} rows, of which {rows} could be compared", got.rows.len()));
    }
    Ok(())
}

fn value(text: &str) -> Option<f64> {
    match text.trim() {
        "INF" | "Infinity" => Some(f64::INFINITY),
        "-INF" | "-Infinity" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        other => other.parse().ok(),
    }
}

/// Passed and all cases by tier.
pub fn counts(verdicts: &[Verdict]) -> BTreeMap<String, (usize, usize)> {
    let mut counts = BTreeMap::new();
    for verdict in verdicts {
        let count: &mut (usize, usize) = counts.entry(verdict.case.tier.clone()).or_default();
        count.0 += usize::from(verdict.failure.is_none());
        count.1 += 1;
    }
    counts
}

/// The page `docs/conformance.md`.
pub fn page(verdicts: &[Verdict], all_levels: &[Verdict]) -> String {
    let mut page = String::from(
        "# Conformance\n\nThe odd-numbered time-course cases of the SBML semantic test suite, run by `malar simulate` with the settings of each\n\
         case. A case passes if every value is within `absolute + relative × |expected|` of the expected one. This page is written by\n\
         `cargo run --release -p malar-workbench --example conformance`, which needs the suite in `../shared/conformance`.\n\n\
         | tier | newest level | every level and version |\n|---|---|---|\n",
    );
    let (newest, every) = (counts(verdicts), counts(all_levels));
    let mut totals = [(0, 0); 2];
    for (tier, &(passed, of)) in &newest {
        let (all_passed, all_of) = every.get(tier).copied().unwrap_or_default();
        let _ = writeln!(page, "| {tier} | {passed} of {of} | {all_passed} of {all_of} |");
        totals[0] = (totals[0].0 + passed, totals[0].1 + of);
        totals[1] = (totals[1].0 + all_passed, totals[1].1 + all_of);
    }
    let [(passed, of), (all_passed, all_of)] = totals;
    let _ = writeln!(page, "| all | {passed} of {of} | {all_passed} of {all_of} |\n");
    let failing: Vec<&Verdict> = all_levels.iter().filter(|v| v.failure.is_some()).collect();
    if failing.is_empty() {
        page.push_str("No case fails.\n");
        return page + ANTIMONY;
    }
    page.push_str("Failing:\n\n| case | file | why |\n|---|---|---|\n");
    for verdict in failing {
        let why = verdict
            .failure
            .as_deref()
            .unwrap_or("")
            .lines()
            .next()
            .unwrap_or("")
            .replace('|', "\\|");
        let _ = writeln!(page, "| {} | {} | {why} |", verdict.case.id, verdict.case.level);
    }
    page + ANTIMONY
}

/// The suite's folder, unpacked from `../shared` beside the repository at `root` (or from `$SHARED`), with what keeps it
/// there; nothing if the archive or the programs `zstd` and `tar` are absent.
pub fn unpacked(root: &Path) -> Option<(PathBuf, Unpacked)> {
    let shared = std::env::var_os("SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let archive = shared.join("conformance/sbml-semantic-odd.tar.zst");
    if !archive.is_file() {
        return None;
    }
    // Each caller gets a folder of its own, for each removes it.
    static UNPACKED: AtomicUsize = AtomicUsize::new(0);
    let number = UNPACKED.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("malar-sbml-suite-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).ok()?;
    let kept = Unpacked(folder.clone());
    let mut zstd = std::process::Command::new("zstd")
        .args(["-dc", "--long=27"])
        .arg(&archive)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .ok()?;
    let stream = zstd.stdout.take()?;
    let tar = std::process::Command::new("tar")
        .arg("-xf")
        .arg("-")
        .current_dir(&folder)
        .stdin(stream)
        .status()
        .ok()?;
    let is_good = zstd.wait().ok()?.success() && tar.success();
    is_good.then(|| (folder.join("sbml-semantic"), kept))
}

/// Removes the folder it names when dropped.
#[derive(Debug)]
pub struct Unpacked(PathBuf);

impl Drop for Unpacked {
    fn drop(&mut self) {
        // A folder that stays in the temporary place harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}
