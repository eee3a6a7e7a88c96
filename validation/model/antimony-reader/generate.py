"""Writes expected.toml: what the reference implementations make of expressions and models.

Reader: antimony 3.3.0 (which parses formulas with libSBML's L3 parser). Simulator: libroadrunner 2.10.0.
Run:    pip install antimony==3.3.0 libroadrunner==2.10.0 && python generate.py > expected.toml
"""

import json
import re

import antimony
import roadrunner

VALUES = "a = 2; b = 3; c = 4; d = 0.5; n = -1.5"

EXPRESSIONS = [
    # precedence and grouping
    "a^b^a", "-a^b", "a^-b", "a^-b^a", "-a^-b", "2^-1", "-2^2", "(-2)^2", "a - b - c", "a/b/c", "a/(b*c)", "a*b/c*d",
    "a - -b", "- -a", "+a", "a*-b", "a/-b^c", "a + b*c^d", "(a + b)*c", "a%b", "c%b*a", "7%a", "n%a", "-7%b", "7%-b", "a*7%b",
    "a && 0 || c", "a || b && 0", "0 && b || 1", "!a == b", "!(a)^b", "!a && b", "!0", "a < b < c", "a < b > c", "a == b != c",
    "a < b == 1", "a < b && b < c", "a + b < c", "a > b || c > b", "-a*b", "1e-3*a", ".5*a", "5.*a", "1E+3",
    # functions
    "exp(d)", "ln(a)", "log(a)", "log10(a)", "log(a, 8)", "sqrt(c)", "root(3, 27)", "sqr(b)", "pow(a, b)", "power(a, b)",
    "abs(n)", "floor(n)", "ceil(n)", "ceiling(n)", "min(c, a, b)", "max(a, c, b)", "max(a)", "sin(d)", "cos(d)", "tan(d)",
    "asin(d)", "acos(d)", "atan(d)", "arcsin(d)", "arccos(d)", "arctan(d)", "sinh(d)", "cosh(d)", "tanh(d)", "sec(d)", "csc(d)",
    "cot(d)", "acosh(a)", "atanh(d)", "arcsinh(d)", "arccosh(a)", "arctanh(d)", "sech(d)", "csch(d)",
    "piecewise(a, b < c, d)", "piecewise(a, b > c, b, c > a, d)", "quotient(7, 2)", "quotient(-7, 2)", "rem(7, 2)", "rem(-7, 2)",
    "xor(a > b, b > a)", "xor(1, 1)", "implies(a > b, 0)", "implies(1, 0)", "and(1, 1, 0)", "or(0, 0, 1)", "not(0)", "lt(a, b)",
    "leq(a, a)", "gt(a, b)", "geq(a, b)", "eq(a, a)", "neq(a, b)", "plus(a, b, c)", "times(a, b, c)", "minus(a, b)", "minus(a)",
    "divide(a, b)", "pi", "exponentiale", "true", "false", "time + a", "-inf < a",
]

MODELS = {
    "rate rules": "x' = -k*twice; twice := 2*x; x = start/2; start = 6; k = 0.5",
    "reaction in a compartment": "compartment C = 4; species A in C, B in C; J: 2 A -> 3 B; k*A; k = 8; A = 1; B = 0.5",
    "two compartments": "compartment C = 4, D = 2; species A in C, B in D; J: A => B; k*(A - B); k = 8; A = 1; B = 0.5",
    "amounts": "compartment C = 4; substanceOnly species A in C; J: A -> ; k*A; k = 8; A = 3",
    "boundary species": "A + $E -> 2 A + $P; k*A*E; k = 8; A = 1; E = 2; P = 0",
    "catalyst": "S + E -> E + P; k*S*E; k = 3; S = 2; E = 0.5; P = 0",
    "species with a rate rule": "compartment C = 4; species S in C; S' = -2*S; S = 3",
    "growing compartment": "compartment C = 4; C' = 0.5; species A in C; J: -> A; k; k = 8; A = 1",
    "function": "function hill(x, k, n) x^n/(k^n + x^n) end\nmodel *m()\n y' = hill(y, 2, 3) - y; y = 1.5\nend",
    "constant species": "const species S; S = 2; S -> P; S; P = 1",
    "reaction named in a rule": "J: A -> ; 3*A; A = 2; seen' = J; seen = 0",
    "initial assignments": "x = 2*y + z; y = 3; z := y^2; x' = x/y",
    "assigned species": "A := 2*time + 1; J: $A -> B; A; B = 0",
}

REFUSED = [
    "x := a +\n b; a = 1; b = 2", "x := y; y := x", "x' = 1; x := 2", "x := exp(1, 2)", "x := log2(3)", "time = 3", "exp = 3",
    "x = 1 y = 2", "model m\nx = 1", "x is 'a'; x = 1", "x := 2**3", "x = 1,000", "function f(a) a", "unit a = 2",
    "x is \"a\", \"b\"; x = 1", "A <-> B; 1", "A <=> B; 1", "compartment x; species x", "model *m() x = 1 end",
    "x source \"a\"; x = 1",
]


def load(text):
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(text) < 0:
        return None
    return antimony.getSBMLString(antimony.getMainModuleName())


def rates(sbml, step=1e-5):
    """Rates at the start from three simulated points: of concentrations for species, of values for all else.

    One-sided difference of second order; with steps of 1e-5 day it is right to about 1e-6
    of the rate: step**2 times the third derivative, and the integrator's 1e-12 over the step.
    """
    runner = roadrunner.RoadRunner(sbml)
    runner.integrator.absolute_tolerance = 1e-14
    runner.integrator.relative_tolerance = 1e-12
    changing = [s for s in runner.model.getFloatingSpeciesIds()]
    ruled = [name for name in antimony_rates(sbml) if name not in changing]
    amounts = re.findall(r'<species id="(\w+)"[^>]*hasOnlySubstanceUnits="true"', sbml)
    columns = [name if name in amounts else f"[{name}]" for name in changing] + ruled
    values = runner.simulate(0, step, 3, ["time", *columns])
    names = changing + ruled
    return {name: float(4 * values[1][i] - 3 * values[0][i] - values[2][i]) / step for i, name in enumerate(names, 1)}


def antimony_rates(sbml):
    return re.findall(r'<rateRule variable="(\w+)"', sbml)


def main():
    print(f"# Written by generate.py with antimony {antimony.__version__} and libroadrunner {roadrunner.__version__}.")
    print(f'values = "{VALUES}"')
    for expression in EXPRESSIONS:
        sbml = load(f"{VALUES}; x := {expression}")
        assert sbml, f"{expression}: {antimony.getLastError()}"
        print(f"\n[[expression]]\ntext = {json.dumps(expression)}\nvalue = {float(roadrunner.RoadRunner(sbml)['x'])!r}")
    for name, text in MODELS.items():
        sbml = load(text)
        assert sbml, f"{name}: {antimony.getLastError()}"
        print(f"\n[[model]]\nname = {json.dumps(name)}\ntext = {json.dumps(text)}")
        print("rates = { " + ", ".join(f"{k} = {v!r}" for k, v in sorted(rates(sbml).items())) + " }")
    for text in REFUSED:
        assert load(text) is None, text
    print("\n[refused]\ntexts = " + json.dumps(REFUSED))


main()
