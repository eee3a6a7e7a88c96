//! Antimony as networks: what is wrong is said with line and remedy, and no text makes the reader stop, loop or fill memory.

use malar_model::network::to_antimony;
use malar_model::{Diagnostic, Network, Source, read_antimony};

fn source(text: &str) -> Source {
    Source {
        path: "m.ant".into(),
        text: text.into(),
    }
}

fn read(text: &str) -> Result<Network, Vec<Diagnostic>> {
    let load = |name: &str| {
        let text = match name {
            "loop.txt" => "import \"other.txt\"",
            "other.txt" => "import \"loop.txt\"",
            "wrong.txt" => "model m\n  x = = 1\nend",
            _ => return Err("there is no such file".to_owned()),
        };
        Ok(Source {
            path: name.to_owned(),
            text: text.to_owned(),
        })
    };
    read_antimony(&source(text), &load)
}

/// Code, line and message of the first finding.
fn finding(text: &str) -> (String, usize, String) {
    let Err(found) = read(text) else {
        panic!("not wrong: {text}")
    };
    assert!(!found[0].help.is_empty(), "no help with: {}", found[0].message);
    (
        found[0].code.to_owned(),
        found[0].position(text).0,
        found[0].message.clone(),
    )
}

#[test]
fn wrong_texts_are_told_with_code_and_line() {
    let mut wrong = String::new();
    let cases = [
        (
            "x = 1\ny = (1 + ",
            "M001",
            2,
            "expected a number, a name or `(`, found the end of the text",
        ),
        (
            "S1 -> S2",
            "M001",
            1,
            "expected `;` and the rate of the reaction, found the end of the text",
        ),
        ("model m\n  x = 1", "M001", 2, "the model has no `end`"),
        ("x = 1\nend", "M001", 2, "`end` without a `model`"),
        ("model m\nend\nmodel m\nend", "M004", 3, "`m` is defined twice"),
        ("A: nothing()", "M003", 1, "there is no model `nothing`"),
        (
            "model m\n  x = 1\nend\nA: m()\nA.y = 3",
            "M003",
            5,
            "`A` has nothing called `y`",
        ),
        (
            "model m(a)\n  x = a\nend\nA: m(1, 2)",
            "M017",
            4,
            "`m` does not take so many names",
        ),
        ("x = 1\ndelete x", "M017", 2, "`x` belongs to this module"),
        (
            "x := 1\nx = 2",
            "M004",
            2,
            "`x` has an assignment, which holds at the start too",
        ),
        (
            "x' = 1\nx := 2",
            "M012",
            2,
            "`x` has a rate and cannot have an assignment too",
        ),
        (
            "A -> B; 3\nA := 4",
            "M012",
            1,
            "`A` has a rule and takes part in a reaction",
        ),
        (
            "J: A -> B; 3\nC in J",
            "M018",
            2,
            "`J` is a reaction and cannot be a compartment",
        ),
        (
            "a in b; b in c\nc in a",
            "M005",
            1,
            "the compartment `a` is inside itself",
        ),
        (
            "x = normal(1, 2)",
            "M006",
            1,
            "`normal` draws a random number, which is not supported",
        ),
        ("J: A -> ; 1\nmaximize J", "M006", 2, "flux balance is not supported"),
        ("x = sin(1, 2)", "M007", 1, "`sin` cannot take 2 argument(s)"),
        ("sin = 3", "M011", 1, "`sin` is a word of the language"),
        (
            "function f(x)\n  x*y\nend",
            "M003",
            1,
            "function `f` uses `y`, which is not an argument",
        ),
        (
            "at time > 1, later = 2: x = 3",
            "M001",
            1,
            "expected `priority`, `t0`, `persistent` or `fromTrigger`, found `later`",
        ),
        (
            "unit a = b\nunit b = a\nx has a",
            "M002",
            1,
            "the unit `b` is defined in terms of itself, or too long",
        ),
        (
            "s: a--b\nt: s--c\nu: t--s",
            "M017",
            3,
            "the strand `s` is part of two strands",
        ),
    ];
    for (text, code, line, message) in cases {
        let found = finding(text);
        if found != (code.to_owned(), line, message.to_owned()) {
            wrong += &format!("{text}\n{found:?}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn imports_that_fail_are_told_where_they_stand() {
    assert_eq!(finding("x = 1\nimport \"gone.txt\"").1, 2);
    let found = read("import \"loop.txt\"\nx = 1").expect_err("a circle of files");
    assert_eq!((found[0].code, found[0].path.as_str()), ("M005", "other.txt"));
    let found = read("import \"wrong.txt\"").expect_err("the imported file is wrong");
    assert_eq!(found[0].path, "wrong.txt");
    assert_eq!(finding("model m\nimport \"a.txt\"\nend").0, "M001");
}

#[test]
fn deep_and_long_texts_are_errors_or_read() {
    assert_eq!(finding(&format!("x = {}1", "(".repeat(100_000))).0, "M002");
    assert_eq!(finding(&format!("x = {}1", "-".repeat(100_000))).0, "M002");
    assert_eq!(finding(&format!("x = 1{}", "^2".repeat(100_000))).0, "M002");
    assert_eq!(finding(&format!("x = 1{}", "/2".repeat(100_000))).0, "M002");
    assert_eq!(finding(&format!("x = 1{}", " < 2".repeat(100_000))).0, "M002");
    assert!(read(&format!("x = 1{}", " + 2".repeat(100_000))).is_ok());
    assert!(read(&format!("x = 1{}", " - 2".repeat(100_000))).is_ok());
    assert_eq!(finding(&"x = 1 ".repeat(3 << 20)).0, "M002");
    assert!(read(&"x = = 1\n".repeat(10_000)).expect_err("wrong").len() <= 20);
    let strand: Vec<String> = (0..1000).map(|i| format!("p{i}")).collect();
    assert_eq!(finding(&strand.join("--")).0, "M002");
    let doubling: String = (0..60).map(|i| format!("p{i} = ... + ...\n")).collect();
    assert_eq!(finding(&format!("{doubling}{}", strand[..60].join("--"))).0, "M002");
}

#[test]
fn copies_of_copies_are_counted() {
    let mut text = String::from("model m0\n  a = 1; b = 2\nend\n");
    for i in 1..30 {
        text += &format!("model m{i}\n  A: m{0}()\n  B: m{0}()\nend\n", i - 1);
    }
    assert_eq!(finding(&text).0, "M002");
}

#[test]
fn cut_and_changed_texts_never_panic() {
    let text = "import \"x\"\nfunction f(a)\n a^2\nend\nmodel *m(S)\n compartment c = 2; species S in c = 3/c, $T\n J0: 2 S -> n T; f(S)*k in c\n \
                i: U -| J0; \n --P--G--; G: -> S; P = ...*2\n E: at 3 after (time > 2), t0=false: S = 3, k = k + 1\n \
                unit mL = 1e-3 litre; k has mL; k = 3 mL; k is \"k\"; k notes \"n\"\nend\nmodel o\n A: m(x), timeconv = 60\n \
                A.k*cf is y; delete A.E; B: m(4); x := piecewise(1, time > 2, 3)\nend\n";
    for end in (0..text.len()).step_by(3) {
        let _ = read(&text[..end]);
        for change in ["(", ")", "=", ";", "'", ".", "A", "end", "\"", "0", "--"] {
            let _ = read(&format!("{}{change}{}", &text[..end], &text[end + 1..]));
        }
    }
}

#[test]
fn ids_that_are_words_of_the_language_get_an_underscore() {
    let mut network = read("model m\n  x = 1; x' = y; y = 2\nend").expect("a good model");
    network.parameters[0].id = "at".into();
    network.rules[0].variable = "at".into();
    let text = to_antimony(&network).expect("Antimony can say this");
    assert!(text.contains("at_' = y"), "{text}");
    assert!(read(&text).is_ok());
}
