"""The C of the model as numba and LSODA call it."""

import ctypes
import re
import subprocess

import numpy as np
from numba import njit


class Compiled:
    """Loads `model.c`, compiled on first use; `seconds` is what gcc took."""

    def __init__(self, work):
        library = work / "model.so"
        if not library.exists():
            flags = ["-O3", "-march=native", "-ffast-math", "-fno-finite-math-only", "-shared", "-fPIC"]
            subprocess.run(["gcc", *flags, str(work / "model.c"), "-o", str(library), "-lm"], check=True)
        self.library = ctypes.CDLL(str(library))
        text = (work / "model.c").read_text()
        numbers = lambda name: np.array([int(x) for x in re.search(name + r"\[\] = \{([^}]*)\}", text)[1].split(",")])
        self.columns, self.rows = numbers("columns"), numbers("rows")

    def address(self, name):
        return ctypes.cast(getattr(self.library, name), ctypes.c_void_p).value

    def function(self, name):
        """`name(t, y, p, out)` as numba can call it; the arguments after `t` are addresses."""
        return ctypes.CFUNCTYPE(None, ctypes.c_double, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)((name, self.library))


def rates_function(compiled, n_states):
    raw = compiled.function("rates")

    @njit
    def rates(t, y, p):
        dy = np.empty(n_states)
        raw(t, y.ctypes.data, p.ctypes.data, dy.ctypes.data)
        return dy

    return rates


def jacobian_function(compiled):
    """Nonzero entries, column by column."""
    raw = compiled.function("jacobian")
    n = len(compiled.rows)

    @njit
    def entries(t, y, p):
        values = np.empty(n)
        raw(t, y.ctypes.data, p.ctypes.data, values.ctypes.data)
        return values

    return entries
