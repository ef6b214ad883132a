// The public face of @ipse/web. Importing it touches nothing of the browser.
import type { Ipse, Options } from './api.ts';
import { browser } from './browser.ts';
import { make } from './make.ts';

export type * from './api.ts';

/** Prepares one session's collector. Nothing happens before its start(). */
export function createIpse(options: Options): Ipse {
  return make(options, { ...browser, reporting: () => import('./reporting.ts') });
}

/** Prepares and starts in one call. */
export function start(options: Options): Ipse {
  return createIpse(options).start();
}
