"""Negative binomial regression with offset: statsmodels NegativeBinomial (NB2, observed information) and Poisson."""
import numpy as np
import statsmodels
import statsmodels.api as sm
from statsmodels.discrete.discrete_model import NegativeBinomial

A = [0, 0, 0, 1, 0, 2, 0, 1, 0, 0, 3, 0, 1, 0, 0, 5, 0, 1, 2, 0]
B = [1, 0, 2, 0, 3, 1, 0, 4, 1, 0, 2, 6, 0, 1, 1, 0, 3, 2, 0, 1]
eA, eB = np.ones(20), np.ones(20)
eA[[4, 7, 13]] = 0.5, 0.75, 0.25
eB[[6, 13, 15]] = 0.5, 0.75, 0.4
small = np.array(A + B), np.concatenate([eA, eB]), np.column_stack([np.ones(40), np.repeat([1.0, 0.0], 20)])

i = np.arange(200)
z = np.round(np.sin(i * 0.7), 4)
arm = (i % 2).astype(float)
exposure = np.round(0.3 + 0.7 * ((i * 13) % 17) / 16, 4)
rng = np.random.default_rng(4)
mu = exposure * np.exp(0.6 - 0.5 * arm + 0.4 * z)
made = rng.poisson(mu * rng.gamma(1 / 0.8, 0.8, 200)), exposure, np.column_stack([np.ones(200), arm, z])

print(f"# statsmodels {statsmodels.__version__}")
print("set,coefficients,standard errors,dispersion,its standard error,log likelihood,events/exposure/columns")
for name, (y, e, X) in (("small", small), ("made", made)):
    model = NegativeBinomial(y, X, loglike_method="nb2", offset=np.log(e))
    start = np.append(sm.GLM(y, X, family=sm.families.Poisson(), offset=np.log(e)).fit().params, 0.5)
    fit = model.fit(start, method="newton", maxiter=200, tol=1e-14, disp=0)
    V = np.linalg.inv(-model.hessian(fit.params))
    k = X.shape[1]
    text = lambda values: " ".join(repr(float(v)) for v in values)
    data = " ".join("/".join([str(int(c)), repr(float(t))] + [repr(float(v)) for v in r[1:]]) for c, t, r in zip(y, e, X))
    print(f"{name},{text(fit.params[:k])},{text(np.sqrt(np.diag(V))[:k])},{float(fit.params[k])!r},{float(V[k, k] ** 0.5)!r},{float(fit.llf)!r},{data}")
