"""The kidney of Budu-Grajdeanu et al. 2010 (doi:10.1186/1742-4682-7-14), written as published and solved by scipy.

States: I immune complexes, P pro-inflammatory mediators, D damage, A anti-inflammatory mediators; f(x) = x/(1 + (A/A_inf)^2).
Prints what the variant `inflammatory-kidney` takes from it (levels and shares at the steady state in the middle of the published ranges) and
writes `kidney.csv`: damage over its steady state after the drive has stepped to another strength.

    python oracle.py          needs numpy and scipy
"""

import csv
import pathlib

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import fsolve

k_id, k_ip, k_pi, k_pp, k_pd, mu_p = 1, 0.025, 0.13, 0.02, 0.001, 0.06
k_dip, k_dp, mu_d, k_ap, k_ad, mu_a, A_inf = 0.025, 0.27, 0.04, 0.022, 0.22, 2.2, 0.45

# Around a flare s_i goes from 0.001 to 0.005, s_id from 0.002 to 0.015, s_a from 0.3 to 0.05: one drive r moves them together,
# r = 1 in the middle (on the logarithm), and s_i in proportion to r.
MIDDLE = np.sqrt([0.001 * 0.005, 0.002 * 0.015, 0.05 * 0.3])
POWERS = np.array([1, np.log(15 / 2) / np.log(5), -np.log(6) / np.log(5)])
DAYS = [7, 28, 84, 168, 364, 728]
STEPS = [0.1, 0.3, 0.7, 1.5, 3.0]


def rates(y, s):
    I, P, D, A = y
    s_i, s_id, s_a = s
    f = lambda x: x / (1 + (A / A_inf) ** 2)
    return np.array(
        [
            f(s_i) + f(s_id) * D**2 / (k_id**2 + D**2) - k_ip * f(P) * I,
            f(k_pi * I + k_pp * P) + f(k_pd * D) - mu_p * P,
            k_dip * f(P) * I + k_dp * f(P) - mu_d * D,
            s_a + f(k_ap * P + k_ad * D) - mu_a * A,
        ]
    )


def course(y, s, days):
    solved = solve_ivp(lambda t, y: rates(y, s), (0, days[-1]), y, t_eval=days, method="LSODA", rtol=1e-11, atol=1e-13)
    return solved.y


steady = fsolve(lambda y: rates(y, MIDDLE), course([0.3, 0.3, 0.5, 0.1], MIDDLE, [20000])[:, -1])
I, P, D, A = steady
hill = D**2 / (k_id**2 + D**2)
brake = 1 / (1 + (A / A_inf) ** 2)
print(f"steady state I {I:.9g}, P {P:.9g}, D {D:.9g}, A {A:.9g}; rates {rates(steady, MIDDLE)}")
print(f"kidney_k_complexes             {k_ip * brake * P:.9g}")
print(f"kidney_feedback                {MIDDLE[1] * hill / (MIDDLE[0] + MIDDLE[1] * hill):.9g}")
print(f"kidney_damage_level            {D / k_id:.9g}")
print(f"kidney_restraint_level         {A / A_inf:.9g}")
made = k_pi * I + k_pp * P + k_pd * D
print(f"kidney_inflamed_by_complexes   {k_pi * I / made:.9g}")
print(f"kidney_inflamed_by_damage      {k_pd * D / made:.9g}")
print(f"kidney_damaged_by_complexes    {k_dip * I / (k_dip * I + k_dp):.9g}")
print(f"kidney_restraint_basal         {MIDDLE[2] / (mu_a * A):.9g}")
print(f"kidney_restraint_by_inflammation {k_ap * P / (k_ap * P + k_ad * D):.9g}")
print(f"powers {POWERS}")

with open(pathlib.Path(__file__).with_name("kidney.csv"), "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["drive", "day", "damage"])
    for drive in STEPS:
        for day, damage in zip(DAYS, course(steady, MIDDLE * drive**POWERS, DAYS)[2]):
            table.writerow([drive, day, f"{damage / D:.9g}"])
