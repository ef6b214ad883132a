// One report to the server: the request, and what its answer means.
import { parseProblem, parseReply, retryAfterSeconds, type Reply } from './reply.ts';
import type { Entry } from './queue.ts';
import type { Clock } from './clock.ts';

/** As much of fetch as is used here. */
export type Fetch = (
  url: string,
  init: {
    method: 'POST';
    headers: Record<string, string>;
    body: string;
    keepalive: boolean;
    credentials: 'omit';
    redirect: 'error';
    referrerPolicy: 'no-referrer';
    signal: AbortSignal;
  },
) => Promise<{ status: number; headers: { get(name: string): string | null }; body: ReadableStream<Uint8Array> | null }>;

/** What became of a report. */
export type Outcome =
  | { kind: 'taken'; reply: Reply }
  /** The server already has these numbers. */
  | { kind: 'conflict'; acceptedThrough: number }
  /** Not now; seconds is undefined when the server did not say when. */
  | { kind: 'busy'; seconds: number | undefined }
  | { kind: 'unauthorized'; detail: string }
  /** The signature's stamp was used, here or by another page: the next must lie above signedThrough. */
  | { kind: 'replayed'; signedThrough: number; detail: string }
  /** The session's key is another one, or the report had to be signed and was not. */
  | { kind: 'key'; detail: string }
  | { kind: 'closed' }
  /** This device's clock is too far from the server's. */
  | { kind: 'clock'; detail: string }
  /** The server does not take what is in this report. */
  | { kind: 'unfit'; detail: string }
  /** The server does not take reports from here at all, such as under a wrong address. */
  | { kind: 'refused'; detail: string }
  /** No answer, or none that makes sense: the server may have taken the report or not. */
  | { kind: 'lost'; detail: string };

const timeoutMS = 15_000;
/** What is longer is no answer of an ipse server. */
const longestAnswer = 1 << 20;

/** Writes a report's body. There may be no entries: an empty report is how a collector says hello. */
export function bodyOf(batch: readonly Entry[], sequences: readonly number[], dropped: number, nowMS: number): string {
  const observations = batch.map((e, i) => `{"sequence":${sequences[i] ?? e.sequence},${e.text}`).join(',');
  return `{"sentAtMS":${Math.round(nowMS)},"dropped":${dropped},"observations":[${observations}]}`;
}

/** Sends a body, at once when it is called. signature is undefined where it could not be signed. Never rejects. */
export async function report(
  fetch: Fetch,
  clock: Clock,
  url: string,
  token: string,
  body: string,
  signature: string | undefined,
  abort: AbortController,
): Promise<Outcome> {
  const cancel = clock.after(timeoutMS, () => abort.abort());
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${token}`,
        ...(signature ? { 'Ipse-Signature': signature } : {}),
      },
      body,
      keepalive: true, // so that a report outlives the page; batches stay below the 64 KiB that this allows
      redirect: 'error', // a server of ipse redirects nobody, and the token is not for others
      credentials: 'omit', // and no word on caching: with one, browsers ask before every report whether they may make it
      referrerPolicy: 'no-referrer', // the address of the page is nobody's business
      signal: abort.signal,
    });
    const text = await textOf(response.body);
    return outcomeOf(response.status, text, response.headers.get('Retry-After'), clock.nowMS());
  } catch (thrown) {
    return { kind: 'lost', detail: String(thrown) };
  } finally {
    cancel();
  }
}

/** Reads an answer, and no more of it than one can have. */
async function textOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const part = await reader?.read();
    if (!part?.value) return text;
    text += decoder.decode(part.value, { stream: true });
    if (text.length <= longestAnswer) continue;
    void reader?.cancel();
    throw new Error('the answer is too long');
  }
}

function outcomeOf(status: number, text: string, retryAfter: string | null, nowMS: number): Outcome {
  if (status === 200) {
    const reply = parseReply(text);
    return reply ? { kind: 'taken', reply } : { kind: 'lost', detail: 'the answer is not one of an ipse server' };
  }
  const problem = parseProblem(text);
  const detail = problem.detail || `status ${status}`;
  switch (problem.type) {
    case 'urn:ipse:problem:signature-replayed':
      return { kind: 'replayed', signedThrough: problem.signedThrough ?? 0, detail };
    case 'urn:ipse:problem:signature-missing':
    case 'urn:ipse:problem:signature-invalid':
    case 'urn:ipse:problem:signed-by-another-key':
      return { kind: 'key', detail };
  }
  switch (status) {
    case 401:
      return { kind: 'unauthorized', detail };
    case 409:
      return problem.acceptedThrough === undefined
        ? { kind: 'lost', detail: 'status 409 without acceptedThrough' }
        : { kind: 'conflict', acceptedThrough: problem.acceptedThrough };
    case 410:
      return { kind: 'closed' };
    case 429:
    case 503:
      return { kind: 'busy', seconds: retryAfterSeconds(retryAfter, nowMS) };
    case 422:
      if (problem.type === 'urn:ipse:problem:clock-off') return { kind: 'clock', detail };
      return { kind: 'unfit', detail };
    case 400:
    case 413:
      return { kind: 'unfit', detail };
  }
  return status >= 400 && status < 500 ? { kind: 'refused', detail } : { kind: 'lost', detail };
}
