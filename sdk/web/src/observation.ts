// The one thing that crosses from the device to the server, and its JSON. The mirror of Go's package observation.

export type Modality = 'keyboard' | 'pointer' | 'touch' | 'phrase';
export type DeviceClass = 'desktop' | 'tablet' | 'phone';
export type Flag =
  | 'blurred_clock' | 'input_method' | 'paste_heavy' | 'short_window' | 'lost_events' | 'simulated' | 'broken_phrase';

/** Measures that come for free with a window. */
export interface Liveness {
  untrustedShare: number;
  timestampQuantumMS: number;
  repeatShare: number;
  pastes: number;
  /** The browser itself says that a program drives it. */
  driven?: boolean;
  /** Names the measures; absent when there are none. */
  measureList?: string;
  measures?: number[];
  /** Names of up to two stretches of the window, 8 bytes each. */
  sketch?: Uint8Array;
}

/** What one window of behaviour becomes. It has no number yet: that is given at the first sending. */
export interface Observation {
  modality: Modality;
  model: string;
  deviceClass: DeviceClass;
  /** Unix milliseconds of the window's first event. */
  startMS: number;
  durationMS: number;
  events: number;
  embedding: Int8Array;
  featureList: string;
  features: number[];
  liveness: Liveness;
  quality: Flag[];
  /** The page's number for the text of a phrase; windows have none. */
  phrase?: number;
}

/** An observation as it is written on the wire. */
export interface WireObservation extends Omit<Observation, 'embedding' | 'liveness'> {
  sequence: number;
  /** Standard base64 with padding, one signed byte a dimension. */
  embedding: string;
  liveness: Omit<Liveness, 'sketch'> & { sketch?: string };
}

/**
 * Writes out an observation, field by field: whatever else an object may carry stays on the device.
 */
export function toWire(o: Observation, sequence: number): WireObservation {
  return {
    sequence,
    modality: o.modality,
    model: o.model,
    deviceClass: o.deviceClass,
    startMS: o.startMS,
    durationMS: o.durationMS,
    events: o.events,
    embedding: base64(o.embedding),
    featureList: o.featureList,
    features: forWire(o.features),
    liveness: livenessToWire(o.liveness),
    quality: [...o.quality],
    ...(o.phrase === undefined ? {} : { phrase: Number(o.phrase) }),
  };
}

/** Writes out an observation as JSON but for the bracket and the number that it begins with. Throws where it is none. */
export function textOf(o: Observation): string {
  return JSON.stringify(toWire(o, 0)).slice('{"sequence":0,'.length);
}

/** As many digits as say anything: more would be noise, and a longer observation. */
const forWire = (numbers: ArrayLike<number>): number[] => Array.from(numbers, (n) => Number(Number(n).toPrecision(5)));

function livenessToWire(l: Liveness): WireObservation['liveness'] {
  return {
    untrustedShare: l.untrustedShare,
    timestampQuantumMS: l.timestampQuantumMS,
    repeatShare: l.repeatShare,
    pastes: l.pastes,
    ...(l.driven ? { driven: true } : {}),
    ...(l.measureList ? { measureList: l.measureList, measures: forWire(l.measures ?? []) } : {}),
    ...(l.sketch?.length ? { sketch: base64(l.sketch) } : {}),
  };
}

/** Gives the standard base64 of bytes, signed or not. */
export function base64(bytes: Int8Array | Uint8Array): string {
  let raw = '';
  for (const b of bytes) raw += String.fromCharCode(b & 0xff);
  return btoa(raw);
}
