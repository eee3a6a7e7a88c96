"""Weighting by the odds of treatment: propensity from statsmodels, variance from the stacked estimating equations, whose Jacobian is taken
numerically (central differences, Richardson), independently of the formulas of the Rust code."""
import numpy as np
import statsmodels
import statsmodels.api as sm

i = np.arange(240)
age = 20 + (i * 37) % 41 + 0.25 * (i % 4)
score = np.sin(i * 0.7) * 2 + (i % 5)
uniform = ((i * 7919) % 1009 + 0.5) / 1009
other = ((i * 6007) % 997 + 0.5) / 997
treated = (uniform < 1 / (1 + np.exp(-(-3.2 + 0.04 * age + 0.45 * score)))).astype(float)
outcome = (other < 1 / (1 + np.exp(-(-1.5 + 0.8 * treated + 0.02 * age + 0.1 * score)))).astype(float)
X = np.column_stack([np.ones(240), age, score])
fit = sm.GLM(treated, X, family=sm.families.Binomial()).fit(tol=1e-14)


def equations(theta):
    """Each subject's part of every estimating equation: coefficients, mean of the treated, weighted mean of the controls."""
    beta, m1, m0 = theta[:3], theta[3], theta[4]
    odds = np.exp(X @ beta)
    e = odds / (1 + odds)
    return np.column_stack([(treated - e)[:, None] * X, treated * (outcome - m1), (1 - treated) * odds * (outcome - m0)])


w = (1 - treated) * np.exp(X @ fit.params)
m1, m0 = outcome[treated == 1].mean(), (w * outcome).sum() / w.sum()
theta = np.append(fit.params, [m1, m0])


def jacobian(h):
    steps = [h * max(1e-3, abs(t)) for t in theta]
    unit = np.eye(5)
    return np.column_stack([(equations(theta + s * u) - equations(theta - s * u)).sum(axis=0) / (2 * s) for s, u in zip(steps, unit)])


A = (4 * jacobian(5e-5) - jacobian(1e-4)) / 3
B = equations(theta).T @ equations(theta)
V = np.linalg.inv(A) @ B @ np.linalg.inv(A).T
se = np.sqrt(V[3, 3] + V[4, 4] - 2 * V[3, 4])


def smd(weights):
    t = treated == 1
    return [(c[t].mean() - np.average(c, weights=weights)) / c[t].std(ddof=1) for c in (age, score)]


log_odds = X @ fit.params
beyond = (log_odds[treated == 1] > log_odds[treated == 0].max()).mean()
print(f"# statsmodels {statsmodels.__version__}, numpy {np.__version__}")
print("quantity,value,treated/age/score/outcome of each subject")
for name, value in [("difference", m1 - m0), ("se", se), ("effective", w.sum() ** 2 / (w**2).sum()), ("beyond", beyond)]:
    print(f"{name},{float(value)!r},")
for name, weights in [("before", 1 - treated), ("after", w)]:
    for k, value in enumerate(smd(weights)):
        print(f"{name}{k},{float(value)!r},")
print("data,0," + " ".join(f"{int(t)}/{a!r}/{s!r}/{int(y)}" for t, a, s, y in zip(treated, age.tolist(), score.tolist(), outcome)))
