"""Recorded behaviour as train/export writes it: arrays of strokes or pointer events, and whose they are.

Windows are (start, length) into one array that holds everybody's events one after the other.
"""

import json
import os

import numpy as np

STROKE = np.dtype([("press", "<f8"), ("release", "<f8"), ("class", "u1")])
POINT = np.dtype([("time", "<f8"), ("x", "<f8"), ("y", "<f8"), ("kind", "u1")])

KEYBOARD_PAUSE_MS = 30_000.0  # as internal/window: a longer pause ends a window
POINTER_PAUSE_MS = 300_000.0


class Person:
    """One person's runs of events without a long pause: (start, end) into Store.events."""

    def __init__(self, set_name, ident, role):
        self.set, self.id, self.role = set_name, ident, role
        self.runs = []  # (start, end, part)
        self.sessions = []  # (start, end)

    def events(self):
        return sum(end - start for start, end, _ in self.runs)


class Store:
    """All events of one modality of some sets, and the people who made them."""

    def __init__(self, folder, sets, modality):
        dtype, count, suffix = (STROKE, "strokes", ".strokes") if modality == "keyboard" else (POINT, "pointers", ".pointers")
        pause = KEYBOARD_PAUSE_MS if modality == "keyboard" else POINTER_PAUSE_MS
        parts, self.people, offset = [], [], 0
        for name in sets:
            with open(os.path.join(folder, name + ".json"), encoding="utf-8") as f:
                index = json.load(f)
            events = np.fromfile(os.path.join(folder, name + suffix), dtype=dtype)
            time = events["press" if modality == "keyboard" else "time"]
            at = 0
            for p in index["people"]:
                person = Person(name, p["id"], p["role"])
                for s in p["sessions"]:
                    end = at + s[count]
                    person.sessions.append((offset + at, offset + end))
                    breaks = np.nonzero(np.diff(time[at:end]) > pause)[0] + 1 + at if end > at else []
                    edges = [at, *breaks, end]
                    for a, b in zip(edges[:-1], edges[1:]):
                        if b > a:
                            person.runs.append((offset + a, offset + b, s["part"]))
                    at = end
                if person.runs:
                    self.people.append(person)
            if at != len(events):
                raise ValueError(f"{name}: the index counts {at} {count}, the file holds {len(events)}; export again")
            parts.append(events)
            offset += len(events)
        self.events = np.concatenate(parts)

    def role(self, role, set_name=None):
        return [p for p in self.people if p.role == role and set_name in (None, p.set)]


def fixed_windows(person, length, least=None):
    """A person's windows one after the other, without overlap, as a collector cuts them."""
    out = []
    for start, end, part in person.runs:
        at = start
        while end - at >= length:
            out.append((at, length, part))
            at += length
        if least is not None and end - at >= least:
            out.append((at, end - at, part))
    return out
