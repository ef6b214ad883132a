import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleStatus, type HostStatus, type Status } from '../src/message.ts';
import { viewOf } from '../src/state.ts';

const policy = { endpoint: 'https://ipse.example', pages: ['https://desk.example/*'], tokenURL: 'https://desk.example/token' };
const here = (host: Partial<HostStatus>): Status => ({ policy: { kind: 'valid', policy }, missing: [], host: { ...idleStatus, tabs: [7], ...host } });

test('each state of things shows one thing', () => {
  const cases: [what: string, status: Status, tab: number | undefined, shown: string, title: string, detail: string][] = [
    ['no policy', { ...here({}), policy: { kind: 'none' } }, 7, 'elsewhere', 'titleNotSetUp', 'detailNotSetUp'],
    ['an invalid one', { ...here({}), policy: { kind: 'invalid', problems: [] } }, 7, 'cannot', 'titleInvalid', 'detailInvalid'],
    ['no permission', { ...here({}), missing: ['x'] }, undefined, 'cannot', 'titleNotAllowed', 'detailNotAllowed'],
    ['measuring', here({ session: 'running' }), 7, 'measuring', 'titleMeasuring', 'detailMeasuring'],
    ['another tab', here({ session: 'running' }), 8, 'elsewhere', 'titleElsewhere', 'detailElsewhere'],
    ['no tab', here({ session: 'running' }), undefined, 'elsewhere', 'titleElsewhere', 'detailElsewhere'],
    ['locked', here({ session: 'running', locked: true }), 7, 'locked', 'titleLocked', 'detailLocked'],
    ['locked, another tab', here({ session: 'running', locked: true }), 8, 'elsewhere', 'titleElsewhere', 'detailElsewhere'],
    ['starting', here({ session: 'starting' }), 7, 'measuring', 'titleStarting', 'detailStarting'],
    ['no token', here({ session: 'starting', error: { code: 'unauthorized', message: '' } }), 7, 'cannot', 'titleCannot', 'detailNoToken'],
    ['signed out', here({ session: 'signedOut' }), 7, 'cannot', 'titleCannot', 'detailSignedOut'],
    ['offline', here({ session: 'offline' }), 7, 'cannot', 'titleCannot', 'detailOffline'],
    ['no worker', here({ session: 'running', error: { code: 'worker', message: '' } }), 7, 'cannot', 'titleCannot', 'detailWorker'],
    ['a wrong clock', here({ session: 'running', error: { code: 'clock', message: '' } }), 7, 'cannot', 'titleCannot', 'detailClock'],
    ['refused', here({ session: 'starting', error: { code: 'refused', message: '' } }), 7, 'cannot', 'titleCannot', 'detailRefused'],
    ['another key', here({ session: 'running', error: { code: 'key', message: '' } }), 7, 'cannot', 'titleCannot', 'detailRefused'],
    ['no model, which the plain one stands in for', here({ session: 'running', error: { code: 'model', message: '' } }), 7, 'measuring', 'titleMeasuring', 'detailMeasuring'],
    ['ended', here({ session: 'ended', tabs: [] }), 7, 'elsewhere', 'titleElsewhere', 'detailEnded'],
    ['declined', here({ session: 'declined', tabs: [] }), 7, 'elsewhere', 'titleElsewhere', 'detailDeclined'],
  ];
  for (const [what, status, tab, shown, title, detail] of cases) assert.deepEqual(viewOf(status, tab), { shown, title, detail }, what);
});
