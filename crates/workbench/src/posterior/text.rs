//! A posterior as a file that reads back to the same bits.

use std::fmt::Write as _;

use super::Posterior;

impl Posterior {
    /// The file's text. Numbers are written with as many digits as they need.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# Written by `malar calibrate`. Numbers are virtual patients' and the library's, not measurements.\n",
        );
        let mut line = |key: &str, value: String| writeln!(text, "{key} = {value}").expect("text takes text");
        line("id", quoted(&self.id));
        line("name", quoted(&self.name));
        line("populations", list(&self.populations));
        line("calibrated_on", list(&self.calibrated_on));
        line("without", list(&self.without));
        line("made", list(&self.made));
        line("names", list(&self.names));
        line("weights", numbers(&self.weights));
        let rows: Vec<String> = self
            .members
            .iter()
            .map(|member| format!("  {},\n", numbers(member)))
            .collect();
        line("members", format!("[\n{}]", rows.concat()));
        for file in &self.files {
            write!(
                text,
                "\n[[files]]\npath = {}\nblake3 = {}\n",
                quoted(&file.path),
                quoted(&file.blake3)
            )
            .expect("text takes text");
        }
        text
    }
}

/// A TOML string; names and sentences of ours hold neither quotes nor line ends.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn list(entries: &[String]) -> String {
    let entries: Vec<String> = entries.iter().map(|entry| quoted(entry)).collect();
    format!("[{}]", entries.join(", "))
}

/// A TOML list of numbers, each the shortest text that reads back to the same bits.
pub(crate) fn numbers(values: &[f64]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
    format!("[{}]", values.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::FileHash;
    use malar_model::Source;

    fn small() -> Posterior {
        Posterior {
            id: "small".into(),
            name: "A \"small\" one".into(),
            populations: vec!["sle-trial".into()],
            calibrated_on: vec!["muse".into()],
            without: Vec::new(),
            names: vec!["clinical.trial_effect.offset".into(), "anifrolumab.effect_max".into()],
            weights: vec![0.25, 0.75],
            members: vec![vec![0.1 + 0.2, 1e-300], vec![-3.0, 5e22]],
            made: vec!["by hand".into()],
            files: vec![FileHash::new("x.toml", "y")],
            source: Source {
                path: "small.toml".into(),
                text: String::new(),
            },
        }
    }

    #[test]
    fn text_reads_back_to_the_same_bits() {
        let mut expected = small();
        let source = Source {
            path: "small.toml".into(),
            text: expected.text(),
        };
        let read = Posterior::parse(&source).expect("our own text");
        expected.source = source;
        assert_eq!(read, expected);
    }

    #[test]
    fn weights_that_do_not_add_up_are_refused() {
        let mut wrong = small();
        wrong.weights = vec![0.25, 0.25];
        let source = Source {
            path: "small.toml".into(),
            text: wrong.text(),
        };
        let message = Posterior::parse(&source).expect_err("half is missing").message;
        assert!(message.contains("add up to 1"), "{message}");
    }
}
