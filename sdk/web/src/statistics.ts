// The statistics of which the model "features-1" is made, the mirror of Go's embed/statistics.go, in the same order of
// operations.
import { quantile } from './quantile.ts';

// Samples of the usual value mixed into a statistic: a mean settles sooner than a quantile, a spread or a correlation.
const meanCaution = 2;
const spreadCaution = 6;

/**
 * One raw dimension: its value and how many samples stand behind it. With none the value is without meaning and the
 * dimension takes the usual value.
 */
export interface Statistic {
  value: number;
  samples: number;
  /** Samples of the usual value that are mixed in. */
  caution: number;
}

export function meanOf(values: readonly number[]): Statistic {
  return { value: mean(values), samples: values.length, caution: meanCaution };
}

export function quantileOf(values: readonly number[], p: number): Statistic {
  return { value: quantile(values, p), samples: values.length, caution: spreadCaution };
}

export function spreadOf(values: readonly number[]): Statistic {
  return { value: deviation(values), samples: Math.max(0, values.length - 1), caution: spreadCaution };
}

/** A value of which the spread, and no mean, is known to settle. */
export function statistic(value: number, samples: number): Statistic {
  return { value, samples, caution: spreadCaution };
}

/** The share of a whole that counts as many samples. */
export function shareOf(part: number, whole: number, samples = whole): Statistic {
  return { value: part / Math.max(1, whole), samples, caution: spreadCaution };
}

/** Pearson's correlation of two samples of equal length; 0 where one does not vary. */
export function correlationOf(a: readonly number[], b: readonly number[]): Statistic {
  const ma = mean(a);
  const mb = mean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  a.forEach((x, i) => {
    const y = b[i] ?? 0;
    ab += (x - ma) * (y - mb);
    aa += (x - ma) * (x - ma);
    bb += (y - mb) * (y - mb);
  });
  const value = aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
  return { value, samples: Math.max(0, a.length - 2), caution: spreadCaution };
}

/** The correlation of each value with the next. */
export function lagCorrelationOf(values: readonly number[]): Statistic {
  return correlationOf(values.slice(0, -1), values.slice(1));
}

export function clamp(x: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, x));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** The population standard deviation. */
function deviation(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const m = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - m) * (v - m), 0) / values.length);
}
