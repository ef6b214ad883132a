"""What pointer users are like, and users drawn from that: each person's table of how their pointer moves, how such tables
vary over people, and streams of events that a drawn table gives.

A population's means, covariances and pooled shares are facts about people in general; nobody's own table or movement
leaves this file. train_pointer.py learns from drawn users where recordings come without terms.

A user is a chain: each event follows from those before it. Log speed follows from speed and whether it rises, turning
from speed, the turn before and heading, intervals from the device; pauses, presses, holds and drags interrupt, and after
them a movement sets out anew. Positions are whole pixels, as a browser gives them.
"""

import numpy as np

from data import POINT, Person

SPEEDS = np.log1p([1.2, 2.1, 4.5, 11.0, 28.0])  # edges of classes of log(1 + pixels), the last step's
RISES = np.array([-0.6, -0.2, 0.2, 0.6])  # edges of classes of how much that step is longer than the one before it
S, R = len(SPEEDS) + 1, len(RISES) + 1
STATES = S * R
YOUNG = 3  # so many steps after it sets out a movement is of a class of its own
STEPS_MS = np.array([0, 4, 7, 8, 9, 11, 14, 15, 16, 17, 18, 19, 21, 26, 34, 51.0])  # edges
BINS = len(STEPS_MS) - 1
PAUSE_MS = STEPS_MS[-1]
LEAST_SHARE = 0.002  # of a bin of steps; what is rarer says little and its logarithm a lot
KINDS_MS = (10.5, 18.5)  # edges of kinds of devices, by the median step while moving
QUANTILES = (np.arange(24) + 0.5) / 24
PARTS = {"rise": STATES, "rise_spread": STATES, "turn_spread": S, "turn_again": S, "turn_by_heading": 8, "length_by_heading": 8,
         "steps": BINS, "slow_steps": BINS, "pauses": S, "pause": 2, "start": 2, "young": YOUNG, "young_spread": YOUNG, "click": 9}
AT = dict(zip(PARTS, np.split(np.arange(sum(PARTS.values())), np.cumsum(list(PARTS.values()))[:-1])))
WIDTH = sum(PARTS.values())
MOVE, PRESS, RELEASE = 0, 1, 2
QUICK = 3  # class of speed from which heading matters


def octant(angle):
    return np.floor((angle + np.pi / 8) / (np.pi / 4) + 8).astype(np.int64) % 8


def state_of(u, before):
    return np.searchsorted(SPEEDS, u, side="right") * R + np.searchsorted(RISES, u - before, side="right")


def shrunk(values, index, width, prior, weight=20.0):
    n = np.bincount(index, minlength=width)
    return (np.bincount(index, values, minlength=width) + weight * prior) / (n + weight)


def turned(a, b):
    return np.angle(np.exp(1j * (b - a)))


class Movement:
    """One person's steps, and what each follows from."""

    def __init__(self, runs):
        self.clicks = {k: [] for k in ("hold", "settle", "after_press", "after_release")}
        self.presses = self.drags = self.events = 0
        chains, steps = [], []
        for e in runs:
            kind, dt = e["kind"].astype(np.int64), np.diff(e["time"], prepend=e["time"][0])
            dx, dy = np.diff(e["x"], prepend=e["x"][0]), np.diff(e["y"], prepend=e["y"][0])
            u, angle = np.log1p(np.hypot(dx, dy)), np.arctan2(dy, dx)
            moved = (kind == MOVE) & (u > 0)
            # Steps since a pause or a click, the first of which is 0.
            sets_out = moved & ((dt >= PAUSE_MS) | np.concatenate([[True], kind[:-1] != MOVE]))
            at = np.arange(len(e))
            age = at - np.maximum.accumulate(np.where(sets_out, at, 0))
            i = at[2:][moved[2:] & moved[1:-1]]
            chains.append(np.stack([u[i], u[i - 1], u[i - 2], turned(angle[i - 1], angle[i]), turned(angle[i - 2], angle[i - 1]), angle[i], dt[i], age[i], dt[i - 1]]))
            self.count(e, kind, dt)
        self.u, self.u1, self.u2, self.turn, self.turn1, self.angle, self.step, self.age, self.step1 = np.concatenate(chains, 1)
        self.paused = self.step >= PAUSE_MS
        self.old = self.age > YOUNG

    def count(self, e, kind, dt):
        self.events += len(e)
        for i in np.nonzero(kind[:-1] == PRESS)[0]:
            self.presses += 1
            until = np.nonzero(kind[i + 1:i + 300] == RELEASE)[0]
            if len(until) == 0:
                continue
            j = i + 1 + until[0]
            self.clicks["settle"].append(dt[i])
            if j - i > 3:
                self.drags += 1
                self.clicks["after_press"].append(dt[i + 1])
            else:
                self.clicks["hold"].append(e["time"][j] - e["time"][i])
            if j + 1 < len(e):
                self.clicks["after_release"].append(dt[j + 1])

    def bins(self, steps):
        return np.clip(np.searchsorted(STEPS_MS, steps, side="right") - 1, 0, BINS - 1)


def table(m, usual=None):
    """One person's table (WIDTH); usual is the population's, which fills what a person did too little of."""
    prior = (lambda part: usual[AT[part]]) if usual is not None else (lambda part: np.zeros(PARTS[part]))
    speed = np.searchsorted(SPEEDS, m.u1, side="right")
    chain = m.old & ~m.paused
    u, u1, state = m.u[chain], m.u1[chain], state_of(m.u1, m.u2)[chain]
    rise = shrunk(u - u1, state, STATES, prior("rise"))
    rise_spread = 0.5 * np.log(shrunk((u - u1 - rise[state]) ** 2, state, STATES, np.exp(2 * prior("rise_spread"))) + 1e-4)
    turn, turn1, v = m.turn[chain], m.turn1[chain], speed[chain]
    turn_spread = 0.5 * np.log(shrunk(turn ** 2, v, S, np.exp(2 * prior("turn_spread"))) + 1e-4)
    turn_again = shrunk(turn * turn1, v, S, prior("turn_again") * np.exp(2 * turn_spread)) / np.exp(2 * turn_spread)
    quick = chain & (speed >= QUICK)
    heading = octant(m.angle[quick])
    by_heading = shrunk(np.clip(m.turn[quick], -1, 1), heading, 8, prior("turn_by_heading"), 50)
    length = shrunk(m.u[quick], heading, 8, prior("length_by_heading"), 50)
    shares = []
    for part, chosen in (("steps", m.u1 >= SPEEDS[2]), ("slow_steps", m.u1 < SPEEDS[2])):
        n = np.bincount(m.bins(m.step[chosen & ~m.paused]), minlength=BINS) + 20 * (np.exp(prior(part)) if usual is not None else 1 / BINS)
        shares.append(np.log(np.maximum(n / n.sum(), LEAST_SHARE)))
    pauses = np.log(shrunk(m.paused.astype(float), speed, S, np.exp(prior("pauses")) if usual is not None else np.full(S, 0.05)))
    length_of = np.log(m.step[m.paused].clip(max=5000))
    starts = m.u[m.paused]
    younger = [m.age == k + 1 for k in range(YOUNG)]
    young = [(m.u - m.u1)[y].mean() for y in younger]
    young_spread = [np.log((m.u - m.u1)[y].std() + 0.05) for y in younger]
    log = {k: np.log(np.clip(v or [100.0], 2, 5000)) for k, v in m.clicks.items()}
    spread = lambda v: np.log(v.std() + 0.05)
    click = [np.log((m.presses + 1) / m.events), np.log((m.drags + 1) / (m.presses + 2)), log["hold"].mean(), spread(log["hold"]),
             log["settle"].mean(), spread(log["settle"]), log["after_release"].mean(), spread(log["after_release"]), log["after_press"].mean()]
    return np.concatenate([rise, rise_spread, turn_spread, turn_again, by_heading, length, *shares, pauses,
                           [length_of.mean(), spread(length_of)], [starts.mean(), spread(starts)], young, young_spread, click])


class Population:
    """Tables' mean, the directions in which people differ, and what is pooled over everybody."""

    def __init__(self, events, people, components=30):
        moves = [Movement([events[s:e] for s, e, _ in p.runs]) for p in people]
        usual = np.mean([table(m) for m in moves], 0)
        tables = np.stack([table(m, usual) for m in moves])
        self.mean = tables.mean(0)
        # Devices report at a few rates, which no normal distribution has: each kind has a mean of its own, drawn to
        # everybody's by five people's worth, and all kinds vary alike around theirs.
        kind = np.searchsorted(KINDS_MS, [np.median(m.step[(m.u1 >= SPEEDS[2]) & ~m.paused]) for m in moves])
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
            both = ~m.paused & (m.step1 < PAUSE_MS)
            np.add.at(joint, (m.bins(m.step1[both]), m.bins(m.step[both])), 1)
        share = joint / joint.sum()
        self.follows = share / share.sum(1, keepdims=True) / share.sum(0, keepdims=True)  # how much likelier after another
        turns = np.concatenate([m.turn[m.paused] for m in moves])
        self.new_turns = np.quantile(turns, QUANTILES)  # from the last movement's heading to the next one's
        self.correction = np.zeros(WIDTH)

    def residuals(self, moves, tables):
        """Quantiles of what tables leave of rises by state and of turns by speed, over everybody: their shapes."""
        rises, turns = [[] for _ in range(STATES)], [[] for _ in range(S)]
        for m, t in zip(moves, tables):
            chain = m.old & ~m.paused
            state, speed = state_of(m.u1, m.u2), np.searchsorted(SPEEDS, m.u1, side="right")
            z = (m.u - m.u1 - t[AT["rise"]][state]) / np.exp(t[AT["rise_spread"]][state])
            y = (m.turn - t[AT["turn_again"]][speed] * m.turn1) / np.exp(t[AT["turn_spread"]][speed])
            for k in range(STATES):
                rises[k].append(z[chain & (state == k)])
            for k in range(S):
                turns[k].append(y[chain & (speed == k)])
        everything = np.concatenate([z for part in rises for z in part])  # where a state does not occur
        shape = lambda parts: np.stack([np.quantile(np.concatenate(p) if sum(map(len, p)) > 50 else everything, QUANTILES) for p in parts])
        return shape(rises), shape(turns)

    def draw(self, n, rng, strength=1.0):
        kinds = rng.choice(len(self.share), n, p=self.share)
        return self.means[kinds] + strength * rng.standard_normal((n, len(self.directions))) @ self.directions

    def moods(self, n, rng, strength):
        return strength * rng.standard_normal((n, len(self.directions))) @ self.directions

    def users(self, n, events, rng, strength=1.0, mood=0.25):
        """Arrays of so many events of n drawn users: time in ms, x, y (n, events) and kind."""
        return self.streams(self.draw(n, rng, strength) + self.correction, events, rng, mood)

    def streams(self, tables, events, rng, mood, mood_events=400):
        n = len(tables)
        who = np.arange(n)
        time, x, y = (np.zeros((n, events)) for _ in range(3))
        kind = np.zeros((n, events), np.uint8)
        rises, turns = self.shapes
        u, u1 = rng.uniform(0.7, 3, n), rng.uniform(0.7, 3, n)
        angle, turn = rng.uniform(-np.pi, np.pi, n), np.zeros(n)
        fx, fy = rng.uniform(200, 1200, n), rng.uniform(200, 600, n)  # where the hand is; x and y are whole pixels
        width, height = rng.uniform(1200, 1900, n), rng.uniform(600, 950, n)
        bins, age, held, left, last = (np.full(n, v) for v in (8, 0, 0, 0, MOVE))  # held: 1 will click, 2 drags; left: events of a drag
        normal, quantile = lambda: rng.standard_normal(n), lambda: rng.integers(0, len(QUANTILES), n)
        log_normal = lambda mean, spread: np.floor(np.exp((mean + np.exp(spread.clip(-2.5, 0.7)) * normal()).clip(0, 8.5)))
        for i in range(events):
            if i % mood_events == 0:
                now = tables + self.moods(n, rng, mood)
                part = {k: now[:, a] for k, a in AT.items()}
                middle = part["length_by_heading"].mean(1)
                marginals = [np.exp(part[p] - part[p].max(1, keepdims=True)) for p in ("slow_steps", "steps")]
                click = part["click"]
            state = state_of(u, u1)
            speed = state // R
            presses = (held == 0) & (last != RELEASE) & (speed <= 1) & (rng.random(n) < np.minimum(0.5, 2.6 * np.exp(click[:, 0])))
            releases = (held == 1) & (last == PRESS) | (held == 2) & (left <= 0)
            moves = ~presses & ~releases
            clicked = moves & (last != MOVE)
            pauses = moves & (last == MOVE) & (rng.random(n) < np.exp(part["pauses"][who, speed]).clip(0, 0.6))
            anew = clicked | pauses
            young = moves & ~anew & (age < YOUNG)
            # Speed.
            rise = part["rise"][who, state] + np.exp(part["rise_spread"][who, state].clip(-4, 1)) * rises[state, quantile()]
            k = np.minimum(age, YOUNG - 1)
            rise = np.where(young, part["young"][who, k] + np.exp(part["young_spread"][who, k].clip(-3, 0.5)) * normal(), rise)
            new = np.where(anew, part["start"][:, 0] + np.exp(part["start"][:, 1].clip(-2, 0.5)) * np.abs(normal()) * 0.9 - 0.4, u + rise)
            heading = octant(angle)
            new = np.where(~anew & (speed >= QUICK), new + 0.15 * (part["length_by_heading"][who, heading] - middle), new).clip(0.69, 6.0)
            # Direction. Who runs into an edge of the screen turns back to its middle.
            wild = part["turn_again"][who, speed].clip(-0.6, 0.6) * turn + np.exp(part["turn_spread"][who, speed].clip(-4, 1)) * turns[speed, quantile()]
            bend = np.clip(wild + np.where(speed >= QUICK, part["turn_by_heading"][who, heading], 0), -np.pi, np.pi)
            bend = np.where(anew, self.new_turns[quantile()], bend)
            home = turned(angle, np.arctan2(height / 2 - fy, width / 2 - fx))
            out = (fx < 20) | (fx > width - 20) | (fy < 20) | (fy > height - 20)
            bend = np.where(out & (np.cos(home) < 0.3), np.where(anew, home, np.sign(home) * rng.uniform(0.1, 0.5, n)), bend)
            towards = turned(0, angle + bend)
            # Time.
            shares = np.where((speed >= QUICK)[:, None], marginals[1], marginals[0]) * self.follows[bins]
            shares = np.cumsum(shares, 1)
            drawn = (rng.random((n, 1)) * shares[:, -1:] > shares).sum(1)
            low, high = STEPS_MS[drawn], STEPS_MS[drawn + 1]
            step = np.floor(rng.uniform(low, high))
            step = np.where(pauses, np.maximum(PAUSE_MS, log_normal(part["pause"][:, 0], part["pause"][:, 1])), step)
            step = np.where(presses, log_normal(click[:, 4], click[:, 5]), step)
            step = np.where(releases & (held == 1), log_normal(click[:, 2], click[:, 3]), step)
            step = np.where(clicked & (last == RELEASE), log_normal(click[:, 6], click[:, 7]), step)
            step = np.where(clicked & (last == PRESS), log_normal(click[:, 8], np.zeros(n)), step)
            # A step of no whole pixel is no event, so the least one is a pixel along the longer axis.
            length = np.where(moves, np.expm1(new), 0)
            nx, ny = fx + length * np.cos(towards), fy + length * np.sin(towards)
            gone = (np.round(nx) == np.round(fx)) & (np.round(ny) == np.round(fy)) & moves
            wide = np.abs(np.cos(towards)) >= np.abs(np.sin(towards))
            fx = np.where(gone & wide, fx + np.sign(np.cos(towards)), nx)
            fy = np.where(gone & ~wide, fy + np.sign(np.sin(towards)), ny)
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
            bins, age = np.where(moves & ~anew, drawn, bins), np.where(anew, 0, age + 1)
        return time, x, y, kind

    def match(self, rng, rounds=3, n=60, events=3000, report=None):
        """Takes off what rounding to pixels and clipping add, so that drawn users' streams have the tables that were drawn."""
        for _ in range(rounds):
            wanted = self.draw(n, rng, 0.7)
            streams = self.streams(wanted + self.correction, events, rng, 0.0)
            given = np.stack([table(Movement([as_events(*(v[k] for v in streams))]), self.mean) for k in range(n)])
            self.correction = self.correction - np.clip((given - wanted).mean(0), -0.5, 0.5) * 0.8
            if report:
                report(given, wanted)


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
