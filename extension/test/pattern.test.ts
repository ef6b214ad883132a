import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, originPattern, patternProblem } from '../src/pattern.ts';

test('a pattern covers the pages that browsers would match', () => {
  const cases: [pattern: string, page: string, want: boolean][] = [
    ['https://desk.example/*', 'https://desk.example/', true],
    ['https://desk.example/*', 'https://desk.example/a/b?c=d#e', true],
    ['https://desk.example/*', 'http://desk.example/', false],
    ['https://desk.example/*', 'https://desk.example.evil/', false],
    ['https://desk.example/*', 'https://www.desk.example/', false],
    ['https://*.desk.example/*', 'https://www.desk.example/', true],
    ['https://*.desk.example/*', 'https://desk.example/', true],
    ['https://*.desk.example/*', 'https://evildesk.example/', false],
    ['https://desk.example/agent/*', 'https://desk.example/agent', false],
    ['https://desk.example/agent/*', 'https://desk.example/agent/7', true],
    ['https://desk.example/agent', 'https://desk.example/agent', true],
    ['https://desk.example/agent', 'https://desk.example/agent#x', true],
    ['https://desk.example/*/case/*', 'https://desk.example/eu/case/9', true],
    ['https://desk.example/*/case/*', 'https://desk.example/case/9', false],
    ['https://desk.example/*.html', 'https://desk.example/a.html', true],
    ['https://desk.example/a*a', 'https://desk.example/a', false],
    ['https://desk.example/*', 'https://desk.example:8443/', true],
    ['https://desk.example:8443/*', 'https://desk.example:8443/', true],
    ['https://desk.example:8443/*', 'https://desk.example/', false],
    ['https://desk.example:443/*', 'https://desk.example/', true],
    ['https://desk.example/*', 'https://user:word@desk.example/', true],
    ['https://desk.example/*', 'https://evil.example/https://desk.example/', false],
    ['https://desk.example/*', 'about:blank', false],
    ['https://desk.example/*', 'nonsense', false],
  ];
  for (const [pattern, page, want] of cases) assert.equal(covers([pattern], page), want, `${pattern} covers ${page}`);
  assert.equal(covers([], 'https://desk.example/'), false);
});

test('a pattern that could mean the whole web is refused', () => {
  const bad = [
    '<all_urls>', '*://*/*', '*://desk.example/*', 'https://*/*', 'https://*.com/*', 'https://*.*/*', 'https://*desk.example/*',
    'https://desk.*/*', 'file:///*', 'https://desk.example', 'https://Desk.example/*', 'https://dësk.example/*', 'https://a b/*',
    'https://desk.example/a b', 'https://desk.example/#x', 'https://user@desk.example/*', 'https://1.2/*', '', 'https:///*',
  ];
  for (const pattern of bad) assert.notEqual(patternProblem(pattern, true), undefined, `"${pattern}" is well, want it refused`);
  for (const pattern of ['https://desk.example/*', 'https://*.desk.example/a*', 'http://intranet/*', 'http://127.0.0.1:8080/*', 'http://[::1]/*']) {
    assert.equal(patternProblem(pattern, true), undefined, pattern);
  }
  assert.equal(patternProblem('https://desk.example:8443/*', false), 'problemPatternPort');
});

test('a path with many stars takes no longer than its length', () => {
  const pattern = `https://desk.example/${'*a'.repeat(400)}*b`;
  assert.equal(covers([pattern], `https://desk.example/${'a'.repeat(2000)}`), false);
});

test('the permission for an address names its origin', () => {
  assert.equal(originPattern('https://desk.example:8443/token?x=1', true), 'https://desk.example:8443/*');
  assert.equal(originPattern('https://desk.example:8443/token?x=1', false), 'https://desk.example/*');
});
