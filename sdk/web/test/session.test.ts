import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpseError, Options, State } from '../src/api.ts';
import { MostWaiting } from '../src/batch.ts';
import type { FromWorker, ToWorker } from '../src/message.ts';
import { LostRecord, OfKeys, recordsIn, type EventRecord } from '../src/record.ts';
import { protocol } from '../src/reporting.ts';
import { Session, type Environment } from '../src/session.ts';
import { Transport } from '../src/transport.ts';
import { FakeClock, FakeServer, observation, settled } from './fakes.ts';

function set(options: Partial<Options> = {}, worker: 'ready' | 'none' = 'ready', second: Promise<void> = Promise.resolve()) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const posted: ToWorker[] = [];
  const addresses: string[] = [];
  const scripts: string[] = [];
  const loaded: string[] = [];
  const network: { file?: ArrayBuffer } = {};
  const held = { listening: 0, watching: 0, workers: 0 };
  const page: {
    take?: (record: EventRecord) => void;
    phraseField?: () => unknown;
    say?: (message: FromWorker) => void;
    breakWorker?: (why: string) => void;
    on?: Parameters<Environment['watch']>[0];
  } = {};
  const env: Environment = {
    available: () => true,
    resolve: (address) => new URL(address, 'https://desk.example/app/').href,
    fetch: server.fetch,
    load: async (address) => {
      loaded.push(address);
      if (!network.file) throw new Error('status 404');
      return network.file;
    },
    clock,
    reporting: async (address) => {
      scripts.push(address);
      await second;
      return { protocol, connect: (o) => new Transport(o) };
    },
    eventMS: () => 5,
    deviceClass: () => 'desktop',
    startWorker: async (address, say, breakWorker) => {
      addresses.push(address);
      if (worker === 'none') throw new Error('the policy forbids workers');
      held.workers++;
      page.say = say;
      page.breakWorker = breakWorker;
      return { post: (message) => posted.push(message), stop: () => held.workers-- };
    },
    driven: () => options.acceptSimulated === true,
    listen: ({ take, phraseField }) => {
      held.listening++;
      page.take = take;
      page.phraseField = phraseField;
      return () => held.listening--;
    },
    watch: (on) => {
      held.watching++;
      page.on = on;
      return () => held.watching--;
    },
  };
  const session = new Session({ endpoint: 'https://ipse.example/', token: 'token-1', ...options }, env);
  const states: State[] = [];
  const errors: IpseError[] = [];
  session.on('state', (state) => states.push(state));
  session.on('error', (error) => errors.push(error));
  return { clock, server, posted, addresses, scripts, loaded, network, held, page, session, states, errors };
}

test('nothing at all happens before start', async () => {
  const s = set();
  await s.clock.pass(60_000);
  assert.deepEqual([s.held, s.server.sent.length, s.addresses], [{ listening: 0, watching: 0, workers: 0 }, 0, []]);
});

test('records go to the worker in small batches, observations to the server', async () => {
  const s = set({ acceptSimulated: true });
  s.session.start();
  await s.clock.pass(0);
  assert.deepEqual(s.addresses, ['https://ipse.example/sdk/ipse-worker.js']);
  assert.deepEqual(s.posted, [{ type: 'begin', protocol: 3, deviceClass: 'desktop', acceptSimulated: true, driven: true }]);
  s.page.take?.([0, 1, 0, 5]);
  s.page.take?.([0, 2, 0, 4]);
  for (let i = 0; i < 500; i++) s.page.take?.([0, i, 0, 5]);
  assert.equal(s.posted.length, 1, 'whatever comes, nothing is posted before its time');
  await s.clock.pass(500);
  assert.equal(s.posted.length, 2);
  const [, batch] = s.posted;
  assert(batch?.type === 'records' && batch.eventMS === 5 && batch.unixMS === s.clock.atMS);
  assert.deepEqual(recordsIn(batch.records).slice(0, 2), [[0, 1, 0, 5, 0, 0, 0, 0, 0], [0, 2, 0, 4, 0, 0, 0, 0, 0]]);
  assert.equal(recordsIn(batch.records).length, 502);
  s.page.say?.({ type: 'observations', observations: [observation(s.clock.atMS)] });
  await s.clock.pass(5_000);
  assert.deepEqual(s.server.taken, [1]);
  assert.equal(s.server.last().url, 'https://ipse.example/v1/observations');
});

test('what happens before the second script is there waits with the records, within their bound', async () => {
  let come: () => void = () => undefined;
  const s = set({}, 'ready', new Promise((resolve) => (come = resolve)));
  s.session.start();
  await s.clock.pass(0);
  assert.deepEqual(s.scripts, ['https://ipse.example/sdk/ipse-session.mjs']);
  assert.equal(s.held.listening, 1);
  for (let i = 0; i < MostWaiting + 100; i++) s.page.take?.([0, i, 0, 5]);
  s.session.phrase(7, 12, {} as Element);
  s.page.on?.show(false);
  await s.clock.pass(10_000);
  const records = () => s.posted.flatMap((m) => (m.type === 'records' ? recordsIn(m.records) : []));
  assert.deepEqual([records().length, s.server.sent.length], [0, 0]);
  come();
  await s.clock.pass(0);
  assert.deepEqual(records()[0]?.slice(0, 4), [LostRecord, 0, OfKeys, 101]);
  assert.deepEqual([records().length, records()[MostWaiting]?.slice(0, 5)], [MostWaiting + 1, [4, 5, 0, 7, 12]]);
  assert.equal(s.server.sent.length, 1);
});

test('a learned model that the server wants is loaded and goes to the worker, also to the next one', async () => {
  const s = set();
  s.network.file = new ArrayBuffer(8);
  s.server.reply['models'] = { keyboard: ['rhythm-2'] };
  s.session.start();
  await s.clock.pass(10_000);
  assert.deepEqual(s.loaded, ['https://ipse.example/sdk/models/rhythm-2.net']);
  const forModels = () => s.posted.filter((m) => m.type === 'models' || m.type === 'network');
  assert.deepEqual(forModels(), [
    { type: 'models', wanted: { keyboard: ['rhythm-2'] } }, { type: 'network', name: 'rhythm-2', file: s.network.file },
  ]);
  s.session.stop();
  s.session.start();
  await s.clock.pass(0);
  assert.equal(forModels().length, 4);
});

test('the session goes on where a learned model cannot be had, and says so once', async () => {
  const s = set();
  s.server.reply['models'] = { keyboard: ['rhythm-2'] };
  s.session.start();
  await s.clock.pass(20_000);
  s.page.say?.({ type: 'unfit', why: 'unusable weights: cut' });
  s.page.say?.({ type: 'observations', observations: [observation(s.clock.atMS)] });
  await s.clock.pass(5_000);
  assert(s.loaded.length > 1, `${s.loaded.length} tries`);
  assert.deepEqual(s.errors, [{
    code: 'model', message: 'behaviour is measured by the plain model: the model rhythm-2 cannot be loaded: status 404',
  }]);
  assert.deepEqual(s.server.taken, [1]);
  assert.deepEqual(s.held, { listening: 1, watching: 1, workers: 1 });
});

test('start a second time changes nothing, and stop lets go of everything', async () => {
  const s = set();
  s.session.start().start();
  await s.clock.pass(0);
  assert.deepEqual(s.held, { listening: 1, watching: 1, workers: 1 });
  s.page.take?.([0, 1, 0, 5]);
  s.session.stop();
  assert.deepEqual(s.held, { listening: 0, watching: 0, workers: 0 });
  await s.clock.pass(600_000);
  assert.equal(s.server.sent.length, 1);
  assert.equal(s.clock.waiting, 0);
  s.session.start();
  await s.clock.pass(0);
  assert.deepEqual(s.held, { listening: 1, watching: 1, workers: 1 });
});

test('a worker that gets ready after the stop is let go', async () => {
  const s = set();
  s.session.start();
  s.session.stop();
  await settled();
  assert.deepEqual(s.held, { listening: 0, watching: 0, workers: 0 });
});

test('without a worker the session goes on, says so, and measures nothing', async () => {
  const s = set({}, 'none');
  s.session.start();
  await s.clock.pass(10_000);
  assert.deepEqual(s.errors, [{ code: 'worker', message: 'behaviour is not measured: the policy forbids workers' }]);
  assert.equal(s.held.listening, 0);
  assert.equal(s.server.sent.length, 3);
  assert.deepEqual(s.states, ['starting', 'running']);
});

test('a worker that breaks later takes the listeners with it', async () => {
  const s = set();
  s.session.start();
  await s.clock.pass(0);
  s.page.breakWorker?.('out of memory');
  assert.deepEqual(s.errors.map((e) => e.code), ['worker']);
  assert.equal(s.held.listening, 0);
});

test('the end of the session lets go of everything', async () => {
  const s = set();
  s.session.start();
  await s.clock.pass(0);
  s.server.answers.push({ status: 410 });
  await s.clock.pass(5_000);
  assert.deepEqual(s.held, { listening: 0, watching: 0, workers: 0 });
  assert.deepEqual(s.states, ['starting', 'running', 'stopped']);
});

test('forget drops everything; a new token brings it back', async () => {
  const s = set();
  s.session.start();
  await s.clock.pass(0);
  s.page.say?.({ type: 'observations', observations: [observation(s.clock.atMS)] });
  s.session.forget();
  assert.deepEqual(s.held, { listening: 0, watching: 0, workers: 0 });
  s.session.renew('token-2');
  s.session.start();
  await s.clock.pass(20_000);
  assert.deepEqual(s.server.taken, []);
  assert.equal(s.server.last().authorization, 'Bearer token-2');
});

test('typing that no hand can do is reported at once, and a flood of it in turn', async () => {
  const s = set();
  s.session.start();
  await s.clock.pass(1_000);
  const early = () => ({ ...observation(s.clock.atMS), modality: 'keyboard' as const, quality: ['short_window' as const] });
  s.page.say?.({ type: 'observations', observations: [early()] });
  await s.clock.pass(0);
  assert.deepEqual(s.server.taken, [1]);
  for (let i = 0; i < 10; i++) s.page.say?.({ type: 'observations', observations: [early()] });
  await s.clock.pass(0);
  assert.deepEqual(s.server.taken, [1], 'the rest waits for the next report');
  await s.clock.pass(5_000);
  assert.equal(s.server.taken.length, 11);
});

test('leaving the page sends what waits', async () => {
  const s = set();
  s.session.start();
  await s.clock.pass(0);
  s.page.say?.({ type: 'observations', observations: [observation(s.clock.atMS)] });
  s.page.on?.leave();
  await settled();
  assert.deepEqual(s.server.taken, [1]);
});

test('options that cannot work are told and never thrown', async () => {
  for (const options of [
    { endpoint: undefined as unknown as string },
    { endpoint: 'https://[' },
    { renewToken: 'token' as unknown as () => Promise<string> },
  ]) {
    const s = set(options);
    s.session.start();
    s.session.stop();
    s.session.forget();
    await s.clock.pass(1_000);
    assert.deepEqual(s.errors.map((e) => e.code), ['options']);
    assert.equal(s.server.sent.length, 0);
  }
});

test('a handler that throws harms nobody, and on() gives the way off', async () => {
  const s = set();
  let heard = 0;
  s.session.on('risk', () => {
    throw new Error('the page has a mistake');
  });
  const off = s.session.on('risk', () => heard++);
  s.session.on('error', () => {
    throw new Error('and another');
  });
  s.session.start();
  await s.clock.pass(0);
  assert.equal(heard, 1);
  assert.deepEqual(s.errors.map((e) => e.code), ['handler']);
  off();
  await s.clock.pass(5_000);
  assert.equal(heard, 1);
  s.session.on('weather' as 'risk', () => undefined);
  assert.equal(s.errors[s.errors.length - 1]?.code, 'options');
});

test('garbage from the worker changes nothing', async () => {
  const s = set();
  s.session.start();
  await s.clock.pass(0);
  for (const garbage of [null, 7, {}, { type: 'observations' }, { type: 'observations', observations: 'x' }]) {
    s.page.say?.(garbage as unknown as FromWorker);
  }
  await s.clock.pass(5_000);
  assert.deepEqual(s.server.taken, []);
});

test('a phrase is asked for, listened to in its field, and over when the page says so', async () => {
  const s = set();
  const records = () => s.posted.flatMap((m) => (m.type === 'records' ? recordsIn(m.records).map((r) => r.slice(0, 5)) : []));
  const field = {} as Element;
  s.session.start();
  await settled();
  assert.equal(s.page.phraseField?.(), undefined);
  const phrase = s.session.phrase(7, 12, field);
  assert.equal(s.page.phraseField?.(), field);
  phrase.done();
  assert.deepEqual(records(), [[4, 5, 0, 7, 12], [4, 5, 4, 0, 0]]);
  assert.equal(s.page.phraseField?.(), field, 'the last key may still be held');
  await s.clock.pass(2_000);
  assert.deepEqual(records().slice(2), [[4, 5, 5, 0, 0]]);
  assert.equal(s.page.phraseField?.(), undefined);

  const dropped = s.session.phrase(8, 12, field);
  const next = s.session.phrase(9, 12, field);
  dropped.drop(); // it was dropped by the next: this one goes on
  dropped.done();
  assert.equal(s.page.phraseField?.(), field);
  next.drop();
  assert.equal(s.page.phraseField?.(), undefined);
  assert.deepEqual(records().slice(3), [[4, 5, 0, 8, 12], [4, 5, 0, 9, 12], [4, 5, 6, 0, 0]]);
});

test('a phrase is reported at once', async () => {
  const s = set();
  s.session.start();
  await settled();
  const before = s.server.sent.length;
  s.page.say?.({ type: 'observations', observations: [{ ...observation(), modality: 'phrase', phrase: 7 }] });
  await s.clock.pass(1);
  assert.equal(s.server.sent.length, before + 1);
  assert(s.server.last().raw.includes('"phrase":7'));
});

test('an impossible phrase is told and does nothing', async () => {
  const s = set();
  s.session.start();
  await settled();
  const field = {} as Element;
  for (const [number, strokes, where] of [[0, 12, field], [1.5, 12, field], [2 ** 31, 12, field], [1, 5, field], [1, 65, field], [1, 12, undefined]] as const) {
    const phrase = s.session.phrase(number, strokes, where as Element);
    phrase.done();
    phrase.drop();
  }
  assert(s.errors.length >= 1 && s.errors.every(({ code }) => code === 'options'));
  assert.equal(s.page.phraseField?.(), undefined);
  assert.equal(s.posted.filter(({ type }) => type === 'records').length, 0);
});
