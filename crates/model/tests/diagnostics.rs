//! What a modeller sees for each mistake: the code, the underlined text, the remedy.

use malar_model::{Diagnostic, Source, parse_antimony};

/// All findings of a text: reading, flattening, units.
fn findings(text: &str) -> (Source, Vec<Diagnostic>) {
    let source = Source {
        path: "m.ant".into(),
        text: text.into(),
    };
    let found = match parse_antimony(&source) {
        Err(found) => found,
        Ok(model) => match model.equations(&source) {
            Err(found) => found,
            Ok(_) => model.check_units(&source),
        },
    };
    (source, found)
}

/// Code, underlined text and whole rendering of the only finding.
fn only(text: &str) -> (&'static str, String, String) {
    let (source, found) = findings(text);
    let rendered: Vec<String> = found.iter().map(|d| d.render(&source.text)).collect();
    assert_eq!(found.len(), 1, "{}", rendered.concat());
    (
        found[0].code,
        source.text[found[0].span.clone()].to_owned(),
        rendered[0].clone(),
    )
}

/// Asserts code, underlined text, and a piece of the message or the remedy.
#[track_caller]
fn refuses(text: &str, code: &str, underlined: &str, says: &str) {
    let (found_code, found_text, rendered) = only(text);
    assert_eq!((found_code, found_text.as_str()), (code, underlined), "{rendered}");
    assert!(rendered.contains(says), "{rendered}");
}

#[test]
fn an_undefined_symbol_is_shown_whole() {
    let (_, _, rendered) = only("loss = 0.1\nB' = -los*B; B = 1");
    assert_eq!(
        rendered,
        "error[M003]: undefined symbol `los`\n --> m.ant:2:7\n  |\n2 | B' = -los*B; B = 1\n  |       ^^^ not defined\n  \
         = help: did you mean `loss`?\n"
    );
}

#[test]
fn undefined_symbols() {
    refuses("x := y + 1", "M003", "y", "undefined symbol `y`");
    refuses("function f(a) a*k end", "M003", "k", "not an argument");
    refuses("A -> B; k*A; A = 1; B = 0", "M003", "k", "undefined symbol `k`");
}

#[test]
fn a_name_defined_twice() {
    refuses("x = 1; x = 2", "M004", "x", "second definition");
    refuses("x = 1; x := 2", "M004", "x", "keep one value");
    refuses("x' = 1; x' = 2; x = 0", "M004", "x", "`x` is defined twice");
    refuses("unit mg = 1e-3 gram; unit mg = gram", "M004", "mg", "already defined");
    refuses("unit second = 3 metre", "M004", "second", "use another name");
    refuses("function f(a) a end; function f(b) b end", "M004", "f", "defined twice");
    refuses("function f(a, a) a end", "M004", "a", "argument `a` is given twice");
    refuses("J: A -> ; 1; J: A -> ; 2; A = 1", "M004", "J", "defined twice");
    refuses(
        "compartment C = 1; species C",
        "M004",
        "C",
        "both a species and a compartment",
    );
    refuses("x is \"a\"; x is \"b\"; x = 1", "M004", "x", "defined twice");
}

#[test]
fn definitions_in_a_circle() {
    refuses(
        "a := b + 1; b := c; c := 2*a",
        "M005",
        "a",
        "`a` needs `b` needs `c` needs `a`",
    );
    refuses("a := a + 1", "M005", "a", "`a` is defined by itself");
    refuses("a = 2*b; b = a", "M005", "a", "in a circle");
    refuses("k = a; a := 2*k", "M005", "k", "in a circle");
    let (_, found) = findings("a := b; b := a; c := d; d := c");
    assert_eq!(found.len(), 2);
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    refuses("x = 1; at (x > 3): x = 1", "M006", "at", "protocol and therapy files");
    refuses("x = 1; E1: at (time > 3): x = 1", "M006", "at", "`at` is not supported");
    refuses("import \"other.ant\"", "M006", "import", "copy the module's lines");
    refuses("A: other()", "M006", "other", "a submodel is not supported");
    refuses("DNA a", "M006", "DNA", "`DNA` is not supported");
    refuses("0 = a + b", "M006", "0", "an algebraic rule is not supported");
    refuses("x.sboTerm = 244", "M006", "x.sboTerm", "name with a dot");
    refuses("A -| B", "M006", "-", "an interaction is not supported");
    refuses("A -o B", "M006", "-", "write the effect into the rate");
    refuses(
        "model a\nx = 1\nend\nmodel b\nend",
        "M006",
        "model",
        "put each model into its own file",
    );
    refuses("model a\nx = 1\nend\ny = 2", "M006", "y", "outside the model");
    refuses("model a(x)\nx = 1\nend", "M006", "x", "a model with arguments");
    refuses("x = 5 mL", "M006", "mL", "x has mL");
    refuses("x := delay(y, 1); y = 1", "M006", "delay", "chain of states");
    refuses("x := nan", "M006", "nan", "needs a number");
    refuses(
        "n A -> B; 1; A = 1; B = 1; n = 1",
        "M006",
        "n",
        "variable number of molecules",
    );
    refuses(
        "compartment C; C := 2; species S in C; S = 1",
        "M006",
        "C",
        "assigned size",
    );
}

#[test]
fn functions_and_their_arguments() {
    refuses(
        "x := piecewise(1, y > 2); y = 1",
        "M007",
        "piecewise",
        "a value otherwise",
    );
    refuses("x := exp(1, 2)", "M007", "exp", "`exp` takes one argument, not 2");
    refuses(
        "function f(a, b) a*b end; x := f(1)",
        "M007",
        "f",
        "2 argument(s), not 1",
    );
    refuses("x := sqr_t(2)", "M008", "sqr_t", "did you mean `sqrt`?");
    refuses(
        "function hill(a) a/(1 + a) end; x := hil(2)",
        "M008",
        "hil",
        "did you mean `hill`?",
    );
}

#[test]
fn values_missing_or_changing() {
    refuses("B' = -B", "M009", "B", "add `B = ...`");
    refuses("k has dimensionless; x := k", "M009", "k", "constant `k` has no value");
    refuses("S' = 1; S = 0; total = S + 1", "M010", "total", "write `total := ...`");
    refuses("k = 2*time", "M010", "k", "computed from `time`");
}

#[test]
fn reserved_names() {
    refuses("time = 3", "M011", "time", "choose another name");
    refuses("exp = 3", "M011", "exp", "word of the language");
    refuses("drug__V = 3", "M011", "drug__V", "double underscore");
}

#[test]
fn rate_and_assignment_together() {
    refuses("x := 2; x' = 1", "M012", "x", "both a rate and an assignment");
    refuses("const x = 1; x' = -x", "M013", "x", "declare it with `var`");
    refuses("const x = 1; var x", "M004", "x", "declared `const` and `var`");
    refuses("A' = 1; A = 1; J: A -> ; A", "M012", "A", "mark it `$A`");
}

#[test]
fn syntax() {
    refuses(
        "B' = k*B)",
        "M001",
        ")",
        "expected an operator, `;` or the end of the line, found `)`",
    );
    refuses("x := 2 +\n 3", "M001", "\n", "write it on one line");
    refuses("x = ", "M001", "", "expected a value");
    refuses("x has", "M001", "", "expected a unit");
    refuses("x is 'abc'", "M001", "'", "expected text in double quotes");
    refuses("x is \"abc\ny = 1", "M001", "\"abc", "close it on the same line");
    refuses("x hsa second", "M001", "hsa", "did you mean `has`?");
    refuses("model a\nx = 1", "M001", "", "close it with `end`");
    refuses("end", "M001", "end", "`end` without `model`");
    refuses("J: A -> B", "M001", "J: A -> B", "as in `A -> B; k*A`");
    refuses("a := b and c; b = 1; c = 1", "M001", "and", "found `and`");
    refuses("x := 2 ** 3", "M001", "**", "found `**`");
    refuses("§", "M001", "§", "expected a statement");
}

#[test]
fn several_mistakes_are_reported_together_in_order() {
    let (source, found) = findings("x = = 1\ny := 3 +\nz' = 1\nz = 0; z = 1");
    let lines: Vec<usize> = found.iter().map(|d| d.position(&source.text).0).collect();
    assert_eq!(lines, [1, 2, 4]);
}

const UNITS: &str = "unit per_day = 1/(86400 second); unit mg = 1e-3 gram; unit g = gram; ";

fn refuses_unit(text: &str, code: &str, underlined: &str, says: &str) {
    refuses(&format!("{UNITS}{text}"), code, underlined, says);
}

#[test]
fn dimensions_that_do_not_agree() {
    refuses_unit(
        "B' = -loss*B + 1; B = 1; B has mg; loss = 1; loss has per_day",
        "U002",
        "-loss*B + 1",
        "cannot add `-loss*B` in `per_day*mg` and `1` in `dimensionless`",
    );
    refuses_unit(
        "x := exp(m); m = 1; m has mg",
        "U002",
        "exp(m)",
        "`exp` needs a number without unit",
    );
    refuses_unit(
        "x := m; x has per_day; m = 1; m has mg",
        "U002",
        "m",
        "should be in `per_day`, but is in `mg`",
    );
    refuses_unit(
        "x := m > time; m = 1; m has mg",
        "U002",
        "m > time",
        "cannot compare `m` in `mg`",
    );
    refuses_unit(
        "x := 2^m; m = 1; m has mg",
        "U002",
        "2^m",
        "`an exponent` needs a number without unit",
    );
    refuses_unit(
        "x := m^n; m = 1; m has mg; n = 2; n has dimensionless",
        "U002",
        "m^n",
        "power that is not a number",
    );
    refuses_unit(
        "m = 1; m has mg; k = 2*m; k has per_day",
        "U002",
        "2*m",
        "the value of `k`",
    );
    refuses_unit(
        "x' = m; x = 1; x has mg; m = 1; m has mg",
        "U002",
        "m",
        "the rate of `x`",
    );
    refuses_unit("J: A -> ; A; A = 1; A has mg", "U002", "A", "the rate of `J`");
}

#[test]
fn sizes_that_do_not_agree_are_a_warning() {
    refuses_unit(
        "x := m + n; m = 1; m has mg; n = 1; n has g",
        "U002",
        "m + n",
        "warning[U002]: cannot add `m` in `mg`",
    );
    refuses_unit(
        "x := m; x has g; m = 1; m has mg",
        "U002",
        "m",
        "multiply by the factor",
    );
    let (_, found) = findings(&format!("{UNITS}x := m/1000 + n; m = 1; m has mg; n = 1; n has g"));
    assert_eq!(found, [], "a plain number may be the factor");
}

#[test]
fn a_missing_unit_is_a_warning() {
    refuses("k = 1", "U003", "k", "warning[U003]: `k` has no unit");
}

#[test]
fn units_that_cannot_be_read() {
    refuses("x = 1; x has secnd", "U001", "secnd", "did you mean `second`?");
    refuses(
        "unit per_day = 1/86400 second^-1",
        "M001",
        "86400 second^-1",
        "1/(86400 second)",
    );
    refuses(
        "unit time_unit = 3600 second",
        "U004",
        "3600 second",
        "time of a model is in days",
    );
    refuses("unit a = 0 second", "M001", "0 second", "factor above 0");
}
