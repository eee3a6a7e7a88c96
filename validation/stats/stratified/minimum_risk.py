"""Weights of least mean squared error (Mehrotra & Railkar 2000) by solving the quadratic programme itself: minimise
w'Vw + (w'd - f'd)^2 with weights that sum to 1, by its Karush-Kuhn-Tucker equations.

    python minimum_risk.py > minimum_risk.csv
"""
import numpy as np

print(f"# numpy {np.__version__}")
print("strata (responders1/n1/responders0/n0),weights,difference,standard error")
SETS = [
    [(1, 15, 3, 5), (3, 10, 4, 10), (2, 25, 18, 35)],
    [(40, 90, 30, 88), (12, 60, 9, 62), (25, 30, 18, 32)],
    [(10, 20, 10, 20), (3, 40, 5, 38)],
    [(7, 30, 9, 30)],
    [(30, 45, 12, 44), (20, 50, 21, 52), (9, 33, 15, 30), (14, 20, 3, 21)],
]
for rows in SETS:
    x1, n1, x0, n0 = np.array(rows, float).T
    p1, p0 = x1 / n1, x0 / n0
    d, v = p1 - p0, p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
    f = (n1 + n0) / (n1 + n0).sum()
    k = len(d)
    kkt = np.zeros((k + 1, k + 1))
    kkt[:k, :k] = 2 * (np.diag(v) + np.outer(d, d))
    kkt[:k, k] = kkt[k, :k] = 1
    w = np.linalg.solve(kkt, np.append(2 * d * (f @ d), 1))[:k]
    text = " ".join("/".join(map(str, row)) for row in rows)
    print(f"{text},{' '.join(f'{float(x):.15g}' for x in w)},{float(w @ d):.15g},{float(np.sqrt((w * w * v).sum())):.15g}")
