"""Writes the equations of a model as C, DiffSL and JAX, for the tools that take no SBML."""

import sympy
from sympy.printing.c import C99CodePrinter
from sympy.printing.numpy import JaxPrinter


class C(C99CodePrinter):
    """Small whole powers as products, as one would write them by hand."""

    def _print_Pow(self, power):
        base, exponent = power.as_base_exp()
        if exponent.is_Integer and 1 < abs(int(exponent)) <= 4:
            product = "*".join([f"({self._print(base)})"] * abs(int(exponent)))
            return f"({product})" if exponent > 0 else f"(1.0/({product}))"
        return super()._print_Pow(power)


class DiffSl(C):
    """The same with DiffSL's names of functions."""

    def doprint(self, expression):
        text = super().doprint(expression)
        return text.replace("fmax(", "max(").replace("fmin(", "min(").replace("fabs(", "abs(")


def c_source(network):
    """`rates` (all rates) and `jacobian` (its nonzero entries, column by column), and where these stand."""
    entries = sorted(jacobian(network), key=lambda e: (e[1], e[0]))
    columns = [sum(e[1] < j for e in entries) for j in range(len(network.states) + 1)]
    place = places(network)
    declare = lambda steps: [f"  const double {s} = {C().doprint(e.xreplace(place))};" for s, e in steps]
    shared, values = sympy.cse([e[2] for e in entries], symbols=sympy.numbered_symbols("s_"), optimizations=[])
    signature = "(double t, const double *restrict y, const double *restrict p, double *restrict "
    lines = [
        "#include <math.h>",
        f"#define N_STATES {len(network.states)}",
        f"#define N_PARAMETERS {len(network.parameters)}",
        f"#define N_ENTRIES {len(entries)}",
        "static const long columns[] = {" + ", ".join(map(str, columns)) + "};",
        "static const long rows[] = {" + ", ".join(str(e[0]) for e in entries) + "};",
        "__attribute__((noinline)) void rates" + signature + "dy) {",
        *declare(network.steps),
        *[f"  dy[{i}] = {C().doprint(r.xreplace(place))};" for i, r in enumerate(network.rates)],
        "}",
        "__attribute__((noinline)) void jacobian" + signature + "J) {",
        *declare(shared),
        *[f"  J[{i}] = {C().doprint(e.xreplace(place))};" for i, e in enumerate(values)],
        "}",
        "void rates_for_lsoda(double t, double *y, double *dy, void *p) { rates(t, y, (const double *)p, dy); }",
    ]
    return "\n".join(lines) + "\n"


def jax_source(network):
    """`rates(t, y, p)` for JAX."""
    write = JaxPrinter({"fully_qualified_modules": False}).doprint
    place = places(network)
    lines = ["from jax.numpy import *", "", "", "def rates(t, y, p):"]
    lines += [f"    {s} = {write(e.xreplace(place))}" for s, e in network.steps]
    lines += ["    return stack(["] + [f"        {write(r.xreplace(place))} + 0.0 * y[0]," for r in network.rates] + ["    ])"]
    return "\n".join(lines) + "\n"


def places(network):
    """Where each state and parameter stands in `y` and `p`; steps get a name that cannot clash with C."""
    place = {network.symbols[n]: sympy.Symbol(f"y[{i}]", real=True) for i, n in enumerate(network.states)}
    place |= {network.symbols[n]: sympy.Symbol(f"p[{i}]", real=True) for i, n in enumerate(network.parameters)}
    return place


def jacobian(network):
    """Entries `(row, column, expression)` that are not zero everywhere."""
    whole = {}
    for symbol, expression in network.steps:
        whole[symbol] = expression.xreplace(whole)
    found = []
    states = [network.symbols[n] for n in network.states]
    for row, rate in enumerate(network.rates):
        terms = {}
        for term in sympy.Add.make_args(sympy.expand(rate) if rate.is_Add else rate):
            inner = term.xreplace(whole)
            for state in inner.free_symbols & set(states):
                terms[state] = terms.get(state, 0) + sympy.diff(inner, state)
        found += [(row, states.index(s), e) for s, e in terms.items() if e != 0]
    return found


def diffsl_source(network, varied, infused):
    """The model in DiffSL: inputs are what varies. What is infused is a last state that stands still, because a solver lets its state
    be changed between segments but not its inputs."""
    known = [*network.states, *network.parameters, *(str(s) for s, _ in network.steps)]
    rename = {network.symbols[s]: sympy.Symbol(f"m{i}x", real=True) for i, s in enumerate(known)}  # no clash with words of the language
    write = lambda e: DiffSl().doprint(e.xreplace(rename))
    short = lambda s: str(rename[network.symbols[s]])
    lines = ["in_i { " + ", ".join(f"{short(n)} = {network.parameters[n]!r}" for n in varied) + " }"]
    lines += [f"{short(n)} {{ {x!r} }}" for n, x in network.parameters.items() if n not in varied and n != infused]
    start = [*zip(network.states, network.initial), (infused, 0.0)]
    lines += ["u_i {", *[f"  {short(n)} = {x!r}," for n, x in start], "}"]
    lines += [f"{rename[s]} {{ {write(e)} }}" for s, e in network.steps]
    lines += ["F_i {", *[f"  {write(r)}," for r in network.rates], "  0.0,", "}"]
    return "\n".join(lines) + "\n"
