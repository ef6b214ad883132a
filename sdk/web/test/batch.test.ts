import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Move } from '../src/event.ts';
import { Batch, MostWaiting } from '../src/batch.ts';
import {
  LostRecord, OfKeys, OfPointer, OfTouch, PhraseUntrusted, PointerRecord, Trusted, UntrustedRecord, keyRecord, lostRecord,
  phraseRecord, pointerRecord, recordsIn, untrustedRecord,
} from '../src/record.ts';

const key = (timeMS: number) => keyRecord({ timeMS, keyClass: 1, down: true, repeat: false, trusted: true });
const move = (timeMS: number) => [PointerRecord, timeMS, 0, 4, 1, 2, 0, 0, 0];

test('records come out in the order in which they went in, once', () => {
  const b = new Batch();
  assert.equal(b.drain(), undefined);
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 1500; i++) b.put(key(i));
    const out = recordsIn(b.drain());
    assert.deepEqual(out.map((r) => r[1]), Array.from({ length: 1500 }, (_, i) => i));
    assert.equal(b.drain(), undefined);
  }
});

test('a flood pushes out the oldest, which are counted by what they were of', () => {
  const b = new Batch();
  for (let i = 0; i < 3; i++) b.put(key(i));
  for (let i = 0; i < MostWaiting + 40; i++) b.put(move(10 + i));
  const [keys, pointer, ...rest] = recordsIn(b.drain());
  assert.deepEqual(keys?.slice(0, 4), [LostRecord, 0, OfKeys, 3]);
  assert.deepEqual(pointer?.slice(0, 4), [LostRecord, 0, OfPointer, 40]);
  assert.equal(rest.length, MostWaiting);
  assert.equal(rest[0]?.[1], 50);
  assert.equal(rest.at(-1)?.[1], 10 + MostWaiting + 39);
  b.put(key(1));
  assert.equal(recordsIn(b.drain()).length, 1, 'the counts begin anew');
});

test('a point is taken as its record is', () => {
  const b = new Batch();
  b.point(12.5, Move, Trusted, 3, 4, 0, 5, -6);
  b.put(pointerRecord({ timeMS: 12.5, kind: Move, x: 3, y: 4, button: 0, wheelX: 5, wheelY: -6, trusted: true }));
  const [one, other] = recordsIn(b.drain());
  assert.deepEqual(one, other);
});

test('events that software made push out nothing', () => {
  const b = new Batch();
  b.put(key(7));
  for (let i = 0; i < 100_000; i++) {
    b.put(untrustedRecord(i, i % 2));
    b.put(phraseRecord(i, PhraseUntrusted));
    b.put(lostRecord(i, OfTouch));
    b.put(untrustedRecord(i, 99)); // of nothing that there is
  }
  const out = recordsIn(b.drain());
  assert.deepEqual(out.map((r) => r.slice(0, 4)), [
    [UntrustedRecord, 0, OfKeys, 50_000], [UntrustedRecord, 0, OfPointer, 50_000], [LostRecord, 0, OfTouch, 100_000],
    [...key(7)], [...phraseRecord(0, PhraseUntrusted)].slice(0, 4),
  ]);
});

test('what is no batch holds no record', () => {
  for (const garbage of [undefined, null, [], [[0, 1, 0, 5]], {}, 'x', new Float32Array(9), new Float64Array(8), new ArrayBuffer(72)]) {
    assert.deepEqual(recordsIn(garbage), []);
  }
  assert(recordsIn(new Float64Array(9 * 100_000)).length <= 8192);
});
