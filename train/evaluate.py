"""Errors on calibration people, by the protocols of lab/protocol, with the mean of the enrolment as reference."""

import numpy as np
import torch

from data import fixed_windows
from features import stroke_inputs


def eer(mated, other):
    """Equal error rate of two lists of scores."""
    mated, other = np.sort(mated), np.sort(other)
    at = np.concatenate([mated, other])
    miss = np.searchsorted(mated, at, side="left") / len(mated)
    alarm = 1 - np.searchsorted(other, at, side="left") / len(other)
    best = np.argmin(np.abs(miss - alarm))
    return float((miss[best] + alarm[best]) / 2)


def batch_inputs(events, windows, longest):
    """Tensors of windows (start, length, …), padded: class, dwell, interval, mask."""
    start = np.array([w[0] for w in windows])
    length = np.minimum(np.array([w[1] for w in windows]), longest)
    step = np.arange(length.max())
    mask = step[None] < length[:, None]
    index = np.where(mask, start[:, None] + step[None], start[:, None])
    e = events[index]
    press = e["press"]
    interval = np.diff(press, axis=1, prepend=press[:, :1])
    dwell = e["release"] - press
    as_float = lambda a: torch.from_numpy(np.where(mask, a, 0).astype(np.float32))
    return torch.from_numpy(e["class"].astype(np.int64)), as_float(dwell), as_float(interval), torch.from_numpy(mask.astype(np.float32))


def embed(model, events, windows, longest=256, batch=512):
    model.eval()
    order = np.argsort([w[1] for w in windows], kind="stable")
    out = np.zeros((len(windows), model.dimensions), np.float32)
    with torch.no_grad():
        for at in range(0, len(order), batch):
            rows = order[at:at + batch]
            cls, dwell, interval, mask = batch_inputs(events, [windows[r] for r in rows], longest)
            out[rows] = model(stroke_inputs(cls, dwell, interval, mask), mask).numpy()
    return out


def verification(references, mated, other):
    """references (n, d); mated and other: lists of (m, d). Gives the mean per-subject and the global EER."""
    each, all_mated, all_other = [], [], []
    for i, r in enumerate(references):
        own = mated[i] @ r
        theirs = np.concatenate([o @ r for j, o in enumerate(other) if j != i])
        each.append(eer(own, theirs))
        all_mated.append(own)
        all_other.append(theirs)
    return float(np.mean(each)), eer(np.concatenate(all_mated), np.concatenate(all_other))


def aalto(model, store, people):
    windows, owner = [], []
    for i, p in enumerate(people):
        longest = {}
        for start, end, _ in p.runs:
            if end - start >= 15:
                windows.append((start, end - start))
                owner.append(i)
    e, owner = embed(model, store.events, windows), np.array(owner)
    refs, mated, other = [], [], []
    for i in range(len(people)):
        mine = e[owner == i]
        if len(mine) <= 5:
            continue
        refs.append(mine[:5].mean(0))
        probes = mine[5:][-10:]
        mated.append(probes)
        other.append(probes[-1:])
    return verification(refs, mated, other)


def bbmas(model, store, people, runs=(1, 4, 8), strokes=60, enrol=40):
    parts = []
    for p in people:
        w = fixed_windows(p, strokes)
        if len(w) > enrol:
            e = embed(model, store.events, w)
            parts.append((e[:enrol], e[enrol:]))
    return grouped(parts, runs)


def recordings(model, store, people, runs=(1, 4, 8), strokes=30):
    """As lab/protocol's recordings: the first half of a person's windows enrols, the rest verifies."""
    parts = []
    for p in people:
        w = fixed_windows(p, strokes, least=15)
        if len(w) > 1:
            e, half = embed(model, store.events, w), (len(w) + 1) // 2
            parts.append((e[:half], e[half:]))
    return grouped(parts, runs)


def grouped(parts, runs):
    """parts: (enrolled, probes) of each person. Errors by the number of consecutive probes that are averaged."""
    out = {}
    for n in runs:
        means = [np.stack([p[k:k + n].mean(0) for k in range(0, len(p) - n + 1, n)]) if len(p) >= n else p[:0] for _, p in parts]
        keep = [i for i, g in enumerate(means) if len(g)]
        if len(keep) > 1:
            out[n] = verification([parts[i][0].mean(0) for i in keep], [means[i] for i in keep], [means[i] for i in keep])
    return out
