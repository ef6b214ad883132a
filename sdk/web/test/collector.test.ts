import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collector } from '../src/collector.ts';
import { Blur, Move } from '../src/event.ts';
import { keyRecord, markRecord, pointerRecord, untrustedRecord, OfKeys } from '../src/record.ts';
import type { Observation } from '../src/observation.ts';
import { models, standards } from './repository.ts';

const weights = standards();

function collector(acceptSimulated = false): Collector {
  return new Collector({ deviceClass: 'desktop', acceptSimulated, models: models() });
}

function typing(strokes: number, trusted: boolean): number[][] {
  return Array.from({ length: strokes }, (_, i) => [
    [...keyRecord({ timeMS: i * 150, keyClass: i % 2, down: true, repeat: false, trusted })],
    [...keyRecord({ timeMS: i * 150 + 80, keyClass: i % 2, down: false, repeat: false, trusted })],
  ]).flat();
}

const now = { eventMS: 10_000, unixMS: 1_700_000_010_000 };

test('thirty strokes become one observation, its start told in Unix time', () => {
  const [o, ...more] = collector().take(typing(30, true), now);
  assert.equal(more.length, 0);
  assert.equal(o?.startMS, 1_700_000_000_000);
  assert.equal(o?.durationMS, 29 * 150 + 80);
  assert.equal(o?.events, 30);
  assert.equal(o?.liveness.untrustedShare, 0);
  assert.equal(o?.quality.includes('simulated'), false);
});

test('untrusted events are counted and otherwise ignored, wherever they are filtered', () => {
  const c = collector();
  assert.deepEqual(c.take(typing(60, false), now), []);
  c.take([untrustedRecord(0, OfKeys)], now);
  const [o] = c.take(typing(30, true), now);
  assert.equal(o?.liveness.untrustedShare, 1); // 121 of them on top of 60 events
  assert.equal(o?.quality.includes('simulated'), false);
});

test('where the page accepts simulated events they are behaviour, and what holds any of them says so', () => {
  const [o] = collector(true).take(typing(30, false), now);
  assert.equal(o?.liveness.untrustedShare, 1);
  assert(o?.quality.includes('simulated'));
  assert.equal(collector(true).take(typing(30, true), now)[0]?.quality.includes('simulated'), false);
});

test('a pause ends a window when it is over, not only at the next event', () => {
  const c = collector();
  assert.deepEqual(c.take(typing(20, true), now), []);
  assert.deepEqual(c.take([], { eventMS: 33_000, unixMS: now.unixMS }), []);
  const [o] = c.take([], { eventMS: 34_500, unixMS: now.unixMS + 24_500 });
  assert.equal(o?.events, 20);
  assert.equal(o?.startMS, 1_700_000_000_000);
  assert(o?.quality.includes('short_window'));
  assert.deepEqual(c.take([], { eventMS: 99_000, unixMS: now.unixMS }), []);
});

test('pointer movement becomes an observation of its own', () => {
  const records = Array.from({ length: 128 }, (_, i) =>
    pointerRecord({ timeMS: i * 8, kind: Move, x: i * 2, y: i, button: 0, wheelX: 0, wheelY: 0, trusted: true }));
  const [o] = collector().take(records, now);
  assert.equal(o?.modality, 'pointer');
  assert.equal(o?.featureList, 'pointer-1');
  assert.equal(o?.embedding.length, weights.pointer.length);
});

test('garbage at the port changes nothing', () => {
  const c = collector();
  const garbage: unknown[] = [
    null, undefined, 7, 'KeyA', {}, [], [0], ['0', 1, 2, 3], [0, 1], [1, 2, 3], [9, 9, 9], [1, 0, 7, 0, 0, 0, 0, 0, 0],
    [0, NaN, 1, 1], [0, 1, 99, 1], [2, 0, 9], Array(50).fill(0), [0, 1, 2, 3, 'a'], new Map(),
  ];
  const out: Observation[] = c.take([...garbage, ...typing(30, true), markRecord(0, Blur)], now);
  assert.equal(out.length, 1);
  assert.equal(out[0]?.events, 30);
});
