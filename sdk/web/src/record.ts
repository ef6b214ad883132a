// The line between the page's thread and the worker: what the listener writes down of one event, as a short tuple of
// numbers, and how the worker reads it. A tuple has no room for a key, a text or an address.
import { TouchCancel, type KeyEvent, type PointerEvent, type TouchEvent } from './event.ts';
import type { Motion } from './touchwindow.ts';

export const KeyRecord = 0;
export const PointerRecord = 1;
export const MarkRecord = 2;
export const UntrustedRecord = 3;
export const PhraseRecord = 4;
export const TouchRecord = 5;
export const MotionRecord = 6;
export const LostRecord = 7;
export const ThinnedRecord = 8;

// Flags of a key record.
const Down = 1;
const Repeat = 2;
/** Also of a record of the pointer or of a touch. */
export const Trusted = 4;

// What an event that is not taken would have been.
export const OfKeys = 0;
export const OfPointer = 1;
export const OfTouch = 2;

export type EventRecord = readonly number[];

export function keyRecord(e: KeyEvent): EventRecord {
  const flags = (e.down ? Down : 0) | (e.repeat ? Repeat : 0) | (e.trusted ? Trusted : 0);
  return [KeyRecord, e.timeMS, e.keyClass, flags];
}

export function pointerRecord(e: PointerEvent): EventRecord {
  return [PointerRecord, e.timeMS, e.kind, e.trusted ? Trusted : 0, e.x, e.y, e.button, e.wheelX, e.wheelY];
}

export function markRecord(timeMS: number, kind: number): EventRecord {
  return [MarkRecord, timeMS, kind];
}

export function touchRecord(e: TouchEvent): EventRecord {
  return [TouchRecord, e.timeMS, e.kind, e.trusted ? Trusted : 0, e.contact, e.x, e.y, e.radiusPX, e.pressure];
}

export function motionRecord({ timeMS, acceleration: a, rotation: r }: Motion): EventRecord {
  return [MotionRecord, timeMS, a[0], a[1], a[2], r[0], r[1], r[2]];
}

/** Events that software made where such events are no behaviour. */
export function untrustedRecord(timeMS: number, what: number, events = 1): EventRecord {
  return [UntrustedRecord, timeMS, what, events];
}

/** Events that could not be read, or for which there was no room. */
export function lostRecord(timeMS: number, what: number, events = 1): EventRecord {
  return [LostRecord, timeMS, what, events];
}

/**
 * A record of moves that were thinned out has room for so many times. It holds the first, how many there are, in steps of
 * thinnedStep and with the flag of the hand that made them, and the other times.
 */
export const ThinnedTimes = 7;
export const thinnedStep = 8;

/** Gives a record as of a clock that is so much ahead. Every record has its time in the second place. */
export function shifted(record: EventRecord, offsetMS: number): EventRecord {
  const times = record[0] === ThinnedRecord ? timesIn(record) : 0;
  return record.map((n, i) => (i === 1 || (i > 2 && i <= times + 1) ? n + offsetMS : n));
}

function timesIn(thinned: EventRecord): number {
  return Math.min(ThinnedTimes, Math.floor((thinned[2] ?? 0) / thinnedStep));
}

// What a record of a phrase tells.
export const PhraseBegins = 0;
export const PhraseKey = 1;
export const PhraseMark = 2;
export const PhraseUntrusted = 3;
/** The page has taken the phrase. */
export const PhraseEnds = 4;
/** The last release has not come in time. */
export const PhraseOver = 5;
/** The page does not want the phrase after all. */
export const PhraseDropped = 6;

/** A record of the phrase that is being typed; what a and b are depends on what it tells. */
export function phraseRecord(timeMS: number, what: number, a = 0, b = 0): EventRecord {
  return [PhraseRecord, timeMS, what, a, b];
}

/** The record of a key that is part of a phrase and of no window. */
export function phraseKeyRecord(e: KeyEvent): EventRecord {
  const [, timeMS = 0, keyClass, flags] = keyRecord(e);
  return phraseRecord(timeMS, PhraseKey, keyClass, flags);
}

/** How many numbers a record takes in a batch: as many as the longest has. */
export const RecordWidth = 9;

/** Takes a batch apart; whatever is no batch holds no record. */
export function recordsIn(batch: unknown): EventRecord[] {
  if (!(batch instanceof Float64Array)) return [];
  const out: EventRecord[] = [];
  for (let at = 0; at + RecordWidth <= batch.length && out.length < mostRecords; at += RecordWidth) {
    out.push(Array.from(batch.subarray(at, at + RecordWidth)));
  }
  return out;
}

/** More than the page puts into one batch. */
const mostRecords = 8192;

/** No honest time in milliseconds and no position in pixels is as large, and what is computed from less stays finite. */
const tooLarge = 1e12;

/**
 * Gives a record's numbers, or undefined for anything else: the worker's port is open to whatever runs in the page, so
 * nothing about a message is taken on trust.
 */
export function asRecord(value: unknown): EventRecord | undefined {
  return Array.isArray(value) && value.length >= 3 && value.length <= RecordWidth && value.every(plausible)
    ? (value as number[])
    : undefined;
}

function plausible(n: unknown): boolean {
  return typeof n === 'number' && Math.abs(n) < tooLarge; // not NaN either
}

export function readKey(r: EventRecord): KeyEvent | undefined {
  const [kind, timeMS, keyClass, flags] = r;
  if (kind !== KeyRecord || timeMS === undefined || keyClass === undefined || flags === undefined) return undefined;
  return {
    timeMS,
    keyClass,
    down: (flags & Down) !== 0,
    repeat: (flags & Repeat) !== 0,
    trusted: (flags & Trusted) !== 0,
  };
}

export function readPointer(r: EventRecord): PointerEvent | undefined {
  if (r[0] !== PointerRecord || r.length !== 9) return undefined;
  const [, timeMS, kind, flags, x, y, button, wheelX, wheelY] = r as [
    number, number, number, number, number, number, number, number, number,
  ];
  if (!Number.isInteger(kind) || kind < 0 || kind > 3) return undefined;
  return { timeMS, kind, x, y, button, wheelX, wheelY, trusted: (flags & Trusted) !== 0 };
}

/** Moves of the pointer of which nothing but the times was kept. */
export function readThinned(r: EventRecord): { timesMS: EventRecord; trusted: boolean } | undefined {
  const [kind, first, flags] = r;
  const count = timesIn(r);
  if (kind !== ThinnedRecord || r.length !== RecordWidth || first === undefined || !(count > 0)) return undefined;
  return { timesMS: [first, ...r.slice(3, 2 + count)], trusted: (flags! & Trusted) !== 0 };
}

export function readTouch(r: EventRecord): TouchEvent | undefined {
  if (r[0] !== TouchRecord || r.length !== RecordWidth) return undefined;
  const [, timeMS, kind, flags, contact, x, y, radiusPX, pressure] = r as [
    number, number, number, number, number, number, number, number, number,
  ];
  if (!Number.isInteger(kind) || kind < 0 || kind > TouchCancel) return undefined;
  return { timeMS, kind, contact, x, y, radiusPX, pressure, trusted: (flags & Trusted) !== 0 };
}

export function readMotion(r: EventRecord): Motion | undefined {
  if (r[0] !== MotionRecord || r.length < 8) return undefined;
  const [, timeMS, ax, ay, az, rx, ry, rz] = r as [number, number, number, number, number, number, number, number];
  return { timeMS, acceleration: [ax, ay, az], rotation: [rx, ry, rz] };
}

/** How many events a record stands for that are not there: at least one, and no more than a window can make use of. */
export function eventsOf(r: EventRecord): number {
  return Math.max(1, Math.min(1e6, Math.floor(r[3] ?? 1)));
}
