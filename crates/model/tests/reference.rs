//! Agreement with the reference implementations of Antimony; see validation/model/antimony-reader.

use malar_model::{Equations, ExprId, Rule, Source, SymbolId, parse_antimony};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Expected {
    values: String,
    expression: Vec<Expression>,
    model: Vec<Example>,
    refused: Refused,
}

#[derive(Deserialize)]
struct Expression {
    text: String,
    value: f64,
}

#[derive(Deserialize)]
struct Example {
    name: String,
    text: String,
    rates: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct Refused {
    texts: Vec<String>,
}

fn expected() -> Expected {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../validation/model/antimony-reader/expected.toml"
    );
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn equations(text: &str) -> Equations {
    let source = Source {
        path: "m.ant".into(),
        text: text.into(),
    };
    let read = parse_antimony(&source).and_then(|model| model.equations(&source));
    read.unwrap_or_else(|found| panic!("{}", found[0].render(text)))
}

/// The value of an expression with all states at their start and time 0.
fn value(equations: &Equations, expr: ExprId) -> f64 {
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
        value(
            equations,
            parameter.or(state).or(assignment).expect("every name is defined"),
        )
    })
}

fn close(found: f64, wanted: f64, tolerance: f64) -> bool {
    (found - wanted).abs() <= tolerance * wanted.abs().max(1.0)
}

#[test]
fn expressions_of_a_model_have_the_reference_value() {
    let expected = expected();
    for case in &expected.expression {
        let equations = equations(&format!("{}; x := {}", expected.values, case.text));
        let symbol = equations.arena.find_symbol("x").unwrap();
        let x = equations
            .assignments
            .iter()
            .find(|a| a.symbol == symbol)
            .unwrap()
            .expression;
        let found = value(&equations, x);
        assert!(
            close(found, case.value, 1e-14),
            "{}: {found}, reference {}",
            case.text,
            case.value
        );
    }
}

#[test]
fn rules_have_the_reference_value() {
    let expected = expected();
    let known = ["a", "b", "c", "d", "n", "time"];
    for case in &expected.expression {
        let source = Source {
            path: "rule".into(),
            text: case.text.clone(),
        };
        let rule = Rule::parse(&case.text, &source, 0..case.text.len(), &known).unwrap();
        let found = rule.evaluate(&[2.0, 3.0, 4.0, 0.5, -1.5, 0.0]);
        assert!(
            close(found, case.value, 1e-14),
            "{}: {found}, reference {}",
            case.text,
            case.value
        );
    }
}

#[test]
fn models_have_the_reference_rates() {
    for example in expected().model {
        let equations = equations(&example.text);
        let rates: BTreeMap<&str, f64> = equations
            .states
            .iter()
            .map(|s| (equations.arena.name(s.symbol), value(&equations, s.rate)))
            .collect();
        assert_eq!(
            rates.keys().copied().collect::<Vec<_>>(),
            example.rates.keys().collect::<Vec<_>>(),
            "{}",
            example.name
        );
        for (name, wanted) in &example.rates {
            assert!(
                close(rates[name.as_str()], *wanted, 1e-5),
                "{}: {name}' = {}, reference {wanted}",
                example.name,
                rates[name.as_str()]
            );
        }
    }
}

#[test]
fn what_the_reference_refuses_is_refused() {
    for text in expected().refused.texts {
        let source = Source {
            path: "m.ant".into(),
            text: text.clone(),
        };
        let read = parse_antimony(&source).and_then(|model| model.equations(&source));
        assert!(read.is_err(), "{text}");
    }
}
