"""Sobol points, Morris effects, Sobol indices and partial rank correlations from outside programs.

    pip install numpy scipy==1.17.1 SALib==1.6.0
    python oracle.py

writes points.csv, morris.csv, sobol.csv and rank_correlation.csv beside this file. Inputs and results of the last three stand in
the files, so that only the estimators are compared, not the designs.
"""
import os

import numpy as np
from SALib.analyze import morris as analyze_morris
from SALib.analyze import sobol as analyze_sobol
from SALib.sample import morris as sample_morris
from SALib.sample import sobol as sample_sobol
from scipy import stats

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(20)


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w") as file:
        print(header, file=file)
        for row in rows:
            print(",".join(str(cell) for cell in row), file=file)


def function(x):
    """Steep, curved, interacting and idle inputs."""
    return np.exp(2 * x[:, 0]) + 3 * (x[:, 1] - 0.5) ** 2 + 2 * x[:, 2] * x[:, 3] - x[:, 3]


def points():
    """The first 300 points and some later ones of 1, 2, 17 and 250 dimensions, as numerators over 2^32."""
    rows = []
    engine = stats.qmc.Sobol(250, scramble=False, bits=32)
    sample = engine.random_base2(13)
    for index in [*range(300), 1023, 1024, 4095, 4096, 8191]:
        numerators = [int(sample[index][d] * 2**32) for d in (0, 1, 2, 16, 101, 249)]
        rows.append([index, *numerators])
    write("points.csv", "index,d1,d2,d3,d17,d102,d250", rows)


def morris():
    problem = {"num_vars": 5, "names": list("abcde"), "bounds": [[0, 1]] * 5}
    x = sample_morris.sample(problem, 12, num_levels=4, seed=3)
    y = function(x)
    found = analyze_morris.analyze(problem, x, y, num_levels=4, print_to_console=False, seed=3)
    rows = [["row", *map(repr, map(float, [*xi, yi]))] for xi, yi in zip(x, y)]
    rows += [
        ["index", k, *map(repr, map(float, [found["mu"][k], found["mu_star"][k], found["sigma"][k]])), "", ""]
        for k in range(5)
    ]
    write("morris.csv", "kind,a,b,c,d,e,y", rows)


def sobol():
    problem = {"num_vars": 5, "names": list("abcde"), "bounds": [[0, 1]] * 5}
    x = sample_sobol.sample(problem, 64, calc_second_order=False, seed=3)
    y = function(x)
    found = analyze_sobol.analyze(problem, y, calc_second_order=False, print_to_console=False, seed=3)
    # SALib's rows: A, A with column 1 from B, ..., B. SALib takes the mean of all results off B, we take that of A and B, which differs
    # in the seventh digit; the paper's formula with our mean is written out here and held against SALib's.
    a, mixed, b = y[0::7], np.array([y[k::7] for k in range(1, 6)]), y[6::7]
    both = np.concatenate([a, b])
    first = ((b - both.mean()) * (mixed - a)).mean(axis=1) / both.var()
    assert np.allclose(first, found["S1"], atol=1e-6)
    rows = [["row", *map(repr, map(float, y[k : k + 7]))] for k in range(0, len(y), 7)]
    rows += [["index", k, repr(float(first[k])), repr(float(found["ST"][k])), "", "", "", ""] for k in range(5)]
    write("sobol.csv", "kind,a,mixed1,mixed2,mixed3,mixed4,mixed5,b", rows)


def rank_correlation():
    """Residuals of least squares on ranks, correlated; p from Student's t."""
    n, k = 80, 5
    x = np.round(random.random((n, k)), 2)  # rounding makes ties
    y = function(x) + random.normal(0, 0.5, n)
    ranked = np.column_stack([stats.rankdata(column) for column in x.T])
    ranked_y = stats.rankdata(y)
    rows = [["row", *map(repr, map(float, [*xi, yi]))] for xi, yi in zip(x, y)]
    for j in range(k):
        others = np.column_stack([np.ones(n), np.delete(ranked, j, axis=1)])
        residual = lambda v: v - others @ np.linalg.lstsq(others, v, rcond=None)[0]
        r = stats.pearsonr(residual(ranked[:, j]), residual(ranked_y)).statistic
        df = n - 2 - (k - 1)
        p = 2 * stats.t.sf(abs(r) * np.sqrt(df / (1 - r * r)), df)
        half = stats.norm.ppf(0.975) / np.sqrt(n - (k - 1) - 3)
        low, high = np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)
        rows.append(["index", j, *map(repr, map(float, [r, p, low, high])), ""])
    write("rank_correlation.csv", "kind,a,b,c,d,e,y", rows)


points()
morris()
sobol()
rank_correlation()
