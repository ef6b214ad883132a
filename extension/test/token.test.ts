import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../src/policy.ts';
import { askToken, type TokenAnswer } from '../src/token.ts';

const policy: Policy = { endpoint: 'https://ipse.example', pages: ['https://desk.example/*'], tokenURL: 'https://desk.example/token' };

async function ask(status: number, text: string, p = policy): Promise<{ answer: TokenAnswer; url: string; init: RequestInit }> {
  let seen: { url: string; init: RequestInit } | undefined;
  const answer = await askToken(p, async (url, init) => {
    seen = { url, init };
    return { status, text: async () => text };
  });
  assert(seen);
  return { answer, ...seen };
}

test('cookies are sent, or the header of the policy, and never both', async () => {
  const byCookie = await ask(200, '{"collectorToken":"t"}');
  assert.deepEqual(byCookie.answer, { kind: 'token', token: 't' });
  assert.equal(byCookie.url, policy.tokenURL);
  const { method, headers, credentials, redirect } = byCookie.init;
  assert.deepEqual({ method, headers, credentials, redirect }, {
    method: 'POST', headers: { 'X-Ipse-Collector': 'extension' }, credentials: 'include', redirect: 'error',
  });
  const byHeader = await ask(201, '{"collectorToken":"t"}', { ...policy, tokenHeader: { name: 'X-Device', value: 'secret' } });
  assert.equal(byHeader.init.credentials, 'omit');
  assert.deepEqual(byHeader.init.headers, { 'X-Ipse-Collector': 'extension', 'X-Device': 'secret' });
});

test('every answer has its meaning', async () => {
  for (const [status, text, kind] of [
    [204, '', 'declined'], [401, '', 'signedOut'], [403, 'no', 'signedOut'], [500, '', 'failed'], [200, 'text', 'failed'],
    [200, 'null', 'failed'], [200, '{}', 'failed'], [200, '{"collectorToken":7}', 'failed'], [200, '{"collectorToken":"a b"}', 'failed'],
    [200, `{"collectorToken":"${'t'.repeat(20_000)}"}`, 'failed'], [302, '', 'failed'],
  ] as const) {
    assert.equal((await ask(status, text)).answer.kind, kind, `${status} ${text.slice(0, 40)}`);
  }
});

test('a network that fails does not throw', async () => {
  const answer = await askToken(policy, () => Promise.reject(new Error('no network')));
  assert.deepEqual(answer, { kind: 'failed', detail: 'no network' });
});
