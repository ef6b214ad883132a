// The records that wait for the worker. Numbers lie one after the other in memory that is moved to the worker and not
// copied, and no method of an array is called: pages change those.
import {
  KeyRecord, LostRecord, MarkRecord, OfKeys, OfPointer, OfTouch, PhraseRecord, PhraseUntrusted, PointerRecord, RecordWidth,
  ThinnedRecord, ThinnedTimes, UntrustedRecord, thinnedStep, type EventRecord,
} from './record.ts';
import { Move } from './event.ts';
import { PointerApartMS, PointerFastMS } from './thin.ts';

/**
 * Records that wait at most. A mouse that reports 8,000 times a second makes 700 between two postings, thinned; what floods
 * the page with more pushes out the oldest, which are counted.
 */
export const MostWaiting = 4096;

/** What the counts are of: untrusted and lost events of keys, of the pointer and of touch. */
const counters = 6;
const lostFrom = 3;

export class Batch {
  private readonly rows = new Float64Array(MostWaiting * RecordWidth); // a ring
  private first = 0;
  private length = 0;
  private readonly counts = new Float64Array(counters);
  private broken = false; // the newest record tells that software types the phrase
  private lastMS = -Infinity; // of the pointer's last event
  private keptMS = -Infinity; // of its last event that is kept
  private held = -1; // where the newest record is, if it is of a move whose place the next may take
  private thinned = -1; // where the record of moves that were thinned out is, the newest or the one before a move held back

  /** Takes a record. Events that are no behaviour are only counted: they push out none that is. */
  put(r: EventRecord): void {
    const kind = r[0];
    if (kind === UntrustedRecord) return this.count(r[2]!, r[3]!);
    if (kind === LostRecord) return this.count(lostFrom + r[2]!, r[3]!);
    const broken = kind === PhraseRecord && r[2] === PhraseUntrusted;
    if (broken && this.broken) return;
    this.broken = broken;
    this.held = this.thinned = -1; // the worker thins what is left
    const at = this.room();
    for (let i = 0; i < RecordWidth; i++) this.rows[at + i] = r[i] ?? 0;
  }

  /**
   * Takes what pointerRecord writes down, without making a record: a mouse has a thousand a second. Thins as the worker does,
   * who would do it otherwise.
   */
  point(timeMS: number, kind: number, flags: number, x: number, y: number, button: number, wheelX: number, wheelY: number): void {
    const { rows } = this;
    const near = kind === Move && this.near(timeMS);
    if (near) this.replace();
    else this.held = -1;
    const holds = near && timeMS - this.keptMS < PointerApartMS;
    if (!holds) {
      this.thinned = -1;
      this.keptMS = timeMS;
    }
    this.lastMS = timeMS;
    const at = this.room();
    this.broken = false;
    if (holds) this.held = at;
    rows[at] = PointerRecord;
    rows[at + 1] = timeMS;
    rows[at + 2] = kind;
    rows[at + 3] = flags;
    rows[at + 4] = x;
    rows[at + 5] = y;
    rows[at + 6] = button;
    rows[at + 7] = wheelX;
    rows[at + 8] = wheelY;
  }

  /** Takes a move, if the next one, which comes at nextMS, is sure to take its place. Then nothing but its time is wanted. */
  thin(timeMS: number, nextMS: number, flags: number): boolean {
    const stepMS = nextMS - timeMS;
    if (!(stepMS >= 0 && stepMS < PointerFastMS && this.near(timeMS) && timeMS - this.keptMS < PointerApartMS)) return false;
    this.replace();
    this.time(timeMS, flags);
    this.lastMS = timeMS;
    this.broken = false;
    return true;
  }

  /** Reports whether a move comes soon after the event before it. */
  private near(timeMS: number): boolean {
    const sinceMS = timeMS - this.lastMS;
    return sinceMS >= 0 && sinceMS < PointerFastMS;
  }

  /** Another move takes the place of the one held back: nothing but its time stays. */
  private replace(): void {
    const { held, rows } = this;
    if (held < 0) return;
    this.held = -1;
    this.length--;
    this.time(rows[held + 1]!, rows[held + 3]!);
  }

  private time(timeMS: number, flags: number): void {
    const { rows } = this;
    const told = this.thinned < 0 ? 0 : rows[this.thinned + 2]!;
    const count = Math.floor(told / thinnedStep);
    if (count > 0 && count < ThinnedTimes && told % thinnedStep === flags) {
      rows[this.thinned + 2] = told + thinnedStep;
      rows[this.thinned + 2 + count] = timeMS;
      return;
    }
    const at = this.room();
    rows[at] = ThinnedRecord;
    rows[at + 1] = timeMS;
    rows[at + 2] = flags + thinnedStep;
    for (let i = 3; i < RecordWidth; i++) rows[at + i] = 0;
    this.thinned = at;
  }

  /** Gives the place of the next record. */
  private room(): number {
    if (this.length === MostWaiting) {
      const at = this.first * RecordWidth;
      const kind = this.rows[at]!;
      this.count(lostFrom + modalityOf(kind), kind === ThinnedRecord ? Math.floor(this.rows[at + 2]! / thinnedStep) : 1);
      this.first = (this.first + 1) % MostWaiting;
      this.length--;
    }
    return ((this.first + this.length++) % MostWaiting) * RecordWidth;
  }

  /** Gives what waits, the counts first, and holds nothing any more; undefined when nothing waits. */
  drain(): Float64Array<ArrayBuffer> | undefined {
    let counted = 0;
    for (let i = 0; i < counters; i++) if (this.counts[i]! > 0) counted++;
    if (this.length + counted === 0) return undefined;
    const out = new Float64Array((this.length + counted) * RecordWidth);
    let at = 0;
    for (let i = 0; i < counters; i++) {
      if (this.counts[i] === 0) continue;
      out[at] = i < lostFrom ? UntrustedRecord : LostRecord;
      out[at + 2] = i % lostFrom;
      out[at + 3] = this.counts[i]!;
      this.counts[i] = 0;
      at += RecordWidth;
    }
    for (let i = 0; i < this.length; i++) {
      const from = ((this.first + i) % MostWaiting) * RecordWidth;
      for (let k = 0; k < RecordWidth; k++) out[at++] = this.rows[from + k]!;
    }
    this.first = this.length = 0;
    this.held = this.thinned = -1;
    this.broken = false;
    return out;
  }

  private count(counter: number, events: number): void {
    if (counter >= 0 && counter < counters) this.counts[counter]! += events;
  }
}

function modalityOf(kind: number): number {
  if (kind === PointerRecord || kind === ThinnedRecord) return OfPointer;
  return kind === KeyRecord || kind === MarkRecord || kind === PhraseRecord ? OfKeys : OfTouch;
}
