// Recordings of the form ipse recording/1, made on this page from somebody who copies a given text, kept in the page's
// memory, saved and loaded as files. Because the text is given, the key codes tell nothing that is not known.
import { handsAway, tapHands } from './hands.js';

const by = (id) => document.getElementById(id);
const recordMS = 30_000;
const maxEvents = 20_000;

export function recordingPanel({ say, stop, play }) {
  let events = [];
  let end; // ends the recording under way

  function have(list) {
    events = list;
    by('rec-play').disabled = by('rec-save').disabled = events.length === 0;
    by('rec-state').textContent = events.length > 0 ? say('rec.done', { count: events.length }) : say('rec.empty');
  }

  by('rec-start').addEventListener('click', () => {
    if (end) return end();
    stop();
    const field = by('rec-field');
    by('rec-box').hidden = false;
    field.value = '';
    field.focus();
    handsAway(true); // what is recorded is not the work of the one who is signed in
    const tape = record(field);
    const tick = setInterval(() => {
      const leftMS = tape.leftMS();
      by('rec-left').textContent = say('rec.left', { seconds: Math.ceil(leftMS / 1000) });
      if (leftMS <= 0) end();
    }, 250);
    end = () => {
      clearInterval(tick);
      handsAway(false);
      by('rec-box').hidden = true;
      by('rec-start').textContent = say('rec.start');
      end = undefined;
      have(tape.stop());
    };
    by('rec-start').textContent = say('demo.stop');
  });

  by('rec-play').addEventListener('click', () => {
    end?.();
    const steps = toSteps(events);
    play(async () => steps);
  });

  by('rec-save').addEventListener('click', () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([serialise(events)], { type: 'application/jsonl' }));
    link.download = 'colleague.jsonl';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });

  by('rec-load').addEventListener('change', async (e) => {
    const [file] = e.target.files;
    e.target.value = '';
    if (!file) return;
    const { events: list, badLine } = parse(file.size > 5_000_000 ? '' : await file.text());
    have(list);
    if (badLine) by('rec-state').textContent = say('rec.bad', { line: badLine });
  });
}

/** Records from the first key on. */
function record(field) {
  const events = [];
  let zeroMS;
  tapHands((e) => {
    const isKey = e.type === 'keydown' || e.type === 'keyup';
    if (isKey && (e.target !== field || e.code === '' || e.repeat)) return;
    if (zeroMS === undefined) {
      if (e.type !== 'keydown') return;
      zeroMS = e.timeStamp;
    }
    const t = Math.round((e.timeStamp - zeroMS) * 1000) / 1000;
    if (t > recordMS || events.length >= maxEvents) return;
    const x = Math.round(e.clientX);
    const y = Math.round(e.clientY);
    if (isKey) events.push({ t, k: e.type === 'keydown' ? 'down' : 'up', c: e.code });
    else if (e.type === 'wheel') events.push({ t, p: 'wheel', dx: e.deltaX, dy: e.deltaY });
    else if (e.type === 'pointermove') events.push({ t, p: 'move', x, y });
    else if (e.type === 'pointerdown') events.push({ t, p: 'down', x, y, b: e.button });
    else if (e.type === 'pointerup') events.push({ t, p: 'up', x, y, b: e.button });
  });
  return {
    leftMS: () => (zeroMS === undefined ? recordMS : recordMS - (performance.now() - zeroMS)),
    stop() {
      tapHands(undefined);
      return events;
    },
  };
}

/** Writes a recording as a file of JSON lines. */
export function serialise(events) {
  const header = { ipse: 'recording/1', subject: 'colleague', session: 'a', device: 'desktop' };
  return [header, ...events].map((line) => JSON.stringify(line)).join('\n') + '\n';
}

/** Reads a recording; badLine is the number of the first line that is wrong, if one is. */
export function parse(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const events = [];
  let lastMS = 0;
  for (const [i, line] of lines.entries()) {
    let value;
    try {
      value = JSON.parse(line);
    } catch {
      return { events: [], badLine: i + 1 };
    }
    if (i === 0) {
      if (value?.ipse !== 'recording/1') return { events: [], badLine: 1 };
      continue;
    }
    if (!valid(value) || value.t < lastMS || events.length >= maxEvents) return { events: [], badLine: i + 1 };
    lastMS = value.t;
    if (value.k || value.p) events.push(value);
  }
  return lines.length > 1 ? { events, badLine: 0 } : { events: [], badLine: 1 };
}

const finite = (...values) => values.every((v) => typeof v === 'number' && Number.isFinite(v) && Math.abs(v) < 1e7);

function valid(e) {
  if (e === null || typeof e !== 'object' || !finite(e.t) || e.t < 0) return false;
  if (e.k !== undefined) return (e.k === 'down' || e.k === 'up') && typeof e.c === 'string' && e.c.length < 40;
  if (e.p === 'wheel') return finite(e.dx ?? 0, e.dy ?? 0);
  if (e.p !== undefined) return ['move', 'down', 'up'].includes(e.p) && finite(e.x, e.y);
  return e.f !== undefined || e.m !== undefined; // touch and motion: not played here
}

const plain = { Space: ' ', Comma: ',', Period: '.', Quote: "'", Semicolon: ';', Slash: '/', Minus: '-', Enter: '\n' };

/** What a recording's keys write, as far as the page shows it: a recording holds key codes, no text. */
export function toSteps(events) {
  let shift = 0;
  return events.map((e) => {
    if (!e.k) return e;
    if (e.c.startsWith('Shift')) shift = e.k === 'down' ? shift + 1 : Math.max(0, shift - 1);
    if (e.k === 'up') return e;
    let s = plain[e.c] ?? (/^Digit\d$/.test(e.c) ? e.c.slice(5) : '');
    if (/^Key[A-Z]$/.test(e.c)) s = shift > 0 ? e.c.slice(3) : e.c.slice(3).toLowerCase();
    return { ...e, s };
  });
}
