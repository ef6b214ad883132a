// Fetches the networks that the server wants and hands them to the worker, which has no network of its own. Until one is
// there, and where none can be had, the worker goes on with the plain model.
import { backoffMS } from './backoff.ts';
import type { Clock } from './clock.ts';
import { Model } from './embed.ts';
import type { ToWorker } from './message.ts';
import { unheard } from './guard.ts';
import { namesOf, type Wanted } from './wanted.ts';

/** A slow line may take this long for some hundred kilobytes. */
const timeoutMS = 60_000;

export interface LoaderOptions {
  /** Gives a file's bytes; rejects where it cannot be had. */
  load: (address: string, signal: AbortSignal) => Promise<ArrayBuffer>;
  /** The address of a model's weights file. */
  addressOf: (model: string) => string;
  clock: Clock;
  post: (message: ToWorker, moved: ArrayBuffer[]) => void;
  onFailed: (why: string) => void;
}

export class Loader {
  private readonly asked = new Set<string>(); // on their way, with the worker, or unfit
  private readonly flights = new Set<AbortController>();
  private failures = 0;
  private notBeforeMS = 0;
  private told = '{}'; // what the worker was last told to be wanted
  private stopped = false;

  constructor(private readonly o: LoaderOptions) {}

  /** Takes what the latest reply wants; what failed to load is tried again at a later reply. */
  want(wanted: Wanted): void {
    if (this.stopped) return;
    const text = JSON.stringify(wanted);
    if (text !== this.told) this.o.post({ type: 'models', wanted }, []);
    this.told = text;
    for (const name of namesOf(wanted)) {
      if (name === Model || this.asked.has(name) || this.o.clock.nowMS() < this.notBeforeMS) continue;
      this.asked.add(name);
      unheard(this.fetch(name));
    }
  }

  stop(): void {
    this.stopped = true;
    for (const abort of this.flights) abort.abort();
  }

  private async fetch(name: string): Promise<void> {
    const abort = new AbortController();
    const cancel = this.o.clock.after(timeoutMS, () => abort.abort());
    this.flights.add(abort);
    try {
      const file = await this.o.load(this.o.addressOf(name), abort.signal);
      if (this.stopped) return;
      this.failures = 0;
      this.o.post({ type: 'network', name, file }, [file]);
    } catch (thrown) {
      if (this.stopped) return;
      this.asked.delete(name);
      this.notBeforeMS = this.o.clock.nowMS() + backoffMS(++this.failures, this.o.clock.random());
      this.o.onFailed(`the model ${name} cannot be loaded: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    } finally {
      cancel();
      this.flights.delete(abort);
    }
  }
}
