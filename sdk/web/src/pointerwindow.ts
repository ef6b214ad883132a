// Cuts pointer events into windows, the mirror of Go's window.PointerCutter, line by line.
import type { PointerEvent } from './event.ts';
import { noMarks, type Marks } from './marks.ts';

export const PointerEvents = 128;
export const PointerMinEvents = 64;
/** A pause between pointer events that ends a window. */
export const PointerPauseMS = 300_000;

/** One window of pointer use, its events in order of time; at least one. */
export interface PointerWindow {
  events: PointerEvent[];
  marks: Marks;
}

export class PointerCutter {
  private readonly events: number;
  private readonly minEvents: number;
  private pending: PointerEvent[] = [];
  private marks = noMarks();

  constructor(events = PointerEvents, minEvents = PointerMinEvents) {
    this.events = Math.max(1, events);
    this.minEvents = Math.max(1, minEvents);
  }

  /**
   * Takes the next pointer event and gives the windows that it completes (none most of the time, two at most). Events
   * that are not finite or lie before the last one's time are counted as lost and otherwise ignored.
   */
  push(e: PointerEvent): PointerWindow[] {
    const last = this.pending[this.pending.length - 1];
    if (!Number.isFinite(e.timeMS + e.x + e.y + e.wheelX + e.wheelY) || (last && e.timeMS < last.timeMS)) {
      this.marks.lost++;
      return [];
    }
    const out = last && e.timeMS - last.timeMS > PointerPauseMS ? this.flush() : [];
    if (!e.trusted) this.marks.untrusted++;
    this.pending.push(e);
    if (this.pending.length === this.events) out.push(this.take());
    return out;
  }

  /** Counts events that software made and that are not taken for behaviour. */
  markUntrusted(events = 1): void {
    this.marks.untrusted += events;
  }

  /** Counts events that did not get here. */
  markLost(events: number): void {
    this.marks.lost += events;
  }

  /** Ends the window being filled: one window if it holds enough events, none otherwise. */
  flush(): PointerWindow[] {
    if (this.pending.length < this.minEvents) {
      this.pending = [];
      this.marks = noMarks();
      return [];
    }
    return [this.take()];
  }

  private take(): PointerWindow {
    const w = { events: this.pending, marks: this.marks };
    this.pending = [];
    this.marks = noMarks();
    return w;
  }
}
