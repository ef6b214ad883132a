// Cuts pointer events into windows, the mirror of Go's window.PointerCutter, line by line.
import { Move, type PointerEvent } from './event.ts';
import { noMarks, type Marks } from './marks.ts';
import { PointerApartMS, PointerFastMS } from './thin.ts';

export const PointerEvents = 128;
export const PointerMinEvents = 64;
/** A pause between pointer events that ends a window. */
export const PointerPauseMS = 300_000;

/** So many times of moves that were thinned out are known in a window: enough for the clock's step. */
export const PointerThinnedTimes = 384;

/** One window of pointer use, its events in order of time, thinned; at least one. */
export interface PointerWindow {
  events: PointerEvent[];
  /** Moves for which the next one stands. */
  thinned: number;
  /** When they came, the first of them. */
  thinnedMS: number[];
  marks: Marks;
}

/** Gives how many events there were, those thinned out among them. */
export function came(w: PointerWindow): number {
  return w.events.length + w.thinned;
}

/** Thins the pointer's movement and cuts what is left into windows. */
export class PointerCutter {
  private readonly events: number;
  private readonly minEvents: number;
  private pending: PointerEvent[] = [];
  private thinnedOut = 0;
  private thinnedMS: number[] = [];
  private marks = noMarks();
  private lastMS = -Infinity; // of the last event that came
  private keptMS = -Infinity; // of the last event that was kept
  private held: PointerEvent | undefined;

  constructor(events = PointerEvents, minEvents = PointerMinEvents) {
    this.events = Math.max(1, events);
    this.minEvents = Math.max(1, minEvents);
  }

  /**
   * Takes the next pointer event and gives the windows that it completes (none most of the time, two at most). Events
   * that are not finite or lie before the last one's time are counted as lost and otherwise ignored.
   *
   * A move soon after the event before it and near the last one kept is held back. Another such move takes its place;
   * anything else lets it go first, so that the last place before a button, the wheel, a rest or a pause is always kept.
   */
  push(e: PointerEvent): PointerWindow[] {
    const under = this.held !== undefined || this.pending.length > 0;
    if (!Number.isFinite(e.timeMS + e.x + e.y + e.wheelX + e.wheelY) || (under && e.timeMS < this.lastMS)) {
      this.marks.lost++;
      return [];
    }
    const sinceMS = e.timeMS - this.lastMS; // negative where the clock was set back between windows
    const near = e.kind === Move && sinceMS >= 0 && sinceMS < PointerFastMS;
    const out = near ? [] : this.release();
    if (under && sinceMS > PointerPauseMS) out.push(...this.flush());
    if (!e.trusted) this.marks.untrusted++;
    if (this.held) {
      this.drop(this.held.timeMS);
      this.held = undefined;
    }
    this.lastMS = e.timeMS;
    if (near && e.timeMS - this.keptMS < PointerApartMS) this.held = e;
    else out.push(...this.keep(e));
    return out;
  }

  /** Takes moves of which the page's thread has kept nothing but the times: each took the place of the one before. */
  thinned(timesMS: readonly number[], trusted: boolean): void {
    for (const timeMS of timesMS) {
      if (this.held) this.drop(this.held.timeMS);
      this.held = undefined;
      if (!trusted) this.marks.untrusted++;
      this.drop(timeMS);
      this.lastMS = timeMS;
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

  /** Ends the window being filled: the window that it completes if it holds enough events, none otherwise. */
  flush(): PointerWindow[] {
    const out = this.release();
    const w = this.take();
    return w.events.length < this.minEvents ? out : [...out, w];
  }

  /** Keeps the move that is held back, if there is one. */
  private release(): PointerWindow[] {
    const { held } = this;
    this.held = undefined;
    return held ? this.keep(held) : [];
  }

  private keep(e: PointerEvent): PointerWindow[] {
    this.keptMS = e.timeMS;
    this.pending.push(e);
    return this.pending.length < this.events ? [] : [this.take()];
  }

  /** Counts a move whose place another takes. */
  private drop(timeMS: number): void {
    this.thinnedOut++;
    if (this.thinnedMS.length < PointerThinnedTimes) this.thinnedMS.push(timeMS);
  }

  private take(): PointerWindow {
    const w = { events: this.pending, thinned: this.thinnedOut, thinnedMS: this.thinnedMS, marks: this.marks };
    this.pending = [];
    this.thinnedOut = 0;
    this.thinnedMS = [];
    this.marks = noMarks();
    return w;
  }
}
