//! Rules on a patient's values: eligibility, taper and rescue, endpoints.
//!
//! A rule is compiled once to a flat postfix program over a small fixed stack and then evaluated for every patient and
//! visit without allocation. A missing value (NaN) makes every comparison with it false; `!` of such a comparison is true.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::codes::{RULE_SYNTAX, RULE_UNDEFINED};
use crate::diagnostic::{Diagnostic, Source};
use crate::evaluate::holds;
use crate::expression::{Arena, Binary, ExprId, Node, Unary};
use crate::functions;
use crate::infix::{Formula, InfixError, InfixParser, Located};
use crate::lexer::{Lexeme, Token, lex};
use crate::nearest::suggestion;

/// Values a rule can hold on its stack at once.
const STACK: usize = 32;

/// Most operations of one rule.
const MAX_OPERATIONS: usize = 4096;

/// One step of the postfix program.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Operation {
    Number(f64),
    /// Position in the list of known names.
    Value(u16),
    Unary(Unary),
    Binary(Binary),
    /// Of condition, then, otherwise.
    Select,
}

/// A compiled infix expression over a fixed list of named values.
///
/// ```
/// use malar_model::{Rule, Source};
/// let source = Source { path: "rule".into(), text: "sledai_2k >= 6 && anti_dsdna > 30".into() };
/// let rule = Rule::parse(&source.text, &source, 0..source.text.len(), &["anti_dsdna", "sledai_2k"])?;
/// assert!(rule.holds(&[45.0, 8.0]));
/// assert!(!rule.holds(&[45.0, f64::NAN]));
/// # Ok::<(), malar_model::Diagnostic>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    text: String,
    operations: Vec<Operation>,
    symbols: Vec<String>,
    n_known: usize,
}

impl Rule {
    /// Compiles `text`, which stands at `span` of `source`, over the names `known`.
    ///
    /// `time` is a name like any other: it must be known. Fails on bad syntax, on unknown names or functions, and on rules
    /// nested or grown beyond all reason.
    pub fn parse(text: &str, source: &Source, span: Range<usize>, known: &[&str]) -> Result<Rule, Diagnostic> {
        let place = Place {
            source,
            offset: text_offset(text, source, &span),
            whole: span,
            length: text.len(),
        };
        let mut arena = Arena::default();
        let formula = read(text, &mut arena).map_err(|error| place.syntax(error))?;
        for (&symbol, place_of_use) in &formula.uses {
            let name = arena.name(symbol);
            if !known.contains(&name) {
                return Err(place.undefined(name, place_of_use.clone(), known));
            }
        }
        let simple = arena.substitute(formula.expr, &|_| None);
        if arena.uses_time(simple) && !known.contains(&"time") {
            return Err(place.undefined("time", 0..text.len(), known));
        }
        let index = |name: &str| {
            known
                .iter()
                .position(|&k| k == name)
                .and_then(|i| u16::try_from(i).ok())
        };
        let operations = flatten(&arena, simple, &|name| {
            index(name).expect("every name was found among the known")
        });
        let operations = operations
            .filter(|ops| stack_needed(ops) <= STACK)
            .ok_or_else(|| place.too_large())?;
        let symbols = formula.uses.keys().map(|&s| arena.name(s).to_owned()).collect();
        Ok(Rule {
            text: text.to_owned(),
            operations,
            symbols,
            n_known: known.len(),
        })
    }

    /// The value of the rule; `values` in the order of the known names. Truth is 1, falsehood 0.
    ///
    /// Panics if `values` is shorter than the list of known names.
    pub fn evaluate(&self, values: &[f64]) -> f64 {
        assert!(
            values.len() >= self.n_known,
            "a rule needs a value for every known name"
        );
        let mut stack = [0.0; STACK];
        let mut top = 0;
        for &operation in &self.operations {
            match operation {
                Operation::Number(x) => {
                    stack[top] = x;
                    top += 1;
                }
                Operation::Value(i) => {
                    stack[top] = values[i as usize];
                    top += 1;
                }
                Operation::Unary(op) => stack[top - 1] = op.apply(stack[top - 1]),
                Operation::Binary(op) => {
                    top -= 1;
                    stack[top - 1] = op.apply(stack[top - 1], stack[top]);
                }
                Operation::Select => {
                    top -= 2;
                    stack[top - 1] = if holds(stack[top - 1]) {
                        stack[top]
                    } else {
                        stack[top + 1]
                    };
                }
            }
        }
        stack[0]
    }

    /// What [`Rule::holds`] says of each row of a table in columns: `columns` has the rows of one known name after the
    /// other, `answers` one place per row. `work` is memory to be used again.
    pub fn hold_in_columns(&self, columns: &[f64], work: &mut Vec<f64>, answers: &mut [bool]) {
        let n = answers.len();
        assert!(
            columns.len() >= self.n_known * n,
            "a rule needs a value for every known name"
        );
        work.clear();
        for &operation in &self.operations {
            match operation {
                Operation::Number(x) => work.extend(std::iter::repeat_n(x, n)),
                Operation::Value(i) => work.extend_from_slice(&columns[i as usize * n..][..n]),
                Operation::Unary(op) => {
                    let top = work.len() - n;
                    work[top..].iter_mut().for_each(|x| *x = op.apply(*x));
                }
                Operation::Binary(op) => {
                    let top = work.len() - n;
                    let (below, b) = work.split_at_mut(top);
                    let a = below[top - n..].iter_mut();
                    a.zip(b).for_each(|(a, b)| *a = op.apply(*a, *b));
                    work.truncate(top);
                }
                Operation::Select => {
                    let top = work.len() - 2 * n;
                    for row in top..top + n {
                        work[row - n] = if holds(work[row - n]) { work[row] } else { work[row + n] };
                    }
                    work.truncate(top);
                }
            }
        }
        answers.iter_mut().zip(work).for_each(|(answer, x)| *answer = holds(*x));
    }

    /// True if the rule's value is neither 0 nor missing.
    pub fn holds(&self, values: &[f64]) -> bool {
        holds(self.evaluate(values))
    }

    /// The names the rule uses, each once.
    pub fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// Positions, among the known names given to [`Rule::parse`], of the values the rule reads; sorted, each once.
    pub fn positions(&self) -> Vec<usize> {
        let value = |op: &Operation| {
            if let Operation::Value(i) = op {
                Some(*i as usize)
            } else {
                None
            }
        };
        let mut found: Vec<usize> = self.operations.iter().filter_map(value).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The rule as written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The whole of `text` as one expression; line ends count as blanks.
fn read(text: &str, arena: &mut Arena) -> Result<Formula, Located> {
    let tokens: Vec<Lexeme> = lex(text).into_iter().filter(|l| l.token != Token::NewLine).collect();
    let functions = BTreeMap::new();
    let mut parser = InfixParser::new(text, &tokens, 0, arena, &functions);
    let formula = parser.formula()?;
    let next = &tokens[parser.position];
    if next.token == Token::End {
        return Ok(formula);
    }
    let found = crate::infix::describe(text, next);
    Err((
        InfixError::Unexpected {
            wanted: "an operator or the end of the rule",
            found,
        },
        next.span.clone(),
    ))
}

/// The expression in postfix order; `None` if it takes more than [`MAX_OPERATIONS`].
fn flatten(arena: &Arena, expr: ExprId, index: &dyn Fn(&str) -> u16) -> Option<Vec<Operation>> {
    /// An expression still to be opened, or an operation whose operands are done.
    enum Work {
        Open(ExprId),
        Emit(Operation),
    }
    let mut work = vec![Work::Open(expr)];
    let mut operations = Vec::new();
    while let Some(item) = work.pop() {
        let id = match item {
            Work::Open(id) => id,
            Work::Emit(operation) => {
                operations.push(operation);
                continue;
            }
        };
        if operations.len() + work.len() > MAX_OPERATIONS {
            return None;
        }
        let node = arena.node(id);
        work.push(Work::Emit(match node {
            Node::Number(x) => Operation::Number(x),
            Node::Symbol(s) => Operation::Value(index(arena.name(s))),
            Node::Time => Operation::Value(index("time")),
            Node::Unary(op, _) => Operation::Unary(op),
            Node::Binary(op, ..) => Operation::Binary(op),
            Node::Select(..) => Operation::Select,
        }));
        let mut operands = node.operands();
        if let Node::Binary(Binary::Add | Binary::Mul | Binary::And | Binary::Or, a, b) = node {
            // The later expression is the deeper one as a rule; computed first, it keeps long sums off the stack.
            operands = [Some(a.max(b)), Some(a.min(b)), None];
        }
        work.extend(operands.into_iter().rev().flatten().map(Work::Open));
    }
    Some(operations)
}

/// The greatest number of values on the stack at once.
fn stack_needed(operations: &[Operation]) -> usize {
    let mut height = 0;
    let mut needed = 0;
    for operation in operations {
        match operation {
            Operation::Number(_) | Operation::Value(_) => height += 1,
            Operation::Unary(_) => {}
            Operation::Binary(_) => height -= 1,
            Operation::Select => height -= 2,
        }
        needed = needed.max(height);
    }
    needed
}

/// Where the rule's text begins in the source, if it stands there letter for letter.
fn text_offset(text: &str, source: &Source, span: &Range<usize>) -> Option<usize> {
    let within = source.text.get(span.clone())?;
    Some(span.start + within.find(text)?)
}

/// Turns places in the rule into places in the file.
struct Place<'a> {
    source: &'a Source,
    offset: Option<usize>,
    whole: Range<usize>,
    length: usize,
}

impl Place<'_> {
    fn span(&self, local: Range<usize>) -> Range<usize> {
        match self.offset {
            Some(offset) => offset + local.start..offset + local.end.min(self.length).max(local.start),
            None => self.whole.clone(),
        }
    }

    fn syntax(&self, (error, local): Located) -> Diagnostic {
        let help = match &error {
            InfixError::UnknownFunction(name) => suggestion(name, functions::known()),
            InfixError::Unexpected { found, .. } if found == "`=`" => "write `==` to compare".to_owned(),
            InfixError::Unexpected { found, .. } if found == "`and`" => "write `&&`".to_owned(),
            InfixError::Unexpected { found, .. } if found == "`or`" => "write `||`".to_owned(),
            InfixError::TooDeep => "split the rule".to_owned(),
            _ => "rules look like `sledai_2k >= 6 && week < 52`".to_owned(),
        };
        Diagnostic::error(RULE_SYNTAX, self.source, self.span(local), error.to_string()).help(help)
    }

    fn undefined(&self, name: &str, local: Range<usize>, known: &[&str]) -> Diagnostic {
        Diagnostic::error(
            RULE_UNDEFINED,
            self.source,
            self.span(local),
            format!("undefined symbol `{name}` in rule"),
        )
        .label("not known here")
        .help(suggestion(name, known.iter().copied()))
    }

    fn too_large(&self) -> Diagnostic {
        Diagnostic::error(RULE_SYNTAX, self.source, self.span(0..self.length), "rule is too large")
            .help("split it into several rules")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, known: &[&str]) -> Result<Rule, String> {
        let source = Source {
            path: "trial.toml".into(),
            text: format!("when = \"{text}\""),
        };
        Rule::parse(text, &source, 7..source.text.len(), known).map_err(|d| d.render(&source.text))
    }

    fn value(text: &str) -> f64 {
        parse(text, &["a", "b", "c"]).unwrap().evaluate(&[2.0, 3.0, 4.0])
    }

    /// Groupings as `antimony` 3.3 (libSBML's L3 parser) writes them in MathML.
    #[test]
    fn operators_bind_as_in_sbml() {
        assert_eq!(value("a^b^a"), 512.0);
        assert_eq!(value("-a^b"), -8.0);
        assert_eq!(value("a^-b"), 0.125);
        assert_eq!(value("-2^2"), -4.0);
        assert_eq!(value("a - b - c"), -5.0);
        assert_eq!(value("24/a/b"), 4.0);
        assert_eq!(value("1 || 0 && 0"), 0.0);
        assert_eq!(value("0 && 0 || 1"), 1.0);
        assert_eq!(value("!a == 0"), 1.0);
        assert_eq!(value("a < b < c"), 1.0);
        assert_eq!(value("c > b < a"), 0.0);
        assert_eq!(value("a + b < c == 0"), 0.0);
        assert_eq!(value("- -a"), 2.0);
        assert_eq!(value("5 % b * 10"), 20.0);
        assert_eq!(value("-5 % 3"), -2.0);
    }

    #[test]
    fn functions_have_their_meaning() {
        assert_eq!(value("piecewise(10, a > b, 20, b > a, 30)"), 20.0);
        assert_eq!(value("max(a, b, c) - min(a, b, c)"), 2.0);
        assert_eq!(value("sqrt(c) + abs(-a) + floor(2.5) + ceil(2.5)"), 9.0);
        assert!((value("log10(1000) - ln(exp(3))")).abs() < 1e-15);
        assert_eq!(value("log(a, 8)"), 3.0);
        assert_eq!(value("quotient(7, 2)"), 3.0);
        assert_eq!(value("true && !false"), 1.0);
    }

    #[test]
    fn symbols_are_those_used() {
        let rule = parse("b > 1 && b < c", &["a", "b", "c"]).unwrap();
        assert_eq!(rule.symbols(), ["b", "c"]);
        assert_eq!(rule.positions(), [1, 2]);
    }

    #[test]
    fn undefined_symbol_is_underlined_with_the_nearest_name() {
        let message = parse("sledai2k >= 6", &["pga", "sledai_2k"]).unwrap_err();
        assert_eq!(
            message,
            "error[T003]: undefined symbol `sledai2k` in rule\n \
             --> trial.toml:1:9\n  |\n1 | when = \"sledai2k >= 6\"\n  |         ^^^^^^^^ not known here\n  \
             = help: did you mean `sledai_2k`?\n"
        );
    }

    #[test]
    fn a_single_equals_sign_gets_the_remedy() {
        let message = parse("pga = 2", &["pga"]).unwrap_err();
        assert!(
            message.contains("expected an operator or the end of the rule, found `=`"),
            "{message}"
        );
        assert!(message.contains("  |             ^ \n"), "{message}");
        assert!(message.contains("write `==` to compare"), "{message}");
    }

    #[test]
    fn time_must_be_among_the_known_names() {
        assert!(
            parse("time > 3", &["a"])
                .unwrap_err()
                .contains("undefined symbol `time`")
        );
        assert_eq!(parse("time > 3", &["a", "time"]).unwrap().evaluate(&[0.0, 4.0]), 1.0);
    }

    #[test]
    fn a_missing_value_holds_nothing() {
        let rule = parse("a >= 6 || a < 6", &["a"]).unwrap();
        assert!(!rule.holds(&[f64::NAN]));
        assert!(!parse("a", &["a"]).unwrap().holds(&[f64::NAN]));
        assert!(parse("max(a, 2)", &["a"]).unwrap().evaluate(&[f64::NAN]).is_nan());
    }

    #[test]
    fn columns_say_what_rows_say() {
        let rows = [
            [2.0, 3.0, 4.0],
            [4.0, 3.0, f64::NAN],
            [f64::NAN, 0.0, 1.0],
            [0.0, 1.0, 1.0],
        ];
        let columns: Vec<f64> = (0..3).flat_map(|k| rows.map(|row| row[k])).collect();
        for text in [
            "a < b && !(c > 2)",
            "piecewise(a > b, c >= 1, b - a)",
            "max(a, b, c) == -(-c) || a",
            "1",
        ] {
            let rule = parse(text, &["a", "b", "c"]).unwrap();
            let (mut work, mut answers) = (Vec::new(), [false; 4]);
            rule.hold_in_columns(&columns, &mut work, &mut answers);
            assert_eq!(answers, rows.map(|row| rule.holds(&row)), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error() {
        for text in [
            "(".repeat(100_000),
            "-".repeat(100_000),
            "2^".repeat(100_000),
            "abs(".repeat(100_000),
        ] {
            assert!(parse(&text, &[]).unwrap_err().contains("nested more than 100 deep"));
        }
    }

    #[test]
    fn a_rule_of_many_terms_or_of_doubling_size_is_an_error_or_right() {
        let sum = vec!["a"; 1000].join("+");
        assert_eq!(parse(&sum, &["a"]).unwrap().evaluate(&[2.0]), 2000.0);
        assert!(
            parse(&vec!["a"; 100].join("%"), &["a"])
                .unwrap_err()
                .contains("too large")
        );
        let right = "a^".repeat(60) + "a";
        assert!(parse(&right, &["a"]).unwrap_err().contains("too large"));
    }
}
