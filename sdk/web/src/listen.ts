// The one file that listens to the page. Each event becomes a record of a few numbers at once: of a key nothing but its
// class is kept, and its name (event.key) is never read.
import { classOf } from './class.ts';
import { Blur, Composition, Move, Paste, Press, Release, Wheel } from './event.ts';
import {
  PhraseMark, PhraseUntrusted, UntrustedKey, UntrustedPointer, keyRecord, markRecord, phraseKeyRecord, phraseRecord,
  pointerRecord, untrustedRecord, type EventRecord,
} from './record.ts';

/**
 * Calls take with the record of every event of interest; the function that it gives takes all listeners off. What is
 * typed in the field of a phrase, if one is asked for, is the phrase's alone, even in a field of passwords.
 */
export function listen(
  acceptSimulated: boolean,
  take: (record: EventRecord) => void,
  phraseField: () => unknown,
): () => void {
  const off = new AbortController();
  const options = { capture: true, passive: true, signal: off.signal };

  /** Reports an event that software made where such events are no behaviour. */
  const refused = (e: Event, what: number): boolean => {
    if (e.isTrusted || acceptSimulated) return false;
    take(untrustedRecord(e.timeStamp, what));
    return true;
  };

  const onKey = (e: KeyboardEvent) => {
    const phrase = ofPhrase(e);
    if (typeof e.code !== 'string') {
      if (phrase) take(phraseRecord(e.timeStamp, PhraseMark, Paste)); // the browser fills in the form by itself
      return;
    }
    if (!phrase && secret(e)) return;
    if (phrase && !e.isTrusted && !acceptSimulated) return take(phraseRecord(e.timeStamp, PhraseUntrusted));
    if (refused(e, UntrustedKey)) return;
    if (e.code === '') {
      // A keyboard on the screen, or an input method: there is no physical key.
      if (e.type === 'keydown') mark(e, Composition, phrase);
      return;
    }
    const key = {
      timeMS: e.timeStamp,
      keyClass: classOf(e.code),
      down: e.type === 'keydown',
      repeat: e.repeat === true,
      trusted: e.isTrusted,
    };
    take(phrase ? phraseKeyRecord(key) : keyRecord(key));
  };

  const ofPhrase = (e: Event): boolean => {
    const field = phraseField();
    return field !== undefined && e.composedPath().includes(field as EventTarget);
  };

  const mark = (e: Event, kind: number, phrase: boolean) =>
    take(phrase ? phraseRecord(e.timeStamp, PhraseMark, kind) : markRecord(e.timeStamp, kind));

  const pointer = (e: MouseEvent, kind: number, trusted: boolean, wheelX = 0, wheelY = 0) =>
    take(
      pointerRecord({
        timeMS: e.timeStamp,
        kind,
        x: e.clientX,
        y: e.clientY,
        button: kind === Press || kind === Release ? e.button & 0xff : 0,
        wheelX,
        wheelY,
        trusted,
      }),
    );

  const onPointer = (kind: number) => (e: PointerEvent) => {
    if (e.pointerType !== 'mouse' || excluded(e) || refused(e, UntrustedPointer)) return;
    const parts = kind === Move ? (e.getCoalescedEvents?.() ?? []) : [];
    for (const part of parts.length > 0 ? parts : [e]) pointer(part, kind, e.isTrusted);
  };

  const onWheel = (e: WheelEvent) => {
    if (excluded(e) || refused(e, UntrustedPointer)) return;
    const pixels = [1, 16, 800][e.deltaMode] ?? 1; // of a pixel, a line, a page
    pointer(e, Wheel, e.isTrusted, e.deltaX * pixels, e.deltaY * pixels);
  };

  const onMark = (kind: number) => (e: Event) => {
    const phrase = ofPhrase(e);
    if ((phrase || !secret(e)) && (e.isTrusted || acceptSimulated)) mark(e, kind, phrase);
  };

  addEventListener('keydown', onKey, options);
  addEventListener('keyup', onKey, options);
  addEventListener('paste', onMark(Paste), options);
  addEventListener('compositionstart', onMark(Composition), options);
  addEventListener('pointermove', onPointer(Move), options);
  addEventListener('pointerdown', onPointer(Press), options);
  addEventListener('pointerup', onPointer(Release), options);
  addEventListener('wheel', onWheel, options);
  addEventListener(
    'blur',
    (e) => {
      if (e.target !== window) return; // the blur of one field
      mark(e, Blur, false);
      if (phraseField() !== undefined) mark(e, Blur, true);
    },
    options,
  );
  return () => off.abort();
}

/** Reports whether the page keeps this event's element out of every measurement. */
function excluded(e: Event): boolean {
  return elements(e).some((element) => element.hasAttribute('data-ipse-exclude'));
}

/** Reports whether nothing may be known of what is typed here: password fields, and what the page excludes. */
function secret(e: Event): boolean {
  return elements(e).some(
    (element) =>
      element.hasAttribute('data-ipse-exclude') ||
      (element instanceof HTMLInputElement &&
        // A password that is shown for a moment has another type, but the page still calls it a password.
        (element.type === 'password' || /password|one-time-code/.test(element.autocomplete))),
  );
}

/** The elements that the event passes, those inside shadow trees included as far as these are open. */
function elements(e: Event): Element[] {
  return e.composedPath().filter((target): target is Element => target instanceof Element);
}
