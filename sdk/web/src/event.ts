// The raw input events, the mirror of Go's package event. They exist in the memory of the page and its worker only.
// Times are milliseconds since the page's time origin, as the browser's own event.timeStamp gives them.

/** One press or release of a key that is already reduced to its class. */
export interface KeyEvent {
  timeMS: number;
  keyClass: number;
  down: boolean;
  /** The key was already down: the keyboard's own auto-repeat. */
  repeat: boolean;
  /** False when software, not a device, made the event (the DOM's isTrusted). */
  trusted: boolean;
}

// Kinds of pointer events. The numbers are part of the golden vectors.
export const Move = 0;
export const Press = 1;
export const Release = 2;
export const Wheel = 3;

/** One mouse or trackpad event; positions in CSS pixels of the viewport, wheel movement zero for other kinds. */
export interface PointerEvent {
  timeMS: number;
  kind: number;
  x: number;
  y: number;
  button: number;
  wheelX: number;
  wheelY: number;
  trusted: boolean;
}

// Kinds of touch events. The numbers are part of the golden vectors.
export const TouchStart = 0;
export const TouchMove = 1;
export const TouchEnd = 2;
/** The system took the contact away, to scroll or because a palm lay on the glass. */
export const TouchCancel = 3;

/** One finger's event on a touch screen. A radius or a pressure of zero says that the device does not tell it. */
export interface TouchEvent {
  timeMS: number;
  kind: number;
  /** Tells fingers apart while they last. */
  contact: number;
  x: number;
  y: number;
  radiusPX: number;
  /** From 0 to 1. */
  pressure: number;
  trusted: boolean;
}

// Kinds of marks: what happened between events and a fair comparison must know of. Numbers as in Go.
export const Paste = 0;
export const Composition = 1;
export const Blur = 2;
