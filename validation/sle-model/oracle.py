"""Trajectories of the disease model and of every therapy model from another implementation, antimony and libroadrunner.

Usage: python oracle.py

For each model: one run of 364 days from a perturbed start, recorded every 28 days, to oracle/<model>.csv (all states, 17 digits).
oracle/oracle.json names the versions, the tolerances, the start of each run and the SHA-256 of each model file, so that a reader can
tell when a file has changed since. A comparison is fair at a relative 1e-5 with `floor` added to the denominator: a drug that has left the
body is only known to be near zero. `self_difference` is how far the run moves, on that scale, when the solver works 100 times looser.
"""

import hashlib
import json
from pathlib import Path

import antimony
import roadrunner

ROOT = Path(__file__).resolve().parents[2]
OUT = Path(__file__).resolve().parent / "oracle"
RELATIVE, ABSOLUTE = 1e-12, 1e-16
DAYS, EVERY = 364, 28
FLOOR = 1e-6

# What differs from the values in the file at time 0. States first, then parameters that stay constant.
RUNS = {
    "sle": dict(
        file="data/models/sle/sle.ant",
        start=dict(
            trigger=1.0, trigger_joint=2.0, trigger_renal=0.5, B_naive=0.3, B_memory_deep=0.7, memory_autoreactive=1.4,
            plasmablast_auto=2.0, anti_dsDNA=1.5, BAFF=1.8, immune_complex=1.7, C3=0.6, C4=0.4, IFN=1.3, Treg=0.8, TNF=2.0, skin=1.6,
            nephrons=0.9,
        ),
        parameters={},
    ),
    "sle-treated": dict(
        file="data/models/sle/sle.ant",
        start=dict(trigger=0.5, trigger_skin=1.0),
        parameters=dict(
            trigger_mean=0.2, ifnar_block=0.7, baff_block=0.5, april_block=0.3, memory_egress=0.2, cd40l_block=0.2, icosl_block=0.1,
            bcr_inhibition=0.2, tlr_block=0.4, tlr_block_baseline=0.25, antiproliferation=0.3, antiproliferation_baseline=0.1,
            calcineurin_block=0.2, il6r_block=0.3, il17_block=0.4, il23_block=0.5, tyk2_inhibition=0.2, fcrn_block=0.3, pdc_block=0.3,
            kill_B_accessible=0.05, kill_B_deep=0.001, kill_plasmablast=0.02, kill_plasma_dynamic=0.002, kill_plasma_static=0.0005,
            kill_autoreactive=0.01, kill_T_cells=0.05, macrophage_block=0.1, treg_support=0.5, steroid_effect=0.15, steroid_effect_baseline=0.33,
        ),
    ),
    "anifrolumab": dict(file="data/therapies/anifrolumab/anifrolumab.ant", start=dict(central=300.0, depot=120.0), parameters=dict(weight=80.0, infusion_rate=8.0)),
    "belimumab": dict(file="data/therapies/belimumab/belimumab.ant", start=dict(central=670.0, depot=200.0), parameters=dict(weight=80.0, infusion_rate=20.0)),
    "prednisone": dict(file="data/therapies/prednisone/prednisone.ant", start={}, parameters=dict(dose=7.5, dose_baseline=20.0)),
    "hydroxychloroquine": dict(
        file="data/therapies/hydroxychloroquine/hydroxychloroquine.ant", start={}, parameters=dict(dose=200.0, dose_baseline=400.0)
    ),
    "mycophenolate": dict(
        file="data/therapies/mycophenolate/mycophenolate.ant", start={}, parameters=dict(dose=3000.0, dose_baseline=1000.0)
    ),
    "amg-557": dict(file="data/therapies/amg-557/amg-557.ant", start=dict(central=300.0, depot=120.0), parameters=dict(weight=80.0)),
    "atacicept": dict(file="data/therapies/atacicept/atacicept.ant", start=dict(central=300.0, depot=120.0), parameters=dict(weight=80.0)),
    "azathioprine": dict(file="data/therapies/azathioprine/azathioprine.ant", start={}, parameters=dict(dose=100.0, dose_baseline=150.0)),
    "baricitinib": dict(file="data/therapies/baricitinib/baricitinib.ant", start={}, parameters=dict(dose=4.0, dose_baseline=0.0)),
    "cyclophosphamide": dict(file="data/therapies/cyclophosphamide/cyclophosphamide.ant", start=dict(central=750.0), parameters={}),
    "dapirolizumab-pegol": dict(file="data/therapies/dapirolizumab-pegol/dapirolizumab-pegol.ant", start=dict(central=300.0), parameters=dict(weight=80.0)),
    "deucravacitinib": dict(file="data/therapies/deucravacitinib/deucravacitinib.ant", start={}, parameters=dict(dose=6.0, dose_baseline=0.0)),
    "epratuzumab": dict(file="data/therapies/epratuzumab/epratuzumab.ant", start=dict(central=300.0), parameters=dict(weight=80.0)),
    "ianalumab": dict(file="data/therapies/ianalumab/ianalumab.ant", start=dict(central=300.0, depot=120.0), parameters=dict(weight=80.0)),
    "litifilimab": dict(file="data/therapies/litifilimab/litifilimab.ant", start=dict(central=300.0, depot=120.0), parameters=dict(weight=80.0)),
    "low-dose-il2": dict(file="data/therapies/low-dose-il2/low-dose-il2.ant", start=dict(depot=0.06), parameters={}),
    "methotrexate": dict(file="data/therapies/methotrexate/methotrexate.ant", start={}, parameters=dict(dose=2.86, dose_baseline=1.43)),
    "methylprednisolone": dict(file="data/therapies/methylprednisolone/methylprednisolone.ant", start=dict(central=500.0), parameters={}),
    "obexelimab": dict(file="data/therapies/obexelimab/obexelimab.ant", start=dict(central=300.0), parameters=dict(weight=80.0)),
    "obinutuzumab": dict(file="data/therapies/obinutuzumab/obinutuzumab.ant", start=dict(central=300.0), parameters=dict(weight=80.0)),
    "ocrelizumab": dict(file="data/therapies/ocrelizumab/ocrelizumab.ant", start=dict(central=300.0), parameters=dict(weight=80.0)),
    "rituximab": dict(file="data/therapies/rituximab/rituximab.ant", start=dict(central=300.0, depot=120.0), parameters=dict(weight=80.0)),
    "ruplizumab": dict(file="data/therapies/ruplizumab/ruplizumab.ant", start=dict(central=300.0), parameters=dict(weight=80.0)),
    "secukinumab": dict(file="data/therapies/secukinumab/secukinumab.ant", start=dict(central=300.0, depot=120.0), parameters=dict(weight=80.0)),
    "sifalimumab": dict(file="data/therapies/sifalimumab/sifalimumab.ant", start=dict(central=300.0), parameters=dict(weight=80.0)),
    "tabalumab": dict(file="data/therapies/tabalumab/tabalumab.ant", start=dict(central=300.0, depot=120.0), parameters=dict(weight=80.0)),
    "telitacicept": dict(file="data/therapies/telitacicept/telitacicept.ant", start=dict(central=300.0, depot=120.0), parameters=dict(weight=80.0)),
    "tocilizumab": dict(file="data/therapies/tocilizumab/tocilizumab.ant", start=dict(central=300.0), parameters=dict(weight=80.0)),
    "upadacitinib": dict(file="data/therapies/upadacitinib/upadacitinib.ant", start={}, parameters=dict(dose=30.0, dose_baseline=0.0)),
    "ustekinumab": dict(file="data/therapies/ustekinumab/ustekinumab.ant", start=dict(central=300.0, depot=120.0), parameters=dict(weight=80.0)),
    "fludarabine": dict(file="data/therapies/fludarabine/fludarabine.ant", start=dict(central=42.5), parameters={}),
    "car-cells": dict(file="data/models/car-cells/car-cells.ant", start=dict(infused=70.0), parameters=dict(T_cells=0.1, k_CAR_loss=0.01, blood_volume=5.0)),
    "in-vivo-cd19-car-t-mrna-lnp": dict(
        file="data/therapies/in-vivo-cd19-car-t-mrna-lnp/in-vivo-cd19-car-t-mrna-lnp.ant", start=dict(nanoparticles=4.0), parameters={}
    ),
    "t-cell-engager": dict(
        file="data/models/t-cell-engager/t-cell-engager.ant", start=dict(central=10.0, depot=100.0), parameters=dict(CL_early=0.5, Q=0.1, weight=80.0)
    ),
    "stromal-cells": dict(file="data/models/stromal-cells/stromal-cells.ant", start=dict(cells=70.0, depot=1.5), parameters=dict(cells_half=70.0)),
    "immunoglobulin": dict(file="data/therapies/immunoglobulin/immunoglobulin.ant", start=dict(body=28000.0), parameters=dict(weight=55.0)),
    "voclosporin": dict(file="data/therapies/voclosporin/voclosporin.ant", start={}, parameters=dict(dose=47.4, dose_baseline=0.0)),
}


def load(path, loosen):
    antimony.clearPreviousLoads()
    antimony.setBareNumbersAreDimensionless(True)
    if antimony.loadAntimonyFile(str(path)) < 0:
        raise SystemExit(antimony.getLastError())
    model = roadrunner.RoadRunner(antimony.getSBMLString(antimony.getMainModuleName()))
    model.integrator.relative_tolerance = RELATIVE * loosen
    model.integrator.absolute_tolerance = ABSOLUTE * loosen
    model.integrator.maximum_num_steps = 1_000_000
    return model


def trajectory(run, loosen=1):
    """Header and rows: time, then every state."""
    model = load(ROOT / run["file"], loosen)
    # Parameters first, as initial values: a state may start at an expression of them.
    for name, value in run["parameters"].items():
        model[f"init({name})"] = value
    model.reset()
    for name, value in run["parameters"].items():
        assert model[name] == value, name
    for name, value in run["start"].items():
        model[name] = value
    states = list(model.getRateRuleIds())
    table = model.simulate(0, DAYS, DAYS // EVERY + 1, ["time", *states])
    return ["time", *states], [list(map(float, row)) for row in table]


def main():
    OUT.mkdir(exist_ok=True)
    record = dict(
        antimony=antimony.__version__, roadrunner=roadrunner.__version__, relative_tolerance=RELATIVE, absolute_tolerance=ABSOLUTE, floor=FLOOR,
        days=DAYS, every_days=EVERY, runs={},
    )
    for name, run in RUNS.items():
        header, rows = trajectory(run)
        lines = [",".join(header)] + [",".join(f"{x:.17g}" for x in row) for row in rows]
        (OUT / f"{name}.csv").write_text("\n".join(lines) + "\n")
        _, loose = trajectory(run, loosen=100)
        difference = max(abs(a - b) / (abs(a) + FLOOR) for fine, coarse in zip(rows, loose) for a, b in zip(fine, coarse))
        digest = hashlib.sha256((ROOT / run["file"]).read_bytes()).hexdigest()
        record["runs"][name] = dict(
            file=run["file"], sha256=digest, csv=f"{name}.csv", self_difference=difference, start=run["start"], parameters=run["parameters"]
        )
        print(f"{name:20} {len(header) - 1:3} states, {len(rows)} rows, self difference {difference:.1e}")
    (OUT / "oracle.json").write_text(json.dumps(record, indent=2) + "\n")


main()
