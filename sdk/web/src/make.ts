// Makes a collector that never throws into the page.
import type { Ipse, Options, Phrase } from './api.ts';
import { Session, type Environment } from './session.ts';

export function make(options: Options, environment: Environment): Ipse {
  // A page that has broken what ipse stands on gets a collector that does nothing, and no exception.
  const session = unthrown(() => new Session(options, environment));
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

function unthrown<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}
