// The worker: takes records, gives observations. Nothing here reaches the network.
import standards from '../../../internal/embed/features-1.json';
import touchStandards from '../../../internal/embed/features-1-touch.json';
import { Collector, type Moment } from './collector.ts';
import type { DeviceClass } from './observation.ts';
import { Protocol, type FromWorker, type ToWorker } from './message.ts';
import { Models } from './models.ts';
import { recordsIn } from './record.ts';
import { wantedOf } from './wanted.ts';

interface Port {
  onmessage: ((message: { data: unknown }) => void) | null;
  postMessage(message: FromWorker): void;
}

const port = globalThis as unknown as Port;

/** How often a pause that ends a window is looked for while no record comes. */
const lookMS = 5_000;

const deviceClasses: readonly unknown[] = ['desktop', 'tablet', 'phone'];

const models = new Models({ ...standards, ...touchStandards });
let collector: Collector | undefined;
let now: Moment = { eventMS: 0, unixMS: 0 };
let nowAtMS = 0;

function take(records: readonly unknown[], at: Moment): void {
  const observations = collector?.take(records, at) ?? [];
  if (observations.length > 0) port.postMessage({ type: 'observations', observations });
}

port.onmessage = ({ data }) => {
  const message = (data ?? {}) as Partial<ToWorker>;
  if (message.type === 'begin' && message.protocol === Protocol) {
    const deviceClass = deviceClasses.includes(message.deviceClass) ? (message.deviceClass as DeviceClass) : 'desktop';
    collector = new Collector({ deviceClass, acceptSimulated: message.acceptSimulated === true, driven: message.driven === true, models });
  } else if (message.type === 'models') {
    models.want(wantedOf(message.wanted));
  } else if (message.type === 'network' && typeof message.name === 'string' && message.file instanceof ArrayBuffer) {
    try {
      models.add(message.name, message.file);
    } catch (thrown) {
      port.postMessage({ type: 'unfit', why: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  } else if (message.type === 'records') {
    const { eventMS, unixMS } = message;
    if (!Number.isFinite(eventMS) || !Number.isFinite(unixMS)) return;
    now = { eventMS: Number(eventMS), unixMS: Number(unixMS) };
    nowAtMS = performance.now();
    take(recordsIn(message.records), now);
  }
};

setInterval(() => {
  const elapsedMS = performance.now() - nowAtMS;
  take([], { eventMS: now.eventMS + elapsedMS, unixMS: now.unixMS + elapsedMS });
}, lookMS);

port.postMessage({ type: 'ready', protocol: Protocol });
