// The listeners of a page and of its frames. They are passive, at the outermost place and first in turn; none throws into the
// page, and an event that cannot be read counts as lost.
import { Blur, Composition, Move, Paste, Press, Release } from './event.ts';
import { Capture, type Listening } from './capture.ts';
import { exclusionOf } from './exclude.ts';
import { watchFrames, type On } from './frames.ts';
import { momentOf, type Place } from './place.ts';
import { unheard } from './guard.ts';
import { addListener } from './pristine.ts';
import { OfKeys, OfPointer, OfTouch, lostRecord } from './record.ts';
import { touchKinds } from './touches.ts';

/**
 * Calls take with the record of every event of interest; the function that it gives takes all listeners off. What is
 * typed in the field of a phrase, if one is asked for, is the phrase's alone, even in a field of passwords.
 */
export function listen(o: Listening): () => void {
  const capture = new Capture(o, exclusionOf(o.exclude));
  const page: Place = { view: window, aheadMS: 0, x: 0, y: 0 };
  const leaving = new Set<() => void>();

  const attach = (place: Place) => {
    const off = new AbortController();
    const of = (what: number): On => (target, name, fn) => {
      // With no prototype: what a page puts on Object.prototype is no option of ours.
      const options = { __proto__: null, capture: true, passive: true, signal: off.signal };
      const guarded = (e: Event) => {
        try {
          fn(e);
        } catch {
          o.take(lostRecord(0, what));
        }
      };
      addListener!(target, name, guarded, options);
    };
    hear(place, capture, o, of);
    const leave = () => {
      off.abort();
      leaving.delete(leave);
    };
    leaving.add(leave);
    return { on: of(OfKeys), leave };
  };

  const { on } = attach(page);
  watchFrames(page, on, attach);
  if (o.motion) {
    whenAllowed(on, page.view, () =>
      on(page.view, 'devicemotion', (e) => {
        if (e.isTrusted || o.acceptSimulated) capture.touches.moved(e as DeviceMotionEvent, page);
      }));
  }
  return () => leaving.forEach((leave) => leave());
}

function hear(place: Place, capture: Capture, o: Listening, of: (what: number) => On): void {
  const { view } = place;
  const keys = of(OfKeys);
  const pointer = of(OfPointer);
  const touch = of(OfTouch);
  keys(view, 'keydown', (e) => capture.key(e, place));
  keys(view, 'keyup', (e) => capture.key(e, place));
  keys(view, 'input', (e) => capture.input(e, place));
  keys(view, 'paste', (e) => capture.happened(e, Paste, place));
  keys(view, 'compositionstart', (e) => capture.happened(e, Composition, place));
  keys(view, 'blur', (e) => {
    if (e.target !== view) return; // the blur of one field
    capture.mark(momentOf(e, place), Blur, false);
    if (o.phraseField() !== undefined) capture.mark(momentOf(e, place), Blur, true);
  });
  pointer(view, 'pointermove', (e) => capture.pointer(e as PointerEvent, Move, place));
  pointer(view, 'pointerdown', (e) => capture.pointer(e as PointerEvent, Press, place));
  pointer(view, 'pointerup', (e) => capture.pointer(e as PointerEvent, Release, place));
  pointer(view, 'wheel', (e) => capture.wheel(e as WheelEvent, place));
  for (const [kind, name] of touchKinds) touch(view, name, (e) => capture.touch(e, kind, place));
}

/** Calls begin once readings of motion may be had; where the browser asks the person, it does so at the next tap or click. */
function whenAllowed(on: On, view: Window, begin: () => void): void {
  const motion = (view as unknown as { DeviceMotionEvent?: { requestPermission?: () => Promise<string> } }).DeviceMotionEvent;
  if (!motion) return;
  if (typeof motion.requestPermission !== 'function') return begin();
  let asked = false;
  on(view, 'click', (e) => {
    if (asked || !e.isTrusted) return;
    asked = true;
    unheard(motion.requestPermission!().then((answer) => answer === 'granted' && begin()));
  });
}
