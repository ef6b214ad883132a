// The step from a window to its embedding, the mirror of Go's package embed: robust statistics of a window, each
// standardised by what is usual among people, one signed byte a dimension. The standards come from outside, because they
// are the model's weights: the worker carries them.
import type { KeyboardWindow } from './keyboardwindow.ts';
import { keyboardStatistics } from './keyboardstatistics.ts';
import type { PointerWindow } from './pointerwindow.ts';
import { pointerStatistics } from './pointerstatistics.ts';
import type { Statistic } from './statistics.ts';
import { touchStatistics } from './touchstatistics.ts';
import type { TouchWindow } from './touchwindow.ts';

/** The name of the model. */
export const Model = 'features-1';

/** How many steps of an embedding's byte make one standard deviation. Values beyond ±127 steps are cut. */
const perSigma = 31;

/** What is usual among people, for one dimension. */
export interface Standard {
  mean: number;
  sigma: number;
}

export interface Standards {
  keyboard: readonly Standard[];
  pointer: readonly Standard[];
  touch: readonly Standard[];
}

/** The embedding of a window of typing. */
export function embedKeyboard(w: KeyboardWindow, standards: Standards): Int8Array {
  return quantise(keyboardStatistics(w.strokes), standards.keyboard);
}

/** The embedding of a window of pointer use. */
export function embedPointer(w: PointerWindow, standards: Standards): Int8Array {
  return quantise(pointerStatistics(w.events), standards.pointer);
}

/** The embedding of a window of touch. */
export function embedTouch(w: TouchWindow, standards: Standards): Int8Array {
  return quantise(touchStatistics(w), standards.touch);
}

function quantise(statistics: readonly Statistic[], standards: readonly Standard[]): Int8Array {
  return Int8Array.from(statistics, (s, i) => {
    const usual = standards[i] ?? { mean: 0, sigma: 1 };
    const z = Math.floor((shrunken(s, usual.mean) / usual.sigma) * perSigma + 0.5);
    return z > -127 ? Math.min(127, z) : -127; // NaN too
  });
}

/** The statistic's distance from the usual mean, drawn toward zero the fewer its samples are. */
function shrunken(s: Statistic, mean: number): number {
  return s.samples <= 0 ? 0 : ((s.value - mean) * s.samples) / (s.samples + s.caution);
}
