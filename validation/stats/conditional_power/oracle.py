"""Conditional and predictive power, conditional error and re-estimated second stages, from the joint law of z at the look and at the end:
the density of (z now, z at the end) is integrated numerically, over the drift too where it has a law."""
import math
import sys

import scipy
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

print(f"# Python {sys.version.split()[0]} scipy {scipy.__version__}")
print("what,z,t,critical,drift or mean,sd or power,value")


def now(z, t, drift):
    """Density of z at the look: mean drift √t, variance 1."""
    return norm.pdf(z, drift * math.sqrt(t))


def both(z, end, t, drift):
    """Joint density: z at the end has mean `drift` and correlation √t with that at the look."""
    r = math.sqrt(t)
    x, y = z - drift * r, end - drift
    return math.exp(-(x * x - 2 * r * x * y + y * y) / (2 * (1 - t))) / (2 * math.pi * math.sqrt(1 - t))


def ends_above(z, t, critical, drift):
    """Probability of ending at or above `critical` given z: a ratio of integrals over the end."""
    centre = z * math.sqrt(t) + drift * (1 - t)
    reach = 12 * math.sqrt(1 - t)
    if critical >= centre + reach:
        return 0.0
    start = max(critical, centre - reach)
    points = [p for p in (centre,) if start < p < centre + reach]
    area = quad(lambda end: both(z, end, t, drift), start, centre + reach, points=points or None, epsabs=1e-15, epsrel=1e-12, limit=400)[0]
    return area / now(z, t, drift)


def averaged(z, t, critical, prior):
    """Predictive power: numerator and denominator of Bayes' rule over the drift."""
    centre, width = z / math.sqrt(t), 14 / math.sqrt(t)
    options = dict(points=[centre], epsabs=1e-15, epsrel=1e-11, limit=800)
    weight = quad(lambda d: prior(d) * now(z, t, d), centre - width, centre + width, **options)[0]
    return quad(lambda d: prior(d) * now(z, t, d) * ends_above(z, t, critical, d), centre - width, centre + width, **options)[0] / weight


LOOKS = [(1.5, 0.5, 1.959964), (0.4, 0.3, 1.9925), (2.2, 0.7, 2.0), (-0.5, 0.5, 1.959964), (2.6, 0.25, 2.3)]
for z, t, critical in LOOKS:
    head = f"{z},{t},{critical}"
    for drift in (0.0, z / math.sqrt(t), 3.2415155):
        print(f"conditional,{head},{drift!r},,{ends_above(z, t, critical, drift):.13g}")
    print(f"predictive,{head},,,{averaged(z, t, critical, lambda d: 1.0):.13g}")
    for mean, sd in ((0.0, 1.0), (2.5, 0.5), (3.0, 4.0)):
        value = averaged(z, t, critical, lambda d: norm.pdf(d, mean, sd))
        print(f"with prior,{head},{mean},{sd},{value:.13g}")
    # A second stage tested alone at the conditional error: the least information with the power asked for.
    error = ends_above(z, t, critical, 0.0)
    for drift, power in ((2.0, 0.8), (3.2415155, 0.9)):
        misses = lambda m: norm.sf(norm.isf(error) - drift * math.sqrt(m)) - power
        value = 0.0 if misses(0.0) >= 0 else brentq(misses, 0.0, 100.0, xtol=1e-14)
        print(f"second stage,{head},{drift},{power},{value:.13g}")
