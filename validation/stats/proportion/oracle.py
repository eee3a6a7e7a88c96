"""Intervals of one proportion from statsmodels."""
import statsmodels
from statsmodels.stats.proportion import proportion_confint

CASES = [(81, 263), (15, 148), (0, 20), (1, 29), (5, 10), (7, 20), (10, 10), (0, 10), (0, 30), (0, 60), (1, 1), (0, 1),
         (86, 180), (57, 182), (171, 360), (3899, 4000), (12345, 50000)]

print(f"# statsmodels {statsmodels.__version__}")
print("method,responders,n,level,low,high")
for x, n in CASES:
    for level in (0.8, 0.9, 0.95, 0.999):
        for name, method in (("wilson", "wilson"), ("clopper_pearson", "beta"), ("wald", "normal"),
                             ("agresti_coull", "agresti_coull"), ("jeffreys", "jeffreys")):
            if name == "jeffreys" and x in (0, n):
                continue  # statsmodels leaves the limit at 0 or n successes inside (0, 1); Brown et al. set it to 0 or 1
            low, high = proportion_confint(x, n, alpha=1 - level, method=method)
            print(f"{name},{x},{n},{level},{float(low)!r},{float(high)!r}")
