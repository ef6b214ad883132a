// The measures of a window of pointer use by which hands differ from programs: the list pointer-liveness-1, the mirror of
// Go's liveness.MovementMeasures (internal/liveness/pointer*.go say what each one sees and why).
import { Move, Press, Wheel, type PointerEvent } from './event.ts';
import { pathOf, strokeChordPX, strokeDurationMS, strokeLengthPX, strokePeak, type Path, type Step } from './path.ts';

export const PointerMeasureList = 'pointer-liveness-1';

const thinMS = 14;
const restMS = 150;
const frameMS = 1000 / 60;
const fastPX = 6;
const slowPX = 3;
const quietPX = 4;
const leapPX = 40;

const { abs, floor, log, max, min, sqrt } = Math;

/** Sums of one sample, or of two that belong together. */
class Moments {
  n = 0;
  x = 0;
  y = 0;
  xx = 0;
  yy = 0;
  xy = 0;

  add(x: number, y = 0): void {
    this.n++;
    this.x += x;
    this.y += y;
    this.xx += x * x;
    this.yy += y * y;
    this.xy += x * y;
  }

  mean(): number {
    return this.x / max(1, this.n);
  }

  spread(): number {
    if (this.n < 2) return 0;
    const mean = this.x / this.n;
    return sqrt(max(0, this.xx / this.n - mean * mean));
  }

  power(): number {
    return this.xx / max(1, this.n);
  }

  /** Slope of y over x and Pearson's correlation. */
  slope(): [number, number] {
    const { n, x, y } = this;
    if (n < 4) return [0, 0];
    const sxx = this.xx - (x * x) / n;
    const syy = this.yy - (y * y) / n;
    const sxy = this.xy - (x * y) / n;
    if (sxx < 1e-9 || syy < 1e-9) return [0, 0];
    return [max(-3, min(3, sxy / sxx)), max(-1, min(1, sxy / sqrt(sxx * syy)))];
  }

  correlation(): number {
    return this.slope()[1];
  }
}

const m = (): Moments => new Moments();
const signedTurn = (a: Step, b: Step): number => Math.atan2(a.dx * b.dy - a.dy * b.dx, a.dx * b.dx + a.dy * b.dy);

/** The values of the list for a window, to four decimals. */
export function movementMeasures(events: readonly PointerEvent[]): number[] {
  let last = -Infinity;
  const p = pathOf(
    events.filter((e) => {
      if (e.kind !== Move) return true;
      if (e.timeMS - last < thinMS) return false;
      last = e.timeMS;
      return true;
    }),
  );
  return [...shape(p), ...roughness(p), ...unexplained(p), ...pace(p), ...grid(p.steps, events), ...cadence(events), ...presses(p, events)]
    .map((x) => (Number.isNaN(x) ? 0 : floor(max(-1e6, min(1e6, x)) * 1e4 + 0.5) / 1e4));
}

function shape(p: Path): number[] {
  const [straight, bow, sides, turns, persistence] = [m(), m(), m(), m(), m()];
  let [straightOn, sharp, bends] = [0, 0, 0];
  for (const s of p.strokes) {
    const length = strokeLengthPX(s);
    straight.add(strokeChordPX(s) / max(1, length));
    const [area, changes] = lateral(s);
    bow.add(abs(area) / max(1, length * length));
    sides.add(changes / s.length);
    let before = 0;
    s.forEach((b, i) => {
      const a = s[i - 1];
      if (!a) return;
      const turn = signedTurn(a, b);
      turns.add(abs(turn));
      if (a.lengthPX >= 4 && b.lengthPX >= 4) {
        bends++;
        if (abs(turn) < 0.02) straightOn++;
        if (abs(turn) > 0.5) sharp++;
      }
      if (i > 1) persistence.add(before, turn);
      before = turn;
    });
  }
  bends = max(1, bends);
  return [straight.mean(), bow.mean(), sides.mean(), turns.mean(), straightOn / bends, sharp / bends, persistence.correlation()];
}

/** The area between a stroke and its chord, and how often the stroke crosses it. */
function lateral(stroke: readonly Step[]): [number, number] {
  let [cx, cy] = [0, 0];
  for (const s of stroke) {
    cx += s.dx;
    cy += s.dy;
  }
  const chord = max(1, sqrt(cx * cx + cy * cy));
  let [x, y, side, area, changes] = [0, 0, 0, 0, 0];
  for (const s of stroke) {
    x += s.dx;
    y += s.dy;
    const off = (cx * y - cy * x) / chord;
    area += off * max(0, (s.dx * cx + s.dy * cy) / chord);
    if (abs(off) > 0.5) {
      if (off * side < 0) changes++;
      side = off;
    }
  }
  return [area, changes];
}

function roughness(p: Path): number[] {
  const [al, ac, a1, a2, c1, c2, follows, curve, speed] = [m(), m(), m(), m(), m(), m(), m(), m(), m()];
  let [alongSize, acrossSize] = [0, 0];
  for (const s of p.strokes) {
    let [x1, y1, x2, y2] = [0, 0, 0, 0]; // the last changes, along and across, and those before
    s.forEach((v, i) => {
      const u = s[i - 1];
      if (!u) return;
      let dx = u.dx + v.dx;
      let dy = u.dy + v.dy;
      let d = sqrt(dx * dx + dy * dy);
      if (d < 1e-9) [dx, dy, d] = [1, 0, 1];
      const jx = v.dx / v.durationMS - u.dx / u.durationMS;
      const jy = v.dy / v.durationMS - u.dy / u.durationMS;
      const x = (jx * dx + jy * dy) / d;
      const y = (jy * dx - jx * dy) / d;
      al.add(x);
      ac.add(y);
      alongSize += abs(x);
      acrossSize += abs(y);
      if (i > 1) {
        a1.add(x, x1);
        c1.add(y, y1);
      }
      if (i > 2) {
        a2.add(x, x2);
        c2.add(y, y2);
      }
      [x1, y1, x2, y2] = [x, y, x1, y1];
      const rate = d / (u.durationMS + v.durationMS);
      speed.add(rate);
      follows.add(rate, abs(y));
      const turn = abs(signedTurn(u, v));
      if (turn > 0.01 && d > 4) curve.add(log((2 * turn) / d), log(rate));
    });
  }
  const usual = max(1e-6, speed.mean());
  const lag = (pairs: Moments, all: Moments) =>
    pairs.n < 4 || all.xx < 1e-12 ? 0 : max(-1, min(1, pairs.xy / pairs.n / (all.xx / all.n)));
  return [
    log(0.001 + sqrt(al.power()) / usual), log(0.001 + sqrt(ac.power()) / usual),
    lag(a1, al), lag(a2, al), lag(c1, ac), lag(c2, ac),
    alongSize / max(1e-9, sqrt(al.xx * al.n)), acrossSize / max(1e-9, sqrt(ac.xx * ac.n)),
    follows.correlation(), ...curve.slope(),
  ];
}

function unexplained(p: Path): number[] {
  const [fastAcross, fastAlong, slowAcross, slowAlong] = [m(), m(), m(), m()];
  let [quietAcross, quietAlong] = [0, 0];
  for (const s of p.strokes) {
    s.forEach((d, i) => {
      const [a, b, c] = [s[i - 3], s[i - 2], s[i - 1]];
      if (!a || !b || !c) return;
      const fourth = (f: 'dx' | 'dy') =>
        (d[f] / d.durationMS - (3 * c[f]) / c.durationMS + (3 * b[f]) / b.durationMS - a[f] / a.durationMS) * frameMS;
      const x = fourth('dx');
      const y = fourth('dy');
      const wx = b.dx + c.dx;
      const wy = b.dy + c.dy;
      const w = sqrt(wx * wx + wy * wy);
      if (w < 1e-9) return;
      const along = (x * wx + y * wy) / w;
      const across = (y * wx - x * wy) / w;
      const rate = (w / (b.durationMS + c.durationMS)) * frameMS;
      if (rate >= fastPX) {
        fastAcross.add(across);
        fastAlong.add(along);
        if (abs(across) < quietPX) quietAcross++;
        if (abs(along) < quietPX) quietAlong++;
      } else if (rate < slowPX) {
        slowAcross.add(across);
        slowAlong.add(along);
      }
    });
  }
  const n = max(1, fastAcross.n);
  return [...[fastAcross, fastAlong, slowAcross, slowAlong].map((x) => log(0.5 + sqrt(x.power()))), quietAcross / n, quietAlong / n];
}

function pace(p: Path): number[] {
  const [speeds, lag1, hills, depth, toPeak, start, landing, mirror, bell, mean, duration, length] =
    [m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m()];
  let [even, pairs] = [0, 0];
  for (const s of p.strokes) {
    const n = s.length;
    const lasted = strokeDurationMS(s);
    const way = strokeLengthPX(s);
    const summit = strokePeak(s);
    const peak = max(1e-9, summit.speed);
    const usual = way / lasted;
    let [elapsed, tops, valley, top, misfit] = [0, 0, Infinity, 0, 0];
    const twin = m();
    s.forEach((x, i) => {
      const v = x.speed / usual;
      speeds.add(log(0.05 + v));
      const t = (elapsed + x.durationMS / 2) / lasted;
      elapsed += x.durationMS;
      misfit += abs(v - 30 * t * t * (1 - t) * (1 - t));
      twin.add(x.speed, s[n - 1 - i]?.speed ?? 0);
      const before = s[i - 1]?.speed;
      if (before !== undefined) {
        lag1.add(log(0.05 + before / usual), log(0.05 + v));
        if (x.lengthPX >= 3) {
          pairs++;
          if (abs(x.speed - before) < 0.02 * x.speed) even++;
        }
      }
      if (top === 0 ? x.speed > min(valley, peak) + 0.1 * peak : x.speed > top) {
        top = x.speed;
      } else if (top > 0 && x.speed < top - 0.1 * peak) {
        tops++;
        depth.add((top - x.speed) / peak);
        top = 0;
        valley = x.speed;
      }
      valley = min(valley, x.speed);
    });
    hills.add(tops / max(1, lasted / 100));
    toPeak.add(summit.share);
    start.add((s[0]?.speed ?? 0) / peak);
    landing.add((s[n - 1]?.speed ?? 0) / peak);
    mirror.add(twin.correlation());
    bell.add(misfit / n);
    mean.add(log(1e-3 + usual));
    duration.add(log(lasted));
    length.add(log(1 + way), log(lasted));
  }
  return [
    speeds.spread(), lag1.correlation(), even / max(1, pairs), hills.mean(), depth.mean(), toPeak.mean(), toPeak.spread(),
    start.mean(), landing.mean(), mirror.mean(), bell.mean(), mean.spread(), duration.spread(), length.correlation(),
  ];
}

function grid(steps: readonly Step[], events: readonly PointerEvent[]): number[] {
  const octants = [0, 0, 0, 0, 0, 0, 0, 0];
  let [axis, axisRuns, units, diagonals, short, shortAxis] = [0, 0, 0, 0, 0, 0];
  let [repeated, collinear, longPairs, evens, stairs, stairPairs] = [0, 0, 0, 0, 0, 0];
  steps.forEach((s, i) => {
    const x = abs(s.dx);
    const y = abs(s.dy);
    const onAxis = x === 0 || y === 0;
    if (onAxis) axis++;
    if (x + y === 1) units++;
    if (x === 1 && y === 1) diagonals++;
    if (s.lengthPX < 4) {
      short++;
      if (onAxis) shortAxis++;
    }
    if (x % 2 === 0 && y % 2 === 0) evens++;
    const octant = floor((s.angle + Math.PI / 8) / (Math.PI / 4) + 8) % 8;
    octants[octant] = (octants[octant] ?? 0) + 1;
    const l = steps[i - 1];
    if (!l) return;
    if (onAxis && (l.dx === 0 || l.dy === 0)) axisRuns++;
    if (s.lengthPX >= 2 && l.lengthPX >= 2) {
      longPairs++;
      if (s.dx === l.dx && s.dy === l.dy) repeated++;
      if (s.dx * l.dy === s.dy * l.dx) collinear++;
    }
    const k = steps[i - 2];
    if (!k) return;
    stairPairs += 2;
    for (const f of ['dx', 'dy'] as const) if (abs(l[f] - k[f]) === 1 && s[f] === k[f]) stairs++;
  });
  const n = max(1, steps.length);
  const usual = octants.reduce((sum, o) => sum + ((o / n) * o) / n, 0);
  let [fractions, still, moves] = [0, 0, 0];
  events.forEach((e, i) => {
    if (e.kind !== Move) return;
    moves++;
    if (e.x !== floor(e.x) || e.y !== floor(e.y)) fractions++;
    const b = events[i - 1];
    if (b && b.kind === Move && b.x === e.x && b.y === e.y) still++;
  });
  moves = max(1, moves);
  return [
    axis / n, axisRuns / max(1, axis), units / n, diagonals / n, shortAxis / max(1, short), repeated / max(1, longPairs),
    collinear / max(1, longPairs), evens / n, fractions / moves, stairs / max(1, stairPairs), still / moves, 1 - usual,
  ];
}

function cadence(events: readonly PointerEvent[]): number[] {
  const [steps, rests] = [m(), m()];
  const counts: number[] = Array<number>(64).fill(0);
  let [long, batch, revisits, lengthPX] = [0, 0, 0, 0];
  const moves = events.filter((e) => e.kind === Move);
  const seen = new Set<string>();
  let last: PointerEvent | undefined;
  for (const e of moves) {
    const here = `${e.x} ${e.y}`;
    if (last) {
      const dx = e.x - last.x;
      const dy = e.y - last.y;
      const elapsed = e.timeMS - last.timeMS;
      lengthPX += sqrt(dx * dx + dy * dy);
      if ((dx !== 0 || dy !== 0) && seen.has(here)) revisits++;
      if (elapsed > restMS) {
        rests.add(log(elapsed));
      } else {
        steps.add(elapsed);
        const bin = min(63, floor(elapsed + 0.5));
        counts[bin] = (counts[bin] ?? 0) + 1;
        if (elapsed > 25) long++;
        if (elapsed < 2.5) batch++;
      }
    }
    seen.add(here);
    last = e;
  }
  const first = moves[0];
  const n = max(1, steps.n);
  const of = max(1, moves.length);
  let [net, extent] = [0, 0];
  if (first && last) {
    net = sqrt((last.x - first.x) * (last.x - first.x) + (last.y - first.y) * (last.y - first.y));
    const xs = moves.map((e) => e.x);
    const ys = moves.map((e) => e.y);
    extent = log(1 + max(...xs) - min(...xs) + max(...ys) - min(...ys));
  }
  return [
    log(1 + steps.mean()), steps.spread() / max(1e-9, abs(steps.mean())), max(...counts) / n, long / n, batch / n,
    rests.n / of, rests.mean(), rests.spread(), revisits / of, net / max(1, lengthPX), extent,
  ];
}

function presses(p: Path, events: readonly PointerEvent[]): number[] {
  const [approach, settle, dwell, wheel] = [m(), m(), m(), m()];
  let [leaps, downs, off, wheels, moves, near] = [0, 0, 0, 0, 0, 0];
  let last: PointerEvent | undefined;
  for (const e of events) {
    const away = last !== undefined && abs(e.x - last.x) + abs(e.y - last.y) > leapPX;
    if (e.kind === Move) {
      moves++;
      near++;
      if (last && e.timeMS - last.timeMS > restMS) {
        near = 1;
        if (away) leaps++;
      }
    } else if (e.kind === Press) {
      downs++;
      if (away) off++;
      approach.add(log(1 + near));
      near = 0;
    } else if (e.kind === Wheel) {
      wheels++;
      continue;
    }
    last = e;
  }
  for (const c of p.clicks) {
    settle.add(log(1 + c.settleMS));
    dwell.add(log(1 + c.dwellMS));
  }
  for (const t of p.wheelTurnsMS) wheel.add(log(1 + t));
  const n = max(1, events.length);
  return [
    leaps / max(1, moves), downs / n, off / max(1, downs), approach.mean(), settle.mean(), dwell.mean(), dwell.spread(),
    wheels / n, wheel.spread(),
  ];
}
