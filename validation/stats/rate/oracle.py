"""Rate ratio and difference from statsmodels."""
import statsmodels
from statsmodels.stats.rates import confint_poisson_2indep, test_poisson_2indep

CASES = [(16, 18.5, 28, 18.65), (60, 41.63, 30, 54.51), (1, 100.0, 7, 90.0), (180, 333.0, 229, 341.5), (5, 0.5, 3, 20.0)]

print(f"# statsmodels {statsmodels.__version__}")
print("quantity,events1,time1,events0,time0,estimate,low,high,p")
for x1, t1, x0, t0 in CASES:
    ratio = x1 / t1 / (x0 / t0)
    low, high = confint_poisson_2indep(x1, t1, x0, t0, method="wald-log", compare="ratio")
    p = test_poisson_2indep(x1, t1, x0, t0, method="wald-log", compare="ratio").pvalue
    print(f"ratio,{x1},{t1},{x0},{t0},{ratio!r},{float(low)!r},{float(high)!r},{float(p)!r}")
    low, high = confint_poisson_2indep(x1, t1, x0, t0, method="wald", compare="diff")
    p = test_poisson_2indep(x1, t1, x0, t0, method="wald", compare="diff").pvalue
    print(f"difference,{x1},{t1},{x0},{t0},{x1 / t1 - x0 / t0!r},{float(low)!r},{float(high)!r},{float(p)!r}")
