// The raw dimensions of a window of typing in the model's order, the mirror of Go's embed.KeyboardStatistics.
import { Backspace, ClassCount, Shift, Space, isLetter } from './class.ts';
import { PauseMS } from './feature.ts';
import type { Stroke } from './keyboardwindow.ts';
import {
  clamp, correlationOf, lagCorrelationOf, meanOf, quantileOf, shareOf, spreadOf, type Statistic,
} from './statistics.ts';

// Kinds of neighbouring strokes whose rhythm is told apart. The first four are letter after letter: 2 × hand + hand.
const rightRight = 3;
const letterSpace = 4;
const spaceLetter = 5;
const letterBackspace = 6;
const backspaceBackspace = 7;
const shiftLetter = 8;
const letterShift = 9;
const otherPair = 10;
const pairKinds = 11;

/** The first kinds of pairs are common enough for their flights to be told apart as well. */
const flightKinds = spaceLetter + 1;

function pairKind(a: number, b: number): number {
  if (isLetter(a) && isLetter(b)) return 2 * a + b;
  if (isLetter(a) && b === Space) return letterSpace;
  if (a === Space && isLetter(b)) return spaceLetter;
  if (isLetter(a) && b === Backspace) return letterBackspace;
  if (a === Backspace && b === Backspace) return backspaceBackspace;
  if (a === Shift && isLetter(b)) return shiftLetter;
  if (isLetter(a) && b === Shift) return letterShift;
  return otherPair;
}

const lists = (n: number): number[][] => Array.from({ length: n }, () => []);

/**
 * The samples of one window. Dwells and intervals are natural logarithms of milliseconds; a flight f becomes
 * asinh(f/40 ms), which is linear near zero and logarithmic far from it, on both sides.
 */
class Typing {
  dwells = lists(ClassCount);
  letterDwells: number[] = [];
  intervals = lists(pairKinds);
  flights = lists(flightKinds);
  letterIntervals: number[] = [];
  /** Dwell of a letter and the interval that follows it, for their correlation. */
  dwellThen: number[] = [];
  intervalThen: number[] = [];
  overlaps: number[] = [];
  rolledDwells: number[] = [];
  separateDwells: number[] = [];
  /** Dwell of a word's first and last letter, and the interval from its first letter to its second. */
  wordFirst: number[] = [];
  wordLast: number[] = [];
  wordSecond: number[] = [];
  /** Release of shift after the release of the letter it capitalised. */
  shiftLag: number[] = [];
  pauses = 0;
  allPairs = 0;
  rolled = 0;
  pairs = 0;

  constructor(strokes: readonly Stroke[]) {
    strokes.forEach((s, i) => {
      const before = strokes[i - 1];
      const next = strokes[i + 1];
      const dwell = Math.log(clamp(s.releaseMS - s.pressMS, 5, 1000));
      this.dwells[s.keyClass]?.push(dwell);
      if (isLetter(s.keyClass)) {
        this.letterDwells.push(dwell);
        if (before?.keyClass === Space) this.wordFirst.push(dwell);
        if (next?.keyClass === Space) this.wordLast.push(dwell);
      }
      if (next) this.pair(before, s, next, dwell);
    });
  }

  private pair(before: Stroke | undefined, s: Stroke, next: Stroke, dwell: number): void {
    const intervalMS = next.pressMS - s.pressMS;
    if (intervalMS > PauseMS) return;
    this.allPairs++;
    if (intervalMS > 500) this.pauses++;
    const interval = Math.log(Math.max(10, intervalMS));
    const kind = pairKind(s.keyClass, next.keyClass);
    this.intervals[kind]?.push(interval);
    this.flights[kind]?.push(Math.asinh(clamp(next.pressMS - s.releaseMS, -1000, 1500) / 40));
    if (kind === shiftLetter) {
      this.shiftLag.push(Math.asinh(clamp(s.releaseMS - next.releaseMS, -1000, 1000) / 40));
    }
    if (kind > rightRight) return;
    this.letterIntervals.push(interval);
    this.dwellThen.push(dwell);
    this.intervalThen.push(interval);
    this.pairs++;
    const overlapMS = s.releaseMS - next.pressMS;
    if (overlapMS > 0) {
      this.rolled++;
      this.overlaps.push(Math.log(1 + Math.min(overlapMS, 1000)));
      this.rolledDwells.push(dwell);
    } else {
      this.separateDwells.push(dwell);
    }
    if (before?.keyClass === Space) this.wordSecond.push(interval);
  }
}

export function keyboardStatistics(strokes: readonly Stroke[]): Statistic[] {
  const t = new Typing(strokes);
  const count = (keyClass: number) => t.dwells[keyClass]?.length ?? 0;
  return [
    ...t.dwells.map(meanOf),
    ...t.intervals.map(meanOf),
    ...t.flights.map(meanOf),
    meanOf(t.overlaps),
    meanOf(t.rolledDwells),
    meanOf(t.separateDwells),
    meanOf(t.wordFirst),
    meanOf(t.wordLast),
    meanOf(t.wordSecond),
    meanOf(t.shiftLag),
    shareOf(t.rolled, t.pairs),
    shareOf(t.pauses, t.allPairs),
    shareOf(count(Backspace), strokes.length),
    shareOf(count(Shift), strokes.length),
    correlationOf(t.dwellThen, t.intervalThen),
    lagCorrelationOf(t.letterIntervals),
    spreadOf(t.letterDwells),
    spreadOf(t.letterIntervals),
    quantileOf(t.letterDwells, 0.1),
    quantileOf(t.letterDwells, 0.5),
    quantileOf(t.letterDwells, 0.9),
    quantileOf(t.letterIntervals, 0.1),
    quantileOf(t.letterIntervals, 0.5),
    quantileOf(t.letterIntervals, 0.9),
  ];
}
