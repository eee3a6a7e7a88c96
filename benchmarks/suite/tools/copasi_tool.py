"""COPASI through basico: LSODA on interpreted expressions, infusions as SBML events."""

import basico
import COPASI

from common import measure


def build(problem):
    model = basico.load_model(str(problem.work / "events.xml")).getModel()
    quantities = {q.getSBMLId(): q for q in (model.getModelValue(i) for i in range(model.getNumModelValues()))}
    end, count = problem.visits[-1], len(problem.visits) - 1

    def solve(relative, absolute, patients, seen):
        for i, patient in enumerate(patients):
            for name, value in zip(problem.varied, problem.varied_values(patient)):
                quantities[name].setInitialValue(value)
            model.updateInitialValues(COPASI.CCore.Framework_Concentration)
            settings = dict(r_tol=relative, a_tol=absolute, max_steps=1_000_000, update_model=False, use_sbml_id=True, method="deterministic")
            seen[i] = basico.run_time_course(0.0, end, count, **settings)[problem.states].to_numpy()

    return solve


measure(build)
