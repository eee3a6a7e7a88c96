"""Intervals of a difference of two proportions: statsmodels, and a root search over a numerical likelihood."""
import math

import scipy
import statsmodels
from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep

CASES = [(56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29), (0, 10, 0, 20), (0, 10, 0, 10), (10, 10, 0, 20),
         (10, 10, 0, 10), (3, 4, 1, 2), (86, 180, 57, 182), (171, 360, 112, 366), (1, 2, 2, 2), (40, 78, 5, 17)]


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


def score_limits(x1, n1, x0, n0, level):
    z = norm.ppf(0.5 + level / 2)
    d = x1 / n1 - x0 / n0

    def distance(delta):
        p0 = restricted_share(x1, n1, x0, n0, delta)
        p1 = p0 + delta
        v = (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * (n1 + n0) / (n1 + n0 - 1)
        return abs(d - delta) - z * math.sqrt(max(v, 0.0))

    # `distance` also vanishes at d itself when d is 1 or -1, where the variance is zero: search beside it.
    edge = 1e-9
    low = -1.0 if d < -1 + edge or distance(-1 + edge) < 0 else brentq(distance, -1 + edge, d - edge, xtol=1e-13)
    high = 1.0 if d > 1 - edge or distance(1 - edge) < 0 else brentq(distance, d + edge, 1 - edge, xtol=1e-13)
    return low, high


print(f"# statsmodels {statsmodels.__version__}, scipy {scipy.__version__}")
print("method,responders1,n1,responders0,n0,level,low,high")
for x1, n1, x0, n0 in CASES:
    for level in (0.9, 0.95):
        low, high = confint_proportions_2indep(x1, n1, x0, n0, method="newcomb", compare="diff", alpha=1 - level)
        print(f"newcombe,{x1},{n1},{x0},{n0},{level},{float(low)!r},{float(high)!r}")
        low, high = score_limits(x1, n1, x0, n0, level)
        print(f"miettinen_nurminen,{x1},{n1},{x0},{n0},{level},{low!r},{high!r}")
