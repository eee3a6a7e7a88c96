"""The trajectories that errors are measured against. `python -m suite.reference [PROBLEM]` computes them anew and says how they differ.

CVODE with KLU at 1e-11 relative and 1e-15 absolute; kept as 32-bit numbers (6e-8 relative, an order below the smallest error that is measured).
"""

import os
import sys
from pathlib import Path

import numpy as np

from suite.prepare import prepare
from suite.problem import Problem

BENCHMARKS = Path(__file__).absolute().parent.parent
N_PATIENTS = 64


def environment():
    """Where the peers are installed and compiled models lie; several checkouts may share one."""
    return Path(os.environ.get("MALAR_BENCHMARK_ENV", BENCHMARKS / ".env")).absolute()


def load(problem):
    """`[patient][visit][state]`."""
    return np.load(problem.reference)["states_visits_patients"].astype(float).transpose(2, 1, 0)


def main(name="qspb51"):
    sys.path.insert(0, str(Path(__file__).parent / "tools"))
    import cvode_tool

    problem = Problem(BENCHMARKS / "models" / name)
    work = prepare(problem, environment())
    out = work / "reference.bin"
    cvode_tool.run(work, 1e-11, 1e-15, N_PATIENTS, out)
    fresh = np.fromfile(out).reshape(N_PATIENTS, len(problem.visits), -1)
    if problem.reference.exists():
        print(f"largest relative difference from {problem.reference.name}: {np.max(np.abs(fresh - load(problem)) / (np.abs(fresh) + 1e-6)):.1e}")
    else:
        # Grouped by state and visit the numbers are alike, and the file is smaller.
        np.savez_compressed(problem.reference, states_visits_patients=fresh.transpose(2, 1, 0).astype(np.float32))
        print(f"wrote {problem.reference}")


if __name__ == "__main__":
    main(*sys.argv[1:])
