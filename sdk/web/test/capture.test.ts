// What the listeners take of events and what they leave out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Capture } from '../src/capture.ts';
import { TouchCancel, TouchEnd, TouchMove, TouchStart } from '../src/event.ts';
import type { Place } from '../src/place.ts';
import { KeyRecord, TouchRecord, type EventRecord } from '../src/record.ts';

const place: Place = { view: {} as Window, aheadMS: 0, x: 0, y: 0 };
const names = ['touchstart', 'touchmove', 'touchend', 'touchcancel'];

/** As much of an element as a path needs. */
class FakeElement extends EventTarget {
  readonly nodeType = 1;
}

function set() {
  const records: EventRecord[] = [];
  const excluded = new Set<unknown>();
  const counted = { questions: 0 };
  const capture = new Capture(
    {
      acceptSimulated: true, exclude: undefined, motion: false, phraseField: () => undefined,
      take: (record) => records.push(record),
      point: () => undefined,
      thin: () => false,
    },
    {
      excluded: (path) => {
        counted.questions++;
        return path.some((e) => excluded.has(e));
      },
      secret: (path) => {
        counted.questions++;
        return path.some((e) => excluded.has(e));
      },
    },
  );
  const touch = (on: FakeElement, kind: number, ...contacts: number[]) => {
    const fingers = contacts.map((identifier) => ({ identifier, clientX: 1, clientY: 2, radiusX: 3, radiusY: 3, force: 0 }));
    const e = Object.assign(new Event(names[kind]!), { changedTouches: fingers });
    on.addEventListener(e.type, () => capture.touch(e, kind, place), { once: true });
    place.aheadMS += 20; // as if so much time had gone by
    on.dispatchEvent(e);
  };
  const key = (on: FakeElement, type: string, code: string, laterMS = 20) => {
    const e = Object.assign(new Event(type), { code, repeat: false, isComposing: false });
    on.addEventListener(type, () => capture.key(e, place), { once: true });
    place.aheadMS += laterMS;
    on.dispatchEvent(e);
  };
  const keys = () => records.splice(0).filter((r) => r[0] === KeyRecord).length;
  /** The kinds and contacts of what was taken since. */
  const taken = () => records.splice(0).map((r) => (assert.equal(r[0], TouchRecord), [r[2], r[4]]));
  return { excluded, counted, touch, taken, key, keys };
}

test('a contact that begins on an excluded element is left out until it ends, whatever becomes of the page', () => {
  const s = set();
  const canvas = new FakeElement();
  s.excluded.add(canvas);
  s.touch(canvas, TouchStart, 0);
  s.excluded.clear();
  for (let i = 0; i < 20; i++) s.touch(canvas, TouchMove, 0);
  s.touch(canvas, TouchEnd, 0);
  assert.deepEqual(s.taken(), []);
  s.touch(canvas, TouchStart, 0);
  s.touch(canvas, TouchEnd, 0);
  assert.deepEqual(s.taken(), [[TouchStart, 0], [TouchEnd, 0]], 'the next contact is judged anew');
});

test('a contact that begins elsewhere is one contact, also where its element is excluded meanwhile', () => {
  const s = set();
  const map = new FakeElement();
  s.touch(map, TouchStart, 0);
  s.excluded.add(map);
  s.touch(map, TouchMove, 0);
  s.touch(map, TouchCancel, 0);
  assert.deepEqual(s.taken(), [[TouchStart, 0], [TouchMove, 0], [TouchCancel, 0]]);
  s.touch(map, TouchStart, 0);
  assert.deepEqual(s.taken(), [], 'an exclusion counts from the next contact on, at once');
});

test('fingers are told apart, and one whose start was not seen is judged when it is first seen', () => {
  const s = set();
  const open = new FakeElement();
  const shut = new FakeElement();
  s.excluded.add(shut);
  s.touch(open, TouchStart, 0);
  s.touch(shut, TouchStart, 1);
  s.touch(open, TouchMove, 0);
  s.touch(shut, TouchMove, 1);
  s.touch(open, TouchEnd, 0);
  s.touch(shut, TouchMove, 7);
  s.excluded.clear();
  s.touch(shut, TouchMove, 1, 7);
  assert.deepEqual(s.taken(), [[TouchStart, 0], [TouchMove, 0], [TouchEnd, 0]]);
  assert.equal(s.counted.questions, 3);
});

test('contacts whose ends nobody sees are forgotten in turn', () => {
  const s = set();
  const open = new FakeElement();
  for (let id = 0; id < 1000; id++) s.touch(open, TouchStart, id);
  assert.equal(s.taken().length, 1000);
  s.touch(open, TouchMove, 999);
  assert.equal(s.counted.questions, 1000, 'the latest is remembered');
  s.touch(open, TouchMove, 3);
  assert.equal(s.counted.questions, 1001, 'the first is judged anew');
});

test('a release is judged with the press before it, and in another field or later by itself', () => {
  const s = set();
  const open = new FakeElement();
  const secret = new FakeElement();
  s.excluded.add(secret);
  s.key(open, 'keydown', 'KeyA');
  s.key(open, 'keyup', 'KeyA');
  assert.deepEqual([s.keys(), s.counted.questions], [2, 1]);
  s.key(open, 'keydown', 'Tab');
  s.key(secret, 'keyup', 'Tab');
  assert.deepEqual([s.keys(), s.counted.questions], [1, 3], 'the field of the press counts for no other');
  s.key(secret, 'keydown', 'KeyB');
  s.key(secret, 'keyup', 'KeyB');
  assert.deepEqual([s.keys(), s.counted.questions], [0, 5], 'a press that does not count counts for no release');
  s.key(open, 'keydown', 'KeyC');
  s.excluded.add(open);
  s.key(open, 'keydown', 'KeyD');
  s.key(open, 'keyup', 'KeyC');
  assert.deepEqual([s.keys(), s.counted.questions], [1, 8], 'the last press says what the field is');
  s.excluded.clear();
  s.key(open, 'keydown', 'KeyE');
  s.key(open, 'keyup', 'KeyE', 1_000);
  assert.deepEqual([s.keys(), s.counted.questions], [2, 10]);
});
