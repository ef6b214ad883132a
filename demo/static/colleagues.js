// The demonstration's panel: generated colleagues and recordings who take over this page.
import { Player } from './player.js';
import { recordingPanel } from './recording.js';

const by = (id) => document.getElementById(id);

export function colleaguesPanel({ say, toast, open, send }) {
  let run = 0; // grows whenever somebody sits down or is stopped

  function stop() {
    run++;
    by('running').hidden = true;
  }

  /** Lets somebody work: next gives the steps of each round, until minutes have passed or the desk is locked. */
  async function work(name, minutes, next) {
    stop();
    const mine = run;
    by('running-name').textContent = say('demo.running', { name });
    by('running').hidden = false;
    const player = new Player(act, () => mine === run);
    const endMS = performance.now() + minutes * 60_000;
    player.begin();
    try {
      while (mine === run && performance.now() < endMS) {
        if (!(await player.play(await next(player.cursor)))) break;
      }
      if (mine === run) toast(say('demo.ended', { name }));
    } catch {
      if (mine === run) toast(say('demo.trouble'));
    } finally {
      player.end();
      readOnly(false);
      if (mine === run) stop();
    }
  }

  /** What a colleague's clicks bring about. */
  async function act(step) {
    if (step.do === 'open') await open(step.id);
    else if (step.do === 'send') await send();
    if (step.do !== 'rest') readOnly(true);
    if (step.do === 'focus') by('reply-text')?.focus({ preventScroll: true });
  }

  /** While a colleague writes, the visitor's own typing does not mix in. */
  function readOnly(value) {
    if (by('reply-text')) by('reply-text').readOnly = value;
  }

  for (const button of document.querySelectorAll('[data-colleague]')) {
    const { colleague, name, minutes } = button.dataset;
    button.addEventListener('click', () => {
      work(name, Number(minutes), (cursor) => round(colleague, cursor));
    });
  }
  by('running-stop').addEventListener('click', stop);
  recordingPanel({ say, stop, play: (next) => work(say('rec.name'), 4, next) });
  return { stop };
}

/** Asks the desk's back end what the colleague does next on the page as it lies now. */
async function round(colleague, cursor) {
  const place = (element) => {
    const { x, y, width: w, height: h } = element.getBoundingClientRect();
    return { id: element.dataset?.open ?? '', x, y, w, h };
  };
  const list = by('customers').getBoundingClientRect();
  const items = [...document.querySelectorAll('#customers li:not([hidden]) a')]
    .map(place)
    .filter((i) => i.y >= list.top - 1 && i.y + i.h <= list.bottom + 1);
  const read = place(document.querySelector('.thread'));
  const stage = { items, read, reply: place(by('reply-text')), send: place(by('reply-send')), cursor };
  const response = await fetch(`/colleagues/${colleague}/round`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(stage),
  });
  if (!response.ok) throw new Error(`round: status ${response.status}`);
  return (await response.json()).steps;
}
