// The listed pages that are open: their ports, and one line of time for what they tell.
import { asRecord, recordsIn, shifted, type EventRecord } from '../../sdk/web/src/record.ts';
import { pagePort, type FromPage, type ToPage } from './message.ts';
import { covers } from './pattern.ts';

/** As much of a port as is used here. */
export interface Port {
  postMessage(message: ToPage): void;
  disconnect(): void;
}

/** Where a port comes from, in the browser's own words. */
export interface Origin {
  name: string;
  tab: number | undefined;
  frame: number | undefined;
  address: string | undefined;
}

export interface PagesEvents {
  /** A record whose time is in the host's own time, and the tab that it comes from. */
  record(record: EventRecord): void;
  /** Pages came, went, were shown, hidden or left. */
  changed(): void;
}

interface Page {
  port: Port;
  tab: number;
  /** What is added to the page's times; undefined until it has told its own. */
  offsetMS: number | undefined;
  heardMS: number;
  visible: boolean;
  here: boolean;
}

/** A renderer that was taken over may say anything, but not this much at once: somewhat more than a batch holds. */
const mostNumbers = 40_000;
const mostPages = 256;
/** After so long a silence a page's clock is compared anew: a jump there falls into a pause. */
const settleMS = 10_000;

export class Pages {
  private readonly open = new Map<object, Page>();
  private listed: readonly string[] = [];

  constructor(
    private readonly events: PagesEvents,
    private readonly nowMS: () => number,
  ) {}

  /** The pages that may connect from now on; those that are there are sent away. */
  list(pages: readonly string[]): void {
    this.listed = pages;
    this.dismiss();
  }

  /** Takes a port, or refuses it: only the top frame of a tab that shows a listed page is heard. */
  take(port: Port, from: Origin): ((message: unknown) => void) | undefined {
    const { tab } = from;
    if (from.name !== pagePort || tab === undefined || from.frame !== 0 || !covers(this.listed, from.address ?? '') || this.open.size >= mostPages) {
      port.postMessage({ type: 'stop' });
      return undefined;
    }
    const page: Page = { port, tab, offsetMS: undefined, heardMS: 0, visible: true, here: true };
    this.open.set(port, page);
    return (message) => this.hear(page, message);
  }

  /** A port has closed. */
  drop(port: object): void {
    if (this.open.delete(port)) this.events.changed();
  }

  /** Sends every page away: none is listened to any more. */
  dismiss(): void {
    const gone = [...this.open.values()];
    this.open.clear();
    for (const { port } of gone) {
      port.postMessage({ type: 'stop' });
      port.disconnect();
    }
    if (gone.length > 0) this.events.changed();
  }

  /** Tabs whose page is listened to. */
  get tabs(): number[] {
    return [...new Set([...this.open.values()].filter((p) => p.here && p.offsetMS !== undefined).map((p) => p.tab))];
  }

  get count(): number {
    return this.open.size;
  }

  get visible(): boolean {
    return [...this.open.values()].some((p) => p.visible && p.here);
  }

  private hear(page: Page, value: unknown): void {
    if (!this.open.has(page.port) || value === null || typeof value !== 'object') return;
    const message = value as Partial<Record<'type' | 'nowMS' | 'numbers' | 'visible' | 'here', unknown>> & { type?: FromPage['type'] };
    switch (message.type) {
      case 'page':
        if (page.offsetMS !== undefined || !this.settle(page, message.nowMS)) return;
        page.visible = message.visible === true;
        page.port.postMessage({ type: 'listen', pages: [...this.listed] });
        return this.events.changed();
      case 'changed':
        page.visible = message.visible === true;
        page.here = message.here === true;
        return this.events.changed();
      case 'records':
        if (!Array.isArray(message.numbers) || page.offsetMS === undefined) return;
        if (this.nowMS() - page.heardMS > settleMS && !this.settle(page, message.nowMS)) return;
        page.heardMS = this.nowMS();
        for (const value of recordsIn(Float64Array.from(message.numbers.slice(0, mostNumbers), numberOf))) {
          const record = asRecord(value);
          if (record) this.events.record(shifted(record, page.offsetMS));
        }
    }
  }

  /**
   * Pages count time from when each was loaded. What a page adds to reach the host's time stays the same while it is
   * being typed in, so that the way of a message never changes an interval.
   */
  private settle(page: Page, pageNowMS: unknown): boolean {
    if (typeof pageNowMS !== 'number' || !Number.isFinite(pageNowMS)) return false;
    page.offsetMS = this.nowMS() - pageNowMS;
    page.heardMS = this.nowMS();
    return true;
  }
}

/** Text that looks like a number is none, and NaN makes a record void. */
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : NaN;
}
