// The measures of a window of typing by which hands differ from programs: the list keyboard-liveness-1, the mirror of Go's
// liveness.KeyMeasures (internal/liveness/key*.go say what each one sees and why).
import { Backspace, ClassCount, Shift, Space, isLetter } from './class.ts';
import type { Stroke } from './keyboardwindow.ts';
import { quantile } from './quantile.ts';

export const KeyboardMeasureList = 'keyboard-liveness-1';

const pausedMS = 1500;
const softMS = 10;
const leastPairs = 8;
const maxMagnitude = 1e6;

const sameHand = 0;
const otherHand = 1;
const toSpace = 2;
const fromSpace = 3;
const otherStep = 4;
const stepKinds = 5;

/** Reads a place that the caller knows to be there. */
const at = (values: readonly number[], i: number): number => values[i] ?? 0;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : sum(values) / values.length);
const ratio = (of: number, to: number): number => (to <= 0 ? 0 : of / to);
const softLog = (ms: number): number => Math.log(1 + Math.max(0, ms) / softMS);
const squash = (ms: number): number => ms / (200 + Math.abs(ms));
const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const always = (): boolean => true;

function step(from: number, to: number): number {
  if (to === Space) return toSpace;
  if (from === Space) return fromSpace;
  if (!isLetter(from) || !isLetter(to)) return otherStep;
  return from === to ? sameHand : otherHand;
}

/** A window's strokes as the signals need them; interval i lies between the presses i and i+1. */
interface Typing {
  strokes: readonly Stroke[];
  dwellMS: number[];
  intervalMS: number[];
  going: boolean[];
  kind: number[];
  logDwell: number[];
  logInterval: number[];
  dwellResidual: number[];
  intervalResidual: number[];
  usual: number[];
  logUsual: number[];
}

function typingOf(strokes: readonly Stroke[]): Typing {
  const dwellMS = strokes.map((s) => s.releaseMS - s.pressMS);
  const intervalMS: number[] = [];
  const kind: number[] = [];
  let last: Stroke | undefined;
  for (const s of strokes) {
    if (last) {
      intervalMS.push(s.pressMS - last.pressMS);
      kind.push(step(last.keyClass, s.keyClass));
    }
    last = s;
  }
  const going = intervalMS.map((ms) => ms <= pausedMS);
  const logDwell = dwellMS.map(softLog);
  const logInterval = intervalMS.map(softLog);
  const usual = intervalMS.filter((_, i) => going[i]);
  return {
    strokes, dwellMS, intervalMS, going, kind, logDwell, logInterval, usual,
    logUsual: usual.map(softLog),
    dwellResidual: residuals(logDwell, strokes.map((s) => s.keyClass), ClassCount, always),
    intervalResidual: residuals(logInterval, kind, stepKinds, (i) => going[i] === true),
  };
}

function residuals(values: number[], kinds: number[], count: number, counts: (i: number) => boolean): number[] {
  const sums: number[] = Array.from({ length: count }, () => 0);
  const numbers = [...sums];
  let total = 0;
  let number = 0;
  values.forEach((v, i) => {
    if (!counts(i)) return;
    const k = at(kinds, i);
    sums[k] = at(sums, k) + v;
    numbers[k] = at(numbers, k) + 1;
    total += v;
    number++;
  });
  return values.map((v, i) => {
    const k = at(kinds, i);
    if (!counts(i)) return 0;
    return at(numbers, k) >= 3 ? v - at(sums, k) / at(numbers, k) : v - total / number;
  });
}

function correlation(x: number[], y: number[], lag: number, counts: (i: number) => boolean): number {
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let syy = 0;
  let sxy = 0;
  for (let i = Math.max(0, -lag); i < x.length && i + lag < y.length; i++) {
    if (!counts(i)) continue;
    const a = at(x, i);
    const b = at(y, i + lag);
    n++;
    sx += a;
    sy += b;
    sxx += a * a;
    syy += b * b;
    sxy += a * b;
  }
  if (n < leastPairs) return 0;
  const vx = sxx / n - ((sx / n) * sx) / n;
  const vy = syy / n - ((sy / n) * sy) / n;
  return vx < 1e-6 || vy < 1e-6 ? 0 : (sxy / n - ((sx / n) * sy) / n) / Math.sqrt(vx * vy);
}

function fastestRun({ strokes }: Typing, most: number): number {
  const presses = Math.min(most, strokes.length);
  if (presses < 2) return 0;
  let best = Infinity;
  for (let i = 0; i + presses <= strokes.length; i++) {
    best = Math.min(best, (strokes[i + presses - 1]?.pressMS ?? 0) - (strokes[i]?.pressMS ?? 0));
  }
  return best / (presses - 1);
}

function keyPace(t: Typing): number[] {
  return [
    quantile(t.usual, 0.5), fastestRun(t, 10),
    quantile(t.dwellMS, 0.5), quantile(t.dwellMS, 0.1), quantile(t.dwellMS, 0.9),
  ];
}

const range = (values: readonly number[], low: number, high: number): number =>
  quantile(values, high) - quantile(values, low);

function keySpread(t: Typing): number[] {
  const releases: number[] = [];
  const presses: number[] = [];
  t.going.forEach((going, i) => {
    if (!going) return;
    releases.push((t.strokes[i + 1]?.releaseMS ?? 0) - (t.strokes[i]?.releaseMS ?? 0));
    presses.push(at(t.intervalMS, i));
  });
  return [
    range(t.logDwell, 0.25, 0.75), range(t.logUsual, 0.25, 0.75),
    ...lRatios(t.logDwell), ...lRatios(t.logUsual),
    ratio(range(releases, 0.2, 0.8), range(presses, 0.2, 0.8)),
  ];
}

/** L-skewness and L-kurtosis. */
function lRatios(values: readonly number[]): [number, number] {
  const n = values.length;
  if (n < 8) return [0, 0];
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  ascending(values).forEach((x, j) => {
    b0 += x;
    b1 += (x * j) / (n - 1);
    b2 += (x * j * (j - 1)) / ((n - 1) * (n - 2));
    b3 += (x * j * (j - 1) * (j - 2)) / ((n - 1) * (n - 2) * (n - 3));
  });
  b0 /= n;
  b1 /= n;
  b2 /= n;
  b3 /= n;
  const l2 = 2 * b1 - b0;
  return l2 < 1e-3 ? [0, 0] : [(6 * b2 - 6 * b1 + b0) / l2, (20 * b3 - 30 * b2 + 12 * b1 - b0) / l2];
}

const smallestStepMS = 1;

function repeats(valuesMS: readonly number[]): number {
  const n = valuesMS.length;
  if (n < 8) return 0;
  const sorted = ascending(valuesMS);
  let equal = 0;
  let smallest = Infinity;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n && at(sorted, j) - at(sorted, i) < smallestStepMS / 2; j++) equal++;
    const gap = i > 0 ? at(sorted, i) - at(sorted, i - 1) : 0;
    if (gap >= smallestStepMS / 2) smallest = Math.min(smallest, gap);
  }
  if (smallest === Infinity) return n;
  return Math.min(n, (equal / ((n * (n - 1)) / 2)) * Math.max(1, range(sorted, 0.1, 0.9) / smallest));
}

function mode(valuesMS: readonly number[]): number {
  const sorted = ascending(valuesMS);
  let best = 0;
  let i = 0;
  sorted.forEach((x, j) => {
    while (x - at(sorted, i) >= smallestStepMS / 2) i++;
    best = Math.max(best, j - i + 1);
  });
  return ratio(best, sorted.length);
}

const keyRepeats = (t: Typing): number[] => [repeats(t.dwellMS), repeats(t.usual), mode(t.dwellMS), mode(t.usual)];

function keyOverlap(t: Typing): number[] {
  const over = [0, 0];
  const letters = [0, 0];
  let deep = 0;
  let deepOf = 0;
  let order = 0;
  let orderOf = 0;
  let shifts = 0;
  let holding = 0;
  let near = 0;
  let steps = 0;
  t.strokes.forEach((s, i) => {
    const next = t.strokes[i + 1];
    const second = t.strokes[i + 2];
    if (second && t.going[i] && t.going[i + 1]) {
      deepOf++;
      if (second.pressMS < s.releaseMS && s.keyClass !== Shift) deep++;
    }
    if (!next || !t.going[i]) return;
    const overlaps = next.pressMS < s.releaseMS;
    const d = next.pressMS - s.releaseMS;
    const interval = at(t.intervalMS, i);
    steps++;
    if (d * d < 0.01 * interval * interval) near++;
    if (s.keyClass === Shift) {
      shifts++;
      if (overlaps && next.keyClass !== Shift) holding++;
      return;
    }
    orderOf++;
    if (next.releaseMS < s.releaseMS) order++;
    const kind = at(t.kind, i);
    if (kind === sameHand || kind === otherHand) {
      letters[kind] = at(letters, kind) + 1;
      if (overlaps) over[kind] = at(over, kind) + 1;
    }
  });
  return [
    ratio(sum(over), sum(letters)), ratio(at(over, sameHand), at(letters, sameHand)), ratio(deep, deepOf),
    ratio(order, orderOf), (2 * holding - shifts) / (shifts + 1), ratio(near, steps),
  ];
}

function keySerial(t: Typing): number[] {
  const { dwellResidual: d, intervalResidual: v } = t;
  const both = (lag: number) => (i: number) => t.going[i] === true && t.going[i + lag] === true;
  return [
    ...[1, 2, 3].map((lag) => correlation(d, d, lag, always)),
    ...[1, 2, 3].map((lag) => correlation(v, v, lag, both(lag))),
    handRhythm(t),
  ];
}

/** Pairs each letter with the next letter of the same class. */
function handRhythm(t: Typing): number {
  const before: number[] = [];
  const after: number[] = [];
  t.strokes.forEach((s, i) => {
    if (!isLetter(s.keyClass)) return;
    const j = t.strokes.findIndex((o, k) => k > i && o.keyClass === s.keyClass);
    if (j < 0) return;
    before.push(at(t.dwellResidual, i));
    after.push(at(t.dwellResidual, j));
  });
  return correlation(before, after, 0, always);
}

function keyCoupling(t: Typing): number[] {
  const { dwellResidual: d, intervalResidual: v } = t;
  const flights = t.intervalMS.map((ms, i) => squash(ms - at(t.dwellMS, i)));
  const dwells = t.dwellMS.map(squash);
  const going = (lag: number) => (i: number) => t.going[i + lag] === true;
  return [
    correlation(dwells, flights, 0, going(0)),
    correlation(d, v, 0, going(0)),
    correlation(d, v, -1, going(-1)),
    correlation(d, v, 1, going(1)),
    correlation(d, v, -2, going(-2)),
    correlation(flights, flights, 1, (i) => t.going[i] === true && t.going[i + 1] === true),
  ];
}

const waveStrokes = 5;

function waves(values: readonly number[]): number {
  const runs = Math.floor(values.length / waveStrokes);
  if (runs < 3) return 0;
  const whole = values.slice(0, runs * waveStrokes);
  const centre = mean(whole);
  const square = (x: number): number => x * x;
  const single = sum(whole.map((r) => square(r - centre))) / (whole.length - 1);
  const means = Array.from({ length: runs }, (_, i) => mean(whole.slice(i * waveStrokes, (i + 1) * waveStrokes)));
  const grouped = sum(means.map((m) => square(m - centre))) / (runs - 1);
  return single < 1e-6 ? 0 : (waveStrokes * grouped) / single;
}

function drift(values: readonly number[]): number {
  const half = Math.floor(values.length / 2);
  return values.length < 8 ? 0 : Math.abs(mean(values.slice(half)) - mean(values.slice(0, half)));
}

function keyTempo(t: Typing): number[] {
  const intervals = t.intervalResidual.filter((_, i) => t.going[i]);
  return [waves(intervals), waves(t.dwellResidual), drift(intervals), drift(t.dwellResidual)];
}

function keyWords(t: Typing): number[] {
  const byKind: number[][] = Array.from({ length: stepKinds }, () => []);
  const letters: number[] = [];
  const correction: number[] = [];
  const spaces: number[] = [];
  const letterDwells: number[] = [];
  let before = 0;
  let after = 0;
  let beforeD = 0;
  let afterD = 0;
  const centre = mean(t.logUsual);
  const centreD = mean(t.logDwell);
  t.strokes.forEach((s, i) => {
    beforeD += (at(t.logDwell, i) - centreD) ** 2;
    afterD += at(t.dwellResidual, i) ** 2;
    if (s.keyClass === Space) spaces.push(at(t.logDwell, i));
    else if (isLetter(s.keyClass)) letterDwells.push(at(t.logDwell, i));
    const next = t.strokes[i + 1];
    if (!next || !t.going[i]) return;
    const x = at(t.logInterval, i);
    const kind = at(t.kind, i);
    before += (x - centre) ** 2;
    after += at(t.intervalResidual, i) ** 2;
    byKind[kind]?.push(x);
    if (kind === sameHand || kind === otherHand) letters.push(x);
    if (kind === otherStep && next.keyClass === Backspace && s.keyClass !== Backspace) correction.push(x);
  });
  const of = (kind: number): number[] => byKind[kind] ?? [];
  return [
    contrast(of(toSpace), letters), contrast(of(fromSpace), letters), contrast(of(otherHand), of(sameHand)),
    contrast(spaces, letterDwells), contrast(correction, letters),
    explained(before, after), explained(beforeD, afterD),
  ];
}

const explained = (before: number, after: number): number => (before < 1e-4 ? 0 : 1 - after / before);
const contrast = (of: number[], to: number[]): number => (of.length === 0 || to.length === 0 ? 0 : mean(of) - mean(to));

/** Cuts a measure to what may cross the line: finite, bounded, four decimals. */
function tidy(x: number): number {
  if (Number.isNaN(x)) return 0;
  return Math.floor(Math.max(-maxMagnitude, Math.min(maxMagnitude, x)) * 1e4 + 0.5) / 1e4;
}

/** The values of the list for a window's strokes, in its order; 0 where the window holds too little for a measure. */
export function keyMeasures(strokes: readonly Stroke[]): number[] {
  const t = typingOf(strokes);
  return [keyPace, keySpread, keyRepeats, keyOverlap, keySerial, keyCoupling, keyTempo, keyWords]
    .flatMap((of) => of(t))
    .map(tidy);
}
