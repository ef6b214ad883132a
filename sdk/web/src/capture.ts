// What the listeners write down of one event. Of a key nothing but its class is kept, and its name (event.key) is never read.
import type { Batch } from './batch.ts';
import { classOf } from './class.ts';
import { Composition, Move, Paste, Press, Release, Wheel } from './event.ts';
import type { Exclusion } from './exclude.ts';
import { locate, momentOf, pathOf, type Place } from './place.ts';
import {
  buttonOf, buttonsOf, clientX, clientY, coalesced, codeOf, composedPath, composes, deltaMode, deltaX, deltaY, inputTypeOf, matches, pointerType,
  repeats, targetOf, timeOf, tried, typeOf,
} from './pristine.ts';
import {
  PhraseMark, PhraseUntrusted, OfKeys, OfPointer, OfTouch, keyRecord, markRecord, phraseKeyRecord, phraseRecord,
  Trusted, untrustedRecord, type EventRecord,
} from './record.ts';
import { Touches } from './touches.ts';

/** What is listened for, and what becomes of it. */
export interface Listening {
  /** Events that no hand made are behaviour. */
  acceptSimulated: boolean;
  /** A selector of elements that are left out, of the page's making. */
  exclude: string | undefined;
  /** How the device is held may be measured while it is touched, if the person agrees. */
  motion: boolean;
  take(record: EventRecord): void;
  /** Takes what a pointerRecord holds. */
  point: Batch['point'];
  /** Takes no more than the time of a move, if the next one takes its place. */
  thin: Batch['thin'];
  /** The field of the phrase that is being typed, if there is one. */
  phraseField(): unknown;
}

/** A form that the browser fills in is one happening, however many fields it has. */
const filledMS = 500;

/** A pointer moves over one element for a while: for so long it need not be asked again whether the page excludes it. */
const judgedMS = 250;

export class Capture {
  readonly touches: Touches;
  private pointerIn: Place | undefined; // where the pointer was last
  private keyed = false; // a key was pressed since the last text
  private typedIn: EventTarget | null | undefined; // where the last key was pressed that counts
  private typedMS = -Infinity;
  private filledMS = -Infinity;
  private judged: EventTarget | undefined; // the innermost element of the pointer's last event
  private host: EventTarget | null | undefined; // an event's target that has a tree of its own, with the innermost element in it
  private judgeMS = 0; // until then what was found of it holds
  private left = false; // it is left out
  private dragged = false; // a button is held that went down on what is left out

  constructor(private readonly o: Listening, private readonly exclusion: Exclusion) {
    this.touches = new Touches((record) => o.take(record), exclusion);
  }

  key(e: Event, place: Place): void {
    const timeMS = momentOf(e, place);
    const down = typeOf(e) === 'keydown';
    const phrase = !this.comesAfter(e, timeMS, down) && this.judge(e, timeMS, place, down);
    if (phrase === undefined) return;
    if (phrase && !this.real(e)) return this.o.take(phraseRecord(timeMS, PhraseUntrusted));
    if (this.refused(e, timeMS, OfKeys)) return;
    const code = tried(codeOf, e);
    if (code === undefined) return this.filled(timeMS, phrase); // the browser fills a form, by key events that are of no key
    if (down) this.keyed = true;
    // Without a code there is no physical key: a keyboard on the screen, or an input method.
    if (down && (code === '' || composes(e))) this.mark(timeMS, Composition, phrase);
    if (code === '') return;
    const key = { timeMS, keyClass: classOf(code), down, repeat: repeats(e), trusted: e.isTrusted };
    this.o.take(phrase ? phraseKeyRecord(key) : keyRecord(key));
  }

  /** Reports whether it is the release after a press that counts: what was found of the field then holds for it too. */
  private comesAfter(e: Event, timeMS: number, down: boolean): boolean {
    return !down && timeMS - this.typedMS < judgedMS && targetOf(e) === this.typedIn && this.o.phraseField() === undefined;
  }

  /** Tells whether a key is a phrase's; undefined where nothing may be known of it. */
  private judge(e: Event, timeMS: number, place: Place, down: boolean): boolean | undefined {
    const path = pathOf(e, place);
    const phrase = this.ofPhrase(path);
    const secret = !phrase && this.exclusion.secret(path);
    if (down) {
      this.typedIn = secret || phrase ? undefined : targetOf(e);
      this.typedMS = timeMS;
    }
    return secret ? undefined : phrase;
  }

  /** Text that came by no key: from an input method, a voice, a list of words, or because the browser filled a form. */
  input(e: Event, place: Place): void {
    if (!this.real(e)) return;
    const { keyed } = this;
    this.keyed = false;
    const type = tried(inputTypeOf, e);
    if (keyed && type === 'insertText') return; // typing, most of the time
    const path = pathOf(e, place);
    const phrase = this.ofPhrase(path);
    if (!phrase && this.exclusion.secret(path)) return;
    const timeMS = momentOf(e, place);
    if (type === 'insertText' || type === 'insertReplacementText') this.mark(timeMS, Composition, phrase);
    else if (type === 'insertFromDrop' || type === 'insertFromYank') this.mark(timeMS, Paste, phrase);
    else if (!type && path[0] && tried(matches!, path[0], ':autofill')) this.filled(timeMS, phrase);
  }

  /** Something that a fair comparison must know of. */
  happened(e: Event, kind: number, place: Place): void {
    if (!this.real(e)) return;
    const path = pathOf(e, place);
    const phrase = this.ofPhrase(path);
    if (phrase || !this.exclusion.secret(path)) this.mark(momentOf(e, place), kind, phrase);
  }

  mark(timeMS: number, kind: number, phrase: boolean): void {
    this.o.take(phrase ? phraseRecord(timeMS, PhraseMark, kind) : markRecord(timeMS, kind));
  }

  pointer(e: PointerEvent, kind: number, place: Place): void {
    if (pointerType(e) !== 'mouse' || this.ofDrag(e, kind, this.leftOut(e, place))) return;
    const { isTrusted } = e;
    const parts = kind === Move && coalesced ? coalesced(e) : [];
    if (parts.length === 0) return this.point(e, kind, place, isTrusted);
    const flags = isTrusted ? Trusted : 0;
    const last = parts.length - 1;
    let timeMS = momentOf(parts[0]!, place);
    for (let i = 0; i <= last; i++) {
      const nextMS = i < last ? momentOf(parts[i + 1]!, place) : Infinity;
      if (!this.o.thin(timeMS, nextMS, flags)) this.point(parts[i]!, kind, place, isTrusted);
      timeMS = nextMS;
    }
  }

  wheel(e: WheelEvent, place: Place): void {
    if (this.leftOut(e, place) || this.dragged) return;
    const pixels = [1, 16, 800][deltaMode(e)] ?? 1; // of a pixel, a line, a page
    this.point(e, Wheel, place, e.isTrusted, deltaX(e) * pixels, deltaY(e) * pixels);
  }

  touch(e: Event, kind: number, place: Place): void {
    if (!this.refused(e, momentOf(e, place), OfTouch)) this.touches.touched(e, kind, place);
  }

  private point(e: MouseEvent, kind: number, place: Place, trusted: boolean, wheelX = 0, wheelY = 0): void {
    if (this.pointerIn !== place) {
      this.pointerIn = place;
      locate(place);
    }
    const button = kind === Press || kind === Release ? buttonOf(e) & 0xff : 0;
    const flags = trusted ? Trusted : 0;
    this.o.point(timeOf(e) + place.aheadMS, kind, flags, clientX(e) + place.x, clientY(e) + place.y, button, wheelX, wheelY);
  }

  private leftOut(e: Event, place: Place): boolean {
    const timeMS = momentOf(e, place);
    const target = targetOf(e);
    if ((target === this.host ? composedPath!(e)[0] : target) !== this.judged || timeMS > this.judgeMS) {
      const path = pathOf(e, place);
      this.judged = path[0];
      if (path[0] !== target) this.host = target; // only then is a path made at every event
      this.judgeMS = timeMS + judgedMS;
      this.left = this.exclusion.excluded(path);
    }
    return this.left || this.refused(e, timeMS, OfPointer);
  }

  /**
   * Reports whether an event belongs to what is left out: where a button went down there, all does until it is let go,
   * whatever the pointer passes meanwhile. A release outside the window may never be told; the next movement with no button does.
   */
  private ofDrag(e: PointerEvent, kind: number, left: boolean): boolean {
    const { dragged } = this;
    if (!this.real(e)) return left || dragged;
    if (kind === Press) this.dragged = left;
    else if (dragged && (kind === Release || buttonsOf(e) === 0)) {
      this.dragged = false;
      return left || kind === Release;
    }
    return left || dragged;
  }

  /** Reports whether the event counts as behaviour. */
  private real(e: Event): boolean {
    return e.isTrusted || this.o.acceptSimulated;
  }

  /** Reports an event that software made where such events are no behaviour. */
  private refused(e: Event, timeMS: number, what: number): boolean {
    if (this.real(e)) return false;
    this.o.take(untrustedRecord(timeMS, what));
    return true;
  }

  private filled(timeMS: number, phrase: boolean): void {
    if (timeMS - this.filledMS > filledMS) this.mark(timeMS, Paste, phrase);
    this.filledMS = timeMS;
  }

  private ofPhrase(path: readonly Element[]): boolean {
    const field = this.o.phraseField();
    if (field === undefined) return false;
    for (let i = 0; i < path.length; i++) if (path[i] === field) return true;
    return false;
  }
}
