"""Rubin's rules and Barnard and Rubin's degrees of freedom, moments in fractions, Student's law from scipy.

    python pool.py > pool.csv
"""
from fractions import Fraction as F

import scipy
from scipy.stats import t

print(f"# scipy {scipy.__version__}")
print("estimates,variances,complete df,estimate,within,between,standard error,df,low95,high95,p")
SETS = [
    (["1.2", "1.5", "1.1", "1.4", "1.3"], ["0.25", "0.26", "0.24", "0.27", "0.25"]),
    (["-3.1", "-2.4", "-4.0"], ["0.9", "1.4", "1.1"]),
    (["0.02", "0.31", "-0.11", "0.25", "0.4", "0.07", "0.19"], ["0.01", "0.012", "0.009", "0.011", "0.01", "0.01", "0.013"]),
]
for estimates, variances in SETS:
    q, u = [F(x) for x in estimates], [F(x) for x in variances]
    m = len(q)
    mean, within = sum(q) / m, sum(u) / m
    between = sum((x - mean) ** 2 for x in q) / (m - 1)
    total = within + (1 + F(1, m)) * between
    missing = (1 + F(1, m)) * between / total
    rubin = (m - 1) / missing**2
    for complete in (None, 100, 23):
        df = rubin
        if complete:
            seen = F(complete + 1, complete + 3) * complete * (1 - missing)
            df = 1 / (1 / rubin + 1 / seen)
        se, half = float(total) ** 0.5, t.ppf(0.975, float(df)) * float(total) ** 0.5
        values = [float(mean), float(within), float(between), se, float(df), float(mean) - half, float(mean) + half,
                  2 * t.sf(abs(float(mean)) / se, float(df))]
        print(f"{' '.join(estimates)},{' '.join(variances)},{complete or 'inf'}," + ",".join(f"{float(v):.15g}" for v in values))
