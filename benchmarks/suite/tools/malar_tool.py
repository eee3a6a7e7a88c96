"""This project's engine, through the program `crates/tape/examples/patients.rs`. Program, method and code stand before the other arguments.

The model is read and compiled to a tape at run time; set-up is that. All patients of a run go through one integrator on one core.
"""

import json
import sys
from pathlib import Path

from child import output


def main(program, method, code, work, out, *wanted):
    problem = json.loads((Path(work) / "problem.json").read_text())
    infusion = ":".join(str(problem["infusion"][k]) for k in ("parameter", "rate", "duration", "every", "count"))
    for number, one in enumerate(wanted):
        relative, absolute, n = one.split(":")
        words = [program, problem["model"], problem["patients"], "--infusion", infusion, "--visits", problem["visit_flag"]]
        words += ["--states", ",".join(problem["states"]), "--method", method, "--code", code, "--relative", relative, "--absolute", absolute]
        words += ["--patients", n, "--out", f"{out}{number}.bin"]
        print(output(words), flush=True)


main(*sys.argv[1:])
