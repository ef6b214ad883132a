"""Trains the pointer network. One command, the same weights for the same seed and version of PyTorch:

    python3 train/train_pointer.py --data EXPORTED --out RUN
"""

import argparse
import random

import numpy as np
import torch

import pointer_windows
import training
from backend import Scores
from data import Store, fixed_windows
from features import POINTER_INPUTS, pointer_inputs
from loss import Centroids
from model import Network, parameters
from pointer_population import Population, drawn_people

# A flag of the same name overrides a recipe's value.
RECIPES = {
    "sapimouse": {"sets": ["sapimouse"], "people": 57, "windows": 8, "steps": 2500, "rate": 2e-3},
    # Nobody recorded: users drawn from what is usual among SapiMouse's people.
    "drawn": {"sets": [], "people": 64, "windows": 6, "steps": 1200, "rate": 3e-3, "drawn": 3000},
    # Everybody recorded in each batch, and drawn users beside them.
    "both": {"sets": ["sapimouse"], "people": 96, "windows": 6, "steps": 1500, "rate": 3e-3, "drawn": 3000},
    # Everybody of Balabit in each batch, by their training files (train/export -known balabit).
    "balabit": {"sets": ["sapimouse", "balabit"], "people": 38, "windows": 12, "steps": 900, "rate": 2e-3},
}


def arguments():
    a = argparse.ArgumentParser()
    a.add_argument("--data", required=True, help="folder that train/export wrote")
    a.add_argument("--out", required=True, help="folder for checkpoints and the log, outside of the repository")
    a.add_argument("--recipe", choices=RECIPES, default="sapimouse")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--drawn", type=int, help="users drawn from the population of SapiMouse's background people")
    a.add_argument("--events", type=int, default=3000, help="of each drawn user")
    a.add_argument("--mood", type=float, default=0.25, help="how far a drawn user's table strays, in people's deviations")
    a.add_argument("--far", type=float, default=1.5, help="how far drawn users differ, in people's deviations")
    a.add_argument("--steps", type=int)
    a.add_argument("--people", type=int, help="in a batch")
    a.add_argument("--windows", type=int, help="of each")
    a.add_argument("--rate", type=float)
    a.add_argument("--decay", type=float, default=0.05)
    a.add_argument("--strength", type=float, default=1.0, help="of the warps that make virtual people")
    a.add_argument("--virtual", type=float, default=0.0, help="share of virtual people")
    a.add_argument("--dropout", type=float, default=0.2)
    a.add_argument("--every", type=int, default=100)
    a = a.parse_args()
    for name, value in RECIPES[a.recipe].items():
        if getattr(a, name, None) is None:
            setattr(a, name, value)
    return a


def draw(people, always, n, windows, rng):
    """Windows of one length of n people, each from all over what they recorded. Those of always are in every batch; the others are drawn."""
    length = rng.choice([64, 96, 128, 128])
    chosen, rows = list(always), []
    while len(chosen) < n:
        chosen += rng.sample(people, min(n - len(chosen), len(people)))
    for p in chosen:
        long = [r for r in p.runs if r[1] - r[0] >= length]
        for start, end, _ in rng.choices(long, [e - s for s, e, _ in long], k=windows):
            rows.append((start + rng.randrange(end - start - length + 1), length))
    return chosen, rows


def main():
    a = arguments()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    rng = random.Random(a.seed)
    generator = torch.Generator().manual_seed(a.seed)
    say = training.Log(a.out)
    store = Store(a.data, sorted({"sapimouse", *a.sets}, reverse=True), "pointer")
    background = [p for p in store.role("background") if max(e - s for s, e, _ in p.runs) >= 128]
    people = [p for p in background if p.set in a.sets]
    known = [p for p in people if p.set == "balabit"]
    always, others = known, [p for p in people if p.set != "balabit"]
    held = pointer_windows.hold_last(known)
    watched = store.role("calibration", "sapimouse")
    if a.drawn:
        draws = np.random.default_rng(a.seed)
        population = Population(store.events, store.role("background", "sapimouse"))
        population.match(draws)
        users, events = drawn_people(population, a.drawn, a.events, draws, first=len(store.events), mood=a.mood, strength=a.far)
        store.events = np.concatenate([store.events, events])
        always, others = people, users
    model = Network(POINTER_INPUTS, channels=48, dropout=a.dropout, pool_dropout=0.3)
    loss = Centroids()
    say(f"{vars(a)}")
    say(f"{len(people)} people and {a.drawn or 0} drawn users train, {len(watched)} are watched, {parameters(model)} parameters")

    def batch():
        chosen, rows = draw(others, always, a.people, a.windows, rng)
        kind, pause, dx, dy, mask = pointer_windows.batch_inputs(store.events, rows)
        seen, virtual = set(), []
        for p in chosen:
            virtual.append(1.0 if p.id in seen or rng.random() < a.virtual else 0.0)
            seen.add(p.id)
        shape = (a.people, a.windows, -1)
        warped = pointer_windows.warp_people(*(v.reshape(shape) for v in (pause, dx, dy)), torch.tensor(virtual)[:, None, None], a.strength, generator)
        e = model(pointer_inputs(kind, *(v.reshape(kind.shape) for v in warped), mask), mask)
        return loss(e.reshape(shape))

    def look(step, seconds, value, average):
        cosine = pointer_windows.sapimouse(average, store, watched)
        scores = Scores([pointer_windows.embed(average, store.events, fixed_windows(p, 128)) * 254 for p in background if p.set == "sapimouse"])
        both = pointer_windows.sapimouse(average, store, watched, score=lambda r, q: scores.llr(r * 254, [30] * len(r), q * 254, [30] * len(q)))
        say(f"step {step} {seconds:.0f} s loss {value:.3f} | cosine " +
            ", ".join(f"n={n} {v:.1f}" for n, v in cosine.items()) + " | two-covariance " + ", ".join(f"n={n} {v:.1f}" for n, v in both.items()))
        if known:
            groups = [pointer_windows.embed(average, store.events, fixed_windows(p, 128)[::10]) for p in known]
            say("balabit, AUC of held training sessions by 1, 3, 10 blocks: " + ", ".join(
                f"{v:.3f}" for v in pointer_windows.held_sessions(average, store, known, held, groups)))
        training.save(a.out, average, a, training.by_set(background))

    training.train(model, [model, loss], batch, look, a)


if __name__ == "__main__":
    main()
