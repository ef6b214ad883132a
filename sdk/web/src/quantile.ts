/**
 * The p-quantile of a sample by linear interpolation between order statistics, type 7 of Hyndman and Fan, "Sample
 * Quantiles in Statistical Packages" (1996), as in Go's package quantile. Of an empty sample it is 0.
 */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const i = Math.floor(at);
  const low = sorted[i];
  const high = sorted[i + 1];
  if (low === undefined || high === undefined) return sorted[sorted.length - 1] ?? 0;
  return low + (at - i) * (high - low);
}
