//! Whatever is typed, the answer is a model or a message, never a panic.

use malar_model::units::Unit;
use malar_model::{Diagnostic, Quantity, Rule, Source, parse_antimony, print_antimony, read_toml};
use proptest::prelude::*;

const MODEL: &str = "function f(a, b) a/(a + b) end\nmodel *m()\n unit per_day = 1/(86400 second)\n compartment C = 2 // size\n\
    var species A in C = 1, $B\n k = 3; k has per_day; k is \"rate\"; k description \"doi\", \"doi\"\n J1: A => 2 B; k*f(A, 4)^2\n\
    B = 0; y := piecewise(1, A < 2 && !(B > 1), -A)\n x' = -time % 2; x = 1e-3 /* end */ # end\nend\n";

fn source(text: &str) -> Source {
    Source {
        path: "m.ant".into(),
        text: text.into(),
    }
}

fn read_all_ways(text: &str) {
    let source = source(text);
    let show = |found: &[Diagnostic]| found.iter().for_each(|d| drop(d.render(text)));
    match parse_antimony(&source) {
        Err(found) => {
            assert!(!found.is_empty());
            show(&found);
        }
        Ok(model) => {
            show(&model.check_units(&source));
            match model.equations(&source) {
                Ok(equations) => assert!(equations.is_consistent()),
                Err(found) => show(&found),
            }
            let printed = print_antimony(&model);
            assert!(
                parse_antimony(&self::source(&printed)).is_ok(),
                "{text}\nbecame\n{printed}"
            );
        }
    }
    if let Err(found) = Rule::parse(text, &source, 0..text.len(), &["x", "y"]) {
        show(&[found]);
    }
    if let Err(found) = read_toml::<Quantity>(&source) {
        show(&[found]);
    }
    drop(Unit::parse(text));
}

/// Pieces that mean something, in any order.
fn word_salad() -> impl Strategy<Value = String> {
    let words = vec![
        "x",
        "y",
        "A",
        "=",
        ":=",
        "'",
        "->",
        "=>",
        ";",
        "\n",
        ":",
        "(",
        ")",
        "1",
        "2.5",
        "1e400",
        "+",
        "-",
        "*",
        "/",
        "^",
        "%",
        "<",
        "==",
        "&&",
        "!",
        ",",
        "$",
        "model",
        "end",
        "function",
        "unit",
        "has",
        "is",
        "\"a\"",
        "second",
        "species",
        "in",
        "compartment",
        "var",
        "const",
        "notes",
        "description",
        "time",
        "piecewise",
        "max",
        "exp",
        "at",
        "é",
        "\"",
        "```",
        ".",
    ];
    prop::collection::vec(prop::sample::select(words), 0..40).prop_map(|w| w.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all_ways(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_words_never_panic(text in word_salad()) {
        read_all_ways(&text);
    }

    #[test]
    fn changed_models_never_panic(at in 0..MODEL.len(), length in 0usize..20, put in word_salad()) {
        let mut text = MODEL.to_owned();
        text.replace_range(at..(at + length).min(MODEL.len()), &put);
        read_all_ways(&text);
    }
}

#[test]
fn every_truncation_is_a_model_or_a_message() {
    for end in 0..=MODEL.len() {
        read_all_ways(&MODEL[..end]);
    }
    assert!(parse_antimony(&source(MODEL)).is_ok());
}

#[test]
fn deep_nesting_is_a_message() {
    for open in ["(", "-", "!", "2^", "exp(", "max(1,"] {
        let text = format!("x := {}", open.repeat(100_000));
        let found = parse_antimony(&source(&text)).unwrap_err();
        assert_eq!(found[0].code, "M002", "{open}");
    }
    let found = parse_antimony(&source(&format!("unit u = {}", "(".repeat(100_000)))).unwrap_err();
    assert_eq!(found[0].code, "M002");
}

#[test]
fn huge_inputs_are_read_or_refused() {
    let text = format!("y = 1; x := {}", vec!["y"; 100_000].join(" + "));
    let model = parse_antimony(&source(&text)).unwrap();
    assert!(model.equations(&source(&text)).is_ok());
    assert!(print_antimony(&model).len() > 400_000);

    let chain: String = (1..20_000).map(|i| format!("x{i} := x{} + 1\n", i - 1)).collect();
    let text = format!("x0 = 1\n{chain}");
    assert!(
        parse_antimony(&source(&text))
            .unwrap()
            .equations(&source(&text))
            .is_ok()
    );

    let found = parse_antimony(&source(&"x = 1 ".repeat(3 << 20))).unwrap_err();
    assert_eq!(found[0].code, "M002");

    let found = parse_antimony(&source(&"x = = 1\n".repeat(10_000))).unwrap_err();
    assert_eq!(found.len(), 50);
}

#[test]
fn functions_that_double_in_size_stay_small_in_memory() {
    let doubling: String = (1..60)
        .map(|i| format!("function f{i}(a) f{}(a)*f{}(a) end\n", i - 1, i - 1))
        .collect();
    let text = format!("function f0(a) a + 1 end\n{doubling}x := f59(y); y = 1");
    let model = parse_antimony(&source(&text)).unwrap();
    assert!(model.arena.len() < 1000);
    assert!(model.equations(&source(&text)).is_ok());
}
