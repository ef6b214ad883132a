import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collector } from '../src/collector.ts';
import { Models } from '../src/models.ts';
import { keyRecord } from '../src/record.ts';
import { models, readBytes, readJSON } from './repository.ts';

const file = () => readBytes('internal/embed/networks/rhythm-2.net');

/** Gives the models and bytes by which thirty strokes are embedded. */
function embedded(m: Models): { model: string; bytes: number }[] {
  const records = Array.from({ length: 30 }, (_, i) => [
    keyRecord({ timeMS: i * 150, keyClass: i % 2, down: true, repeat: false, trusted: true }),
    keyRecord({ timeMS: i * 150 + 80, keyClass: i % 2, down: false, repeat: false, trusted: true }),
  ]).flat();
  const collector = new Collector({ deviceClass: 'desktop', acceptSimulated: false, models: m });
  return collector.take(records, { eventMS: 1, unixMS: 1 }).map((o) => ({ model: o.model, bytes: o.embedding.length }));
}

const plain = { model: 'features-1', bytes: embedded(models())[0]!.bytes };
const learned = { model: 'rhythm-2', bytes: 64 };

test('the plain model measures until the wanted network is there', () => {
  const m = models();
  assert.deepEqual(embedded(m), [plain]);
  m.want({ keyboard: ['rhythm-2'] });
  assert.deepEqual(embedded(m), [plain]);
  m.add('rhythm-2', file());
  assert.deepEqual(embedded(m), [learned]);
  m.want({});
  assert.deepEqual(embedded(m), [plain]);
});

test('during a transition a window gives an observation of each model', () => {
  const m = models();
  m.want({ keyboard: ['features-1', 'rhythm-2'] });
  assert.deepEqual(embedded(m), [plain]);
  m.add('rhythm-2', file());
  assert.deepEqual(embedded(m), [plain, learned]);
});

test('a network of another modality or under another name is not taken', () => {
  const m = models();
  m.add('rhythm-2', file());
  m.want({ pointer: ['rhythm-2'], keyboard: ['rhythm-9'] });
  assert.deepEqual(embedded(m), [plain]);
  assert.throws(() => m.add('rhythm-9', file()), /say that they are those of rhythm-2/);
  assert.throws(() => m.add('rhythm-2', new ArrayBuffer(3)), /does not begin/);
});

test('learned vectors become bytes as in Go', () => {
  const m = models();
  m.want({ keyboard: ['rhythm-2'] });
  m.add('rhythm-2', file());
  const golden = readJSON('internal/embed/networks/rhythm-2.json') as { name: string; strokes: number[][]; embedding: number[] }[];
  const usual = golden.find((g) => g.name === 'usual');
  assert(usual);
  const strokes = usual.strokes.map(([pressMS = 0, releaseMS = 0, keyClass = 0]) => ({ pressMS, releaseMS, keyClass }));
  const [o] = m.keyboard({ strokes, marks: { untrusted: 0, repeats: 0, lost: 0, pastes: 0, compositions: 0 } });
  usual.embedding.forEach((v, i) => {
    const want = Math.max(-127, Math.min(127, v * 254));
    assert(Math.abs((o?.embedding[i] ?? NaN) - want) <= 0.52, `dimension ${i}: ${o?.embedding[i]}, want ${want} rounded`);
  });
});
