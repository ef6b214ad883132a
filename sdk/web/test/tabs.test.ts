import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpseError, Risk, State } from '../src/api.ts';
import { byClaims, byLocks } from '../src/peers.ts';
import { Transport } from '../src/transport.ts';
import { FakeClock, FakeServer, observation } from './fakes.ts';
import { Hub } from './hub.ts';

const token = (session: string) => `e30.${btoa(JSON.stringify({ sub: session }))}.sig`;

/** Several pages of one browser, of one session unless a page says otherwise. */
function browser(by: 'locks' | 'claims') {
  const clock = new FakeClock();
  const server = new FakeServer();
  const hub = new Hub();
  let pages = 0;
  const page = (session = 's') => {
    const { open, locks, gone } = hub.page();
    const states: State[] = [];
    const risks: Risk[] = [];
    const errors: IpseError[] = [];
    const chance = ++pages / 100;
    const held = { ended: 0, reports: 0 };
    const own = { nowMS: () => clock.nowMS(), after: (ms: number, fn: () => void) => clock.after(ms, fn), random: () => chance };
    const transport = new Transport({
      url: 'https://ipse.example/v1/observations',
      token: token(session),
      renewToken: undefined,
      fetch: (url, init) => {
        held.reports++;
        return server.fetch(url, init);
      },
      clock: own,
      join: by === 'locks' ? byLocks(locks, open) : byClaims(own, open),
      onRisk: (risk) => risks.push(risk),
      onModels: () => undefined,
      onState: (state) => states.push(state),
      onError: (error) => errors.push(error),
      onEnd: () => held.ended++,
    });
    return { transport, states, risks, errors, held, gone, chance };
  };
  return { clock, server, hub, page };
}

/** An observation that can be told from others. */
function mark(clock: FakeClock, n: number) {
  return { ...observation(clock.atMS), events: n };
}

/** What the server has taken, by the events of each observation. */
function taken(server: FakeServer): number[] {
  const numbers = new Map<number, number>();
  for (const sent of server.sent) {
    for (const o of (JSON.parse(sent.raw) as { observations: { sequence: number; events: number }[] }).observations) {
      if (server.taken.includes(o.sequence) && !numbers.has(o.sequence)) numbers.set(o.sequence, o.events);
    }
  }
  return server.taken.map((sequence) => numbers.get(sequence) ?? -1);
}

for (const by of ['locks', 'claims'] as const) {
  test(`by ${by}: one page sends for all, and every page hears`, async () => {
    const b = browser(by);
    const [first, second] = [b.page(), b.page()];
    first.transport.start();
    await b.clock.pass(1_000);
    second.transport.start();
    await b.clock.pass(1_000);
    first.transport.add(mark(b.clock, 1));
    second.transport.add(mark(b.clock, 2));
    await b.clock.pass(20_000);
    assert.deepEqual([taken(b.server), second.held.reports], [[1, 2], 0]);
    assert.deepEqual([first.states, second.states], [['starting', 'running'], ['starting', 'running']]);
    assert(second.risks.length >= 2, `${second.risks.length} risks in the page that does not send`);
  });

  test(`by ${by}: two pages that start at once agree`, async () => {
    const b = browser(by);
    const [first, second] = [b.page(), b.page()];
    first.transport.start();
    second.transport.start();
    await b.clock.pass(1_000);
    first.transport.add(mark(b.clock, 1));
    second.transport.add(mark(b.clock, 2));
    await b.clock.pass(20_000);
    assert.deepEqual([...taken(b.server)].sort(), [1, 2]);
    assert(first.held.reports === 0 || second.held.reports === 0, 'both pages have sent');
  });

  test(`by ${by}: when the leader closes another page takes over, nothing twice and nothing lost`, async () => {
    const b = browser(by);
    const [first, second] = [b.page(), b.page()];
    first.transport.start();
    await b.clock.pass(1_000);
    second.transport.start();
    await b.clock.pass(1_000);
    second.transport.add(mark(b.clock, 1));
    first.transport.add(mark(b.clock, 2));
    await b.clock.pass(100);
    first.transport.leave();
    first.gone();
    second.transport.add(mark(b.clock, 3));
    await b.clock.pass(20_000);
    assert.deepEqual([...taken(b.server)].sort(), [1, 2, 3]);
    assert.equal(second.states.at(-1), 'running');
  });

  test(`by ${by}: when the leader dies another page takes over, and nothing counts twice`, async () => {
    const b = browser(by);
    const [first, second, third] = [b.page(), b.page(), b.page()];
    for (const p of [first, second, third]) {
      p.transport.start();
      await b.clock.pass(1_000);
    }
    second.transport.add(mark(b.clock, 1));
    await b.clock.pass(6_000);
    first.gone();
    first.transport.stop();
    second.transport.add(mark(b.clock, 2));
    third.transport.add(mark(b.clock, 3));
    await b.clock.pass(30_000);
    assert.deepEqual([...taken(b.server)].sort(), [1, 2, 3]);
    assert(second.held.reports === 0 || third.held.reports === 0, 'both pages that are left have sent');
    const late = b.page();
    late.transport.start();
    await b.clock.pass(2_000);
    assert.deepEqual([late.states, late.held.reports], [['starting', 'running'], 0]);
  });

  test(`by ${by}: a leader that does not answer is replaced`, async () => {
    const b = browser(by);
    const [first, second] = [b.page(), b.page()];
    first.transport.start();
    await b.clock.pass(1_000);
    second.transport.start();
    await b.clock.pass(1_000);
    b.hub.deaf = true;
    second.transport.add(mark(b.clock, 1));
    await b.clock.pass(10_000);
    assert.deepEqual(taken(b.server), [1]);
    assert(second.held.reports > 0);
  });

  test(`by ${by}: stop gives other pages back what they had handed over`, async () => {
    const b = browser(by);
    const [first, second] = [b.page(), b.page()];
    first.transport.start();
    await b.clock.pass(1_000);
    second.transport.start();
    await b.clock.pass(1_000);
    second.transport.add(mark(b.clock, 1));
    await b.clock.pass(10);
    first.transport.stop();
    await b.clock.pass(20_000);
    assert.deepEqual([taken(b.server), first.states.at(-1), second.states.at(-1)], [[1], 'stopped', 'running']);
  });

  test(`by ${by}: what a page forgets, and what the server ends, every page does`, async () => {
    const b = browser(by);
    const pages = [b.page(), b.page(), b.page()];
    for (const p of pages) {
      p.transport.start();
      await b.clock.pass(1_000);
    }
    pages[1]?.transport.forget();
    await b.clock.pass(20_000);
    assert.deepEqual(pages.map((p) => p.states.at(-1)), ['stopped', 'stopped', 'stopped']);
    const before = b.server.sent.length;
    await b.clock.pass(60_000);
    assert.equal(b.server.sent.length, before);
  });

  test(`by ${by}: pages of different sessions do not meet`, async () => {
    const b = browser(by);
    const [first, second] = [b.page('s'), b.page('t')];
    first.transport.start();
    second.transport.start();
    await b.clock.pass(10_000);
    assert(first.held.reports > 0 && second.held.reports > 0);
  });

  test(`by ${by}: a new token reaches the page that sends`, async () => {
    const b = browser(by);
    const [first, second] = [b.page(), b.page()];
    first.transport.start();
    await b.clock.pass(1_000);
    second.transport.start();
    await b.clock.pass(1_000);
    b.server.answers = [{ status: 401 }];
    await b.clock.pass(6_000);
    assert.deepEqual([first.states.at(-1), second.states.at(-1)], ['unauthorized', 'unauthorized']);
    second.transport.renew(token('s') + '2');
    await b.clock.pass(6_000);
    assert.deepEqual([first.states.at(-1), second.states.at(-1)], ['running', 'running']);
    assert.equal(b.server.last().authorization, `Bearer ${token('s')}2`);
  });
}

test('what other scripts of the origin say breaks nothing', async () => {
  const b = browser('locks');
  const [first, second] = [b.page(), b.page()];
  first.transport.start();
  await b.clock.pass(1_000);
  second.transport.start();
  await b.clock.pass(1_000);
  for (const word of [null, 1, 'x', {}, { say: 'hand' }, { say: 'hand', entries: [{}] }, { say: 'got' }, { say: 'back', entries: [null] },
    { say: 'heard' }, { say: 'heard', heard: {} }, { say: 'token', token: 5 }, { say: 'state' }, { say: 'state', state: 'stopped' }, { say: 'hand', entries: [{ mark: 'm', observation: { features: 1 } }] }]) {
    b.hub.shout(word);
  }
  await b.clock.pass(1_000);
  first.transport.add(mark(b.clock, 1));
  second.transport.add(mark(b.clock, 2));
  await b.clock.pass(20_000);
  assert.deepEqual([...taken(b.server)].sort(), [1, 2]);
  assert.deepEqual([first.states, second.states], [['starting', 'running'], ['starting', 'running']]);
  assert(second.risks.every((r) => r.riskLevel === 'LOW'));
});
