"""Week-24 troughs of anifrolumab, 150 and 300 mg every 4 weeks, against the published medians.

Usage: python troughs.py [--record]

Published (Chia 2022, J Clin Pharmacol; TULIP-1 and TULIP-2): 15.6 mg/L (300 mg) and 0.2 mg/L (150 mg); share above 3.88 mg/L about 83 and
27 percent. Taken to be signature-high patients, as in that paper's effect analysis; its abstract does not say. Population here: random effects of therapy.toml, weight log-normal around the reference
weight 69.1 kg (doi:10.1002/jcph.2055), spread 0.22 (assumed), 42 to 144.8 kg. Doses are given as a bolus. `--record` writes troughs.txt.
"""

import sys
import tomllib
from pathlib import Path

import antimony
import numpy as np
import roadrunner
from scipy.stats import norm, qmc

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "data/therapies/anifrolumab"
LOG2_PATIENTS, N_SCRAMBLES, N_DOSES, INTERVAL = 12, 5, 6, 28
PUBLISHED = {300.0: 15.6, 150.0: 0.2}


def load():
    antimony.setBareNumbersAreDimensionless(True)
    if antimony.loadAntimonyFile(str(FOLDER / "anifrolumab.ant")) < 0:
        sys.exit(antimony.getLastError())
    model = roadrunner.RoadRunner(antimony.getSBMLString("anifrolumab"))
    model.integrator.relative_tolerance = 1e-8
    model.integrator.absolute_tolerance = 1e-10
    return model


def trough(model, dose, patient):
    """Concentration in mg/L just before the seventh dose."""
    model.resetAll()
    for name, value in patient.items():
        model[name] = value
    for k in range(N_DOSES):
        model["central"] = model["central"] + dose
        model.simulate(k * INTERVAL, (k + 1) * INTERVAL, 2)
    return model["concentration"]


def population(scramble):
    """Patients at quasi-random quantiles: the 150 mg median is steep in clearance and needs an even sample."""
    spread = {v["parameter"]: v["sd"]["value"] for v in tomllib.loads((FOLDER / "therapy.toml").read_text())["variability"]}
    u = qmc.Sobol(2 + len(spread), seed=scramble).random_base2(LOG2_PATIENTS)
    weight = np.clip(69.1 * np.exp(0.22 * norm.ppf(u[:, 0])), 42.0, 144.8)
    high = (u[:, 1] < 0.826).astype(float)
    effects = {name: sd * norm.ppf(u[:, 2 + k]) for k, (name, sd) in enumerate(spread.items())}
    return [
        dict(weight=weight[i], ifn_signature_high=high[i]) | {name: x[i] for name, x in effects.items()} for i in range(len(u))
    ]


def medians(model, dose):
    """Median and share above 3.88 mg/L, of signature-high patients and of all, one row per scramble."""
    rows = []
    for scramble in range(N_SCRAMBLES):
        patients = population(scramble)
        high = np.array([p["ifn_signature_high"] == 1.0 for p in patients])
        values = np.array([trough(model, dose, p) for p in patients])
        rows.append([f(v) for v in (values[high], values) for f in (np.median, lambda x: 100 * (x > 3.88).mean())])
    return np.array(rows)


def main():
    model = load()
    lines = [f"antimony {antimony.__version__}, roadrunner {roadrunner.__version__}; {N_SCRAMBLES} x {2**LOG2_PATIENTS} patients, mg/L"]
    for dose, published in PUBLISHED.items():
        typical = {w: trough(model, dose, dict(weight=w, ifn_signature_high=1.0)) for w in (68.6, 69.1, 72.0)}
        rows = medians(model, dose)
        high, above_high, everyone, above = rows.mean(0)
        error = rows[:, 0].std(ddof=1) / np.sqrt(N_SCRAMBLES)
        lines.append(
            f"{dose:.0f} mg: published {published}; median, signature high {high:.3f} (SE {error:.3f}), all {everyone:.3f}; "
            f"above 3.88 {above_high:.0f} percent, all {above:.0f}; typical patient, signature high, "
            + ", ".join(f"{w} kg {c:.3f}" for w, c in typical.items())
        )
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if "--record" in sys.argv:
        (HERE / "troughs.txt").write_text(text)


main()
