// Where an event happens: in the page's own window, or in a frame of the same origin. A frame has its own clock and its own
// corner, and what surrounds the frame counts for what is in it.
import { boxOf, composedPath, hostOf, nodeType, parentOf, slotOf, timeOf, tried } from './pristine.ts';

/** A window that is listened to. */
export interface Place {
  view: Window;
  /** The element that shows it; the page's own window has none. */
  frame?: Element;
  /** The window that the element is in. */
  outer?: Place;
  /** From the window's clock to the page's. */
  aheadMS: number;
  /** The window's corner, in CSS pixels from the page's. */
  x: number;
  y: number;
}

/** The place of a frame. Both clocks are read at once: their origins drift apart when the system's clock is set. */
export function placeOf(view: Window & typeof globalThis, frame: Element, outer: Place): Place {
  const aheadMS = outer.aheadMS + outer.view.performance.now() - view.performance.now();
  return { view, frame, outer, aheadMS, x: 0, y: 0 };
}

/** Finds out where the window's corner is now. It asks for the layout, so that it is done when a pointer comes in only. */
export function locate(place: Place): void {
  const { frame, outer } = place;
  if (!frame || !outer || !boxOf) return;
  locate(outer);
  const box = boxOf(frame);
  place.x = outer.x + box.left + frame.clientLeft;
  place.y = outer.y + box.top + frame.clientTop;
}

/** The moment of an event, by the page's clock. Throws for what is no event. */
export function momentOf(e: Event, place: Place): number {
  return timeOf(e) + place.aheadMS;
}

/** The elements that an event passes from the innermost out, those of open shadow trees and around frames included. */
export function pathOf(e: Event, place: Place): Element[] {
  const out: Element[] = [];
  const path = composedPath ? composedPath(e) : [];
  for (let i = 0; i < path.length; i++) {
    const target = path[i] as Element;
    if (target !== (place.view as unknown) && isElement(target)) out[out.length] = target;
  }
  for (let p: Place | undefined = place; p?.frame; p = p.outer) climb(p.frame, out);
  return out;
}

function climb(from: Element, out: Element[]): void {
  for (let at: Node | null = from; at; ) {
    const element = isElement(at);
    if (element) out[out.length] = at as Element;
    const slot: Element | null = element ? slotOf(at) : null;
    at = slot ?? parentOf(at) ?? tried(hostOf, at) ?? null; // a document has no host
  }
}

/** What is no node answers by throwing. */
function isElement(target: object): boolean {
  return tried(nodeType, target) === 1;
}
