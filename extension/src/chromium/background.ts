// Chromium's service worker. It has no DOM and is ended when idle, so the host lives in an offscreen document.
import { Control, type HostLink } from '../control.ts';
import type { HostStatus, ToHost } from '../message.ts';

const page = 'offscreen.html';

let making: Promise<void> | undefined;

async function there(): Promise<boolean> {
  return (await chrome.runtime.getContexts({ contextTypes: ['OFFSCREEN_DOCUMENT'] })).length > 0;
}

async function make(): Promise<void> {
  if (await there()) return;
  await chrome.offscreen.createDocument({
    url: page,
    reasons: ['WORKERS'],
    justification: 'Computes observations from the rhythm of input in a worker, and sends them.',
  });
}

const ask = (message: ToHost): Promise<unknown> => chrome.runtime.sendMessage(message);

const link: HostLink = {
  configure: async (policy) => {
    if (policy) {
      await (making ??= make().finally(() => (making = undefined)));
      await ask({ to: 'host', type: 'configure', policy });
    } else if (await there()) {
      await ask({ to: 'host', type: 'configure', policy });
      await chrome.offscreen.closeDocument();
    }
  },
  status: async () => ((await there()) ? ((await ask({ to: 'host', type: 'status' })) as HostStatus) : undefined),
};

new Control(link).begin();
