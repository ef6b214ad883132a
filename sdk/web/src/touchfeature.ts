// The named measures of a window of touch, the mirror of Go's feature/touch.go.
import { PauseMS } from './feature.ts';
import { quantile } from './quantile.ts';
import { contactsOf, holdOf } from './touchpath.ts';
import type { TouchWindow } from './touchwindow.ts';

export const TouchList = 'touch-1';

/** The values of TouchList for a window, in its order; a measure that the window or the device does not tell is 0. */
export function touchFeatures({ strokes, motions }: TouchWindow): number[] {
  const contacts = contactsOf(strokes);
  const hold = holdOf(motions);
  const drawn = contacts.filter((c) => c.drawn);
  const taps = contacts.filter((c) => !c.drawn && c.lifted && !c.continued);
  const starts = contacts.filter((c) => !c.first && !c.continued && c.intervalMS <= PauseMS);
  const middle = (values: readonly number[]) => quantile(values, 0.5);
  return [
    middle(taps.map((c) => c.durationMS)),
    middle(starts.map((c) => c.intervalMS)),
    middle(drawn.map((c) => c.speed * 1000)),
    middle(drawn.map((c) => c.peak * 1000)),
    middle(drawn.map((c) => c.lengthPX)),
    middle(drawn.map((c) => c.chordPX / Math.max(1, c.lengthPX))),
    middle(drawn.map((c) => (c.turn * 180) / Math.PI)),
    middle(contacts.map((c) => c.radiusPX).filter((r) => r > 0)),
    middle(contacts.map((c) => c.pressure).filter((p) => p > 0)),
    hold.tremor,
    hold.rotation,
  ];
}
