// What the listeners write down of fingers, and of how the device is held where the person has consented to it.
import { TouchCancel, TouchEnd, TouchMove, TouchStart } from './event.ts';
import type { Exclusion } from './exclude.ts';
import { locate, momentOf, pathOf, type Place } from './place.ts';
import { forceOf, radiusX, radiusY, touchId, touchX, touchY, touchesOf } from './pristine.ts';
import { motionRecord, touchRecord, type EventRecord } from './record.ts';
import { MotionAroundMS } from './touchcutter.ts';

/** The kinds of touches and the names of their events, in the order in which listeners are put on. */
export const touchKinds = [
  [TouchStart, 'touchstart'], [TouchMove, 'touchmove'], [TouchEnd, 'touchend'], [TouchCancel, 'touchcancel'],
] as const;

export class Touches {
  /** The last touch that is measured: readings of motion count for a moment after it. */
  private lastMS = -Infinity;
  // Contacts on the glass, by the last hexadecimal digit of their numbers: those of fingers that are down together differ in it.
  private readonly held: (number | undefined)[] = [];
  private readonly left: boolean[] = []; // of each of them: the page excludes where it began

  constructor(private readonly take: (record: EventRecord) => void, private readonly exclusion: Exclusion) {}

  /** Takes a touch event. One radius stands for both, and a device that tells no force says 0. */
  touched(e: Event, kind: number, place: Place): void {
    if (kind === TouchStart) locate(place);
    const timeMS = momentOf(e, place);
    const fingers = touchesOf(e);
    for (let i = 0; i < fingers.length; i++) {
      const f = fingers[i]!;
      const contact = touchId(f);
      if (this.leftOut(e, kind, contact, place)) continue;
      this.lastMS = timeMS;
      this.take(touchRecord({
        timeMS, kind, contact, x: touchX(f) + place.x, y: touchY(f) + place.y,
        radiusPX: (radiusX(f) + radiusY(f)) / 2 || 0, pressure: forceOf(f) || 0, trusted: e.isTrusted,
      }));
    }
  }

  /** A contact is judged where it begins and stays so until it ends, whatever becomes of the page meanwhile. */
  private leftOut(e: Event, kind: number, contact: number, place: Place): boolean {
    const at = contact & 15;
    if (kind === TouchStart || this.held[at] !== contact) { // or its start was not seen
      this.left[at] = this.exclusion.excluded(pathOf(e, place));
    }
    this.held[at] = kind > TouchMove ? undefined : contact; // its end and its cancelling are the kinds after it
    return this.left[at]!;
  }

  /** Takes a reading of motion, unless no finger was on the glass lately. */
  moved(e: DeviceMotionEvent, place: Place): void {
    const timeMS = momentOf(e, place);
    const a = e.accelerationIncludingGravity;
    if (!a || timeMS - this.lastMS > MotionAroundMS) return;
    const r = e.rotationRate;
    this.take(motionRecord({
      timeMS, acceleration: [a.x ?? 0, a.y ?? 0, a.z ?? 0], rotation: [r?.alpha ?? 0, r?.beta ?? 0, r?.gamma ?? 0],
    }));
  }
}
