import assert from 'node:assert/strict';
import { test } from 'node:test';
import { list, readText } from './repository.ts';

// What a browser has and the modules may not touch while they are imported.
const forbidden = [
  'window', 'document', 'navigator', 'location', 'screen', 'history', 'addEventListener', 'matchMedia', 'fetch', 'Worker', 'Blob',
  'localStorage', 'sessionStorage', 'indexedDB', 'setTimeout', 'setInterval', 'requestAnimationFrame', 'crypto', 'performance',
];

test('importing touches nothing of the browser, and neither does createIpse', async () => {
  const touched: string[] = [];
  const before = new Map(forbidden.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  let createIpse: (options: { endpoint: string; token: string }) => { stop(): void };
  try {
    for (const name of forbidden) {
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get: () => {
          touched.push(name);
          return undefined;
        },
      });
    }
    ({ createIpse } = await import('../src/ipse.ts'));
    createIpse({ endpoint: 'https://ipse.example', token: 'token-1' }).stop();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete (globalThis as Record<string, unknown>)[name];
    }
  }
  assert.deepEqual(touched, []);
});

test('start outside a browser tells so and does not throw', async () => {
  const { createIpse } = await import('../src/ipse.ts');
  const errors: string[] = [];
  const ipse = createIpse({ endpoint: 'https://ipse.example', token: 'token-1' });
  ipse.on('error', (e) => errors.push(e.code));
  assert.equal(ipse.start(), ipse);
  ipse.stop();
  ipse.forget();
  assert.deepEqual(errors, ['options']);
});

test('only the files that are meant to touch the browser', () => {
  const thin = ['browser.ts', 'classic.ts', 'exclude.ts', 'frames.ts', 'host.ts', 'listen.ts', 'reporting.ts', 'worker.ts'];
  const names = /\b(window|document|navigator|location|screen|addEventListener|matchMedia|localStorage|sessionStorage|indexedDB|Worker\(|Blob\()\b/;
  for (const file of list('sdk/web/src')) {
    if (thin.includes(file)) continue;
    const code = readText(`sdk/web/src/${file}`).replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'/g, '');
    const found = names.exec(code);
    assert(!found || /\bwindows?\b/.test(found[0]) === false, `${file} names ${found?.[0]}`);
  }
});

test('no source reads which key it was', () => {
  for (const file of list('sdk/web/src')) {
    const code = readText(`sdk/web/src/${file}`).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    assert(!/\b(e|event)\.(key|keyCode|which|charCode|data|clipboardData)\b/.test(code), `${file} reads more of a key than its class`);
  }
});
