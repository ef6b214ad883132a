// The same sketches as Go gives, byte for byte, from the same files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Move } from '../src/event.ts';
import { base64 } from '../src/observation.ts';
import { KeySketcher, PointerSketcher } from '../src/sketch.ts';
import { TouchSketcher } from '../src/sketchtouch.ts';
import { TouchCutter } from '../src/touchcutter.ts';
import { noMarks } from '../src/marks.ts';
import { list, readJSON } from './repository.ts';

interface Golden {
  strokes?: number[][];
  places?: number[][];
  touches?: number[][];
  windows?: number[];
  sketches: string[];
}

function sketches({ strokes, places, touches, windows }: Golden): string[] {
  if (touches) {
    const cutter = new TouchCutter();
    const swept = new TouchSketcher();
    return touches
      .flatMap(([timeMS = NaN, kind = NaN, contact = NaN, x = NaN, y = NaN]) =>
        cutter.push({ timeMS, kind, contact, x, y, radiusPX: 0, pressure: 0, trusted: true }))
      .map((w) => base64(swept.next(w)));
  }
  const typed = new KeySketcher();
  const moved = new PointerSketcher();
  let at = 0;
  return (windows ?? []).map((n) => {
    const [from, to] = [at, (at += n)];
    if (strokes) {
      const window = strokes.slice(from, to).map(([pressMS = NaN, releaseMS = NaN]) => ({ pressMS, releaseMS, keyClass: 0 }));
      return base64(typed.next({ strokes: window, marks: noMarks() }));
    }
    const events = (places ?? []).slice(from, to).map(([timeMS = NaN, x = NaN, y = NaN]) => ({
      timeMS, kind: Move, x, y, button: 0, wheelX: 0, wheelY: 0, trusted: true,
    }));
    return base64(moved.next({ events, thinned: 0, thinnedMS: [], marks: noMarks() }));
  });
}

for (const name of list('testdata/golden/sketch')) {
  test(`${name} gives what Go gives`, () => {
    const golden = readJSON(`testdata/golden/sketch/${name}`) as Golden;
    assert.deepEqual(sketches(golden), golden.sketches);
  });
}
