"""The Brusselator with diffusion on a grid of 40 x 40 cells (3,200 unknowns), by SciPy's BDF with the sparse analytic Jacobian.

u' = B + u^2 v - (A + 1) u + D (sum of neighbours - own), v' = A u - u^2 v + D (...), no flux through the border; A = 3.4,
B = 1, D = 0.002 (N - 1)^2; u = 0.5 + y, v = 1 + 5 x at the start: problem BRUSS of Hairer & Wanner, Solving ODEs II, section IV.10,
on an N x N grid. Prints u and v of some cells, to compare with `crates/tape/tests/grid.rs`.

Run: python grid.py > grid.txt (numpy, scipy; the versions stand in the output)
"""
import numpy as np
import scipy
from scipy.integrate import solve_ivp
from scipy.sparse import bmat, diags, identity, kron

N, A, B = 40, 3.4, 1.0
D = 0.002 * (N - 1) ** 2
CELLS = [(0, 0), (5, 7), (20, 20), (39, 0), (39, 39)]

line = diags([np.ones(N - 1), -np.r_[1, 2 * np.ones(N - 2), 1], np.ones(N - 1)], [-1, 0, 1])
L = D * (kron(line, identity(N)) + kron(identity(N), line)).tocsr()
i, j = np.divmod(np.arange(N * N), N)


def right(t, w):
    u, v = w[: N * N], w[N * N :]
    turn = u * u * v
    return np.r_[B + turn - (A + 1) * u + L @ u, A * u - turn + L @ v]


def jacobian(t, w):
    u, v = w[: N * N], w[N * N :]
    d = lambda x: diags(x)
    return bmat([[L + d(2 * u * v - (A + 1)), d(u * u)], [d(A - 2 * u * v), L + d(-u * u)]], format="csc")


start = np.r_[0.5 + j / (N - 1), 1 + 5 * i / (N - 1)]
print(f"numpy {np.__version__}, scipy {scipy.__version__}")
for rtol in (1e-7, 1e-9):
    s = solve_ivp(right, (0, 1), start, "BDF", t_eval=[0.5, 1.0], rtol=rtol, atol=rtol * 1e-2, jac=jacobian)
    print(f"rtol {rtol:g}: {s.t.size} times, {s.nfev} right sides, {s.nlu} factorisations, {s.message}")
    for k, t in enumerate(s.t):
        for a, b in CELLS:
            print(f"{t} {a} {b} {s.y[a * N + b, k]:.12g} {s.y[N * N + a * N + b, k]:.12g}")
