// Carries observations to the server: when to report, what to do about each kind of answer, and for how long to wait.
// Time, chance and fetch come from outside; nothing here touches the page.
import type { IpseError, Risk, State } from './api.ts';
import { backoffMS } from './backoff.ts';
import type { Clock } from './clock.ts';
import { Group, type Heard } from './group.ts';
import type { Observation } from './observation.ts';
import { alone, type Join } from './peers.ts';
import { unheard } from './guard.ts';
import { Queue, type Entry } from './queue.ts';
import { tokenOf } from './reply.ts';
import { bodyOf, report, type Fetch, type Outcome } from './report.ts';
import { Signer, sessionOf, type Keys } from './signer.ts';
import type { Wanted } from './wanted.ts';

/** Observations in one report, and their bytes: the server takes no more, and keepalive no larger. */
const batchLimit = 64;
const batchBytes = 48_000;
/** The longest wait that a server can ask for. */
const longestAskMS = 600_000;
/** How often a hidden page reports that has nothing to say: often enough for the server to renew the token in time. */
const hiddenReportMS = 120_000;
/** What was signed ahead, for when the page goes away, is no good any more. */
const partingMS = 300_000;
/** How often the same batch may meet a conflict before it waits. */
const conflictLimit = 3;

export interface TransportOptions {
  /** Full address of the server's POST /v1/observations. */
  url: string;
  token: string | undefined;
  renewToken: (() => Promise<string>) | undefined;
  fetch: Fetch;
  clock: Clock;
  /** Keys that sign; nothing is signed without. */
  keys?: Keys | undefined;
  /** The other pages of the session; nobody when absent. */
  join?: Join | undefined;
  onRisk: (risk: Risk) => void;
  /** The models that the server wants, after every report that was taken. */
  onModels: (wanted: Wanted) => void;
  onState: (state: State) => void;
  onError: (error: IpseError) => void;
  /** The server has ended the session. */
  onEnd: () => void;
}

/** A report that is ready to be sent when the page goes away. */
interface Parting {
  token: string;
  batch: Entry[];
  sequences: number[];
  body: string;
  signature: string | undefined;
  madeMS: number;
}

export class Transport {
  private readonly queue: Queue;
  private readonly group: Group;
  private readonly signer: Signer | undefined;
  private parting: Parting | undefined;
  private preparing = 0;
  private unsigned = false; // and the page was told so
  private token: string | undefined;
  private state: State = 'stopped';
  private run = 0; // grows at every start and stop: answers to an earlier run's requests change nothing
  private greeted = false;
  private busy = false;
  private asking = false;
  private hidden = false;
  private failures = 0;
  private conflicts = 0;
  private refusals = 0; // of tokens, in a row
  private limit = batchLimit;
  private reportAfterMS = 5_000;
  private sentMS = 0;
  private notBeforeMS = 0; // the server asked not to be bothered before
  private timer: (() => void) | undefined;
  private readonly flights = new Set<AbortController>();
  private told = new Set<string>(); // codes of errors that were told since the server last answered well

  constructor(private readonly o: TransportOptions) {
    this.token = tokenOf(o.token);
    this.queue = new Queue(String(o.clock.random()).slice(2));
    this.signer = o.keys && new Signer(o.keys, o.clock);
    this.group = new Group({
      join: o.join ?? alone,
      clock: o.clock,
      queue: this.queue,
      onLead: () => {
        this.greeted = false;
        this.send();
      },
      onFollow: () => this.rest(),
      onHanded: (soon) => {
        if (soon || this.hidden) this.hurry();
        else unheard(this.prepare());
      },
      onHeard: (heard) => this.overhear(heard),
      onState: (state) => this.enter(state),
      onToken: (token) => this.adopt(token),
      onEnd: () => this.finish(),
    });
  }

  get started(): boolean {
    return this.state !== 'stopped';
  }

  /** Says hello and reports from now on. */
  start(): void {
    if (this.started) return;
    this.run++;
    this.greeted = false;
    this.failures = this.conflicts = this.refusals = 0;
    this.told.clear();
    this.unsigned = false;
    this.enter('starting');
    this.send();
  }

  /** Sends nothing more. What waits stays for another start. */
  stop(): void {
    this.rest();
    this.group.leave(true);
    this.enter('stopped');
  }

  /** Stops, in every page of the session, and drops what waits, the token and the session's key. */
  forget(): void {
    if (this.token) this.group.join(nameOf(this.token)); // the others hear of it, whether this page had begun or not
    this.group.end();
    this.stop();
    this.queue.clear();
    this.signer?.forget(this.token);
    this.token = undefined;
  }

  /** Sends nothing for now: what was on its way may have arrived or not. */
  private rest(): void {
    this.run++;
    this.cancelTimer();
    for (const abort of this.flights) abort.abort();
    this.flights.clear();
    this.busy = this.asking = this.greeted = false;
    this.parting = undefined;
    this.queue.landAll();
  }

  /** Takes a new token, and tries again at once if one was waited for. */
  renew(token: string): void {
    const taken = tokenOf(token);
    if (!taken) {
      this.fail('options', 'a collector token is a word of visible ASCII characters');
      return;
    }
    this.group.token(taken);
    this.adopt(taken);
  }

  private adopt(token: string): void {
    this.token = tokenOf(token) ?? this.token;
    this.refusals = 0;
    if (this.state === 'unauthorized') {
      this.enter(this.greeted ? 'running' : 'starting');
      this.send();
    }
  }

  /** The page that leads has heard of the server. */
  private overhear({ token, risk, models, next }: Heard): void {
    this.token = tokenOf(token) ?? this.token;
    this.queue.goOnAt(next);
    this.o.onModels(models);
    this.o.onRisk(risk);
  }

  add(observation: Observation): void {
    this.queue.add(observation);
    if (!this.started) return;
    if (!this.group.leads) this.group.hand();
    else if (this.hidden) this.hurry(); // who knows how long the page lives
    else unheard(this.prepare());
  }

  /** The page is shown or hidden. While hidden, empty reports are rare. */
  show(visible: boolean): void {
    this.hidden = !visible;
    if (visible || this.queue.length > 0) this.hurry();
  }

  /** Something changed for the better, such as the network: try at once, unless the server itself said when. */
  hurry(): void {
    if (!this.started || this.state === 'unauthorized' || this.asking) return;
    const waitMS = this.notBeforeMS - this.o.clock.nowMS();
    this.schedule(Math.min(longestAskMS, Math.max(0, waitMS))); // the clock may have been set back meanwhile
  }

  /** The page goes away: what waits is sent now, without waiting for a report that is on its way. */
  leave(): void {
    if (this.started && this.group.leads && this.greeted && this.token && this.state !== 'unauthorized') {
      this.queue.expire(this.o.clock.nowMS());
      const batch = this.queue.take(this.limit, batchBytes);
      if (batch.length > 0) unheard(this.carry(batch));
    }
    this.parting = undefined;
    this.group.leave(); // another page goes on at once, and this one may be kept for coming back
  }

  /**
   * Signs what waits ahead of time. Signing takes a moment, and a page that goes away has none: what it sends then must
   * be ready.
   */
  private async prepare(): Promise<void> {
    const mine = ++this.preparing;
    this.parting = undefined;
    await 0; // observations come several at a time: all of them are signed at once
    const { token } = this;
    const { batch, sequences } = this.queue.foresee(this.limit, batchBytes);
    if (mine !== this.preparing || !token || !this.greeted || batch.length === 0) return;
    const madeMS = this.o.clock.nowMS();
    const body = bodyOf(batch, sequences, this.queue.dropped, madeMS);
    const signature = await this.sign(token, body);
    if (mine === this.preparing) this.parting = { token, batch, sequences, body, signature, madeMS };
  }

  /** Gives what was signed ahead, if that is just what is to be sent. */
  private ready(batch: Entry[], token: string): Parting | undefined {
    const p = this.parting;
    const fits =
      p?.token === token && p.batch.length === batch.length && Math.abs(this.o.clock.nowMS() - p.madeMS) < partingMS &&
      batch.every((e, i) => e === p.batch[i] && e.sequence === p.sequences[i]);
    return fits ? p : undefined;
  }

  private async sign(token: string, body: string): Promise<string | undefined> {
    try {
      return await this.signer?.sign(token, body);
    } catch (thrown) {
      if (!this.unsigned) this.fail('key', `reports are not signed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      this.unsigned = true;
      return undefined;
    }
  }

  private send(): void {
    this.cancelTimer();
    if (!this.started || this.busy || this.state === 'unauthorized') return;
    if (!this.token) {
      this.askForToken('there is no collector token');
      return;
    }
    this.group.join(nameOf(this.token));
    if (!this.group.leads) return this.group.hand();
    this.queue.expire(this.o.clock.nowMS());
    const batch = this.greeted ? this.queue.take(this.limit, batchBytes) : [];
    const sinceMS = this.o.clock.nowMS() - this.sentMS;
    if (this.greeted && this.hidden && batch.length === 0 && sinceMS < hiddenReportMS) {
      this.schedule(hiddenReportMS - Math.max(0, sinceMS));
      return;
    }
    this.busy = true;
    this.sentMS = this.o.clock.nowMS();
    const run = this.run;
    unheard(this.carry(batch).then(() => {
      if (run === this.run) this.busy = false;
    }));
  }

  private async carry(batch: Entry[]): Promise<void> {
    const { run, token } = this;
    if (!token) return;
    const dropped = this.queue.dropped;
    const abort = new AbortController();
    this.flights.add(abort);
    const ready = this.ready(batch, token);
    this.parting = undefined;
    this.preparing++;
    const body = ready?.body ?? bodyOf(batch, [], dropped, this.o.clock.nowMS());
    const signature = ready || !this.signer ? ready?.signature : await this.sign(token, body);
    const outcome: Outcome = abort.signal.aborted
      ? { kind: 'lost', detail: 'stopped' }
      : await report(this.o.fetch, this.o.clock, this.o.url, token, body, signature, abort);
    this.flights.delete(abort);
    if (run !== this.run) return;
    this.schedule(this.settle(outcome, batch, token, dropped));
  }

  /** Acts on an outcome and gives the milliseconds until the next report; undefined when something else brings it. */
  private settle(outcome: Outcome, batch: Entry[], token: string, dropped: number): number | undefined {
    if (outcome.kind !== 'conflict' && outcome.kind !== 'replayed') this.conflicts = 0;
    if (outcome.kind !== 'unauthorized') this.refusals = 0;
    switch (outcome.kind) {
      case 'taken': {
        const { reply } = outcome;
        this.queue.accept(batch, reply.acceptedThrough);
        this.queue.dropped = Math.max(0, this.queue.dropped - dropped);
        this.failures = 0;
        this.told.clear();
        this.limit = Math.min(batchLimit, this.limit * 2);
        if (reply.collectorToken) this.token = reply.collectorToken;
        if (reply.reportAfterSeconds !== undefined) this.reportAfterMS = reply.reportAfterSeconds * 1000;
        const first = !this.greeted;
        this.greeted = true;
        this.enter('running');
        const run = this.run;
        this.group.heard({ token: this.token ?? token, risk: reply.risk, models: reply.models, next: this.queue.number });
        this.o.onModels(reply.models);
        this.o.onRisk(reply.risk);
        if (run !== this.run) return undefined; // a handler stopped it
        if (reply.risk.directives.includes('stop')) return this.end();
        unheard(this.prepare());
        return first && this.queue.length > 0 ? 0 : this.reportAfterMS;
      }
      case 'conflict':
        if (this.queue.conflict(batch, outcome.acceptedThrough) && ++this.conflicts <= conflictLimit) return 0;
        return this.failed('network', 'the server refuses numbers that it cannot have', false, []);
      case 'busy':
        this.queue.land(batch, false);
        this.failures++;
        if (outcome.seconds === undefined) return this.waitMS();
        this.notBeforeMS = this.o.clock.nowMS() + outcome.seconds * 1000;
        return outcome.seconds * 1000;
      case 'replayed':
        this.signer?.above(outcome.signedThrough);
        if (++this.conflicts > conflictLimit) return this.failed('key', outcome.detail, false, batch);
        this.queue.land(batch, false);
        return 0;
      case 'key':
        return this.failed('key', outcome.detail, false, batch);
      case 'unauthorized':
        this.queue.land(batch, false);
        if (token !== this.token) return 0; // a new one came while this report was on its way
        this.token = undefined;
        if (++this.refusals > 1 && this.o.renewToken) {
          return this.failed('unauthorized', `a new token is not taken either: ${outcome.detail}`, false, []);
        }
        this.askForToken(outcome.detail);
        return undefined;
      case 'closed':
        this.queue.land(batch, false);
        return this.end();
      case 'clock':
        return this.failed('clock', outcome.detail, false, batch);
      case 'unfit':
        return this.unfit(outcome.detail, batch);
      case 'refused':
        return this.failed('refused', outcome.detail, false, batch);
      case 'lost':
        this.enter('offline');
        return this.failed('network', outcome.detail, true, batch);
    }
  }

  /** Narrows a refused batch down to the observation that is refused, and lets that one go. */
  private unfit(detail: string, batch: Entry[]): number {
    this.queue.land(batch, false);
    this.fail('refused', detail);
    const [only] = batch;
    if (!only) return this.failed('refused', detail, false, []);
    if (batch.length === 1) this.queue.drop(only);
    this.limit = Math.max(1, batch.length >> 1);
    return this.reportAfterMS;
  }

  private failed(code: IpseError['code'], detail: string, uncertain: boolean, batch: Entry[]): number {
    this.queue.land(batch, uncertain);
    this.failures++;
    this.fail(code, detail);
    return this.waitMS();
  }

  private waitMS(): number {
    return backoffMS(this.failures, this.o.clock.random());
  }

  private askForToken(why: string): void {
    const { renewToken } = this.o;
    if (!renewToken) {
      this.enter('unauthorized');
      this.fail('unauthorized', `${why}; renew() takes a new token`);
      return;
    }
    if (this.asking) return;
    this.asking = true;
    const run = this.run;
    const answered = (token: string | undefined, problem: string) => {
      if (run !== this.run || !this.asking) return;
      this.asking = false;
      if (token) this.token = token;
      this.schedule(this.token ? 0 : this.failed('unauthorized', problem, false, []));
    };
    // An application that never answers must not end reporting for good.
    const cancel = this.o.clock.after(30_000, () => answered(undefined, 'renewToken did not answer within 30 s'));
    unheard(
      Promise.resolve()
        .then(renewToken)
        .then(
          (token) => answered(tokenOf(token), 'renewToken gave something that is no token'),
          (thrown: unknown) => answered(undefined, `renewToken failed: ${String(thrown)}`),
        )
        .then(cancel),
    );
  }

  private end(): undefined {
    this.finish();
    return undefined;
  }

  /** The session is over, here and in every other page. */
  private finish(): void {
    if (!this.started) return;
    this.o.onEnd();
    this.forget();
  }

  private schedule(delayMS: number | undefined): void {
    if (delayMS === undefined || !this.started) return;
    this.cancelTimer();
    this.timer = this.o.clock.after(delayMS, () => {
      this.timer = undefined;
      this.send();
    });
  }

  private cancelTimer(): void {
    this.timer?.();
    this.timer = undefined;
  }

  private enter(state: State): void {
    if (state === this.state) return;
    this.state = state;
    this.group.state(state);
    this.o.onState(state);
  }

  /** Tells of an error once until the server answers well again. */
  private fail(code: IpseError['code'], message: string): void {
    if (this.told.has(code)) return;
    this.told.add(code);
    this.o.onError({ code, message });
  }
}

/** Gives the name under which a token's pages find each other. */
function nameOf(token: string): string {
  return sessionOf(token) ?? `token ${token}`;
}
