import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMS } from '../src/backoff.ts';
import { parseProblem, parseReply, retryAfterSeconds, tokenOf } from '../src/reply.ts';
import { seeded } from './random.ts';

test('any text is read without a throw', () => {
  const random = seeded(1);
  const pieces = ['{', '}', '[', ']', '"', ':', ',', '1', 'null', 'riskLevel', 'LOW', 'acceptedThrough', '\\u0000', '-', 'e9', ' ', '<html>'];
  for (let i = 0; i < 20_000; i++) {
    let text = '';
    for (let j = Math.floor(12 * random()); j >= 0; j--) text += pieces[Math.floor(pieces.length * random())];
    parseReply(text);
    parseProblem(text);
    retryAfterSeconds(text, 0);
  }
});

test('Retry-After is seconds or a date, within bounds', () => {
  const nowMS = Date.parse('2026-03-01T12:00:00Z');
  const cases: [string | null, number | undefined][] = [
    ['30', 30], ['0', 1], ['99999', 600], ['Sun, 01 Mar 2026 12:01:30 GMT', 90], ['Sun, 01 Mar 2026 11:00:00 GMT', 1],
    ['soon', undefined], ['', undefined], [null, undefined], ['-5', 1],
  ];
  for (const [header, want] of cases) {
    const got = retryAfterSeconds(header, nowMS);
    if (header === '-5') assert(got === undefined || got >= 1, `-5 gives ${got}`);
    else assert.equal(got, want, String(header));
  }
});

test('a token is a word that fits in a header', () => {
  assert.equal(tokenOf('eyJhbGciOi.J9-_.x='), 'eyJhbGciOi.J9-_.x=');
  for (const bad of ['', 'a b', 'a\r\nX-Evil: 1', 'é', 'x'.repeat(8193), 7, null, undefined, {}]) assert.equal(tokenOf(bad), undefined);
});

test('the time between tries doubles to a minute, the lower half of it certain', () => {
  for (let failures = 1; failures < 40; failures++) {
    const whole = Math.min(60_000, 1_000 * 2 ** (failures - 1));
    assert.equal(backoffMS(failures, 0), whole / 2);
    assert(backoffMS(failures, 0.999) < whole, `${failures} failures`);
  }
});
