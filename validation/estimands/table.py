"""Truth, bias and coverage of every estimator, from 100 simulated trials of TULIP-2.

    malar run tulip-2-estimands --out run
    python validation/estimands/table.py run > validation/estimands/tulip-2.md

About 15 minutes on one core. The table is that of the run's `summary.json`, nothing added.
"""

import json
import pathlib
import sys

summary = json.loads((pathlib.Path(sys.argv[1]) / "summary.json").read_text())


def number(x, digits=2, sign=""):
    return "–" if x is None else f"{x:{sign}.{digits}f}"


def share(x):
    return "–" if x is None else f"{100 * x:.0f} %"


print("# Estimators against the truth\n")
print(f"{summary['replicates']} simulated trials of {summary['patients']} virtual patients, seed {summary['seed']}, population {summary['population']}.")
print("Made by `python validation/estimands/table.py` from `malar run tulip-2-estimands`; docs/methods/estimands.md says what the columns mean.")
print("Truths are means over the first 20 trials, in each of which every patient is run in both arms; ± is the Monte-Carlo error.\n")
for one in summary["estimands"]:
    strategies = f"discontinuation {one['discontinuation']}, restricted medication {one['restricted_medication']}"
    print(f"## {one['estimand']}\n\n{one['question']}\n")
    print(f"{one['variable']}; {strategies}; {one['measure']} ({one['unit']}).")
    print(f"Truth {number(one['truth'])} ± {number(one['truth_se'])}.\n")
    print("| estimator | estimate | bias | ± | SD over trials | mean standard error | coverage of 95 % | p < 0.05 | missing |")
    print("|---|---|---|---|---|---|---|---|---|")
    for e in one["estimators"]:
        has_interval = e.get("coverage") is not None
        cells = [
            e["estimator"],
            number(e["estimate"]),
            number(e["bias"], sign="+") if has_interval else "–",
            number(e["bias_se"]) if has_interval else "–",
            number(e["sd"]),
            number(e["standard_error"]) if has_interval else "–",
            share(e.get("coverage")),
            share(e["significant"]),
            number(e["missing"], 0),
        ]
        print("| " + " | ".join(cells) + " |")
    print()
print("Bias of ratios is on the natural logarithm. The tipping point is a shift, not an estimate of the truth.")
