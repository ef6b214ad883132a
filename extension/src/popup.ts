// The popup: what is going on in this tab, in plain words.
import { askStatus, showFacts } from './facts.ts';
import { viewOf } from './state.ts';
import { translate, words } from './words.ts';

const refreshMS = 1_000;

async function refresh(): Promise<void> {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  const status = await askStatus();
  if (!status) return;
  const { shown, title, detail } = viewOf(status, tab?.id);
  document.body.dataset.shown = shown;
  for (const [id, name] of [['title', title], ['detail', detail]] as const) {
    const element = document.getElementById(id);
    if (element && element.textContent !== words(name)) element.textContent = words(name); // a live region speaks at changes only
  }
  showFacts(status);
  const allow = document.getElementById('allow');
  if (allow) {
    allow.hidden = status.missing.length === 0;
    allow.onclick = () => void chrome.permissions.request({ origins: status.missing }).then(refresh);
  }
}

translate();
document.getElementById('more')?.addEventListener('click', (e) => {
  e.preventDefault();
  void chrome.tabs.create({ url: chrome.runtime.getURL('collected.html') }).then(() => close());
});
void refresh();
setInterval(() => void refresh(), refreshMS);
