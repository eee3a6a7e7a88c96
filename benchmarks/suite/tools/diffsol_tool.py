"""diffsol through the program `../diffsol`, which stands before the other arguments."""

import json
import sys
from pathlib import Path

from child import output


def main(program, work, out, *wanted):
    problem = json.loads((Path(work) / "problem.json").read_text())
    for number, one in enumerate(wanted):
        words = [program, work, *one.split(":"), f"{out}{number}.bin", str(len(problem["visits"]))]
        print(output(words), flush=True)


main(*sys.argv[1:])
