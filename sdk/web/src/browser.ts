// The browser as a session sees it. Nothing here runs before start().
import type { Clock } from './clock.ts';
import type { DeviceClass } from './observation.ts';
import type { Environment } from './session.ts';
import { startWorker } from './host.ts';
import { listen } from './listen.ts';
import { guarded } from './guard.ts';
import { tried, webdriver } from './pristine.ts';

const clock: Clock = {
  nowMS: () => Date.now(),
  after: (delayMS, fn) => {
    let timer: ReturnType<typeof setTimeout>;
    guarded(() => (timer = setTimeout(guarded(fn), delayMS)))(undefined);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** All but the second script, which depends on how this one is embedded. */
export const browser: Omit<Environment, 'reporting'> = {
  available: () => typeof window !== 'undefined' && typeof document !== 'undefined' && typeof fetch === 'function',
  resolve: (address) => new URL(address, location.href).href,
  fetch: (url, init) => fetch(url, init),
  load: async (address, signal) => {
    const response = await fetch(address, { credentials: 'omit', referrerPolicy: 'no-referrer', signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.arrayBuffer();
  },
  clock,
  eventMS: () => performance.now(),
  deviceClass,
  startWorker,
  driven: () => tried(webdriver, navigator) === true,
  listen,
  watch: (on) => {
    const off = new AbortController();
    const hear = (target: EventTarget, name: string, fn: (e: Event) => void) =>
      target.addEventListener(name, guarded(fn), { signal: off.signal });
    hear(document, 'visibilitychange', () => on.show(document.visibilityState !== 'hidden'));
    hear(window, 'pagehide', () => on.leave());
    hear(window, 'pageshow', (e) => (e as PageTransitionEvent).persisted && on.show(true));
    hear(window, 'online', () => on.online());
    return () => off.abort();
  },
};

function deviceClass(): DeviceClass {
  if (!matchMedia('(pointer: coarse)').matches) return 'desktop';
  return Math.min(screen.width, screen.height) < 600 ? 'phone' : 'tablet';
}
