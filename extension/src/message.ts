// What the extension's parts say to each other. Pages have no part in it: the manifest lets nobody connect from outside.
import type { IpseError, State } from '../../sdk/web/src/api.ts';
import type { Policy, PolicyReading } from './policy.ts';

/** How the one session across all tabs stands. */
export interface HostStatus {
  /**
   * A state of the SDK's session, or: idle (no listed page is open), ended (the server has closed the session), declined
   * (the application wants nobody measured), signedOut (the application gives no token).
   */
  session: State | 'idle' | 'ended' | 'declined' | 'signedOut';
  /** The server's last answer asks for this session to be locked. */
  locked: boolean;
  /** What went wrong last, until the server answers well again. */
  error?: IpseError;
  /** When the server last took a report, Unix milliseconds. */
  sentAtMS?: number;
  /** Tabs whose page is listened to. */
  tabs: number[];
}

export const idleStatus: HostStatus = { session: 'idle', locked: false, tabs: [] };

/** What popup and page show. The token header's value is not in it. */
export interface Status {
  policy: Exclude<PolicyReading, { kind: 'valid' }> | { kind: 'valid'; policy: Omit<Policy, 'tokenHeader'> };
  /** Addresses that the browser does not let the extension reach yet. */
  missing: string[];
  host: HostStatus;
}

export type ToControl =
  /** A listed page is there and asks whether to listen. The answer is a boolean. */
  | { to: 'control'; type: 'hello' }
  /** Keeps Firefox's background page. */
  | { to: 'control'; type: 'alive' }
  /** Popup and page ask how things are. The answer is a Status. */
  | { to: 'control'; type: 'status' }
  /** The host tells what changed; left are tabs whose page is not listened to any more. */
  | { to: 'control'; type: 'changed'; status: HostStatus; left: number[] };

export type ToHost =
  | { to: 'host'; type: 'configure'; policy: Policy | null }
  /** The answer is a HostStatus. */
  | { to: 'host'; type: 'status' };

/** The name of the port between a page and the host. */
export const pagePort = 'page';

export type FromPage =
  /** First of all: now, in the time of the page's events. */
  | { type: 'page'; nowMS: number; visible: boolean }
  /** Records one after the other, each as wide as the SDK's batches have them. */
  | { type: 'records'; nowMS: number; numbers: number[] }
  /** shown: the page is in sight. here: the address is still a listed one. */
  | { type: 'changed'; visible: boolean; here: boolean };

export type ToPage =
  /** Listen, as long as the page's address is one of these. */
  | { type: 'listen'; pages: string[] }
  /** Take every listener off, and do not ask again. */
  | { type: 'stop' };
