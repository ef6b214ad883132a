import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOf, wantedOf } from '../src/wanted.ts';

test('only names that can be part of an address are models', () => {
  const cases: [unknown, unknown][] = [
    [{ keyboard: ['features-1', 'rhythm-2'], pointer: ['hand-1'] }, { keyboard: ['features-1', 'rhythm-2'], pointer: ['hand-1'] }],
    [{ keyboard: ['rhythm-2', 'rhythm-2'] }, { keyboard: ['rhythm-2'] }],
    [{ keyboard: ['../ipse', 'a/b', 'A', '', '-a', 'é', 'x'.repeat(65), 7, null] }, {}],
    [{ keyboard: ['a', 'b', 'c', 'd', 'e'] }, { keyboard: ['a', 'b', 'c', 'd'] }],
    [{ keyboard: 'rhythm-2', motion: ['x'] }, {}],
    [null, {}], [undefined, {}], [7, {}], ['keyboard', {}], [[], {}], [{}, {}],
  ];
  for (const [value, want] of cases) assert.deepEqual(wantedOf(value), want, JSON.stringify(value));
});

test('a model of two modalities is named once', () => {
  assert.deepEqual(namesOf({ keyboard: ['features-1', 'rhythm-2'], pointer: ['features-1'] }), ['features-1', 'rhythm-2']);
});
