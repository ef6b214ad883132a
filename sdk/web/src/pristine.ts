// What the listeners need of the platform, kept when the script loads: a page that changes a prototype later, by accident or
// on purpose, changes nothing here. Every getter refuses what is no genuine object of its kind, a Proxy for one. Importing
// this calls nothing of the browser, and outside of one it keeps nothing.
//
// Who changes prototypes before this script loads is believed: scripts of one page cannot be told apart. Such a page can
// forge, lose or leave out its own events. It cannot learn which key was pressed from here, and cannot make ipse throw.

/** Reads an attribute of a genuine object of its kind; of anything else it throws. */
type Reader<T> = (of: object) => T;

const call = Function.prototype.call;

function kept(kind: string, name: string, part: 'get' | 'value'): object | undefined {
  const { prototype } = (globalThis as unknown as Record<string, { prototype?: object } | undefined>)[kind] ?? {};
  const fn: unknown = prototype && Object.getOwnPropertyDescriptor(prototype, name)?.[part];
  return typeof fn === 'function' ? call.bind(fn) : undefined;
}

/** The getter of an attribute. */
function reader<T>(kind: string, name: string): Reader<T> {
  return (kept(kind, name, 'get') as Reader<T> | undefined) ?? ((of) => (of as Record<string, T>)[name] as T);
}

/** A method, which takes its object as the first argument; undefined where the browser has none. */
function method<A extends unknown[], T>(kind: string, name: string) {
  return kept(kind, name, 'value') as ((of: object, ...args: A) => T) | undefined;
}

/** Gives what a function gives, or undefined if it throws. */
export function tried<T>(fn: (of: object, more: string) => T, of: object, more = ''): T | undefined {
  try {
    return fn(of, more);
  } catch {
    return undefined;
  }
}

export const timeOf = reader<number>('Event', 'timeStamp');
export const typeOf = reader<string>('Event', 'type');
export const targetOf = reader<EventTarget | null>('Event', 'target');
export const codeOf = reader<string>('KeyboardEvent', 'code');
export const repeats = reader<boolean>('KeyboardEvent', 'repeat');
export const composes = reader<boolean>('KeyboardEvent', 'isComposing');
export const inputTypeOf = reader<string>('InputEvent', 'inputType');
export const clientX = reader<number>('MouseEvent', 'clientX');
export const clientY = reader<number>('MouseEvent', 'clientY');
export const buttonOf = reader<number>('MouseEvent', 'button');
export const buttonsOf = reader<number>('MouseEvent', 'buttons');
export const deltaX = reader<number>('WheelEvent', 'deltaX');
export const deltaY = reader<number>('WheelEvent', 'deltaY');
export const deltaMode = reader<number>('WheelEvent', 'deltaMode');
export const pointerType = reader<string>('PointerEvent', 'pointerType');
export const touchesOf = reader<ArrayLike<Touch>>('TouchEvent', 'changedTouches');
export const touchId = reader<number>('Touch', 'identifier');
export const touchX = reader<number>('Touch', 'clientX');
export const touchY = reader<number>('Touch', 'clientY');
export const radiusX = reader<number>('Touch', 'radiusX');
export const radiusY = reader<number>('Touch', 'radiusY');
export const forceOf = reader<number>('Touch', 'force');
export const nodeType = reader<number>('Node', 'nodeType');
export const parentOf = reader<Node | null>('Node', 'parentNode');
export const slotOf = reader<Element | null>('Element', 'assignedSlot');
export const shadowOf = reader<ShadowRoot | null>('Element', 'shadowRoot');
export const nameOf = reader<string>('Element', 'localName');
export const hostOf = reader<Element>('ShadowRoot', 'host');
export const contentDocument = reader<Document | null>('HTMLIFrameElement', 'contentDocument');
export const viewOf = reader<(Window & typeof globalThis) | null>('Document', 'defaultView');
export const currentScript = reader<HTMLScriptElement | null>('Document', 'currentScript');
export const webdriver = reader<boolean>('Navigator', 'webdriver');

export const composedPath = method<[], EventTarget[]>('Event', 'composedPath');
export const coalesced = method<[], PointerEvent[]>('PointerEvent', 'getCoalescedEvents');
export const addListener = method<[name: string, fn: (e: Event) => void, options: object], void>('EventTarget', 'addEventListener');
export const matches = method<[selector: string], boolean>('Element', 'matches');
export const boxOf = method<[], DOMRect>('Element', 'getBoundingClientRect');
