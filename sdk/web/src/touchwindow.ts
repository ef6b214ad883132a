// A window of a touch screen's use as plain data, as Go's window.Touch has it, where is also why it is private: every
// stroke begins at (0, 0), so that no tap can be read back.
import type { Marks } from './marks.ts';

/** One moment of a stroke. A radius or pressure of zero is one that the device does not tell. */
export interface TouchPoint {
  timeMS: number;
  /** CSS pixels from where the stroke began. */
  dx: number;
  dy: number;
  radiusPX: number;
  /** From 0 to 1. */
  pressure: number;
}

/** What one finger does from its start to its end, or a piece of it. */
export interface TouchStroke {
  startMS: number;
  endMS: number;
  /** In order of time, the first at (0, 0). */
  points: readonly TouchPoint[];
  /** Other fingers that were down when it began. */
  others: number;
  /** It goes on from an earlier piece, or its start was not seen. */
  continued: boolean;
  /** The finger's end was seen. */
  lifted: boolean;
}

/** Along the device's x (to the right of the screen), y (to its top) and z (out of it). */
export type Axes = readonly [x: number, y: number, z: number];

/** One reading of how the device is held and moved. */
export interface Motion {
  timeMS: number;
  /** With gravity, m/s². */
  acceleration: Axes;
  /** Degrees a second; zero on all axes says that the device does not tell it. */
  rotation: Axes;
}

/** One window of touch. */
export interface TouchWindow {
  /** In the order of their starts. */
  strokes: readonly TouchStroke[];
  /** In order of time; none where the device does not tell. */
  motions: readonly Motion[];
  marks: Marks;
}
