// A worker for the tests alone: it runs a network on given windows, gives the embeddings as they are before they become
// bytes, and tells how long a pass took.
import { Network } from '../src/network.ts';
import { parseWeights } from '../src/networkweights.ts';

interface Window {
  strokes?: [press: number, release: number, keyClass: number][];
  events?: [time: number, x: number, y: number, kind: number][];
}

interface Task {
  file: ArrayBuffer;
  windows: Window[];
  /** How often each window is run; the first run warms up and is not timed. */
  runs: number;
}

const port = globalThis as unknown as {
  onmessage: ((message: { data: Task }) => void) | null;
  postMessage(message: unknown): void;
};

port.onmessage = ({ data: { file, windows, runs } }) => {
  try {
    const network = new Network(parseWeights(file));
    port.postMessage({ windows: windows.map((w) => measured(network, w, runs)) });
  } catch (thrown) {
    port.postMessage({ error: String(thrown) });
  }
};

function measured(network: Network, w: Window, runs: number): { embedding: number[]; milliseconds: number[] } {
  const strokes = (w.strokes ?? []).map(([pressMS, releaseMS, keyClass]) => ({ pressMS, releaseMS, keyClass }));
  const events = (w.events ?? []).map(([timeMS, x, y, kind]) => ({
    timeMS, kind, x, y, button: 0, wheelX: 0, wheelY: 0, trusted: true,
  }));
  const pass = () => (network.kind === 'keyboard' ? network.keyboard(strokes) : network.pointer(events));
  const embedding = Array.from(pass());
  const milliseconds = Array.from({ length: runs }, () => {
    const from = performance.now();
    pass();
    return performance.now() - from;
  });
  return { embedding, milliseconds };
}
