"""SAS transport files between Malar and pyreadstat (which stands on ReadStat).

    malar run tulip-2 --replicates 1 --patients 24 --seed 7 --out run --export xpt
    malar export run --format csv --out csv
    python validation/derive/pyreadstat_xpt.py run/export/0001 csv/0001 crates/workbench/tests/derive > validation/derive/output.txt

Reads every table that Malar wrote, compares it value by value with the same table as CSV (whose numbers are the shortest that come back
exactly), and writes `pyreadstat.xpt` and what it holds, `pyreadstat.csv`, into the last folder: the test
`what_pyreadstat_writes_is_read` reads them.
"""

import csv
import math
import pathlib
import sys

import pandas as pd
import pyreadstat

ours, text, tests = map(pathlib.Path, sys.argv[1:])
print("pyreadstat", pyreadstat.__version__)
wrong = 0
for path in sorted(ours.glob("*.xpt")):
    frame, meta = pyreadstat.read_xport(path)
    rows = list(csv.reader(open(text / f"{path.stem}.csv", newline="")))
    names, rows = rows[0], rows[1:]
    assert list(frame.columns) == names, path
    assert len(frame) == len(rows), (path, len(frame), len(rows))
    differ = 0
    for row, (_, found) in zip(rows, frame.iterrows()):
        for cell, name in zip(row, names):
            value = found[name]
            if isinstance(value, float):
                same = math.isnan(value) if cell == "" else float(cell) == value
            else:
                same = cell.rstrip() == value
            differ += not same
    wrong += differ
    print(f"{path.name}: table {meta.table_name}, {len(frame)} rows, {len(names)} columns, label {meta.file_label!r}, {differ} values differ")

frame = pd.DataFrame(
    {
        "USUBJID": ["01-001", "01-001", "01-002", "é"],
        "AVAL": [1.79, float("nan"), -118.625, 1e-20],
        "ADY": [1.0, 29.0, 365.0, -7.0],
        "AVALC": ["", "B", "a longer text, with a comma", "Y"],
    }
)
pyreadstat.write_xport(frame, tests / "pyreadstat.xpt", file_format_version=5, table_name="ADX", column_labels=["Subject", "Value", "Day", "Text"])
with open(tests / "pyreadstat.csv", "w", newline="") as out:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    for row in frame.itertuples(index=False):
        writer.writerow(["" if isinstance(x, float) and math.isnan(x) else x for x in row])
print("wrote pyreadstat.xpt,", len(frame), "rows")
sys.exit(bool(wrong))
