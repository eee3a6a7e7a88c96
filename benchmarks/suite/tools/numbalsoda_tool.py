"""numbalsoda: LSODA in C++, called from a loop that numba compiles, on the C of the model."""

import numpy as np
from numba import njit
from numbalsoda import lsoda

from common import measure
from compiled import Compiled


def build(problem):
    address = Compiled(problem.work).address("rates_for_lsoda")
    pieces = np.array(problem.segments)
    infused = problem.infused

    @njit
    def one(initial, p, relative, absolute, seen):
        y = initial.copy()
        seen[0] = y
        for k in range(len(pieces)):
            p[infused] = pieces[k, 2]
            states, fine = lsoda(address, y, pieces[k, :2].copy(), p, relative, absolute)
            if not fine:
                return False
            y = states[-1].copy()
            if pieces[k, 3] >= 0:
                seen[int(pieces[k, 3])] = y
        return True

    seen = np.empty((len(problem.visits), len(problem.states)))
    one(problem.initial, problem.rows[0].copy(), 1e-3, 1e-6, seen)  # compiles

    def solve(relative, absolute, patients, seen):
        for i, patient in enumerate(patients):
            if not one(problem.initial, problem.rows[patient].copy(), relative, absolute, seen[i]):
                seen[i] = np.nan

    return solve


measure(build)
