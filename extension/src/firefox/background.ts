// Firefox's background page: it has a DOM, so that control and host live in one place.
import { Control } from '../control.ts';
import { Host } from '../host.ts';

const host = new Host((status, left) => void control.hostChanged(status, left));
const control = new Control({
  configure: async (policy) => host.configure(policy),
  status: async () => host.now(),
});

chrome.runtime.onConnect.addListener((port) => host.connect(port));
control.begin();
