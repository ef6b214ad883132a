// What the strokes of fingers come to, the mirror of Go's path/touch.go, line by line.
import { minPoints, strokePeak, turn, type Step } from './path.ts';
import { quantile } from './quantile.ts';
import type { Axes, Motion, TouchPoint, TouchStroke } from './touchwindow.ts';

/** The length from which a stroke of a finger has a shape; below it the finger taps or rests. */
const drawnPX = 12;

/** Bounds the time between two strokes: longer ones say that the person read or waited. */
const maxPauseMS = 5000;

/**
 * What one stroke of a finger comes to. A measure for which the stroke holds nothing, or that the device does not tell,
 * is zero. Of a window whose numbers are finite and not beyond what a screen gives, every number here is finite.
 */
export interface Contact {
  /** The window's first stroke: it has no pause and no interval. */
  first: boolean;
  /** From the end of the stroke before it; negative when fingers overlap. */
  pauseMS: number;
  /** From the start of the stroke before it. */
  intervalMS: number;
  durationMS: number;
  /** As the stroke has them. */
  others: number;
  continued: boolean;
  lifted: boolean;
  /** Of the way. */
  lengthPX: number;
  /** From the first to the last point. */
  chordPX: number;
  /** The chord. */
  dx: number;
  dy: number;
  /** Long enough to have a shape; what follows up to tremorPX is zero without one. Speeds are pixels a millisecond. */
  drawn: boolean;
  /** Median. */
  speed: number;
  peak: number;
  /** Of the duration, at which the peak is reached. */
  peakShare: number;
  /** Mean speed of the first three steps. */
  onset: number;
  /** Mean speed of the last three steps. */
  tail: number;
  /** Mean radians a step, without sign. */
  turn: number;
  signedTurn: number;
  /** Largest distance of a point from the chord, with the side's sign. */
  bowPX: number;
  /** Root mean square of the steps' second differences. */
  tremorPX: number;
  /** Median. */
  radiusPX: number;
  /** Natural logarithm of median to first. */
  radiusRise: number;
  /** Standard deviation of the logarithm. */
  radiusSpread: number;
  /** Median. */
  pressure: number;
  pressureMax: number;
  /** Median less first. */
  pressureRise: number;
}

/** How the device is held and moved in a window, over all its readings of motion. */
export interface Hold {
  /** 0 where the device does not tell. */
  readings: number;
  /** Mean direction of the acceleration, each from -1 to 1: gravity as the hand's posture turns it. */
  tilt: Axes;
  /** Radians: root mean square angle between single readings and the mean direction. */
  sway: number;
  /** m/s², root mean square of the change from reading to reading. */
  tremor: number;
  /** Readings that tell the rotation. */
  rotations: number;
  /** Degrees a second, root mean square. */
  rotation: number;
}

/** Gives what each stroke of a window comes to. */
export function contactsOf(strokes: readonly TouchStroke[]): Contact[] {
  return strokes.map((s, i) => {
    const c = contactOf(s);
    const before = strokes[i - 1];
    if (!before) return c;
    c.first = false;
    c.pauseMS = Math.max(-maxPauseMS, Math.min(maxPauseMS, s.startMS - before.endMS));
    c.intervalMS = Math.max(0, Math.min(maxPauseMS, s.startMS - before.startMS));
    return c;
  });
}

function contactOf(s: TouchStroke): Contact {
  const c: Contact = {
    first: true, pauseMS: 0, intervalMS: 0, durationMS: Math.max(0, Math.min(maxPauseMS, s.endMS - s.startMS)),
    others: s.others, continued: s.continued, lifted: s.lifted, lengthPX: 0, chordPX: 0, dx: 0, dy: 0, drawn: false,
    speed: 0, peak: 0, peakShare: 0, onset: 0, tail: 0, turn: 0, signedTurn: 0, bowPX: 0, tremorPX: 0,
    radiusPX: 0, radiusRise: 0, radiusSpread: 0, pressure: 0, pressureMax: 0, pressureRise: 0,
  };
  const last = s.points[s.points.length - 1];
  if (!last) return c;
  const steps: Step[] = [];
  for (let i = 1; i < s.points.length; i++) {
    const step = stepBetween(s.points[i - 1]!, s.points[i]!);
    if (step.lengthPX === 0) continue;
    c.lengthPX += step.lengthPX;
    steps.push(step);
  }
  c.dx = last.dx;
  c.dy = last.dy;
  c.chordPX = Math.sqrt(c.dx * c.dx + c.dy * c.dy);
  c.drawn = steps.length >= minPoints && c.lengthPX >= drawnPX;
  if (c.drawn) shape(c, s.points, steps);
  radius(c, s.points);
  pressure(c, s.points);
  return c;
}

function stepBetween(a: TouchPoint, b: TouchPoint): Step {
  const durationMS = Math.max(1, b.timeMS - a.timeMS);
  const dx = b.dx - a.dx;
  const dy = b.dy - a.dy;
  const lengthPX = Math.sqrt(dx * dx + dy * dy);
  return { durationMS, dx, dy, lengthPX, speed: lengthPX / durationMS, angle: Math.atan2(dy, dx) };
}

function shape(c: Contact, points: readonly TouchPoint[], steps: readonly Step[]): void {
  ({ speed: c.peak, share: c.peakShare } = strokePeak(steps));
  const turns = steps.length - 1;
  steps.forEach((x, i) => {
    if (i < 3) c.onset += x.speed / 3;
    if (i >= steps.length - 3) c.tail += x.speed / 3;
    const a = steps[i - 1];
    if (!a) return;
    const turned = turn(a, x);
    c.turn += turned / turns;
    c.signedTurn += (a.dx * x.dy - a.dy * x.dx < 0 ? -turned : turned) / turns;
    const ddx = x.dx - a.dx;
    const ddy = x.dy - a.dy;
    c.tremorPX += (ddx * ddx + ddy * ddy) / turns;
  });
  c.tremorPX = Math.sqrt(c.tremorPX);
  c.speed = quantile(steps.map((x) => x.speed), 0.5);
  for (const p of points) {
    const side = (c.dx * p.dy - c.dy * p.dx) / Math.max(1, c.chordPX);
    if (Math.abs(side) > Math.abs(c.bowPX)) c.bowPX = side;
  }
}

function radius(c: Contact, points: readonly TouchPoint[]): void {
  const radii = points.map((p) => p.radiusPX).filter((r) => r > 0);
  const first = radii[0];
  if (first === undefined) return;
  const mean = radii.reduce((sum, r) => sum + Math.log(r), 0) / radii.length;
  c.radiusSpread = Math.sqrt(radii.reduce((sum, r) => sum + (Math.log(r) - mean) ** 2 / radii.length, 0));
  c.radiusPX = quantile(radii, 0.5);
  c.radiusRise = Math.log(c.radiusPX) - Math.log(first);
}

function pressure(c: Contact, points: readonly TouchPoint[]): void {
  const pressures = points.map((p) => p.pressure).filter((p) => p > 0);
  const first = pressures[0];
  if (first === undefined) return;
  c.pressure = quantile(pressures, 0.5);
  c.pressureMax = Math.max(...pressures);
  c.pressureRise = c.pressure - first;
}

/** Gives means over all readings of a window: they are not tied to single strokes (see Go's window.Touch). */
export function holdOf(motions: readonly Motion[]): Hold {
  const h = { readings: 0, tilt: [0, 0, 0] as [number, number, number], sway: 0, tremor: 0, rotations: 0, rotation: 0 };
  for (const m of motions) {
    const a = length(m.acceleration);
    if (a > 0) {
      h.readings++;
      m.acceleration.forEach((v, k) => (h.tilt[k]! += v / a));
    }
    const r = length(m.rotation);
    if (r > 0) {
      h.rotations++;
      h.rotation += r * r;
    }
  }
  h.rotation = Math.sqrt(h.rotation / Math.max(1, h.rotations));
  h.tilt.forEach((v, k) => (h.tilt[k] = v / Math.max(1, h.readings)));
  const middle = length(h.tilt);
  motions.forEach((m, i) => {
    const a = length(m.acceleration);
    if (a > 0 && middle > 0) {
      const along = m.acceleration.reduce((sum, v, k) => sum + ((v / a) * h.tilt[k]!) / middle, 0);
      h.sway += Math.acos(Math.max(-1, Math.min(1, along))) ** 2;
    }
    const before = motions[i - 1];
    if (before) h.tremor += m.acceleration.reduce((sum, v, k) => sum + (v - before.acceleration[k]!) ** 2, 0);
  });
  h.sway = Math.sqrt(h.sway / Math.max(1, h.readings));
  h.tremor = Math.sqrt(h.tremor / Math.max(1, motions.length - 1));
  return h;
}

function length([x, y, z]: Axes): number {
  return Math.sqrt(x * x + y * y + z * z);
}
