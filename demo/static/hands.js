// Keeps the visitor's own hands and a colleague's apart: while a colleague works, or somebody is being recorded, events of
// real devices are hidden from ipse and from the page, so that one person at a time sits at the desk. Clicks and what is
// typed into fields still work: the browser does those by itself. This must listen before ipse does.

let away = false;
let tap;

/** While true, the visitor's own keys and pointer are not seen. */
export function handsAway(value) {
  away = value;
}

/** Gives every event of the visitor's own devices to fn as well; undefined ends it. */
export function tapHands(fn) {
  tap = fn;
}

export function guardHands() {
  const names = ['keydown', 'keyup', 'pointermove', 'pointerdown', 'pointerup', 'wheel', 'paste', 'compositionstart'];
  for (const name of names) {
    addEventListener(name, (e) => {
      if (!e.isTrusted) return;
      tap?.(e);
      if (away) e.stopImmediatePropagation();
    }, { capture: true, passive: true });
  }
}
