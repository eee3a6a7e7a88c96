"""libroadrunner: CVODE behind code compiled by LLVM at load. Infusions are switched between calls, which is faster than SBML events."""

import numpy as np
import roadrunner

from common import measure


def build(problem):
    runner = roadrunner.RoadRunner(str(problem.work / "plain.xml"))
    runner.integrator.maximum_num_steps = 100000
    model = runner.model
    names = list(model.getGlobalParameterIds())
    columns = [names.index(n) for n in problem.varied]
    infused = [names.index(problem.infusion["parameter"])]
    species = set(model.getFloatingSpeciesIds())
    runner.timeCourseSelections = ["time"] + [f"[{s}]" if s in species else s for s in problem.states]

    def solve(relative, absolute, patients, seen):
        runner.integrator.relative_tolerance = relative
        runner.integrator.absolute_tolerance = absolute
        for i, patient in enumerate(patients):
            runner.resetAll()
            model.setGlobalParameterValues(columns, problem.varied_values(patient))
            seen[i, 0] = problem.initial
            for start, end, rate, visit in problem.segments:
                model.setGlobalParameterValues(infused, [rate])
                table = runner.simulate(start, end, 2)
                if visit >= 0:
                    seen[i, visit] = np.asarray(table)[-1, 1:]

    return solve


measure(build)
