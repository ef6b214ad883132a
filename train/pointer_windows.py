"""Windows of pointer events as tensors, their virtual people, and errors on calibration people."""

import numpy as np
import torch

from backend import Scores
from data import fixed_windows
from evaluate import eer
from features import pointer_inputs


def batch_inputs(events, windows):
    """Tensors of windows (start, length, …), padded: kind, step in ms, dx and dy in pixels, mask."""
    start = np.array([w[0] for w in windows])
    length = np.array([w[1] for w in windows])
    step = np.arange(length.max())
    mask = step[None] < length[:, None]
    e = events[np.where(mask, start[:, None] + step[None], start[:, None])]
    since = lambda name: torch.from_numpy(np.where(mask, np.diff(e[name], axis=1, prepend=e[name][:, :1]), 0).astype(np.float32))
    return torch.from_numpy(e["kind"].astype(np.int64)), since("time"), since("x"), since("y"), torch.from_numpy(mask.astype(np.float32))


def warp_people(step, dx, dy, chosen, strength, generator):
    """(people, windows, time). Those chosen move on another scale, at another pace, a little turned and stretched, and
    the bold or fine movements of theirs grow."""
    people = step.shape[0]
    normal = lambda s: torch.randn(people, 1, 1, generator=generator) * s * strength * chosen
    turn = normal(0.15)
    dx, dy = dx * torch.cos(turn) - dy * torch.sin(turn), dx * torch.sin(turn) + dy * torch.cos(turn)
    dx, dy = dx * torch.exp(normal(0.15)), dy * torch.exp(normal(0.15))
    length = torch.sqrt(dx * dx + dy * dy)
    grow = torch.exp(normal(0.3)) * torch.pow(length.clamp(0.5, 500) / 10, normal(0.12))
    return step * torch.exp(normal(0.1)), dx * grow, dy * grow


def embed(model, events, windows, batch=512):
    model.eval()
    out = np.zeros((len(windows), model.dimensions), np.float32)
    with torch.no_grad():
        for at in range(0, len(windows), batch):
            *inputs, mask = batch_inputs(events, windows[at:at + batch])
            out[at:at + batch] = model(pointer_inputs(*inputs, mask), mask).numpy()
    return out


def sapimouse(model, store, people, runs=(1, 3, 5, 10), score=None):
    """Mean per-subject EER by number of consecutive blocks of 128 events; score gives scores of (enrolled, probes)."""
    score = score or (lambda enrolled, probes: probes @ enrolled.mean(0))
    enrolled, probes = [], []
    for p in people:
        w = fixed_windows(p, 128)
        e = embed(model, store.events, w)
        part = np.array([x[2] for x in w])
        if (part == 1).any() and (part == 2).any():
            enrolled.append(e[part == 1])
            probes.append(e[part == 2])
    out = {}
    for n in runs:
        each = []
        for i, ref in enumerate(enrolled):
            s = [np.convolve(score(ref, q), np.ones(n) / n, "valid") if len(q) >= n else np.zeros(0) for q in probes]
            if len(s[i]):
                each.append(eer(s[i], np.concatenate(s[:i] + s[i + 1:])))
        out[n] = 100 * float(np.mean(each))
    return out


def hold_last(people):
    """Takes each one's last session out of their runs, to choose by; gives those sessions' windows of 128."""
    held = []
    for p in people:
        first, last = p.sessions[-1]
        out, p.runs = [r for r in p.runs if r[0] >= first], [r for r in p.runs if r[0] < first]
        held.append([(at, 128, 0) for start, end, _ in out for at in range(start, end - 127, 128)])
    return held


def held_sessions(model, store, people, held, groups, runs=(1, 3, 10)):
    """Mean over people of the area under the curve of so many consecutive blocks of held sessions, their own against the
    others', by two covariances of the people's own blocks."""
    scores = Scores([g * 254 for g in groups])
    probes = [embed(model, store.events, w) * 254 for w in held]
    out = []
    for n in runs:
        areas = []
        for i, g in enumerate(groups):
            s = [np.convolve(scores.llr(g * 254, [30] * len(g), q, [30] * len(q)), np.ones(n) / n, "valid")[::n] for q in probes]
            own, theirs = s[i], np.concatenate(s[:i] + s[i + 1:])
            areas.append(np.mean(own[:, None] > theirs[None]))
        out.append(float(np.mean(areas)))
    return out
