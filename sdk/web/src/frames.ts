// Frames of the same origin, as they come and go. A frame of another origin shows no document and is left alone.
import { composedPath, contentDocument, nameOf, shadowOf, tried, viewOf } from './pristine.ts';
import { placeOf, type Place } from './place.ts';

/** Adds a listener that cannot throw into the page. */
export type On = (target: EventTarget, name: string, fn: (e: Event) => void) => void;

/** A place that is listened to until it is left. */
type Attach = (place: Place) => { on: On; leave: () => void };

/**
 * Listens to the frames in a place, and to those in them. A frame is found when it loads; one that lies in a shadow tree,
 * whose loading nobody hears of outside, when the pointer or the focus comes to it.
 */
export function watchFrames(place: Place, on: On, attach: Attach, seekAbove = () => undefined as void): void {
  const { document } = place.view;
  const held = new WeakMap<Element, { of: Document; leave: () => void }>();
  const find = (frame: EventTarget | null | undefined, loaded: boolean) => {
    const shown = frame && tried(nameOf, frame) === 'iframe' && tried(contentDocument, frame); // null of another origin
    const before = held.get(frame as Element);
    if (!shown || (before?.of === shown && !loaded)) return;
    before?.leave(); // also where it is the same: document.open() takes listeners off
    const view = viewOf(shown);
    if (!view) return;
    const inner = placeOf(view, frame as Element, place);
    const attached = attach(inner);
    const leave = () => {
      attached.leave();
      held.delete(frame as Element);
    };
    held.set(frame as Element, { of: shown, leave });
    attached.on(view, 'pagehide', leave);
    watchFrames(inner, attached.on, attach, seek);
  };
  // The focus may have gone from a frame to another one anywhere in the page.
  const seek = () => {
    seekAbove();
    find(focused(document), false);
  };
  on(document, 'load', (e) => find(e.target, true));
  on(place.view, 'pointerover', (e) => find(composedPath?.(e)[0], false));
  on(place.view, 'blur', (e) => {
    if (e.target === place.view) seek();
  });
  const frames = document.querySelectorAll('iframe');
  for (let i = 0; i < frames.length; i++) find(frames[i], false);
}

/** The element that has the focus, also inside open shadow trees. */
function focused(document: Document): Element | null {
  let at = document.activeElement;
  for (let inner = at; inner; inner = shadowOf(inner)?.activeElement ?? null) at = inner;
  return at;
}
