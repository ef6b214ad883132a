// What an event becomes before a network reads it, the mirror of Go's network/inputs.go, line by line.
import { ClassCount, Other, validClass } from './class.ts';
import { Wheel, type PointerEvent } from './event.ts';
import type { Stroke } from './keyboardwindow.ts';

/** Values that a stroke becomes: its class, one of nine, and six of timing. */
export const KeyboardInputs = ClassCount + 6;

const pointerKinds = Wheel + 1;

/** Values that a pointer event becomes: its kind, one of four, and eleven of movement. */
export const PointerInputs = pointerKinds + 11;

/** Writes the rows of the first so many strokes into rows, from an index on. */
export function writeStrokes(rows: Float32Array, from: number, strokes: readonly Stroke[], length: number): void {
  rows.fill(0, from, from + length * KeyboardInputs);
  let before: Stroke | undefined;
  for (let i = 0; i < length; i++) {
    const s = strokes[i]!;
    const at = from + i * KeyboardInputs;
    const timing = at + ClassCount;
    rows[at + (validClass(s.keyClass) ? s.keyClass : Other)] = 1;
    rows[timing] = (Math.log(limit(s.releaseMS - s.pressMS, 5, 1000)) - Math.log(90)) / 0.4;
    if (before === undefined) {
      rows[timing + 5] = 1; // no stroke before it
    } else {
      const flightMS = s.pressMS - before.releaseMS;
      rows[timing + 1] = (Math.log(limit(s.pressMS - before.pressMS, 10, 5000)) - Math.log(180)) / 0.7;
      rows[timing + 2] = squash(flightMS);
      rows[timing + 3] = squash(s.releaseMS - before.releaseMS);
      if (flightMS < 0) rows[timing + 4] = 1;
    }
    before = s;
  }
}

/** Writes the rows of the first so many pointer events into rows, from an index on. */
export function writePointerEvents(rows: Float32Array, from: number, events: readonly PointerEvent[], length: number): void {
  rows.fill(0, from, from + length * PointerInputs);
  // The movement before: from the event two back to the last one, and its direction.
  let lastX = 0;
  let lastY = 0;
  let lastUX = 0;
  let lastUY = 0;
  for (let i = 0; i < length; i++) {
    const e = events[i]!;
    const at = from + i * PointerInputs;
    const moved = at + pointerKinds;
    rows[at + (e.kind >= 0 && e.kind < pointerKinds && Number.isInteger(e.kind) ? e.kind : Wheel)] = 1;
    if (i === 0) {
      rows[moved + 10] = 1; // no event before it
      continue;
    }
    const before = events[i - 1]!;
    const stepMS = limit(e.timeMS - before.timeMS, 1, 5000);
    const dx = finite(e.x - before.x);
    const dy = finite(e.y - before.y);
    const length = Math.sqrt(dx * dx + dy * dy);
    const ux = dx / Math.max(length, 1e-6);
    const uy = dy / Math.max(length, 1e-6);
    rows[moved] = (Math.log(stepMS) - Math.log(16)) / 1.2;
    rows[moved + 1] = Math.log1p(limit(length / stepMS, 0, 1000));
    rows[moved + 2] = pixels(dx);
    rows[moved + 3] = pixels(dy);
    rows[moved + 4] = pixels(dx - lastX);
    rows[moved + 5] = pixels(dy - lastY);
    rows[moved + 6] = ux;
    rows[moved + 7] = uy;
    rows[moved + 8] = ux * lastUX + uy * lastUY;
    rows[moved + 9] = lastUX * uy - lastUY * ux;
    lastX = dx;
    lastY = dy;
    lastUX = ux;
    lastUY = uy;
  }
}

/** Makes a coordinate's difference one that squares without overflow; windows hold no larger one. */
function finite(v: number): number {
  return Number.isNaN(v) ? 0 : limit(v, -1e7, 1e7);
}

/** Linear for a few pixels and logarithmic for many. */
export function pixels(v: number): number {
  return Math.asinh(limit(v, -5000, 5000) / 4) / 2;
}

/** Linear near zero and logarithmic far from it, on both sides. */
export function squash(ms: number): number {
  return Math.asinh(limit(ms, -2000, 5000) / 40) / 2;
}

/** Cuts v to [low, high]; what is not a number becomes low. */
export function limit(v: number, low: number, high: number): number {
  return v > low ? Math.min(v, high) : low;
}
