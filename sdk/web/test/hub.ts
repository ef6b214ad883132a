// The pages of one browser: what they say to each other, and who holds which lock.
import type { Channel, Locks } from '../src/peers.ts';

interface Request {
  held: () => Promise<void>;
  resolve: () => void;
  reject: (why: unknown) => void;
}

export class Hub {
  private channels = new Map<string, Set<FakeChannel>>();
  private holders = new Map<string, Request>();
  private queues = new Map<string, Request[]>();
  /** What is said from now on is lost. */
  deaf = false;

  /** A page's way to open channels; what gone() was called for hears and says nothing any more. */
  page() {
    const mine: FakeChannel[] = [];
    const held: { name: string; request: Request }[] = [];
    let here = true;
    const open = (name: string): Channel => {
      const channel = new FakeChannel((word) => here && this.say(name, channel, word), () => this.channels.get(name)?.delete(channel));
      if (!this.channels.has(name)) this.channels.set(name, new Set());
      this.channels.get(name)?.add(channel);
      mine.push(channel);
      return channel;
    };
    const locks: Locks = {
      request: (name, options, callback) =>
        new Promise((resolve, reject) => {
          const request: Request = { held: callback, resolve, reject };
          held.push({ name, request });
          const queue = this.queues.get(name) ?? [];
          this.queues.set(name, queue);
          if (options.steal) {
            this.holders.get(name)?.reject(new Error('AbortError'));
            this.holders.delete(name);
            queue.unshift(request);
          } else queue.push(request);
          options.signal?.addEventListener('abort', () => {
            const at = queue.indexOf(request);
            if (at < 0) return;
            queue.splice(at, 1);
            reject(new Error('AbortError'));
          });
          void Promise.resolve().then(() => this.grant(name));
        }),
    };
    return {
      open,
      locks,
      /** The page is gone, without a word. */
      gone: () => {
        here = false;
        for (const channel of mine) channel.close();
        for (const { name, request } of held) {
          const queue = this.queues.get(name) ?? [];
          this.queues.set(name, queue.filter((r) => r !== request));
          if (this.holders.get(name) === request) {
            this.holders.delete(name);
            this.grant(name);
          }
        }
      },
    };
  }

  /** Says something that no page of the SDK would say. */
  shout(word: unknown): void {
    for (const name of this.channels.keys()) this.say(name, undefined, word);
  }

  private say(name: string, from: FakeChannel | undefined, word: unknown): void {
    if (this.deaf) return;
    const copy = structuredClone(word);
    for (const channel of this.channels.get(name) ?? []) {
      if (channel !== from) void Promise.resolve().then(() => channel.onmessage?.({ data: copy } as MessageEvent));
    }
  }

  private grant(name: string): void {
    if (this.holders.has(name)) return;
    const next = this.queues.get(name)?.shift();
    if (!next) return;
    this.holders.set(name, next);
    void next.held().then(() => {
      next.resolve();
      if (this.holders.get(name) !== next) return;
      this.holders.delete(name);
      this.grant(name);
    });
  }
}

class FakeChannel implements Channel {
  onmessage: ((e: MessageEvent) => void) | null = null;

  constructor(readonly postMessage: (word: unknown) => void, private readonly off: () => void) {}

  close(): void {
    this.onmessage = null;
    this.off();
  }
}
