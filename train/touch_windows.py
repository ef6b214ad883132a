"""Strokes of fingers as train/export writes them, their windows as tensors, and errors by people."""

import json
import os

import numpy as np
import torch

from evaluate import eer
from features import touch_inputs

COLUMNS = ("start end others continued lifted drawn length dx dy speed peak peak_share onset tail turn signed_turn bow "
           "radius radius_rise radius_spread pressure pressure_max pressure_rise readings tilt_x tilt_y tilt_z").split()


class Person:
    def __init__(self, set_name, entry):
        self.set, self.id, self.role = set_name, entry["id"], entry["role"]
        self.device = set_name + "/" + entry["device"]  # people of one device are compared
        self.names = []  # of the sessions
        self.sessions = []  # windows (start, length) of each, into Store.strokes
        self.first = []  # number of each session's first window in Store.plain


class Store:
    """All strokes of some sets, the plain model's embeddings of their windows, and whose they are."""

    def __init__(self, folder, sets):
        self.people, strokes, plain, at, window = [], [], [], 0, 0
        for name in sets:
            with open(os.path.join(folder, name + ".json"), encoding="utf-8") as f:
                index = json.load(f)
            strokes.append(np.fromfile(os.path.join(folder, name + ".touched"), "<f8").reshape(-1, len(COLUMNS)))
            before = window
            for entry in index["people"]:
                p = Person(name, entry)
                for s in entry["sessions"]:
                    rows = []
                    for n in s["windows"]:
                        rows.append((at, n))
                        at += n
                    if rows:
                        p.names.append(s["name"])
                        p.sessions.append(rows)
                        p.first.append(window)
                    window += len(rows)
                if p.sessions:
                    self.people.append(p)
            plain.append(np.fromfile(os.path.join(folder, name + ".plain"), np.int8).reshape(window - before, -1))
            if at != sum(len(s) for s in strokes):
                raise ValueError(f"{name}: the index counts {at} strokes, the files hold another number; export again")
        self.strokes, self.plain = np.concatenate(strokes).astype(np.float32), np.concatenate(plain).astype(np.float32)
        starts = np.concatenate([s[:, 0] for s in strokes])
        ends = np.concatenate([s[:, 1] for s in strokes])
        self.pause = np.diff(starts, prepend=0)  # float64 until differences are taken: times reach 1e9
        self.interval = self.pause.copy()
        self.pause[1:] = starts[1:] - ends[:-1]
        self.pause = self.pause.clip(-5000, 5000).astype(np.float32)
        self.interval = self.interval.clip(0, 5000).astype(np.float32)
        self.duration = (ends - starts).clip(0, 5000).astype(np.float32)

    def batch(self, windows):
        """Tensors of windows (start, length), padded: a dictionary of (windows, time), and the mask."""
        start = np.array([w[0] for w in windows])
        length = np.array([w[1] for w in windows])
        step = np.arange(length.max())
        mask = step[None] < length[:, None]
        index = np.where(mask, start[:, None] + step[None], start[:, None])
        tensor = lambda a: torch.from_numpy(np.where(mask, a[index], 0).astype(np.float32))
        out = {name: tensor(self.strokes[:, i]) for i, name in enumerate(COLUMNS)}
        out.update(pause=tensor(self.pause), interval=tensor(self.interval), duration=tensor(self.duration))
        mask = torch.from_numpy(mask.astype(np.float32))
        count = mask.sum(1, keepdim=True)
        for axis in ("tilt_x", "tilt_y", "tilt_z"):  # one tilt a window, as the product has it
            out[axis] = out[axis].sum(1, keepdim=True) / count * mask
        return out, mask


def embed(model, store, windows, batch=1024):
    model.eval()
    out = np.zeros((len(windows), model.dimensions), np.float32)
    with torch.no_grad():
        for at in range(0, len(windows), batch):
            values, mask = store.batch(windows[at:at + batch])
            out[at:at + batch] = model(touch_inputs(values, mask), mask).numpy()
    return out


def halves(person, vectors):
    """What lab/protocol compares, vectors given by session: (name, enrolled, their lengths, verifying sessions). Of games,
    the first half of one enrols for the second half of the same; of other sets, the first half of the sessions."""
    sessions = [(v, np.array([n for _, n in rows])) for v, rows in zip(vectors, person.sessions)]
    if person.set == "games":
        cut = [(v, n, len(v) // 2) for v, n in sessions]
        parts = [(f"{person.set} {name}", [(v[:k], n[:k])], [(v[k:], n[k:])]) for name, (v, n, k) in zip(person.names, cut)]
    else:
        k = (len(sessions) + 1) // 2
        parts = [(person.set, sessions[:k], sessions[k:])]
    for name, enrol, verify in parts:
        if verify and sum(len(v) for v, _ in enrol) >= 5:
            yield name, np.concatenate([v for v, _ in enrol]), np.concatenate([n for _, n in enrol]), verify


def trials(scores, people, vectors, runs=(1, 3, 5)):
    """Scores of n windows in a row of people against themselves and against those of their device: by name and n a list
    of (person, mated, non-mated)."""
    ready = [(p, h) for p, v in zip(people, vectors) for h in halves(p, v)]
    grouped = lambda s, n: s[:len(s) // n * n].reshape(-1, n).mean(1)
    out = {}
    for p, (name, enrolled, lengths, verify) in ready:
        against = lambda sessions: [scores.llr(enrolled, lengths, v, n) for v, n in sessions if len(v)]
        own = against(verify)
        others = [s for q, h in ready if q is not p and q.device == p.device and h[0] == name for s in against(h[3])]
        for n in runs:
            a = [grouped(s, n) for s in own if len(s) >= n]
            b = [grouped(s, n) for s in others if len(s) >= n]
            if a and b:
                out.setdefault((name, n), []).append((p.id, np.concatenate(a), np.concatenate(b)))
    return out


def errors(results):
    """Mean per-subject and global EER in percent, and people, by set and n; results as of trials."""
    out = {}
    for key, each in sorted(results.items()):
        per = [eer(a, b) for _, a, b in each]
        both = eer(np.concatenate([a for _, a, _ in each]), np.concatenate([b for _, _, b in each]))
        out[key] = 100 * float(np.mean(per)), 100 * both, len(each)
    return out


def line(found):
    return ", ".join(f"{s} n={n} {a:.1f}/{b:.1f} ({c})" for (s, n), (a, b, c) in found.items())
