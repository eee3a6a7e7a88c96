"""Runs a program for a tool's script."""

import subprocess
import sys


def output(words):
    """Standard output of the program; if it fails, the script ends with the program's first words about it."""
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        sys.exit(f"{words[0]}: status {done.returncode}: {' '.join(said[:3])}")
    return done.stdout.strip()
