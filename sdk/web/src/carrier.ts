// Holds the way to the server, which comes by a second script. Until it is there a carrier remembers in which state the page
// wants it; what is measured meanwhile waits with the records, within their bound.
import type { IpseError, State } from './api.ts';
import { backoffMS } from './backoff.ts';
import { unheard } from './guard.ts';
import { Protocol } from './message.ts';
import type { Observation } from './observation.ts';
import type { Reporting } from './reporting.ts';
import type { Transport, TransportOptions } from './transport.ts';

/** A script that takes longer is told to be missing, and asked for again. */
const loadedWithinMS = 20_000;

export interface CarrierOptions extends TransportOptions {
  /** Loads the second script; rejects where it cannot be had. */
  load: () => Promise<Reporting>;
  /** Observations can be taken from now on. */
  onReady: () => void;
}

export class Carrier {
  private transport: Transport | undefined;
  private state: State = 'stopped';
  private loading = false;
  private failures = 0;
  private cancel: (() => void) | undefined;
  private hidden = false;
  private forgotten = false; // the first token
  private owed: string | undefined; // the token whose session is to be forgotten, which only the second script can do
  private renewed: string | undefined;

  constructor(private readonly o: CarrierOptions) {}

  /** There is something for the second script to do. */
  private get awaited(): boolean {
    return this.started || !!this.owed;
  }

  get started(): boolean {
    return this.state !== 'stopped';
  }

  /** The second script is there. */
  get ready(): boolean {
    return this.transport !== undefined;
  }

  start(): void {
    if (this.transport) return this.transport.start();
    this.failures = 0;
    this.enter('starting');
    this.hurry();
  }

  stop(): void {
    this.quiet();
    this.transport?.stop();
    this.enter('stopped');
  }

  /** Where the second script is not there yet it is loaded for this: the session's key outlives the page. */
  forget(): void {
    this.quiet();
    if (this.transport) this.transport.forget();
    else {
      this.owed ||= (this.forgotten ? undefined : this.o.token) || this.renewed;
      this.failures = 0;
    }
    this.forgotten = true;
    this.renewed = undefined;
    this.enter('stopped');
    if (this.owed) this.hurry();
  }

  renew(token: string): void {
    this.renewed = token;
    this.transport?.renew(token);
  }

  add(observation: Observation): void {
    this.transport?.add(observation);
  }

  show(visible: boolean): void {
    this.hidden = !visible;
    this.transport?.show(visible);
  }

  /** Tries at once what waits for a better time. */
  hurry(): void {
    if (this.transport) this.transport.hurry();
    else if (this.awaited && !this.loading) unheard(this.load());
  }

  leave(): void {
    this.transport?.leave();
  }

  private async load(): Promise<void> {
    this.quiet();
    this.loading = true;
    try {
      const reporting = await this.soon();
      if (reporting.protocol !== Protocol) throw new Error('it is of another version');
      this.connect(reporting);
    } catch (thrown) {
      this.failed(thrown instanceof Error ? thrown.message : String(thrown));
    } finally {
      this.loading = false;
    }
  }

  private soon(): Promise<Reporting> {
    return new Promise((resolve, reject) => {
      const cancel = this.o.clock.after(loadedWithinMS, () => reject(new Error('it does not come')));
      unheard(this.o.load().then(resolve, reject).then(cancel, cancel));
    });
  }

  private connect({ connect }: Reporting): void {
    const transport = connect({ ...this.o, token: this.owed || this.o.token, onState: (state) => this.enter(state) });
    if (this.forgotten) transport.forget();
    this.owed = undefined;
    if (this.renewed !== undefined) transport.renew(this.renewed);
    transport.show(!this.hidden);
    this.transport = transport;
    if (!this.started) return;
    transport.start();
    this.o.onReady();
  }

  private failed(why: string): void {
    if (!this.awaited) return;
    if (this.started) this.enter('offline');
    const error: IpseError = { code: 'network', message: `the script that reports to the server cannot be loaded: ${why}` };
    if (this.failures++ === 0) this.o.onError(error);
    if (this.awaited) this.cancel = this.o.clock.after(backoffMS(this.failures, this.o.clock.random()), () => this.hurry());
  }

  private quiet(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private enter(state: State): void {
    if (state === this.state) return;
    this.state = state;
    this.o.onState(state);
  }
}
