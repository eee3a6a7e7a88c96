"""The table that a run prints. `python -m suite.table FILE.json` prints that of a run that was kept."""

import json
import sys

from suite.errors import EQUAL_ERRORS, curves, ratio, speed_at

HEAD = f"{'tool':<15}{'rtol':>7}{'patients/s':>12}{'median error':>14}{'worst':>9}{'steps':>8}{'rejected':>9}{'failed':>7}{'set-up s':>10}{'MiB':>6}"


def print_table(summary):
    machine = summary["machine"]
    vector = " ".join(machine["vector"])
    print(f"\n{summary['problem']}: medians of {summary['rounds']} rounds, processor time of one core ({machine['processor']}, {vector}), load {machine['load_average'][0]:.1f}")
    print("Error of a patient: largest |y - ref| / (|ref| + 1e-6) over all visits and states.\n")
    print(HEAD)
    for row in summary["tools"]:
        for i, p in enumerate(row["points"]):
            print(line(row["name"] if i == 0 else "", p))
        if row["reason"]:
            print(f"{row['name']:<15}{row['reason']}")
        elif row["agrees_to_1e-3"] is False:
            print(f"{'':<15}does not agree with the reference to 1e-3")
    print_equal_errors(summary["tools"])


def line(name, p):
    count = lambda key: "-" if p.get(key) is None else f"{p[key]:.0f}"
    steps = f"{count('steps'):>8}{count('rejected'):>9}{count('failures'):>7}"
    errors = f"{p['error_median']:>14.1e}{p['error_worst']:>9.1e}"
    return f"{name:<15}{p['relative']:>7.0e}{speed(p['patients_per_second']):>12}{errors}{steps}{p['setup_seconds']:>10.2g}{p['peak_mb']:>6.0f}"


def speed(x):
    return "-" if x is None else f"{x:.3g}" if x < 100 else f"{x:.0f}"


def print_equal_errors(rows):
    """What equal accuracy costs: patients per second of every tool at the same median error."""
    names = list(EQUAL_ERRORS)
    print("\npatients/s at a median error of\n" + f"{'tool':<15}" + "".join(f"{name:>12}" for name in names))
    for name, _, curve in curves(rows):
        if curve:
            print(f"{name:<15}" + "".join(f"{speed(speed_at(curve, EQUAL_ERRORS[e])):>12}" for e in names))
    print()
    for name, error in EQUAL_ERRORS.items():
        found = ratio(curves(rows), error)
        if found:
            print(f"ratio_equal_error_{name} = {found['ratio']:.1f}  ({found['malar']} against {found['peer']})")
        else:
            print(f"ratio_equal_error_{name} = none: no peer, or not Malar, reached that error")


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print_table(json.load(file))
