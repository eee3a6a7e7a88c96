"""What every peer's script shares: the problem, the clock and the form of the result. Needs numpy only.

A script is called as `script.py WORK OUT RELATIVE:ABSOLUTE:PATIENTS ...` and prints one line of JSON per tolerance; the states at the
visits go to `OUT` + number + `.bin`, 64-bit numbers in the order patient, visit, state.
"""

import json
import re
import sys
import time
from pathlib import Path

import numpy as np


class Problem:
    """What `suite.prepare` wrote."""

    def __init__(self, work):
        self.work = Path(work)
        self.__dict__.update(json.loads((self.work / "problem.json").read_text()))
        self.rows = np.fromfile(self.work / "patients.bin").reshape(-1, len(self.parameters))
        self.columns = [self.parameters.index(n) for n in self.varied]
        self.infused = self.parameters.index(self.infusion["parameter"])
        self.initial = np.array(self.initial)

    def varied_values(self, patient):
        return self.rows[patient, self.columns]


def peak_mb():
    """Largest resident memory of this process, MiB."""
    text = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", text)[1]) / 1024


def measure(build):
    """Runs the tool. `build(problem)` is set-up and returns `solve(relative, absolute, patients, seen)`, which fills `seen` and may return the
    steps of all patients together. `build` may return a pair: `solve` and set-up seconds spent earlier (a compiled model that was kept)."""
    problem = Problem(sys.argv[1])
    built = build(problem)
    solve, earlier = built if isinstance(built, tuple) else (built, 0.0)
    setup = time.process_time() + earlier
    for number, wanted in enumerate(sys.argv[3:]):
        relative, absolute, n = wanted.split(":")
        patients = range(int(n))
        seen = np.full((len(patients), len(problem.visits), len(problem.states)), np.nan)
        start = time.process_time()
        steps = solve(float(relative), float(absolute), patients, seen)
        cpu = time.process_time() - start
        seen.tofile(f"{sys.argv[2]}{number}.bin")
        result = {"cpu_seconds": cpu, "setup_seconds": setup, "peak_mb": peak_mb(), "steps": steps and steps / len(patients)}
        print(json.dumps(result), flush=True)
