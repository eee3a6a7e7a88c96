"""Logistic regression and g-computation from statsmodels (GLM, tolerance 1e-14; delta method by its covariance)."""
import numpy as np
import statsmodels
import statsmodels.api as sm

STRATA = [(1, 15, 3, 5), (3, 10, 4, 10), (2, 25, 18, 35)]

rows, y = [], []
for h, (x1, n1, x0, n0) in enumerate(STRATA):
    for arm, x, n in ((1, x1, n1), (0, x0, n0)):
        for i in range(n):
            rows.append([1, arm, h == 1, h == 2])
            y.append(i < x)
simple = np.array(rows, float), np.array(y, float)

i = np.arange(300)
arm, age = i % 2, 20 + (i * 37) % 41 + 0.25 * (i % 4)
score = np.sin(i * 0.7) * 2 + (i % 5)
latent = -3 + 0.9 * arm + 0.03 * age + 0.25 * score
uniform = ((i * 7919) % 1009 + 0.5) / 1009
made = np.column_stack([np.ones(300), arm, age, score]), (uniform < 1 / (1 + np.exp(-latent))).astype(float)

print(f"# statsmodels {statsmodels.__version__}")
print("set,quantity,value,design row by row and response (empty: strata of the R package tern)")
for name, (X, y) in (("tern", simple), ("made", made)):
    fit = sm.GLM(y, X, family=sm.families.Binomial()).fit(tol=1e-14)
    high, low = X.copy(), X.copy()
    high[:, 1], low[:, 1] = 1, 0
    p = lambda d: 1 / (1 + np.exp(-d @ fit.params))
    g = (high * (p(high) * (1 - p(high)))[:, None] - low * (p(low) * (1 - p(low)))[:, None]).mean(axis=0)
    V = fit.cov_params()
    data = "" if name == "tern" else " ".join(f"{r[2]!r}/{r[3]!r}/{int(a)}/{int(t)}" for r, a, t in zip(X.tolist(), X[:, 1], y))
    for j in range(4):
        print(f"{name},b{j},{float(fit.params[j])!r},")
        print(f"{name},se{j},{float(V[j, j] ** 0.5)!r},")
    print(f"{name},log_likelihood,{float(fit.llf)!r},")
    print(f"{name},difference,{float((p(high) - p(low)).mean())!r},")
    print(f"{name},difference_se,{float((g @ V @ g) ** 0.5)!r},")
    if data:
        print(f"{name},data,0,{data}")
