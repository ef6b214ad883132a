"""Errors of a checkpoint on calibration people with a two-covariance comparison, as lab/fit makes it (normal densities,
one variance within a person). Training looks at cosines, which are quick; what ships is compared like this.

    python3 train/backend.py --data EXPORTED --run RUN/model.pt

Several --run are measured as the members of one network.
"""

import argparse

import numpy as np
import torch

import evaluate
from data import Store, fixed_windows
from weights import load, rounded

FULL = 30.0  # strokes of the windows that variances are measured on


def fit(groups, ridge=0.05, least=0.06):
    """groups: one array of embeddings a person. Gives the mean, the projection and the variances between people."""
    grand = np.mean([g.mean(0) for g in groups], axis=0)
    within, between, windows, inverse = 0, 0, 0.0, 0.0
    for g in groups:
        weight = min(1.0, 60 / len(g))
        d = g - g.mean(0)
        within = within + weight * d.T @ d
        windows += weight * (len(g) - 1)
        m = (g.mean(0) - grand)[:, None]
        between = between + m @ m.T
        inverse += 1 / len(g) / len(groups)
    within = within / windows
    between = between / (len(groups) - 1) - inverse * within
    within = within + np.eye(len(grand)) * ridge * np.trace(within) / len(grand)
    values, vectors = np.linalg.eigh(within)
    whiten = (vectors / np.sqrt(values)).T
    ratio, turn = np.linalg.eigh(whiten @ between @ whiten.T)
    keep = ratio >= least
    return grand, turn.T[keep] @ whiten, ratio[keep]


class Scores:
    def __init__(self, groups, full=FULL):
        self.mean, self.projection, self.between = fit(groups)
        self.full = full

    def llr(self, enrolled, lengths, probes, probe_lengths):
        """enrolled (n, d) of one person, probes (m, d); gives m scores."""
        u = (enrolled - self.mean) @ self.projection.T
        x = (probes - self.mean) @ self.projection.T
        weight = np.asarray(lengths) / self.full
        b = self.between
        gain = b / (b + 1 / weight.sum())
        centre = gain * (weight[:, None] * u).sum(0) / weight.sum()
        noise = (self.full / np.asarray(probe_lengths))[:, None]
        mated, other = b * (1 - gain) + noise, b + noise
        return 0.5 * (np.log(other / mated) + x * x / other - (x - centre) ** 2 / mated).sum(1)


def trials(scores, people, groups):
    """people: (enrolled, lengths, probes, probe lengths, probes as others). Gives mean per-subject and global EER."""
    each, own_all, other_all = [], [], []
    for i, (e, l, p, pl, _, _) in enumerate(people):
        own = grouped(scores.llr(e, l, p, pl), groups)
        others = [grouped(scores.llr(e, l, q[4], q[5]), groups) for j, q in enumerate(people) if j != i]
        theirs = np.concatenate(others)
        if len(own) == 0:
            continue
        each.append(evaluate.eer(own, theirs))
        own_all.append(own)
        other_all.append(theirs)
    own, other = np.concatenate(own_all), np.concatenate(other_all)
    threshold = np.quantile(other, 0.99)
    return 100 * np.mean(each), 100 * evaluate.eer(own, other), 100 * np.mean(own < threshold)


def grouped(s, n):
    return s[:len(s) // n * n].reshape(-1, n).mean(1)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--data", required=True)
    a.add_argument("--run", required=True, action="append")
    a = a.parse_args()
    torch.set_num_threads(1)
    model, seen = load(a.run)
    model = rounded(model)
    store = Store(a.data, ["bbmas", "villani", "aalto"], "keyboard")
    embed = lambda w: np.round(evaluate.embed(model, store.events, w) * 254)
    groups = []
    for p in store.role("background"):
        if p.id in seen.get(p.set, []):
            w = fixed_windows(p, 30, 22)
            if len(w) > 2:
                groups.append(embed(w[:200]))
    scores = Scores(groups)
    print(f"{len(groups)} people, {len(scores.between)} dimensions")

    people = []
    for p in store.role("calibration", "aalto"):
        w = [(s, e - s) for s, e, _ in p.runs if e - s >= 15]
        if len(w) > 5:
            x, n = embed(w), [min(256, k[1]) for k in w]
            probes, lengths = x[5:][-10:], n[5:][-10:]
            people.append((x[:5], n[:5], probes, lengths, probes[-1:], lengths[-1:]))
    print("aalto: per-subject %.2f, global %.2f, FNMR at FMR 1 %% %.1f" % trials(scores, people, 1), flush=True)
    people = []
    for p in store.role("calibration", "bbmas"):
        w = fixed_windows(p, 60)
        if len(w) > 40:
            x, n = embed(w), [60] * len(w)
            people.append((x[:40], n[:40], x[40:], n[40:], x[40:], n[40:]))
    for n in (1, 4, 8):
        print(f"bbmas n={n}: per-subject %.1f, global %.1f, FNMR at FMR 1 %% %.1f" % trials(scores, people, n))


if __name__ == "__main__":
    main()
