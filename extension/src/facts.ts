// What popup and page both say: where it goes, whom to ask, when it last sent, and what is wrong with the policy.
import type { PolicyProblem } from './policy.ts';
import type { Status, ToControl } from './message.ts';
import { moment, words } from './words.ts';

/** Asks the extension how things are. */
export async function askStatus(): Promise<Status | undefined> {
  const message: ToControl = { to: 'control', type: 'status' };
  return (await chrome.runtime.sendMessage(message).catch(() => undefined)) as Status | undefined;
}

/** Fills the elements of those ids that the page has; what there is nothing to say of is hidden with its row. */
export function showFacts(status: Status): void {
  const policy = status.policy.kind === 'valid' ? status.policy.policy : undefined;
  const { sentAtMS } = status.host;
  fill('organisation', policy?.organisation);
  fill('contact', policy?.contact ?? (policy && words('contactNone')));
  fill('endpoint', policy && new URL(policy.endpoint).host);
  fillList('pages', policy?.pages.map((page) => ({ text: page })) ?? []);
  const sent = sentAtMS === undefined ? undefined : moment(sentAtMS, Date.now());
  fill('sent', policy && (sent?.ago ?? words('sentNever')), sent?.exact);
  const problems = status.policy.kind === 'invalid' ? status.policy.problems : [];
  fillList('problems', problems.map((problem) => ({ text: sentence(problem) })));
  fillList('missing', status.missing.map((page) => ({ text: page })));
}

function sentence({ field, message, value }: PolicyProblem): string {
  return `${field}${words('colon')} ${words(message, value ?? '')}`;
}

function fill(id: string, text: string | undefined, title = ''): void {
  const element = document.getElementById(id);
  if (!element) return;
  if (element.textContent !== (text ?? '')) element.textContent = text ?? '';
  element.title = title;
  hide(element, text === undefined);
}

function fillList(id: string, items: { text: string }[]): void {
  const list = document.getElementById(id);
  if (!list) return;
  list.replaceChildren(
    ...items.map(({ text }) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }),
  );
  hide(list, items.length === 0);
}

function hide(element: HTMLElement, hidden: boolean): void {
  (element.closest<HTMLElement>('[data-row]') ?? element).hidden = hidden;
}
