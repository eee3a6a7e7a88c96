//! Facts of the source tree: what the verification left in `docs/`, `validation/` and the tests.

use std::path::Path;

use super::Facts;

pub(super) fn facts(tree: &Path) -> Facts {
    let read = |path: &str| std::fs::read_to_string(tree.join(path)).ok();
    let found = [
        ("tests", tests(tree)),
        ("solver", solver(&read)),
        ("equations", equations(&read)),
        ("statistics", statistics(tree)),
        ("calculation", calculation(&read)),
        ("pharmacology", pharmacology(&read)),
    ];
    found
        .into_iter()
        .filter_map(|(name, words)| Some((name, words?)))
        .collect()
}

type Read<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The first line of `text` that starts with `head`.
fn line<'a>(text: &'a str, head: &str) -> Option<&'a str> {
    text.lines().map(str::trim).find(|line| line.starts_with(head))
}

/// Cells of a Markdown table's row.
fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

fn tests(tree: &Path) -> Option<String> {
    let (mut files, mut tests) = (0, 0);
    for path in below(&tree.join("crates"), "rs") {
        let text = std::fs::read_to_string(path).ok()?;
        files += 1;
        tests += text.lines().filter(|line| line.trim() == "#[test]").count();
    }
    (tests > 0).then(|| {
        format!(
            "{tests} tests in {files} source files run on every change; crates may only use each other along declared arrows, and nothing before \
             the evidence crate can read a published result (tests). Results do not depend on threads, lanes or the number of patients, bit for bit (tests)."
        )
    })
}

fn solver(read: &Read<'_>) -> Option<String> {
    let conformance = read("docs/conformance.md")?;
    let row = cells(line(&conformance, "| all |")?);
    let problems = read("validation/solver/zoo.txt")?
        .lines()
        .filter(|line| line.contains(" at "))
        .count();
    Some(format!(
        "Orders of convergence, exact solutions and {problems} stiff problems with reference end points from scipy (`validation/solver`); SBML \
         semantic suite, odd cases: {} in their newest level, {} over all levels (`docs/conformance.md`).",
        row.get(1)?,
        row.get(2)?
    ))
}

fn equations(read: &Read<'_>) -> Option<String> {
    let (parity, drift) = (
        read("validation/sle-model/parity.txt")?,
        read("validation/sle-model/drift.txt")?,
    );
    Some(format!(
        "The disease model and the therapies against libroadrunner (`validation/sle-model/oracle`); right-hand sides against the first prototype: {}. \
         Baseline: {}.",
        line(&parity, "largest difference")?,
        line(&drift, "drift over five years")?
    ))
}

fn statistics(tree: &Path) -> Option<String> {
    let files = [
        below(&tree.join("validation/stats"), "csv"),
        below(&tree.join("validation/sensitivity"), "csv"),
    ]
    .concat();
    let rows: usize = files
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .map(|text| {
            text.lines()
                .filter(|line| !line.starts_with('#'))
                .count()
                .saturating_sub(1)
        })
        .sum();
    (rows > 0).then(|| {
        format!(
            "{rows} rows of outside values from R, scipy, statsmodels and SALib in {} files (`validation/stats`, `validation/sensitivity`), with the \
             programs that made them; SAS and published values as literals in the tests.",
            files.len()
        )
    })
}

fn calculation(read: &Read<'_>) -> Option<String> {
    let accuracy = read("validation/simulate/accuracy.txt")?;
    let settings: Vec<&str> = accuracy.lines().filter(|line| line.contains("worst")).collect();
    Some(format!(
        "Error of a whole run at the tolerance asked for: {} (`validation/simulate/accuracy.txt`). Trials run at the solver's default.",
        settings.join("; ")
    ))
}

fn pharmacology(read: &Read<'_>) -> Option<String> {
    let text = read("docs/therapies.md")?;
    let found = text.lines().find(|line| line.contains("rows within"))?;
    Some(format!(
        "{} (`docs/therapies.md`: drug levels, B cells, antibodies, interferon signature).",
        found.trim().trim_end_matches('.')
    ))
}

/// Every file below `folder` with this ending, sorted.
fn below(folder: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            found.extend(below(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_tree_has_every_fact_and_an_empty_one_none() {
        let here = facts(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")));
        assert_eq!(here.len(), 6, "{:?}", here.keys());
        let empty = tempfile::tempdir().expect("a temporary folder");
        assert!(facts(empty.path()).is_empty());
    }
}
