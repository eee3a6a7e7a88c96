"""Stratified comparisons: statsmodels where it has the method, else the papers' formulas in numpy."""

import numpy as np
import scipy
import statsmodels
from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import proportion_confint


# Each stratum: responders and subjects of the treated arm, then of the control arm.
SETS = {
    "tern": [(1, 15, 3, 5), (3, 10, 4, 10), (2, 25, 18, 35)],
    "seven": [(10, 27, 7, 27), (3, 3, 2, 2), (0, 14, 3, 24), (0, 0, 1, 1), (4, 22, 3, 24), (9, 25, 30, 109), (4, 4, 13, 14)],
    "eight": [(24, 41, 12, 44), (9, 20, 6, 17), (20, 39, 15, 46), (8, 16, 5, 12), (13, 30, 10, 31), (4, 11, 3, 9), (6, 15, 4, 14),
              (2, 8, 2, 9)],
    "sparse": [(1, 1, 0, 1), (0, 1, 0, 2), (1, 2, 0, 1), (1, 1, 1, 1), (0, 3, 1, 2)],
    "one": [(86, 180, 57, 182)],
}


def restricted_share(x1, n1, x0, n0, delta):
    """Control share that maximises the likelihood given p1 = p0 + delta: the slope falls, so halve until it turns."""
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)
    for _ in range(200):
        p0 = (low + high) / 2
        p1 = min(max(p0 + delta, 1e-300), 1 - 1e-16)
        gain = (x1 / p1 if x1 else 0.0) + (x0 / p0 if x0 else 0.0)
        loss = ((n1 - x1) / (1 - p1) if n1 > x1 else 0.0) + ((n0 - x0) / (1 - p0) if n0 > x0 else 0.0)
        low, high = (p0, high) if gain > loss else (low, p0)
        if high - low < 1e-16:
            break
    return (low + high) / 2


def estimates(rows):
    usable = [r for r in rows if r[1] > 0 and r[3] > 0]
    x1, n1, x0, n0 = np.array(usable, dtype=float).T
    total = n1 + n0
    w = n1 * n0 / total
    d_h = x1 / n1 - x0 / n0
    d = (w * d_h).sum() / w.sum()
    yield "mh_difference", d
    # Greenland & Robins 1985 in their own form: cell products over the squared total.
    numerator = ((x1 * (n1 - x1) * n0**3 + x0 * (n0 - x0) * n1**3) / (n1 * n0 * total**2)).sum()
    yield "mh_se_binomial", np.sqrt(numerator) / w.sum()
    p = (n0**2 * x1 - n1**2 * x0 + n1 * n0 * (n0 - n1) / 2) / total**2
    q = (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * total)
    se = np.sqrt(d * p.sum() + q.sum()) / w.sum()
    yield "mh_se_sato", se
    yield "mh_p_sato", 2 * norm.sf(abs(d / se))

    tables = [np.array([[a, b - a], [c, e - c]], dtype=float) for a, b, c, e in usable if b + e > 1]
    strat = StratifiedTable(tables)
    plain, corrected = strat.test_null_odds(correction=False), strat.test_null_odds(correction=True)
    yield "cmh", plain.statistic
    yield "cmh_p", plain.pvalue
    # statsmodels lets the correction overshoot the expectation; R's mantelhaen.test stops at it, giving 0 and p = 1.
    overshoots = abs((x1 - n1 * (x1 + x0) / total).sum()) < 0.5
    yield "cmh_corrected", 0.0 if overshoots else corrected.statistic
    yield "cmh_corrected_p", 1.0 if overshoots else corrected.pvalue
    yield "mh_odds_ratio", strat.oddsratio_pooled
    yield "mh_log_odds_se", strat.logodds_pooled_se

    z, weight = norm.ppf(0.975), w / w.sum()

    def wilson(x, n):
        v = x / n * (1 - x / n) / n
        z_h = z * np.sqrt((weight**2 * v).sum()) / (weight * np.sqrt(v)).sum()
        limits = [proportion_confint(a, b, alpha=2 * norm.sf(z_h), method="wilson") for a, b in zip(x, n)]
        return (weight[:, None] * np.array(limits)).sum(axis=0), (weight**2 / n).sum()

    (l1, u1), lambda1 = wilson(x1, n1)
    (l0, u0), lambda0 = wilson(x0, n0)
    yield "newcombe_low", d - z * np.sqrt(lambda1 * l1 * (1 - l1) + lambda0 * u0 * (1 - u0))
    yield "newcombe_high", d + z * np.sqrt(lambda1 * u1 * (1 - u1) + lambda0 * l0 * (1 - l0))

    def distance(delta):
        variance = 0.0
        for a, b, c, e in usable:
            p0 = restricted_share(a, b, c, e, delta)
            p1 = p0 + delta
            variance += (b * e / (b + e)) ** 2 * (p1 * (1 - p1) / b + p0 * (1 - p0) / e) * (b + e) / (b + e - 1)
        return abs(d - delta) * w.sum() - z * np.sqrt(max(variance, 0.0))

    yield "miettinen_nurminen_low", brentq(distance, -1 + 1e-9, d, xtol=1e-13)
    yield "miettinen_nurminen_high", brentq(distance, d, 1 - 1e-9, xtol=1e-13)


print(f"# statsmodels {statsmodels.__version__}, scipy {scipy.__version__}")
print("set,strata (responders1/n1/responders0/n0),quantity,value")
for name, rows in SETS.items():
    strata = " ".join("/".join(map(str, row)) for row in rows)
    for quantity, value in estimates(rows):
        print(f"{name},{strata},{quantity},{float(value)!r}")
