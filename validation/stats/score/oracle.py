"""Continuous ranked probability score of an ensemble by its definition, in exact rational arithmetic over all pairs."""
import random
from fractions import Fraction

random.seed(21)
SETS = {
    "one": ([3.0], 5.0),
    "two": ([0.0, 1.0], 0.5),
    "hit": ([2.0, 2.0, 2.0], 2.0),
    "percent": ([round(random.gauss(40.0, 6.0), 3) for _ in range(50)], 47.8),
    "outside": ([random.uniform(-1.0, 1.0) for _ in range(200)], 9.0),
}


def crps(sample, outcome):
    values = [Fraction(x) for x in sample]
    n = len(values)
    distance = sum(abs(x - Fraction(outcome)) for x in values) / n
    spread = sum(abs(x - y) for x in values for y in values) / (2 * n * n)
    return float(distance - spread)


print("set,quantity,value,outcome,data")
for name, (sample, outcome) in SETS.items():
    print(f"{name},crps,{crps(sample, outcome)!r},{outcome!r},{' '.join(map(repr, sample))}")
