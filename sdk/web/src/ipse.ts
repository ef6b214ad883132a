// The public face of @ipse/web. Importing it touches nothing of the browser.
import type { Ipse, Options, Phrase } from './api.ts';
import { browser } from './browser.ts';
import { Session } from './session.ts';

export type * from './api.ts';

/** Prepares one session's collector. Nothing happens before its start(). */
export function createIpse(options: Options): Ipse {
  // A page that has broken what ipse stands on gets a collector that does nothing, and no exception.
  const session = unthrown(() => new Session(options, browser));
  const nothing = () => undefined;
  const ipse: Ipse = {
    start: () => (unthrown(() => session?.start()), ipse),
    stop: () => unthrown(() => session?.stop()),
    forget: () => unthrown(() => session?.forget()),
    renew: (token) => unthrown(() => session?.renew(token)),
    phrase: (number, strokes, field) => {
      const phrase: Phrase | undefined = unthrown(() => session?.phrase(number, strokes, field));
      return { done: () => unthrown(() => phrase?.done()), drop: () => unthrown(() => phrase?.drop()) };
    },
    on: (name, fn) => unthrown(() => session?.on(name, fn)) ?? nothing,
  };
  return ipse;
}

/** Prepares and starts in one call. */
export function start(options: Options): Ipse {
  return createIpse(options).start();
}

function unthrown<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}
