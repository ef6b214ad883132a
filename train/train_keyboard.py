"""Trains the keyboard network. One command, the same weights for the same seed and version of PyTorch:

    python3 train/train_keyboard.py --data EXPORTED --out RUN --recipe open
"""

import argparse
import json
import os
import random

import numpy as np
import torch

import augment
import evaluate
import population
import training
import tried
from data import Store
from features import INPUTS, stroke_inputs
from loss import Centroids
from model import Network, parameters

# What made the weights in the tree. A flag of the same name overrides a recipe's value.
RECIPES = {
    "open": {"sets": ["bbmas", "villani"], "share": 0.0, "virtual": 0.9, "steps": 2400, "people": 128, "windows": 6, "rate": 4e-3, "grain": 0.2, "dropout": 0.25, "drawn": 0.3},
    # An organisation's own volunteers, recorded with consent, beside the open data.
    "own": {"sets": ["bbmas", "villani", "recordings"], "share": 0.0, "virtual": 0.9, "steps": 2400, "people": 128, "windows": 6, "rate": 4e-3, "grain": 0.2, "dropout": 0.25, "drawn": 0.3},
    "research": {"sets": ["bbmas", "villani", "aalto"], "share": 0.75, "virtual": 0.2, "steps": 3000, "people": 96, "rate": 3e-3, "grain": 0.0, "dropout": 0.2, "drawn": 0.0, "windows": 8},
}

SHORTEST = 15  # strokes of a window


def arguments():
    a = argparse.ArgumentParser()
    a.add_argument("--data", required=True, help="folder that train/export wrote")
    a.add_argument("--out", required=True, help="folder for checkpoints and the log, outside of the repository")
    a.add_argument("--recipe", choices=RECIPES, default="open")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--steps", type=int)
    a.add_argument("--people", type=int, help="in a batch")
    a.add_argument("--windows", type=int, help="of each")
    a.add_argument("--share", type=float, help="of Aalto people in a batch")
    a.add_argument("--limit", type=int, help="train on that many Aalto people only, for a learning curve")
    a.add_argument("--most-strokes", type=int, help="train on the first so many strokes of each person only, for a learning curve over minutes of typing")
    a.add_argument("--rate", type=float)
    a.add_argument("--decay", type=float, default=0.02)
    a.add_argument("--virtual", type=float, help="share of virtual people")
    a.add_argument("--strength", type=float, default=1.0, help="of the warps that make virtual people")
    a.add_argument("--mood", type=float, default=0.0, help="of the warps of single windows")
    a.add_argument("--drawn", type=float, help="share of people who become typists drawn from the population")
    a.add_argument("--population", nargs="*", default=["bbmas", "villani", "aalto"], help="sets whose background people's statistics are drawn from")
    a.add_argument("--grain", type=float, help="share of people with a coarse clock")
    a.add_argument("--jitter", type=float, default=1.0, help="noise on every press and release, in ms")
    a.add_argument("--dropout", type=float)
    a.add_argument("--channels", type=int, default=64)
    a.add_argument("--blocks", type=int, default=3)
    a.add_argument("--try", dest="tried", choices=tried.NAMES, help="what is tried beside the recipe, see tried.py")
    a.add_argument("--teacher", nargs="*", default=[], help="checkpoints of the teacher's members, for --try distil")
    a.add_argument("--every", type=int, default=100, help="steps between looks at the calibration people")
    a = a.parse_args()
    for name, value in RECIPES[a.recipe].items():
        if getattr(a, name, None) is None:
            setattr(a, name, value)
    return a


class Batches:
    """Draws people and, of each, windows of one length a batch, so that one network serves short and long ones."""

    def __init__(self, store, people, share, rng, most=None):
        """most: how many strokes of each person may be drawn, their first ones; None is all. The people are the same
        for every limit."""
        self.events, self.rng, self.share = store.events, rng, share
        self.runs = {id(p): [r for r in p.runs if r[1] - r[0] >= SHORTEST] for p in people}
        self.copied = [p for p in people if p.set == "aalto" and len(self.runs[id(p)]) >= 8]
        self.free = [p for p in people if p.set != "aalto" and self.runs[id(p)]]
        if most is not None:
            self.runs = {ident: first_strokes(runs, most) for ident, runs in self.runs.items()}

    def minutes(self, people):
        """The median of how long people typed what may be drawn of them."""
        if not people:
            return 0.0
        press = self.events["press"]
        return float(np.median([sum(press[end - 1] - press[start] for start, end, _ in self.runs[id(p)]) for p in people])) / 60_000

    def people_of(self, n):
        copied = round(n * self.share)
        return self.some(self.copied, copied) + self.some(self.free, n - copied)

    def some(self, people, n):
        """Where people are few, the same one may come more than once, each time as another virtual person."""
        chosen = []
        while len(chosen) < n:
            chosen += self.rng.sample(people, min(n - len(chosen), len(people)))
        return chosen

    def windows(self, person, n, length):
        runs = self.runs[id(person)]
        if person.set == "aalto":
            out = []
            # Whoever has fewer sentences than windows are wanted gives parts of one more than once.
            some = self.rng.sample(runs, n) if len(runs) >= n else self.rng.choices(runs, k=n)
            for start, end, _ in some:
                take = min(length, end - start)
                out.append((start + self.rng.randrange(end - start - take + 1), take))
            return out
        weights = [end - start for start, end, _ in runs]
        out = []
        for start, end, _ in self.rng.choices(runs, weights, k=n):
            take = min(length, end - start)
            out.append((start + self.rng.randrange(end - start - take + 1), take))
        return out

    def draw(self, people, windows):
        length = self.rng.choice([20, 30, 30, 40, 50, 60, 70])
        chosen = self.people_of(people)
        rows = [w for p in chosen for w in self.windows(p, windows, length)]
        names = [(p.set, p.id) for p in chosen]
        return names, evaluate.batch_inputs(self.events, rows, length)


def first_strokes(runs, most):
    """The first of the runs (start, end, part), together at most so many strokes; at least one window of the shortest length."""
    kept, left = [], max(most, SHORTEST)
    for start, end, part in runs:
        take = min(left, end - start)
        if take < SHORTEST:
            break
        kept.append((start, start + take, part))
        left -= take
    return kept


def exported(folder, sets):
    """Those of the sets that the folder holds, in an order that does not change."""
    return [s for s in ("bbmas", "villani", "aalto", "recordings") if s in sets and os.path.exists(os.path.join(folder, s + ".json"))]


def become_virtual(names, virtual, rng):
    """1 for those who are warped: a share of people, and everybody who is in the batch a second time."""
    seen, out = set(), []
    for n in names:
        out.append(1.0 if n in seen or rng.random() < virtual else 0.0)
        seen.add(n)
    return torch.tensor(out)[:, None, None]


def main():
    a = arguments()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    rng = random.Random(a.seed)
    generator = torch.Generator().manual_seed(a.seed)
    say = training.Log(a.out)
    store = Store(a.data, exported(a.data, {"bbmas", "villani", "aalto", *a.sets}), "keyboard")
    people = [p for p in store.role("background") if p.set in a.sets]
    for missing in set(a.sets) - {p.set for p in people}:
        raise SystemExit(f"train_keyboard: {a.data} holds nobody of {missing} to train on; export it first (train/export -sets …), or take another recipe")
    if a.limit is not None:
        copied = [p for p in people if p.set == "aalto"]
        keep = set(random.Random(0).sample(range(len(copied)), a.limit))
        people = [p for p in people if p.set != "aalto"] + [p for i, p in enumerate(copied) if i in keep]
    copied, free, own = (store.role("calibration", s) for s in ("aalto", "bbmas", "recordings"))
    everybody = [p for p in store.role("background") if p.set in {*a.population, *a.sets}]
    typists = population.Population(store.events, everybody) if a.drawn else None
    draws = np.random.default_rng(a.seed)
    # Whoever the population's statistics come from has been seen, too.
    seen = people + [p for p in everybody if typists and p not in people]
    batches = Batches(store, people, a.share, rng, a.most_strokes)
    warps = augment.Warps(a.strength, a.mood, a.grain, a.jitter)
    model = (tried.Attention if a.tried == "attention" else Network)(INPUTS, channels=a.channels, blocks=a.blocks, dropout=a.dropout)
    distil = tried.Distil(a.teacher, model.dimensions) if a.tried == "distil" else None
    losses = {"angular": tried.Angular, "sets": tried.Sets, "hard": tried.Hard}
    loss = distil.own if distil else losses.get(a.tried, Centroids)()
    say(f"{vars(a)}")
    say(f"{len(people)} people train, {len(copied)}, {len(free)} and {len(own)} are watched, {parameters(model)} parameters")
    say(f"minutes of typing a person, median: {batches.minutes(batches.copied):.1f} of {len(batches.copied)} who copy, {batches.minutes(batches.free):.1f} of {len(batches.free)} others")

    def draw():
        names, (cls, dwell, interval, mask) = batches.draw(a.people, a.windows)
        chosen = become_virtual(names, a.virtual, rng)
        shape = (a.people, a.windows, -1)
        cls, dwell, interval = cls.reshape(shape), dwell.reshape(shape), interval.reshape(shape)
        if typists:
            dwell, interval = population.move(cls, dwell, interval, *typists.moves(names, a.drawn, draws))
        dwell, interval = augment.warp_people(cls, dwell, interval, chosen, warps, generator)
        cls = cls.reshape(-1, cls.shape[2])
        dwell, interval = (v.reshape(cls.shape) for v in augment.machine(dwell, interval, warps, generator))
        inputs = stroke_inputs(cls, dwell, interval, mask)
        e = model(inputs, mask).reshape(a.people, a.windows, -1)
        return distil(e, inputs, mask) if distil else loss(e)

    def look(step, seconds, value, average):
        line = f"step {step} {seconds:.0f} s loss {value:.3f} scale {loss.log_scale.exp().item():.1f}"
        if len(copied) > 1:
            line += " | aalto {:.2f} {:.2f}".format(*(100 * v for v in evaluate.aalto(average, store, copied)))
        for name, work in (("bbmas", evaluate.bbmas(average, store, free)), ("recordings", evaluate.recordings(average, store, own))):
            if work:
                line += f" | {name} " + ", ".join(f"n={n} {100 * s:.1f} {100 * g:.1f}" for n, (s, g) in work.items())
        say(line)
        training.save(a.out, average, a, training.by_set(seen))

    training.train(model, [model, distil or loss], draw, look, a, keep=0.995)


if __name__ == "__main__":
    main()
