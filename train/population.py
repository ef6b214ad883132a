"""What typists are like: each person's table of usual dwells and intervals, and how such tables vary over people.

A population's means and covariances are facts about people in general; nobody's own table leaves this file except as a
direction in which another person's timings are moved. train_keyboard.py draws new typists from it.
"""

import numpy as np
import torch

from features import CLASSES

PAIRS = CLASSES * CLASSES
WIDTH = 2 * PAIRS + 2  # log dwell and log interval by pair of neighbouring classes, log spreads of both
SHRINK = 8.0  # strokes' worth of belief in the coarser table


def strokes_of(events, person):
    """Log dwell, log interval in log ms, and pair of classes of every stroke that has one before it."""
    d, i, pair = [], [], []
    for start, end, _ in person.runs:
        e = events[start:end]
        cls = e["class"].astype(np.int64)
        d.append(np.log(np.clip(e["release"] - e["press"], 5, 1000))[1:])
        i.append(np.log(np.clip(np.diff(e["press"]), 10, 2000)))
        pair.append(cls[:-1] * CLASSES + cls[1:])
    return np.concatenate(d), np.concatenate(i), np.concatenate(pair)


def shrunk(values, index, width, prior):
    n = np.bincount(index, minlength=width)
    return (np.bincount(index, values, minlength=width) + SHRINK * prior) / (n + SHRINK)


def table(d, i, pair, offsets):
    """One person's table (WIDTH)."""
    own_class, of_pair = pair % CLASSES, np.arange(PAIRS) % CLASSES
    dwell_class = shrunk(d, own_class, CLASSES, np.median(d) + offsets["class"])
    dwell = shrunk(d, pair, PAIRS, dwell_class[of_pair])
    interval = shrunk(i, pair, PAIRS, np.median(i - offsets["pair"][pair]) + offsets["pair"])
    spreads = [np.log(np.std(d - dwell[pair]) + 0.02), np.log(np.std(i - interval[pair]) + 0.02)]
    return np.concatenate([dwell, interval, spreads])


class Population:
    """Tables of people and the normal distribution that they follow."""

    def __init__(self, events, people, components=40):
        timings = [strokes_of(events, p) for p in people]
        everybody = [np.concatenate(v) for v in zip(*[tuple(a[:1000] for a in t) for t in timings])]
        d, i, pair = everybody
        zero = np.zeros(PAIRS)
        offsets = {"class": shrunk(d - np.median(d), pair % CLASSES, CLASSES, np.zeros(CLASSES)),
                   "pair": shrunk(i - np.median(i), pair, PAIRS, zero)}
        self.tables = {(p.set, p.id): table(*t, offsets) for p, t in zip(people, timings)}
        all_tables = np.stack(list(self.tables.values()))
        self.mean = all_tables.mean(0)
        _, scale, directions = np.linalg.svd(all_tables - self.mean, full_matrices=False)
        self.directions = (scale[:components, None] / np.sqrt(len(all_tables) - 1)) * directions[:components]

    def draw(self, n, rng, strength=1.0):
        """n new typists' tables (n, WIDTH). rng is a numpy generator."""
        return self.mean + strength * rng.standard_normal((n, len(self.directions))) @ self.directions

    def moves(self, names, share, rng, strength=1.0):
        """For a batch of people: their tables and those of the typists they become, as tensors (people, WIDTH).

        A share of them become somebody drawn, all the way or part of it; the others stay.
        """
        own = np.stack([self.tables[n] for n in names])
        far = rng.uniform(0.4, 1.0, (len(names), 1)) * (rng.random((len(names), 1)) < share)
        new = own + far * (self.draw(len(names), rng, strength) - own)
        return torch.from_numpy(own.astype(np.float32)), torch.from_numpy(new.astype(np.float32))


def move(cls, dwell, interval, own, new):
    """cls, dwell, interval: (people, windows, time) in ms; own and new: (people, WIDTH). Everything that a person does
    beyond their table stays theirs, as wide as the new table has it."""
    people = cls.shape[0]
    pair = torch.roll(cls, 1, dims=2) * CLASSES + cls
    d, i = torch.log(dwell.clamp(min=1)), torch.log(interval.clamp(min=1))

    def by(part):
        return torch.gather(part, 1, pair.reshape(people, -1)).reshape(cls.shape)

    wider = torch.exp((new - own)[:, -2:].clamp(-0.7, 0.7))
    d = by(new[:, :PAIRS]) + (d - by(own[:, :PAIRS])) * wider[:, 0, None, None]
    i = by(new[:, PAIRS:-2]) + (i - by(own[:, PAIRS:-2])) * wider[:, 1, None, None]
    return torch.exp(d.clamp(max=8)), torch.exp(i.clamp(max=10.4))
