import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPolicy, type Policy } from '../src/policy.ts';

const good: Record<string, unknown> = {
  endpoint: 'https://ipse.example/base/',
  pages: ['https://desk.example/*', 'https://desk.example/*'],
  tokenURL: 'https://desk.example/collector-token',
};

test('a policy is read as it stands', () => {
  const reading = readPolicy({ ...good, contact: ' Works council ', deviceClass: 'tablet', tokenHeader: { name: 'X-Device', value: 'a b' } }, true);
  const want: Policy = {
    endpoint: 'https://ipse.example/base',
    pages: ['https://desk.example/*'],
    tokenURL: 'https://desk.example/collector-token',
    tokenHeader: { name: 'X-Device', value: 'a b' },
    deviceClass: 'tablet',
    contact: 'Works council',
  };
  assert.deepEqual(reading, { kind: 'valid', policy: want });
});

test('no policy is none', () => {
  for (const stored of [undefined, null, {}, 'text']) assert.deepEqual(readPolicy(stored, true), { kind: 'none' });
});

test('a policy that cannot work is refused whole, and says where', () => {
  const cases: [change: Record<string, unknown>, field: string, message: string][] = [
    [{ endpoint: undefined }, 'endpoint', 'problemMissing'],
    [{ endpoint: 'http://ipse.example' }, 'endpoint', 'problemAddress'],
    [{ endpoint: 'https://user:word@ipse.example' }, 'endpoint', 'problemAddress'],
    [{ endpoint: 'https://ipse.example/?a=b' }, 'endpoint', 'problemAddress'],
    [{ endpoint: 'javascript:alert(1)' }, 'endpoint', 'problemAddress'],
    [{ endpoint: 7 }, 'endpoint', 'problemMissing'],
    [{ tokenURL: 'http://desk.example/t' }, 'tokenURL', 'problemAddress'],
    [{ tokenURL: 'http://127.0.0.1.evil.example/' }, 'tokenURL', 'problemAddress'],
    [{ pages: [] }, 'pages', 'problemMissing'],
    [{ pages: 'https://desk.example/*' }, 'pages', 'problemMissing'],
    [{ pages: ['https://desk.example/*', '*://*/*'] }, 'pages', 'problemPatternForm'],
    [{ pages: ['https://*.com/*'] }, 'pages', 'problemPatternHost'],
    [{ pages: [7] }, 'pages', 'problemPatternForm'],
    [{ pages: Array.from({ length: 65 }, (_, i) => `https://d${i}.example/*`) }, 'pages', 'problemTooMany'],
    [{ tokenHeader: { name: 'Cookie', value: 'a' } }, 'tokenHeader', 'problemHeader'],
    [{ tokenHeader: { name: 'X-Device', value: 'a\r\nHost: b' } }, 'tokenHeader', 'problemHeader'],
    [{ tokenHeader: { name: 'X-Device' } }, 'tokenHeader', 'problemHeader'],
    [{ tokenHeader: { name: 'X-Device', value: 'a', more: 1 } }, 'tokenHeader', 'problemHeader'],
    [{ deviceClass: 'watch' }, 'deviceClass', 'problemDeviceClass'],
    [{ contact: 'x'.repeat(501) }, 'contact', 'problemText'],
    [{ organisation: ' ' }, 'organisation', 'problemText'],
    [{ apiKey: 'ipse_secret' }, 'apiKey', 'problemUnknown'],
  ];
  for (const [change, field, message] of cases) {
    const reading = readPolicy({ ...good, ...change }, true);
    assert.equal(reading.kind, 'invalid', JSON.stringify(change));
    if (reading.kind !== 'invalid') continue;
    assert.deepEqual(reading.problems.map((p) => [p.field, p.message]), [[field, message]], JSON.stringify(change));
    assert(!JSON.stringify(reading.problems).includes('ipse_secret'), 'a problem repeats the value of a field that may be a secret');
  }
});
