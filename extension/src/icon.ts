// The icon in the toolbar: a drawing, a badge and words for each state.
import type { Status } from './message.ts';
import { viewOf, type Shown } from './state.ts';

const badges: Record<Shown, string> = { measuring: '●', elsewhere: '', cannot: '!', locked: '×' };
const colours: Record<Shown, string> = { measuring: '#0f6470', elsewhere: '#596168', cannot: '#7b4d00', locked: '#a5202c' };

/** Shows how things are on every tab that is listened to, on those that no longer are, and on all others. */
export async function paint(status: Status, left: readonly number[]): Promise<void> {
  await Promise.allSettled([
    show(status, undefined),
    ...status.host.tabs.map((tab) => show(status, tab)),
    ...left.filter((tab) => !status.host.tabs.includes(tab)).map((tab) => show(status, tab)),
  ]);
}

async function show(status: Status, tabId: number | undefined): Promise<void> {
  const { shown, title } = viewOf(status, tabId);
  const tab = tabId === undefined ? {} : { tabId };
  // A tab that has gone meanwhile refuses all of it, which is no loss.
  await chrome.action.setIcon({ ...tab, path: { 16: `icons/${shown}-16.png`, 32: `icons/${shown}-32.png` } });
  await chrome.action.setBadgeText({ ...tab, text: badges[shown] });
  await chrome.action.setBadgeBackgroundColor({ ...tab, color: colours[shown] });
  await chrome.action.setTitle({ ...tab, title: `ipse: ${chrome.i18n.getMessage(title)}` });
}
