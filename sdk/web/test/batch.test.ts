import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Move, Press } from '../src/event.ts';
import { Batch, MostWaiting } from '../src/batch.ts';
import {
  LostRecord, OfKeys, OfPointer, OfTouch, PhraseUntrusted, PointerRecord, ThinnedRecord, Trusted, UntrustedRecord, keyRecord,
  lostRecord, phraseRecord, pointerRecord, readPointer, readThinned, recordsIn, shifted, untrustedRecord,
} from '../src/record.ts';
import { PointerCutter, type PointerWindow } from '../src/pointerwindow.ts';
import { seeded } from './random.ts';

const key = (timeMS: number) => keyRecord({ timeMS, keyClass: 1, down: true, repeat: false, trusted: true });
const move = (timeMS: number) => [PointerRecord, timeMS, 0, 4, 1, 2, 0, 0, 0];
type Row = readonly [timeMS: number, kind: number, x: number, y: number, trusted: boolean];

/** Takes events as the listeners do, so many at a time, with other records between now and then. */
function taken(b: Batch, events: readonly Row[], at: (i: number) => boolean, post: () => void): void {
  events.forEach(([timeMS, kind, x, y, trusted], i) => {
    const flags = trusted ? Trusted : 0;
    const next = events[i + 1];
    const together = next?.[1] === Move && kind === Move && next[4] === trusted && i % 16 < 15;
    if (!together || !b.thin(timeMS, next[0], flags)) b.point(timeMS, kind, flags, x, y, 0, 0, 0);
    if (at(i)) b.put(key(timeMS));
    if (at(i + 1)) post();
  });
}

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

test('what the page thins and the worker thins on is what the worker alone would have left', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seeded(seed);
    const events: Row[] = [];
    let timeMS = 1000;
    for (let i = 0; i < 2000; i++) {
      timeMS += random() < 0.02 ? 40 * random() : [0.125, 1, 2, 4, 8][seed % 5]! * (0.9 + 0.2 * random());
      const kind = random() < 0.01 ? Press + Math.floor(3 * random()) : Move;
      events.push([timeMS, kind, Math.floor(100 * random()), i, seed % 3 > 0 || random() < 0.9]);
    }
    const direct = new PointerCutter();
    const want = events.flatMap(([timeMS, kind, x, y, trusted]) =>
      direct.push({ timeMS, kind, x, y, button: 0, wheelX: 0, wheelY: 0, trusted }));
    want.push(...direct.flush());

    const b = new Batch();
    const cutter = new PointerCutter();
    const got: PointerWindow[] = [];
    let rows = 0;
    const post = () => {
      for (const r of recordsIn(b.drain())) {
        rows++;
        const moves = readThinned(r);
        if (moves) cutter.thinned(moves.timesMS, moves.trusted);
        const e = readPointer(r);
        if (e) got.push(...cutter.push(e));
      }
    };
    taken(b, events, () => random() < 0.003, post);
    post();
    got.push(...cutter.flush());
    assert.deepEqual(got, want, `seed ${seed}`);
    if (seed % 15 === 1) assert(rows < 800, `${rows} records of 2000 events of a mouse of 1,000 Hz, want 800 at most`);
  }
});

test('a flood of moves that are thinned out is counted by the move', () => {
  const b = new Batch();
  const events = 20 * MostWaiting;
  for (let i = 0; i < events; i++) b.point(i / 8, Move, Trusted, i, i, 0, 0, 0);
  let came = 0;
  for (const r of recordsIn(b.drain())) {
    if (r[0] === LostRecord) came += r[3]!;
    else came += readThinned(r)?.timesMS.length ?? 1;
  }
  assert.equal(came, events);
});

test('a record of moves that were thinned out holds as many times as it says, and no more than it can', () => {
  for (const [count, want] of [[-1, 0], [0, 0], [3, 3], [7, 7], [900, 7], [2.125, 2]] as const) {
    const r = [ThinnedRecord, 1, Trusted + 8 * count, 2, 3, 4, 5, 6, 7];
    assert.deepEqual(readThinned(r)?.timesMS ?? [], [1, 2, 3, 4, 5, 6, 7].slice(0, want), `${count}`);
    const later = shifted(r, 100);
    assert.deepEqual(later[2], r[2], 'the count is no time');
    assert.deepEqual(readThinned(later)?.timesMS ?? [], [101, 102, 103, 104, 105, 106, 107].slice(0, want), `${count}, shifted`);
  }
  assert.equal(readThinned([ThinnedRecord, 1, 12]), undefined);
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
