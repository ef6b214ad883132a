// The same embeddings as PyTorch and Go give, from the same files; and files that are none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PointerEvent } from '../src/event.ts';
import type { Stroke } from '../src/keyboardwindow.ts';
import { MaxEvents, Network } from '../src/network.ts';
import { parseWeights } from '../src/networkweights.ts';
import { list, readBytes, readJSON } from './repository.ts';
import { seeded } from './random.ts';

interface Golden {
  name: string;
  strokes?: [number, number, number][];
  events?: [number, number, number, number][];
  embedding: number[];
}

const small = 'internal/embed/network/testdata/small.net';
const folders = ['internal/embed/network/testdata', 'internal/embed/networks'];
// Those of touch are a class of their own: touch.test.ts.
const files = folders.flatMap((f) => list(f).filter((n) => n.endsWith('.net') && !n.includes('touch')).map((n) => `${f}/${n.slice(0, -4)}`));

function network(path = small): Network {
  return new Network(parseWeights(readBytes(path)));
}

function stroke([pressMS = NaN, releaseMS = NaN, keyClass = NaN]: readonly number[]): Stroke {
  return { pressMS, releaseMS, keyClass };
}

function pointerEvent([timeMS = NaN, x = NaN, y = NaN, kind = NaN]: readonly number[]): PointerEvent {
  return { timeMS, kind, x, y, button: 0, wheelX: 0, wheelY: 0, trusted: true };
}

function run(n: Network, g: Golden): Float32Array {
  return n.kind === 'keyboard' ? n.keyboard((g.strokes ?? []).map(stroke)) : n.pointer((g.events ?? []).map(pointerEvent));
}

function checkUnit(e: Float32Array, at: string): void {
  const length = Math.sqrt(e.reduce((sum, v) => sum + v * v, 0));
  assert(Math.abs(length - 1) < 1e-5, `${at}: the length is ${length}, want 1`);
}

test('there are networks of both kinds, and of one and of several members', () => {
  const all = files.map((f) => parseWeights(readBytes(`${f}.net`)));
  assert.deepEqual([...new Set(all.map((w) => w.kind))].sort(), ['keyboard', 'pointer']);
  assert(all.some((w) => w.members.length === 1) && all.some((w) => w.members.length > 1), 'want both');
});

for (const file of files) {
  test(`${file} gives what PyTorch gives`, () => {
    const n = network(`${file}.net`);
    const golden = readJSON(`${file}.json`) as Golden[];
    for (const g of [...golden, ...golden]) { // twice: what a longer window leaves behind must not show
      const got = run(n, g);
      assert.equal(got.length, g.embedding.length, `${g.name}: dimensions`);
      g.embedding.forEach((want, i) => {
        assert(Math.abs(got[i]! - want) <= 1e-4, `${g.name}, dimension ${i}: got ${got[i]}, want ${want}`);
      });
    }
  });
}

test('an empty window is zeros, also after another one', () => {
  const n = network();
  n.keyboard([stroke([0, 90, 1])]);
  assert(n.keyboard([]).every((v) => v === 0));
});

test('events beyond the longest window are left out', () => {
  const long = Array.from({ length: MaxEvents + 50 }, (_, i) => stroke([i * 200, i * 200 + 60 + (i % 7) * 9, i % 9]));
  const whole = Array.from(network().keyboard(long));
  assert.deepEqual(Array.from(network().keyboard(long.slice(0, MaxEvents))), whole);
});

test('any window gives a finite unit vector', () => {
  const keyboard = network('internal/embed/network/testdata/members.net');
  const pointer = network('internal/embed/network/testdata/members-pointer.net');
  const random = seeded(9);
  const odd = [NaN, Infinity, -Infinity, 0, -0, 1e300, -1e300, 1e-300];
  const number = () => (random() < 0.2 ? odd[Math.floor(random() * odd.length)]! : (random() - 0.3) * 10 ** (random() * 8));
  for (let i = 0; i < 300; i++) {
    const length = 1 + Math.floor(random() * (i % 10 === 0 ? 300 : 40));
    const rows = Array.from({ length }, () => [number(), number(), number(), random() < 0.5 ? number() : Math.floor(random() * 4)]);
    checkUnit(keyboard.keyboard(rows.map(stroke)), `strokes ${i}`);
    checkUnit(pointer.pointer(rows.map(pointerEvent)), `events ${i}`);
  }
});

function checksum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const b of bytes) {
    sum ^= b;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

/** Gives the file a checksum that fits, so that what lies behind it is reached. */
function resealed(bytes: Uint8Array): ArrayBuffer {
  const out = new Uint8Array(bytes);
  new DataView(out.buffer).setUint32(out.length - 4, checksum(out.subarray(0, -4)), true);
  return out.buffer;
}

function withByte(at: number, value: number): ArrayBuffer {
  const bytes = new Uint8Array(readBytes(small));
  bytes[at < 0 ? bytes.length + at : at] = value;
  return resealed(bytes);
}

function withFloat(before: number, value: number): ArrayBuffer {
  const bytes = new Uint8Array(readBytes(small));
  new DataView(bytes.buffer).setFloat32(bytes.length - 4 - before, value, true);
  return resealed(bytes);
}

/** The header with text replaced by text of the same length. */
function withHeader(old: string, now: string): ArrayBuffer {
  const bytes = new Uint8Array(readBytes(small));
  const text = Array.from(bytes, (b) => String.fromCharCode(b)).join('');
  const at = text.indexOf(old);
  assert(at > 0 && old.length === now.length, `${old} and ${now}`);
  for (let i = 0; i < now.length; i++) bytes[at + i] = now.charCodeAt(i);
  return resealed(bytes);
}

test('files that are no weights are refused, with the reason', () => {
  const good = new Uint8Array(readBytes(small));
  const flipped = new Uint8Array(good);
  flipped[flipped.length - 40]! ^= 1;
  const cases: [string, ArrayBuffer, RegExp][] = [
    ['empty', new ArrayBuffer(0), /does not begin/],
    ['a web page', new TextEncoder().encode('<!doctype html><title>Sign in</title>').buffer, /does not begin/],
    ['only its beginning', good.slice(0, 9).buffer, /does not begin/],
    ['cut', good.slice(0, good.length >> 1).buffer, /cut or changed/],
    ['one byte short', good.slice(0, -1).buffer, /cut or changed/],
    ['one bit changed', flipped.buffer, /cut or changed/],
    ['another version', withByte(8, 1), /format version 1; want 2/],
    ['endless header', withByte(12, 127), /header would be/],
    ['a header that is no JSON', withByte(13, 0), /not JSON/],
    ['a weight less', resealed(good.slice(0, -1)), /bytes of weights/],
    ['not a number', withFloat(4, NaN), /not finite/],
    ['infinite', withFloat(100, Infinity), /not finite/],
    ['too large', withFloat(100, 65504), /within ±256/],
    ['a step that is not a number', withFloat(132, NaN), /not finite/],
    ['a step below zero', withFloat(256, -1), /not finite or not within/],
    ['steps that go too far', withFloat(132, 255), /within ±256/],
    ['another kind', withHeader('"keyboard"', '"pianokey"'), /kind is "pianokey"/],
    ['a kind of every object', withHeader('"kind": "keyboard"', '"kind": "toString"'), /kind is "toString"/],
    ['without a name', withHeader('"name": "test-1"', '"name": ""      '), /name is empty/],
    ['members of no kind', withHeader('"members": [{', '"membres": [{'), /members are not a list/],
    ['wrong inputs', withHeader('"inputs": 15', '"inputs": 14'), /inputs is 14/],
    ['wrong shape', withHeader('"channels": 16', '"channels": 20'), /bytes of weights/],
    ['no multiple of four', withHeader('"wide": 16', '"wide": 18'), /wide is 18/],
    ['heads that do not divide', withHeader('"heads": 4,', '"heads":12,'), /heads is 12/],
    ['an even kernel', withHeader('"kernel": 5', '"kernel": 4'), /kernel is 4/],
    ['half a block', withHeader('"blocks": 2', '"blocks":.2'), /not JSON/],
    ['no blocks named', withHeader('"blocks": 2', '"blokcs": 2'), /blocks is undefined/],
    ['too large a network', withHeader('"channels": 16', '"channels":512'), /at most 250000/],
  ];
  for (const [name, file, says] of cases) assert.throws(() => parseWeights(file), says, name);
});

test('any change of a file gives an error or a network that stays finite', () => {
  const random = seeded(4);
  const window = Array.from({ length: 20 }, (_, i) => stroke([i * 180, i * 180 + 90, i % 9]));
  let usable = 0;
  for (let i = 0; i < 2_000; i++) {
    const bytes = new Uint8Array(readBytes(small));
    for (let k = Math.floor(random() * 3); k >= 0; k--) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    let n: Network;
    try {
      n = new Network(parseWeights(resealed(bytes)));
    } catch (thrown) {
      assert(thrown instanceof Error && thrown.message.startsWith('unusable weights: '), `try ${i}: ${String(thrown)}`);
      continue;
    }
    usable++;
    const e = n.keyboard(window);
    if (e.some((v) => v !== 0)) checkUnit(e, `try ${i}`);
  }
  assert(usable > 100, `only ${usable} usable`);
});
