// The desk's page: customers, replies, the indicator, the lock.
import { guardHands } from './hands.js';
import { startIpse, post } from './ipse.js';
import { colleaguesPanel } from './colleagues.js';
import { attackersPanel, reasonsInWords } from './attackers.js';

const config = JSON.parse(document.getElementById('config').textContent);
const by = (id) => document.getElementById(id);
const say = (key, values = {}) =>
  Object.entries(values).reduce((text, [k, v]) => text.replace(`{${k}}`, v), config.strings[key] ?? key);

guardHands(); // before ipse listens

// --- what ipse says ---

let locked = false;

function show(now) {
  if (locked && now.state !== 'locked') return; // only a sign-in unlocks
  if (now.state === 'locked') {
    lock();
    post('/ipse/check').catch(() => {}); // the back end locks its own side even if the webhook is late
    return;
  }
  const learning = now.state === 'learning' || (now.keyboard !== undefined && !now.whole);
  indicate(now.state, learning ? now : undefined);
}

function indicate(state, progress) {
  by('indicator').dataset.state = state === 'compare' ? 'known' : state;
  setText('indicator-title', say(`ipse.${state}`));
  const detail = say(`ipse.${state}.detail`);
  setText('indicator-detail', state === 'off' ? '' : detail);
  by('indicator-progress').hidden = !progress;
  if (progress) {
    by('progress-keyboard').value = progress.keyboard;
    by('progress-pointer').value = progress.pointer;
  }
}

/** Changes text only where it differs, so that screen readers hear each state once. */
function setText(id, text) {
  if (by(id).textContent !== text) by(id).textContent = text;
}

const collector = startIpse(config, show);
if (by('indicator').dataset.state === 'starting' && collector) indicate('learning');

// --- the lock ---

function lock(reasons = []) {
  indicate('locked');
  if (reasons.length > 0) {
    by('lock-injected').hidden = reasons.includes('behaviour_differs');
    by('lock-text').hidden = !by('lock-injected').hidden;
    by('lock-reasons').textContent = reasonsInWords(say, reasons.filter((r) => r !== 'behaviour_differs'));
    by('lock-reasons').hidden = by('lock-reasons').textContent === '';
  }
  if (locked) return;
  locked = true;
  colleagues.stop();
  collector?.stop(); // what was typed until now belongs to nobody's reference, and the password is nobody's business
  by('lock').showModal();
}

by('lock').addEventListener('cancel', (e) => e.preventDefault());
by('lock-form').addEventListener('submit', async (e) => {
  e.preventDefault();
  by('lock-problem').hidden = true;
  by('lock-submit').disabled = true;
  try {
    const { token } = await post('/unlock', { password: by('lock-password').value });
    opened(token);
  } catch {
    by('lock-problem').hidden = false;
  } finally {
    by('lock-submit').disabled = false;
    by('lock-password').value = '';
  }
});

function opened(token) {
  if (!locked) return;
  locked = false;
  by('lock').close();
  if (token) collector?.renew(token);
  collector?.start();
  indicate('compare');
  by('reply-text')?.focus();
}

const stream = new EventSource('/events');
stream.onmessage = ({ data }) => {
  const now = JSON.parse(data);
  if (now.locked) lock(now.reasons);
  else if (locked) opened();
};
if (config.locked) lock();

// --- customers and replies ---

async function open(id, push = true) {
  const response = await fetch(`/desk/customers/${encodeURIComponent(id)}`);
  if (!response.ok) return;
  place(await response.text());
  for (const a of document.querySelectorAll('#customers a')) {
    if (a.dataset.open === id) a.setAttribute('aria-current', 'true');
    else a.removeAttribute('aria-current');
  }
  if (push) history.pushState({ id }, '', `/desk?customer=${encodeURIComponent(id)}`);
}

function place(html) {
  by('customer').innerHTML = html;
  const thread = document.querySelector('.thread');
  thread.scrollTop = thread.scrollHeight;
}

async function send() {
  const card = document.querySelector('.card');
  const text = by('reply-text').value.trim();
  if (!text) return by('reply-text').focus();
  const response = await fetch(`/desk/customers/${card.dataset.customer}/replies`, {
    method: 'POST',
    headers: { Accept: 'text/html; part=customer' },
    body: new URLSearchParams({ text }),
  });
  if (!response.ok) return;
  place(await response.text());
  by('reply-text').focus();
}

document.addEventListener('click', (e) => {
  const link = e.target.closest?.('[data-open]');
  if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  open(link.dataset.open).then(() => link.id === 'reply-next' && by('reply-text').focus());
});
document.addEventListener('submit', (e) => {
  if (e.target.matches('.reply')) {
    e.preventDefault();
    send();
  }
});
document.addEventListener('keydown', (e) => {
  if (e.target.id === 'reply-text' && e.key === 'Enter' && (e.ctrlKey || e.metaKey)) send();
});
addEventListener('popstate', () => {
  const id = new URLSearchParams(location.search).get('customer');
  if (id) open(id, false);
});

const search = by('search');
search.addEventListener('input', () => {
  const words = search.value.trim().toLocaleLowerCase();
  let found = 0;
  for (const item of document.querySelectorAll('#customers li')) {
    item.hidden = !item.textContent.toLocaleLowerCase().includes(words);
    if (!item.hidden) found++;
  }
  by('search-none').hidden = found > 0;
});

// --- the visitor's menu ---

function toast(text) {
  by('toast').textContent = text;
  by('toast').hidden = false;
  setTimeout(() => (by('toast').hidden = true), 5000);
}

by('forget').addEventListener('click', async () => {
  try {
    const { token } = await post('/ipse/forget');
    collector?.forget();
    collector?.renew(token);
    collector?.start();
    indicate('learning', { keyboard: 0, pointer: 0 });
    toast(say('forget.done'));
  } catch {
    toast(say('forget.failed'));
  }
});

const theme = (value) => {
  if (value) document.documentElement.dataset.theme = value;
};
theme(localStorage.getItem('harbour-theme'));
by('theme').addEventListener('click', () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === 'dark' ||
    (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);
  const next = dark ? 'light' : 'dark';
  localStorage.setItem('harbour-theme', next);
  theme(next);
});

// --- the demonstration's panel ---

const colleagues = colleaguesPanel({ say, toast, open, send });
attackersPanel({ say, stop: colleagues.stop, locked: lock });
