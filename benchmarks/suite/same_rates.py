"""Do two SBML files have the same rates? `python -m suite.same_rates A.xml B.xml` prints the largest relative difference at 1,000 random states."""

import sys

import numpy as np
import roadrunner


def main(first, second):
    runners = [roadrunner.RoadRunner(path) for path in (first, second)]  # a model lives as long as its runner
    models = [runner.model for runner in runners]
    names = list(models[0].getFloatingSpeciesIds())
    order = [list(models[1].getFloatingSpeciesIds()).index(n) for n in names]
    parameters = list(models[0].getGlobalParameterIds())
    random = np.random.default_rng(1)
    worst = 0.0
    for _ in range(1000):
        state = random.lognormal(0.0, 1.0, len(names))
        rate = random.lognormal(0.0, 1.0)
        rates = []
        for model in models:
            ids = list(model.getFloatingSpeciesIds())
            model.setFloatingSpeciesConcentrations([ids.index(n) for n in names], state)
            model.setGlobalParameterValues([list(model.getGlobalParameterIds()).index("InfRate")], [rate])
            rates.append(np.array([model[f"{n}'"] for n in ids]))
        a, b = rates[0], rates[1][order]
        scale = np.abs(a) + np.abs(b)
        assert np.isfinite(scale).all() and scale.max() > 0
        worst = max(worst, np.max(np.abs(a - b) / np.where(scale > 0, np.maximum(scale, 1e-3 * scale.max()), 1.0)))
    print(f"{len(names)} states, {len(parameters)} parameters and assignments: largest relative difference of the rates {worst:.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
