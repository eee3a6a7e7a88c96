"""Least squares and Student's distribution: statsmodels OLS, scipy.stats.t."""
import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import stats

i = np.arange(120)
base = np.round(20 + 5 * np.sin(i * 1.3) + 0.1 * i, 4)
arm = (i % 2).astype(float)
region = ((i // 7) % 3 == 1).astype(float)
y = np.round(3 + 0.7 * base - 1.8 * arm + 0.9 * region + 2.5 * np.cos(i * 2.1), 4)
fit = sm.OLS(y, np.column_stack([np.ones(120), arm, base, region])).fit()
low, high = fit.conf_int()[1]
print(f"# statsmodels {statsmodels.__version__}, scipy {scipy.__version__}")
print("quantity,values")
print("arm," + " ".join(repr(float(v)) for v in (fit.params[1], fit.bse[1], low, high, fit.pvalues[1], fit.df_resid)))
print("data," + " ".join(f"{a}/{b}/{r}/{v}" for a, b, r, v in zip(arm, base, region, y)))
for df in (0.5, 1, 2.5, 10, 70.46, 358.471, 1e5):
    for level in (0.5, 0.9, 0.95, 0.999):
        q = stats.t.isf((1 - level) / 2, df)
        print(f"t,{df} {level} {float(q)!r} {float(2 * stats.t.sf(1.7, df))!r}")
