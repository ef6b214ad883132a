"""Trains the touch network. One command, the same weights for the same seed and version of PyTorch:

    python3 train/train_touch.py --data EXPORTED --out RUN

With --folds K nothing is kept: the seen people are dealt into K parts, each part is judged by a network that was trained
on the others, and so is the plain model on the same windows. That is how choices are made with so few people.
"""

import argparse
import random

import numpy as np
import torch

import touch_windows
import training
from backend import Scores
from features import TOUCH_INPUTS, touch_inputs
from loss import Centroids
from model import Network, parameters

SETS = ["mobikey", "games"]


def arguments():
    a = argparse.ArgumentParser()
    a.add_argument("--data", required=True, help="folder that train/export wrote")
    a.add_argument("--out", required=True, help="folder for checkpoints and the log, outside of the repository")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--steps", type=int, default=1000)
    a.add_argument("--people", type=int, default=32, help="in a batch")
    a.add_argument("--windows", type=int, default=8, help="of each")
    a.add_argument("--rate", type=float, default=2e-3)
    a.add_argument("--decay", type=float, default=0.05)
    a.add_argument("--channels", type=int, default=32)
    a.add_argument("--blocks", type=int, default=1)
    a.add_argument("--kernel", type=int, default=3)
    a.add_argument("--wide", type=int, default=64)
    a.add_argument("--dimensions", type=int, default=32)
    a.add_argument("--strength", type=float, default=1.0, help="of the warps that make virtual people")
    a.add_argument("--virtual", type=float, default=0.5, help="share of virtual people")
    a.add_argument("--posture", type=float, default=0.5, help="share of windows whose tilt is hidden")
    a.add_argument("--folds", type=int, default=0)
    a.add_argument("--every", type=int, default=200, help="steps between lines of the log")
    return a.parse_args()


def draw(people, n, windows, rng):
    """Windows of one length of n people, each from all over what they recorded."""
    length = rng.choice([12, 16, 20, 20, 30])
    chosen, rows = [], []
    while len(chosen) < n:
        chosen += rng.sample(people, min(n - len(chosen), len(people)))
    for p in chosen:
        # Each session as likely as any other: what survives a change of session is wanted.
        long = [(s[0][0], s[-1][0] + s[-1][1]) for s in p.sessions]
        long = [r for r in long if r[1] - r[0] >= length] or [max(long, key=lambda r: r[1] - r[0])]
        for start, end in rng.choices(long, k=windows):
            fit = min(length, end - start)
            rows.append((start + rng.randrange(end - start - fit + 1), fit))
    return chosen, rows


def warp(v, mask, chosen, people, windows, a, generator):
    """Virtual people: those chosen are slower or faster, lighter or heavier, with other fingers. Anybody's tilt may be
    hidden: a person lays the device down."""

    def factor(sd):
        f = torch.exp(torch.randn(people, 1, 1, generator=generator) * sd * a.strength * chosen)
        return f.expand(people, windows, 1).reshape(people * windows, 1)

    v = dict(v)
    v["duration"] = v["duration"] * factor(0.2)
    pace = factor(0.2)
    v["interval"], v["pause"] = v["interval"] * pace, v["pause"] * pace
    press = factor(0.25)
    for name in ("pressure", "pressure_max", "pressure_rise"):
        v[name] = v[name] * press
    v["radius"] = v["radius"] * factor(0.15)
    speed = factor(0.2)
    v["speed"], v["peak"], v["onset"], v["tail"] = v["speed"] * speed, v["peak"] * speed, v["onset"] * speed, v["tail"] * speed
    seen = (torch.rand(people * windows, 1, generator=generator) >= a.posture).float()
    v["readings"] = v["readings"] * seen
    return v


def train(a, store, people, say):
    torch.manual_seed(a.seed)
    rng = random.Random(a.seed)
    generator = torch.Generator().manual_seed(a.seed)
    model = Network(TOUCH_INPUTS, channels=a.channels, blocks=a.blocks, kernel=a.kernel, wide=a.wide, dimensions=a.dimensions,
                    dropout=0.2, pool_dropout=0.3)
    loss = Centroids()

    def batch():
        chosen, rows = draw(people, a.people, a.windows, rng)
        values, mask = store.batch(rows)
        seen, virtual = set(), []
        for p in chosen:
            virtual.append(1.0 if (p.set, p.id) in seen or rng.random() < a.virtual else 0.0)
            seen.add((p.set, p.id))
        values = warp(values, mask, torch.tensor(virtual)[:, None, None], a.people, a.windows, a, generator)
        return loss(model(touch_inputs(values, mask), mask).reshape(a.people, a.windows, -1))

    def look(step, seconds, value, _average):
        say(f"step {step} {seconds:.0f} s, loss {value:.3f}, {parameters(model)} parameters")

    return training.train(model, [model, loss], batch, look, a)


def by_session(store, people, network):
    """Vectors of each person's windows by session, as int8 keeps them."""
    out = []
    for p in people:
        if network is None:
            out.append([store.plain[at:at + len(rows)] for at, rows in zip(p.first, p.sessions)])
        else:
            out.append([np.round(254 * touch_windows.embed(network, store, rows)).clip(-127, 127) for rows in p.sessions])
    return out


def judge(store, fitted, judged, network):
    """Two covariances of the fitted people; trials of those who are judged."""
    vectors = by_session(store, fitted, network)
    scores = Scores([np.concatenate(v) for v in vectors], full=20.0)
    return touch_windows.trials(scores, judged, by_session(store, judged, network))


def main():
    a = arguments()
    torch.set_num_threads(1)
    say = training.Log(a.out)
    store = touch_windows.Store(a.data, SETS)
    say(f"{vars(a)}")
    background = [p for p in store.people if p.role == "background"]
    if a.folds:
        plain, learned = {}, {}
        order = store.people[:]
        random.Random(7).shuffle(order)
        order.sort(key=lambda p: p.device)  # every part has people of every device
        for fold in range(a.folds):
            others, part = [p for i, p in enumerate(order) if i % a.folds != fold], order[fold::a.folds]
            for found, network in ((plain, None), (learned, train(a, store, others, say))):
                for key, each in judge(store, others, part, network).items():
                    found.setdefault(key, []).extend(each)
        say("plain   " + touch_windows.line(touch_windows.errors(plain)))
        say("learned " + touch_windows.line(touch_windows.errors(learned)))
        return
    model = train(a, store, background, say)
    watched = [p for p in store.people if p.role == "calibration"]
    say("calibration people " + touch_windows.line(touch_windows.errors(judge(store, background, watched, model))))
    training.save(a.out, model, a, training.by_set(background))


if __name__ == "__main__":
    main()
