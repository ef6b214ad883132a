// The pages of one session in one browser: tabs, windows and frames of the same origin. One of them leads.
import type { Clock } from './clock.ts';
import { unheard } from './guard.ts';

/** What a page is told. */
export interface Part {
  /** This page leads from now on. */
  lead(): void;
  /** Another one has taken over. */
  lost(): void;
  /** Another page has said something; whatever runs in this origin can. */
  hear(word: unknown): void;
}

/** A page's place among them. */
export interface Peer {
  say(word: unknown): void;
  /** Takes the lead, whoever has it: that page does not answer. */
  seize(): void;
  leave(): void;
}

/** Joins the pages of a name. */
export type Join = (name: string, part: Part) => Peer;

/** As much of a BroadcastChannel as is used. */
export interface Channel {
  postMessage(word: unknown): void;
  onmessage: ((e: MessageEvent) => void) | null;
  close(): void;
}

/** As much of navigator.locks as is used. */
export interface Locks {
  request(name: string, options: { signal?: AbortSignal; steal?: boolean }, held: () => Promise<void>): Promise<void>;
}

/** Nobody else is there to speak with. */
export const alone: Join = (_, part) => {
  let here = true;
  void Promise.resolve().then(() => here && part.lead());
  return { say: () => undefined, seize: () => undefined, leave: () => (here = false) };
};

/** The lead is a lock: the browser passes it on when its page is gone, however that went. */
export function byLocks(locks: Locks, open: (name: string) => Channel): Join {
  return (name, part) => {
    const channel = open(name);
    channel.onmessage = ({ data }) => part.hear(data);
    let here = true;
    let turn = 0; // grows with every request: what an earlier one brings is nothing any more
    let release: (() => void) | undefined;
    let waiting: AbortController | undefined;
    const ask = (steal: boolean) => {
      const mine = ++turn;
      const still = () => here && mine === turn;
      waiting?.abort();
      waiting = new AbortController();
      const held = () =>
        new Promise<void>((resolve) => {
          if (!still()) return resolve();
          release = resolve;
          part.lead();
        });
      const lost = () => {
        if (!still()) return;
        if (release) { // somebody has seized it
          release = undefined;
          part.lost();
          ask(false);
        } else { // a page that may have no locks has no peers
          release = () => undefined;
          part.lead();
        }
      };
      unheard(locks.request(name, steal ? { steal } : { signal: waiting.signal }, held).catch(lost));
    };
    ask(false);
    return {
      say: (word) => here && channel.postMessage(word),
      seize: () => here && !release && ask(true),
      leave: () => {
        here = false;
        waiting?.abort();
        release?.();
        channel.close();
      },
    };
  };
}

const answerMS = 300;
const beatMS = 1_000;
const silenceMS = 5_000;

/**
 * Without locks, which need https: whoever hears nobody lead claims it. Of several claims at a time the lowest name wins;
 * of leaders the last one, because the one before was silent.
 */
export function byClaims(clock: Clock, open: (name: string) => Channel): Join {
  return (name, part) => {
    const channel = open(name);
    const me = clock.random();
    let here = true;
    let leads = false;
    let cancel: () => void = () => undefined;
    const later = (ms: number, fn: () => void) => {
      cancel();
      cancel = clock.after(ms, fn);
    };
    const tell = (election: 'claim' | 'lead' | 'gone') => channel.postMessage({ election, me });
    const beat = () => {
      tell('lead');
      later(beatMS, beat);
    };
    const claim = () => {
      tell('claim');
      later(answerMS, () => {
        leads = true;
        beat();
        part.lead();
      });
    };
    const follow = () => {
      const led = leads;
      leads = false;
      later(silenceMS + 1_000 * me, claim);
      if (led) part.lost();
    };
    channel.onmessage = ({ data }) => {
      if (!here) return;
      const { election, me: other } = (data ?? {}) as { election?: unknown; me?: unknown };
      if (election === undefined) return part.hear(data);
      if (election === 'claim' && leads) tell('lead');
      else if (election === 'claim' && Number(other) > me) claim();
      else if (election === 'claim' || election === 'lead') follow();
      else if (election === 'gone' && !leads) claim();
    };
    claim();
    return {
      say: (word) => here && channel.postMessage(word),
      seize: () => here && !leads && claim(),
      leave: () => {
        cancel();
        if (here && leads) tell('gone');
        here = leads = false;
        channel.close();
      },
    };
  };
}
