"""Compiles and runs `cvode.c`. Set-up is the compiler's time: writing the C from the model is not counted."""

import json
import resource
import subprocess
import sys
from pathlib import Path

from child import output

LIBRARIES = "cvode nvecserial sunlinsolklu sunmatrixsparse generic".split()


def compiled(work):
    """The program for this problem, and the processor seconds it took to compile."""
    program, seconds = work / "cvode", work / "cvode.seconds"
    if not program.exists():
        flags = ["-O3", "-march=native", "-ffast-math", "-fno-finite-math-only", "-w", f"-I{work}", "-I/usr/include/suitesparse"]
        source = str(Path(__file__).with_name("cvode.c"))
        subprocess.run(["gcc", *flags, source, "-o", program, *[f"-lsundials_{name}" for name in LIBRARIES], "-lklu", "-lm"], check=True)
        seconds.write_text(str(sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])))
    return program, float(seconds.read_text())


def run(work, relative, absolute, patients, out):
    """Returns what the program says of itself."""
    program, seconds = compiled(work)
    words = [program, work / "patients.bin", relative, absolute, patients, out]
    result = json.loads(output(words))
    result["setup_seconds"] += seconds
    return result


if __name__ == "__main__":
    for number, wanted in enumerate(sys.argv[3:]):
        print(json.dumps(run(Path(sys.argv[1]), *wanted.split(":"), f"{sys.argv[2]}{number}.bin")), flush=True)
