"""CVODE through scikit-sundae: SUNDIALS 7 in a wheel, rates and Jacobian as Python functions that call the C of the model.

With the dense solver, its default. The C driver `cvode.c` shows what SUNDIALS does with a sparse one.
"""

import numpy as np
from sksundae.cvode import CVODE

from common import measure
from compiled import Compiled, jacobian_function, rates_function


def build(problem):
    compiled = Compiled(problem.work)
    rates, entries = rates_function(compiled, len(problem.states)), jacobian_function(compiled)
    column_of = np.repeat(np.arange(len(problem.states)), np.diff(compiled.columns))
    p = problem.rows[0].copy()

    def f(t, y, dy):
        dy[:] = rates(t, y, p)

    def jacobian(t, y, dy, matrix):
        matrix[compiled.rows, column_of] = entries(t, y, p)

    rates(0.0, problem.initial, p)  # compiles
    entries(0.0, problem.initial, p)

    def solve(relative, absolute, patients, seen):
        solver = CVODE(f, rtol=relative, atol=absolute, method="BDF", max_num_steps=1_000_000, jacfn=jacobian)
        for i, patient in enumerate(patients):
            p[:] = problem.rows[patient]
            y = problem.initial.copy()
            seen[i, 0] = y
            for start, end, rate, visit in problem.segments:
                p[problem.infused] = rate
                y = np.ascontiguousarray(solver.solve(np.array([start, end]), y).y[-1])
                if visit >= 0:
                    seen[i, visit] = y

    return solve


measure(build)
