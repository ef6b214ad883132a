import type { Events } from './api.ts';

/** Calls the page's handlers. One that throws stops neither the others nor ipse. */
export class Emitter {
  private readonly handlers: { [Name in keyof Events]: Set<Events[Name]> } = {
    risk: new Set(),
    state: new Set(),
    error: new Set(),
  };

  on<Name extends keyof Events>(name: Name, fn: Events[Name]): () => void {
    const handlers = Object.hasOwn(this.handlers, name) ? this.handlers[name] : undefined;
    if (!handlers || typeof fn !== 'function') {
      this.emit('error', {
        code: 'options',
        message: `on() takes "risk", "state" or "error" and a function, not ${String(name)} and ${typeof fn}`,
      });
      return () => undefined;
    }
    handlers.add(fn);
    return () => void handlers.delete(fn);
  }

  emit<Name extends keyof Events>(name: Name, value: Parameters<Events[Name]>[0]): void {
    for (const fn of [...this.handlers[name]]) {
      try {
        (fn as (value: unknown) => void)(value);
      } catch (thrown) {
        if (name !== 'error') this.emit('error', { code: 'handler', message: `a ${name} handler threw: ${String(thrown)}` });
      }
    }
  }
}
