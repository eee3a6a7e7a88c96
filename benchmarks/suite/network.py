"""Reads a model: Antimony text to SBML, SBML to equations. What the peers are given comes from here."""

import re

import antimony
import libsbml
import sympy


def to_sbml(text, infusion=None):
    """SBML of the Antimony `text`. With an `infusion`, its parameter is switched by events, else from outside."""
    if infusion:
        text = with_events(text, infusion)
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(text) < 0:
        raise ValueError(antimony.getLastError())
    return antimony.getSBMLString(antimony.getMainModuleName())


def with_events(text, infusion):
    """The infusion that starts at day 0 is the initial value: an event cannot fire at the start."""
    lines = [f"  {infusion.parameter} = {infusion.rate!r};", f"  var {infusion.parameter};"]
    for i, (time, value) in enumerate(infusion.switches()):
        if time > 0:
            lines.append(f"  switch_{i}: at (time >= {time!r}), t0=false: {infusion.parameter} = {value!r};")
    before, end, after = text.rstrip().rpartition("end")
    return before + "\n".join(lines) + "\n" + end + after + "\n"


class Network:
    """Equations of a model: `states`, `initial`, `parameters` (name to value), `steps` (named expressions in order) and `rates`."""

    def __init__(self, sbml):
        document = libsbml.readSBMLFromString(sbml)
        document.convert(expand_functions())
        model = document.getModel()
        self.model = model
        changing = {r.getVariable() for r in model.getListOfRules() if r.isRate()}
        species = [s.getId() for s in model.getListOfSpecies() if not s.getBoundaryCondition()]
        self.states = species + [p.getId() for p in model.getListOfParameters() if p.getId() in changing]
        ruled = {r.getVariable() for r in model.getListOfRules()} | {a.getSymbol() for a in model.getListOfInitialAssignments()}
        self.parameters = {p.getId(): p.getValue() for p in model.getListOfParameters() if p.getId() not in ruled}
        self.initial = [self.start(name) for name in self.states]
        names = set(self.states) | set(self.parameters) | ruled | {r.getId() for r in model.getListOfReactions()}
        self.symbols = {name: sympy.Symbol(name, real=True) for name in names}
        self.steps = self.sorted_steps(changing)
        self.rates = self.all_rates()

    def start(self, name):
        element = self.model.getElementBySId(name)
        return element.getInitialConcentration() if element.getTypeCode() == libsbml.SBML_SPECIES else element.getValue()

    def expression(self, math):
        text = libsbml.formulaToL3String(math).replace("^", "**")
        functions = {"ln": sympy.log, "pow": sympy.Pow, "abs": sympy.Abs, "time": sympy.Symbol("t", real=True)}
        return sympy.sympify(re.sub(r"\blambda\b", "lambda_", text), locals=self.symbols | functions)

    def sorted_steps(self, changing):
        """Derived parameters, assignments and reaction rates, each after what it needs."""
        waiting = {}
        for a in self.model.getListOfInitialAssignments():
            if a.getSymbol() in self.states:
                raise ValueError(f"the initial value of `{a.getSymbol()}` is an expression: write it as a number")
            waiting[a.getSymbol()] = self.expression(a.getMath())
        for rule in self.model.getListOfRules():
            if rule.getVariable() not in changing:
                waiting[rule.getVariable()] = self.expression(rule.getMath())
        for reaction in self.model.getListOfReactions():
            waiting[reaction.getId()] = self.expression(reaction.getKineticLaw().getMath())
        steps = []
        while waiting:
            ready = [n for n, e in waiting.items() if not any(s.name in waiting for s in e.free_symbols)]
            if not ready:
                raise ValueError(f"circular: {sorted(waiting)}")
            steps += [(self.symbols[n], waiting.pop(n)) for n in ready]
        return steps

    def all_rates(self):
        rates = {name: sympy.Integer(0) for name in self.states}
        for reaction in self.model.getListOfReactions():
            rate = self.symbols[reaction.getId()]
            for sign, side in ((-1, reaction.getListOfReactants()), (1, reaction.getListOfProducts())):
                for reference in side:
                    if reference.getSpecies() in rates:
                        rates[reference.getSpecies()] += sign * sympy.Float(reference.getStoichiometry()) * rate
        for rule in self.model.getListOfRules():
            if rule.isRate():
                rates[rule.getVariable()] += self.expression(rule.getMath())
        return [sympy.nsimplify(r) if r.is_number else r for r in rates.values()]


def expand_functions():
    properties = libsbml.ConversionProperties()
    properties.addOption("expandFunctionDefinitions", True)
    return properties
