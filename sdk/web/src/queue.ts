// What waits to be sent: a bounded queue that drops its oldest and counts what it dropped.
import type { Observation } from './observation.ts';

export const QueueLimit = 256;

/** The server takes nothing older than an hour; what is nearly that old is not worth sending. */
const stalestMS = 55 * 60_000;

/** One observation on its way. */
export interface Entry {
  readonly observation: Observation;
  /** Given at the first sending; 0 before. */
  sequence: number;
  /** It was sent and no answer came: the server may have it or not. */
  uncertain: boolean;
  /** It is part of a request that has not ended. */
  flying: boolean;
}

export class Queue {
  private entries: Entry[] = [];
  private next = 1;
  /** Observations that were dropped since the server last took a report. */
  dropped = 0;

  get length(): number {
    return this.entries.length;
  }

  add(observation: Observation): void {
    this.entries.push({ observation, sequence: 0, uncertain: false, flying: false });
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
    const batch: Entry[] = [];
    let bytes = 0;
    for (const entry of this.entries) {
      if (entry.flying) continue;
      bytes += sizeOf(entry.observation);
      if (batch.length >= limit || (batch.length > 0 && bytes > limitBytes)) break;
      if (entry.sequence === 0) entry.sequence = this.next++;
      entry.flying = true;
      batch.push(entry);
    }
    return batch;
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

/** An upper bound of an observation's JSON in bytes: its numbers have at most 25 characters. */
function sizeOf(o: Observation): number {
  return 600 + 25 * o.features.length + Math.ceil(o.embedding.length / 3) * 4;
}
