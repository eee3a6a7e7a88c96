"""Errors of `malar simulate --patients` on QSPB51 by the accuracy asked for, as in docs/simulate.md.

    python accuracy.py path/to/malar

The error of a patient is the largest |y - reference| / (|reference| + 1e-6) over states and visits; the reference is CVODE at 1e-11
(benchmarks/README.md). Needs numpy.
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[2] / "benchmarks/models/qspb51"
reference = np.load(FOLDER / "reference.npz")["states_visits_patients"].transpose(2, 1, 0)
n_patients, n_visits, n_states = reference.shape

with tempfile.TemporaryDirectory() as folder:
    folder = Path(folder)
    lines = (FOLDER / "patients.csv").read_text().splitlines()[: n_patients + 1]
    (folder / "patients.csv").write_text("\n".join(lines) + "\n")
    (folder / "doses.csv").write_text("TIME,AMT,CMT,DUR,II,ADDL\n0,60,InfRate,0.25,28,12\n")
    for relative in [1e-2, 1e-3, 1e-4, 1e-5, 1e-6]:
        words = [sys.argv[1], "simulate", FOLDER / "qspb51.ant", "--patients", folder / "patients.csv", "--doses", folder / "doses.csv"]
        words += ["--duration", "364", "--steps", "13", "--relative", str(relative), "--absolute", str(relative * 1e-3)]
        subprocess.run([*map(str, words), "--out", str(folder / "out.csv")], check=True)
        rows = list(csv.reader(open(folder / "out.csv")))[1:]
        values = np.array(rows, dtype=float).reshape(n_patients, n_visits, -1)[:, :, 2 : 2 + n_states]
        error = (np.abs(values - reference) / (np.abs(reference) + 1e-6)).max(axis=(1, 2))
        print(f"{relative:g}: median {np.median(error):.1e}, worst {error.max():.1e}")
