// The second script, ipse-session.mjs: whatever reports to the server. The core loads it when a session starts.
import type { Clock } from './clock.ts';
import { keys } from './keys.ts';
import { Protocol } from './message.ts';
import { alone, byClaims, byLocks, type Join } from './peers.ts';
import { Transport, type TransportOptions } from './transport.ts';

/** What the second script gives to the core. */
export interface Reporting {
  /** The Protocol that it was built with. */
  readonly protocol: number;
  connect(options: TransportOptions): Transport;
}

export const protocol: Reporting['protocol'] = Protocol;

export const connect: Reporting['connect'] = (options) => new Transport({ keys, join: joinBy(options.clock), ...options });

/** Finds the other pages of a session. */
function joinBy(clock: Clock): Join {
  return (name, part) => {
    if (typeof BroadcastChannel === 'undefined') return alone(name, part);
    const open = (channel: string) => new BroadcastChannel(channel);
    return (navigator.locks ? byLocks(navigator.locks, open) : byClaims(clock, open))(`ipse ${name}`, part);
  };
}
