// The declarations that are shipped are those of the source. This is checked by the compiler.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as shipped from '../dist/ipse.d.ts';
import type * as source from '../src/ipse.ts';

const asShipped = (ipse: typeof source): typeof shipped => ipse;
const asSource = (ipse: typeof shipped): typeof source => ipse;

test('declarations and source agree', () => {
  assert.equal(typeof asShipped, 'function');
  assert.equal(typeof asSource, 'function');
});
