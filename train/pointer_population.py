"""What pointer users are like, and users drawn from that: each person's table of how their pointer moves, how such tables
vary over people, and streams of events that a drawn table gives.

A population's means, covariances and pooled shares are facts about people in general; nobody's own table or movement
leaves this file. train_pointer.py learns from drawn users where recordings come without terms.

A user is a chain: each event follows from the two before it. Log speed follows from speed and whether it rises, turning
from speed, the turn before and heading; intervals come in the device's own steps; presses, holds and drags interrupt.
Positions are whole pixels, as a browser gives them.
"""

import numpy as np

from data import POINT, Person

SPEEDS = np.log1p([1.2, 2.1, 4.5, 11.0, 28.0])  # edges of classes of log(1 + pixels), the last step's
RISES = np.array([-0.35, 0.35])  # edges of classes of how much that step is longer than the one before it
S, R = len(SPEEDS) + 1, len(RISES) + 1
STATES = S * R
STEPS_MS = np.array([0, 4, 7, 8, 9, 11, 14, 15, 16, 17, 18, 19, 21, 26, 34, 51, 101, 201, 501, 5000.0])  # edges
BINS = len(STEPS_MS) - 1
QUANTILES = (np.arange(24) + 0.5) / 24
PARTS = {"rise": STATES, "rise_spread": STATES, "turn_spread": S, "turn_again": S, "turn_by_heading": 8,
         "length_by_heading": 8, "steps": BINS, "slow_steps": BINS, "click": 9}
AT = dict(zip(PARTS, np.split(np.arange(sum(PARTS.values())), np.cumsum(list(PARTS.values()))[:-1])))
WIDTH = sum(PARTS.values())
LEAST_SHARE = 0.002  # of a bin of steps; what is rarer says little and its logarithm a lot
KINDS_MS = (10.5, 18.5)  # edges of kinds of devices, by the median step while moving
MOVE, PRESS, RELEASE = 0, 1, 2


def octant(angle):
    return np.floor((angle + np.pi / 8) / (np.pi / 4) + 8).astype(np.int64) % 8


def state_of(u, before):
    return np.searchsorted(SPEEDS, u, side="right") * R + np.searchsorted(RISES, u - before, side="right")


def shrunk(values, index, width, prior, weight=20.0):
    n = np.bincount(index, minlength=width)
    return (np.bincount(index, values, minlength=width) + weight * prior) / (n + weight)


class Movement:
    """One person's steps, and what each follows from."""

    def __init__(self, runs):
        rows, clicks = [], {k: [] for k in ("hold", "settle", "after_press", "after_release")}
        presses = drags = events = 0
        for e in runs:
            kind, dt = e["kind"].astype(np.int64), np.diff(e["time"], prepend=e["time"][0])
            events += len(e)
            dx, dy = np.diff(e["x"], prepend=e["x"][0]), np.diff(e["y"], prepend=e["y"][0])
            u, angle = np.log1p(np.hypot(dx, dy)), np.arctan2(dy, dx)
            moved = (kind == MOVE) & (u > 0)
            three = np.nonzero(moved[3:] & moved[2:-1] & moved[1:-2] & (dt[3:] < 200) & (dt[2:-1] < 200))[0] + 3
            turn = np.angle(np.exp(1j * (angle[three] - angle[three - 1])))
            before = np.angle(np.exp(1j * (angle[three - 1] - angle[three - 2])))
            rows.append(np.stack([u[three], u[three - 1], u[three - 2], turn, before, angle[three], dt[three], dt[three - 1]]))
            where = np.nonzero(kind[:-1] == PRESS)[0]
            presses += len(where)
            for i in where:
                until = np.nonzero(kind[i + 1:i + 300] == RELEASE)[0]
                if len(until) == 0:
                    continue
                j = i + 1 + until[0]
                clicks["settle"].append(dt[i])
                if j - i > 3:
                    drags += 1
                    clicks["after_press"].append(dt[i + 1])
                else:
                    clicks["hold"].append(e["time"][j] - e["time"][i])
                if j + 1 < len(e):
                    clicks["after_release"].append(dt[j + 1])
            steps = np.nonzero(moved[1:] & moved[:-1])[0] + 1
            rows[-1] = (rows[-1], np.stack([dt[steps], u[steps - 1], dt[steps - 1]]))
        self.u, self.u1, self.u2, self.turn, self.turn1, self.angle, _, _ = np.concatenate([r[0] for r in rows], 1)
        self.step, self.step_after, self.step1 = np.concatenate([r[1] for r in rows], 1)
        self.clicks, self.presses, self.drags, self.events = clicks, presses, drags, events

    def state(self):
        return state_of(self.u1, self.u2)

    def bins(self, steps):
        return np.clip(np.searchsorted(STEPS_MS, steps, side="right") - 1, 0, BINS - 1)


def table(m, usual=None):
    """One person's table (WIDTH); usual is the population's, which fills what a person did too little of."""
    prior = (lambda part: usual[AT[part]]) if usual is not None else (lambda part: np.zeros(PARTS[part]))
    state, speed = m.state(), np.searchsorted(SPEEDS, m.u1, side="right")
    rise = shrunk(m.u - m.u1, state, STATES, prior("rise"))
    rise_spread = 0.5 * np.log(shrunk((m.u - m.u1 - rise[state]) ** 2, state, STATES, np.exp(2 * prior("rise_spread"))))
    turn_spread = 0.5 * np.log(shrunk(m.turn ** 2, speed, S, np.exp(2 * prior("turn_spread"))) + 1e-4)
    turn_again = shrunk(m.turn * m.turn1, speed, S, prior("turn_again") * np.exp(2 * turn_spread)) / np.exp(2 * turn_spread)
    quick = speed >= 3
    heading = octant(m.angle)
    by_heading = shrunk(np.clip(m.turn[quick], -1, 1), heading[quick], 8, prior("turn_by_heading"), 50)
    length = shrunk(m.u[quick], heading[quick], 8, prior("length_by_heading"), 50)
    shares = []
    for part, chosen in (("steps", m.step_after >= SPEEDS[2]), ("slow_steps", m.step_after < SPEEDS[2])):
        n = np.bincount(m.bins(m.step[chosen]), minlength=BINS) + 20 * (np.exp(prior(part)) if usual is not None else 1 / BINS)
        shares.append(np.log(np.maximum(n / n.sum(), LEAST_SHARE)))
    log = {k: np.log(np.clip(v or [100.0], 2, 5000)) for k, v in m.clicks.items()}
    click = [np.log((m.presses + 1) / m.events), np.log((m.drags + 1) / (m.presses + 2)),
             log["hold"].mean(), np.log(log["hold"].std() + 0.05), log["settle"].mean(), np.log(log["settle"].std() + 0.05),
             log["after_release"].mean(), np.log(log["after_release"].std() + 0.05), log["after_press"].mean()]
    return np.concatenate([rise, rise_spread, turn_spread, turn_again, by_heading, length, *shares, click])


class Population:
    """Tables' mean, the directions in which people differ, and what is pooled over everybody."""

    def __init__(self, events, people, components=20):
        moves = [Movement([events[s:e] for s, e, _ in p.runs]) for p in people]
        usual = np.mean([table(m) for m in moves], 0)
        tables = np.stack([table(m, usual) for m in moves])
        self.mean = tables.mean(0)
        # Devices report at a few rates, which no normal distribution has: each kind has a mean of its own, drawn to
        # everybody's by five people's worth, and all kinds vary alike around theirs.
        kind = np.searchsorted(KINDS_MS, [np.median(m.step[m.step_after >= SPEEDS[2]]) for m in moves])
        count = np.bincount(kind, minlength=len(KINDS_MS) + 1)
        self.share = count / count.sum()
        self.means = np.stack([(tables[kind == k].sum(0) + 5 * self.mean) / (count[k] + 5) for k in range(len(count))])
        centred = tables - np.stack([tables[kind == k].mean(0) for k in kind])
        size = centred.std(0) + 0.02
        _, scale, directions = np.linalg.svd(centred / size, full_matrices=False)
        self.directions = (scale[:components, None] / np.sqrt(len(tables) - len(count))) * directions[:components] * size
        self.shapes = self.residuals(moves, tables)
        joint = np.ones((BINS, BINS))
        for m in moves:
            np.add.at(joint, (m.bins(m.step1), m.bins(m.step)), 1)
        share = joint / joint.sum()
        self.follows = share / share.sum(1, keepdims=True) / share.sum(0, keepdims=True)  # how much likelier after another
        self.correction = np.zeros(WIDTH)

    def residuals(self, moves, tables):
        """Quantiles of what tables leave of rises by state and of turns by speed, over everybody: their shapes."""
        rises, turns = [[] for _ in range(STATES)], [[] for _ in range(S)]
        for m, t in zip(moves, tables):
            state, speed = m.state(), np.searchsorted(SPEEDS, m.u1, side="right")
            z = (m.u - m.u1 - t[AT["rise"]][state]) / np.exp(t[AT["rise_spread"]][state])
            a = t[AT["turn_again"]][speed]
            y = (m.turn - a * m.turn1) / np.exp(t[AT["turn_spread"]][speed])
            for k in range(STATES):
                rises[k].append(z[state == k])
            for k in range(S):
                turns[k].append(y[speed == k])
        everything = np.concatenate([z for part in rises for z in part])  # where a state does not occur
        shape = lambda parts: np.stack([np.quantile(np.concatenate(p) if sum(map(len, p)) > 50 else everything, QUANTILES) for p in parts])
        return shape(rises), shape(turns)

    def draw(self, n, rng, strength=1.0):
        kinds = rng.choice(len(self.share), n, p=self.share)
        return self.means[kinds] + strength * rng.standard_normal((n, len(self.directions))) @ self.directions

    def moods(self, n, rng, strength=0.25):
        return strength * rng.standard_normal((n, len(self.directions))) @ self.directions

    def users(self, n, events, rng, strength=1.0, mood=0.25, mood_events=400):
        """Arrays of so many events of n drawn users: time in ms, x, y (n, events) and kind."""
        return self.streams(self.draw(n, rng, strength) + self.correction, events, rng, mood, mood_events)

    def streams(self, tables, events, rng, mood=0.25, mood_events=400):
        n = len(tables)
        who = np.arange(n)
        time, x, y = (np.zeros((n, events)) for _ in range(3))
        kind = np.zeros((n, events), np.uint8)
        rises, turns = self.shapes
        u, u1 = rng.uniform(0.7, 3, n), rng.uniform(0.7, 3, n)
        angle, turn = rng.uniform(-np.pi, np.pi, n), np.zeros(n)
        fx, fy = rng.uniform(200, 1200, n), rng.uniform(200, 600, n)  # where the hand is; x and y are whole pixels
        bins = np.full(n, 8)
        held = np.zeros(n, np.int64)  # 0 up, 1 pressed and will click, 2 dragging
        last = np.zeros(n, np.int64)  # kind of the last event
        width, height = rng.uniform(1200, 1900, n), rng.uniform(600, 950, n)
        left = np.zeros(n, np.int64)  # events of a drag
        now = tables
        at_quantile = lambda shape, rows: shape[rows, rng.integers(0, shape.shape[1], n)]
        for i in range(events):
            if i % mood_events == 0:
                now = tables + self.moods(n, rng, mood)
                part = {k: now[:, a] for k, a in AT.items()}
                middle = part["length_by_heading"].mean(1)
                rate = np.exp(part["click"][:, 0])
                marginals = [np.exp(part[p] - part[p].max(1, keepdims=True)) for p in ("slow_steps", "steps")]
            click = part["click"]
            state = state_of(u, u1)
            speed = state // R
            # Presses come where the pointer is slow.
            slow = speed <= 1
            presses = (held == 0) & (last != RELEASE) & slow & (rng.random(n) < np.minimum(0.5, 2.6 * rate))
            releases = (held == 1) & (last == PRESS) | (held == 2) & (left <= 0)
            moves = ~presses & ~releases
            # Speed and direction.
            rise = part["rise"][who, state] + np.exp(part["rise_spread"][who, state].clip(-4, 1)) * at_quantile(rises, state)
            new = np.clip(u + rise, 0.69, 6.0)
            heading = octant(angle)
            new = np.where(speed >= 3, new + 0.15 * (part["length_by_heading"][who, heading] - middle), new).clip(0.69, 6.0)
            wild = part["turn_again"][who, speed].clip(-0.6, 0.6) * turn + np.exp(part["turn_spread"][who, speed].clip(-4, 1)) * at_quantile(turns, speed)
            bend = np.clip(wild + np.where(speed >= 3, part["turn_by_heading"][who, heading], 0), -np.pi, np.pi)
            # Who runs into an edge of the screen turns back to its middle.
            home = np.arctan2(height / 2 - fy, width / 2 - fx)
            out = (fx < 20) | (fx > width - 20) | (fy < 20) | (fy > height - 20)
            bend = np.where(out & (np.cos(home - angle) < 0.3), np.sign(np.angle(np.exp(1j * (home - angle)))) * rng.uniform(0.1, 0.5, n), bend)
            # A pause or a press ends a movement: the next one sets out anew.
            pause = (last == RELEASE) | (last == PRESS)
            bend = np.where(pause, rng.uniform(-np.pi, np.pi, n), bend)
            towards = np.angle(np.exp(1j * (angle + bend)))
            # Time.
            fast = (speed >= 3).astype(np.int64)
            shares = np.where(fast[:, None] == 1, marginals[1], marginals[0]) * self.follows[bins]
            shares = np.cumsum(shares, 1)
            drawn = (rng.random((n, 1)) * shares[:, -1:] > shares).sum(1)
            low, high = STEPS_MS[drawn], STEPS_MS[drawn + 1]
            step = np.floor(np.where(high > 30, np.exp(rng.uniform(np.log(low + 1), np.log(high))), rng.uniform(low, high)))
            log_normal = lambda mean, spread: np.floor(np.exp((mean + spread * rng.standard_normal(n)).clip(0, 8)))
            step = np.where(presses, log_normal(click[:, 4], np.exp(click[:, 5].clip(-2, 0.5))), step)
            step = np.where(releases & (held == 1), log_normal(click[:, 2], np.exp(click[:, 3].clip(-2.5, 0.3))), step)
            step = np.where(moves & (last == RELEASE), log_normal(click[:, 6], np.exp(click[:, 7].clip(-2, 0.5))), step)
            step = np.where(moves & (last == PRESS), log_normal(click[:, 8], 0.9), step)
            length = np.where(moves, np.expm1(new), 0)
            nx, ny = fx + length * np.cos(towards), fy + length * np.sin(towards)
            gone = (np.round(nx) == np.round(fx)) & (np.round(ny) == np.round(fy)) & moves
            nx = np.where(gone & (np.abs(np.cos(towards)) >= np.abs(np.sin(towards))), fx + np.sign(np.cos(towards)), nx)
            ny = np.where(gone & (np.abs(np.cos(towards)) < np.abs(np.sin(towards))), fy + np.sign(np.sin(towards)), ny)
            fx, fy = nx, ny
            x[:, i], y[:, i] = np.round(fx), np.round(fy)
            time[:, i] = (time[:, i - 1] if i else 0) + step
            last = np.where(presses, PRESS, np.where(releases, RELEASE, MOVE))
            kind[:, i] = last
            drags = presses & (rng.random(n) < np.exp(click[:, 1]).clip(0, 0.9))
            left = np.where(drags, rng.integers(4, 60, n), left - 1)
            held = np.where(presses, np.where(drags, 2, 1), np.where(releases, 0, held))
            u1 = np.where(moves, u, u1)
            u = np.where(moves, np.log1p(np.hypot(x[:, i] - x[:, i - 1], y[:, i] - y[:, i - 1])) if i else new, u)
            turn, angle = np.where(moves, bend, turn), np.where(moves, towards, angle)
            bins = np.where(moves, drawn, bins)
        return time, x, y, kind

    def match(self, rng, rounds=2, n=60, events=3000):
        """Takes off what rounding to pixels and clipping add: usual users' tables become the population's mean."""
        for _ in range(rounds):
            wanted = self.draw(n, rng, 0.7)
            streams = self.streams(wanted + self.correction, events, rng, 0.0)
            given = np.stack([table(Movement([as_events(*(v[k] for v in streams))]), self.mean) for k in range(n)])
            off = (given - wanted).mean(0)
            self.correction = self.correction - np.clip(off, -0.5, 0.5) * 0.8


def as_events(time, x, y, kind):
    e = np.zeros(len(time), POINT)
    e["time"], e["x"], e["y"], e["kind"] = time, x, y, kind
    return e


def drawn_people(population, n, events, rng, first=0, **how):
    """n drawn users as people of the set "drawn", and their events, of which the first has that index."""
    streams = population.users(n, events, rng, **how)
    people = []
    for k in range(n):
        p = Person("drawn", str(k), "background")
        p.runs.append((first + k * events, first + (k + 1) * events, 1))
        people.append(p)
    return people, np.concatenate([as_events(*(v[k] for v in streams)) for k in range(n)])
