// The nine key classes, the mirror of Go's event.ClassOf. A key becomes its class in the listener, at once; nothing else
// of it is ever read or kept.

// The numbers are part of the golden vectors and of trained models: never renumber them.
export const LeftLetter = 0;
export const RightLetter = 1;
export const Digit = 2;
export const Space = 3;
export const Backspace = 4;
export const Enter = 5;
export const Shift = 6;
export const Modifier = 7;
export const Other = 8;
export const ClassCount = 9;

let byCode: Map<string, number> | undefined;

function classes(): Map<string, number> {
  const out = new Map<string, number>();
  const assign = (keyClass: number, codes: string) => codes.split(' ').forEach((code) => out.set(code, keyClass));
  for (const letter of 'QWERTASDFGZXCVB') out.set('Key' + letter, LeftLetter);
  for (const letter of 'YUIOPHJKLNM') out.set('Key' + letter, RightLetter);
  for (const digit of '0123456789') out.set('Digit' + digit, Digit).set('Numpad' + digit, Digit);
  assign(Space, 'Space');
  assign(Backspace, 'Backspace Delete');
  assign(Enter, 'Enter NumpadEnter Tab');
  assign(Shift, 'ShiftLeft ShiftRight');
  assign(
    Modifier,
    'ControlLeft ControlRight AltLeft AltRight MetaLeft MetaRight CapsLock Fn ContextMenu ' +
      'ArrowLeft ArrowRight ArrowUp ArrowDown Home End PageUp PageDown Insert Escape NumLock',
  );
  return out;
}

/** Maps a physical key, named by its W3C UI Events "code", to its class. Unknown codes are Other. */
export function classOf(code: string): number {
  return (byCode ??= classes()).get(code) ?? Other; // made at the first key: loading the script calls nothing of the page's
}

/** Reports whether c is one of the nine classes. */
export function validClass(c: number): boolean {
  return Number.isInteger(c) && c >= 0 && c < ClassCount;
}

/** Reports whether c is a letter of either hand. */
export function isLetter(c: number): boolean {
  return c === LeftLetter || c === RightLetter;
}
