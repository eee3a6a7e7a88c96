"""Simon's optimal and minimax two-stage designs by looking at every design (first_n, first_limit, n, limit): the law of all responders
of trials that went on, by convolution with numpy; the designs found are worked out once more in exact fractions."""
from fractions import Fraction
from math import comb

import numpy as np

print(f"# numpy {np.__version__}; alpha, power, early stop and expected number in exact fractions")
print("criterion,uninteresting,hoped,alpha,power,largest,first_limit/first_n/limit/n,alpha,power,early stop,expected n")

# Shares, error and power in hundredths. Largest n: well above the least n of any design with this power.
QUESTIONS = [(p0, p0 + d, a, 100 - b, largest) for d, largest in ((20, 75), (15, 110))
             for p0 in (5, 10, 20, 30, 40, 50, 60, 70) for a, b in ((10, 10), (5, 20), (5, 10))]
QUESTIONS = [q for q in QUESTIONS if q[1] <= 90]


def mass(n, p):
    """Binomial law by the product rule, exact in integers until the last division."""
    p = Fraction(p, 100)
    return [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


def exact(design, p0, p1):
    first_limit, first_n, limit, n = design
    first = [mass(first_n, p) for p in (p0, p1)]
    second = [mass(n - first_n, p) for p in (p0, p1)]
    wins = [sum(a[x] * sum(b[max(limit + 1 - x, 0):]) for x in range(first_limit + 1, first_n + 1)) for a, b in zip(first, second)]
    stops = sum(first[0][: first_limit + 1])
    return [float(v) for v in (*wins, stops, first_n + (1 - stops) * (n - first_n))]


for p0, p1, a, power, largest in QUESTIONS:
    laws = [[np.array([float(v) for v in mass(n, p)]) for n in range(largest + 1)] for p in (p0, p1)]
    alpha, least = a / 100, power / 100
    # (expected n, n) and (n, expected n) of the best designs so far.
    optimal = minimax = None
    for n in range(2, largest + 1):
        for first_n in range(1, n):
            first, second = [law[first_n] for law in laws], [law[n - first_n] for law in laws]
            for first_limit in range(first_n):
                if first[1][first_limit + 1:].sum() < least:
                    break  # going on alone lacks power
                stop = first[0][: first_limit + 1].sum()
                expected = first_n + (1 - stop) * (n - first_n)
                if optimal and expected >= optimal[0][0] and (n, expected) >= minimax[0]:
                    continue
                total = []
                for one, two in zip(first, second):
                    went_on = one.copy()
                    went_on[: first_limit + 1] = 0
                    total.append(np.cumsum(np.convolve(went_on, two)[::-1])[::-1])  # at least k responders, and went on
                wins = np.append(total[0], 0.0)[1:]  # more than k
                good = np.nonzero((wins <= alpha) & (np.append(total[1], 0.0)[1:] >= least))[0]
                good = good[good >= first_limit]
                if len(good) == 0:
                    continue
                design = (first_limit, first_n, int(good[0]), n)
                if optimal is None or expected < optimal[0][0]:
                    optimal = ((expected, n), design)
                if minimax is None or (n, expected) < minimax[0]:
                    minimax = ((n, expected), design)
    for criterion, found in (("optimal", optimal), ("minimax", minimax)):
        if found is None:
            print(f"{criterion},{p0},{p1},{a},{power},{largest},none,,,,")
            continue
        values = exact(found[1], p0, p1)
        words = "/".join(map(str, found[1]))
        print(f"{criterion},{p0},{p1},{a},{power},{largest},{words}," + ",".join(f"{v:.15g}" for v in values))
