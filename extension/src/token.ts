// Asks the application's back end for a collector token. The extension never holds the API key of the ipse server: who is
// signed in, and whether they are measured at all, is known to the application alone.
import type { Policy } from './policy.ts';

export type TokenAnswer =
  | { kind: 'token'; token: string }
  /** The application wants this person not to be measured. */
  | { kind: 'declined' }
  /** Nobody is signed in, or the application does not know this device. */
  | { kind: 'signedOut' }
  | { kind: 'failed'; detail: string };

/** As much of fetch as is used here. */
export type TokenFetch = (url: string, init: RequestInit) => Promise<Pick<Response, 'status' | 'text'>>;

/** Names the asker, and so takes a preflight of every page that would forge the request. */
export const askerHeader = 'X-Ipse-Collector';

const timeoutMS = 15_000;
const longestAnswer = 16_384;

/** Asks once. Never rejects. Cookies are sent only where the policy has no header of its own; redirects are not followed. */
export async function askToken(policy: Policy, fetch: TokenFetch): Promise<TokenAnswer> {
  const { tokenHeader } = policy;
  try {
    const response = await fetch(policy.tokenURL, {
      method: 'POST',
      headers: { [askerHeader]: 'extension', ...(tokenHeader && { [tokenHeader.name]: tokenHeader.value }) },
      credentials: tokenHeader ? 'omit' : 'include',
      redirect: 'error',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(timeoutMS),
    });
    if (response.status === 204) return { kind: 'declined' };
    if (response.status === 401 || response.status === 403) return { kind: 'signedOut' };
    if (response.status !== 200 && response.status !== 201) return { kind: 'failed', detail: `status ${response.status}` };
    return tokenIn(await response.text());
  } catch (thrown) {
    return { kind: 'failed', detail: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function tokenIn(text: string): TokenAnswer {
  const failed: TokenAnswer = { kind: 'failed', detail: 'the answer is no JSON object with a collectorToken' };
  if (text.length > longestAnswer) return failed;
  try {
    const token: unknown = (JSON.parse(text) as { collectorToken?: unknown } | null)?.collectorToken;
    return typeof token === 'string' && /^[\x21-\x7e]{1,4096}$/.test(token) ? { kind: 'token', token } : failed;
  } catch {
    return failed;
  }
}
