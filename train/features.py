"""What the networks read of each stroke and event. internal/embed/network computes the same; change both."""

import math

import torch

CLASSES = 9
NUMBERS = 6
INPUTS = CLASSES + NUMBERS


def stroke_inputs(cls, dwell, interval, mask):
    """Rows (batch, time): class, dwell and interval to the press before, both in ms; gives (batch, INPUTS, time).

    The first stroke of a window has no interval: its timings to the stroke before are zero and a flag is raised.
    """
    first = torch.zeros_like(dwell)
    first[:, 0] = 1
    rest = 1 - first
    before = torch.roll(dwell, 1, dims=1)
    flight = interval - before
    release = flight + dwell
    numbers = torch.stack([
        (torch.log(dwell.clamp(5, 1000)) - math.log(90)) / 0.4,
        (torch.log(interval.clamp(10, 5000)) - math.log(180)) / 0.7 * rest,
        squash(flight) * rest,
        squash(release) * rest,
        (flight < 0).to(dwell.dtype) * rest,
        first,
    ], dim=1)
    one_hot = torch.nn.functional.one_hot(cls, CLASSES).to(dwell.dtype).transpose(1, 2)
    return torch.cat([one_hot, numbers], dim=1) * mask[:, None]


def squash(ms):
    """Linear near zero, logarithmic far from it, on both sides."""
    return torch.asinh(ms.clamp(-2000, 5000) / 40) / 2


KINDS = 4
POINTER_INPUTS = 11 + KINDS


def pointer_inputs(kind, step, dx, dy, mask):
    """Rows (batch, time): kind, ms and pixels since the event before; gives (batch, POINTER_INPUTS, time).

    The first event of a window has nothing before it: everything but its kind is zero and a flag is raised.
    """
    first = torch.zeros_like(step)
    first[:, 0] = 1
    rest = 1 - first
    dx, dy, step = dx * rest, dy * rest, step * rest
    length = torch.sqrt(dx * dx + dy * dy)
    safe = length.clamp(min=1e-6)
    ux, uy = dx / safe, dy / safe  # zero where nothing moved
    before_x, before_y, ux0, uy0 = (torch.roll(v, 1, dims=1) * rest for v in (dx, dy, ux, uy))
    numbers = torch.stack([
        (torch.log(step.clamp(1, 5000)) - math.log(16)) / 1.2 * rest,
        torch.log1p((length / step.clamp(1, 5000)).clamp(max=1000)),
        pixels(dx), pixels(dy),
        pixels(dx - before_x), pixels(dy - before_y),
        ux, uy,
        ux * ux0 + uy * uy0, ux0 * uy - uy0 * ux,
        first,
    ], dim=1)
    one_hot = torch.nn.functional.one_hot(kind, KINDS).to(step.dtype).transpose(1, 2)
    return torch.cat([one_hot, numbers], dim=1) * mask[:, None]


def pixels(v):
    """Linear for a few pixels, logarithmic for many."""
    return torch.asinh(v.clamp(-5000, 5000) / 4) / 2


TOUCH_INPUTS = 31


def touch_inputs(v, mask):
    """v: measures of strokes of fingers by name, (batch, time) each, as internal/path.Contact has them; the tilt is the
    window's, the same in every row. Gives (batch, TOUCH_INPUTS, time)."""
    first = torch.zeros_like(mask)
    first[:, 0] = 1
    rest = 1 - first
    drawn, radius, pressure, held = v["drawn"], (v["radius"] > 0).float(), (v["pressure"] > 0).float(), (v["readings"] > 0).float()
    way, peak = v["length"].clamp(min=1), v["peak"].clamp(min=1e-6)
    scaled = lambda x, low, high, middle, width: (torch.log(x.clamp(low, high)) - math.log(middle)) / width
    rows = [
        first,
        squash(v["pause"]) * rest,
        scaled(v["interval"], 10, 5000, 300, 0.8) * rest,
        scaled(v["duration"], 5, 5000, 120, 0.8),
        v["others"].clamp(0, 10), v["continued"], v["lifted"], drawn,
        pixels(v["length"]),
        (v["dx"] / way).clamp(-1, 1) * drawn, (v["dy"] / way).clamp(-1, 1) * drawn,
        scaled(v["speed"], 1e-3, 100, 0.3, 1.2) * drawn, scaled(v["peak"], 1e-3, 1000, 0.8, 1.2) * drawn,
        v["peak_share"].clamp(0, 1) * drawn,
        (v["onset"] / peak).clamp(0, 1) * drawn, (v["tail"] / peak).clamp(0, 1) * drawn,
        v["turn"].clamp(0, math.pi) * drawn, v["signed_turn"].clamp(-math.pi, math.pi) * 3 * drawn,
        (v["bow"] / way).clamp(-1, 1) * 3 * drawn,
        radius, scaled(v["radius"], 0.5, 200, 12, 0.3) * radius,
        v["radius_rise"].clamp(-3, 3) * 3 * radius, v["radius_spread"].clamp(0, 3) * 5 * radius,
        pressure, scaled(v["pressure"], 0.005, 1, 0.17, 0.5) * pressure,
        (v["pressure_max"] - v["pressure"]).clamp(0, 1) * 5 * pressure, v["pressure_rise"].clamp(-1, 1) * 5 * pressure,
        held, *(v[a].clamp(-1, 1) * held for a in ("tilt_x", "tilt_y", "tilt_z")),
    ]
    return torch.stack(rows, dim=1) * mask[:, None]
