"""Gehan's test (Breslow's form, stratified too) by statsmodels, on the data of expected.csv.

    python gehan.py > gehan.csv
"""
import pathlib

import numpy as np
import statsmodels
from statsmodels.duration.survfunc import survdiff

print(f"# statsmodels {statsmodels.__version__}")
print("set,strata,chi square,p")
lines = (pathlib.Path(__file__).parent / "expected.csv").read_text().splitlines()
rows = [line.split(",") for line in lines if line.startswith("data,")]
for name in ("made", "ovarian", "lung"):
    time, status, x, _, h = np.array([row[2:7] for row in rows if row[1] == name], float).T
    for stratified in (False, True):
        chi, p = survdiff(time, status, x, weight_type="gb", strata=h if stratified else None)
        print(f"{name},{'yes' if stratified else 'no'},{float(chi)!r},{float(p)!r}")
