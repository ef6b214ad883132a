// Reads a weights file, the mirror of Go's network.Parse, where the format is described. Nothing about a file is taken on
// trust: whatever is not one throws an error that says what is wrong with it.
import { KeyboardInputs, PointerInputs } from './networkinputs.ts';
import { TouchInputs } from './touchinputs.ts';

const formatVersion = 2;
const magic = 'ipse-net';
const maxParameters = 250_000;
const maxMembers = 8;
const maxHeader = 1 << 20;
/** Trained weights stay far below; with it, no window can make a sum overflow. */
const maxWeight = 256;

/** The sizes of one member. */
export interface Shape {
  inputs: number;
  channels: number;
  blocks: number;
  kernel: number;
  wide: number;
  heads: number;
  dimensions: number;
}

/** A convolution with its bias: rows of weights, one for each output, each kernel × inputs long. */
export interface Layer {
  inputs: number;
  outputs: number;
  kernel: number;
  weights: Float32Array;
  bias: Float32Array;
}

/** One of the networks of which a file's network is made. */
export interface Member {
  shape: Shape;
  first: Layer;
  blocks: Layer[];
  widen: Layer;
  attend: Layer;
  out: Layer;
}

/** What a network reads. */
export type Kind = keyof typeof inputsOf;

/** What a weights file holds. */
export interface Weights {
  kind: Kind;
  /** Of the model, as observations name it. */
  name: string;
  members: Member[];
}

const inputsOf = { keyboard: KeyboardInputs, pointer: PointerInputs, touch: TouchInputs };

/** Reads a weights file; throws an Error that says what is wrong with it. */
export function parseWeights(file: ArrayBuffer): Weights {
  const bytes = new Uint8Array(file);
  const view = new DataView(file);
  const before = magic.length + 1 + 4;
  if (bytes.length < before + 4 || String.fromCharCode(...bytes.subarray(0, magic.length)) !== magic) {
    throw unusable('the file does not begin as a weights file does');
  }
  const version = bytes[magic.length];
  if (version !== formatVersion) throw unusable(`format version ${version}; want ${formatVersion}`);
  const end = bytes.length - 4;
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end, true)) throw unusable('cut or changed: the checksum is another');
  const length = view.getUint32(magic.length + 1, true);
  if (length > maxHeader || before + length > end) throw unusable(`the header would be ${length} bytes long`);
  const { kind, name, shapes } = headerOf(new TextDecoder().decode(bytes.subarray(before, before + length)));
  const reader = new Reader(view, before + length);
  const want = shapes.reduce((sum, s) => sum + layersOf(s).reduce((n, l) => n + weightCount(l) + 8 * l.outputs, 0), 0);
  if (end - reader.at !== want) throw unusable(`${end - reader.at} bytes of weights; the shape wants ${want}`);
  return { kind, name, members: shapes.map((s) => reader.member(s)) };
}

function unusable(why: string): Error {
  return new Error(`unusable weights: ${why}`);
}

function headerOf(text: string): { kind: Kind; name: string; shapes: Shape[] } {
  let header: Record<string, unknown>;
  try {
    header = objectOf(JSON.parse(text));
  } catch {
    throw unusable('the header is not JSON');
  }
  const { kind, name, members } = header;
  const inputs = typeof kind === 'string' && Object.hasOwn(inputsOf, kind) ? inputsOf[kind as Kind] : undefined;
  if (inputs === undefined) throw unusable(`kind is ${JSON.stringify(kind)}; want "keyboard", "pointer" or "touch"`);
  if (typeof name !== 'string' || name === '') throw unusable("the name is empty; want the model's");
  if (!Array.isArray(members) || members.length < 1 || members.length > maxMembers) {
    throw unusable(`members are not a list of 1 to ${maxMembers}`);
  }
  const shapes = members.map((m) => shapeOf(objectOf(m), inputs));
  const parameters = shapes.reduce((sum, s) => sum + layersOf(s).reduce((n, l) => n + weightCount(l) + l.outputs, 0), 0);
  if (parameters > maxParameters) throw unusable(`${parameters} parameters; want at most ${maxParameters}`);
  return { kind: kind as Kind, name, shapes };
}

function shapeOf(given: Record<string, unknown>, inputs: number): Shape {
  const size = (name: string, least: number, most: number, fits: (n: number) => boolean): number => {
    const n = given[name];
    if (!Number.isInteger(n) || !((n as number) >= least && (n as number) <= most) || !fits(n as number)) {
      throw unusable(`${name} is ${JSON.stringify(n)}; no network is of that shape`);
    }
    return n as number;
  };
  const byFour = (n: number) => n % 4 === 0;
  const wide = size('wide', 4, 1024, byFour);
  return {
    inputs: size('inputs', inputs, inputs, () => true),
    channels: size('channels', 4, 1024, byFour),
    blocks: size('blocks', 0, 16, () => true),
    kernel: size('kernel', 1, 15, (n) => n % 2 === 1),
    wide,
    heads: size('heads', 4, 1024, (n) => byFour(n) && wide % n === 0),
    dimensions: size('dimensions', 4, 1024, byFour),
  };
}

type LayerSize = Pick<Layer, 'inputs' | 'outputs' | 'kernel'>;

/** The layers of a shape, in the order of the file. */
function layersOf(s: Shape): LayerSize[] {
  const blocks = Array.from({ length: s.blocks }, () => ({ inputs: s.channels, outputs: s.channels, kernel: s.kernel }));
  return [
    { inputs: s.inputs, outputs: s.channels, kernel: s.kernel },
    ...blocks,
    { inputs: s.channels, outputs: s.wide, kernel: 1 },
    { inputs: s.wide, outputs: s.heads, kernel: 1 },
    { inputs: 2 * s.wide, outputs: s.dimensions, kernel: 1 },
  ];
}

function weightCount(l: LayerSize): number {
  return l.outputs * l.kernel * l.inputs;
}

/** Reads members one after the other: whole steps of all layers, then each layer's sizes of steps and biases. */
class Reader {
  constructor(private readonly view: DataView, public at: number) {}

  member(shape: Shape): Member {
    const sizes = layersOf(shape);
    let steps = this.at;
    for (const size of sizes) this.at += weightCount(size);
    const layers = sizes.map((size) => {
      const layer = this.layer(size, steps);
      steps += weightCount(size);
      return layer;
    });
    const [out, attend, widen] = [layers.pop(), layers.pop(), layers.pop()];
    const [first, ...blocks] = layers;
    return { shape, first: first!, blocks, widen: widen!, attend: attend!, out: out! };
  }

  private layer(size: LayerSize, steps: number): Layer {
    const { outputs } = size;
    const span = size.kernel * size.inputs;
    const weights = new Float32Array(outputs * span);
    const stepSizes = this.floats(outputs);
    const bias = this.floats(outputs);
    for (let i = 0; i < weights.length; i++) {
      weights[i] = this.view.getInt8(steps + i) * stepSizes[Math.floor(i / span)]!;
    }
    if (![stepSizes, weights, bias].every((numbers) => numbers.every((v) => Math.abs(v) <= maxWeight)) || stepSizes.some((v) => v < 0)) {
      throw unusable(`a layer holds a number that is not finite or not within ±${maxWeight}`);
    }
    return { ...size, weights, bias };
  }

  private floats(n: number): Float32Array {
    const out = new Float32Array(n);
    for (let i = 0; i < n; i++) out[i] = this.view.getFloat32(this.at + 4 * i, true);
    this.at += 4 * n;
    return out;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== 'object') throw unusable('the header holds something else where an object belongs');
  return value as Record<string, unknown>;
}

/** The checksum of IEEE 802.3, as gzip and zip have it. */
function crc32(bytes: Uint8Array): number {
  const table = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
  });
  let sum = 0xffffffff;
  for (const b of bytes) sum = table[(sum ^ b) & 0xff]! ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}
