//! What fuzzing found stays found: every target takes its seeds, its regressions and mutations of both. `fuzz/README.md`
//! says how new inputs are looked for.

#[path = "../../../fuzz/targets.rs"]
mod targets;

use std::path::{Path, PathBuf};

use targets::{TARGETS, Target};

/// Mutations of each input; all together take some seconds.
const MUTATIONS: usize = 60;

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(path)
}

/// Contents of all files of a folder in the order of their names; none if there is no folder.
fn inputs(path: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(path))
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    files.sort();
    let read = |file: PathBuf| (file.clone(), std::fs::read(file).expect("a readable file"));
    files.into_iter().map(read).collect()
}

/// Runs a target, saying with which input if it panics.
fn run(target: Target, name: &Path, data: &[u8]) {
    let outcome = std::panic::catch_unwind(|| target(data));
    assert!(
        outcome.is_ok(),
        "{}:\n{}",
        name.display(),
        String::from_utf8_lossy(data)
    );
}

/// Next number of a xorshift generator (Marsaglia 2003).
fn next(luck: &mut u64) -> usize {
    *luck ^= *luck << 13;
    *luck ^= *luck >> 7;
    *luck ^= *luck << 17;
    (*luck >> 16) as usize
}

/// An input with pieces cut out, doubled, or taken from another one.
fn mutated(data: &[u8], other: &[u8], luck: &mut u64) -> Vec<u8> {
    let mut data = data.to_vec();
    for _ in 0..1 + next(luck) % 4 {
        let (at, from) = (next(luck) % (data.len() + 1), next(luck) % (other.len() + 1));
        let end = (at + next(luck) % 30).min(data.len());
        let put: Vec<u8> = match next(luck) % 4 {
            0 => Vec::new(),
            1 => data[at..end].repeat(2),
            2 => other[from..(from + 30).min(other.len())].to_vec(),
            _ => vec![b' ' + (next(luck) % 95) as u8],
        };
        data.splice(at..end, put);
    }
    data
}

#[test]
fn every_target_takes_its_seeds_its_regressions_and_mutations_of_both() {
    for (name, target) in TARGETS {
        let known = [inputs(&format!("seeds/{name}")), inputs(&format!("regressions/{name}"))].concat();
        assert!(!known.is_empty(), "`{name}` has no seeds");
        for (path, data) in &known {
            run(target, path, data);
        }
        let mut luck = 42;
        for (path, data) in &known {
            for _ in 0..MUTATIONS {
                let other = &known[next(&mut luck) % known.len()].1;
                run(target, path, &mutated(data, other, &mut luck));
            }
        }
    }
}
