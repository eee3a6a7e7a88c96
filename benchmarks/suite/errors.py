"""How far a run is from the reference, and how fast it would be at a given error."""

import numpy as np

EQUAL_ERRORS = {"5e-4": 5e-4, "5e-5": 5e-5}  # median errors at which tools are compared


def patient_errors(seen, reference):
    """Largest |y - reference| / (|reference| + 1e-6) over visits and states, of each patient that both have."""
    n = min(len(seen), len(reference))
    error = np.abs(seen[:n] - reference[:n]) / (np.abs(reference[:n]) + 1e-6)
    return np.where(np.isnan(error), np.inf, error).max(axis=(1, 2))


def speed_at(curve, error):
    """Patients per second at median error `error`: straight lines between points `(error, speed)` on logarithmic scales.

    None if the curve does not come down to that error. If its loosest point is better already, that point's speed.
    """
    points = sorted(p for p in curve if np.isfinite(p[0]) and p[0] > 0)
    if not points or points[0][0] > error:
        return None
    # At a larger error than the whole curve `interp` keeps the end value, which is the loosest point.
    errors, speeds = np.log(np.array(points)).T
    return float(np.exp(np.interp(np.log(error), errors, speeds)))


def curves(rows):
    """`(name, ours, [(median error, patients per second)])` of each tool."""
    return [(row["name"], row["ours"], [(p["error_median"], p["patients_per_second"]) for p in row["points"]]) for row in rows]


def ratio(rows, error):
    """Our best method against the best peer at `error`: `{ratio, malar, peer, ...}`; None if either does not get there."""
    ours = [(s, name) for name, mine, curve in rows if mine and (s := speed_at(curve, error))]
    peers = [(s, name) for name, mine, curve in rows if not mine and (s := speed_at(curve, error))]
    if not ours or not peers:
        return None
    (fast, method), (best, peer) = max(ours), max(peers)
    return {"ratio": fast / best, "malar": method, "malar_patients_per_second": fast, "peer": peer, "peer_patients_per_second": best}
