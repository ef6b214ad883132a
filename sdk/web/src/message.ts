// What the page's thread and the worker say to each other.
import type { DeviceClass, Observation } from './observation.ts';
import type { EventRecord } from './record.ts';

/** Grows when either side could misunderstand the other: the two scripts may come from different caches. */
export const Protocol = 1;

export type ToWorker =
  | { type: 'begin'; protocol: number; deviceClass: DeviceClass; acceptSimulated: boolean }
  /** eventMS and unixMS tell the same moment, the sending, in the events' time and in Unix time. */
  | { type: 'records'; records: EventRecord[]; eventMS: number; unixMS: number };

export type FromWorker =
  | { type: 'ready'; protocol: number }
  | { type: 'observations'; observations: Observation[] };
