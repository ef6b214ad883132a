// What waits to be sent: a bounded queue that drops its oldest and counts what it dropped.
import { textOf, type Observation } from './observation.ts';

export const QueueLimit = 256;

/** The server takes nothing older than an hour; what is nearly that old is not worth sending. */
const stalestMS = 55 * 60_000;

/** What comes before the text of an observation, at most. */
const numberBytes = 32;

/** One observation on its way. */
export interface Entry {
  readonly observation: Observation;
  /** Written out once: what waits is signed again and again. */
  readonly text: string;
  /** Tells it from every other one of the session: the page that measured it, and its number there. */
  readonly mark: string;
  /** Given at the first sending; 0 before. */
  sequence: number;
  /** It was sent and no answer came: the server may have it or not. */
  uncertain: boolean;
  /** It is part of a request that has not ended, or was handed to another page. */
  flying: boolean;
}

export class Queue {
  private entries: Entry[] = [];
  private made = 0;
  private next = 1;
  /** Observations that were dropped since the server last took a report. */
  dropped = 0;

  /** page tells this page's observations from other pages'. */
  constructor(private readonly page = '') {}

  get length(): number {
    return this.entries.length;
  }

  /** The number that the next observation gets. */
  get number(): number {
    return this.next;
  }

  /** The server has taken numbers below this one, of another page. */
  goOnAt(next: number): void {
    this.next = Math.max(this.next, next);
  }

  add(observation: Observation): void {
    this.put(`${this.page}/${++this.made}`, observation, 0);
  }

  /**
   * Takes what a page measured; a number above 0 says that it was sent under that, and nobody knows what became of it.
   * Throws where it is no observation.
   */
  put(mark: string, observation: Observation, sequence: number): void {
    this.entries.push({ observation, text: textOf(observation), mark, sequence, uncertain: sequence > 0, flying: false });
    const excess = this.entries.length - QueueLimit;
    if (excess > 0) {
      this.entries.splice(0, excess);
      this.dropped += excess;
    }
  }

  /** Drops what is too old for the server. */
  expire(nowMS: number): void {
    const before = this.entries.length;
    this.entries = this.entries.filter(
      ({ observation: o, flying }) => flying || nowMS - (o.startMS + o.durationMS) < stalestMS,
    );
    this.dropped += before - this.entries.length;
  }

  /** Gives the oldest entries that are not on their way, numbered, up to a count and a size in bytes. */
  take(limit: number, limitBytes: number): Entry[] {
    const { batch } = this.foresee(limit, limitBytes);
    for (const entry of batch) {
      if (entry.sequence === 0) entry.sequence = this.next++;
      entry.flying = true;
    }
    return batch;
  }

  /** Gives what take would, without taking it, and under which numbers. */
  foresee(limit: number, limitBytes: number): { batch: Entry[]; sequences: number[] } {
    const batch: Entry[] = [];
    let bytes = 0;
    for (const entry of this.entries) {
      if (entry.flying) continue;
      bytes += entry.text.length + numberBytes; // the text is ASCII
      if (batch.length >= limit || (batch.length > 0 && bytes > limitBytes)) break;
      batch.push(entry);
    }
    let { next } = this;
    return { batch, sequences: batch.map((e) => e.sequence || next++) };
  }

  isOwn(mark: string): boolean {
    return mark.startsWith(`${this.page}/`);
  }

  /** Gives everything that is not on its way, which then is: to the page that leads. */
  lend(): Entry[] {
    const lent = this.entries.filter((e) => !e.flying);
    for (const entry of lent) entry.flying = true;
    return lent;
  }

  /** Lets go of other pages' observations and gives them. */
  takeForeign(): Entry[] {
    const foreign = this.entries.filter((e) => !this.isOwn(e.mark));
    this.entries = this.entries.filter((e) => this.isOwn(e.mark));
    return foreign;
  }

  /** Another page has these. */
  remove(marks: ReadonlySet<string>): void {
    this.entries = this.entries.filter((e) => !marks.has(e.mark));
  }

  /** The request with these entries has ended; uncertain tells that nobody knows what became of it. */
  land(batch: Entry[], uncertain: boolean): void {
    for (const entry of batch) {
      entry.flying = false;
      entry.uncertain ||= uncertain;
    }
  }

  /** Every request has ended, and nobody knows what became of them. */
  landAll(): void {
    this.land(this.entries.filter((e) => e.flying), true);
  }

  /** The server has all numbers up to this one. */
  accept(batch: Entry[], acceptedThrough: number): void {
    this.land(batch, true);
    this.entries = this.entries.filter((e) => !(batch.includes(e) && e.sequence <= acceptedThrough));
    this.next = Math.max(this.next, acceptedThrough + 1);
  }

  /**
   * The server refused the batch because it already has these numbers. What may have arrived before did arrive: it is
   * let go, so that nothing counts twice. What was sent for the first time met numbers that an earlier page of the same
   * session used: it gets new ones. Gives false if neither was the case, so that the refusal makes no sense.
   */
  conflict(batch: Entry[], acceptedThrough: number): boolean {
    const stale = (e: Entry) => e.sequence > 0 && e.sequence <= acceptedThrough;
    const sensible = batch.some(stale);
    this.entries = this.entries.filter((e) => !(e.uncertain && stale(e) && (batch.includes(e) || !e.flying)));
    this.land(batch, false);
    this.next = Math.max(this.next, acceptedThrough + 1);
    if (this.entries.some((e) => !e.flying && stale(e))) {
      for (const e of this.entries) if (!e.flying) e.sequence = 0;
    }
    return sensible;
  }

  /** The server will never take this entry. */
  drop(entry: Entry): void {
    const before = this.entries.length;
    this.entries = this.entries.filter((e) => e !== entry);
    this.dropped += before - this.entries.length;
  }

  clear(): void {
    this.entries = [];
    this.next = 1;
    this.dropped = 0;
  }
}
