import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeftLetter, RightLetter } from '../src/class.ts';
import { Blur, Composition, Move, Paste } from '../src/event.ts';
import { KeyboardCutter, type KeyboardWindow } from '../src/keyboardwindow.ts';
import { PointerCutter } from '../src/pointerwindow.ts';
import { seeded } from './random.ts';

const key = (timeMS: number, keyClass: number, down: boolean, trusted = true) =>
  ({ timeMS, keyClass, down, repeat: false, trusted });
const move = (timeMS: number, x: number) =>
  ({ timeMS, kind: Move, x, y: 0, button: 0, wheelX: 0, wheelY: 0, trusted: true });

test('a release is paired with the oldest held press of its class', () => {
  const c = new KeyboardCutter(2, 1);
  const windows = [
    key(0, LeftLetter, true), key(40, LeftLetter, true), key(90, LeftLetter, false), key(120, LeftLetter, false),
  ].flatMap((e) => c.push(e));
  assert.deepEqual(windows.map((w) => w.strokes), [
    [{ pressMS: 0, releaseMS: 90, keyClass: LeftLetter }, { pressMS: 40, releaseMS: 120, keyClass: LeftLetter }],
  ]);
});

test('blur gives up held keys; paste and composition are counted', () => {
  const c = new KeyboardCutter(1, 1);
  c.push(key(0, LeftLetter, true));
  c.mark(Paste);
  c.mark(Composition);
  c.mark(Blur);
  assert.deepEqual(c.push(key(50, LeftLetter, false)), []);
  const [w] = [...c.push(key(60, RightLetter, true)), ...c.push(key(70, RightLetter, false))];
  assert.deepEqual(w?.marks, { untrusted: 0, repeats: 0, lost: 1, pastes: 1, compositions: 1 });
});

test('an event that is not taken for behaviour leaves nothing but its mark', () => {
  const c = new KeyboardCutter(1, 1);
  c.markUntrusted();
  c.push(key(0, LeftLetter, true));
  const [w] = c.push(key(80, LeftLetter, false));
  assert.equal(w?.marks.untrusted, 1);
  assert.equal(w?.strokes.length, 1);
  const p = new PointerCutter(2, 1);
  p.markUntrusted();
  p.push(move(0, 0));
  assert.equal(p.push(move(10, 1))[0]?.marks.untrusted, 1);
});

test('any stream of keys gives ordered windows with dwells that are not negative', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seeded(seed);
    const c = new KeyboardCutter();
    const windows: KeyboardWindow[] = [];
    let at = 0;
    for (let i = 0; i < 500; i++) {
      at += random() < 0.01 ? 40_000 * random() : 200 * random() - 5;
      const timeMS = random() < 0.01 ? NaN : at;
      windows.push(...c.push({
        timeMS, keyClass: Math.floor(random() * 10), down: random() < 0.5, repeat: random() < 0.05, trusted: random() < 0.9,
      }));
      if (random() < 0.02) c.mark(Math.floor(random() * 3));
    }
    windows.push(...c.flush());
    for (const { strokes } of windows) {
      assert(strokes.length >= 15 && strokes.length <= 30, `seed ${seed}: a window of ${strokes.length} strokes`);
      strokes.forEach((s, i) => {
        assert(s.releaseMS >= s.pressMS, `seed ${seed}: dwell ${s.releaseMS - s.pressMS}`);
        const before = strokes[i - 1];
        assert(!before || before.pressMS <= s.pressMS, `seed ${seed}: strokes out of order`);
      });
    }
  }
});

test('presses that are never released stay within the bound', () => {
  const c = new KeyboardCutter(1000, 1);
  for (let i = 0; i < 5000; i++) c.push(key(i / 10, LeftLetter, true));
  const out = [];
  for (let i = 0; i < 5000; i++) out.push(...c.push(key(500 + i / 10, LeftLetter, false)));
  const [w] = out; // presses so fast end a window early
  assert.equal(w?.strokes.length, 256);
  assert.equal(w?.marks.lost, 5000 - 256);
});

test('a pause ends a pointer window, and times that run backwards are lost', () => {
  const c = new PointerCutter(10, 2);
  c.push(move(0, 0));
  c.push(move(10, 1));
  c.push(move(5, 2));
  const [w] = c.push(move(300_011, 3));
  assert.equal(w?.events.length, 2);
  assert.equal(w?.marks.lost, 1);
});
