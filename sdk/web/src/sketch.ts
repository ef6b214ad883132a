// Names of stretches of behaviour, by which a recording that is played back is known; the mirror of Go's
// internal/liveness/sketch*.go, byte for byte: whole numbers after one division each.
import { Move, type PointerEvent } from './event.ts';
import { KeyboardPauseMS, type KeyboardWindow, type Stroke } from './keyboardwindow.ts';
import type { PointerWindow } from './pointerwindow.ts';

const maxNames = 2;
const leastNatural = 1 << 20;

export interface Stretch {
  /** Of too many stretches the heaviest are named. */
  weight: number;
  entry: number[];
}

export function sketchOf(stretches: Stretch[]): Uint8Array {
  while (stretches.length > maxNames) {
    const weights = stretches.map((s) => s.weight);
    stretches.splice(weights.lastIndexOf(Math.min(...weights)), 1);
  }
  return Uint8Array.from(stretches.flatMap((s) => nameOf(s.entry)));
}

/** For each of 64 bits, whether two sums of the description have different signs; the sums' terms have signs from xorshift32. */
function nameOf(entry: readonly number[]): number[] {
  const name = [0, 0, 0, 0, 0, 0, 0, 0];
  let signs = 2463534242 | 0;
  const positive = () => {
    signs ^= signs << 13;
    signs ^= signs >>> 17;
    signs ^= signs << 5;
    return entry.reduce((sum, e, i) => sum + ((signs >>> i) & 1 ? e : -e), 0) > 0;
  };
  for (let bit = 0; bit < 64; bit++) {
    const one = positive();
    if (one !== positive()) name[bit >> 3]! |= 128 >> (bit & 7);
  }
  return name;
}

/** Strokes at equal distances have no shape, and their names would say nothing. */
function natural(entry: readonly number[]): boolean {
  return entry.reduce((sum, e) => sum + e * e, 0) >= leastNatural;
}

function steps(x: number): number {
  return Math.floor(x * 1024 + 0.5);
}

/** The shares x/(x+mean) in whole steps, less their mean. */
function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const shares = values.map((v) => (mean > 0 ? steps(v / (v + mean)) : 0));
  const total = shares.reduce((sum, s) => sum + s, 0);
  return shares.map((s) => s * shares.length - total);
}

const stretchStrokes = 16;
const stretchAround = 8;

/** Names stretches of typing, in windows that come one after the other. */
export class KeySketcher {
  private last: Stroke[] = [];

  next(w: KeyboardWindow): Uint8Array {
    const pause = this.last.length > 0 ? press(w.strokes, 0) - press(this.last, this.last.length - 1) : 0;
    if (pause < 0 || pause > KeyboardPauseMS) this.last = [];
    const strokes = [...this.last, ...w.strokes];
    const found: Stretch[] = [];
    let at = Math.max(1 + stretchAround, this.last.length - stretchStrokes + 1);
    for (; at + stretchStrokes <= strokes.length; at++) {
      if (!longest(strokes, at)) continue;
      const s = describeKeys(strokes.slice(at, at + stretchStrokes), interval(strokes, at));
      if (natural(s.entry)) found.push(s);
    }
    this.last = strokes.slice(-stretchStrokes - stretchAround);
    return sketchOf(found);
  }
}

function press(strokes: readonly Stroke[], i: number): number {
  return strokes[i]?.pressMS ?? 0;
}

/** The interval between a stroke's press and the press before it. */
function interval(strokes: readonly Stroke[], i: number): number {
  return press(strokes, i) - press(strokes, i - 1);
}

/** Whether the interval before a stroke is longer than those around it. */
function longest(strokes: readonly Stroke[], at: number): boolean {
  const before = interval(strokes, at);
  for (let i = 1; i <= stretchAround; i++) {
    if (interval(strokes, at - i) >= before || interval(strokes, at + i) > before) return false;
  }
  return true;
}

function describeKeys(strokes: readonly Stroke[], before: number): Stretch {
  const intervals = strokes.slice(1).map((_, i) => Math.min(before, interval(strokes, i + 1)));
  const dwells = strokes.map((s) => s.releaseMS - s.pressMS);
  return { weight: before, entry: [...centred(intervals), ...centred(dwells)] };
}

const restMS = 150;
const leastPlaces = 12;
const mostPlaces = 512;
const strokeParts = 12;
const entryScale = 16;
const usualSpeed = [414, 569, 592, 554, 496, 430, 380, 353, 330, 304, 264, 179];
const usualTurn = [65, 110, 113, 100, 73, 57, 46, 38, 33, 24, 10];

type Spot = Pick<PointerEvent, 'timeMS' | 'x' | 'y'>;

/** A stroke under way, which a rest ends. */
export class Path {
  private places: Spot[] = [];
  private long = false;

  constructor(private readonly restMS: number) {}

  /** Takes the next place; a stroke that it shows to have ended is added. */
  push(e: Spot, found: Stretch[]): void {
    const last = this.places[this.places.length - 1];
    if (last) {
      if (e.x === last.x && e.y === last.y) return;
      const rest = e.timeMS - last.timeMS;
      if (rest > this.restMS || rest < 0) {
        this.end(found);
      } else if (this.places.length === mostPlaces) {
        this.places = [];
        this.long = true;
      }
    }
    this.places.push(e);
  }

  /** Adds the stroke and begins anew. */
  end(found: Stretch[]): void {
    const s = this.long ? undefined : describeStroke(this.places);
    if (s) found.push(s);
    this.places = [];
    this.long = false;
  }
}

/** Names strokes between rests, in windows that come one after the other. */
export class PointerSketcher {
  private readonly path = new Path(restMS);

  next(w: PointerWindow): Uint8Array {
    const found: Stretch[] = [];
    for (const e of w.events) if (e.kind === Move) this.path.push(e, found);
    return sketchOf(found);
  }
}

function describeStroke(places: readonly Spot[]): Stretch | undefined {
  const first = places[0];
  if (!first || places.length < leastPlaces) return undefined;
  const dx: number[] = [];
  const dy: number[] = [];
  const speed: number[] = [];
  let [x, y, sum] = [first.x, first.y, 0];
  for (let i = 1; i <= strokeParts; i++) {
    const [nextX, nextY] = placeAt(places, (i * (places.length - 1)) / strokeParts);
    const [alongX, alongY] = [nextX - x, nextY - y];
    const length = Math.sqrt(alongX * alongX + alongY * alongY);
    dx.push(alongX);
    dy.push(alongY);
    speed.push(length);
    [x, y, sum] = [nextX, nextY, sum + length];
  }
  const mean = sum / strokeParts;
  if (mean === 0) return undefined;
  const entry = speed.map((v, i) => entryScale * (steps(v / (v + mean)) - (usualSpeed[i] ?? 0)));
  const soft = (mean * mean) / 4;
  const turn = usualTurn.map((_, i) => {
    const cross = dx[i]! * dy[i + 1]! - dy[i]! * dx[i + 1]!;
    return steps(cross / (speed[i]! * speed[i + 1]! + soft));
  });
  const side = turn.reduce((sum, t) => sum + t, 0) < 0 ? -1 : 1;
  turn.forEach((t, i) => entry.push(entryScale * (side * t - (usualTurn[i] ?? 0))));
  return natural(entry) ? { weight: places.length, entry } : undefined;
}

function placeAt(places: readonly Spot[], at: number): [number, number] {
  const i = Math.min(Math.floor(at), places.length - 2);
  const part = at - i;
  const [a, b] = [places[i]!, places[i + 1]!];
  return [a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)];
}
