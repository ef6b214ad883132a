// The records that wait for the worker. Numbers lie one after the other in memory that is moved to the worker and not
// copied, and no method of an array is called: pages change those.
import {
  KeyRecord, LostRecord, MarkRecord, OfKeys, OfPointer, OfTouch, PhraseRecord, PhraseUntrusted, PointerRecord, RecordWidth,
  UntrustedRecord, type EventRecord,
} from './record.ts';

/**
 * Records that wait at most. A mouse that reports 8,000 times a second makes 4,000 between two postings; what floods the
 * page with more pushes out the oldest, which are counted.
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

  /** Takes a record. Events that are no behaviour are only counted: they push out none that is. */
  put(r: EventRecord): void {
    const kind = r[0];
    if (kind === UntrustedRecord) return this.count(r[2]!, r[3]!);
    if (kind === LostRecord) return this.count(lostFrom + r[2]!, r[3]!);
    const broken = kind === PhraseRecord && r[2] === PhraseUntrusted;
    if (broken && this.broken) return;
    this.broken = broken;
    const at = this.room();
    for (let i = 0; i < RecordWidth; i++) this.rows[at + i] = r[i] ?? 0;
  }

  /** Takes what pointerRecord writes down, without making a record: a mouse has a thousand a second. */
  point(timeMS: number, kind: number, flags: number, x: number, y: number, button: number, wheelX: number, wheelY: number): void {
    const { rows } = this;
    const at = this.room();
    this.broken = false;
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

  /** Gives the place of the next record. */
  private room(): number {
    if (this.length === MostWaiting) {
      this.count(lostFrom + modalityOf(this.rows[this.first * RecordWidth]!), 1);
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
    this.broken = false;
    return out;
  }

  private count(counter: number, events: number): void {
    if (counter >= 0 && counter < counters) this.counts[counter]! += events;
  }
}

function modalityOf(kind: number): number {
  if (kind === PointerRecord) return OfPointer;
  return kind === KeyRecord || kind === MarkRecord || kind === PhraseRecord ? OfKeys : OfTouch;
}
