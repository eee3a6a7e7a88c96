"""End values of the solver's test problems by an independent integrator, and how much an error on the way matters at the end.

Needs numpy and scipy (run with scipy 1.17). Prints every end value at two tolerances of scipy's Radau IIA method (order 5) with a
Jacobian by complex steps, and how far apart the two are, relative to each value: that is the accuracy to trust.

An error of one tolerance at time t, spread over the states in the worst way, is K(t) tolerances at the end, where a tolerance of state i
is |y_i| + small. K comes from the adjoint equations l' = -J^T l, integrated backward from the end for each state. Printed are the largest K and
its mean over the steps that Radau takes at 1e-4 and 1e-6: to first order, n steps of one tolerance each cannot put the end wrong
by more than n times that mean.

    python zoo.py > zoo.txt
"""

import numpy as np
import scipy
from scipy.integrate import solve_ivp


def hires(t, y):
    return [
        -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007,
        1.71 * y[0] - 8.75 * y[1],
        -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
        8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
        -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
        -280 * y[5] * y[7] + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6],
        280 * y[5] * y[7] - 1.81 * y[6],
        -280 * y[5] * y[7] + 1.81 * y[6],
    ]


def robertson(t, y):
    a, b, c = 0.04 * y[0], 3e7 * y[1] ** 2, 1e4 * y[1] * y[2]
    return [-a + c, a - c - b, b]


def van_der_pol(t, y):
    return [y[1], ((1 - y[0] ** 2) * y[1] - y[0]) / 1e-6]


def oregonator(t, y):
    return [
        77.27 * (y[1] + y[0] * (1 - 8.375e-6 * y[0] - y[1])),
        (y[2] - (1 + y[0]) * y[1]) / 77.27,
        0.161 * (y[0] - y[2]),
    ]


def pollution(t, y):
    k = [0.35, 26.6, 1.23e4, 8.6e-4, 8.2e-4, 1.5e4, 1.3e-4, 2.4e4, 1.65e4, 9e3, 0.022, 1.2e4, 1.88, 1.63e4, 4.8e6, 3.5e-4, 0.0175, 1e8,
         4.44e11, 1240, 2.1, 5.78, 0.0474, 1780, 3.12]
    y = [None, *y]
    r = [None, *(k * x for k, x in zip(k, [
        y[1], y[2] * y[4], y[5] * y[2], y[7], y[7], y[7] * y[6], y[9], y[9] * y[6], y[11] * y[2], y[11] * y[1], y[13], y[10] * y[2], y[14],
        y[1] * y[6], y[3], y[4], y[4], y[16], y[16], y[17] * y[6], y[19], y[19], y[1] * y[4], y[19] * y[1], y[20]]))]
    return [
        -r[1] - r[10] - r[14] - r[23] - r[24] + r[2] + r[3] + r[9] + r[11] + r[12] + r[22] + r[25],
        -r[2] - r[3] - r[9] - r[12] + r[1] + r[21],
        -r[15] + r[1] + r[17] + r[19] + r[22],
        -r[2] - r[16] - r[17] - r[23] + r[15],
        -r[3] + 2 * r[4] + r[6] + r[7] + r[13] + r[20],
        -r[6] - r[8] - r[14] - r[20] + r[3] + 2 * r[18],
        -r[4] - r[5] - r[6] + r[13],
        r[4] + r[5] + r[6] + r[7],
        -r[7] - r[8],
        -r[12] + r[7] + r[9],
        -r[9] - r[10] + r[8] + r[11],
        r[9],
        -r[11] + r[10],
        -r[13] + r[12],
        r[14],
        -r[18] - r[19] + r[16],
        -r[20],
        r[20],
        -r[21] - r[22] - r[24] + r[23] + r[25],
        -r[25] + r[24],
    ]


def chemical_akzo(t, y):
    root = np.sqrt(y[1])
    y6 = 115.83 * y[0] * y[3]
    r1, r2, r3 = 18.7 * y[0] ** 4 * root, 0.58 * y[2] * y[3], 0.58 / 34.4 * y[0] * y[4]
    r4, r5 = 0.09 * y[0] * y[3] ** 2, 0.42 * y6**2 * root
    inflow = 3.3 * (0.9 / 737 - y[1])
    return [-2 * r1 + r2 - r3 - r4, -0.5 * r1 - r4 - 0.5 * r5 + inflow, r1 - r2 + r3, -r2 + r3 - 2 * r4, r2 - r3 + r5]


def e5(t, y):
    a, b, c, d = 7.89e-10 * y[0], 1.1e7 * y[0] * y[2], 1.13e9 * y[1] * y[2], 1.13e3 * y[3]
    return [-a - b, a - c, a - b - c + d, b - d]


def spiral(t, y):
    slow = [-k * x for k, x in zip((4, 1, 0.5, 0.1), y[2:])]
    return [-10 * y[0] + 100 * y[1], -100 * y[0] - 10 * y[1], *slow]


def transit(t, y):
    return [2 * (before - own) for before, own in zip([0, *y[:-1]], y)]


def linear(t, y):
    return [-0.5 * y[0]]


def prothero_robinson(t, y):
    return [-10 * (y[0] - np.cos(t)) - np.sin(t)]


def start(n, values):
    y = np.zeros(n)
    for i, value in values.items():
        y[i - 1] = value
    return y


PROBLEMS = {  # name: rates, initial values, end, size below which a state does not matter
    "hires": (hires, start(8, {1: 1, 8: 0.0057}), 321.8122, 1e-6),
    "robertson": (robertson, start(3, {1: 1}), 1e11, 1e-15),
    "van_der_pol": (van_der_pol, start(2, {1: 2}), 2.0, 1e-3),
    "oregonator": (oregonator, np.array([1.0, 2, 3]), 360.0, 1e-3),
    "pollution": (pollution, start(20, {2: 0.2, 4: 0.04, 7: 0.1, 8: 0.3, 9: 0.01, 17: 0.007}), 60.0, 1e-18),
    "chemical_akzo": (chemical_akzo, np.array([0.444, 0.00123, 0, 0.007, 0]), 180.0, 1e-6),
    # Later the concentrations lose their digits to cancellation in double precision.
    "e5": (e5, start(4, {1: 1.76e-3}), 1e5, 1e-24),
    "spiral": (spiral, np.ones(6), 2.0, 1e-3),
    "transit": (transit, start(5, {1: 1}), 2.0, 1e-3),
    "linear": (linear, np.ones(1), 2.0, 1e-3),
    "prothero_robinson": (prothero_robinson, np.ones(1), 10.0, 1e-3),
}


def jacobian(f):
    def of(t, y):
        columns = []
        for j in range(len(y)):
            z = y.astype(complex)
            z[j] += 1e-40j
            columns.append(np.imag(np.array(f(t, z), dtype=complex)) / 1e-40)
        return np.array(columns).T

    return of


def radau(f, y0, end, rtol, small, **more):
    s = solve_ivp(f, (0, end), y0, method="Radau", rtol=rtol, atol=rtol * small, jac=jacobian(f), **more)
    assert s.success, s.message
    return s


def condition(f, y0, end, small):
    """K at the ends of Radau's steps at 1e-4 and 1e-6: the largest, and the larger of the two means."""
    reference, of = radau(f, y0, end, 1e-9, small, dense_output=True).sol, jacobian(f)
    size = lambda t: (np.abs(reference(t)).T + small).T
    at_end = size(end)
    # For m = l times the sizes at the end, of order one at first whatever the sizes.
    matrix = lambda back: (of(end - back, reference(end - back)) / at_end[:, None] * at_end).T
    adjoint = []
    for unit in np.eye(len(y0)):
        s = solve_ivp(lambda back, m: matrix(back) @ m, (0, end), unit, method="Radau", rtol=1e-6, atol=1e-10,
                      jac=lambda back, m: matrix(back), dense_output=True)
        assert s.success, s.message
        adjoint.append(s.sol)
    times = [radau(f, y0, end, rtol, small).t[1:] for rtol in (1e-4, 1e-6)]
    factors = [np.array([(np.abs(m(end - t)) / at_end[:, None] * size(t)).sum(axis=0) for m in adjoint]) for t in times]
    return max(k.max() for k in factors), max(k.mean(axis=1).max() for k in factors)


print("scipy", scipy.__version__)
for name, (f, y0, end, small) in PROBLEMS.items():
    coarse, fine = (radau(f, y0, end, rtol, small).y[:, -1] for rtol in (1e-11, 1e-13))
    largest, mean = condition(f, y0, end, small)
    print(f"{name} at {end:g}, small {small:g}: an error on the way counts {largest:.2g} times at most, {mean:.3g} times in the mean")
    for a, b in zip(coarse, fine):
        print(f"  {b:.16e}  {abs(a - b) / abs(b):.0e}")
