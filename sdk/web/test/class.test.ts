import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Backspace, ClassCount, Digit, Enter, LeftLetter, Modifier, Other, RightLetter, Shift, Space, classOf, isLetter, validClass,
} from '../src/class.ts';
import { readText } from './repository.ts';

test('a key becomes its class by position', () => {
  const want: Record<string, number> = {
    KeyA: LeftLetter, KeyB: LeftLetter, KeyT: LeftLetter, KeyY: RightLetter, KeyN: RightLetter, KeyM: RightLetter,
    Digit0: Digit, Numpad9: Digit, Space, Backspace, Delete: Backspace, Enter, NumpadEnter: Enter, Tab: Enter,
    ShiftRight: Shift, ControlLeft: Modifier, ArrowUp: Modifier, Escape: Modifier, Comma: Other, F5: Other, '': Other,
    keya: Other, IntlBackslash: Other, constructor: Other, __proto__: Other,
  };
  for (const [code, keyClass] of Object.entries(want)) assert.equal(classOf(code), keyClass, code);
});

test('every code that Go knows has the class that Go gives it', () => {
  const source = readText('internal/event/class.go');
  const order = ['LeftLetter', 'RightLetter', 'Digit', 'Space', 'Backspace', 'Enter', 'Shift', 'Modifier', 'Other'];
  let codes = 0;
  for (const [, names = '', className = ''] of source.matchAll(/case ("[^:]*"):\s*return (\w+)/g)) {
    for (const [, code = ''] of names.matchAll(/"(\w+)"/g)) {
      assert.equal(classOf(code), order.indexOf(className), code);
      codes++;
    }
  }
  assert(codes > 70, `read ${codes} codes from class.go, want more than 70`);
});

test('there are nine classes, two of letters', () => {
  const classes = Array.from({ length: 12 }, (_, i) => i);
  assert.deepEqual(classes.filter(validClass), classes.slice(0, ClassCount));
  assert.deepEqual(classes.filter(isLetter), [LeftLetter, RightLetter]);
  for (const c of [-1, 0.5, NaN, Infinity]) assert(!validClass(c), `${c} is taken for a class`);
});
