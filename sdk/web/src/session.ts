// One session's collector: joins the listener, the worker and the way to the server. The browser comes from outside.
import type { Ipse, Options, Phrase } from './api.ts';
import { Batch } from './batch.ts';
import type { Listening } from './capture.ts';
import { Carrier } from './carrier.ts';
import type { Clock } from './clock.ts';
import { Emitter } from './emitter.ts';
import type { Host } from './host.ts';
import { Loader } from './loader.ts';
import { Protocol, type FromWorker } from './message.ts';
import type { DeviceClass } from './observation.ts';
import { LostReleaseMS } from './keyboardwindow.ts';
import { MaxPhrase, PhraseMaxStrokes, PhraseMinStrokes } from './phrase.ts';
import { PhraseBegins, PhraseDropped, PhraseEnds, PhraseOver, phraseRecord, type EventRecord } from './record.ts';
import { unheard } from './guard.ts';
import type { Fetch } from './report.ts';
import type { Reporting } from './reporting.ts';
import type { Wanted } from './wanted.ts';

/** As much of a browser as a session needs. */
export interface Environment {
  available(): boolean;
  /** Makes an address whole; throws where it is none. */
  resolve(address: string): string;
  fetch: Fetch;
  /** Gives the bytes at an address; rejects where they cannot be had. */
  load(address: string, signal: AbortSignal): Promise<ArrayBuffer>;
  clock: Clock;
  /** Loads the second script, which the server has at this address; rejects where it cannot be had. */
  reporting(atEndpoint: string): Promise<Reporting>;
  /** Now, in the time of the page's events. */
  eventMS(): number;
  deviceClass(): DeviceClass;
  startWorker(address: string, onMessage: (message: FromWorker) => void, onBroken: (why: string) => void): Promise<Host>;
  /** The browser itself says that a program drives it. */
  driven(): boolean;
  listen(what: Listening): () => void;
  /** Tells of the page's life; the function that it gives ends that. */
  watch(on: { show(visible: boolean): void; leave(): void; online(): void }): () => void;
}

/** Records go to the worker together, at most so much later. */
const batchDelayMS = 500;

/** What cannot wait is reported at once, but no more often: a flood of such windows waits for its turn. */
const hurryMS = 5_000;

export class Session implements Ipse {
  private readonly emitter = new Emitter();
  private readonly options: Options;
  private carrier: Carrier | undefined;
  private token: string | undefined; // until there is a carrier to hold it
  private begun = false; // started or forgotten, which tells what is wrong with the options
  private host: Host | undefined;
  private loader: Loader | undefined; // as long as there is a host
  private wanted: Wanted = {};
  private modelFailed = false; // and the page was told so
  private batch = new Batch();
  private cancelPost: (() => void) | undefined;
  private unlisten: (() => void) | undefined;
  private unwatch: (() => void) | undefined;
  private field: unknown; // of the phrase that is being typed
  private asked = 0; // grows with every phrase
  private hurriedMS = -Infinity; // when a window was last reported at once
  private run = 0; // grows at every start and stop: a worker that gets ready too late is let go

  constructor(options: Options, private readonly env: Environment) {
    this.options = { ...options };
    this.token = this.options.token;
  }

  on: Ipse['on'] = (name, fn) => this.emitter.on(name, fn);

  start(): this {
    this.begun = true;
    try {
      this.carrier ??= this.connect();
      if (!this.carrier || this.carrier.started) return this;
      this.run++;
      this.unwatch = this.env.watch({
        show: (visible) => {
          if (!visible) this.post();
          this.carrier?.show(visible);
        },
        leave: () => this.carrier?.leave(),
        online: () => this.carrier?.hurry(),
      });
      unheard(this.measure(this.run));
      this.carrier.start();
    } catch (thrown) {
      this.emitter.emit('error', { code: 'options', message: `cannot start: ${String(thrown)}` });
    }
    return this;
  }

  stop(): void {
    this.quiet();
    this.carrier?.stop();
  }

  forget(): void {
    this.quiet();
    try {
      // Never started: an earlier page of the session may have made its key all the same.
      if (!this.begun && this.token !== undefined) this.carrier ??= this.connect();
    } catch (thrown) {
      this.emitter.emit('error', { code: 'options', message: `cannot forget the session's key: ${String(thrown)}` });
    }
    this.begun = true;
    this.token = undefined;
    this.carrier?.forget();
  }

  renew(token: string): void {
    if (this.carrier) this.carrier.renew(token);
    else this.token = token;
  }

  phrase(number: number, strokes: number, field: unknown): Phrase {
    const within = (n: number, low: number, high: number) => Number.isInteger(n) && n >= low && n <= high;
    const nothing = () => undefined;
    if (!within(number, 1, MaxPhrase) || !within(strokes, PhraseMinStrokes, PhraseMaxStrokes) || !field) {
      this.emitter.emit('error', {
        code: 'options',
        message: 'a phrase needs a number from 1 to 2147483647, 6 to 64 strokes and the field that it is typed into',
      });
      return { done: nothing, drop: nothing };
    }
    const mine = ++this.asked;
    this.field = field;
    const tell = (what: number, a?: number, b?: number) => {
      if (this.unlisten) this.record(phraseRecord(this.env.eventMS(), what, a, b));
    };
    const end = (what: number) => {
      if (mine !== this.asked) return;
      tell(what);
      this.post();
      this.field = undefined;
    };
    tell(PhraseBegins, number, strokes);
    return {
      done: () => {
        if (mine !== this.asked) return;
        tell(PhraseEnds);
        this.post();
        this.env.clock.after(LostReleaseMS, () => end(PhraseOver)); // the last key may still be held
      },
      drop: () => end(PhraseDropped),
    };
  }

  private connect(): Carrier | undefined {
    const { endpoint, renewToken } = this.options;
    if (!this.env.available()) {
      this.emitter.emit('error', { code: 'options', message: 'ipse runs in the window of a browser' });
      return undefined;
    }
    if (typeof endpoint !== 'string' || (renewToken !== undefined && typeof renewToken !== 'function')) {
      this.emitter.emit('error', {
        code: 'options',
        message: 'endpoint must be the address of the ipse server, and renewToken a function if it is given',
      });
      return undefined;
    }
    return new Carrier({
      url: this.address('/v1/observations'),
      token: this.token,
      renewToken,
      fetch: this.env.fetch,
      clock: this.env.clock,
      load: () => this.env.reporting(this.address('/sdk/ipse-session.mjs')),
      onReady: () => this.post(),
      onRisk: (risk) => this.emitter.emit('risk', risk),
      onModels: (wanted) => {
        this.wanted = wanted;
        this.loader?.want(wanted);
      },
      onState: (state) => this.emitter.emit('state', state),
      onError: (error) => this.emitter.emit('error', error),
      onEnd: () => this.quiet(),
    });
  }

  private address(path: string): string {
    return this.env.resolve(this.options.endpoint.replace(/\/+$/, '') + path);
  }

  /** Starts the worker and listens once it is ready. Without one the session goes on, and measures nothing. */
  private async measure(run: number): Promise<void> {
    try {
      const address = this.options.workerURL ?? this.address('/sdk/ipse-worker.js');
      const host = await this.env.startWorker(
        address,
        (message) => {
          if (run === this.run) this.take(message);
        },
        (why) => {
          if (run === this.run) this.unmeasured(why);
        },
      );
      if (run !== this.run) {
        host.stop();
        return;
      }
      const acceptSimulated = this.options.acceptSimulated === true;
      const deviceClass = this.options.deviceClass ?? this.env.deviceClass();
      host.post({ type: 'begin', protocol: Protocol, deviceClass, acceptSimulated, driven: this.env.driven() });
      this.host = host;
      this.loader = new Loader({
        load: (at, signal) => this.env.load(at, signal),
        addressOf: (model) => this.address(`/sdk/models/${model}.net`),
        clock: this.env.clock,
        post: (message, moved) => host.post(message, moved),
        onFailed: (why) => this.withoutModel(why),
      });
      this.loader.want(this.wanted);
      this.unlisten = this.env.listen({
        acceptSimulated,
        exclude: this.options.exclude,
        motion: this.options.motion === true,
        take: (record) => this.record(record),
        point: (timeMS, kind, flags, x, y, button, wheelX, wheelY) => {
          this.batch.point(timeMS, kind, flags, x, y, button, wheelX, wheelY);
          this.postSoon();
        },
        thin: (timeMS, nextMS, flags) => this.batch.thin(timeMS, nextMS, flags), // the next one is posted
        phraseField: () => this.field,
      });
    } catch (thrown) {
      if (run === this.run) this.unmeasured(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  private unmeasured(why: string): void {
    this.deafen();
    this.emitter.emit('error', { code: 'worker', message: `behaviour is not measured: ${why}` });
  }

  /** Tells once that a learned model cannot be had. The session goes on with the plain one. */
  private withoutModel(why: string): void {
    if (this.modelFailed) return;
    this.modelFailed = true;
    this.emitter.emit('error', { code: 'model', message: `behaviour is measured by the plain model: ${why}` });
  }

  private take(message: FromWorker): void {
    if (message?.type === 'unfit') this.withoutModel(message.why);
    if (message?.type !== 'observations' || !Array.isArray(message.observations)) return;
    for (const observation of message.observations) {
      this.carrier?.add(observation); // a page that has got at the worker may send anything: what cannot be told throws here
    }
    // The page waits for what a phrase says. A window of typing that ended early was cut because no hand types like that.
    const nowMS = this.env.clock.nowMS();
    const early = message.observations.some((o) => o?.modality === 'keyboard' && o.quality.includes('short_window'));
    if (early && Math.abs(nowMS - this.hurriedMS) > hurryMS) this.hurriedMS = nowMS;
    else if (!message.observations.some((o) => o?.modality === 'phrase')) return;
    this.carrier?.hurry();
  }

  private record(record: EventRecord): void {
    this.batch.put(record);
    this.postSoon();
  }

  private postSoon(): void {
    this.cancelPost ??= this.env.clock.after(batchDelayMS, () => this.post());
  }

  private post(): void {
    this.cancelPost?.();
    this.cancelPost = undefined;
    const records = this.host && this.carrier?.ready && this.batch.drain(); // nothing comes back for no one to take
    if (!records) return;
    this.host?.post({ type: 'records', records, eventMS: this.env.eventMS(), unixMS: this.env.clock.nowMS() }, [records.buffer]);
  }

  private quiet(): void {
    this.run++;
    this.unwatch?.();
    this.unwatch = undefined;
    this.deafen();
  }

  /** Takes the listeners off and lets the worker go, with the windows that it was filling. */
  private deafen(): void {
    this.unlisten?.();
    this.unlisten = undefined;
    this.cancelPost?.();
    this.cancelPost = undefined;
    this.batch.drain();
    this.field = undefined;
    this.loader?.stop();
    this.loader = undefined;
    this.host?.stop();
    this.host = undefined;
  }
}
