//! The models in the library read, print and read again as themselves.

use std::path::{Path, PathBuf};

use malar_model::{Source, parse_antimony, print_antimony, read_antimony};

/// All `.ant` files of the library.
fn library() -> Vec<Source> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let mut folders: Vec<PathBuf> = vec![data];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|e| e == "ant") {
                let text = std::fs::read_to_string(&entry).unwrap();
                found.push(Source {
                    path: entry.display().to_string(),
                    text,
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

#[test]
fn every_model_of_the_library_reads_and_prints() {
    for source in library() {
        let model = parse_antimony(&source)
            .unwrap_or_else(|found| panic!("{}", found.iter().map(|d| d.render(&source.text)).collect::<String>()));
        let printed = Source {
            path: "printed".into(),
            text: print_antimony(&model),
        };
        let again = parse_antimony(&printed)
            .unwrap_or_else(|found| panic!("{}", found.iter().map(|d| d.render(&printed.text)).collect::<String>()));
        assert_eq!(print_antimony(&again), printed.text, "{}", source.path);
        let equations = model
            .equations(&source)
            .unwrap_or_else(|found| panic!("{}", found.iter().map(|d| d.render(&source.text)).collect::<String>()));
        for finding in model.check_units(&source) {
            println!("{}", finding.render(&source.text));
        }
        println!(
            "{}: {} states, {} parameters, {} assignments",
            source.path,
            equations.states.len(),
            equations.parameters.len(),
            equations.assignments.len()
        );
    }
}

#[test]
fn every_model_of_the_library_reads_as_a_network_too() {
    let nothing = |name: &str| Err(format!("`{name}` is not imported"));
    for source in library() {
        let render = |found: &[malar_model::Diagnostic]| found[0].render(&source.text);
        let network = read_antimony(&source, &nothing).unwrap_or_else(|found| panic!("{}", render(&found)));
        let dynamics = network
            .dynamics(&source)
            .unwrap_or_else(|found| panic!("{}", render(&found)));
        let equations = parse_antimony(&source)
            .and_then(|model| model.equations(&source))
            .expect("read above");
        assert_eq!(dynamics.unknowns.len(), equations.states.len(), "{}", source.path);
        assert_eq!(network.unset().count(), 0, "{}", source.path);
    }
}
