"""Times Malar and its peers on the same patients, on one core, and writes benchmarks/runs/<date>.json."""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from suite import reference, tools
from suite.errors import EQUAL_ERRORS, curves, patient_errors, ratio, speed_at
from suite.prepare import prepare
from suite.problem import Problem
from suite.table import print_table

BENCHMARKS = Path(__file__).parent.parent
ENVIRONMENT = reference.environment()


def main():
    asked = arguments()
    problem = Problem(BENCHMARKS / "models" / asked.problem)
    chosen = [t for t in tools.TOOLS if not asked.only or any(word.lower() in t.name.lower() for word in asked.only)]
    if not chosen:
        sys.exit(f"no tool is called so; there are: {', '.join(t.name for t in tools.TOOLS)}")
    rows = [{"tool": t, "name": t.name, "what": t.what, "ours": t.ours, "reason": None, "runs": []} for t in chosen]
    for row in rows:
        set_up(row, asked.skip_setup)
    work = prepare(problem, ENVIRONMENT)
    if asked.setup_only:
        return print_setup(rows)
    truth = reference.load(problem)
    for number in range(1 if asked.quick else asked.rounds):
        for row in rows:
            if not row["reason"] and number < row["tool"].rounds:
                say(f"{time.strftime('%T')} round {number + 1}: {row['name']}")
                time_tool(row, number, work, truth, asked, len(problem.values))
        summary = summarise(rows, number + 1, asked, problem)
        if asked.out or not (asked.quick or asked.only):
            write(summary, asked.out)  # after each round: what was measured is not lost
    print_table(summary)


def arguments():
    parser = argparse.ArgumentParser(prog="benchmarks/suite/run", description=__doc__)
    parser.add_argument("--problem", default="qspb51", help="a folder of benchmarks/models (default: qspb51)")
    parser.add_argument("--only", nargs="+", metavar="TOOL", help="tools whose name contains one of these words")
    parser.add_argument("--quick", action="store_true", help="one round, a quarter of the patients")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything runs, interleaved (default: 3)")
    parser.add_argument("--skip-setup", action="store_true", help="install no peer; use what is there")
    parser.add_argument("--setup-only", action="store_true", help="install what the tools need, run nothing")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="processor core to run on (default: the last)")
    parser.add_argument("--out", type=Path, help="where to write the runs (default: benchmarks/runs/<date>.json, but nothing with --quick or --only)")
    return parser.parse_args()


def say(text):
    print(text, file=sys.stderr, flush=True)


def set_up(row, skip):
    tool = row["tool"]
    try:
        if not tool.command:
            tools.install_debian(tool.debian)
            raise tools.Unavailable("no script runs it yet")
        if tool.ours or not skip:
            say(f"{time.strftime('%T')} setting up {tool.name}")
            tools.set_up(tool, ENVIRONMENT)
        row["version"] = tools.version(tool, ENVIRONMENT)
    except tools.Unavailable as error:
        row["reason"] = without_paths(str(error))


def print_setup(rows):
    for row in rows:
        print(f"{row['name']:<15}{row['reason'] or row.get('version') or 'ready'}")


def time_tool(row, number, work, truth, asked, n_patients):
    """Runs a tool once at each of its tolerances, pinned to one core; a tool that fails is a row with the reason."""
    tool = row["tool"]
    patients = max(min(4, tool.patients), tool.patients // 4) if asked.quick else tool.patients
    patients = min(patients, n_patients)
    wanted = [f"{relative:g}:{relative * 1e-3:g}:{patients}" for relative in tool.relative]
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    # A compiler that comes in a virtual environment (swig for AMICI) must be found there.
    path = {"PATH": ":".join([str(ENVIRONMENT / name / "bin") for name in tool.pip] + [os.environ["PATH"]])}
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "seen")
        words = ["taskset", "-c", str(asked.core), *tool.words(ENVIRONMENT), str(work), out, *wanted]
        try:
            done = subprocess.run(words, capture_output=True, text=True, env=os.environ | one_thread | path, timeout=3600)
        except (OSError, subprocess.TimeoutExpired) as error:
            row["reason"] = without_paths(f"does not run: {error}")
            return
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode or len(lines) != len(wanted):
            last = (done.stderr.strip() or "no result").splitlines()[-1]
            row["reason"] = without_paths(f"does not run: {last}")
            return
        for relative, line, i in zip(tool.relative, lines, range(len(lines))):
            row["runs"].append(measured(relative, number, patients, json.loads(line), np.fromfile(f"{out}{i}.bin"), truth))


def measured(relative, number, patients, said, seen, truth):
    error = patient_errors(seen.reshape(patients, *truth.shape[1:]), truth)
    return {
        "round": number,
        "relative": relative,
        "absolute": relative * 1e-3,
        "patients": patients,
        "patients_per_second": patients / said["cpu_seconds"],
        "error_median": float(np.median(error)),
        "error_worst": float(np.max(error)),
        **said,
    }


def without_paths(text):
    """Where this checkout lies is nobody's business."""
    return text.replace(str(ENVIRONMENT), "benchmarks/.env").replace(str(BENCHMARKS), "benchmarks")[:300]


def summarise(rows, rounds, asked, problem):
    """Everything that is written: machine, raw runs, medians over rounds by tool and tolerance, ratios."""
    rows = [{key: value for key, value in row.items() if key != "tool"} for row in rows]
    for row in rows:
        row["points"] = [point(row["runs"], relative) for relative in dict.fromkeys(r["relative"] for r in row["runs"])]
        best = min((p["error_worst"] for p in row["points"]), default=None)
        row["agrees_to_1e-3"] = None if best is None else best <= 1e-3
    summary = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "machine": machine(), "problem": problem.name}
    summary |= {"rounds": rounds, "quick": asked.quick, "command": " ".join(["benchmarks/suite/run", *sys.argv[1:]])}
    for name, error in EQUAL_ERRORS.items():
        found = ratio(curves(rows), error)
        summary[f"ratio_equal_error_{name}"] = found and found["ratio"]
        summary[f"best_at_equal_error_{name}"] = found
        summary[f"patients_per_second_at_equal_error_{name}"] = {tool: speed_at(curve, error) for tool, _, curve in curves(rows)}
    return summary | {"tools": rows}


def point(runs, relative):
    """Medians over the rounds at one tolerance; errors and steps are the same in every round."""
    same = [r for r in runs if r["relative"] == relative]
    middle = lambda key: statistics.median(r[key] for r in same)
    keep = {key: same[0].get(key) for key in ("relative", "absolute", "patients", "error_median", "error_worst", "steps", "rejected", "failures")}
    return keep | {key: middle(key) for key in ("patients_per_second", "setup_seconds", "peak_mb")}


def machine():
    text = Path("/proc/cpuinfo").read_text()
    found = lambda key: next((line.split(":")[1].strip() for line in text.splitlines() if line.startswith(key)), "")
    flags = found("flags").split()
    return {
        "processor": found("model name"),
        "family_model_stepping": [found("cpu family"), found("model\t"), found("stepping")],
        "vector": [f for f in ("avx2", "fma", "avx512f", "avx512dq") if f in flags],
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "system": platform.platform(),
    }


def write(summary, out):
    other = "" if summary["problem"] == "qspb51" else f"-{summary['problem']}"
    out = out or BENCHMARKS / "runs" / f"{summary['date'][:10]}{other}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(summary, indent=1) + "\n")
    say(f"raw runs: {out}")


main()
