"""The table that a run prints."""

HEAD = f"{'tool':<16}{'rtol':>7}{'patients/s':>12}{'median error':>14}{'worst':>9}{'steps':>8}{'set-up s':>10}{'MiB':>6}"


def print_table(summary):
    machine = summary["machine"]
    print(f"\n{summary['problem']}, {summary['rounds']} rounds, processor time of one core: {machine['processor']} {' '.join(machine['vector'])}, load {machine['load_average'][0]:.1f}")
    print("Error of a patient: largest |y - ref| / (|ref| + 1e-6) over all visits and states.\n")
    print(HEAD)
    for row in summary["tools"]:
        for i, p in enumerate(row["points"]):
            print(line(row["name"] if i == 0 else "", p))
        if row["reason"]:
            print(f"{row['name']:<16}{row['reason']}")
        elif row["agrees_to_1e-3"] is False:
            print(f"{'':<16}does not agree with the reference to 1e-3")
    print()
    for error in ("5e-4", "5e-5"):
        found = summary[f"at_equal_error_{error}"]
        if found:
            pair = f"{found['malar']} {found['malar_patients_per_second']:.0f}/s, {found['peer']} {found['peer_patients_per_second']:.1f}/s"
            print(f"ratio_equal_error_{error} = {found['ratio']:.1f}  ({pair} at median error {error})")
        else:
            print(f"ratio_equal_error_{error} = none: no peer, or not Malar, reached that error")


def line(name, p):
    steps = f"{p['steps']:.0f}" if p["steps"] else "-"
    speed = f"{p['patients_per_second']:.3g}" if p["patients_per_second"] < 100 else f"{p['patients_per_second']:.0f}"
    errors = f"{p['error_median']:>14.1e}{p['error_worst']:>9.1e}"
    return f"{name:<16}{p['relative']:>7.0e}{speed:>12}{errors}{steps:>8}{p['setup_seconds']:>10.2g}{p['peak_mb']:>6.0f}"
