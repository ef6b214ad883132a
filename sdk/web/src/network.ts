// The forward pass of learned behaviour models, the mirror of Go's package network: a window goes in, a unit vector comes
// out. The inner loops assert that indices are within their arrays: a check at each would double the time.
import type { PointerEvent } from './event.ts';
import type { Stroke } from './keyboardwindow.ts';
import { writePointerEvents, writeStrokes } from './networkinputs.ts';
import type { Layer, Member, Weights } from './networkweights.ts';

/** How many events of a window are read; those after them are left out. */
export const MaxEvents = 256;

/** Keeps the spread of a channel that does not change away from zero, where its root has no slope. */
const leastVariance = 1e-4;

/** One network with the memory to run it. Nothing is allocated after it is made. */
export class Network {
  readonly kind: Weights['kind'];
  readonly name: string;
  protected readonly inputs: Float32Array; // rows of values, with padding before the first and after the last
  protected readonly width: number;
  protected readonly pad: number; // rows of padding on either side: what the widest kernel wants
  private readonly passes: MemberPass[] = [];
  private readonly result: Float32Array;

  constructor(weights: Weights) {
    this.kind = weights.kind;
    this.name = weights.name;
    const shapes = weights.members.map((m) => m.shape);
    this.width = shapes[0]?.inputs ?? 0;
    this.pad = Math.max(...shapes.map((s) => s.kernel >> 1));
    this.inputs = new Float32Array((MaxEvents + 2 * this.pad) * this.width);
    this.result = new Float32Array(shapes.reduce((sum, s) => sum + s.dimensions, 0));
    let at = 0;
    for (const member of weights.members) {
      const { dimensions } = member.shape;
      this.passes.push(new MemberPass(member, this.result.subarray(at, at + dimensions)));
      at += dimensions;
    }
  }

  /** The embedding of strokes: a unit vector, or zeros for none. Always finite; it holds until the next use. */
  keyboard(strokes: readonly Stroke[]): Float32Array {
    const length = Math.min(strokes.length, MaxEvents);
    writeStrokes(this.inputs, this.pad * this.width, strokes, length);
    return this.run(length);
  }

  /** The embedding of pointer events, as keyboard gives that of strokes. */
  pointer(events: readonly PointerEvent[]): Float32Array {
    const length = Math.min(events.length, MaxEvents);
    writePointerEvents(this.inputs, this.pad * this.width, events, length);
    return this.run(length);
  }

  protected run(length: number): Float32Array {
    if (length === 0) return this.result.fill(0);
    this.inputs.fill(0, (this.pad + length) * this.width, (2 * this.pad + length) * this.width);
    for (const pass of this.passes) pass.run(this.inputs, this.pad, length, 1 / Math.sqrt(this.passes.length));
    return this.result;
  }
}

/** The memory of one member's pass. */
class MemberPass {
  private readonly hidden: Float32Array; // with padding, as the inputs
  private readonly change: Float32Array;
  private readonly wide: Float32Array;
  private readonly attended: Float32Array;
  private readonly pooled: Float32Array;

  constructor(private readonly member: Member, private readonly result: Float32Array) {
    const s = member.shape;
    this.hidden = new Float32Array((MaxEvents + s.kernel - 1) * s.channels);
    this.change = new Float32Array(MaxEvents * s.channels);
    this.wide = new Float32Array(MaxEvents * s.wide);
    this.attended = new Float32Array(MaxEvents * s.heads);
    this.pooled = new Float32Array(2 * s.wide);
  }

  /** Computes the member's vector of a certain length. Before the first row of inputs there are so many of padding. */
  run(inputs: Float32Array, padding: number, length: number, vectorLength: number): void {
    const { shape, first, blocks, widen, attend, out } = this.member;
    const { hidden, change, wide, attended, pooled, result } = this;
    const pad = shape.kernel >> 1;
    const from = pad * shape.channels;
    const size = length * shape.channels;
    hidden.fill(0, from + size, from + size + from);
    apply(first, hidden, from, inputs, (padding - pad) * shape.inputs, length);
    rectify(hidden, from, size);
    for (const block of blocks) {
      apply(block, change, 0, hidden, 0, length);
      rectify(change, 0, size);
      for (let i = 0; i < size; i++) hidden[from + i]! += change[i]!;
    }
    apply(widen, wide, 0, hidden, from, length);
    rectify(wide, 0, length * shape.wide);
    apply(attend, attended, 0, wide, 0, length);
    this.pool(length);
    apply(out, result, 0, pooled, 0, 1);
    scaleTo(result, vectorLength);
  }

  /** Each channel's mean and standard deviation over time, weighted by the attention of the channel's head. */
  private pool(length: number): void {
    const { wide, heads } = this.member.shape;
    const { attended, pooled } = this;
    const perHead = wide / heads;
    for (let h = 0; h < heads; h++) {
      let top = -Infinity;
      for (let t = 0; t < length; t++) top = Math.max(top, attended[t * heads + h]!);
      let sum = 0;
      for (let t = 0; t < length; t++) {
        const w = Math.exp(attended[t * heads + h]! - top);
        attended[t * heads + h] = w;
        sum += w;
      }
      for (let c = h * perHead; c < (h + 1) * perHead; c++) {
        let mean = 0;
        for (let t = 0; t < length; t++) mean += attended[t * heads + h]! * this.wide[t * wide + c]!;
        mean /= sum;
        let variance = 0;
        for (let t = 0; t < length; t++) {
          const d = this.wide[t * wide + c]! - mean;
          variance += attended[t * heads + h]! * d * d;
        }
        pooled[c] = mean;
        pooled[wide + c] = Math.sqrt(Math.max(leastVariance, variance / sum));
      }
    }
  }
}

/**
 * Computes a layer over so many events, four outputs of two events at a time: their sums stay in registers, and each
 * number that is loaded is used more than once. Input rows lie one after the other from an index on, with the padding that
 * the kernel wants.
 */
function apply(layer: Layer, out: Float32Array, to: number, inputs: Float32Array, from: number, length: number): void {
  const { weights, bias, outputs } = layer;
  const span = layer.kernel * layer.inputs;
  for (let t = 0; t < length; t += 2) {
    const a = from + t * layer.inputs;
    const b = t + 1 < length ? a + layer.inputs : a; // a last event without a second is computed twice
    for (let o = 0; o < outputs; o += 4) {
      const w0 = o * span;
      const w1 = w0 + span;
      const w2 = w1 + span;
      const w3 = w2 + span;
      let a0 = bias[o]!;
      let a1 = bias[o + 1]!;
      let a2 = bias[o + 2]!;
      let a3 = bias[o + 3]!;
      let b0 = a0;
      let b1 = a1;
      let b2 = a2;
      let b3 = a3;
      for (let i = 0; i < span; i++) {
        const x = inputs[a + i]!;
        const y = inputs[b + i]!;
        const v0 = weights[w0 + i]!;
        const v1 = weights[w1 + i]!;
        const v2 = weights[w2 + i]!;
        const v3 = weights[w3 + i]!;
        a0 += x * v0;
        b0 += y * v0;
        a1 += x * v1;
        b1 += y * v1;
        a2 += x * v2;
        b2 += y * v2;
        a3 += x * v3;
        b3 += y * v3;
      }
      const at = to + t * outputs + o;
      out[at] = a0;
      out[at + 1] = a1;
      out[at + 2] = a2;
      out[at + 3] = a3;
      if (t + 1 === length) continue;
      out[at + outputs] = b0;
      out[at + outputs + 1] = b1;
      out[at + outputs + 2] = b2;
      out[at + outputs + 3] = b3;
    }
  }
}

/** Cuts negative values off, and what is not a number. */
function rectify(values: Float32Array, from: number, size: number): void {
  for (let i = from; i < from + size; i++) if (!(values[i]! > 0)) values[i] = 0;
}

/** Scales a vector to a length. One that has no finite length becomes zero, which says nothing about anybody. */
function scaleTo(v: Float32Array, length: number): void {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i]! * v[i]!;
  const was = Math.sqrt(sum);
  if (!(was > 1e-12) || was === Infinity) {
    v.fill(0);
    return;
  }
  for (let i = 0; i < v.length; i++) v[i] = (v[i]! / was) * length;
}
