"""Every therapy against its published pharmacology: writes docs/therapies.md.

Usage: python pharmacology.py [PATIENTS]        (default 20; needs antimony, libroadrunner, numpy; a few minutes)

The equations of a therapy are joined to the disease model as the program joins them (shared names linked, hooks driven) and
integrated by libroadrunner. Patients differ in the therapy's own random effects and in body weight only; the disease is the default patient.
Published values come from the `fit` list of the evidence, from kinetic studies and from labels. Nothing of the `check` list is used.
"""

import re
import sys
import tomllib
from pathlib import Path

import antimony
import numpy
import roadrunner

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
WEIGHT_MEDIAN, WEIGHT_SD = 70.0, 0.22  # log-normal, as the population of the trials
TOLERANCE = 0.25  # where no interval is published
SUMS = ("treg_support", "memory_egress")  # effects of several therapies that add, besides kill rates


def body_of(text):
    """Statements of the one model in an Antimony text, without comments, units and annotations."""
    text = re.sub(r"(?m)^\s*//.*$", "", text)
    body = re.search(r"\nmodel \w+\n(.*)\nend", text, re.S).group(1)
    body = re.sub(r"(?m)^\s*unit .*$", "", body)
    body = re.sub(r'(?m)^\s*\w+ (description|notes) "[^"]*"', "", body)
    return re.sub(r'\w+ (is|has) ("[^"]*"|\w+);?', "", body)


def module_of(therapy_id, therapy):
    """Statements of a therapy's equations: its own file, or a shared model with the therapy's values in it."""
    name = therapy["model"]
    path = DATA / "therapies" / therapy_id / name if name.endswith(".ant") else DATA / "models" / name / f"{name}.ant"
    module = body_of(path.read_text())
    for parameter, quantity in therapy.get("values", {}).items():
        module, n = re.subn(rf"(?m)^(\s*){parameter} = [^;]*;", rf"\g<1>{parameter} = {quantity['value']!r};", module)
        assert n == 1, f"{therapy_id}: {parameter}"
    return module


def joined(ids):
    """One Antimony text: the disease model with therapies attached."""
    disease = (DATA / "models/sle/sle.ant").read_text()
    functions, _ = disease.split("model sle\n")
    body, drives = body_of(disease), {}
    for therapy_id in ids:
        therapy = tomllib.loads((DATA / "therapies" / therapy_id / "therapy.toml").read_text())
        module = module_of(therapy_id, therapy)
        shared, prefix = therapy.get("shared", []), therapy_id.replace("-", "_")
        for name in shared:
            module = re.sub(rf"(?m)^\s*{name} = [^;]*;", "", module)
        for name in set(re.findall(r"\b([A-Za-z_]\w*)\s*(?::?=|')", module)) - set(shared):
            module = re.sub(rf"\b{name}\b", f"{prefix}__{name}", module)
        for hook in therapy["drives"]:
            drives.setdefault(hook, []).append(f"{prefix}__{hook}")
        body += "\n" + module
    for hook, parts in drives.items():
        body = re.sub(rf"(?m)^\s*{hook} = [^;]*;", "", body)
        independent = "1 - " + "*".join(f"(1 - {part})" for part in parts)
        body += f"\n  {hook} := " + (" + ".join(parts) if hook in SUMS or hook.startswith("kill_") else independent)
    return f"{functions}model sle\n{body}\nend\n"


def load(ids):
    antimony.clearPreviousLoads()
    antimony.setBareNumbersAreDimensionless(True)
    if antimony.loadAntimonyString(joined(ids)) < 0:
        raise SystemExit(antimony.getLastError())
    model = roadrunner.RoadRunner(antimony.getSBMLString("sle"))
    model.integrator.relative_tolerance, model.integrator.absolute_tolerance = 1e-6, 1e-9
    return model


def at(model, values, doses, days, name):
    """`name` on each of `days` for a patient with these parameter values; doses are (day, state, amount in mg)."""
    model.resetAll()
    for parameter, value in values.items():  # no state of these therapies starts at an expression of a parameter
        model[parameter] = value
    found, now = [], 0.0
    events = sorted([(day, 1, dose) for day, *dose in doses] + [(day, 0, None) for day in days], key=lambda e: e[:2])
    for day, kind, dose in events:
        if day > now:
            model.simulate(now, day, 2)
            now = day
            for state in model.getRateRuleIds():  # numbers below the smallest normal one stall the solver
                if abs(model[state]) < 1e-30:
                    model[state] = 0.0
        if kind:
            model[dose[0]] = model[dose[0]] + dose[1]
        else:
            found.append(model[name])
    return numpy.array(found)


def patients(ids, n):
    """Parameter values of `n` patients; the first is typical."""
    draw = numpy.random.default_rng(1)
    effects = []
    for therapy_id in ids:
        therapy = tomllib.loads((DATA / "therapies" / therapy_id / "therapy.toml").read_text())
        effects += [(f"{therapy_id.replace('-', '_')}__{e['parameter']}", e["sd"]["value"]) for e in therapy.get("variability", [])]
    many = [{"weight": WEIGHT_MEDIAN}]
    for _ in range(n - 1):
        values = {name: sd * draw.standard_normal() for name, sd in effects}
        many.append({"weight": WEIGHT_MEDIAN * float(numpy.exp(WEIGHT_SD * draw.standard_normal())), **values})
    return many


def every(start, step, end):
    return [float(day) for day in range(start, end + 1, step)]


def given(therapy, state, mg, days):
    return [(day, f"{therapy.replace('-', '_')}__{state}", mg) for day in days]


def final(values):
    return values[-1]


def percent_change(values):
    return 100 * (values[-1] / values[0] - 1)


def percent_of_baseline(values):
    return 100 * values[-1] / values[0]


def weeks_to_half(values):
    """Weeks from the first observation (the last dose) until half of baseline is passed for good; one value a week."""
    return float(len(values) - numpy.argmax(values[::-1] < 0.5))


def peak_day(values):
    """Day of the highest value; the first observation is day 0, one value a day."""
    return float(numpy.argmax(values))


def peak_hour(values):
    """Hour of the highest value, one value an hour."""
    return float(numpy.argmax(values))


def last_day_above(limit):
    return lambda values: float(len(values) - 1 - numpy.argmax(values[::-1] > limit))


def first_day_below(limit):
    return lambda values: float(numpy.argmax(values < limit))


def day_back(values):
    """First day from which B cells stay above 2.5 % of baseline, about 7 cells/uL; 0 if they never fell below."""
    return float(len(values) - numpy.argmax(values[::-1] < 0.025)) if values.min() < 0.025 else 0.0


def lowest_percent(values):
    return 100.0 * float(min(values))


def days_without(values):
    """Days with B cells below 2.5 % of baseline."""
    return float(numpy.sum(values < 0.025))


def emptied(values):
    """Percent of patients (0 or 100) whose nodes fall below 5 % of their B cells: what a section would show as none, assumed."""
    return 100.0 * bool(values.min() < 0.05)


SHARES = (emptied,)  # read per patient as 0 or 100; the table shows their mean
LYMPHODEPLETION = given("fludarabine", "central", 42.5, [0, 1, 2]) + given("cyclophosphamide", "central", 1700, [0])
AFTER = "fludarabine+cyclophosphamide+"  # lymphodepletion on days 0 to 2, infusion on day 5


def infused(therapy, cells, lymphodepletion=LYMPHODEPLETION):
    return lymphodepletion + given(therapy, "infused", cells, [5])


def from_infusion(last):
    return every(5, 1, 5 + last)


AUTO = "cd19-car-t-autologous"
ERLANGEN = infused(AUTO, 70e6)
COMPOUND = "bcma-cd19-compound-car-t-autologous"
ALLOGENEIC = "cd19-car-t-allogeneic"
IN_VIVO = "in-vivo-cd19-car-t-mrna-lnp"
TECLISTAMAB = given("teclistamab", "depot", 4.2, [0]) + given("teclistamab", "depot", 21, [2]) + given("teclistamab", "depot", 105, [4, 32])
BLINATUMOMAB = [dose for day in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11) for dose in given("blinatumomab", "central", 0.009 / 24, [day + hour / 24 for hour in range(24)])]
TUR = "tissue-depletion-tur-2025; exact 95 % interval"

# therapy, regimen, doses, quantity in words, name in the model, days, how to read it, unit, published value, published interval, source
ROWS = [
    ("anifrolumab", "300 mg every 4 weeks", given("anifrolumab", "central", 300, every(0, 28, 140)), "trough at week 24", "anifrolumab__concentration", [168], final,
     "mg/L", 15.6, None, "Chia 2022, J Clin Pharmacol"),
    ("anifrolumab", "300 mg every 4 weeks", given("anifrolumab", "central", 300, every(0, 28, 56)), "interferon signature at week 12", "ifn_signature", [0, 84], percent_change,
     "%", -80, (-100, -75), "Chia 2022, J Clin Pharmacol"),
    ("belimumab", "700 mg on days 0, 14, 28, then every 4 weeks", given("belimumab", "central", 700, [0, 14] + every(28, 28, 1960)), "IgG at week 284", "IgG", [0, 1988],
     percent_change, "%", -28, None, "Struemper 2022, Lupus Sci Med 9:e000499"),
    ("rituximab", "1000 mg twice, two weeks apart", given("rituximab", "central", 1000, [0, 14]), "anti-dsDNA at month 7", "anti_dsDNA", [0, 213], percent_of_baseline,
     "% of baseline", 38, (5, 71), "Cambridge 2006, Arthritis Rheum; interval is one SD"),
    ("rituximab", "1000 mg twice, two weeks apart", given("rituximab", "central", 1000, [0, 14]), "anti-Ro/La/Sm at month 7", "anti_Ro", [0, 213], percent_of_baseline,
     "% of baseline", 100, None, "Cambridge 2006, Arthritis Rheum"),
    ("ocrelizumab", "300 mg twice, 600 mg at week 24", given("ocrelizumab", "central", 300, [0, 14]) + given("ocrelizumab", "central", 600, [168]),
     "weeks from the last dose to half of baseline B cells", "B_cells_relative", every(168, 7, 980), weeks_to_half, "weeks", 72, None, "doi:10.1111/bcp.14658 (to repletion)"),
    ("obinutuzumab", "1000 mg at weeks 0, 2, 24, 26", given("obinutuzumab", "central", 1000, [0, 14, 168, 182]), "B cells at week 4", "B_cells_blood", [28], final,
     "cells/uL", 0.4, (0, 0.4), "NOBILITY: 89 % of patients below"),
    ("obinutuzumab", "1000 mg at weeks 0, 2, 24, 26", given("obinutuzumab", "central", 1000, [0, 14, 168, 182]), "naive B cells at week 104", "B_naive", [0, 728], percent_of_baseline,
     "% of baseline", 55.5, None, "NOBILITY: 127 of 229 cells/uL"),
    ("obinutuzumab", "1000 mg at weeks 0, 2, 24, 26", given("obinutuzumab", "central", 1000, [0, 14, 168, 182]), "memory B cells at week 104", "B_memory", [0, 728], percent_of_baseline,
     "% of baseline", 5.4, None, "NOBILITY: 3.5 of 65 cells/uL"),
    ("obinutuzumab", "1000 mg at weeks 0, 2, 24, 26", given("obinutuzumab", "central", 1000, [0, 14, 168, 182]), "anti-dsDNA at week 104", "anti_dsDNA", [0, 728], percent_change,
     "%", -84, None, "NOBILITY"),
    ("obexelimab", "350 mg every 2 weeks", given("obexelimab", "central", 350, every(0, 14, 210)), "B cells in blood at week 24", "B_cells_relative", [0, 168], percent_change,
     "%", -50, None, "doi:10.1002/art.42652"),
    ("epratuzumab", "612 mg (360 mg/m2) four times, every 2 weeks", given("epratuzumab", "central", 612, every(0, 14, 42)), "B cells in blood at week 18", "B_cells_relative", [0, 126],
     percent_change, "%", -35, None, "doi:10.1186/ar1942"),
    ("amg-557", "210 mg weekly three times, then every 2 weeks", given("amg-557", "depot", 210, [0, 7, 14] + every(28, 14, 154)), "trough at week 24", "amg_557__concentration", [168], final,
     "mg/L", 22.2, (22.2, 1000), "doi:10.1002/cpt.2929: occupancy above 90 % from here"),
    ("secukinumab", "300 mg weekly five times, then every 4 weeks", given("secukinumab", "depot", 300, [0, 7, 14, 21, 28] + every(56, 28, 336)), "mean level, weeks 44 to 48", "secukinumab__concentration",
     every(308, 1, 335), numpy.mean, "mg/L", 55, None, "PMC6422944, steady state"),
    ("tocilizumab", "8 mg/kg every 2 weeks, typical weight", given("tocilizumab", "central", 560, every(0, 14, 84)), "anti-dsDNA at week 12", "anti_dsDNA", [0, 84], percent_change,
     "%", -47, None, "doi:10.1002/art.27221, 4 and 8 mg/kg"),
    ("tocilizumab", "8 mg/kg every 2 weeks, typical weight", given("tocilizumab", "central", 560, every(0, 14, 84)), "IgG at week 12", "IgG", [0, 84], percent_change,
     "%", -7.8, None, "doi:10.1002/art.27221, 4 and 8 mg/kg"),
    ("ruplizumab", "1400 mg every 2 weeks three times, then monthly", given("ruplizumab", "central", 1400, [0, 14, 28, 56, 84, 112, 140]), "anti-dsDNA a month after the last dose", "anti_dsDNA", [0, 168],
     percent_change, "%", -38.9, None, "doi:10.1002/art.10856"),
    ("ianalumab", "300 mg every 4 weeks", given("ianalumab", "depot", 300, every(0, 28, 168)), "B cells at week 28", "B_cells_blood", [196], final, "cells/uL", 1, (0, 1),
     "NCT03656562: not measurable; 1 cell/uL is our reading"),
    (AFTER + AUTO, "50e6 cells after lymphodepletion", infused(AUTO, 50e6), "peak of CAR cells", "cd19_car_t_autologous__CAR_cells", from_infusion(40), peak_day, "day", 10, None,
     "cart-obecel-carlysle"),
    (AFTER + AUTO, "50e6 cells after lymphodepletion", infused(AUTO, 50e6), "last day with more than 0.05 CAR cells/uL", "cd19_car_t_autologous__CAR_cells", from_infusion(300),
     last_day_above(0.05), "day", 91, None, "cart-obecel-carlysle: persistence 3 months; the limit is our reading"),
    (AFTER + AUTO, "12.5e6 cells after lymphodepletion", infused(AUTO, 12.5e6), "peak of CAR cells", "cd19_car_t_autologous__CAR_cells", from_infusion(40), peak_day, "day", 14, None,
     "cart-ytb323-sle"),
    (AFTER + AUTO, "12.5e6 cells after lymphodepletion", infused(AUTO, 12.5e6), "last day with more than 0.05 CAR cells/uL", "cd19_car_t_autologous__CAR_cells", from_infusion(300),
     last_day_above(0.05), "day", 61, None, "cart-ytb323-sle: cleared after 2 months; the limit is our reading"),
    (AFTER + AUTO, "1e6 cells/kg after lymphodepletion", ERLANGEN, "highest number of CAR cells", "cd19_car_t_autologous__CAR_cells", from_infusion(40), max, "cells/uL", 32.7, None,
     "cart-jdm-nicolai-2024, one child"),
    (AFTER + AUTO, "1e6 cells/kg after lymphodepletion", ERLANGEN, "B cells below 1 % of baseline", "B_cells_relative", from_infusion(40), first_day_below(0.01), "day", 5, None,
     "cart-jdm-nicolai-2024, one child; the limit is our reading"),
    (AFTER + AUTO, "1e6 cells/kg after lymphodepletion", ERLANGEN, "B cells back above 2.5 % of baseline", "B_cells_relative", from_infusion(400), day_back, "day", 110, (78, 142),
     "cart-mackensen-2022; interval is one SD"),
    (AFTER + AUTO, "1e6 cells/kg after lymphodepletion", ERLANGEN, "anti-dsDNA at month 3", "anti_dsDNA", [0, 96], percent_of_baseline, "% of baseline", 0, (0, 25),
     "cart-mackensen-2022: negative; the interval is our reading"),
    (AFTER + AUTO, "1e6 cells/kg after lymphodepletion", ERLANGEN, "antibody to old vaccines at month 6", "vaccine_IgG", [0, 187], percent_of_baseline, "% of baseline", 101.2, None,
     "cart-oncology-late-toxicity: measles"),
    (AFTER + AUTO, "1e6 cells/kg after lymphodepletion", ERLANGEN, "IgG at month 6", "IgG", [0, 187], percent_change, "%", -17.5, None, "cart-oncology-late-toxicity; time of the sample not seen"),
    (AFTER + AUTO, "1e6 cells/kg after lymphodepletion", ERLANGEN, "lymph nodes emptied within 12 weeks", "B_cells_node", every(5, 7, 89), emptied, "% of patients", 100, (73.5, 100), TUR),
    ("obinutuzumab", "1000 mg twice, two weeks apart", given("obinutuzumab", "central", 1000, [0, 14]), "lymph nodes emptied within 12 weeks", "B_cells_node", every(0, 7, 84), emptied,
     "% of patients", 25, (0.6, 80.6), TUR),
    ("rituximab", "1000 mg twice, two weeks apart", given("rituximab", "central", 1000, [0, 14]), "lymph nodes emptied within 12 weeks", "B_cells_node", every(0, 7, 84), emptied,
     "% of patients", 0, (0, 60.2), TUR),
    ("blinatumomab", "9 ug a day, two cycles of 5 days", BLINATUMOMAB, "lymph nodes emptied within 12 weeks", "B_cells_node", every(0, 7, 84), emptied, "% of patients", 0, (0, 60.2), TUR),
    (AFTER + COMPOUND, "3e6 cells/kg after lymphodepletion", infused(COMPOUND, 210e6), "B cells back above 2.5 % of baseline", "B_cells_relative", from_infusion(400), day_back, "day", 122,
     (61, 183), "cart-wang-w-2024-ccar: 2 to 6 months"),
    (AFTER + COMPOUND, "3e6 cells/kg after lymphodepletion", infused(COMPOUND, 210e6), "anti-Ro/La/Sm at month 3", "anti_Ro", [0, 96], percent_of_baseline, "% of baseline", 0, (0, 25),
     "cart-wang-w-2024-ccar: all autoantibodies negative; the interval is our reading"),
    (AFTER + "bcma-car-t-autologous", "1e6 cells/kg after lymphodepletion", infused("bcma-car-t-autologous", 70e6), "lowest B cells in the first month", "B_cells_relative",
     [0] + from_infusion(28), lowest_percent, "% of baseline", 0, (0, 2.5), "cart-chen-2025-bcma-ln: gone within the first month; the interval is our reading"),
    (AFTER + "bcma-car-t-autologous", "1e6 cells/kg after lymphodepletion", infused("bcma-car-t-autologous", 70e6), "B cells at month 3", "B_cells_relative", [0, 96],
     percent_of_baseline, "% of baseline", 100, (50, 150), "cart-chen-2025-bcma-ln: restored in 6 of 7; the interval is our reading"),
    (AFTER + ALLOGENEIC, "1e6 cells/kg after lymphodepletion", infused(ALLOGENEIC, 70e6), "peak of CAR cells", "cd19_car_t_allogeneic__CAR_cells", from_infusion(40), peak_day, "day", 14, None,
     "allo-brl-sle-2025"),
    (AFTER + ALLOGENEIC, "1e6 cells/kg after lymphodepletion", infused(ALLOGENEIC, 70e6), "last day with more than 0.05 CAR cells/uL", "cd19_car_t_allogeneic__CAR_cells", from_infusion(400),
     last_day_above(0.05), "day", 91, (91, 400), "allo-tyu19-cell-2024: more than 3 months"),
    (IN_VIVO, "4 mg once", given(IN_VIVO, "nanoparticles", 4, [0]), "peak of CAR cells", "in_vivo_cd19_car_t_mrna_lnp__CAR_cells", [hour / 24 for hour in range(49)], peak_hour, "hour", 6, None,
     "invivo-hn2301-2025"),
    (IN_VIVO, "4 mg three times, every 3 days", given(IN_VIVO, "nanoparticles", 4, [0, 3, 6]), "B cells below 2.5 % of baseline", "B_cells_relative", every(0, 1, 60), days_without, "days", 8.5,
     (7, 10), "invivo-hn2301-2025; interval of doses not published"),
    ("teclistamab", "0.06, 0.3, 1.5 and 1.5 mg/kg", TECLISTAMAB, "B cells below 2.5 % of baseline", "B_cells_relative", every(0, 1, 500), days_without, "days", 157, None,
     "tce-teclistamab-bucci-2025"),
    ("low-dose-il2", "1 million units every other day, 2 weeks of 4", given("low-dose-il2", "depot", 0.06, [28.0 * c + d for c in range(3) for d in range(0, 14, 2)]), "anti-dsDNA at week 12", "anti_dsDNA", [0, 84],
     percent_of_baseline, "% of baseline", 94.8, None, "doi:10.1136/annrheumdis-2019-215396: 34.8 to 33.0 IU/mL"),
]


def limits(published, interval):
    if interval:
        return interval
    return tuple(sorted((published * (1 - TOLERANCE), published * (1 + TOLERANCE))))


def number(x):
    return f"{x:.3g}"


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_ERROR)
    lines, within, models = [], 0, {}
    for therapy, regimen, doses, quantity, name, days, read, unit, published, interval, source in ROWS:
        ids = therapy.split("+")
        model = models.setdefault(therapy, None) or load(ids)
        models[therapy] = model
        values = [read(at(model, p, doses, days, name)) for p in patients(ids, n)]
        median, low, high = (numpy.mean if read in SHARES else numpy.median)(values), *numpy.quantile(values, [0.05, 0.95])
        bottom, top = limits(published, interval)
        inside = bottom <= median <= top
        within += inside
        allowed = f"{number(bottom)} to {number(top)}" + ("" if interval else " (±25 %)")
        lines.append(f"| {ids[-1]} | {regimen} | {quantity}, {unit} | {number(median)} ({number(low)} to {number(high)}) | {number(published)} | {allowed} | {'yes' if inside else '**no**'} | {source} |")
        print(lines[-1], flush=True)
    text = (ROOT / "docs/therapies.md").read_text() if (ROOT / "docs/therapies.md").exists() else "\n<!-- table -->\n<!-- end -->\n"
    head = "| therapy | regimen | readout | simulated median (90 % range) | published | accepted | within | source |\n|---|---|---|---|---|---|---|---|\n"
    table = f"{within} of {len(ROWS)} rows within; {n} virtual patients each.\n\n{head}" + "\n".join(lines)
    text = re.sub(r"<!-- table -->.*<!-- end -->", lambda _: f"<!-- table -->\n{table}\n<!-- end -->", text, flags=re.S)
    (ROOT / "docs/therapies.md").write_text(text)


if __name__ == "__main__":
    main()
