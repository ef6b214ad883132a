// Signs reports by a key that was made for the session and cannot leave this browser, so that a token that was stolen is
// worth nothing elsewhere. The mirror of Go's package signature.
import type { Clock } from './clock.ts';
import { unheard } from './guard.ts';

/** One session's key, as far as it may be used. */
export interface SigningKey {
  /** The public key: its uncompressed point, in base64url. */
  readonly point: string;
  /** Signs by ECDSA over P-256 and SHA-256; gives r and s. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
}

/** Where keys are kept. Both reject where this browser keeps none. */
export interface Keys {
  /** Gives the session's key, and makes it when there is none. */
  obtain(session: string): Promise<SigningKey>;
  drop(session: string): Promise<void>;
}

export class Signer {
  private held: { session: string; key: SigningKey } | undefined;
  private stamp = 0;

  constructor(private readonly keys: Keys, private readonly clock: Clock) {}

  /** Gives the header Ipse-Signature for a body that is sent with a token. Rejects where there is no key. */
  async sign(token: string, body: string): Promise<string> {
    const session = sessionOf(token);
    if (!session) throw new Error('the token names no session');
    if (this.held?.session !== session) this.held = { session, key: await this.keys.obtain(session) };
    const { key } = this.held;
    const stamp = this.next();
    const signed = await key.sign(new TextEncoder().encode(`ipse-report-1\nPOST /v1/observations\n${token}\n${stamp}\n${body}`));
    return `v1.${stamp}.${key.point}.${base64url(signed)}`;
  }

  /** The server has seen this stamp: the next ones lie above it. */
  above(stamp: number): void {
    this.stamp = Math.max(this.stamp, stamp);
  }

  /** Drops the key of the token's session, for every page of this browser. */
  forget(token: string | undefined): void {
    const session = this.held?.session ?? sessionOf(token ?? '');
    this.held = undefined;
    if (session) unheard(this.keys.drop(session));
  }

  /** Microseconds of the clock, the last three digits by chance: pages of one session need not agree on them. */
  private next(): number {
    const now = Math.floor(this.clock.nowMS()) * 1000 + Math.floor(this.clock.random() * 1000);
    return (this.stamp = Math.min(Number.MAX_SAFE_INTEGER, Math.max(this.stamp + 1, now)));
  }
}

/** Gives the session that a token is for, which is a JSON Web Token; undefined when it cannot be read. */
export function sessionOf(token: string): string | undefined {
  try {
    const payload = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const { sub } = JSON.parse(atob(payload)) as { sub?: unknown };
    return typeof sub === 'string' && /^[\w-]{1,64}$/.test(sub) ? sub : undefined;
  } catch {
    return undefined;
  }
}

export function base64url(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}
