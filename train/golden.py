"""Golden vectors: generated windows and what PyTorch gives for them. The forward passes in Go and TypeScript must agree."""

import numpy as np
import torch

from features import pointer_inputs, stroke_inputs
from touch_golden import golden_touch


def golden(model, kind):
    """model is the network as the weights file keeps it (weights.rounded)."""
    return {"keyboard": golden_keyboard, "pointer": golden_pointer, "touch": golden_touch}[kind](model)


def golden_windows():
    """Generated windows, none from recorded people: (name, [(press, release, class)])."""
    rng = np.random.default_rng(7)

    def typed(n, dwell=95.0, interval=190.0):
        press, out = 1000.0, []
        for _ in range(n):
            held = dwell * np.exp(rng.normal() * 0.3)
            out.append((round(press, 1), round(press + held, 1), int(rng.choice(9, p=[.4, .32, .02, .14, .04, .01, .03, .01, .03]))))
            press += interval * np.exp(rng.normal() * 0.5)
        return out

    yield "one stroke", typed(1)
    yield "shortest", typed(15)
    yield "usual", typed(30)
    yield "sixty", typed(60)
    yield "overlapping", typed(41, dwell=220, interval=110)
    yield "longest", typed(256)
    yield "everything at once", [(5.0, 5.0, 0)] * 30
    yield "held for an hour", [(i * 1.0, 3.6e6, 8) for i in range(20)]
    yield "hours apart", [(i * 7.2e6, i * 7.2e6 + 1e5, 6) for i in range(17)]


def golden_keyboard(model):
    out = []
    for name, strokes in golden_windows():
        a = np.array(strokes, dtype=np.float64)
        one = lambda v: torch.from_numpy(v.astype(np.float32))[None]
        cls = torch.from_numpy(a[:, 2].astype(np.int64))[None]
        mask = torch.ones(1, len(a))
        with torch.no_grad():
            e = model(stroke_inputs(cls, one(a[:, 1] - a[:, 0]), one(np.diff(a[:, 0], prepend=a[0, 0])), mask), mask)
        out.append({"name": name, "strokes": strokes, "embedding": [float(v) for v in e[0]]})
    return out


def golden_pointer_windows():
    """Generated windows of pointer events: (name, [(time, x, y, kind)])."""
    rng = np.random.default_rng(8)

    def moved(n, reach=6.0):
        t, x, y, vx, vy, out = 50.0, 400.0, 300.0, 0.0, 0.0, []
        for _ in range(n):
            vx, vy = 0.8 * vx + rng.normal() * reach, 0.8 * vy + rng.normal() * reach
            t, x, y = t + rng.choice([7.0, 8.0, 9.0, 16.0, 120.0]), x + round(vx), y + round(vy)
            out.append((t, x, y, int(rng.choice(4, p=[.94, .02, .02, .02]))))
        return out

    yield "one event", moved(1)
    yield "shortest", moved(64)
    yield "usual", moved(128)
    yield "longest", moved(256)
    yield "standing still", [(i * 8.0, 10.0, 10.0, 0) for i in range(128)]
    yield "all at once, far", [(3.0, (-1.0) ** i * 1e6, 1e6 * (i % 3 - 1), i % 4) for i in range(128)]
    yield "slow", [(i * 60000.0, i * 0.25, -i * 0.5, 0) for i in range(70)]


def golden_pointer(model):
    out = []
    for name, events in golden_pointer_windows():
        a = np.array(events, dtype=np.float64)
        since = lambda c: torch.from_numpy(np.diff(a[:, c], prepend=a[0, c]).astype(np.float32))[None]
        mask = torch.ones(1, len(a))
        with torch.no_grad():
            e = model(pointer_inputs(torch.from_numpy(a[:, 3].astype(np.int64))[None], since(0), since(1), since(2), mask), mask)
        out.append({"name": name, "events": events, "embedding": [float(v) for v in e[0]]})
    return out
