"""Adjusted p values: statsmodels (Holm, Hochberg); graphs by closed testing of every intersection, weights found by
removing hypotheses one by one from the graph (Bretz et al. 2009, algorithm 1), in exact fractions."""
from fractions import Fraction as F
from itertools import combinations
import numpy as np
import statsmodels
from statsmodels.stats.multitest import multipletests

CASES = [[.01, .02, .03, .04], [.03, .001, .2, .04], [.5, .5, .01], [.049], [.0, 1., .025, .0249, .3], [.012, .012, .012, .2]]
GRAPHS = {  # weights, transitions
    "holm4": ([F(1, 4)] * 4, [[F(0) if i == j else F(1, 3) for j in range(4)] for i in range(4)]),
    "parallel": ([F(1, 2), F(1, 2), F(0), F(0)], [[0, F(1, 2), F(1, 2), 0], [F(1, 2), 0, 0, F(1, 2)], [0, 1, 0, 0], [1, 0, 0, 0]]),
    "fallback": ([F(1, 2), F(1, 4), F(1, 8), F(1, 8)], [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]),
}


def weights_in(keep, w, g):
    w, g, open_ = list(w), [list(r) for r in g], set(range(len(w)))
    for k in set(range(len(w))) - set(keep):
        open_.remove(k)
        for i in open_:
            w[i] += w[k] * g[k][i]
        new = [list(r) for r in g]
        for i in open_:
            for j in open_:
                loop = g[i][k] * g[k][i]
                new[i][j] = F(0) if i == j or loop == 1 else (g[i][j] + g[i][k] * g[k][j]) / (1 - loop)
        g = new
        w[k] = F(0)
    return w


def graph_adjust(p, w, g):
    n, adjusted = len(p), [0.0] * len(p)
    for size in range(1, n + 1):
        for keep in combinations(range(n), size):
            v = weights_in(keep, w, g)
            local = min([p[i] / float(v[i]) for i in keep if v[i] > 0] + [1.0])
            for i in keep:
                adjusted[i] = max(adjusted[i], local)
    return adjusted


text = lambda values: " ".join(repr(float(v)) for v in values)
print(f"# statsmodels {statsmodels.__version__}")
print("method,p values,adjusted")
for p in CASES:
    print(f"holm,{text(p)},{text(multipletests(p, method='holm')[1])}")
    print(f"hochberg,{text(p)},{text(multipletests(p, method='simes-hochberg')[1])}")
for p in [c for c in CASES if len(c) == 4]:
    for name, (w, g) in GRAPHS.items():
        print(f"{name},{text(p)},{text(graph_adjust(p, w, g))}")
