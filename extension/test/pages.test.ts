import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToPage } from '../src/message.ts';
import { Pages, type Origin } from '../src/pages.ts';

class FakePort {
  readonly heard: ToPage[] = [];
  gone = false;
  postMessage(message: ToPage): void {
    this.heard.push(message);
  }
  disconnect(): void {
    this.gone = true;
  }
}

const listed: Origin = { name: 'page', tab: 1, frame: 0, address: 'https://desk.example/a' };

/** Records as the content script's batch has them. */
function flat(...records: number[][]): number[] {
  return records.flatMap((r) => [...r, ...Array.from({ length: 9 - r.length }, () => 0)]);
}

function setUp() {
  let nowMS = 1_000;
  const records: (readonly number[])[] = [];
  const pages = new Pages({ record: (r) => records.push(r), changed: () => undefined }, () => nowMS);
  pages.list(['https://desk.example/*']);
  return { pages, records, pass: (ms: number) => (nowMS += ms) };
}

test('only the top frame of a tab with a listed page is heard', () => {
  for (const [why, from] of Object.entries<Origin>({
    'a frame inside': { ...listed, frame: 3 },
    'no tab': { ...listed, tab: undefined },
    'another page': { ...listed, address: 'https://evil.example/' },
    'no address': { ...listed, address: undefined },
    'another port': { ...listed, name: 'x' },
  })) {
    const { pages } = setUp();
    const port = new FakePort();
    assert.equal(pages.take(port, from), undefined, why);
    assert.deepEqual(port.heard, [{ type: 'stop' }], why);
    assert.deepEqual(pages.tabs, [], why);
  }
});

test('times of every page reach the one time of the host, and intervals stay as they were', () => {
  const { pages, records, pass } = setUp();
  const port = new FakePort();
  const hear = pages.take(port, listed)!;
  hear({ type: 'page', nowMS: 300, visible: true });
  assert.deepEqual(port.heard, [{ type: 'listen', pages: ['https://desk.example/*'] }]);
  pass(100);
  hear({ type: 'records', nowMS: 400, numbers: flat([0, 310.5, 1, 5], [0, 350.25, 1, 4]) });
  pass(180); // the message was late by 80 ms
  hear({ type: 'records', nowMS: 500, numbers: flat([0, 450, 1, 5]) });
  assert.deepEqual(records.map((r) => r.slice(0, 4)), [[0, 1010.5, 1, 5], [0, 1050.25, 1, 4], [0, 1150, 1, 5]]);
  pass(20_000); // after a pause the clocks are compared anew: the page was frozen for 5 s
  hear({ type: 'records', nowMS: 15_500, numbers: flat([0, 15_490, 1, 5]) });
  assert.equal(records.at(-1)?.[1], 21_270);
});

test('what a page that was taken over may say changes nothing', () => {
  const { pages, records } = setUp();
  const hear = pages.take(new FakePort(), listed)!;
  hear({ type: 'records', nowMS: 1, numbers: flat([0, 1, 1, 5]) }); // before it has told its time
  hear({ type: 'page', nowMS: NaN, visible: true });
  for (const message of [null, 7, 'text', [], {}, { type: 'policy' }, { type: 'records' }, { type: 'page', nowMS: '1' }]) hear(message);
  assert.deepEqual(records, []);
  hear({ type: 'page', nowMS: 0, visible: true });
  hear({ type: 'records', nowMS: 1, numbers: ['KeyA', 1, 1, 0, 0, 0, 0, 0, 0, 0, Infinity, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 5, null, 0, 0, 0, 0, 0, 1, 1] });
  assert.deepEqual(records, []);
  hear({ type: 'records', nowMS: 1, numbers: Array.from({ length: 500_000 }, () => 1) });
  assert.equal(records.length, 4_444);
});

test('a page that leaves the listed addresses, hides or goes is not counted', () => {
  const { pages } = setUp();
  const port = new FakePort();
  const hear = pages.take(port, listed)!;
  hear({ type: 'page', nowMS: 0, visible: true });
  assert.deepEqual([pages.tabs, pages.visible], [[1], true]);
  hear({ type: 'changed', visible: true, here: false });
  assert.deepEqual([pages.tabs, pages.visible], [[], false]);
  hear({ type: 'changed', visible: false, here: true });
  assert.deepEqual([pages.tabs, pages.visible], [[1], false]);
  pages.drop(port);
  assert.deepEqual([pages.tabs, pages.count], [[], 0]);
});

test('another list sends every page away', () => {
  const { pages, records } = setUp();
  const port = new FakePort();
  const hear = pages.take(port, listed)!;
  hear({ type: 'page', nowMS: 0, visible: true });
  pages.list([]);
  assert.deepEqual([port.heard.at(-1), port.gone, pages.count], [{ type: 'stop' }, true, 0]);
  hear({ type: 'records', nowMS: 1, numbers: flat([0, 1, 1, 5]) });
  assert.deepEqual(records, []);
});
