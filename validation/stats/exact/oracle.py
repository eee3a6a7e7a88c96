"""Exact unconditional limits by enumeration: every table, 2001 values of the control share, restricted shares of the
score statistic from a numerical maximum of the likelihood (scipy)."""
import numpy as np
import scipy
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binom


def restricted(x1, n1, x0, n0, delta):
    lo, hi = max(0.0, -delta), min(1.0, 1 - delta)
    xlogy = lambda x, p: x * np.log(p) if x > 0 else 0.0
    f = lambda p: -(xlogy(x0, p) + xlogy(n0 - x0, 1 - p) + xlogy(x1, p + delta) + xlogy(n1 - x1, 1 - p - delta))
    # The score in p is monotone: solve it where it changes sign, else the maximum is at an end.
    g = lambda p: ((x0 / p if x0 else 0) - ((n0 - x0) / (1 - p) if n0 - x0 else 0)
                   + (x1 / (p + delta) if x1 else 0) - ((n1 - x1) / (1 - p - delta) if n1 - x1 else 0))
    e = 1e-13
    a, b = lo + e, hi - e
    if g(a) <= 0:
        return lo
    if g(b) >= 0:
        return hi
    return brentq(g, a, b, xtol=1e-15)


def statistic(x1, n1, x0, n0, delta, ranking):
    d = x1 / n1 - x0 / n0
    if ranking == "difference":
        return d
    p0 = restricted(x1, n1, x0, n0, delta)
    p1 = min(max(p0 + delta, 0), 1)
    v = (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * (n1 + n0) / (n1 + n0 - 1)
    return (d - delta) / v ** 0.5 if v > 1e-11 else (0 if abs(d - delta) < 1e-9 else np.sign(d - delta) * 1e6)


def upper_p(x1, n1, x0, n0, delta, ranking):
    t = np.array([[statistic(i, n1, j, n0, delta, ranking) for j in range(n0 + 1)] for i in range(n1 + 1)])
    tail = t >= t[x1, x0] - 1e-8 * (1 + abs(t[x1, x0]))
    p0 = np.linspace(max(0, -delta), min(1, 1 - delta), 2001)
    a = binom.pmf(np.arange(n1 + 1)[:, None], n1, np.clip(p0 + delta, 0, 1))
    b = binom.pmf(np.arange(n0 + 1)[:, None], n0, p0)
    return np.einsum("ip,ij,jp->p", a, tail, b).max()


def lower_limit(x1, n1, x0, n0, alpha, ranking):
    lo, hi = -1.0, x1 / n1 - x0 / n0
    for _ in range(26):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if upper_p(x1, n1, x0, n0, mid, ranking) < alpha else (lo, mid)
    return (lo + hi) / 2


print(f"# scipy {scipy.__version__}")
print("ranking,responders1,n1,responders0,n0,level,low,high")
for ranking in ("score", "difference"):
    for x1, n1, x0, n0 in [(6, 7, 2, 7), (9, 10, 3, 10), (5, 12, 4, 9)]:
        low, high = lower_limit(x1, n1, x0, n0, 0.025, ranking), -lower_limit(x0, n0, x1, n1, 0.025, ranking)
        print(f"{ranking},{x1},{n1},{x0},{n0},0.95,{low!r},{high!r}")
