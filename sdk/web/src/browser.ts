// The browser as a session sees it. Nothing here runs before start().
import type { Clock } from './clock.ts';
import type { DeviceClass } from './observation.ts';
import type { Environment } from './session.ts';
import { startWorker } from './host.ts';
import { keys } from './keys.ts';
import { alone, byClaims, byLocks, type Join } from './peers.ts';
import { listen } from './listen.ts';

const clock: Clock = {
  nowMS: () => Date.now(),
  after: (delayMS, fn) => {
    const timer = setTimeout(fn, delayMS);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Finds the other pages of a session. */
const join: Join = (name, part) => {
  if (typeof BroadcastChannel === 'undefined') return alone(name, part);
  const open = (channel: string) => new BroadcastChannel(channel);
  return (navigator.locks ? byLocks(navigator.locks, open) : byClaims(clock, open))(`ipse ${name}`, part);
};

export const browser: Environment = {
  available: () => typeof window !== 'undefined' && typeof document !== 'undefined' && typeof fetch === 'function',
  resolve: (address) => new URL(address, location.href).href,
  fetch: (url, init) => fetch(url, init),
  load: async (address, signal) => {
    const response = await fetch(address, { credentials: 'omit', referrerPolicy: 'no-referrer', signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.arrayBuffer();
  },
  clock,
  keys,
  join,
  eventMS: () => performance.now(),
  deviceClass,
  startWorker,
  listen,
  watch: (on) => {
    const off = new AbortController();
    const { signal } = off;
    document.addEventListener('visibilitychange', () => on.show(document.visibilityState !== 'hidden'), { signal });
    addEventListener('pagehide', () => on.leave(), { signal });
    addEventListener('pageshow', (e) => e.persisted && on.show(true), { signal });
    addEventListener('online', () => on.online(), { signal });
    return () => off.abort();
  },
};

function deviceClass(): DeviceClass {
  if (!matchMedia('(pointer: coarse)').matches) return 'desktop';
  return Math.min(screen.width, screen.height) < 600 ? 'phone' : 'tablet';
}
