//! What SBML can ask of a simulation and few others answer, against exact solutions.

use malar_model::{Source, read_sbml};
use malar_tape::network::{Failure, Measure, Plan, Rows, simulate};

const RATE_OF: &str =
    "<csymbol encoding=\"text\" definitionURL=\"http://www.sbml.org/sbml/symbols/rateOf\"> rateOf </csymbol>";
const DELAY: &str =
    "<csymbol encoding=\"text\" definitionURL=\"http://www.sbml.org/sbml/symbols/delay\"> delay </csymbol>";
const TIME: &str = "<csymbol encoding=\"text\" definitionURL=\"http://www.sbml.org/sbml/symbols/time\"> t </csymbol>";

fn math(inside: &str) -> String {
    format!("<math xmlns=\"http://www.w3.org/1998/Math/MathML\">{inside}</math>")
}

/// A model of variables with values at the start, rules, and anything else.
fn model(variables: &[(&str, f64)], rules: &[(&str, &str, &str)], more: &str) -> String {
    let parameter =
        |(id, value): &(&str, f64)| format!("<parameter id=\"{id}\" value=\"{value}\" constant=\"false\"/>");
    let parameters: String = variables.iter().map(parameter).collect();
    let rule = |(kind, variable, inside): &(&str, &str, &str)| {
        let variable = if variable.is_empty() {
            String::new()
        } else {
            format!(" variable=\"{variable}\"")
        };
        format!("<{kind}Rule{variable}>{}</{kind}Rule>", math(inside))
    };
    let rules: String = rules.iter().map(rule).collect();
    format!(
        "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\" level=\"3\" version=\"2\"><model><listOfParameters>{parameters}\
         </listOfParameters><listOfRules>{rules}</listOfRules>{more}</model></sbml>"
    )
}

/// Rows at 0, 0.5 ... 2 of the variables named.
fn run(text: String, shown: &[&str]) -> (Rows, Option<Failure>) {
    let source = Source {
        path: "m.xml".into(),
        text,
    };
    let network = read_sbml(&source, &|_: &str| Err("no files".into())).expect("good SBML");
    let dynamics = network
        .dynamics(&source)
        .unwrap_or_else(|found| panic!("{}", found[0].render(&source.text)));
    let place = |name: &&str| {
        (
            dynamics.outputs.iter().position(|o| o.name == *name).expect("shown"),
            Measure::Value,
        )
    };
    let plan = Plan {
        start: 0.0,
        duration: 2.0,
        steps: 4,
        relative: 1e-9,
        absolute: 1e-12,
        shown: shown.iter().map(place).collect(),
    };
    simulate(&dynamics, &plan)
}

#[test]
fn the_rate_of_what_algebraic_rules_determine_follows_from_their_derivative() {
    // x' = -x, 0 = x y - 2 and 0 = z - y - time: y = 2 exp(t), z = y + t; r and s are their rates.
    let algebraic = [
        ("rate", "x", "<apply><minus/><ci>x</ci></apply>"),
        (
            "algebraic",
            "",
            "<apply><minus/><apply><times/><ci>x</ci><ci>y</ci></apply><cn>2</cn></apply>",
        ),
        (
            "algebraic",
            "",
            &format!("<apply><minus/><ci>z</ci><apply><plus/><ci>y</ci>{TIME}</apply></apply>"),
        ),
        ("assignment", "r", &format!("<apply>{RATE_OF}<ci>y</ci></apply>")),
        ("assignment", "s", &format!("<apply>{RATE_OF}<ci>z</ci></apply>")),
    ];
    let start = [("x", 1.0), ("y", 1.0), ("z", 0.0), ("r", 0.0), ("s", 0.0)];
    let (rows, failure) = run(model(&start, &algebraic, ""), &["y", "z", "r", "s"]);
    assert_eq!(failure, None);
    for (t, row) in rows.times.iter().zip(&rows.values) {
        let y = 2.0 * t.exp();
        // Local errors of 1e-9 over some dozens of steps, which the problem does not amplify.
        for (found, exact) in row.iter().zip([y, y + t, y, y + 1.0]) {
            assert!((found - exact).abs() < 1e-7 * exact.max(1.0), "{t}: {row:?}");
        }
    }
}

#[test]
fn the_rate_of_a_delayed_quantity_is_the_rate_that_was() {
    // x' = 2 t, y = x(t - 1): y' = 2 (t - 1) after 1, 0 before.
    let rules = [
        ("rate", "x", &*format!("<apply><times/><cn>2</cn>{TIME}</apply>")),
        (
            "assignment",
            "y",
            &*format!("<apply>{DELAY}<ci>x</ci><cn>1</cn></apply>"),
        ),
        ("assignment", "r", &*format!("<apply>{RATE_OF}<ci>y</ci></apply>")),
    ];
    let (rows, failure) = run(model(&[("x", 0.0), ("y", 0.0), ("r", 0.0)], &rules, ""), &["y", "r"]);
    assert_eq!(failure, None);
    for (t, row) in rows.times.iter().zip(&rows.values) {
        let since = (t - 1.0).max(0.0);
        assert!(
            (row[0] - since * since).abs() < 1e-8 && (row[1] - 2.0 * since).abs() < 1e-8,
            "{t}: {row:?}"
        );
    }
}

/// Composite Simpson's rule with 2,000 intervals.
fn integral(f: impl Fn(f64) -> f64, end: f64) -> f64 {
    let (n, h) = (2000, end / 2000.0);
    let weight = |k: usize| {
        if k == 0 || k == n {
            1.0
        } else {
            2.0 + 2.0 * (k % 2) as f64
        }
    };
    (0..=n).map(|k| weight(k) * f(h * k as f64)).sum::<f64>() * h / 3.0
}

#[test]
fn powers_of_what_starts_at_zero_have_values_all_the_way() {
    // x = t, y' = x^1.5, z' = y^1.7, w' = z^1.3 - w, v' = w^4.7: all at rest at zero, where a step below has no power.
    let power = |name: &str, exponent: &str| format!("<apply><power/><ci>{name}</ci><cn>{exponent}</cn></apply>");
    let (y, z, v) = (power("x", "1.5"), power("y", "1.7"), power("w", "4.7"));
    let w = format!("<apply><minus/>{}<ci>w</ci></apply>", power("z", "1.3"));
    let rules = [
        ("rate", "x", "<cn>1</cn>"),
        ("rate", "y", &*y),
        ("rate", "z", &*z),
        ("rate", "w", &*w),
        ("rate", "v", &*v),
    ];
    let start = ["x", "y", "z", "w", "v"].map(|name| (name, 0.0));
    let (rows, failure) = run(model(&start, &rules, ""), &["y", "z", "w"]);
    assert_eq!(failure, None);
    let z = |t: f64| t.powf(5.25) / 5.25 / 2.5f64.powf(1.7);
    for (&t, row) in rows.times.iter().zip(&rows.values) {
        let w = integral(|s| (s - t).exp() * z(s).powf(1.3), t);
        for (found, exact) in row.iter().zip([t.powf(2.5) / 2.5, z(t), w]) {
            // Local errors of 1e-9 and 1e-12 over some hundred steps.
            assert!(
                (found - exact).abs() < 1e-7 * exact + 1e-10,
                "{t}: {row:?}, {exact} wanted"
            );
        }
    }
}

#[test]
fn a_violated_constraint_ends_the_rows_and_is_named() {
    let limit = |bound: &str| {
        let message = "<message><p xmlns=\"http://www.w3.org/1999/xhtml\">x is too <b>large</b></p></message>";
        format!(
            "<listOfConstraints><constraint id=\"limit\">{}{message}</constraint></listOfConstraints>",
            math(&format!("<apply><lt/><ci>x</ci><cn>{bound}</cn></apply>"))
        )
    };
    let rules = [("rate", "x", "<cn>1</cn>")];
    let (rows, failure) = run(model(&[("x", 0.0)], &rules, &limit("1.2")), &["x"]);
    let failure = failure.expect("x reaches 1.2");
    assert_eq!(rows.times, [0.0, 0.5, 1.0]);
    assert_eq!(failure.name, "limit");
    assert!(failure.reason.contains("x is too large"), "{}", failure.reason);
    assert!(failure.time > 1.0 && failure.time <= 1.5);
    let (rows, failure) = run(model(&[("x", 0.0)], &rules, &limit("5")), &["x"]);
    assert_eq!((rows.times.len(), failure), (5, None));
    let (rows, failure) = run(model(&[("x", 0.0)], &rules, &limit("0")), &["x"]);
    assert!(rows.times.is_empty() && failure.is_some());
}
