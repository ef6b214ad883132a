import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpseError, State } from '../src/api.ts';
import { Carrier } from '../src/carrier.ts';
import { protocol, type Reporting } from '../src/reporting.ts';
import type { Keys } from '../src/signer.ts';
import { Transport } from '../src/transport.ts';
import { FakeClock, FakeServer, observation } from './fakes.ts';

const tokenOf = (session: string) => `e30.${btoa(JSON.stringify({ sub: session }))}.sig`;

/** A carrier whose second script comes when the test says so. */
function set(token = 'token-1', keys?: Keys) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const states: State[] = [];
  const errors: IpseError[] = [];
  const loads: { come(version?: number): void; fail(why: string): void }[] = [];
  const held = { ready: 0 };
  const carrier = new Carrier({
    url: 'https://ipse.example/v1/observations',
    token,
    renewToken: undefined,
    fetch: server.fetch,
    clock,
    keys,
    load: () =>
      new Promise<Reporting>((resolve, reject) =>
        loads.push({
          come: (version = protocol) => resolve({ protocol: version, connect: (o) => new Transport(o) }),
          fail: (why) => reject(new Error(why)),
        })),
    onReady: () => held.ready++,
    onRisk: () => undefined,
    onModels: () => undefined,
    onState: (state) => states.push(state),
    onError: (error) => errors.push(error),
    onEnd: () => undefined,
  });
  return { clock, server, states, errors, loads, held, carrier };
}

test('the second script is loaded at the start and not before, and once', async () => {
  const s = set();
  for (const call of [() => s.carrier.hurry(), () => s.carrier.show(true), () => s.carrier.leave(), () => s.carrier.stop()]) call();
  assert.equal(s.loads.length, 0);
  s.carrier.start();
  s.carrier.hurry();
  assert.deepEqual([s.loads.length, s.carrier.started, s.carrier.ready, s.states], [1, true, false, ['starting']]);
  s.loads[0]?.come();
  await s.clock.pass(0);
  assert.deepEqual([s.carrier.ready, s.held.ready, s.states], [true, 1, ['starting', 'running']]);
  s.carrier.stop();
  s.carrier.start();
  await s.clock.pass(5_000);
  assert.equal(s.loads.length, 1);
  assert.deepEqual(s.states, ['starting', 'running', 'stopped', 'starting', 'running']);
});

test('what was stopped before the second script came sends nothing until it is started again', async () => {
  const s = set();
  s.carrier.start();
  s.carrier.stop();
  s.loads[0]?.come();
  await s.clock.pass(60_000);
  assert.deepEqual([s.server.sent.length, s.held.ready, s.clock.waiting, s.states], [0, 0, 0, ['starting', 'stopped']]);
  s.carrier.add(observation(s.clock.atMS));
  s.carrier.start();
  await s.clock.pass(5_000);
  assert.deepEqual([s.server.taken, s.loads.length], [[1], 1]);
});

test('what was stopped and started again meanwhile begins once', async () => {
  const s = set();
  s.carrier.start();
  s.carrier.stop();
  s.carrier.start();
  s.loads[0]?.come();
  await s.clock.pass(0);
  assert.deepEqual([s.loads.length, s.server.sent.length, s.held.ready], [1, 1, 1]);
  assert.deepEqual(s.states, ['starting', 'stopped', 'starting', 'running']);
});

test('a token that is renewed before the second script has come is the one that is used', async () => {
  const s = set();
  s.carrier.start();
  s.carrier.renew('token-2');
  s.loads[0]?.come();
  await s.clock.pass(0);
  assert.equal(s.server.last().authorization, 'Bearer token-2');
});

test('forgetting before the second script has come drops the token, and the key once it can', async () => {
  const dropped: string[] = [];
  const s = set(tokenOf('s-1'), { obtain: () => Promise.reject(new Error('none')), drop: async (session) => void dropped.push(session) });
  s.carrier.start();
  s.carrier.renew(tokenOf('s-2'));
  s.carrier.forget();
  s.loads[0]?.come();
  await s.clock.pass(60_000);
  assert.deepEqual([dropped, s.server.sent.length, s.clock.waiting, s.states], [['s-1'], 0, 0, ['starting', 'stopped']]);
  s.carrier.start();
  await s.clock.pass(0);
  assert.deepEqual([s.server.sent.length, s.errors.map((e) => e.code)], [0, ['unauthorized']]);
  s.carrier.renew('token-3');
  await s.clock.pass(0);
  assert.equal(s.server.last().authorization, 'Bearer token-3');
});

test('forgetting what never started loads the second script for it, tries again where it cannot be had, and sends nothing', async () => {
  const dropped: string[] = [];
  const s = set(tokenOf('s-1'), { obtain: () => Promise.reject(new Error('none')), drop: async (session) => void dropped.push(session) });
  s.carrier.forget();
  s.carrier.forget();
  assert.equal(s.loads.length, 1);
  s.loads[0]?.fail('no network');
  await s.clock.pass(15_000);
  assert.deepEqual([s.loads.length, s.errors.map((e) => e.code), s.states], [2, ['network'], []]);
  s.loads[1]?.come();
  await s.clock.pass(60_000);
  assert.deepEqual([dropped, s.server.sent.length, s.clock.waiting, s.carrier.started], [['s-1'], 0, 0, false]);
  s.carrier.forget();
  assert.deepEqual([s.loads.length, dropped], [2, ['s-1']]);
});

test('without a token there is nothing to forget and nothing is loaded', () => {
  const s = set('');
  s.carrier.forget();
  assert.equal(s.loads.length, 0);
});

test('a page that is hidden when the second script comes is treated as one', async () => {
  const s = set();
  s.carrier.start();
  s.carrier.show(false);
  s.loads[0]?.come();
  await s.clock.pass(60_000);
  assert.equal(s.server.sent.length, 1, 'a hidden page with nothing to say reports rarely');
});

test('a second script that cannot be had is told once and tried again, sooner when something changes for the better', async () => {
  const s = set();
  s.carrier.start();
  s.loads[0]?.fail('status 404');
  await s.clock.pass(0);
  assert.deepEqual(s.states, ['starting', 'offline']);
  assert.deepEqual(s.errors, [{ code: 'network', message: 'the script that reports to the server cannot be loaded: status 404' }]);
  await s.clock.pass(1_000);
  assert.equal(s.loads.length, 2);
  s.loads[1]?.come(protocol + 1);
  await s.clock.pass(0);
  assert.equal(s.carrier.ready, false, 'one of another version is as good as none');
  s.carrier.hurry();
  assert.equal(s.loads.length, 3);
  s.loads[2]?.come();
  await s.clock.pass(0);
  assert.deepEqual([s.states, s.errors.length, s.held.ready], [['starting', 'offline', 'starting', 'running'], 1, 1]);
});

test('a second script that does not come is told; stopped, nothing tries again', async () => {
  const s = set();
  s.carrier.start();
  await s.clock.pass(20_000);
  assert.deepEqual([s.states, s.errors.map((e) => e.code)], [['starting', 'offline'], ['network']]);
  s.carrier.stop();
  await s.clock.pass(600_000);
  assert.deepEqual([s.loads.length, s.clock.waiting, s.states], [1, 0, ['starting', 'offline', 'stopped']]);
});
