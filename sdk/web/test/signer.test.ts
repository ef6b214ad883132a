import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpseError } from '../src/api.ts';
import { Signer, sessionOf, type Keys } from '../src/signer.ts';
import { Transport } from '../src/transport.ts';
import { FakeClock, FakeServer, observation } from './fakes.ts';

const tokenOf = (session: string, rest = 'sig') => `e30.${btoa(JSON.stringify({ sub: session }))}.${rest}`;

/** Keys whose signatures tell what was signed. */
function fakeKeys(fault?: string) {
  const obtained: string[] = [];
  const dropped: string[] = [];
  const signed: string[] = [];
  const keys: Keys = {
    obtain: async (session) => {
      if (fault) throw new Error(fault);
      obtained.push(session);
      return {
        point: `point-of-${session}`,
        sign: async (bytes) => {
          signed.push(new TextDecoder().decode(bytes));
          return new Uint8Array([251, 255, signed.length]).buffer;
        },
      };
    },
    drop: async (session) => void dropped.push(session),
  };
  return { keys, obtained, dropped, signed };
}

function set(fault?: string) {
  const clock = new FakeClock();
  const server = new FakeServer();
  const headers: (string | undefined)[] = [];
  const errors: IpseError[] = [];
  const fake = fakeKeys(fault);
  const transport = new Transport({
    url: 'https://ipse.example/v1/observations',
    token: tokenOf('s'),
    renewToken: undefined,
    fetch: (url, init) => {
      headers.push(init.headers['Ipse-Signature']);
      return server.fetch(url, init);
    },
    clock,
    keys: fake.keys,
    onRisk: () => undefined,
    onModels: () => undefined,
    onState: () => undefined,
    onError: (error) => errors.push(error),
    onEnd: () => undefined,
  });
  return { clock, server, headers, errors, transport, ...fake };
}

const stampOf = (header: string | undefined) => Number(header?.split('.')[1]);

test('every report is signed by the session’s key for its token, stamp and body', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.transport.add(observation(s.clock.atMS));
  await s.clock.pass(5_000);
  assert.deepEqual(s.obtained, ['s']);
  assert.equal(s.headers[0], 'v1.1800000000000500.point-of-s.-_8B');
  s.server.sent.forEach((sent, i) => {
    const text = `ipse-report-1\nPOST /v1/observations\n${tokenOf('s')}\n${stampOf(s.headers[i])}\n${sent.raw}`;
    assert(s.signed.includes(text), `report ${i} was not signed as it was sent`);
  });
});

test('stamps grow when the clock goes back, and lie above what the server has seen', async () => {
  const clock = new FakeClock();
  const signer = new Signer(fakeKeys().keys, clock);
  const next = async () => stampOf(await signer.sign(tokenOf('s'), ''));
  const first = await next();
  clock.atMS -= 3_600_000;
  assert.equal(await next(), first + 1);
  signer.above(first + 1_000_000);
  assert.equal(await next(), first + 1_000_001);
  clock.atMS += 7_200_000;
  assert.equal(await next(), clock.atMS * 1000 + 500);
});

test('a stamp that was used is followed by a higher one, at once and not for ever', async () => {
  const s = set();
  const replayed = { status: 401, body: { type: 'urn:ipse:problem:signature-replayed', detail: 'used', signedThrough: 1_900_000_000_000_000 } };
  s.server.answers = [replayed];
  s.transport.start();
  await s.clock.pass(0);
  assert.equal(s.headers.length, 2);
  assert.equal(stampOf(s.headers[1]), 1_900_000_000_000_001);
  s.server.answers = [replayed, replayed, replayed, replayed, replayed];
  await s.clock.pass(5_500);
  assert.equal(s.headers.length, 6);
  assert.deepEqual(s.errors.map((e) => e.code), ['key']);
});

test('a server that knows another key is told of, asked ever more rarely, and nothing is lost when it is free again', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.transport.add(observation(s.clock.atMS));
  for (let i = 0; i < 4; i++) s.server.answers.push({ status: 403, body: { type: 'urn:ipse:problem:signed-by-another-key', detail: 'another' } });
  await s.clock.pass(60_000);
  assert.deepEqual(s.errors, [{ code: 'key', message: 'another' }]);
  assert.deepEqual(s.server.taken, [1]);
  assert(s.headers.length < 25, `${s.headers.length} reports in a minute`);
});

test('a browser that keeps no keys says so once and reports unsigned: the server decides', async () => {
  const s = set('this page is no secure context: it needs https');
  s.transport.start();
  await s.clock.pass(20_000);
  assert.deepEqual(s.errors, [{ code: 'key', message: 'reports are not signed: this page is no secure context: it needs https' }]);
  assert(s.headers.length > 2 && s.headers.every((h) => h === undefined), `${s.headers.length} reports`);
});

test('what is sent when the page goes away was signed ahead', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.transport.add(observation(s.clock.atMS));
  s.transport.add(observation(s.clock.atMS));
  await s.clock.pass(10);
  const before = s.headers.length;
  s.transport.leave(); // and no promise may go on before the request is on its way
  assert.equal(s.headers.length, before + 1);
  assert.match(s.headers.at(-1) ?? '', /^v1\./);
  assert.deepEqual(s.server.last().sequences, [1, 2]);
});

test('observations that come together are signed together, and not one after the other', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  const before = s.signed.length;
  for (let i = 0; i < 8; i++) s.transport.add(observation(s.clock.atMS));
  await s.clock.pass(10);
  assert.equal(s.signed.length, before + 1);
});

test('forget drops the key; stop does not', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.transport.stop();
  assert.deepEqual(s.dropped, []);
  s.transport.forget();
  assert.deepEqual(s.dropped, ['s']);
});

test('the end of the session drops the key', async () => {
  const s = set();
  s.server.answers = [{ status: 410 }];
  s.transport.start();
  await s.clock.pass(0);
  assert.deepEqual(s.dropped, ['s']);
});

test('a token of another session is signed by another key', async () => {
  const s = set();
  s.transport.start();
  await s.clock.pass(0);
  s.transport.renew(tokenOf('t'));
  await s.clock.pass(5_000);
  assert.deepEqual(s.obtained, ['s', 't']);
  assert.match(s.headers.at(-1) ?? '', /point-of-t/);
});

test('only a token that names its session does so', () => {
  assert.equal(sessionOf(tokenOf('abc_1-2')), 'abc_1-2');
  for (const token of ['', 'x', 'a.b.c', 'a.%%.c', `e30.${btoa('{}')}.c`, `e30.${btoa('{"sub":5}')}.c`, `e30.${btoa('{"sub":"../x"}')}.c`, `e30.${btoa('null')}.c`]) {
    assert.equal(sessionOf(token), undefined, token);
  }
});
