//! The house's rules, read off the files themselves: ARCHITECTURE.md says why.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which of our crates each crate may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("solver", &[]),
    ("stats", &[]),
    ("instruments", &[]),
    ("tape", &["model", "solver"]),
    ("patients", &["model", "solver", "tape"]),
    (
        "trial",
        &["instruments", "model", "patients", "solver", "stats", "tape"],
    ),
    ("evidence", &["model", "patients", "stats", "trial"]),
    (
        "workbench",
        &[
            "instruments",
            "model",
            "solver",
            "stats",
            "tape",
            "patients",
            "trial",
            "evidence",
        ],
    ),
    ("cli", &["workbench"]),
    ("python", &["workbench"]),
];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("crates/cli lies in crates")
        .to_owned()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    for path in entries {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Lines of code outside comments, with their place.
fn code_lines(krate: &str) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for file in rust_files(&crates().join(krate).join("src")) {
        let text = fs::read_to_string(&file).expect("readable source");
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        for (k, line) in code.lines().enumerate() {
            if !line.trim_start().starts_with("//") {
                lines.push((format!("{}:{}", file.display(), k + 1), line.to_owned()));
            }
        }
    }
    lines
}

#[test]
fn crates_use_only_the_crates_that_the_map_allows() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for entry in fs::read_dir(crates()).expect("crates").flatten() {
        let name = entry.file_name().into_string().expect("utf-8 name");
        let manifest = fs::read_to_string(entry.path().join("Cargo.toml")).expect("manifest");
        let allowed = allowed
            .get(name.as_str())
            .unwrap_or_else(|| panic!("crate `{name}` is not on the map"));
        let dependencies = manifest
            .split("[dependencies]")
            .nth(1)
            .unwrap_or("")
            .split("\n[")
            .next()
            .unwrap_or("");
        for line in dependencies.lines() {
            let Some(used) = line.strip_prefix("malar-") else {
                continue;
            };
            let used = used.split(['.', ' ', '=']).next().unwrap_or("");
            assert!(allowed.contains(&used), "`{name}` may not use `{used}`");
        }
    }
}

#[test]
fn the_simulator_never_sees_published_results() {
    for krate in ["model", "solver", "stats", "instruments", "tape", "patients", "trial"] {
        for (place, line) in code_lines(krate) {
            assert!(!line.contains("data/evidence"), "{place}: {line}");
        }
    }
}

#[test]
fn input_and_output_stay_in_workbench_cli_and_python() {
    for krate in [
        "model",
        "solver",
        "stats",
        "instruments",
        "tape",
        "patients",
        "trial",
        "evidence",
    ] {
        for (place, line) in code_lines(krate) {
            for word in ["std::fs", "std::net", "std::env", "println!", "eprintln!"] {
                assert!(!line.contains(word), "{place}: {line}");
            }
        }
    }
}

#[test]
fn unsafe_code_stays_where_instructions_are_chosen_and_made() {
    let allowed = [
        "solver/src/dispatch",
        "solver/src/lu/execute",
        "solver/src/place",
        "tape/src/eval/lanes",
        "tape/src/machine",
    ];
    for (krate, _) in ARROWS {
        for (place, line) in code_lines(krate) {
            let here = allowed.iter().any(|a| place.replace('\\', "/").contains(a));
            let used = line.contains("unsafe {") || line.contains("unsafe fn") || line.contains("unsafe impl");
            assert!(here || !used, "{place}: {line}");
        }
    }
}

#[test]
fn solver_and_stats_name_nothing_biological() {
    for krate in ["solver", "stats"] {
        for (place, line) in code_lines(krate) {
            for word in [
                "lupus",
                "sledai",
                "bilag",
                "anifrolumab",
                "belimumab",
                "prednisone",
                "arm_",
            ] {
                assert!(!line.to_lowercase().contains(word), "{place}: {line}");
            }
        }
    }
}
