// The geometry of pointer movement, the mirror of Go's package path: the steps of a window, its strokes between rests,
// and its clicks. Only movement is looked at: no position on the screen leaves here.
import { Move, Press, Release, Wheel, type PointerEvent } from './event.ts';

/** Time without movement that ends a stroke. */
const restMS = 150;
/** Steps below which a stroke is too short to have a shape. */
export const minPoints = 5;
/** Longest click, settling and pause between turns of the wheel. */
const longestMS = 2_000;

/** One movement of the pointer. */
export interface Step {
  /** Since the movement before, at least 1. */
  durationMS: number;
  dx: number;
  dy: number;
  lengthPX: number;
  /** Pixels a millisecond. */
  speed: number;
  /** Radians, atan2. */
  angle: number;
}

/** One press and release of a button. */
export interface Click {
  dwellMS: number;
  /** From the last movement to the press. */
  settleMS: number;
  draggedPX: number;
}

/** A window taken apart. */
export interface Path {
  /** All of them, rests excluded. */
  steps: Step[];
  /** Runs of steps without rest or button. */
  strokes: Step[][];
  clicks: Click[];
  /** Intervals between wheel events. */
  wheelTurnsMS: number[];
  rests: number;
}

/** Takes a window apart. Every number in the result is finite. */
export function pathOf(events: readonly PointerEvent[]): Path {
  const p: Path = { steps: [], strokes: [], clicks: [], wheelTurnsMS: [], rests: 0 };
  let stroke: Step[] = [];
  const endStroke = () => {
    if (stroke.length >= minPoints) p.strokes.push(stroke);
    stroke = [];
  };
  let at: PointerEvent | undefined;
  let pressed: PointerEvent | undefined;
  let wheel: PointerEvent | undefined;
  let draggedPX = 0;
  let settleMS = 0;
  for (const e of events) {
    if (e.kind === Move) {
      if (at) {
        const s = stepBetween(at, e);
        if (e.timeMS - at.timeMS > restMS) {
          p.rests++;
          endStroke();
        } else if (s.lengthPX > 0) {
          p.steps.push(s);
          stroke.push(s);
          draggedPX += s.lengthPX;
        }
      }
      at = e;
    } else if (e.kind === Press) {
      endStroke();
      pressed = e;
      draggedPX = 0;
      settleMS = at ? Math.min(e.timeMS - at.timeMS, longestMS) : 0;
    } else if (e.kind === Release) {
      endStroke();
      if (pressed && e.timeMS - pressed.timeMS <= longestMS) {
        p.clicks.push({ dwellMS: e.timeMS - pressed.timeMS, settleMS, draggedPX });
      }
      pressed = undefined;
    } else if (e.kind === Wheel) {
      if (wheel && e.timeMS - wheel.timeMS <= longestMS) p.wheelTurnsMS.push(e.timeMS - wheel.timeMS);
      wheel = e;
    }
  }
  endStroke();
  return p;
}

function stepBetween(from: PointerEvent, to: PointerEvent): Step {
  const durationMS = Math.max(1, to.timeMS - from.timeMS);
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const lengthPX = Math.sqrt(dx * dx + dy * dy);
  return { durationMS, dx, dy, lengthPX, speed: lengthPX / durationMS, angle: Math.atan2(dy, dx) };
}

/** The change of direction between two steps, in radians from 0 to π. */
export function turn(a: Step, b: Step): number {
  const d = Math.abs(b.angle - a.angle);
  return d > Math.PI ? 2 * Math.PI - d : d;
}

/** The time from a stroke's first to its last point. */
export function strokeDurationMS(stroke: readonly Step[]): number {
  return stroke.reduce((sum, s) => sum + s.durationMS, 0);
}

/** The way the pointer went in a stroke. */
export function strokeLengthPX(stroke: readonly Step[]): number {
  return stroke.reduce((sum, s) => sum + s.lengthPX, 0);
}

/** The distance from a stroke's first to its last point. */
export function strokeChordPX(stroke: readonly Step[]): number {
  const dx = stroke.reduce((sum, s) => sum + s.dx, 0);
  const dy = stroke.reduce((sum, s) => sum + s.dy, 0);
  return Math.sqrt(dx * dx + dy * dy);
}

/** The highest speed of a stroke and the share of its duration at which it is reached. */
export function strokePeak(stroke: readonly Step[]): { speed: number; share: number } {
  let elapsed = 0;
  let at = 0;
  let speed = 0;
  for (const s of stroke) {
    elapsed += s.durationMS;
    if (s.speed > speed) {
      speed = s.speed;
      at = elapsed;
    }
  }
  return { speed, share: at / Math.max(1, elapsed) };
}
