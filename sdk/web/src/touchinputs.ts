// What a stroke of a finger becomes before a network reads it, the mirror of Go's network/touch.go, line by line.
import { limit, pixels, squash } from './networkinputs.ts';
import type { Contact, Hold } from './touchpath.ts';

/** Values that a stroke of a finger becomes. */
export const TouchInputs = 31;

/**
 * Writes the rows of the first so many contacts into rows, from an index on. How the device is held enters as means over
 * the whole window, the same in every row: what a single tap does to the device would tell where it was hit.
 */
export function writeContacts(rows: Float32Array, from: number, contacts: readonly Contact[], hold: Hold, length: number): void {
  rows.fill(0, from, from + length * TouchInputs);
  for (let i = 0; i < length; i++) {
    const c = contacts[i]!;
    const at = from + i * TouchInputs;
    if (i === 0) {
      rows[at] = 1;
    } else {
      rows[at + 1] = squash(c.pauseMS);
      rows[at + 2] = (Math.log(limit(c.intervalMS, 10, 5000)) - Math.log(300)) / 0.8;
    }
    rows[at + 3] = (Math.log(limit(c.durationMS, 5, 5000)) - Math.log(120)) / 0.8;
    rows[at + 4] = limit(c.others, 0, 10);
    rows[at + 5] = Number(c.continued);
    rows[at + 6] = Number(c.lifted);
    rows[at + 7] = Number(c.drawn);
    rows[at + 8] = pixels(c.lengthPX);
    if (c.drawn) writeShape(rows, at + 9, c);
    if (c.radiusPX > 0) {
      rows[at + 19] = 1;
      rows[at + 20] = (Math.log(limit(c.radiusPX, 0.5, 200)) - Math.log(12)) / 0.3;
      rows[at + 21] = limit(c.radiusRise, -3, 3) * 3;
      rows[at + 22] = limit(c.radiusSpread, 0, 3) * 5;
    }
    if (c.pressure > 0) {
      rows[at + 23] = 1;
      rows[at + 24] = (Math.log(limit(c.pressure, 0.005, 1)) - Math.log(0.17)) / 0.5;
      rows[at + 25] = limit(c.pressureMax - c.pressure, 0, 1) * 5;
      rows[at + 26] = limit(c.pressureRise, -1, 1) * 5;
    }
    if (hold.readings > 0) {
      rows[at + 27] = 1;
      hold.tilt.forEach((v, k) => (rows[at + 28 + k] = limit(v, -1, 1)));
    }
  }
}

function writeShape(rows: Float32Array, at: number, c: Contact): void {
  const way = Math.max(1, c.lengthPX);
  const peak = Math.max(c.peak, 1e-6);
  rows[at] = limit(c.dx / way, -1, 1);
  rows[at + 1] = limit(c.dy / way, -1, 1);
  rows[at + 2] = (Math.log(limit(c.speed, 1e-3, 100)) - Math.log(0.3)) / 1.2;
  rows[at + 3] = (Math.log(limit(c.peak, 1e-3, 1000)) - Math.log(0.8)) / 1.2;
  rows[at + 4] = limit(c.peakShare, 0, 1);
  rows[at + 5] = limit(c.onset / peak, 0, 1);
  rows[at + 6] = limit(c.tail / peak, 0, 1);
  rows[at + 7] = limit(c.turn, 0, Math.PI);
  rows[at + 8] = limit(c.signedTurn, -Math.PI, Math.PI) * 3;
  rows[at + 9] = limit(c.bowPX / way, -1, 1) * 3;
}
