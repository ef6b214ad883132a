// The content script: runs on listed pages only, listens once the host says so, and passes records of a few numbers on. It
// lives in the browser's isolated world: the page's scripts and its policies neither see it nor reach it.
import { Batch } from '../../sdk/web/src/batch.ts';
import { listen } from '../../sdk/web/src/listen.ts';
import { pagePort, type FromPage, type ToControl, type ToPage } from './message.ts';
import { covers } from './pattern.ts';
import { pageSaysItLives } from './target.ts';

/** Records travel together, at most so much later. */
const batchDelayMS = 250;
const firstRetryMS = 1_000;
const longestRetryMS = 60_000;
const aliveMS = 20_000;

class Page {
  private port: ExtensionPort | undefined;
  private unlisten: (() => void) | undefined;
  private pages: string[] = [];
  private readonly batch = new Batch();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private retryMS = firstRetryMS;
  private address = '';
  private here = true;
  private ended = false;
  private readonly off = new AbortController();

  constructor(private readonly onEnd: () => void) {
    const { signal } = this.off;
    document.addEventListener('visibilitychange', () => this.changed(), { signal });
    addEventListener('pagehide', () => this.leave(), { signal });
    addEventListener('pageshow', (e) => e.persisted && !this.port && void this.hello(), { signal });
    if (pageSaysItLives) {
      const alive = setInterval(() => {
        if (this.unlisten) void this.ask({ to: 'control', type: 'alive' });
      }, aliveMS);
      signal.addEventListener('abort', () => clearInterval(alive));
    }
    void this.hello();
  }

  /** Asks whether this page is measured and, if so, connects. Without an answer it asks again, ever more rarely. */
  private async hello(): Promise<void> {
    const answer = await this.ask({ to: 'control', type: 'hello' });
    if (this.ended || this.port) return;
    if (answer === false) return this.end();
    if (answer === true) this.connect();
    else this.retry();
  }

  private async ask(message: ToControl): Promise<unknown> {
    try {
      if (!chrome.runtime?.id) this.end(); // the extension was taken off or replaced: nobody is there any more
      else return await chrome.runtime.sendMessage(message);
    } catch {
      // its worker is just being started or replaced
    }
    return undefined;
  }

  private connect(): void {
    const port = chrome.runtime.connect({ name: pagePort });
    this.port = port;
    port.onMessage.addListener((message) => this.take(message as ToPage));
    port.onDisconnect.addListener(() => {
      if (this.port !== port) return;
      this.port = undefined;
      this.deafen();
      this.retry();
    });
    this.say({ type: 'page', nowMS: performance.now(), visible: document.visibilityState !== 'hidden' });
  }

  private take(message: ToPage): void {
    if (message.type === 'stop') return this.end();
    this.retryMS = firstRetryMS;
    this.pages = message.pages;
    this.address = '';
    this.here = true;
    this.unlisten ??= listen({
      acceptSimulated: false,
      exclude: undefined, // what the page marks by data-ipse-exclude is left out
      motion: false,
      take: (record) => this.heeds() && this.batch.put(record),
      point: (...of) => this.heeds() && this.batch.point(...of),
      thin: (...of) => this.heeds() && this.batch.thin(...of),
      phraseField: () => undefined,
    });
  }

  /** Reports whether what just happened counts, and sees to it that it is passed on. */
  private heeds(): boolean {
    this.look();
    if (this.here) this.timer ??= setTimeout(() => this.post(), batchDelayMS);
    return this.here;
  }

  /** An application may change the page's address without loading another page, and so leave the listed ones. */
  private look(): void {
    if (location.href === this.address) return;
    this.address = location.href;
    const here = covers(this.pages, this.address);
    if (here === this.here) return;
    if (!here) this.post();
    this.here = here;
    this.changed();
  }

  private changed(): void {
    const visible = document.visibilityState !== 'hidden';
    if (!visible) this.post();
    if (this.unlisten) this.say({ type: 'changed', visible, here: this.here });
  }

  private post(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const numbers = this.batch.drain();
    if (numbers) this.say({ type: 'records', nowMS: performance.now(), numbers: Array.from(numbers) }); // ports carry JSON
  }

  private say(message: FromPage): void {
    try {
      this.port?.postMessage(message);
    } catch {
      // the port has just closed; its own event follows
    }
  }

  private retry(): void {
    setTimeout(() => {
      if (!this.ended && !this.port) void this.hello();
    }, this.retryMS);
    this.retryMS = Math.min(longestRetryMS, this.retryMS * 2);
  }

  /** The page goes away. It may be kept to be shown again, and then begins anew. */
  private leave(): void {
    this.post();
    const { port } = this;
    this.port = undefined;
    this.deafen();
    port?.disconnect();
  }

  private deafen(): void {
    this.unlisten?.();
    this.unlisten = undefined;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.batch.drain();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.batch.drain();
    this.leave();
    this.off.abort();
    this.onEnd();
  }
}

// A policy that comes while pages are open runs this script once more on each of them.
const world = globalThis as { ipsePage?: Page | undefined };
world.ipsePage ??= new Page(() => {
  world.ipsePage = undefined;
});
