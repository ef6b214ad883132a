// The same windows, features, embeddings, liveness measures and flags as Go gives, from the same files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embedKeyboard, embedPointer } from '../src/embed.ts';
import { keyboardFeatures, pointerFeatures } from '../src/feature.ts';
import { KeyboardCutter, type KeyboardWindow } from '../src/keyboardwindow.ts';
import { keyboardLiveness, pointerLiveness } from '../src/liveness.ts';
import type { Marks } from '../src/marks.ts';
import { base64, type Liveness } from '../src/observation.ts';
import { PointerCutter, type PointerWindow } from '../src/pointerwindow.ts';
import { keyboardFlags, pointerFlags } from '../src/quality.ts';
import { list, readJSON, standards } from './repository.ts';

interface GoldenWindow {
  modality: string;
  strokes?: number[][];
  events: number;
  thinned?: number;
  marks: { Untrusted: number; Repeats: number; Lost: number; Pastes: number; Compositions: number };
  features: number[];
  embedding: string;
  liveness: Liveness;
  quality: string[];
}

interface Golden {
  name: string;
  items: { key?: number[]; pointer?: number[]; mark?: number[] }[];
  windows: GoldenWindow[];
}

const weights = standards();

function marksOf(m: Marks): GoldenWindow['marks'] {
  return { Untrusted: m.untrusted, Repeats: m.repeats, Lost: m.lost, Pastes: m.pastes, Compositions: m.compositions };
}

function ofKeyboard(w: KeyboardWindow): GoldenWindow {
  const liveness = keyboardLiveness(w);
  return {
    modality: 'keyboard',
    strokes: w.strokes.map((s) => [s.pressMS, s.releaseMS, s.keyClass]),
    events: w.strokes.length,
    marks: marksOf(w.marks),
    features: keyboardFeatures(w),
    embedding: base64(embedKeyboard(w, weights)),
    liveness,
    quality: keyboardFlags(w, liveness, false),
  };
}

function ofPointer(w: PointerWindow): GoldenWindow {
  const liveness = pointerLiveness(w);
  return {
    modality: 'pointer',
    events: w.events.length,
    thinned: w.thinned,
    marks: marksOf(w.marks),
    features: pointerFeatures(w),
    embedding: base64(embedPointer(w, weights)),
    liveness,
    quality: pointerFlags(w, liveness, true),
  };
}

function run(items: Golden['items']): GoldenWindow[] {
  const keyboard = new KeyboardCutter();
  const pointer = new PointerCutter();
  const out: GoldenWindow[] = [];
  for (const item of items) {
    if (item.key) {
      const [timeMS = NaN, keyClass = NaN, down, repeat, trusted] = item.key;
      const e = { timeMS, keyClass, down: down === 1, repeat: repeat === 1, trusted: trusted === 1 };
      out.push(...keyboard.push(e).map(ofKeyboard));
    } else if (item.pointer) {
      const [timeMS = NaN, kind = NaN, x = NaN, y = NaN, button = 0, wheelX = NaN, wheelY = NaN, trusted] = item.pointer;
      out.push(...pointer.push({ timeMS, kind, x, y, button, wheelX, wheelY, trusted: trusted === 1 }).map(ofPointer));
    } else if (item.mark) {
      keyboard.mark(item.mark[1] ?? NaN);
    }
  }
  return [...out, ...keyboard.flush().map(ofKeyboard), ...pointer.flush().map(ofPointer)];
}

function near(got: number, want: number, what: string): void {
  const apart = Math.abs(got - want);
  assert(apart <= 1e-9 * Math.max(Math.abs(got), Math.abs(want)) || apart <= 1e-12, `${what}: got ${got}, want ${want}`);
}

const files = list('testdata/golden').filter((name) => name.endsWith('.json'));

test('there are golden vectors of both modalities', () => {
  const modalities = files.flatMap((f) => (readJSON(`testdata/golden/${f}`) as Golden).windows.map((w) => w.modality));
  assert(files.length >= 5 && modalities.includes('keyboard') && modalities.includes('pointer'), `only ${files.join(' ')}`);
});

for (const name of files) {
  test(`${name} gives what Go gives`, () => {
    const golden = readJSON(`testdata/golden/${name}`) as Golden;
    const got = run(golden.items);
    assert.equal(got.length, golden.windows.length, 'number of windows');
    golden.windows.forEach((want, i) => {
      const have = got[i];
      assert(have);
      const at = `${name} window ${i}`;
      assert.equal(have.modality, want.modality, `${at}: modality`);
      assert.deepEqual(have.strokes, want.strokes, `${at}: strokes`);
      assert.equal(have.events, want.events, `${at}: events`);
      assert.equal(have.thinned ?? 0, want.thinned ?? 0, `${at}: moves thinned out`);
      assert.deepEqual(have.marks, want.marks, `${at}: marks`);
      assert.equal(have.features.length, want.features.length, `${at}: number of features`);
      want.features.forEach((f, j) => near(have.features[j] ?? NaN, f, `${at} feature ${j}`));
      assert.equal(have.embedding, want.embedding, `${at}: embedding`);
      for (const key of ['untrustedShare', 'timestampQuantumMS', 'repeatShare', 'pastes'] as const) {
        near(have.liveness[key], want.liveness[key], `${at} ${key}`);
      }
      assert.equal(have.liveness.measureList, want.liveness.measureList, `${at}: list of measures`);
      const measures = want.liveness.measures ?? [];
      assert.equal(have.liveness.measures?.length ?? 0, measures.length, `${at}: number of measures`);
      measures.forEach((m, j) => near(have.liveness.measures?.[j] ?? NaN, m, `${at} measure ${j}`));
      assert.deepEqual(have.quality, want.quality, `${at}: quality`);
    });
  });
}
