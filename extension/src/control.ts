// Holds the browser to the policy: which pages have the content script, whether there is a host, and what the icon shows. It
// keeps nothing: Chromium ends its worker whenever it is idle, and each start finds out anew.
import { paint } from './icon.ts';
import { idleStatus, type HostStatus, type Status, type ToControl } from './message.ts';
import { originPattern } from './pattern.ts';
import { readPolicy, type Policy, type PolicyReading } from './policy.ts';
import { portsAllowed } from './target.ts';

/** The way to the host, which is made where it is needed. */
export interface HostLink {
  /** Measures by a policy; null lets the host go. */
  configure(policy: Policy | null): Promise<void>;
  /** undefined where there is no host. */
  status(): Promise<HostStatus | undefined>;
}

const scriptID = 'ipse';
const contentScript = 'content.js';

export class Control {
  private syncing: Promise<Policy | null> | undefined;
  private again = false;

  constructor(private readonly host: HostLink) {}

  begin(): void {
    // Pages must not read the policy, even one whose process was taken over.
    void chrome.storage.managed.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' }).catch(() => undefined);
    chrome.storage.onChanged.addListener((_changes, area) => {
      if (area === 'managed') void this.sync();
    });
    chrome.permissions.onAdded.addListener(() => void this.sync());
    chrome.permissions.onRemoved.addListener(() => void this.sync());
    chrome.runtime.onInstalled.addListener(() => void this.sync());
    chrome.runtime.onStartup.addListener(() => void this.sync());
    chrome.runtime.onMessage.addListener((message, sender, answer) => {
      const m = message as ToControl;
      if (m?.to !== 'control') return false;
      void this.answer(m, sender).then(answer, () => answer(undefined));
      return true;
    });
    void this.sync();
  }

  /** Answers a message. A page may say hello; everything else is among the extension's own parts. */
  private async answer(message: ToControl, sender: ExtensionSender): Promise<unknown> {
    if (message.type === 'hello') return sender.frameId === 0 && (await this.sync()) !== null;
    if (!(sender.url ?? '').startsWith(chrome.runtime.getURL(''))) return undefined;
    if (message.type === 'status') return this.status();
    if (message.type === 'changed') await this.hostChanged(message.status, message.left);
    return undefined;
  }

  /** The host tells what changed. */
  async hostChanged(host: HostStatus, left: number[]): Promise<void> {
    await paint({ ...(await this.standing()), host }, left);
  }

  async status(): Promise<Status> {
    return { ...(await this.standing()), host: (await this.host.status()) ?? idleStatus };
  }

  private async standing(): Promise<Omit<Status, 'host'>> {
    const reading = await storedPolicy();
    if (reading.kind !== 'valid') return { policy: reading, missing: [] };
    const { tokenHeader: _, ...policy } = reading.policy;
    return { policy: { kind: 'valid', policy }, missing: await missing(reading.policy) };
  }

  /**
   * Brings scripts and host in line with the policy and gives it, or null where nothing is measured. While it is at work
   * another call waits for one more round.
   */
  private sync(): Promise<Policy | null> {
    if (this.syncing) {
      this.again = true;
      return this.syncing;
    }
    this.syncing = (async () => {
      try {
        let policy: Policy | null;
        do {
          this.again = false;
          policy = await this.bringInLine();
        } while (this.again);
        return policy;
      } finally {
        this.syncing = undefined;
      }
    })();
    return this.syncing;
  }

  private async bringInLine(): Promise<Policy | null> {
    const reading = await storedPolicy();
    const policy = reading.kind === 'valid' && (await missing(reading.policy)).length === 0 ? reading.policy : null;
    // First the scripts that may not be there any more, then the host, so that no page finds one without the other.
    const fresh = await register(policy?.pages ?? []);
    await this.host.configure(policy);
    await paint(await this.status(), []);
    if (policy && fresh) await runOnOpenPages(policy.pages);
    return policy;
  }
}

async function storedPolicy(): Promise<PolicyReading> {
  try {
    return readPolicy(await chrome.storage.managed.get(), portsAllowed);
  } catch {
    return { kind: 'none' }; // Firefox, where no policy is set for this extension
  }
}

/** The addresses of a policy that the browser does not let the extension reach yet. */
async function missing(policy: Policy): Promise<string[]> {
  const wanted = wantedOrigins(policy);
  const held = await Promise.all(wanted.map((origin) => chrome.permissions.contains({ origins: [origin] })));
  return wanted.filter((_, i) => !held[i]);
}

/** What the extension must reach: the pages, and the application that gives tokens. The ipse server needs no permission. */
export function wantedOrigins(policy: Pick<Policy, 'pages' | 'tokenURL'>): string[] {
  return [...new Set([...policy.pages, originPattern(policy.tokenURL, portsAllowed)])];
}

/** Registers the content script for exactly these pages. Gives whether that changed anything. */
async function register(pages: string[]): Promise<boolean> {
  const there = await chrome.scripting.getRegisteredContentScripts();
  const same = pages.length === 0
    ? there.length === 0
    : there.length === 1 && JSON.stringify([...(there[0]?.matches ?? [])].sort()) === JSON.stringify([...pages].sort());
  if (same) return false;
  if (there.length > 0) await chrome.scripting.unregisterContentScripts();
  if (pages.length === 0) return true;
  await chrome.scripting.registerContentScripts([
    // Not kept over a restart of the browser: by then the policy may be another.
    { id: scriptID, matches: pages, js: [contentScript], runAt: 'document_start', allFrames: false, persistAcrossSessions: false },
  ]);
  return true;
}

/** Pages that were open before the policy came. */
async function runOnOpenPages(pages: string[]): Promise<void> {
  const tabs = await chrome.tabs.query({ url: pages });
  await Promise.allSettled(
    tabs.map(({ id }) =>
      id === undefined
        ? undefined
        : chrome.scripting.executeScript({ target: { tabId: id }, files: [contentScript], injectImmediately: true }),
    ),
  );
}
