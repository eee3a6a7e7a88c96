"""Steady state and stability of the disease model without triggers or therapy.

Usage: python drift.py [--record]

1. Five years from baseline: every state stays 1 (triggers 0). 200 random patients, parameters spread widely around their defaults.
2. Largest eigenvalue of the default patient at baseline (numerical Jacobian).
`--record` writes drift.txt.
"""

import sys
from pathlib import Path

import antimony
import numpy as np
import roadrunner

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "data/models/sle/sle.ant"
PATIENT = (
    "k_memory_autoreactive k_activated k_DN2 k_plasmablast k_plasma_dynamic k_Tfh k_macrophage k_pDC k_NET k_signature K_BAFF K_Tfh K_IFN "
    "K_NET level_IFN level_immune_complex level_TNF level_IL17 level_macrophage level_IL6 weight_skin_IFN weight_joint_TNF "
    "weight_renal_immune_complex k_skin k_joint"
).split()
DAYS = 5 * 365.25


def load():
    antimony.setBareNumbersAreDimensionless(True)
    if antimony.loadAntimonyFile(str(MODEL)) < 0:
        sys.exit(antimony.getLastError())
    model = roadrunner.RoadRunner(antimony.getSBMLString("sle"))
    model.integrator.relative_tolerance = 1e-10
    model.integrator.absolute_tolerance = 1e-14
    return model


def jacobian(model, states, step=1e-6):
    base = np.array([model[s] for s in states])
    columns = []
    for state, value in zip(states, base):
        column = np.zeros(len(states))
        for sign in (1, -1):
            model[state] = value + sign * step
            column += sign * np.array(model.getRatesOfChange())
        model[state] = value
        columns.append(column / (2 * step))
    return np.array(columns).T


def main():
    model = load()
    states = list(model.getRateRuleIds())
    eigenvalues = np.linalg.eigvals(jacobian(model, states))
    slow = {"plasma_auto_static", "plasma_static", "nephrons"}
    kept = [k for k, s in enumerate(states) if s not in slow]
    reduced = np.linalg.eigvals(jacobian(model, states)[np.ix_(kept, kept)])

    rng = np.random.default_rng(3)
    defaults = {p: model[p] for p in PATIENT}
    worst = stiffest = 0.0
    for k in range(201):
        model.resetAll()
        for name, value in defaults.items():
            model[name] = value * (np.exp(0.3 * rng.standard_normal()) if k else 1.0)
        start = np.array([model[s] for s in states])
        table = np.asarray(model.simulate(0, DAYS, 61, states))
        drift = np.abs(table - start).max()
        worst, stiffest = max(worst, drift), max(stiffest, np.abs(model.getRatesOfChange()).max())
        if k == 0:
            first = drift
    text = (
        f"antimony {antimony.__version__}, roadrunner {roadrunner.__version__}\n"
        f"drift over five years without triggers: {first:.1e} (default patient), {worst:.1e} (worst of 200 random patients)\n"
        f"largest rate at the end: {stiffest:.1e} per day\n"
        f"eigenvalues of the default patient: largest real part {eigenvalues.real.max():.2e} per day, without the long-lived plasma cells and "
        f"nephrons {reduced.real.max():.2e}, fastest {eigenvalues.real.min():.1f}\n"
    )
    print(text, end="")
    if "--record" in sys.argv:
        (HERE / "drift.txt").write_text(text)
    if not worst < 1e-8:
        sys.exit("the baseline drifts")


main()
