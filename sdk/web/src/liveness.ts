// The measures that tell whether a human hand made the events of a window, as far as they come for free; the mirror of
// Go's package liveness.
import { KeyboardMeasureList, keyMeasures } from './keyliveness.ts';
import type { KeyboardWindow } from './keyboardwindow.ts';
import type { Marks } from './marks.ts';
import type { Liveness } from './observation.ts';
import type { TypedPhrase } from './phrase.ts';
import { movementMeasures, PointerMeasureList } from './pointermeasures.ts';
import { came, type PointerWindow } from './pointerwindow.ts';
import type { TouchWindow } from './touchwindow.ts';

/** The measures of a window of typing. */
export function keyboardLiveness(w: KeyboardWindow): Liveness {
  const times = w.strokes.flatMap((s) => [s.pressMS, s.releaseMS]);
  return {
    ...measures(times, w.marks, w.strokes.length),
    measureList: KeyboardMeasureList,
    measures: keyMeasures(w.strokes),
  };
}

/** The measures of a window of pointer use. */
export function pointerLiveness(w: PointerWindow): Liveness {
  return {
    // What thinning leaves of the times has the step of the thinning.
    ...measures([...w.events.map((e) => e.timeMS), ...w.thinnedMS], w.marks, 0, came(w)),
    measureList: PointerMeasureList,
    measures: movementMeasures(w.events),
  };
}

/** The measures of a window of touch. */
export function touchLiveness({ strokes, marks }: TouchWindow): Liveness {
  const times = strokes.flatMap((s) => [...s.points.map((p) => p.timeMS), ...(s.lifted ? [s.endMS] : [])]);
  return measures(times, marks, 0);
}

/** The measures of one typing of a phrase. */
export function phraseLiveness({ positions, strokes, marks }: TypedPhrase): Liveness {
  const times = strokes.flatMap((s) => [s.pressMS, s.releaseMS]);
  return measures(times, marks, positions, 2 * positions);
}

/** The times are of events that the window kept; untrusted ones may have come on top of them or be among them. */
function measures(timesMS: readonly number[], m: Marks, presses: number, events = timesMS.length): Liveness {
  return {
    untrustedShare: Math.min(1, m.untrusted / Math.max(1, events)),
    timestampQuantumMS: quantumMS(timesMS),
    repeatShare: m.repeats / Math.max(1, m.repeats + presses),
    pastes: Math.min(1000, m.pastes),
  };
}

/** The steps that clocks are known to take, in milliseconds, the coarsest first. */
const quanta = [100, 1000 / 30, 20, 1000 / 60, 15.625, 10, 8, 5, 4, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005];

/**
 * The largest known clock step of which at least 95 % of the times, counted from the first, are multiples within a
 * twentieth of the step; 0 where none fits. Fewer than eight times, or times that span fewer than eight steps, are too
 * few to say. The times need not be sorted.
 */
export function quantumMS(timesMS: readonly number[]): number {
  const first = timesMS[0];
  if (first === undefined || timesMS.length < 8) return 0;
  const spanMS = Math.max(...timesMS) - Math.min(...timesMS);
  for (const q of quanta) {
    if (spanMS < 8 * q) continue;
    let fit = 0;
    for (const t of timesMS) {
      const steps = (t - first) / q;
      if (Math.abs(steps - Math.floor(steps + 0.5)) <= 0.05) fit++;
    }
    if (fit >= 0.95 * timesMS.length) return q;
  }
  return 0;
}
