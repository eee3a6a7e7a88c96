"""Fills the work folder of a problem: everything the tools read, written once per state of the model and of these scripts."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np

from suite import code, network

FORMAT = 2  # raise to have every work folder written anew


def prepare(problem, environment):
    """Returns the work folder of `problem`; keeps what tools cached there (compiled models) unless the model changed."""
    digest = hashlib.sha256(f"{FORMAT} {problem.text}".encode())
    here = Path(__file__).parent
    for path in [problem.folder / "problem.toml", problem.patients, here / "network.py", here / "code.py", here / "prepare.py"]:
        digest.update(path.read_bytes())
    folder = environment / "work" / f"{problem.name}-{digest.hexdigest()[:12]}"
    if not (folder / "problem.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write(problem, folder)
    return folder


def write(problem, folder):
    text = problem.text
    # Copies: another checkout may use the same environment.
    (folder / "model.ant").write_text(text)
    shutil.copyfile(problem.patients, folder / "patients.csv")
    plain = network.to_sbml(text)
    (folder / "plain.xml").write_text(plain)
    (folder / "events.xml").write_text(network.to_sbml(text, problem.infusion))
    model = network.Network(plain)
    names = list(model.parameters)
    rows = np.tile(np.array(list(model.parameters.values())), (len(problem.values), 1))
    rows[:, [names.index(n) for n in problem.varied]] = problem.values
    rows.tofile(folder / "patients.bin")
    infused = names.index(problem.infusion.parameter)
    (folder / "model.c").write_text(code.c_source(model))
    (folder / "protocol.h").write_text(protocol(model, problem, infused))
    (folder / "model.diffsl").write_text(code.diffsl_source(model, problem.varied, problem.infusion.parameter))
    (folder / "model_jax.py").write_text(code.jax_source(model))
    np.savetxt(folder / "segments.csv", np.array(problem.segments()), delimiter=",", fmt="%.17g")
    np.savetxt(folder / "initial.csv", np.array(model.initial), fmt="%.17g")
    np.savetxt(folder / "varied.csv", problem.values, delimiter=",", fmt="%.17g")
    description = {
        "states": model.states,
        "initial": model.initial,
        "parameters": names,
        "varied": problem.varied,
        "infusion": vars(problem.infusion),
        "visits": problem.visits,
        "segments": problem.segments(),
        "model": str(folder / "model.ant"),
        "patients": str(folder / "patients.csv"),
        "visit_flag": problem.visit_flag,
    }
    (folder / "problem.json").write_text(json.dumps(description, indent=1))


def protocol(model, problem, infused):
    """What happens, as C."""
    pieces = problem.segments()
    table = ", ".join(f"{{{a!r}, {b!r}, {r!r}, {v}}}" for a, b, r, v in pieces)
    return "\n".join([
        # Not `static const`: gcc 12 with -march=native on Zen turns copies of a constant array into stores of which some are wrong.
        f"double initial[N_STATES] = {{{', '.join(map(repr, model.initial))}}};",
        f"enum {{ INFUSED = {infused}, N_VISITS = {len(problem.visits)}, N_SEGMENTS = {len(pieces)} }};",
        "static const struct { double start, end, rate; int visit; } segments[] = {" + table + "};",
    ]) + "\n"
