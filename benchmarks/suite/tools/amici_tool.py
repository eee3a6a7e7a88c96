"""AMICI: C++ written from the SBML with its events, compiled once; CVODES with KLU."""

import importlib
import os
import resource
import sys
import time

import amici.sim.sundials  # noqa: F401 (the compiled model needs it loaded)
import numpy as np

from common import measure


def build(problem):
    folder = problem.work / "amici"
    if not (folder / "built").exists():
        compile_model(problem, folder)
    sys.path.insert(0, str(folder))
    model = importlib.import_module("benchmark_model").get_model()
    model.set_timepoints(np.array(problem.visits))
    ids, states = list(model.get_free_parameter_ids()), list(model.get_state_ids())
    columns = [ids.index(n) for n in problem.varied]
    order = [states.index(n) for n in problem.states]
    values = np.array(model.get_free_parameters())
    solver = model.create_solver()
    solver.set_max_steps(1_000_000)

    def solve(relative, absolute, patients, seen):
        solver.set_relative_tolerance(relative)
        solver.set_absolute_tolerance(absolute)
        steps = 0
        for i, patient in enumerate(patients):
            values[columns] = problem.varied_values(patient)
            model.set_free_parameters(values)
            result = model.simulate(solver=solver)
            seen[i] = np.asarray(result.x)[:, order]
            steps += int(np.asarray(result.numsteps)[-1])
        return steps

    return solve, float((folder / "built").read_text())


def compile_model(problem, folder):
    """Writes how many processor seconds it took, compiler included, into `built`."""
    from amici.importers.sbml import SbmlImporter

    used = lambda: time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    start = used()
    fixed = [n for n in problem.parameters if n not in problem.varied and n != problem.infusion["parameter"]]
    importer = SbmlImporter(str(problem.work / "events.xml"))
    standard = os.dup(1)
    os.dup2(2, 1)  # the compiler talks
    importer.sbml2amici("benchmark_model", str(folder), generate_sensitivity_code=False, fixed_parameters=fixed)
    os.dup2(standard, 1)
    (folder / "built").write_text(str(used() - start))


measure(build)
