// One session in several pages: the page that leads sends for all of them, and the others hand over what they measure.
// So the numbers of observations are given in one place. What a page hands over it keeps until the leader says that it
// has it; what two leaders in turn are handed counts once, by the mark that its page gave it.
import type { Risk, State } from './api.ts';
import type { Clock } from './clock.ts';
import type { Observation } from './observation.ts';
import type { Join, Peer } from './peers.ts';
import { guarded } from './guard.ts';
import type { Entry, Queue } from './queue.ts';
import type { Wanted } from './wanted.ts';

/** How long a leader may take to answer before another page takes the lead. */
const answerMS = 3_000;
/** States that one page tells the others. */
const told: readonly State[] = ['starting', 'running', 'offline', 'unauthorized'];
/** Marks of observations that a leader remembers. */
const marksKept = 1_024;

/** What the leader has last heard of the server. */
export interface Heard {
  token: string;
  risk: Risk;
  models: Wanted;
  next: number;
}

interface Handed {
  mark: string;
  observation: Observation;
  sequence: number;
}

type Word =
  | { say: 'who' }
  | { say: 'hand'; entries: Handed[] }
  | { say: 'got'; marks: string[] }
  | { say: 'back'; entries: Handed[] }
  | { say: 'heard'; heard: Heard }
  | { say: 'state'; state: State }
  | { say: 'token'; token: string }
  | { say: 'end' };

export interface GroupOptions {
  join: Join;
  clock: Clock;
  queue: Queue;
  /** This page sends from now on. */
  onLead(): void;
  /** Another page sends. */
  onFollow(): void;
  /** Observations of other pages have come; soon tells that somebody waits for what they say. */
  onHanded(soon: boolean): void;
  onHeard(heard: Heard): void;
  onState(state: State): void;
  onToken(token: string): void;
  onEnd(): void;
}

export class Group {
  leads = false;
  private name: string | undefined;
  private peer: Peer | undefined;
  private last: Heard | undefined;
  private lastState: State = 'starting';
  private cancel: (() => void) | undefined;
  private lent: Entry[] = [];
  private marks = new Set<string>(); // of observations that other pages handed over

  constructor(private readonly o: GroupOptions) {}

  /** Joins the pages of a session, unless this page is among them. onLead or onFollow is called in time. */
  join(name: string): void {
    if (this.name === name) return;
    this.leave();
    this.name = name;
    // Nobody waits for these calls: what they throw, because the page has changed something, would be the page's to hear. And
    // whatever runs in this origin can say anything: what makes no sense is passed over.
    const heeding = <T>(fn: (told: T) => void) =>
      guarded((told: T) => {
        if (this.name === name) fn(told);
      });
    this.peer = this.o.join(name, {
      lead: heeding<void>(() => {
        this.reclaim();
        this.leads = true;
        this.o.onLead();
      }),
      lost: heeding<void>(() => {
        this.leads = false;
        this.o.onFollow();
        this.ask({ say: 'who' });
      }),
      hear: heeding((word) => this.hear(word as Word)),
    });
    if (!this.leads) this.ask({ say: 'who' });
  }

  /** Leaves the lead and the pages to the others, with what they had handed over. */
  leave(back = false): void {
    if (back && this.leads) {
      const entries = this.o.queue.takeForeign().map(handed);
      if (entries.length > 0) this.say({ say: 'back', entries });
    }
    this.reclaim();
    this.leads = false;
    this.name = undefined;
    this.last = undefined;
    this.peer?.leave();
    this.peer = undefined;
  }

  /** Hands over what waits, where another page leads. */
  hand(): void {
    if (this.leads || !this.peer || this.lent.length > 0) return;
    this.lent = this.o.queue.lend();
    if (this.lent.length > 0) this.ask({ say: 'hand', entries: this.lent.map(handed) });
  }

  heard(heard: Heard): void {
    this.last = heard;
    this.say({ say: 'heard', heard });
  }

  state(state: State): void {
    this.lastState = state;
    if (this.leads) this.say({ say: 'state', state });
  }

  token(token: string): void {
    this.say({ say: 'token', token });
  }

  /** The session is over, in every page. */
  end(): void {
    this.say({ say: 'end' });
  }

  private say(word: Word): void {
    this.peer?.say(word);
  }

  /** Says something that the leader has to answer. */
  private ask(word: Word): void {
    this.say(word);
    this.cancel?.();
    this.cancel = this.o.clock.after(answerMS, () => {
      this.reclaim();
      this.peer?.seize();
    });
  }

  /** What was handed over and not taken is this page's again. */
  private reclaim(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.o.queue.land(this.lent, false);
    this.lent = [];
  }

  private hear(word: Word): void {
    switch (word.say) {
      case 'who':
        if (!this.leads) return;
        if (this.last) this.say({ say: 'heard', heard: this.last });
        return this.say({ say: 'state', state: this.lastState });
      case 'hand':
        if (this.leads) this.take(word.entries);
        return;
      case 'back':
        for (const e of word.entries) if (this.o.queue.isOwn(e.mark)) this.o.queue.put(e.mark, e.observation, e.sequence);
        return;
      case 'got':
        if (!this.lent.some((e) => word.marks.includes(e.mark))) return; // too late: they are this page's again
        this.o.queue.remove(new Set(word.marks));
        this.reclaim();
        return this.hand();
      case 'token':
        return this.o.onToken(word.token);
      case 'end':
        return this.o.onEnd();
    }
    if (this.leads) return;
    if (this.lent.length === 0) this.reclaim(); // somebody leads
    if (word.say === 'heard' && word.heard.risk.riskLevel) this.o.onHeard(word.heard);
    if (word.say === 'state' && told.includes(word.state)) this.o.onState(word.state);
    this.hand();
  }

  private take(entries: Handed[]): void {
    let soon = false;
    for (const { mark, observation, sequence } of entries) {
      if (this.marks.has(mark) || this.o.queue.isOwn(mark)) continue;
      this.o.queue.put(mark, observation, sequence); // throws where it is none
      this.marks.add(mark);
      soon ||= observation.modality === 'phrase';
    }
    for (const old of this.marks) {
      if (this.marks.size <= marksKept) break;
      this.marks.delete(old);
    }
    this.say({ say: 'got', marks: entries.map((e) => e.mark) });
    this.o.onHanded(soon);
  }
}

function handed({ mark, observation, sequence, uncertain }: Entry): Handed {
  return { mark, observation, sequence: uncertain ? sequence : 0 };
}
