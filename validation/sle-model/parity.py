"""Compare the rates of change of `sle.ant` with an independent implementation, the population probe of the design.

Usage: python parity.py PROBE.py [--record]

PROBE.py is the probe's script (not part of this project); its function `ab(y, p, hp, S_block, B_block, egress, steroid)` gives source a and
loss b of every state, x' = a - b x. The probe treats five fast states as quasi-steady, so they are set to their quasi-steady values here.
Prints the largest difference, relative to the sum of the two flows; `--record` also writes parity.txt.
"""

import importlib.util
import sys
from pathlib import Path

import antimony
import numpy as np
import roadrunner

MODEL = Path(__file__).resolve().parents[2] / "data/models/sle/sle.ant"
N_PATIENTS = 300
ORGANS = "skin joint renal haematological serosal neuropsychiatric vascular".split()
STATES = dict(
    Tr="B_transitional", Nb="B_naive", Nd="B_naive_deep", Mb="B_memory", Md="B_memory_deep", MA="memory_autoreactive",
    AA="activated_autoreactive", DN="B_DN2", PA="plasmablast_auto", PX="plasmablast", LA1="plasma_auto_dynamic",
    LA2="plasma_auto_static", LX1="plasma_dynamic", LX2="plasma_static", BAFF="BAFF", IgG="IgG", dsD="anti_dsDNA", RoL="anti_Ro",
    IgA="IgA2_dsDNA", C3="C3", C4="C4", NET="NET", pDC="pDC", IFN="IFN", G1="IFN_signature_1", G2="IFN_signature_2",
    Mac="macrophage", Tfh="Tfh", T17="Th17", U="trigger", Oskin="skin", Ojnt="joint", Oren="renal", Ohem="haematological",
    Oser="serosal", Onp="neuropsychiatric", Ovas="vascular", Pod="podocyte_injury",
)
PARAMETERS = dict(
    kMA="k_memory_autoreactive", kA="k_activated", kDN="k_DN2", kPB="k_plasmablast", kL1="k_plasma_dynamic", kTf="k_Tfh",
    kMac="k_macrophage", kP="k_pDC", kNET="k_NET", kG="k_signature", KB="K_BAFF", KTfh="K_Tfh", KIFN="K_IFN", KNET="K_NET",
    wAM="memory_share", fdS="short_lived_share_dsDNA", nIC="n_immune_complex", fBr="receptor_share_BAFF", L_IFN="level_IFN",
    L_IC="level_immune_complex", Ub="trigger_mean",
)
MEDIATORS = dict(IC="immune_complex", IFN="IFN", TNF="TNF", IL17="IL17", Mac="macrophage", IL6="IL6", Ab="antibody")


def load_probe(path):
    spec = importlib.util.spec_from_file_location("probe", path)
    probe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(probe)
    return probe


def load_model():
    antimony.setBareNumbersAreDimensionless(True)
    if antimony.loadAntimonyFile(str(MODEL)) < 0:
        sys.exit(antimony.getLastError())
    return roadrunner.RoadRunner(antimony.getSBMLString("sle"))


def quasi_steady(state, patient, steroid):
    """Fast states of one patient at rest, in the model's names."""
    load = 0.7 * state["dsD"] + 0.2 * state["RoL"] + 0.1 * state["IgA"]
    cytokine = 0.6 + 0.4 * steroid
    return dict(
        immune_complex=load ** patient["nIC"] * (0.4 + 0.6 * state["NET"]),
        IL6=(0.2 + 0.5 * state["Mac"] + 0.3 * state["AA"]) * cytokine,
        TNF=(0.2 + 0.8 * state["Mac"]) * cytokine,
        IL17=0.1 + 0.9 * state["T17"],
        IL23=0.2 + 0.8 * state["Mac"],
    )


def organ_weights(probe, patient, i):
    """The probe's normalised organ weights as raw weights of the model: levels other than IFN and IC are set to 1 there."""
    level = dict(IFN=patient["L_IFN"][i], IC=patient["L_IC"][i], Ab=patient["L_IC"][i])
    for o, (organ, short) in enumerate(zip(ORGANS, probe.ORG)):
        for m in probe.W[short]:
            yield f"weight_{organ}_{MEDIATORS[m]}", patient["wo"][o, probe.MED.index(m), i] / level.get(m, 1.0)


def main():
    probe = load_probe(sys.argv[1])
    hyper = probe.HP
    rng = np.random.default_rng(20)
    patient = probe.make_pop(N_PATIENTS, hyper, rng)
    y = rng.uniform(0.2, 3.0, (len(probe.ST), N_PATIENTS))
    patient["Uo"] = rng.uniform(0.0, 2.0, (len(ORGANS), N_PATIENTS))
    blocks = [rng.uniform(0.0, 0.95, N_PATIENTS) for _ in range(3)]
    steroid = rng.uniform(0.6, 1.3, N_PATIENTS)
    source, loss = probe.ab(y, patient, hyper, *blocks, steroid)

    model = load_model()
    rate_ids = model.getRateRuleIds()
    worst = {}
    for i in range(N_PATIENTS):
        values = {name: y[probe.IX[short], i] for short, name in STATES.items()}
        state = {short: y[probe.IX[short], i] for short in STATES}
        values |= quasi_steady(state, {k: patient[k][i] for k in ("nIC",)}, steroid[i])
        values |= {name: patient[short][i] for short, name in PARAMETERS.items()}
        values |= {f"trigger_{o}": patient["Uo"][k, i] for k, o in enumerate(ORGANS)}
        values |= {f"k_{o}": patient["ko"][k, i] for k, o in enumerate(ORGANS)}
        values |= dict(organ_weights(probe, patient, i))
        values |= dict(ifnar_block=blocks[0][i], baff_block=blocks[1][i], memory_egress=blocks[2][i])
        values |= dict(steroid_effect=1.0 - steroid[i], steroid_effect_baseline=0.0)
        # What the probe had; autoreactive T cells stay at baseline.
        values |= dict(activated_survival_floor=0.5, k_niche=0.0, help_floor_naive=0.05, recall_help=0.0, K_consumption=1e300)
        values |= dict(plasmablast_auto_IL6=0.4, plasmablast_IL6=0.2, k_memory_deep=0.005, memory_from_naive=0.3)
        for name, value in values.items():
            model[name] = float(value)
        rates = dict(zip(rate_ids, model.getRatesOfChange()))
        for short, name in STATES.items():
            a, b = source[probe.IX[short], i], loss[probe.IX[short], i] * state[short]
            error = abs(rates[name] - (a - b)) / (abs(a) + abs(b))
            worst[name] = max(worst.get(name, 0.0), error)

    name = max(worst, key=worst.get)
    text = (
        f"antimony {antimony.__version__}, roadrunner {roadrunner.__version__}\n"
        f"{N_PATIENTS} random patients, states, drug effects and steroid factors; {len(STATES)} states compared\n"
        f"largest difference of x' relative to source + loss: {worst[name]:.1e} ({name})\n"
    )
    print(text, end="")
    if "--record" in sys.argv:
        (Path(__file__).parent / "parity.txt").write_text(text)
    if not worst[name] < 1e-12:
        sys.exit("the model differs from the probe")


main()
