"""Compiles the C of the model for R's deSolve and runs `desolve.R`. The method stands before the other arguments."""

import json
import subprocess
import sys
from pathlib import Path

from child import output

GLUE = """
#include <R.h>
#include "{work}/model.c"
static double parameters[N_PARAMETERS];
void initmod(void (*set)(int *, double *)) {{ int n = N_PARAMETERS; set(&n, parameters); }}
void derivs(int *n, double *t, double *y, double *dy, double *out, int *ip) {{ rates(*t, y, parameters, dy); }}
"""


def library(work):
    target = work / "desolve.so"
    if not target.exists():
        source = work / "desolve.c"
        source.write_text(GLUE.format(work=work))
        flags = output(["R", "CMD", "config", "--cppflags"]).split()
        optimise = ["-O3", "-march=native", "-ffast-math", "-fno-finite-math-only"]
        subprocess.run(["gcc", *optimise, *flags, "-shared", "-fPIC", str(source), "-o", str(target), "-lm"], check=True)
    return target


def main(method, work, out, *wanted):
    work = Path(work).resolve()
    problem = json.loads((work / "problem.json").read_text())
    n_parameters = len(problem["parameters"])
    infused = problem["parameters"].index(problem["infusion"]["parameter"]) + 1
    script = str(Path(__file__).with_name("desolve.R"))
    for number, one in enumerate(wanted):
        words = [work, library(work), method, *one.split(":"), f"{out}{number}.bin", n_parameters, infused]
        print(output(["Rscript", script, *words]).splitlines()[-1], flush=True)


main(*sys.argv[1:])
