"""diffsol through the program `../diffsol`, which stands before the other arguments."""

import json
import subprocess
import sys
from pathlib import Path


def main(program, work, out, *wanted):
    problem = json.loads((Path(work) / "problem.json").read_text())
    for number, one in enumerate(wanted):
        words = [program, work, *one.split(":"), f"{out}{number}.bin", str(len(problem["visits"]))]
        print(subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip(), flush=True)


main(*sys.argv[1:])
