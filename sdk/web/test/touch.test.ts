// What strokes of fingers come to, and the networks of touch: the same as Go and PyTorch give, from the same files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noMarks } from '../src/marks.ts';
import { MaxEvents } from '../src/network.ts';
import { parseWeights } from '../src/networkweights.ts';
import { TouchNetwork } from '../src/touchnetwork.ts';
import { contactsOf, holdOf, type Contact, type Hold } from '../src/touchpath.ts';
import type { Axes, Motion, TouchStroke, TouchWindow } from '../src/touchwindow.ts';
import { seeded } from './random.ts';
import { list, readBytes, readJSON } from './repository.ts';

interface GoldenPass {
  name: string;
  contacts: number[][];
  embedding: number[];
}

/** A file of testdata/golden/touches: names within are Go's. */
interface GoldenWindow {
  strokes: unknown;
  motions: unknown;
  contacts: unknown;
  hold: unknown;
  embedding: number[];
}

const folders = ['internal/embed/network/testdata', 'internal/embed/networks'];
const files = folders.flatMap((f) => list(f).filter((n) => n.endsWith('.net') && n.includes('touch')).map((n) => `${f}/${n.slice(0, -4)}`));
const windows = 'testdata/golden/touches';

function network(path = 'internal/embed/network/testdata/small-touch'): TouchNetwork {
  return new TouchNetwork(parseWeights(readBytes(`${path}.net`)));
}

/** Names as TypeScript has them: StartMS becomes startMS, DX becomes dx. Go writes a list of nothing as null. */
function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (value === null || typeof value !== 'object') return value ?? [];
  const name = (n: string) => (n === 'DX' || n === 'DY' ? n.toLowerCase() : n[0]!.toLowerCase() + n.slice(1));
  return Object.fromEntries(Object.entries(value).map(([n, v]) => [name(n), renamed(v)]));
}

/** As train/touch_golden.py orders the columns. */
function contactOf(row: readonly number[], i: number): Contact {
  const v = (k: number) => row[k] ?? NaN;
  return {
    first: i === 0, pauseMS: v(0), intervalMS: v(1), durationMS: v(2), others: v(3), continued: v(4) !== 0, lifted: v(5) !== 0,
    drawn: v(6) !== 0, lengthPX: v(7), chordPX: 0, dx: v(8), dy: v(9), speed: v(10), peak: v(11), peakShare: v(12), onset: v(13),
    tail: v(14), turn: v(15), signedTurn: v(16), bowPX: v(17), tremorPX: 0, radiusPX: v(18), radiusRise: v(19),
    radiusSpread: v(20), pressure: v(21), pressureMax: v(22), pressureRise: v(23),
  };
}

function heldAs(row: readonly number[]): Hold {
  const [readings = NaN, x = NaN, y = NaN, z = NaN] = row.slice(24);
  return { readings, tilt: [x, y, z], sway: 0, tremor: 0, rotations: 0, rotation: 0 };
}

function checkEqual(got: Float32Array, want: readonly number[], at: string): void {
  assert.equal(got.length, want.length, `${at}: dimensions`);
  want.forEach((v, i) => assert(Math.abs(got[i]! - v) <= 1e-4, `${at}, dimension ${i}: got ${got[i]}, want ${v}`));
}

function checkNear(got: unknown, want: unknown, at: string): void {
  if (typeof want === 'number' && typeof got === 'number') {
    assert(Math.abs(got - want) <= 1e-9 + 1e-9 * Math.abs(want), `${at}: got ${got}, want ${want}`);
  } else if (want !== null && typeof want === 'object') {
    assert.deepEqual(Object.keys(got as object).sort(), Object.keys(want).sort(), at);
    for (const [n, v] of Object.entries(want)) checkNear((got as Record<string, unknown>)[n], v, `${at}.${n}`);
  } else {
    assert.equal(got, want, at);
  }
}

function checkUnit(e: Float32Array, at: string): void {
  const length = Math.sqrt(e.reduce((sum, v) => sum + v * v, 0));
  assert(Math.abs(length - 1) < 1e-5, `${at}: the length is ${length}, want 1`);
}

/** Taps and strokes in turn. */
function touched(strokes: number): TouchWindow {
  const all = Array.from({ length: strokes }, (_, i): TouchStroke => {
    const startMS = 300 * i;
    const points = Array.from({ length: 1 + 9 * (i % 2) }, (_, k) => (
      { timeMS: startMS + 9 * k, dx: 4 * k, dy: k * k, radiusPX: 10 + (i % 3), pressure: 0.2 }
    ));
    return { startMS, endMS: startMS + 90, points, others: 0, continued: false, lifted: true };
  });
  const motions = all.map((s, i): Motion => ({ timeMS: s.startMS, acceleration: [1, 5, 8 + (i % 2)], rotation: [0, 0, 0] }));
  return { strokes: all, motions, marks: noMarks() };
}

test('there are a small and a trained network of touch', () => {
  assert(files.length >= 2, `got ${files.length} networks, want two at least`);
  for (const f of files) assert.equal(network(f).kind, 'touch', f);
});

for (const file of files) {
  test(`${file} gives what PyTorch gives`, () => {
    const n = network(file);
    const golden = readJSON(`${file}.json`) as GoldenPass[];
    for (const g of [...golden, ...golden]) { // twice: what a longer window leaves behind must not show
      checkEqual(n.contacts(g.contacts.map(contactOf), heldAs(g.contacts.at(-1) ?? [])), g.embedding, g.name);
    }
  });
}

test('windows come to what they come to in Go', () => {
  const names = list(windows);
  assert(names.length >= 6, `${names.length} files in ${windows}, want six at least`);
  const n = network();
  for (const name of [...names, ...names]) {
    const g = readJSON(`${windows}/${name}`) as GoldenWindow;
    const w: TouchWindow = { strokes: renamed(g.strokes) as TouchStroke[], motions: renamed(g.motions) as Motion[], marks: noMarks() };
    checkNear(contactsOf(w.strokes), renamed(g.contacts), `${name} contacts`);
    checkNear(holdOf(w.motions), renamed(g.hold), `${name} hold`);
    checkEqual(n.touch(w), g.embedding, name);
  }
});

test('an empty window of touch is zeros, also after another one', () => {
  const n = network();
  checkUnit(n.touch(touched(20)), 'before');
  assert(n.touch(touched(0)).every((v) => v === 0));
});

test('strokes beyond the longest window are left out', () => {
  const long = touched(MaxEvents + 50);
  const whole = Array.from(network().touch(long));
  checkUnit(Float32Array.from(whole), 'the longest window');
  assert.deepEqual(Array.from(network().touch({ ...long, strokes: long.strokes.slice(0, MaxEvents) })), whole);
});

test('which reading of motion fell on which tap does not show', () => {
  const w = touched(20);
  const swapped = [...w.motions];
  [swapped[2], swapped[9]] = [swapped[9]!, swapped[2]!];
  checkEqual(network().touch({ ...w, motions: swapped }), Array.from(network().touch(w)), 'swapped');
});

test('any window of touch gives a finite unit vector', () => {
  const n = network();
  const random = seeded(11);
  const odd = [NaN, Infinity, -Infinity, 0, -0, 1e300, -1e300, 1e-300];
  const number = () => (random() < 0.2 ? odd[Math.floor(random() * odd.length)]! : (random() - 0.3) * 10 ** (random() * 8));
  const axes = (): Axes => [number(), number(), number()];
  for (let i = 0; i < 300; i++) {
    const strokes = Array.from({ length: 1 + Math.floor(random() * (i % 10 === 0 ? 300 : 30)) }, (): TouchStroke => ({
      startMS: number(), endMS: number(), others: number(), continued: random() < 0.5, lifted: random() < 0.5,
      points: Array.from({ length: Math.floor(random() * 13) }, () => (
        { timeMS: number(), dx: number(), dy: number(), radiusPX: number(), pressure: number() }
      )),
    }));
    const motions = Array.from({ length: Math.floor(random() * 5) }, (): Motion => ({ timeMS: number(), acceleration: axes(), rotation: axes() }));
    checkUnit(n.touch({ strokes, motions, marks: noMarks() }), `window ${i}`);
  }
});
