"""Virtual people: real ones whose timings are warped, the same way in all of their windows of a batch, and the
machines and moods that come between a person and their timings."""

import torch

from features import CLASSES

GRAINS_MS = (4.0, 8.0, 10.0, 15.625, 16.0)  # of clocks and of keyboards that are asked so often


class Warps:
    """How strongly people are warped: standard deviations of logarithms."""

    def __init__(self, strength=1.0, window=0.0, grain=0.0, jitter=1.0):
        self.person, self.classes, self.pairs, self.after = 0.25 * strength, 0.15 * strength, 0.15 * strength, 0.08 * strength
        self.spread = 0.2 * strength
        self.window = window  # of each window by itself: what a person's mood and task change
        self.jitter = jitter  # ms, of every press and release
        self.grain = grain  # share of people whose times come from a coarse clock


def warp_people(cls, dwell, interval, chosen, warps, generator):
    """cls, dwell, interval: (people, windows, time) in ms; chosen (people, 1, 1) is 1 for those who become somebody else.

    Every warp is of logarithms: of all dwells and all intervals of a person, of those of a class or a pair of
    neighbouring classes, and of how far they spread around their middle.
    """
    people, windows, _ = cls.shape

    def normal(*shape):
        return torch.randn(*shape, generator=generator)

    def by(table, index):
        return torch.gather(table, 1, index.reshape(people, -1)).reshape(cls.shape)

    d, i = torch.log(dwell.clamp(min=1)), torch.log(interval.clamp(min=1))
    pair = torch.roll(cls, 1, dims=2) * CLASSES + cls
    middle_d = d.reshape(people, -1).median(1).values[:, None, None]
    middle_i = i.reshape(people, -1).median(1).values[:, None, None]
    new_d = (middle_d + (d - middle_d) * torch.exp(normal(people, 1, 1) * warps.spread) + normal(people, 1, 1) * warps.person
             + by(normal(people, CLASSES) * warps.classes, cls) + by(normal(people, CLASSES * CLASSES) * warps.after, pair))
    new_i = (middle_i + (i - middle_i) * torch.exp(normal(people, 1, 1) * warps.spread) + normal(people, 1, 1) * warps.person
             + by(normal(people, CLASSES * CLASSES) * warps.pairs, pair))
    d, i = d + chosen * (new_d - d), i + chosen * (new_i - i)
    if warps.window:
        d = d + normal(people, windows, 1) * warps.window
        i = i + normal(people, windows, 1) * warps.window * 1.5
    return torch.exp(d), torch.exp(i)


def machine(dwell, interval, warps, generator):
    """(people, windows, time): noise on every press and release, and for some people a coarse clock."""
    people = dwell.shape[0]
    press = torch.cumsum(interval, 2)
    press = press + torch.randn(press.shape, generator=generator) * warps.jitter
    release = press + dwell + torch.randn(press.shape, generator=generator) * warps.jitter
    if warps.grain:
        pick = torch.randint(len(GRAINS_MS), (people, 1, 1), generator=generator)
        grain = torch.tensor(GRAINS_MS)[pick]
        coarse = torch.rand(people, 1, 1, generator=generator) < warps.grain
        press = torch.where(coarse, torch.floor(press / grain) * grain, press)
        release = torch.where(coarse, torch.floor(release / grain) * grain, release)
    between = torch.diff(press, dim=2, prepend=press[:, :, :1])
    return (release - press).clamp(min=0), between.clamp(min=0)
