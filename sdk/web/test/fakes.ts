// Time, chance, a server and a browser that a test holds in its hand.
import type { Clock } from '../src/clock.ts';
import type { Observation } from '../src/observation.ts';
import type { Fetch } from '../src/report.ts';

/** Lets every promise that can go on do so. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

export class FakeClock implements Clock {
  private timers: { atMS: number; fn: () => void }[] = [];

  constructor(public atMS = 1_800_000_000_000) {}

  nowMS(): number {
    return this.atMS;
  }

  random(): number {
    return 0.5;
  }

  after(delayMS: number, fn: () => void): () => void {
    const timer = { atMS: this.atMS + delayMS, fn };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((t) => t !== timer);
    };
  }

  /** Lets time pass, timers fire in their order, and promises go on in between. */
  async pass(ms: number): Promise<void> {
    const endMS = this.atMS + ms;
    await settled();
    for (;;) {
      const next = this.timers.filter((t) => t.atMS <= endMS).sort((a, b) => a.atMS - b.atMS)[0];
      if (!next) break;
      this.timers = this.timers.filter((t) => t !== next);
      this.atMS = Math.max(this.atMS, next.atMS);
      next.fn();
      await settled();
    }
    this.atMS = endMS;
  }

  get waiting(): number {
    return this.timers.length;
  }
}

export interface Sent {
  url: string;
  authorization: string;
  keepalive: boolean;
  sentAtMS: number;
  dropped: number;
  sequences: number[];
  raw: string;
}

export type Answer =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | 'network error'
  | 'silence'
  /** The server takes the report, and the answer is lost on its way. */
  | 'lost answer';

/** A server that keeps the contract, except where a test puts answers in front of it. */
export class FakeServer {
  sent: Sent[] = [];
  answers: Answer[] = [];
  acceptedThrough = 0;
  taken: number[] = [];
  reply: Record<string, unknown> = { riskLevel: 'LOW', answer: 'cannot_tell', directives: [], reportAfterSeconds: 5, references: [] };

  readonly fetch: Fetch = async (url, init) => {
    const body = JSON.parse(init.body) as { sentAtMS: number; dropped: number; observations: { sequence: number }[] };
    const sequences = body.observations.map((o) => o.sequence);
    this.sent.push({
      url,
      authorization: init.headers['Authorization'] ?? '',
      keepalive: init.keepalive,
      sentAtMS: body.sentAtMS,
      dropped: body.dropped,
      sequences,
      raw: init.body,
    });
    const answer = this.answers.shift();
    if (answer === 'network error') throw new TypeError('Failed to fetch');
    if (answer === 'silence') {
      return new Promise((_, reject) => init.signal.addEventListener('abort', () => reject(new Error('aborted'))));
    }
    if (answer && answer !== 'lost answer') return response(answer.status, answer.body, answer.headers);
    if (sequences.some((s, i) => s <= (sequences[i - 1] ?? this.acceptedThrough))) {
      return response(409, { type: 'urn:ipse:problem:sequence-from-the-past', acceptedThrough: this.acceptedThrough });
    }
    this.acceptedThrough = sequences[sequences.length - 1] ?? this.acceptedThrough;
    this.taken.push(...sequences);
    if (answer === 'lost answer') throw new TypeError('Failed to fetch');
    return response(200, { ...this.reply, acceptedThrough: this.acceptedThrough });
  };

  last(): Sent {
    const sent = this.sent[this.sent.length - 1];
    if (!sent) throw new Error('nothing was sent');
    return sent;
  }
}

function response(status: number, body: unknown = {}, headers: Record<string, string> = {}) {
  return {
    status,
    headers: { get: (name: string) => headers[name] ?? null },
    body: streamOf(typeof body === 'string' ? body : JSON.stringify(body)),
  };
}

/** A body of one piece, whose promises settle at once. */
function streamOf(text: string): ReadableStream<Uint8Array> {
  let value: Uint8Array | undefined = new TextEncoder().encode(text);
  const read = async () => {
    const part = { value, done: value === undefined };
    value = undefined;
    return part;
  };
  return { getReader: () => ({ read, cancel: async () => undefined }) } as unknown as ReadableStream<Uint8Array>;
}

export function observation(startMS = 1_800_000_000_000): Observation {
  return {
    modality: 'keyboard',
    model: 'features-1',
    deviceClass: 'desktop',
    startMS,
    durationMS: 4_000,
    events: 30,
    embedding: Int8Array.of(1, -1, 127, -127),
    featureList: 'keyboard-1',
    features: [1, 2, 3],
    liveness: { untrustedShare: 0, timestampQuantumMS: 0.1, repeatShare: 0, pastes: 0 },
    quality: [],
  };
}
