"""Golden vectors of touch networks: generated windows, none from recorded people."""

import numpy as np
import torch

from features import touch_inputs

COLUMNS = ("pause interval duration others continued lifted drawn length dx dy speed peak peak_share onset tail turn signed_turn bow "
           "radius radius_rise radius_spread pressure pressure_max pressure_rise readings tilt_x tilt_y tilt_z").split()


def windows():
    """(name, rows of COLUMNS)"""
    rng = np.random.default_rng(9)
    tilt = [0.1, 0.5, 0.85]

    def taps(n, held=1, pressed=1):
        return [[rng.normal() * 150 + 100, 250 + rng.normal() * 80, 90 + rng.normal() * 20, int(rng.integers(2)), 0, 1, 0, abs(rng.normal()) * 3,
                 rng.normal(), rng.normal(), 0, 0, 0, 0, 0, 0, 0, 0, 11 + rng.normal(), rng.normal() * 0.1, 0.05,
                 0.2 * pressed, 0.25 * pressed, 0.02 * pressed, held, *(tilt if held else [0, 0, 0])] for _ in range(n)]

    def drawn(n):
        return [[100, 400, 300 + rng.normal() * 50, 0, int(i % 3 > 0), int(i % 3 == 2), 1, 180 + rng.normal() * 30, 100 + rng.normal() * 40,
                 rng.normal() * 60, 0.6, 1.5, rng.random(), 0.2, 0.4, 0.15, rng.normal() * 0.05, rng.normal() * 10, 12, 0.1, 0.1, 0, 0, 0, 0, 0, 0, 0]
                for i in range(n)]

    yield "one tap", taps(1)
    yield "shortest", taps(10)
    yield "usual taps", taps(20)
    yield "taps of a device that tells nothing", taps(20, held=0, pressed=0)
    yield "strokes", drawn(20)
    yield "both", taps(9) + [r[:24] + [1, *tilt] for r in drawn(11)]
    yield "longest", taps(256)
    yield "nothing at all", [[0.0] * len(COLUMNS)] * 20
    yield "absurd", [[(-1.0) ** i * 1e12] * 3 + [1e9, 1, 1, 1] + [1e12] * 17 + [1, 1e9, -1e9, 0] for i in range(20)]


def golden_touch(model):
    """model: the network as the product runs it."""
    out = []
    for name, rows in windows():
        rows = [[round(float(v), 3) for v in row] for row in rows]
        a = torch.tensor(rows, dtype=torch.float64).to(torch.float32)
        mask = torch.ones(1, len(rows))
        with torch.no_grad():
            e = model(touch_inputs({c: a[None, :, i] for i, c in enumerate(COLUMNS)}, mask), mask)
        out.append({"name": name, "contacts": rows, "embedding": [float(v) for v in e[0]]})
    return out
