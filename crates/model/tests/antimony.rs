//! Reading, flattening and printing: what a model text means.

use std::collections::BTreeMap;

use malar_model::{
    Arena, Binary, Equations, ExprId, Model, Node, Source, SymbolId, Unary, parse_antimony, print_antimony,
};
use proptest::prelude::*;

fn source(text: &str) -> Source {
    Source {
        path: "m.ant".into(),
        text: text.into(),
    }
}

fn read(text: &str) -> Model {
    parse_antimony(&source(text)).unwrap_or_else(|found| panic!("{}", found[0].render(text)))
}

fn equations(text: &str) -> Equations {
    let equations = read(text)
        .equations(&source(text))
        .unwrap_or_else(|found| panic!("{}", found[0].render(text)));
    assert!(equations.is_consistent());
    equations
}

/// Rates of all states at the start, by name.
fn rates(equations: &Equations) -> BTreeMap<String, f64> {
    let value = |e: ExprId| evaluate(equations, e);
    equations
        .states
        .iter()
        .map(|s| (equations.arena.name(s.symbol).to_owned(), value(s.rate)))
        .collect()
}

fn evaluate(equations: &Equations, expr: ExprId) -> f64 {
    equations.arena.evaluate(expr, 0.0, &|symbol: SymbolId| {
        let parameter = equations
            .parameters
            .iter()
            .find(|p| p.symbol == symbol)
            .map(|p| p.value);
        let state = equations.states.iter().find(|s| s.symbol == symbol).map(|s| s.initial);
        let assignment = equations
            .assignments
            .iter()
            .find(|a| a.symbol == symbol)
            .map(|a| a.expression);
        evaluate(
            equations,
            parameter
                .or(state)
                .or(assignment)
                .expect("consistent equations define every name"),
        )
    })
}

fn rate(text: &str, name: &str) -> f64 {
    rates(&equations(text))[name]
}

#[test]
fn rate_rules_assignments_and_values() {
    let text = "x' = -k*twice; twice := 2*x; x = start/2; start = 6; k = 0.5";
    let found = equations(text);
    assert_eq!(
        (found.states.len(), found.parameters.len(), found.assignments.len()),
        (1, 2, 1)
    );
    assert_eq!(rate(text, "x"), -3.0);
}

#[test]
fn reactions_become_rates_of_concentrations() {
    let text = "compartment C = 4; species A in C, B in C; J: 2 A -> 3 B; k*A; k = 8; A = 1; B = 0";
    assert_eq!(rate(text, "A"), -2.0 * 8.0 / 4.0);
    assert_eq!(rate(text, "B"), 3.0 * 8.0 / 4.0);
}

#[test]
fn boundary_species_and_amounts() {
    let text = "compartment C = 4; substanceOnly species A in C; A + $E -> A + $P; k*A*E; k = 8; A = 1; E = 2; P = 0";
    let found = equations(text);
    assert_eq!(found.states.len(), 1);
    assert_eq!(rates(&found)["A"], 0.0);
    assert_eq!(
        rate("substanceOnly species A in C; C = 4; A -> ; k; k = 8; A = 1", "A"),
        -8.0
    );
}

#[test]
fn a_growing_compartment_dilutes() {
    let text = "compartment C = 4; C' = 0.5; species A in C; -> A; k; k = 8; A = 1";
    assert_eq!(rate(text, "A"), 8.0 / 4.0 - 1.0 * 0.5 / 4.0);
}

#[test]
fn the_rate_of_a_reaction_can_be_used_by_its_name() {
    let text = "J: A -> ; 3*A; A = 2; seen' = J; seen = 0; _J1 = 4; A -> ; 1";
    let found = equations(text);
    assert_eq!(rates(&found)["seen"], 6.0);
    assert_eq!(rates(&found)["A"], -7.0);
}

#[test]
fn constant_assignments_may_be_used_in_values() {
    let text = "a = 2; b := 3*a; c = b + 1; x' = c; x = 0";
    assert_eq!(rate(text, "x"), 7.0);
}

#[test]
fn annotations_are_kept() {
    let text = "model m\n k = 0.1\n k is \"loss \\\"fast\\\"\"; k has per_week\n k description \"doi:1\", \"doi:2\"\n\
                k identity \"BQB\"; k notes \"assumed: why\"; k notes \"more\"\nend\nm notes \"of the model\"";
    let text = format!(
        "{}\n",
        text.replace("model m\n", "model m\nunit per_week = 1/(604800 second)\n")
    );
    let model = read(&text);
    let annotation = &model.variable("k").unwrap().annotation;
    assert_eq!(annotation.display_name.as_deref(), Some("loss \"fast\""));
    assert_eq!(annotation.sources().collect::<Vec<_>>(), ["doi:1", "doi:2"]);
    assert_eq!(annotation.assumptions().collect::<Vec<_>>(), ["assumed: why"]);
    assert_eq!(annotation.unit.as_ref().unwrap().text, "per_week");
    assert_eq!(model.annotation.notes, ["of the model"]);
    assert_eq!(model.name, "m");
}

#[test]
fn comments_and_layout_do_not_matter() {
    let plain = read("x' = -k*x; x = 1; k = 2");
    let wild = read("/* a\n b */ x' =-k * x // rate\n\n;;# note\nx=1;k=2;");
    assert_eq!(print_antimony(&plain), print_antimony(&wild));
    assert_eq!(
        print_antimony(&read("model *m() x = 1; end")),
        "model m\n  x = 1\nend\n"
    );
}

#[test]
fn printed_text_is_what_one_would_write() {
    let text = "function f(a, b) a/(a + b) end\nmodel m\nunit per_day = 1/(86400 second)\ncompartment C = 2\nvar species A in C = 1\n\
                k = 3; k has per_day\nJ1: A => 2 B; k*(f(A, 4) - 1)^2\nB = 0; $S = -1e-9\ny := piecewise(1, A < 2 && !(B > 1), -A)\n\
                A notes \"x\"\nend";
    assert_eq!(
        print_antimony(&read(text)),
        "function f(a, b)\n  a/(a + b)\nend\n\nmodel m\n  unit per_day = 1 / (86400 second)\n  compartment C = 2\n  \
         var species A in C = 1\n  A notes \"x\"\n  k = 3\n  k has per_day\n  species B = 0\n  species $S = -1e-9\n  \
         y := piecewise(1, A < 2 && !(B > 1), -A)\n  J1: A => 2 B; k*(A/(A + 4) - 1)^2\nend\n"
    );
}

/// A random expression over `x`, `y` and time, any operation, unsimplified.
fn expression() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..40)
}

/// Turns bytes into an expression, as a postfix program; every byte string makes one.
fn build(arena: &mut Arena, bytes: &[u8]) -> ExprId {
    const UNARY: [Unary; 8] = [
        Unary::Neg,
        Unary::Not,
        Unary::Exp,
        Unary::Ln,
        Unary::Sqrt,
        Unary::Abs,
        Unary::Floor,
        Unary::Tanh,
    ];
    const BINARY: [Binary; 15] = [
        Binary::Add,
        Binary::Sub,
        Binary::Mul,
        Binary::Div,
        Binary::Pow,
        Binary::Min,
        Binary::Max,
        Binary::Lt,
        Binary::Le,
        Binary::Gt,
        Binary::Ge,
        Binary::Eq,
        Binary::Ne,
        Binary::And,
        Binary::Or,
    ];
    const NUMBERS: [f64; 8] = [0.0, 1.0, 2.5, -3.0, 1e-9, 1e300, f64::INFINITY, -0.1];
    let mut stack = vec![arena.named("x")];
    for &byte in bytes {
        let choice = usize::from(byte / 8);
        let made = match byte % 8 {
            0 => arena.number(NUMBERS[choice % NUMBERS.len()]),
            1 => arena.named(["x", "y"][choice % 2]),
            2 if choice == 0 => arena.intern(Node::Time),
            2 | 3 => {
                let a = stack.pop().unwrap();
                // The reader folds a sign into a plain number, so the writer need not tell them apart.
                match (UNARY[choice % UNARY.len()], arena.constant(a)) {
                    (Unary::Neg, Some(x)) => arena.number(-x),
                    (op, _) => arena.intern(Node::Unary(op, a)),
                }
            }
            7 if choice < 4 && stack.len() > 2 => {
                let [c, a, b] = std::array::from_fn(|_| stack.pop().unwrap());
                arena.intern(Node::Select(c, a, b))
            }
            _ if stack.len() > 1 => {
                let (b, a) = (stack.pop().unwrap(), stack.pop().unwrap());
                arena.intern(Node::Binary(BINARY[choice % BINARY.len()], a, b))
            }
            _ => continue,
        };
        stack.push(made);
    }
    stack.pop().unwrap()
}

proptest! {
    #[test]
    fn an_expression_printed_and_read_is_the_same_expression(bytes in expression()) {
        let mut arena = Arena::default();
        let expr = build(&mut arena, &bytes);
        let text = arena.text(expr);
        let model = read(&format!("x = 1; y = 2; z := {text}"));
        let again = model.variable("z").unwrap().change.as_ref().unwrap().formula().expr;
        prop_assert_eq!(model.arena.text(again), text);
        let mut copy = model.arena.clone();
        let twin = build(&mut copy, &bytes);
        prop_assert_eq!(twin, again, "the same node in the same arena");
    }

    #[test]
    fn a_model_printed_and_read_prints_the_same(
        values in prop::collection::vec(-1e6..1e6f64, 3),
        rate in expression(),
        law in expression(),
        counts in prop::collection::vec(1u8..4, 2),
        flags in any::<[bool; 6]>(),
        note in "[ -~]{0,20}",
    ) {
        let mut arena = Arena::default();
        let (rate, law) = (build(&mut arena, &rate), build(&mut arena, &law));
        let (rate, law) = (arena.text(rate), arena.text(law));
        let note = note.replace(['\\', '"'], "'");
        let mut text = format!("model m\nx = {}\n", values[0]);
        if flags[0] { text += "unit u = 1e-3 mole / (2 litre)^2\nx has u\n"; }
        if flags[1] { text += "compartment C = 3\n"; }
        text += if flags[2] { "substanceOnly species A in C\n" } else { "var species A\n" };
        text += &format!("y' = {rate}\ny = {}\nA = {}\n", values[1], values[2]);
        text += &format!("J: {} A {} {} B; {law}\nB = 0\n", counts[0], if flags[3] { "->" } else { "=>" }, counts[1]);
        if flags[4] { text += &format!("J notes \"{note}\"\nx is \"{note}\"\n"); }
        if flags[5] { text += "x identity \"a\", \"b\"\n"; }
        text += "end\n";
        let printed = print_antimony(&read(&text));
        let again = read(&printed);
        prop_assert_eq!(print_antimony(&again), printed);
        let model = read(&text);
        prop_assert_eq!(model.variables.len(), again.variables.len());
        prop_assert_eq!(&model.annotation, &again.annotation);
        for variable in &model.variables {
            let name = model.arena.name(variable.symbol);
            let twin = again.variable(name).expect("printed");
            prop_assert_eq!(&variable.annotation, &twin.annotation);
        }
    }
}
