//! The examples of `docs/simulate.md` print what the page says.

use std::path::Path;
use std::process::Command;

/// Fenced blocks: what stands behind the fence, and the lines inside.
fn blocks(page: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```").filter(|kind| !kind.is_empty()) {
            found.push((kind, lines.by_ref().take_while(|line| *line != "```").collect()));
        }
    }
    found
}

/// Equal, numbers to six digits: the last ones may move when the solver does.
fn same(got: &str, expected: &str) -> bool {
    let (got, expected): (Vec<&str>, Vec<&str>) = (got.split(',').collect(), expected.split(',').collect());
    let cells = got
        .iter()
        .zip(&expected)
        .all(|(a, b)| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => (a - b).abs() <= 1e-6 * b.abs(),
            _ => a == b,
        });
    cells && got.len() == expected.len()
}

#[test]
fn examples_print_what_the_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/simulate.md");
    let page = std::fs::read_to_string(page).expect("part of the project");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut n_commands = 0;
    for (kind, lines) in blocks(&page) {
        if let Some((_, file)) = kind.split_once(' ') {
            std::fs::write(folder.path().join(file), lines.join("\n") + "\n").expect("writable");
            continue;
        }
        let mut printed: Vec<String> = Vec::new();
        let mut told: Vec<&str> = Vec::new();
        for line in lines {
            let Some(command) = line.strip_prefix("$ malar ") else {
                told.push(line);
                continue;
            };
            let output = Command::new(env!("CARGO_BIN_EXE_malar"))
                .args(command.split(' '))
                .current_dir(folder.path())
                .env("NO_COLOR", "1")
                .output()
                .expect("malar starts");
            let text = [output.stdout, output.stderr].concat();
            printed.extend(String::from_utf8(text).expect("UTF-8").lines().map(str::to_owned));
            n_commands += 1;
        }
        let is_same = printed.len() == told.len() && printed.iter().zip(&told).all(|(a, b)| same(a, b));
        assert!(
            is_same,
            "printed:\n{}\nthe page says:\n{}",
            printed.join("\n"),
            told.join("\n")
        );
    }
    assert!(n_commands > 7);
}
