// Starts the worker.
//
// A worker's script must come from the page's own origin. Where the endpoint has that origin (or workerURL names a copy
// there), the worker is started from its address, which passes a policy of worker-src 'self'. Otherwise the script is
// fetched from the endpoint and started from a Blob, which needs "worker-src blob:" and the endpoint in connect-src.
import { guarded } from './guard.ts';
import { Protocol, type FromWorker, type ToWorker } from './message.ts';

const readyWithinMS = 20_000;

/** A worker that has said that it is ready. */
export interface Host {
  /** Says something; what is moved with it is the worker's from then on. */
  post(message: ToWorker, moved?: ArrayBuffer[]): void;
  stop(): void;
}

/**
 * Starts the worker and waits until it is ready. onMessage gets all that it says later; onBroken is called if it fails
 * afterwards. Rejects where no worker can be had.
 */
export async function startWorker(
  address: string,
  onMessage: (message: FromWorker) => void,
  onBroken: (why: string) => void,
): Promise<Host> {
  const url = new URL(address, location.href);
  if (url.origin === location.origin) return begin(new Worker(url), onMessage, onBroken);
  const response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' });
  if (!response.ok) throw new Error(`the worker's script cannot be fetched: status ${response.status}`);
  const script = new Blob([await response.text()], { type: 'text/javascript' });
  const blobURL = URL.createObjectURL(script);
  try {
    return await begin(new Worker(blobURL), onMessage, onBroken);
  } finally {
    URL.revokeObjectURL(blobURL);
  }
}

function begin(worker: Worker, onMessage: (message: FromWorker) => void, onBroken: (why: string) => void): Promise<Host> {
  return new Promise((resolve, reject) => {
    let ready = false;
    const fail = (why: string) => {
      clearTimeout(timer);
      worker.terminate();
      if (ready) onBroken(why);
      else reject(new Error(why));
    };
    const timer = setTimeout(guarded(() => fail('the worker does not answer')), readyWithinMS);
    worker.onerror = guarded((e: ErrorEvent) => {
      e.preventDefault(); // or the page's own error handling would hear of it
      fail(e.message || 'the worker cannot be started: is its script there, and does the page allow workers?');
    });
    worker.onmessage = guarded(({ data }: MessageEvent<FromWorker>) => {
      if (ready) {
        onMessage(data);
      } else if (data.type === 'ready' && data.protocol === Protocol) {
        ready = true;
        clearTimeout(timer);
        resolve({ post: (message, moved = []) => worker.postMessage(message, moved), stop: () => worker.terminate() });
      } else {
        fail("the worker's script is of another version");
      }
    });
  });
}
