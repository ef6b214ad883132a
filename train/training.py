"""The loop that all three models are trained by: warm-up and cosine decay of the rate, clipped gradients, a running mean
of the weights, and a checkpoint at every look at the calibration people."""

import copy
import math
import os
import time

import torch

WARM_UP = 50  # steps


def rate(highest, step, steps):
    """The learning rate of a step: a rise over the first steps, then half a cosine down to a fiftieth."""
    return highest * min(1, step / WARM_UP) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


class Log:
    """Says what happens, and keeps it beside the checkpoint."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.file = open(os.path.join(folder, "log.txt"), "a", encoding="utf-8")

    def __call__(self, text):
        print(text, flush=True)
        print(text, file=self.file, flush=True)


def train(model, learnt, draw, look, a, keep=0.99):
    """Trains the model and gives the running mean of its weights.

    learnt: modules whose parameters are optimised. draw(): the loss of a fresh batch. look(step, seconds, loss, average):
    called every a.every steps and at the last one, with the mean loss since the look before. a: rate, decay, steps, every.
    keep: how much of the mean stays from one step to the next, once there are enough steps.
    """
    average = copy.deepcopy(model)
    optimiser = torch.optim.AdamW([p for m in learnt for p in m.parameters()], lr=a.rate, weight_decay=a.decay)
    began, running, since = time.time(), 0.0, 0
    for step in range(1, a.steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = rate(a.rate, step, a.steps)
        model.train()
        value = draw()
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 3.0)
        optimiser.step()
        running, since = running + value.item(), since + 1
        with torch.no_grad():
            kept = min(keep, step / (step + 20))
            for mean, now in zip(average.state_dict().values(), model.state_dict().values()):
                mean.lerp_(now, 1 - kept)
        if step % a.every == 0 or step == a.steps:
            look(step, time.time() - began, running / since, average)
            running, since = 0.0, 0
    return average


def save(folder, average, a, seen):
    """The checkpoint that weights.py reads. seen: the identifiers of people by set, whom training has seen."""
    torch.save({"state": average.state_dict(), "shape": average.shape, "arguments": vars(a), "seen": seen}, os.path.join(folder, "model.pt"))


def by_set(people):
    """Identifiers of people by set."""
    return {s: [p.id for p in people if p.set == s] for s in sorted({p.set for p in people})}
