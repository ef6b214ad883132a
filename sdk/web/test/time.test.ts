// Lost networks, clocks that jump, laptops that sleep and pages that are frozen, as docs/web-sdk.md tells of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpseError, State } from '../src/api.ts';
import { Transport } from '../src/transport.ts';
import { FakeClock, FakeServer, observation } from './fakes.ts';

const hourMS = 3_600_000;

function set(renewToken?: () => Promise<string>) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const states: State[] = [];
  const errors: IpseError[] = [];
  const transport = new Transport({
    url: 'https://ipse.example/v1/observations', token: 'token-1', renewToken, fetch: server.fetch, clock,
    onRisk: () => undefined, onModels: () => undefined, onState: (s) => states.push(s), onError: (e) => errors.push(e), onEnd: () => undefined,
  });
  transport.start();
  return { clock, server, states, errors, transport };
}

test('a clock that jumps ahead drops what seems old, says so, and goes on', async () => {
  const s = set();
  await s.clock.pass(0);
  s.transport.add(observation(s.clock.atMS - 5_000));
  s.clock.atMS += 2 * hourMS;
  s.transport.add(observation(s.clock.atMS - 5_000));
  await s.clock.pass(10_000);
  assert.equal(s.server.taken.length, 1);
  assert.equal(s.server.sent[1]?.dropped, 1);
  assert.equal(s.states.at(-1), 'running');
});

test('a clock that jumps back loses nothing and stops nothing', async () => {
  const s = set();
  await s.clock.pass(0);
  s.transport.add(observation(s.clock.atMS - 5_000));
  s.clock.atMS -= 2 * hourMS; // a page’s timers do not follow the clock
  const before = s.server.sent.length;
  s.transport.hurry();
  await s.clock.pass(10_000);
  assert.deepEqual(s.server.taken, [1]);
  assert(s.server.sent.length > before);
});

test('a clock that is set back does not keep a hidden page silent, nor a busy server’s wait for ever', async () => {
  const s = set();
  await s.clock.pass(0);
  s.server.answers = [{ status: 503, headers: { 'Retry-After': '60' } }];
  await s.clock.pass(5_000);
  s.clock.atMS -= 10 * hourMS;
  s.transport.hurry();
  s.transport.add(observation(s.clock.atMS - 5_000));
  await s.clock.pass(600_000);
  assert.deepEqual(s.server.taken, [1]);
});

test('after hours of sleep there is one report, a new token, and then life as before', async () => {
  let renewed = 0;
  const s = set(async () => `token-${++renewed + 1}`);
  await s.clock.pass(7_000);
  const before = s.server.sent.length;
  s.clock.atMS += 9 * hourMS; // nothing ran meanwhile
  s.server.answers = [{ status: 401, body: { type: 'urn:ipse:problem:token-expired' } }];
  await s.clock.pass(100);
  assert.deepEqual([s.server.sent.length - before, renewed, s.server.last().authorization], [2, 1, 'Bearer token-2']);
  s.transport.add(observation(s.clock.atMS - 5_000));
  await s.clock.pass(5_000);
  assert.deepEqual([s.server.taken, s.states.at(-1), s.errors], [[1], 'running', []]);
});

test('a page that was frozen goes on where it was', async () => {
  const s = set();
  await s.clock.pass(0);
  s.transport.add(observation(s.clock.atMS - 5_000));
  await s.clock.pass(10);
  s.transport.show(false);
  s.transport.leave();
  await s.clock.pass(0);
  assert.deepEqual(s.server.taken, [1]);
  s.clock.atMS += hourMS / 2;
  s.transport.show(true);
  s.transport.add(observation(s.clock.atMS - 5_000));
  await s.clock.pass(6_000);
  assert.deepEqual(s.server.taken, [1, 2]);
});

test('an answer that is too long, or of no kind at all, is no answer', async () => {
  const s = set();
  await s.clock.pass(0);
  s.transport.add(observation(s.clock.atMS - 5_000));
  s.server.answers = [
    { status: 200, body: 'x'.repeat(2 << 20) }, { status: 200, body: '<!doctype html>' }, { status: 200, body: [] }, { status: 200, body: null },
    { status: 200, body: { riskLevel: {}, acceptedThrough: 'all' } }, { status: 302 }, { status: 200, body: { riskLevel: 'LOW', acceptedThrough: -1 } },
  ];
  await s.clock.pass(6_000);
  assert.deepEqual([s.states.at(-1), s.server.taken], ['offline', []]);
  await s.clock.pass(240_000);
  assert.deepEqual([s.states.at(-1), s.server.taken, s.errors.map((e) => e.code)], ['running', [1], ['network']]);
});
