"""A problem: a model, its patients, what happens to them, and when they are looked at."""

import csv
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from suite.text import model_text


@dataclass
class Infusion:
    """`parameter` is `rate` for `duration` days, `count` times every `every` days from day 0 on; otherwise 0."""

    parameter: str
    rate: float
    duration: float
    every: float
    count: int

    def switches(self):
        """Times and new values, in order."""
        for i in range(self.count):
            yield i * self.every, self.rate
            yield i * self.every + self.duration, 0.0


class Problem:
    """Reads `problem.toml` in `folder`."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.name = self.folder.name
        text = tomllib.loads((self.folder / "problem.toml").read_text())
        self.text = model_text(self.folder, text)
        self.reference = self.folder / text["reference"]
        self.infusion = Infusion(**text["infusion"])
        self.visits = [i * text["visits"]["every"] for i in range(text["visits"]["count"] + 1)]
        self.visit_flag = f"{text['visits']['every']}:{text['visits']['count']}"
        self.patients = self.folder / text["patients"]
        with open(self.patients) as file:
            rows = list(csv.reader(file))
        self.varied = rows[0][1:]
        self.values = np.array([[float(x) for x in row[1:]] for row in rows[1:]])

    def segments(self):
        """Smooth pieces `(start, end, rate, visit)`: `visit` is the number of the visit at the end, -1 if there is none."""
        switches = dict(self.infusion.switches())
        times = sorted({t for t in [*switches, *self.visits] if t <= self.visits[-1]})
        rate, pieces = 0.0, []
        for start, end in zip(times, times[1:]):
            rate = switches.get(start, rate)
            pieces.append((start, end, rate, self.visits.index(end) if end in self.visits else -1))
        return pieces
