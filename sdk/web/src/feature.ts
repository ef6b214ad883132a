// The named, interpretable measures of a window, the mirror of Go's package feature. The order of a list never changes;
// a measure for which the window holds nothing is 0.
import { Backspace, Shift, Space, isLetter } from './class.ts';
import type { KeyboardWindow } from './keyboardwindow.ts';
import { pathOf, strokeChordPX, strokeDurationMS, strokeLengthPX, strokePeak, turn } from './path.ts';
import type { PointerWindow } from './pointerwindow.ts';
import { quantile } from './quantile.ts';

export const KeyboardList = 'keyboard-1';
export const PointerList = 'pointer-1';

/**
 * The interval between presses from which typing has paused; pauses say more of the task than of the person and are left
 * out of every interval measure.
 */
export const PauseMS = 1_500;

/** The values of KeyboardList for a window, in its order. */
export function keyboardFeatures({ strokes }: KeyboardWindow): number[] {
  const letterDwells: number[] = [];
  const spaceDwells: number[] = [];
  const shiftDwells: number[] = [];
  const letterIntervals: number[] = [];
  const handChanges: number[] = [];
  const sameHands: number[] = [];
  const spaceLeads: number[] = [];
  const corrections: number[] = [];
  let pairs = 0;
  let rollovers = 0;
  strokes.forEach((s, i) => {
    const dwell = s.releaseMS - s.pressMS;
    if (isLetter(s.keyClass)) letterDwells.push(dwell);
    else if (s.keyClass === Space) spaceDwells.push(dwell);
    else if (s.keyClass === Shift) shiftDwells.push(dwell);
    const next = strokes[i + 1];
    if (!next) return;
    const interval = next.pressMS - s.pressMS;
    if (interval > PauseMS) return;
    if (isLetter(s.keyClass) && isLetter(next.keyClass)) {
      letterIntervals.push(interval);
      (s.keyClass === next.keyClass ? sameHands : handChanges).push(interval);
      pairs++;
      if (next.pressMS < s.releaseMS) rollovers++;
    } else if (isLetter(s.keyClass) && next.keyClass === Space) {
      spaceLeads.push(interval);
    } else if (next.keyClass === Backspace && s.keyClass !== Backspace) {
      corrections.push(interval);
    }
  });
  return [
    quantile(letterDwells, 0.5),
    halfSpread(letterDwells),
    quantile(spaceDwells, 0.5),
    quantile(letterIntervals, 0.5),
    halfSpread(letterIntervals),
    quantile(handChanges, 0.5),
    quantile(sameHands, 0.5),
    quantile(spaceLeads, 0.5),
    pairs > 0 ? rollovers / pairs : 0,
    quantile(shiftDwells, 0.5),
    quantile(corrections, 0.5),
  ];
}

/** The values of PointerList for a window, in its order. */
export function pointerFeatures({ events }: PointerWindow): number[] {
  const p = pathOf(events);
  const accelerations: number[] = [];
  const turns: number[] = [];
  const straightness: number[] = [];
  const lengths: number[] = [];
  const durations: number[] = [];
  const peaks: number[] = [];
  for (const stroke of p.strokes) {
    stroke.forEach((b, i) => {
      const a = stroke[i - 1];
      if (!a) return;
      accelerations.push((Math.abs(b.speed - a.speed) / b.durationMS) * 1e6);
      turns.push((turn(a, b) * 180) / Math.PI);
    });
    const length = strokeLengthPX(stroke);
    straightness.push(strokeChordPX(stroke) / Math.max(1, length));
    lengths.push(length);
    durations.push(strokeDurationMS(stroke));
    peaks.push(strokePeak(stroke).share);
  }
  const speeds = p.steps.map((s) => s.speed * 1000);
  return [
    quantile(speeds, 0.5),
    quantile(speeds, 0.95),
    quantile(accelerations, 0.5),
    quantile(turns, 0.5),
    quantile(straightness, 0.5),
    quantile(lengths, 0.5),
    quantile(durations, 0.5),
    quantile(p.clicks.map((c) => c.dwellMS), 0.5),
    quantile(p.clicks.map((c) => c.settleMS), 0.5),
    quantile(peaks, 0.5),
  ];
}

export function halfSpread(values: readonly number[]): number {
  return (quantile(values, 0.9) - quantile(values, 0.1)) / 2;
}
