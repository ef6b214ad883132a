// The managed policy: what the administrator of the organisation has laid down. It is taken whole or not at all, because a
// policy that is half understood could measure where nobody meant to.
import { patternProblem } from './pattern.ts';

export interface Policy {
  /** Address of the ipse server, without a slash at its end. */
  endpoint: string;
  /** Match patterns of the pages that are measured. */
  pages: string[];
  /** The application's own address that gives collector tokens for the person who is signed in. */
  tokenURL: string;
  /** Sent with each request for a token instead of cookies, where there is one. */
  tokenHeader?: { name: string; value: string };
  deviceClass?: 'desktop' | 'tablet' | 'phone';
  /** Who has set this up, in words. */
  organisation?: string;
  /** Whom to ask, in words. */
  contact?: string;
}

/** Something in the policy that cannot work: a field's name, the name of a message, and the value where it helps. */
export interface PolicyProblem {
  field: string;
  message: string;
  value?: string;
}

export type PolicyReading =
  | { kind: 'none' }
  | { kind: 'invalid'; problems: PolicyProblem[] }
  | { kind: 'valid'; policy: Policy };

const mostPages = 64;
const longestAddress = 2048;
const longestText = 500;
const deviceClasses: readonly unknown[] = ['desktop', 'tablet', 'phone'];
const fields = ['endpoint', 'pages', 'tokenURL', 'tokenHeader', 'deviceClass', 'organisation', 'contact'];

/** Reads what the browser has stored as the extension's managed policy. portsAllowed: this browser's patterns may name a port. */
export function readPolicy(stored: unknown, portsAllowed: boolean): PolicyReading {
  if (stored === null || typeof stored !== 'object' || Object.keys(stored).length === 0) return { kind: 'none' };
  const o = stored as Record<string, unknown>;
  const problems: PolicyProblem[] = [];
  const wrong = (field: string, message: string, value?: unknown) =>
    problems.push({ field, message, ...(value === undefined ? {} : { value: String(value).slice(0, 200) }) });

  for (const name of Object.keys(o)) if (!fields.includes(name)) wrong(name.slice(0, 64), 'problemUnknown');

  const address = (field: string): string => {
    const value = o[field];
    if (typeof value !== 'string' || value === '') wrong(field, 'problemMissing');
    else if (!safeAddress(value)) wrong(field, 'problemAddress', value);
    else return value;
    return '';
  };
  const text = (field: string): string | undefined => {
    const value = o[field];
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value.trim() !== '' && value.length <= longestText) return value.trim();
    wrong(field, 'problemText');
    return undefined;
  };

  const endpoint = address('endpoint').replace(/\/+$/, '');
  if (/[?]/.test(endpoint)) wrong('endpoint', 'problemAddress', endpoint);
  const tokenURL = address('tokenURL');
  const pages = Array.isArray(o.pages) ? o.pages : [];
  if (pages.length === 0) wrong('pages', 'problemMissing');
  if (pages.length > mostPages) wrong('pages', 'problemTooMany', mostPages);
  for (const page of pages.slice(0, mostPages)) {
    const problem = typeof page === 'string' ? patternProblem(page, portsAllowed) : 'problemPatternForm';
    if (problem) wrong('pages', problem, page);
  }
  const tokenHeader = o.tokenHeader === undefined ? undefined : headerOf(o.tokenHeader);
  if (o.tokenHeader !== undefined && !tokenHeader) wrong('tokenHeader', 'problemHeader'); // its value is a secret: never shown
  const { deviceClass } = o;
  if (deviceClass !== undefined && !deviceClasses.includes(deviceClass)) wrong('deviceClass', 'problemDeviceClass', deviceClass);
  const organisation = text('organisation');
  const contact = text('contact');

  if (problems.length > 0) return { kind: 'invalid', problems };
  return {
    kind: 'valid',
    policy: {
      endpoint,
      pages: [...new Set(pages as string[])],
      tokenURL,
      ...(tokenHeader && { tokenHeader }),
      ...(deviceClass !== undefined && { deviceClass: deviceClass as 'desktop' | 'tablet' | 'phone' }),
      ...(organisation !== undefined && { organisation }),
      ...(contact !== undefined && { contact }),
    },
  };
}

/** Tokens and observations travel by https, or stay on this machine; an address holds no name, password or fragment. */
function safeAddress(value: string): boolean {
  if (value.length > longestAddress) return false;
  try {
    const { protocol, hostname, username, password, hash } = new URL(value);
    const loopback = hostname === 'localhost' || hostname === '127.0.0.1';
    return (protocol === 'https:' || (protocol === 'http:' && loopback)) && username + password + hash === '';
  } catch {
    return false;
  }
}

function headerOf(value: unknown): { name: string; value: string } | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { name, value: content, ...more } = value as Record<string, unknown>;
  if (Object.keys(more).length > 0) return undefined;
  if (typeof name !== 'string' || !/^(Authorization|X-[A-Za-z0-9-]{1,62})$/i.test(name)) return undefined;
  if (typeof content !== 'string' || !/^[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?$/.test(content)) return undefined;
  return { name, value: content };
}
