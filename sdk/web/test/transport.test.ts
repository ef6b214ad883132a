import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpseError, Risk, State } from '../src/api.ts';
import { alone, type Join, type Part } from '../src/peers.ts';
import { Transport } from '../src/transport.ts';
import type { Wanted } from '../src/wanted.ts';
import { FakeClock, FakeServer, observation, settled } from './fakes.ts';

function set(options: { token?: string; renewToken?: () => Promise<string> } = {}) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const risks: Risk[] = [];
  const states: State[] = [];
  const errors: IpseError[] = [];
  const wanted: Wanted[] = [];
  let ended = 0;
  const transport = new Transport({
    url: 'https://ipse.example/v1/observations',
    token: options.token ?? 'token-1',
    renewToken: options.renewToken,
    fetch: server.fetch,
    clock,
    onRisk: (risk) => risks.push(risk),
    onModels: (models) => wanted.push(models),
    onState: (state) => states.push(state),
    onError: (error) => errors.push(error),
    onEnd: () => ended++,
  });
  const add = (n: number) => {
    for (let i = 0; i < n; i++) transport.add(observation(clock.atMS - 5_000));
  };
  return { clock, server, transport, risks, states, errors, wanted, add, ended: () => ended };
}

test('nothing is sent before the start', async () => {
  const s = set();
  s.add(3);
  s.transport.hurry();
  s.transport.show(true);
  s.transport.leave();
  s.transport.renew('token-2');
  await s.clock.pass(600_000);
  assert.equal(s.server.sent.length, 0);
});

test('every report that is taken tells which models the server wants', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.server.reply['models'] = { keyboard: ['features-1', 'rhythm-2'], pointer: 'features-1', smell: ['nose-1'] };
  await s.clock.pass(5_000);
  s.server.answers.push('network error');
  await s.clock.pass(5_000);
  assert.deepEqual(s.wanted, [{}, { keyboard: ['features-1', 'rhythm-2'] }]);
});

test('a start says hello with an empty list, then reports when the server wants it', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  assert.deepEqual(s.server.sent.map((r) => r.sequences), [[]]);
  assert.equal(s.server.last().authorization, 'Bearer token-1');
  assert.equal(s.server.last().url, 'https://ipse.example/v1/observations');
  assert.equal(s.server.last().sentAtMS, s.clock.atMS);
  assert.deepEqual(s.states, ['starting', 'running']);
  s.add(2);
  s.server.reply['reportAfterSeconds'] = 20;
  await s.clock.pass(4_999);
  assert.equal(s.server.sent.length, 1);
  await s.clock.pass(1);
  assert.deepEqual(s.server.last().sequences, [1, 2]);
  s.add(1);
  await s.clock.pass(19_999);
  assert.equal(s.server.sent.length, 2);
  await s.clock.pass(1);
  assert.deepEqual(s.server.last().sequences, [3]);
  assert.equal(s.risks.length, 3);
});

test('a second start of a running transport changes nothing', async () => {
  const s = set();
  s.transport.start();
  s.transport.start();
  await s.clock.pass(0);
  assert.equal(s.server.sent.length, 1);
});

test('numbers go on from what the session already sent from an earlier page', async () => {
  const s = set();
  s.server.acceptedThrough = 12;
  s.transport.start();
  await s.clock.pass(0);
  s.add(2);
  await s.clock.pass(5_000);
  assert.deepEqual(s.server.taken, [13, 14]);
});

test('a first batch that meets the last report of the page before is numbered anew', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.server.acceptedThrough = 3; // the page before reported while it went away
  s.add(2);
  await s.clock.pass(5_000);
  assert.deepEqual(s.server.sent.map((r) => r.sequences), [[], [1, 2], [4, 5]]);
  assert.deepEqual(s.server.taken, [4, 5]);
});

test('what was taken although its answer got lost is not sent a second time', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.add(2);
  s.server.answers.push('lost answer');
  await s.clock.pass(5_000);
  s.add(1);
  await s.clock.pass(10_000);
  assert.deepEqual(s.server.taken, [1, 2, 3]);
  assert.deepEqual(s.states, ['starting', 'running', 'offline', 'running']);
});

test('what did not arrive is sent again under the same numbers', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.add(2);
  s.server.answers.push('network error', 'network error', 'network error');
  await s.clock.pass(60_000);
  assert.deepEqual(s.server.taken, [1, 2]);
});

test('a network that stays away is asked ever more rarely, up to a minute, and told once', async () => {
  const s = set();
  s.server.answers = Array(1000).fill('network error');
  s.transport.start();
  const times: number[] = [];
  for (let i = 0; i < 600; i++) {
    const before = s.server.sent.length;
    await s.clock.pass(1_000);
    if (s.server.sent.length > before) times.push(i);
  }
  const gaps = times.slice(1).map((t, i) => t - (times[i] ?? 0));
  assert(Math.max(...gaps) <= 60, `longest gap ${Math.max(...gaps)} s`);
  assert(gaps[0] !== undefined && gaps[0] <= 3, `first gap ${gaps[0]} s`);
  assert(times.length < 25, `${times.length} tries in ten minutes`);
  assert.deepEqual(s.errors.map((e) => e.code), ['network']);
  assert.deepEqual(s.states, ['starting', 'offline']);
});

test('a server that never answers is given up after a while', async () => {
  const s = set();
  s.server.answers.push('silence');
  s.transport.start();
  await s.clock.pass(14_000);
  assert.deepEqual(s.states, ['starting']);
  await s.clock.pass(10_000);
  assert.deepEqual(s.states, ['starting', 'offline', 'running']);
});

test('the network coming back is used at once', async () => {
  const s = set();
  s.server.answers = Array(8).fill('network error');
  s.transport.start();
  await s.clock.pass(100_000);
  const before = s.server.sent.length;
  s.server.answers = [];
  s.transport.hurry();
  await s.clock.pass(0);
  assert.equal(s.server.sent.length, before + 1);
  assert.equal(s.states[s.states.length - 1], 'running');
});

test('Retry-After is kept, even when the page is shown meanwhile', async () => {
  for (const status of [429, 503]) {
    const s = set();
    s.transport.start();
    await s.clock.pass(0);
    s.add(1);
    s.server.answers.push({ status, headers: { 'Retry-After': '42' } });
    await s.clock.pass(5_000);
    s.transport.show(true);
    s.transport.hurry();
    await s.clock.pass(41_999);
    assert.equal(s.server.sent.length, 2, `status ${status}`);
    await s.clock.pass(1);
    assert.deepEqual(s.server.taken, [1], `status ${status}`);
  }
});

test('the queue holds 256, drops its oldest and says so', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.server.answers = Array(4).fill('network error');
  s.add(300);
  await s.clock.pass(90_000);
  assert.equal(s.server.last().dropped, 0);
  assert.equal(s.server.sent.find((r) => r.sequences.length > 0)?.dropped, 44);
  assert.equal(s.server.taken.length, 256);
  assert.deepEqual(s.server.taken, [...s.server.taken].sort((a, b) => a - b));
});

test('no report holds more than 64 observations or 60 KiB', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  for (let i = 0; i < 256; i++) {
    s.transport.add({ ...observation(s.clock.atMS), embedding: new Int8Array(300), features: Array(40).fill(-1.2345678901234567e-100) });
  }
  await s.clock.pass(200_000);
  assert.equal(s.server.taken.length, 256);
  for (const { raw, sequences, keepalive } of s.server.sent) {
    assert(sequences.length <= 64 && raw.length < 60 * 1024 && keepalive, `${sequences.length} observations, ${raw.length} bytes`);
  }
});

test('what is too old for the server is not sent', async () => {
  const s = set();
  s.server.answers = Array(10_000).fill('network error');
  s.transport.start();
  await s.clock.pass(0);
  s.add(3);
  await s.clock.pass(3_600_000);
  s.add(1);
  s.server.answers = [];
  await s.clock.pass(70_000);
  assert.equal(s.server.taken.length, 1);
  assert(s.server.sent.some((r) => r.dropped === 3), 'the batch does not tell that three were dropped');
});

test('a renewed token in a reply is used from then on', async () => {
  const s = set();
  s.server.reply['collectorToken'] = 'token-2';
  s.transport.start();
  await s.clock.pass(5_000);
  assert.equal(s.server.last().authorization, 'Bearer token-2');
});

test('an expired token is renewed through the page', async () => {
  let asked = 0;
  const s = set({ renewToken: async () => `token-${1 + ++asked}` });
  s.server.answers.push({ status: 401 });
  s.transport.start();
  await s.clock.pass(0);
  assert.equal(asked, 1);
  assert.deepEqual(s.server.sent.map((r) => r.authorization), ['Bearer token-1', 'Bearer token-2']);
  assert.deepEqual(s.errors, []);
});

test('a page that cannot renew is asked ever more rarely', async () => {
  for (const renewToken of [
    async () => Promise.reject(new Error('signed out')),
    async () => 'no token\n',
    async () => undefined as unknown as string,
    () => {
      throw new Error('thrown');
    },
    () => new Promise<string>(() => undefined),
  ]) {
    let asked = 0;
    const s = set({
      renewToken: () => {
        asked++;
        return renewToken();
      },
    });
    s.server.answers.push({ status: 401 });
    s.transport.start();
    await s.clock.pass(600_000);
    assert(asked >= 5 && asked < 25, `asked ${asked} times in ten minutes`);
    assert.equal(s.server.sent.length, 1);
    assert.deepEqual(s.errors.map((e) => e.code), ['unauthorized']);
  }
});

test('a server that takes no token at all is not asked in a loop', async () => {
  const s = set({ renewToken: async () => 'token-2' });
  s.server.answers = Array(1000).fill({ status: 401 });
  s.transport.start();
  await s.clock.pass(600_000);
  assert(s.server.sent.length < 40, `${s.server.sent.length} tries in ten minutes`);
});

test('without a way to renew, observations wait for renew()', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.add(1);
  s.server.answers.push({ status: 401, body: { detail: 'the token has run out' } });
  await s.clock.pass(300_000);
  assert.equal(s.server.sent.length, 2);
  assert.deepEqual(s.states, ['starting', 'running', 'unauthorized']);
  assert.deepEqual(s.errors.map((e) => e.code), ['unauthorized']);
  s.transport.renew('token-2');
  await s.clock.pass(0);
  assert.equal(s.server.last().authorization, 'Bearer token-2');
  assert.deepEqual(s.server.taken, [1]);
});

test('the end of the session ends everything', async () => {
  for (const end of [{ status: 410 }, { status: 200, body: { riskLevel: 'HIGH', acceptedThrough: 0, directives: ['lock', 'stop'] } }]) {
    const s = set({ renewToken: async () => 'token-2' });
    s.server.answers.push(end);
    s.transport.start();
    s.add(5);
    await s.clock.pass(600_000);
    assert.equal(s.server.sent.length, 1);
    assert.equal(s.ended(), 1);
    assert.equal(s.states[s.states.length - 1], 'stopped');
    assert.equal(s.clock.waiting, 0);
  }
});

test('stop sends nothing more; another start goes on without counting twice', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.add(2);
  s.server.answers.push('silence');
  await s.clock.pass(5_000);
  s.transport.stop();
  s.add(1);
  await s.clock.pass(600_000);
  assert.equal(s.server.sent.length, 2);
  assert.equal(s.clock.waiting, 0);
  s.transport.start();
  await s.clock.pass(10_000);
  assert.deepEqual(s.server.taken, [1, 2, 3]);
});

test('forget drops what waits, and the token', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.add(2);
  s.transport.forget();
  s.transport.start();
  await s.clock.pass(60_000);
  assert.equal(s.server.sent.length, 1);
  assert.equal(s.states[s.states.length - 1], 'unauthorized');
  s.transport.renew('token-9');
  await s.clock.pass(60_000);
  assert.deepEqual(s.server.taken, []);
  assert.equal(s.server.last().authorization, 'Bearer token-9');
});

test('a page that goes away sends what waits, beside a report that is on its way', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.add(1);
  s.server.answers.push('silence');
  await s.clock.pass(5_000);
  s.add(2);
  s.transport.leave();
  s.transport.leave();
  await s.clock.pass(0);
  assert.deepEqual(s.server.sent.map((r) => r.sequences), [[], [1], [2, 3]]);
});

test('a hidden page reports observations at once, and is otherwise almost silent', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.transport.show(false);
  await s.clock.pass(600_000);
  assert.equal(s.server.sent.length, 1 + 5);
  s.add(1);
  await s.clock.pass(0);
  assert.deepEqual(s.server.taken, [1]);
  const before = s.server.sent.length;
  s.transport.show(true);
  await s.clock.pass(0);
  assert.equal(s.server.sent.length, before + 1);
});

test('one observation that the server refuses does not take the others with it', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.add(5);
  const { fetch } = s.server;
  const poisoned = s.transport as unknown as { o: { fetch: typeof fetch } };
  poisoned.o.fetch = async (url, init) => {
    if (/"sequence":3,/.test(init.body)) s.server.answers.unshift({ status: 422, body: { detail: 'features[2] is out of range' } });
    return fetch(url, init);
  };
  await s.clock.pass(120_000);
  assert.deepEqual(s.server.taken, [1, 2, 4, 5]);
  assert.deepEqual(s.errors.map((e) => e.code).slice(0, 1), ['refused']);
});

test('a wrong clock loses nothing that the server would take later', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.add(1);
  s.server.answers.push({ status: 422, body: { type: 'urn:ipse:problem:clock-off', detail: 'two hours off' } });
  await s.clock.pass(60_000);
  assert.deepEqual(s.server.taken, [1]);
  assert.deepEqual(s.errors, [{ code: 'clock', message: 'two hours off' }]);
});

test('nonsense from the server neither throws nor loses nor loops', async () => {
  const nonsense: unknown[] = [
    '<!doctype html><title>Please sign in to the guest network</title>', '', 'null', '[]', '7', '{', '{"riskLevel":"LOW"}',
    { riskLevel: 'PURPLE', acceptedThrough: 1 }, { riskLevel: 'LOW', acceptedThrough: -1 }, { riskLevel: 'LOW', acceptedThrough: 1e300 },
    { riskLevel: 'LOW', acceptedThrough: '1' }, { riskLevel: ['LOW'], acceptedThrough: 1 },
  ];
  for (const status of [200, 201, 204, 302, 400, 401, 403, 404, 409, 410, 413, 418, 422, 429, 500, 502, 503]) {
    for (const body of nonsense) {
      const s = set({ renewToken: async () => 'token-2' });
      s.transport.start();
      await s.clock.pass(0);
      s.add(2);
      s.server.answers = Array(10).fill({ status, body, headers: { 'Retry-After': 'soon' } });
      await s.clock.pass(30_000);
      assert(s.server.sent.length < 25, `status ${status} and ${JSON.stringify(body)}: ${s.server.sent.length} reports in half a minute`);
      s.server.answers = [];
      await s.clock.pass(120_000);
      const gone = status === 410 || status === 400 || status === 413 || status === 422;
      if (!gone) assert.equal(s.server.taken.length, 2, `status ${status} and ${JSON.stringify(body)}`);
    }
  }
});

test('a 409 that makes no sense is not repeated in a loop', async () => {
  for (const acceptedThrough of [0, 2 ** 40]) {
    const s = set();
    s.transport.start();
    await s.clock.pass(0);
    s.add(1);
    s.server.answers = Array(1000).fill({ status: 409, body: { acceptedThrough } });
    await s.clock.pass(60_000);
    assert(s.server.sent.length < 40, `${s.server.sent.length} reports in a minute`);
  }
});

test('odd parts of a good reply are passed over', async () => {
  const s = set();
  s.server.reply = {
    riskLevel: 'MEDIUM', answer: 'perhaps', directives: ['step_up', 'dance', 7], reportAfterSeconds: -3, collectorToken: 'a\nb',
    references: [{ modality: 'keyboard', maturity: 0.4 }, { modality: 3 }, null, { modality: 'pointer', maturity: 9 }],
  };
  s.transport.start();
  await s.clock.pass(0);
  assert.deepEqual(s.risks, [{
    riskLevel: 'MEDIUM', answer: 'cannot_tell', directives: ['step_up'],
    references: [{ modality: 'keyboard', maturity: 0.4 }, { modality: 'pointer', maturity: 1 }],
  }]);
  await s.clock.pass(2_000);
  assert.equal(s.server.last().authorization, 'Bearer token-1');
  assert(s.server.sent.length <= 3, `${s.server.sent.length} reports in two seconds`);
});

// A rejection that nobody handles fails a test, as it would reach a page.
test('a page whose arrays throw hears of nothing, whoever leads', async () => {
  const clock = new FakeClock();
  const server = new FakeServer();
  const errors: IpseError[] = [];
  let part: Part | undefined;
  const ways: Join[] = [
    alone,
    (_, p) => {
      part = p;
      return { say: () => undefined, seize: () => undefined, leave: () => undefined };
    },
  ];
  const kept = Array.prototype.filter;
  for (const join of ways) {
    const transport = new Transport({
      url: 'https://ipse.example/v1/observations', token: 'token-1', renewToken: async () => 'token-2', fetch: server.fetch, clock, join,
      onRisk: () => undefined, onModels: () => undefined, onState: () => undefined, onError: (e) => errors.push(e), onEnd: () => undefined,
    });
    transport.start(); // its caller hears of what it throws; all that follows has no caller
    Array.prototype.filter = () => {
      throw new Error('filter');
    };
    try {
      part?.lead();
      part?.lost();
      part?.hear({ say: 'back', entries: 7 });
      await settled();
    } finally {
      Array.prototype.filter = kept;
    }
    await new Promise<void>((done) => setTimeout(done, 0)); // what is rejected is told after all promises
  }
  assert.deepEqual([server.sent.length, errors], [0, []]);
});
