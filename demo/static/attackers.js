// The panel's attackers: programs at a machine of their own that hold the visitor's session. The desk's back end makes
// them; this page tells it what they may have recorded here, and shows what ipse makes of them.

const by = (id) => document.getElementById(id);

/** Key events that the page remembers, in its memory alone, so that they can be played back. */
const mostEvents = 3000;

const left = /^Key[QWERTASDFGZXCVB]$/;
const right = /^Key[A-Z]$/;
const digit = /^(Digit|Numpad)[0-9]$/;
const modifier = /^(Control|Alt|Meta)(Left|Right)$|^(CapsLock|Fn|ContextMenu|Arrow.*|Home|End|PageUp|PageDown|Insert|Escape|NumLock)$/;

/** The class of a key, as ipse's own collector has it: which key it was is forgotten at once. */
export function classOf(code) {
  if (left.test(code)) return 0;
  if (right.test(code)) return 1;
  if (digit.test(code)) return 2;
  if (code === 'Space') return 3;
  if (code === 'Backspace' || code === 'Delete') return 4;
  if (code === 'Enter' || code === 'NumpadEnter' || code === 'Tab') return 5;
  if (code === 'ShiftLeft' || code === 'ShiftRight') return 6;
  return modifier.test(code) ? 7 : 8;
}

/** Remembers the last keys of the reply box, those of a keyboard: ipse remembers nothing of what is simulated. */
function remember() {
  let keys = [];
  const take = (e) => {
    if (!e.isTrusted || e.target?.id !== 'reply-text' || e.repeat || !e.code) return;
    const t = Math.round(e.timeStamp * 10) / 10;
    if (keys.length > 0 && t < keys.at(-1)[0]) keys = [];
    keys.push([t, classOf(e.code), e.type === 'keydown' ? 1 : 0]);
    if (keys.length > mostEvents) keys = keys.slice(-mostEvents);
  };
  for (const name of ['keydown', 'keyup']) addEventListener(name, take, { capture: true, passive: true });
  return () => keys;
}

export function attackersPanel({ say, stop, locked }) {
  const typed = remember();
  let under; // ends the attack under way

  for (const button of document.querySelectorAll('[data-attacker]')) {
    button.addEventListener('click', () => attack(button.dataset.attacker, button.dataset.name));
  }
  by('running-stop').addEventListener('click', () => under?.abort());

  async function attack(id, name) {
    under?.abort();
    stop();
    const mine = (under = new AbortController());
    tell(say('attack.running', { name }) + '…');
    by('running-name').textContent = say('attack.running', { name });
    by('running').hidden = false;
    by('running-hands').hidden = true; // the visitor's own hands stay theirs
    try {
      const response = await fetch(`/attackers/${id}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ keys: typed() }),
        signal: mine.signal,
      });
      if (!response.ok) throw new Error(`attack: status ${response.status}`);
      const outcome = await response.json();
      tell(words(name, outcome), outcome.verdict);
      if (outcome.verdict === 'caught') locked(outcome.reasons ?? []);
    } catch {
      tell(say(mine.signal.aborted ? 'attack.stopped' : 'attack.not_made', { name }));
    } finally {
      if (under === mine) {
        under = undefined;
        by('running').hidden = true;
        by('running-hands').hidden = false;
      }
    }
  }

  function tell(text, verdict = '') {
    by('attack-state').textContent = text;
    by('attack-state').dataset.verdict = verdict;
    by('attack-state').hidden = false;
  }

  function words(name, o) {
    if (o.verdict === 'needs') return say('attack.needs', { name, count: o.keys });
    const seconds = o.seconds?.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
    const kind = o.keys > 0 ? 'attack.after.keys' : o.events > 0 ? 'attack.after.events' : 'attack.after';
    const after = say(kind, { seconds, count: o.keys || o.events });
    return say(`attack.${o.verdict}`, { name, after, reasons: reasonsInWords(say, o.reasons ?? []) }).replace(/ \.$/, '');
  }
}

/** Reasons in the page's language, as one sentence without its full stop. */
export function reasonsInWords(say, reasons) {
  return reasons
    .map((r) => say(`reason.${r}`))
    .filter((text) => !text.startsWith('reason.'))
    .join(say('reason.between'));
}
