"""diffrax: Kvaerno5 compiled by XLA, one patient at a time. A batch of patients shares its slowest member's steps and took longer to compile than to wait for."""

import sys

import diffrax
import jax

from common import measure

jax.config.update("jax_enable_x64", True)


def build(problem):
    sys.path.insert(0, str(problem.work))
    import model_jax
    import numpy as np

    term = diffrax.ODETerm(model_jax.rates)

    @jax.jit
    def segment(start, end, y, p, relative, absolute):
        control = diffrax.PIDController(rtol=relative, atol=absolute)
        return diffrax.diffeqsolve(term, diffrax.Kvaerno5(), start, end, None, y, p, stepsize_controller=control,
                                   saveat=diffrax.SaveAt(t1=True), max_steps=1_000_000, throw=False,
                                   adjoint=diffrax.ForwardMode() if hasattr(diffrax, "ForwardMode") else diffrax.DirectAdjoint())

    def run(start, end, y, p, relative, absolute):
        solution = segment(start, end, y, p, relative, absolute)
        return np.asarray(solution.ys[-1]), int(solution.stats["num_steps"])

    run(0.0, 1e-6, problem.initial, problem.rows[0], 1e-3, 1e-6)  # compiles

    def solve(relative, absolute, patients, seen):
        steps = 0
        for i, patient in enumerate(patients):
            y, p = problem.initial, problem.rows[patient].copy()
            seen[i, 0] = y
            for start, end, rate, visit in problem.segments:
                p[problem.infused] = rate
                y, n = run(start, end, y, p, relative, absolute)
                steps += n
                if visit >= 0:
                    seen[i, visit] = y
        return steps

    return solve


measure(build)
