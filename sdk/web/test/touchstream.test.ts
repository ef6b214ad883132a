// Touch events give the same windows, features, embeddings, liveness measures and flags as in Go, from the same files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embedTouch } from '../src/embed.ts';
import { touchLiveness } from '../src/liveness.ts';
import { base64, type Liveness } from '../src/observation.ts';
import { touchFlags } from '../src/quality.ts';
import { TouchCutter } from '../src/touchcutter.ts';
import { touchFeatures } from '../src/touchfeature.ts';
import type { Axes, TouchWindow } from '../src/touchwindow.ts';
import { list, readJSON, standards } from './repository.ts';

interface GoldenStream {
  items: { touch?: number[]; motion?: number[] }[];
  windows: {
    strokes: { StartMS: number; EndMS: number; Points: Record<string, number>[]; Others: number; Continued: boolean; Lifted: boolean }[];
    motions: number;
    marks: { Untrusted: number; Repeats: number; Lost: number; Pastes: number; Compositions: number };
    features: number[];
    embedding: string;
    liveness: Liveness;
    quality: string[];
  }[];
}

const folder = 'testdata/golden/touchstreams';
const weights = standards();

function cut(items: GoldenStream['items']): TouchWindow[] {
  const cutter = new TouchCutter();
  const out: TouchWindow[] = [];
  for (const { touch, motion } of items) {
    if (motion) {
      const [timeMS = NaN, ...axes] = motion;
      cutter.motion({ timeMS, acceleration: axes.slice(0, 3) as unknown as Axes, rotation: axes.slice(3) as unknown as Axes });
    } else if (touch) {
      const [timeMS = NaN, kind = NaN, contact = NaN, x = NaN, y = NaN, radiusPX = NaN, pressure = NaN, trusted] = touch;
      out.push(...cutter.push({ timeMS, kind, contact, x, y, radiusPX, pressure, trusted: trusted === 1 }));
    }
  }
  return [...out, ...cutter.flush()];
}

function near(got: number, want: number, what: string): void {
  const apart = Math.abs(got - want);
  assert(apart <= 1e-9 * Math.max(Math.abs(got), Math.abs(want)) || apart <= 1e-12, `${what}: got ${got}, want ${want}`);
}

const names = list(folder);

test('there are golden streams of touch', () => assert(names.length >= 5, `only ${names.join(' ')}`));

for (const name of names) {
  test(`${name} gives what Go gives`, () => {
    const golden = readJSON(`${folder}/${name}`) as GoldenStream;
    const got = cut(golden.items);
    assert.equal(got.length, golden.windows.length, 'number of windows');
    golden.windows.forEach((want, i) => {
      const w = got[i]!;
      const at = `${name} window ${i}`;
      const strokes = w.strokes.map((s) => ({
        StartMS: s.startMS, EndMS: s.endMS, Others: s.others, Continued: s.continued, Lifted: s.lifted,
        Points: s.points.map((p) => ({ TimeMS: p.timeMS, DX: p.dx, DY: p.dy, RadiusPX: p.radiusPX, Pressure: p.pressure })),
      }));
      assert.deepEqual(strokes, want.strokes, `${at}: strokes`);
      assert.equal(w.motions.length, want.motions, `${at}: motions`);
      const { untrusted, repeats, lost, pastes, compositions } = w.marks;
      assert.deepEqual({ Untrusted: untrusted, Repeats: repeats, Lost: lost, Pastes: pastes, Compositions: compositions }, want.marks, `${at}: marks`);
      const features = touchFeatures(w);
      assert.equal(features.length, want.features.length, `${at}: number of features`);
      want.features.forEach((f, j) => near(features[j]!, f, `${at} feature ${j}`));
      assert.equal(base64(embedTouch(w, weights)), want.embedding, `${at}: embedding`);
      const liveness = touchLiveness(w);
      for (const key of ['untrustedShare', 'timestampQuantumMS', 'repeatShare', 'pastes'] as const) {
        near(liveness[key], want.liveness[key], `${at} ${key}`);
      }
      assert.deepEqual(touchFlags(w, liveness, false), want.quality, `${at}: quality`);
    });
  });
}

test('lost touches make the answer cannot tell', () => {
  const cutter = new TouchCutter();
  const w = Array.from({ length: 20 }, (_, i) => {
    const e = { timeMS: 300 * i, kind: 0, contact: 1, x: 5, y: 5, radiusPX: 10, pressure: 0.3, trusted: true };
    if (i === 7) cutter.markLost(5);
    return [...cutter.push(e), ...cutter.push({ ...e, timeMS: 300 * i + 80, kind: 2 })];
  }).flat()[0]!;
  assert.deepEqual(touchFlags(w, touchLiveness(w), false), ['lost_events']);
});
