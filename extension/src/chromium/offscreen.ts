// Chromium's offscreen document: the host, and nothing to see.
import { Host } from '../host.ts';
import type { ToControl, ToHost } from '../message.ts';

const host = new Host((status, left) => {
  const message: ToControl = { to: 'control', type: 'changed', status, left };
  chrome.runtime.sendMessage(message).catch(() => undefined);
});

chrome.runtime.onConnect.addListener((port) => host.connect(port));

chrome.runtime.onMessage.addListener((message, sender, answer) => {
  const m = message as ToHost;
  // Content scripts can send messages too; only the extension's own parts say what the policy is.
  if (m?.to !== 'host' || !(sender.url ?? '').startsWith(chrome.runtime.getURL(''))) return false;
  if (m.type === 'configure') host.configure(m.policy);
  answer(host.now());
  return false;
});
