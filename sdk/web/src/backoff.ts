const firstMS = 1_000;
const longestMS = 60_000;

/**
 * Gives the time to wait after so many failures in a row: doubled each time up to a minute, the lower half fixed and the
 * upper half left to chance, so that a fleet of pages does not come back all at once.
 */
export function backoffMS(failures: number, random: number): number {
  const whole = Math.min(longestMS, firstMS * 2 ** Math.min(16, Math.max(0, failures - 1)));
  return whole / 2 + (whole / 2) * random;
}
