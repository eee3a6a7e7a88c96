"""Second stages of a promising zone, and shares of response-adaptive randomisation, by scipy's root finder and quadrature.

    python zone.py > zone.csv
"""

import math
import sys

import scipy
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import beta, norm

print(f"# Python {sys.version.split()[0]} scipy {scipy.__version__}")
print("what,arguments,value")

# Mehta & Pocock 2011: information of the second stage (plan: t, then 1 - t) at which the conventional z at the end reaches
# conditional power `aim` under the current trend; the planned rest outside the zone, at most `most` - t inside.
for t, least, aim, most in [(0.5, 0.36, 0.9, 2.0), (0.4, 0.3, 0.8, 1.5), (0.6, 0.5, 0.9, 3.0)]:
    critical = norm.isf(0.025)
    for z in [0.2, 0.8, 1.2, 1.4, 1.6, 1.8, 2.0, 2.4, 3.0]:
        drift = z / math.sqrt(t)

        def power(rest, z=z, drift=drift, t=t):
            needed = critical * math.sqrt(t + rest) - z * math.sqrt(t)
            return norm.cdf((drift * rest - needed) / math.sqrt(rest))

        # Conditional power of the plan, whose end has information 1.
        planned = norm.cdf((z * math.sqrt(t) + drift * (1 - t) - critical) / math.sqrt(1 - t))
        if planned < least or planned >= aim:
            rest = 1 - t
        elif power(most - t) < aim:
            rest = max(most - t, 1 - t)
        else:
            rest = brentq(lambda m: power(m) - aim, 1 - t, most - t, xtol=1e-13)
        print(f"zone,{t}/{least}/{aim}/{most}/{z},{rest:.12g}")

# Thall & Wathen 2007: probability of being best to the power n / (2 N), shared out.
for counts, seen, planned in [
    ([(3, 7), (6, 4)], 20, 100),
    ([(30, 40), (42, 28)], 140, 200),
    ([(5, 9), (8, 6), (7, 7)], 42, 120),
    ([(1, 1), (1, 1)], 0, 50),
]:
    posteriors = [beta(1 + r, 1 + f) for r, f in counts]

    def best(k):
        def density(p):
            product = posteriors[k].pdf(p)
            for j, other in enumerate(posteriors):
                if j != k:
                    product *= other.cdf(p)
            return product

        return quad(density, 0, 1, epsabs=1e-12, limit=400)[0]

    raw = [best(k) ** (seen / (2 * planned)) for k in range(len(counts))]
    for k, share in enumerate(raw):
        words = " ".join(f"{r}:{f}" for r, f in counts)
        print(f"share,{words}/{seen}/{planned}/{k},{share / sum(raw):.10g}")
