"""The tools: how each is set up, how it is called, at which tolerances it runs."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

SUITE = Path(__file__).parent
REPOSITORY = SUITE.parent.parent


class Unavailable(Exception):
    """A tool that cannot be set up here; the text is the reason that the table shows."""


@dataclass
class Tool:
    """One row of the table. `patients` are simulated in a full run, `relative` are its tolerances (absolute: a thousandth of each)."""

    name: str
    what: str
    command: list  # `{env}` is the environment folder, `{tools}` the scripts
    relative: tuple
    patients: int
    pip: dict = field(default_factory=dict)  # virtual environment: packages
    debian: tuple = ()
    cargo: tuple = ()  # arguments of cargo
    ours: bool = False
    rounds: int = 1_000  # at most so many: a slow tool need not run often
    version: list = field(default_factory=list)  # prints the version

    def words(self, environment):
        places = {"env": str(environment), "tools": str(SUITE / "tools"), "program": str(malar_program())}
        return [word.format(**places) for word in self.command]


def target():
    return Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))


def malar_program():
    return target() / "release" / "examples" / "patients"


def python_tool(name, what, script, packages, relative, patients, env="python", **more):
    command = ["{env}/" + env + "/bin/python", "{tools}/" + script]
    show = ["{env}/" + env + "/bin/pip", "show", packages[-1].split("==")[0]]
    return Tool(name, what, command, relative, patients, pip={env: packages}, version=show, **more)


def malar(method, code="machine"):
    name, what = f"malar {method}", "this project, model read at run time"
    if code == "tape":
        name, what = f"{name}, tape", f"{what}, without machine code made for it"
    return Tool(
        name, what, ["{env}/python/bin/python", "{tools}/malar_tool.py", "{program}", method, code],
        (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6), 256, ours=True,
        cargo=("build", "--release", "-p", "malar-tape", "--example", "patients"), version=["git", "-C", str(REPOSITORY), "rev-parse", "--short", "HEAD"],
    )


def desolve(method, tolerances):
    command = ["{env}/python/bin/python", "{tools}/desolve_tool.py", method]
    version = ["dpkg-query", "-W", "-f", "${Version}", "r-cran-desolve"]
    return Tool(f"deSolve {method}", "R, rates in C", command, tolerances, 16, debian=("r-base-core", "r-base-dev", "r-cran-desolve"), version=version)


LOOSE, TIGHT = (1e-4, 1e-5, 1e-6, 1e-7), (1e-5, 1e-6, 1e-7, 1e-8)
# The curves of work over error bend: ours and the two fastest peers run at more tolerances, so that little is read off between points.
FINE_LOOSE, FINE_TIGHT = (1e-4, 1e-5, 3e-6, 1e-6, 3e-7, 1e-7), (1e-5, 3e-6, 1e-6, 3e-7, 1e-7, 1e-8)
NUMBA = "numba==0.68.1"

TOOLS = [
    malar("rodas4"),
    malar("rodas5"),
    malar("rodas5p"),
    malar("rodas5", code="tape"),
    python_tool("AMICI", "compiled C++, CVODES and KLU", "amici_tool.py", ["swig==4.5.1", "amici==1.0.1"], FINE_TIGHT, 64, env="amici",
                debian=("g++", "libopenblas-dev", "cmake")),
    Tool("CVODE", "C and KLU, compiled", ["{env}/python/bin/python", "{tools}/cvode_tool.py"], TIGHT, 64,
         debian=("gcc", "libsundials-dev", "libsuitesparse-dev"), version=["dpkg-query", "-W", "-f", "${Version}", "libsundials-dev"]),
    python_tool("libroadrunner", "LLVM at load, CVODE", "roadrunner_tool.py", ["libroadrunner==2.10.0"], LOOSE, 32),
    python_tool("numbalsoda", "LSODA in C++, rates in C", "numbalsoda_tool.py", [NUMBA, "numbalsoda==0.3.4"], LOOSE, 32),
    Tool("diffsol", "Rust, BDF, sparse LU, Cranelift", ["{env}/python/bin/python", "{tools}/diffsol_tool.py", "{env}/diffsol/release/diffsol-patients"],
         FINE_LOOSE, 32, cargo=("build", "--release", "--manifest-path", str(SUITE / "diffsol" / "Cargo.toml"), "--target-dir", "{env}/diffsol", "--locked"),
         version=["cargo", "tree", "--manifest-path", str(SUITE / "diffsol" / "Cargo.toml"), "--depth", "1"]),
    desolve("bdf", LOOSE),
    desolve("lsoda", LOOSE),
    python_tool("scikit-sundae", "CVODE from Python, dense, rates in C", "sundae_tool.py", [NUMBA, "scikit-sundae==1.2.0"], TIGHT, 8),
    python_tool("COPASI", "LSODA, interpreted", "copasi_tool.py", ["copasi-basico==0.92"], LOOSE, 4),
    python_tool("diffrax", "JAX, Kvaerno5", "diffrax_tool.py", ["jax[cpu]==0.10.2", "diffrax==0.7.2"], (1e-4, 1e-5), 1, env="jax", rounds=1),
    Tool("mrgsolve", "R, LSODA", [], LOOSE, 16, debian=("r-cran-mrgsolve",)),
]


def set_up(tool, environment):
    """Installs what `tool` needs, or raises `Unavailable`."""
    install_debian(tool.debian)
    for name, packages in tool.pip.items():
        install_python(environment / name, packages)
    if tool.cargo:
        words = ["cargo", *[word.format(env=environment) for word in tool.cargo]]
        run(words, "cargo build failed", cwd=REPOSITORY, timeout=3600)


def install_debian(packages):
    missing = [p for p in packages if subprocess.run(["dpkg-query", "-W", "-f", "${Status}", p], capture_output=True, text=True).stdout[-9:] != "installed"]
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise Unavailable(f"needs {' '.join(missing)}, and this is not Debian")
    known = lambda p: "Candidate: (none)" not in (shown := subprocess.run(["apt-cache", "policy", p], capture_output=True, text=True).stdout) and shown
    if not all(known(p) for p in missing):
        run(as_root("apt-get", "update"), "apt-get update failed")
    if unknown := [p for p in missing if not known(p)]:
        raise Unavailable(f"Debian has no {' '.join(unknown)}")
    run(as_root("apt-get", "install", "-y", "--no-install-recommends", *missing), f"cannot install {' '.join(missing)}")


def as_root(*words):
    if os.geteuid() == 0:
        return list(words)
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n", *words]
    raise Unavailable(f"needs root for `{' '.join(words)}`")


def install_python(folder, packages):
    if not (folder / "bin" / "python").exists():
        run(["python3", "-m", "venv", str(folder)], "no virtual environment")
    environment = os.environ | {"PATH": f"{folder}/bin:{os.environ['PATH']}"}
    for package in packages:
        run([f"{folder}/bin/python", "-m", "pip", "install", "-q", "--no-compile", "--prefer-binary", package], f"pip has no working {package}", env=environment, timeout=3600)


def run(words, complaint, timeout=1800, **more):
    """Runs a step of the set-up; its last line of complaint becomes the reason."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout, **more)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{complaint}: {error}") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Unavailable(f"{complaint}: {lines[-1] if lines else 'no word why'}")


def version(tool, environment):
    """As the package manager says it; empty if it does not."""
    words = [word.format(env=environment) if "{env}" in word else word for word in tool.version]
    text = subprocess.run(words, capture_output=True, text=True).stdout if words else ""
    for line in text.splitlines():
        if line.startswith("Version: "):
            return line.removeprefix("Version: ")
        if "diffsol v" in line:
            return line.split(" v")[-1].split()[0]
    return text.strip() if len(text.splitlines()) == 1 else ""
