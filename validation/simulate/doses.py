"""What a table of doses means, by matrix exponentials: an oracle for `malar simulate --doses`.

    python doses.py            # writes doses.expected.csv and saturable.expected.csv

The first part is linear, so that every value is closed: between events A(t) = e^{Kt} A + K^-1 (e^{Kt} - 1) R, and a steady state is
(1 - e^{K II})^-1 times what one interval brings. Its reading of NONMEM's columns is written apart from Malar's: doses are laid out as
bolus and rate changes on one time axis. The second part, saturable elimination, has no closed form: LSODA at 1e-12 goes through a
thousand intervals one by one.

Python 3.11, numpy 2.4, scipy 1.17.
"""

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm, solve

HERE = Path(__file__).parent
V1, V2, KA, CL, Q = 5.0, 12.0, 1.1, 0.9, 0.5
K = np.array([[-KA, 0, 0], [KA, -(CL + Q) / V1, Q / V2], [0, Q / V1, -Q / V2]])
NAMES = {"1": 0, "2": 1, "3": 2, "depot": 0, "central": 1, "peripheral": 2}
END, STEPS = 72.0, 144


def flow(a, rate, t):
    """Amounts after t with constant inflow."""
    e = expm(K * t)
    return e @ a + solve(K, (e - np.eye(3)) @ rate)


def unit(i):
    return np.eye(3)[i]


def steady(amount, rate, duration, interval, i):
    """Amounts just before the dose at steady state; infusions as superposition of long-gone ones."""
    if interval == 0:
        return -solve(K, rate * unit(i))
    e = expm(K * interval)
    if rate == 0:
        return solve(np.eye(3) - e, e @ (amount * unit(i)))
    # What one dose leaves `interval` after its beginning, and every interval later: a geometric series of those that have ended.
    n = int(np.ceil(duration / interval - 1e-12))
    total = np.zeros(3)
    for k in range(1, n):  # still running, begun k intervals ago
        total += flow(np.zeros(3), rate * unit(i), k * interval)
    ended = flow(flow(np.zeros(3), rate * unit(i), duration), np.zeros(3), n * interval - duration)
    return total + solve(np.eye(3) - e, ended)


def number(text):
    return 0.0 if text in (".", "") else float(text)


def patient(rows):
    """Amounts at every row time, after what happens then."""
    records = []
    for k, row in enumerate(rows):
        evid, t = int(number(row["EVID"])), number(row["TIME"])
        starts_anew = [number(r["TIME"]) for r in rows[k + 1:] if int(number(r["EVID"])) >= 3 or number(r["SS"]) == 1]
        records.append((t, row, False))
        for j in range(1, int(number(row["ADDL"])) + 1):
            later = t + j * number(row["II"])
            if evid in (1, 4) and not any(s <= later for s in starts_anew):
                records.append((later, row, True))
    records.sort(key=lambda r: r[0])
    a, t = np.zeros(3), 0.0
    running = []  # (end, compartment, rate)
    seen = []
    times = [END * k / STEPS for k in range(STEPS + 1)]

    def advance(to):
        nonlocal a, t, running
        while t < to:
            stop = min([to] + [e for e, _, _ in running])
            rate = sum((r * unit(i) for _, i, r in running), np.zeros(3))
            a, t = flow(a, rate, stop - t), stop
            running = [f for f in running if f[0] > t + 1e-12]

    def happen(row, additional):
        nonlocal a, running
        evid = int(number(row["EVID"]))
        if evid >= 3 and not additional:
            a, running = np.zeros(3), []
        if evid not in (1, 4):
            return
        i, amount, rate, duration = NAMES[row["CMT"]], number(row["AMT"]), number(row["RATE"]), number(row["DUR"])
        if duration > 0:
            rate = amount / duration
        elif rate > 0:
            duration = amount / rate
        ss, interval = int(number(row["SS"])), number(row["II"])
        if ss and not additional:
            before = steady(amount, rate, duration, interval, i)
            if ss == 1:
                a, running = before, []
            else:
                a = a + before
            k = 1
            while interval > 0 and rate > 0 and k * interval < duration - 1e-12:
                running.append((t + duration - k * interval, i, rate))
                k += 1
            if interval == 0:
                return
        if rate > 0:
            running.append((t + duration, i, rate))
        else:
            a = a + amount * unit(i)

    for time in times:
        while records and records[0][0] <= time + 1e-12:
            when, row, additional = records.pop(0)
            advance(when)
            happen(row, additional)
        advance(time)
        seen.append((time, a.copy()))
    return seen


def linear():
    rows = defaultdict(list)
    with open(HERE / "doses.csv") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            rows[row["ID"]].append(row)
    with open(HERE / "doses.expected.csv", "w") as file:
        file.write("patient,time,depot,central,peripheral\n")
        for who, own in rows.items():
            for time, a in patient(own):
                file.write(f"{who},{time:g},{a[0]:.15g},{a[1] / V1:.15g},{a[2] / V2:.15g}\n")


def saturable():
    """x' = -vmax x/(km + x): 3 at every interval of 4, then the interval after the steady-state dose."""
    vmax, km, amount, interval = 1.3, 0.8, 3.0, 4.0
    rate = lambda t, x: -vmax * x / (km + x)
    x = 0.0
    for _ in range(1000):
        x = solve_ivp(rate, (0, interval), [x + amount], method="LSODA", rtol=1e-12, atol=1e-14).y[0, -1]
    with open(HERE / "saturable.expected.csv", "w") as file:
        file.write("time,x\n")
        times = np.linspace(0, interval, 9)
        after = solve_ivp(rate, (0, interval), [x + amount], method="LSODA", rtol=1e-12, atol=1e-14, t_eval=times)
        for time, value in zip(times, after.y[0]):
            # At the last row the simulation stops; no dose is due then.
            file.write(f"{time:g},{value:.15g}\n")


linear()
saturable()
