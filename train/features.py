"""What the keyboard network reads of each stroke. internal/embed/network computes the same; change both."""

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
