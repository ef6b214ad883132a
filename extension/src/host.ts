// The host of the one session that all listed pages of this browser share: the SDK's own session, whose events come from
// ports instead of from a page around it. Worker, models and network are the extension's.
import { browser } from '../../sdk/web/src/browser.ts';
import type { EventRecord } from '../../sdk/web/src/record.ts';
import { alone } from '../../sdk/web/src/peers.ts';
import { protocol } from '../../sdk/web/src/reporting.ts';
import { Session } from '../../sdk/web/src/session.ts';
import { Transport } from '../../sdk/web/src/transport.ts';
import { memoryKeys } from './keys.ts';
import { idleStatus, type HostStatus } from './message.ts';
import { Pages } from './pages.ts';
import type { Policy } from './policy.ts';
import { askToken } from './token.ts';

/** For so long after the last page has gone the session goes on, so that walking from page to page is one stretch. */
const lingerMS = 20_000;

type Watcher = Parameters<typeof browser.watch>[0];

export class Host {
  private policy: Policy | null = null;
  private session: Session | undefined;
  private status: HostStatus = idleStatus;
  private listener: ((record: EventRecord) => void) | undefined;
  private watcher: Watcher | undefined;
  private linger: ReturnType<typeof setTimeout> | undefined;
  private tabs: number[] = [];
  private closing = false;
  private told = '';
  private readonly pages = new Pages(
    { record: (record) => this.listener?.(record), changed: () => this.pagesChanged() },
    () => performance.now(),
  );

  constructor(private readonly tell: (status: HostStatus, left: number[]) => void) {}

  /** Measures by this policy from now on; by null not at all. The same policy again changes nothing. */
  configure(policy: Policy | null): void {
    if (JSON.stringify(policy) === JSON.stringify(this.policy)) return;
    this.policy = policy;
    this.close({ ...idleStatus });
    this.pages.list(policy?.pages ?? []);
  }

  now(): HostStatus {
    return { ...this.status, tabs: this.tabs };
  }

  connect(port: ExtensionPort): void {
    const { sender } = port;
    const hear = this.pages.take(port, {
      name: port.name,
      tab: sender?.tab?.id,
      frame: sender?.frameId,
      address: sender?.url,
    });
    if (!hear) return;
    port.onMessage.addListener(hear);
    port.onDisconnect.addListener(() => this.pages.drop(port));
    this.begin();
  }

  private begin(): void {
    clearTimeout(this.linger);
    const { policy } = this;
    if (!policy) return;
    this.session ??= this.open(policy);
    this.session.start();
  }

  private open(policy: Policy): Session {
    const { deviceClass } = policy;
    const keys = memoryKeys();
    const session: Session = new Session(
      {
        endpoint: policy.endpoint,
        workerURL: chrome.runtime.getURL('ipse-worker.js'),
        renewToken: () => this.token(policy, session),
        ...(deviceClass && { deviceClass }),
      },
      {
        ...browser,
        // No second script: it is part of this one. And no other page has this session.
        reporting: async () => ({ protocol, connect: (o) => new Transport({ ...o, keys, join: alone }) }),
        fetch: async (url, init) => {
          const answer = await browser.fetch(url, init);
          if (answer.status === 200) this.status = { ...this.status, sentAtMS: Date.now() };
          return answer;
        },
        listen: ({ take }) => {
          this.listener = take;
          return () => {
            this.listener = undefined;
          };
        },
        watch: (on) => {
          this.watcher = on;
          const off = new AbortController();
          addEventListener('online', () => on.online(), { signal: off.signal });
          return () => {
            this.watcher = undefined;
            off.abort();
          };
        },
      },
    );
    const mine = () => session === this.session;
    session.on('state', (state) => {
      if (!mine()) return;
      if (state === 'stopped') {
        if (!this.closing) this.close({ ...this.status, session: 'ended', locked: false });
        return;
      }
      const { error, ...rest } = this.status;
      const worker = error?.code === 'worker'; // a server that answers does not bring the worker back
      this.update({ ...rest, session: state, ...(error && (state !== 'running' || worker) && { error }) });
    });
    session.on('risk', ({ directives }) => {
      if (!mine()) return;
      const { error, ...rest } = this.status;
      const keep = error?.code === 'worker' || error?.code === 'model';
      this.update({ ...rest, session: 'running', locked: directives.includes('lock'), ...(error && keep && { error }) });
    });
    session.on('error', (error) => {
      if (mine()) this.update({ ...this.status, error });
    });
    return session;
  }

  private async token(policy: Policy, session: Session): Promise<string> {
    const answer = await askToken(policy, (url, init) => fetch(url, init));
    switch (answer.kind) {
      case 'token':
        return answer.token;
      case 'declined':
        if (session === this.session) this.close({ ...idleStatus, session: 'declined' });
        throw new Error('the application wants nothing to be measured');
      case 'signedOut':
        if (session === this.session) this.update({ ...this.status, session: 'signedOut' });
        throw new Error('nobody is signed in');
      case 'failed':
        throw new Error(answer.detail);
    }
  }

  /** Ends the session and lets every page go. The next page that is opened begins another one. */
  private close(status: HostStatus): void {
    this.closing = true;
    clearTimeout(this.linger);
    const { session } = this;
    this.session = undefined;
    session?.forget();
    this.closing = false;
    this.status = { ...status, tabs: [] };
    this.pages.dismiss();
    this.update(this.status);
  }

  private pagesChanged(): void {
    this.watcher?.show(this.pages.visible);
    clearTimeout(this.linger);
    if (this.session && this.pages.count === 0) {
      this.watcher?.leave();
      this.linger = setTimeout(() => this.rest(), lingerMS);
    }
    this.update(this.status);
  }

  /** No listed page is open: nothing is sent until one is. */
  private rest(): void {
    this.closing = true;
    this.session?.stop();
    this.closing = false;
    this.update({ ...this.status, session: 'idle' });
  }

  private update(status: HostStatus): void {
    const left = this.tabs.filter((tab) => !this.pages.tabs.includes(tab));
    this.tabs = this.pages.tabs;
    this.status = { ...status, tabs: this.tabs };
    // When it last sent is asked for, not told: each word would wake Chromium's worker.
    const { sentAtMS: _, ...news } = this.status;
    const text = JSON.stringify(news);
    if (text === this.told && left.length === 0) return;
    this.told = text;
    this.tell(this.status, left);
  }
}
