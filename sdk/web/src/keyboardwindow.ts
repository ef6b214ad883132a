// Cuts key events into windows, the mirror of Go's window.KeyboardCutter, line by line. Nothing here knows which key was
// pressed: a release is paired with the oldest press of the same class that is still held.
import { validClass } from './class.ts';
import { Blur, Composition, Paste, type KeyEvent } from './event.ts';
import { noMarks, type Marks } from './marks.ts';

export const KeyboardStrokes = 30;
export const KeyboardMinStrokes = 15;
/** A pause between presses that ends a window. */
export const KeyboardPauseMS = 30_000;
/** A press whose release has not come after this time is given up. */
export const LostReleaseMS = 2_000;

/** When a window ends early, because its last strokes came as no hand can press them; see Go's package window. */
export const KeyboardBurstStrokes = 20;
export const KeyboardBurstMS = 60;
export const KeyboardBurstDwellMS = 40;

/** Bounds the strokes that wait for a release, whatever a hostile page dispatches. */
const maxPending = 256;

/** One press of a key with its release. */
export interface Stroke {
  pressMS: number;
  releaseMS: number;
  keyClass: number;
}

/** One window of typing, its strokes in the order of their presses; at least one. */
export interface KeyboardWindow {
  strokes: Stroke[];
  marks: Marks;
}

interface PendingStroke extends Stroke {
  released: boolean;
}

export class KeyboardCutter {
  private readonly strokes: number;
  private readonly minStrokes: number;
  private pending: PendingStroke[] = [];
  private marks = noMarks();
  private lastMS = 0;
  private started = false;

  constructor(strokes = KeyboardStrokes, minStrokes = KeyboardMinStrokes) {
    this.strokes = Math.max(1, strokes);
    this.minStrokes = Math.max(1, minStrokes);
  }

  /**
   * Takes the next key event and gives the windows that it completes (none most of the time, two at most). Events whose
   * time is not finite or lies before the last event's are counted as lost and otherwise ignored.
   */
  push(e: KeyEvent): KeyboardWindow[] {
    if (!Number.isFinite(e.timeMS) || !validClass(e.keyClass) || (this.started && e.timeMS < this.lastMS)) {
      this.marks.lost++;
      return [];
    }
    const out = this.started && e.timeMS - this.lastMS > KeyboardPauseMS ? this.flush() : [];
    this.started = true;
    this.lastMS = e.timeMS;
    if (!e.trusted) this.marks.untrusted++;
    if (e.repeat) {
      this.marks.repeats++;
    } else if (e.down) {
      this.pending.push({ pressMS: e.timeMS, releaseMS: e.timeMS, keyClass: e.keyClass, released: false });
    } else {
      this.release(e);
    }
    this.giveUp(e.timeMS);
    if (this.full()) out.push(this.take(this.strokes));
    if (!e.down && !e.repeat && this.noHand()) out.push(this.take(this.pending.length));
    return out;
  }

  /** Notes something that happened in the window being filled. Blur gives up every key that is still held. */
  mark(kind: number): void {
    switch (kind) {
      case Paste:
        this.marks.pastes++;
        break;
      case Composition:
        this.marks.compositions++;
        break;
      case Blur:
        this.dropHeld(() => true);
        break;
    }
  }

  /** Counts events that software made and that are not taken for behaviour. */
  markUntrusted(events = 1): void {
    this.marks.untrusted += events;
  }

  /** Counts events that did not get here. */
  markLost(events: number): void {
    this.marks.lost += events;
  }

  /** Ends the window being filled: one window if enough strokes are complete, none otherwise. */
  flush(): KeyboardWindow[] {
    this.dropHeld(() => true);
    const complete = this.pending.length;
    const out = complete < this.minStrokes ? [] : [this.take(Math.min(complete, this.strokes))];
    this.pending = [];
    this.marks = noMarks();
    return out;
  }

  private release(e: KeyEvent): void {
    for (const p of this.pending) {
      if (!p.released && p.keyClass === e.keyClass) {
        p.releaseMS = e.timeMS;
        p.released = true;
        return;
      }
    }
    // The press was given up, or came before the collector started: nothing to pair.
  }

  private giveUp(nowMS: number): void {
    this.dropHeld((p) => nowMS - p.pressMS > LostReleaseMS);
    const excess = this.pending.length - maxPending;
    if (excess > 0) {
      this.pending.splice(0, excess);
      this.marks.lost += excess;
    }
  }

  private dropHeld(lost: (p: PendingStroke) => boolean): void {
    this.pending = this.pending.filter((p) => {
      const drop = !p.released && lost(p);
      if (drop) this.marks.lost++;
      return !drop;
    });
  }

  private full(): boolean {
    if (this.pending.length < this.strokes) return false;
    for (let i = 0; i < this.strokes; i++) if (!this.pending[i]?.released) return false;
    return true;
  }

  /** Whether the last strokes are complete and came faster, or each of them more briefly, than a hand can. */
  private noHand(): boolean {
    const n = this.pending.length;
    if (n < KeyboardBurstStrokes || n < this.minStrokes || n >= this.strokes) return false;
    const last = this.pending.slice(-KeyboardBurstStrokes);
    const spanMS = (last[last.length - 1]?.pressMS ?? 0) - (last[0]?.pressMS ?? 0);
    let longestMS = 0;
    for (const p of last) {
      if (!p.released) return false;
      longestMS = Math.max(longestMS, p.releaseMS - p.pressMS);
    }
    return spanMS < KeyboardBurstMS * (KeyboardBurstStrokes - 1) || longestMS < KeyboardBurstDwellMS;
  }

  private take(n: number): KeyboardWindow {
    const strokes = this.pending
      .splice(0, n)
      .map(({ pressMS, releaseMS, keyClass }) => ({ pressMS, releaseMS, keyClass }));
    const marks = this.marks;
    this.marks = noMarks();
    return { strokes, marks };
  }
}
