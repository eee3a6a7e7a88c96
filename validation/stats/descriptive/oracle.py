"""Mean, spread and quantiles: numpy for quantiles, exact rational arithmetic for mean and spread."""
import math
import random
from fractions import Fraction

import numpy as np

random.seed(20)
SETS = {
    "small": [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0],
    "pair": [0.1, 0.2],
    "offset": [1e9 + x for x in (4.0, 7.0, 13.0, 16.0)],
    "mixed": [1e16, 1.0, -1e16, 1.0, 3.5],
    "random": [random.gauss(10.7, 3.9) for _ in range(200)],
    "ladder": [random.uniform(-1, 1) * 10.0 ** random.randint(-12, 12) for _ in range(100)],
}


def exact_root(value):
    """Square root of a fraction, rounded to a double."""
    scale = 2**400
    return float(Fraction(math.isqrt(int(value * scale * scale)), scale))


print(f"# numpy {np.__version__}")
print("set,quantity,value,data")
for name, values in SETS.items():
    data = " ".join(map(repr, values))
    exact = [Fraction(v) for v in values]
    mean = sum(exact) / len(exact)
    variance = sum((v - mean) ** 2 for v in exact) / (len(exact) - 1)
    rows = [("sum", math.fsum(values)), ("mean", float(mean)), ("standard_deviation", exact_root(variance))]
    rows += [(f"quantile {p}", float(np.quantile(values, p))) for p in (0.0, 0.1, 0.25, 0.5, 0.9, 1.0)]
    weights = [1.0 + i % 3 for i in range(len(values))]
    rows.append(("weighted_mean", float(np.average(values, weights=weights))))
    for quantity, value in rows:
        print(f"{name},{quantity},{value!r},{data}")
