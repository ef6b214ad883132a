// What the page's thread and the worker say to each other, and the version of all three scripts.
import type { DeviceClass, Observation } from './observation.ts';
import type { Wanted } from './wanted.ts';

/** Grows when either side could misunderstand the other: the scripts may come from different caches. */
export const Protocol = 3;

export type ToWorker =
  | { type: 'begin'; protocol: number; deviceClass: DeviceClass; acceptSimulated: boolean; driven: boolean }
  /** Which models the server wants from now on; those that are not there yet are passed over. */
  | { type: 'models'; wanted: Wanted }
  /** The weights file of a model. */
  | { type: 'network'; name: string; file: ArrayBuffer }
  /** Records one after the other, see Batch. eventMS and unixMS tell the same moment, the sending, in the events' time and in Unix time. */
  | { type: 'records'; records: Float64Array; eventMS: number; unixMS: number };

export type FromWorker =
  | { type: 'ready'; protocol: number }
  | { type: 'observations'; observations: Observation[] }
  /** The weights file of a model cannot be used. */
  | { type: 'unfit'; why: string };
