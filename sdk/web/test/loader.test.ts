import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Loader } from '../src/loader.ts';
import type { ToWorker } from '../src/message.ts';
import { FakeClock, settled } from './fakes.ts';

function set() {
  const clock = new FakeClock();
  const posted: ToWorker[] = [];
  const failed: string[] = [];
  const asked: string[] = [];
  const server: { answer: (address: string) => Promise<ArrayBuffer> } = { answer: async () => new ArrayBuffer(3) };
  const loader = new Loader({
    load: (address, signal) => {
      asked.push(address);
      const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
      return Promise.race([server.answer(address), aborted]);
    },
    addressOf: (model) => `/models/${model}`,
    clock,
    post: (message) => posted.push(message),
    onFailed: (why) => failed.push(why),
  });
  return { clock, posted, failed, asked, server, loader };
}

test('a network is fetched once, whatever the replies repeat; the plain model never', async () => {
  const s = set();
  for (let i = 0; i < 3; i++) {
    s.loader.want({ keyboard: ['features-1', 'rhythm-2'], pointer: ['features-1'] });
    await settled();
  }
  assert.deepEqual(s.asked, ['/models/rhythm-2']);
  assert.deepEqual(s.posted.map((m) => m.type), ['models', 'network']);
  assert.equal(s.clock.waiting, 0);
});

test('what the server wants anew is told and fetched', async () => {
  const s = set();
  s.loader.want({});
  s.loader.want({ keyboard: ['rhythm-2'] });
  await settled();
  s.loader.want({ keyboard: ['rhythm-9'] });
  await settled();
  s.loader.want({});
  assert.deepEqual(s.asked, ['/models/rhythm-2', '/models/rhythm-9']);
  assert.deepEqual(s.posted.filter((m) => m.type === 'models'), [
    { type: 'models', wanted: { keyboard: ['rhythm-2'] } }, { type: 'models', wanted: { keyboard: ['rhythm-9'] } }, { type: 'models', wanted: {} },
  ]);
});

test('a fetch that fails is tried again at later replies, ever more rarely', async () => {
  const s = set();
  s.server.answer = async () => {
    throw new Error('status 503');
  };
  for (let second = 0; second < 600; second += 5) {
    s.loader.want({ keyboard: ['rhythm-2'] });
    await s.clock.pass(5_000);
  }
  assert(s.asked.length > 8 && s.asked.length < 40, `${s.asked.length} tries in ten minutes`);
  assert.equal(s.failed[0], 'the model rhythm-2 cannot be loaded: status 503');
  s.server.answer = async () => new ArrayBuffer(3);
  await s.clock.pass(60_000);
  s.loader.want({ keyboard: ['rhythm-2'] });
  await settled();
  assert.equal(s.posted[s.posted.length - 1]?.type, 'network');
});

test('a fetch that hangs is given up, and a stop ends it without a word', async () => {
  const s = set();
  s.server.answer = () => new Promise(() => undefined);
  s.loader.want({ keyboard: ['rhythm-2'] });
  await s.clock.pass(60_000);
  assert.equal(s.failed.length, 1);
  await s.clock.pass(60_000);
  s.loader.want({ keyboard: ['rhythm-2'] });
  s.loader.stop();
  await settled();
  s.loader.want({ keyboard: ['rhythm-9'] });
  assert.equal(s.failed.length, 1);
  assert.equal(s.asked.length, 2);
  assert.equal(s.clock.waiting, 0);
});
