// Cuts touch events into windows, the mirror of Go's window.TouchCutter, line by line. Places are subtracted when an event
// arrives: a stroke begins at (0, 0), so that no tap can be read back.
import { TouchCancel, TouchEnd, TouchMove, TouchStart, type TouchEvent } from './event.ts';
import { noMarks } from './marks.ts';
import type { Motion, TouchPoint, TouchStroke, TouchWindow } from './touchwindow.ts';

export const TouchStrokes = 20;
export const TouchMinStrokes = 10;
/** A pause between touch events that ends a window. */
export const TouchPauseMS = 60_000;
/** A finger that stays longer on the glass begins a new stroke. */
const touchPieceMS = 500;

// Bounds of what a cutter holds, whatever a hostile page dispatches.
const maxContacts = 10; // fingers
const maxPiecePoints = 256; // events of a stroke
const maxMotions = 1024; // readings of motion in a window; later ones are left out
const maxCoordinate = 1e6; // no screen is larger
const maxMotion = 1e5; // m/s² or degrees a second

/** How long after a touch readings of motion still belong to it. */
export const MotionAroundMS = 250;
const touchRestMS = 150; // without movement: the next piece does not reach back over it
const lostContactMS = 10_000; // a contact that is silent for so long is taken to have ended unseen

interface PendingStroke extends TouchStroke {
  points: TouchPoint[];
}

/** A finger that is down: where the piece being filled began, where the finger was last, and the piece. */
interface Contact {
  id: number;
  originX: number;
  originY: number;
  lastX: number;
  lastY: number;
  lastMS: number;
  stroke: PendingStroke;
}

/** As much of a touch event as a point needs. */
type At = Pick<TouchEvent, 'timeMS' | 'x' | 'y' | 'radiusPX' | 'pressure'>;

export class TouchCutter {
  private readonly strokes: number;
  private readonly minStrokes: number;
  private contacts: Contact[] = []; // in order of their starts
  private done: TouchStroke[] = [];
  private motions: Motion[] = [];
  private marks = noMarks();
  private lastMS = 0; // of touch events
  private started = false;

  constructor(strokes = TouchStrokes, minStrokes = TouchMinStrokes) {
    this.strokes = Math.max(1, strokes);
    this.minStrokes = Math.max(1, minStrokes);
  }

  /**
   * Takes the next touch event and gives the windows that it completes (none most of the time, two at most). Events that
   * are not finite, out of range or before the last one's time are counted as lost and otherwise ignored.
   */
  push(e: TouchEvent): TouchWindow[] {
    if (!plausible(e) || (this.started && e.timeMS < this.lastMS)) {
      this.marks.lost++;
      return [];
    }
    const out = this.started && e.timeMS - this.lastMS > TouchPauseMS ? this.flush() : [];
    this.started = true;
    this.lastMS = e.timeMS;
    if (!e.trusted) this.marks.untrusted++;
    this.giveUp(e.timeMS);
    const at = this.contacts.findIndex((c) => c.id === e.contact);
    const contact = this.contacts[at];
    if (e.kind === TouchStart) {
      if (contact) { // its end was not seen
        this.marks.lost++;
        this.end(at);
      }
      this.begin(e, false);
    } else if (e.kind === TouchMove) {
      if (contact) this.move(contact, e);
      else this.begin(e, true);
    } else if (contact) {
      contact.stroke.endMS = e.timeMS;
      contact.stroke.lifted = e.kind === TouchEnd;
      this.end(at);
    } else {
      this.marks.lost++;
    }
    // A full contact table may end a stroke besides the one that the event ends.
    while (this.done.length >= this.strokes) out.push(this.take(this.strokes));
    return out;
  }

  /**
   * Takes a reading of motion. Those that do not fall on a touch or shortly after it are let go, and so are those that
   * are not finite or come out of order.
   */
  motion(m: Motion): void {
    const values = [...m.acceleration, ...m.rotation];
    if (!Number.isFinite(m.timeMS) || values.some((v) => !(Math.abs(v) <= maxMotion))) return;
    const last = this.motions[this.motions.length - 1];
    if (!this.started || this.motions.length >= maxMotions || (last && m.timeMS < last.timeMS)) return;
    if (this.contacts.length > 0 || m.timeMS - this.lastMS <= MotionAroundMS) this.motions.push(m);
  }

  /** Counts events that software made and that are not taken for behaviour. */
  markUntrusted(events = 1): void {
    this.marks.untrusted += events;
  }

  /** Counts events that did not get here. */
  markLost(events: number): void {
    this.marks.lost += events;
  }

  /** Ends the window being filled, with what the fingers that are down have done: one window or none. */
  flush(): TouchWindow[] {
    this.marks.lost += this.contacts.length;
    while (this.contacts.length > 0) this.end(0);
    const out = this.done.length < this.minStrokes ? [] : [this.take(Math.min(this.done.length, this.strokes))];
    this.done = [];
    this.motions = [];
    this.marks = noMarks();
    return out;
  }

  private begin(e: TouchEvent, continued: boolean): void {
    if (this.contacts.length === maxContacts) {
      this.marks.lost++;
      this.end(0);
    }
    const c: Contact = { id: e.contact, originX: 0, originY: 0, lastX: 0, lastY: 0, lastMS: 0, stroke: strokeAt(0, false, 0) };
    piece(c, e, continued, this.contacts.length);
    this.contacts.push(c);
  }

  private move(c: Contact, e: TouchEvent): void {
    const { points, startMS } = c.stroke;
    if (e.timeMS - startMS <= touchPieceMS && points.length < maxPiecePoints) return add(c, e);
    // A new piece begins at the last point, so that no step is lost, unless the finger rested there.
    const last = points[points.length - 1];
    const from = { timeMS: c.lastMS, x: c.lastX, y: c.lastY, radiusPX: last?.radiusPX ?? 0, pressure: last?.pressure ?? 0 };
    this.done.push(c.stroke);
    const others = this.contacts.length - 1;
    if (e.timeMS - from.timeMS > touchRestMS) return piece(c, e, true, others);
    piece(c, from, true, others);
    add(c, e);
  }

  private end(at: number): void {
    for (const c of this.contacts.splice(at, 1)) this.done.push(c.stroke);
  }

  private giveUp(nowMS: number): void {
    for (let i = 0; i < this.contacts.length; ) {
      if (nowMS - this.contacts[i]!.lastMS > lostContactMS) this.end(i);
      else i++;
    }
  }

  private take(n: number): TouchWindow {
    const strokes = this.done.splice(0, n).sort((a, b) => a.startMS - b.startMS);
    const w = { strokes, motions: this.motions, marks: this.marks };
    this.motions = [];
    this.marks = noMarks();
    return w;
  }
}

function strokeAt(timeMS: number, continued: boolean, others: number): PendingStroke {
  return { startMS: timeMS, endMS: timeMS, points: [], others, continued, lifted: false };
}

/** Begins a stroke at an event. */
function piece(c: Contact, e: At, continued: boolean, others: number): void {
  c.originX = e.x;
  c.originY = e.y;
  c.stroke = strokeAt(e.timeMS, continued, others);
  add(c, e);
}

function add(c: Contact, e: At): void {
  c.lastX = e.x;
  c.lastY = e.y;
  c.lastMS = c.stroke.endMS = e.timeMS;
  const { timeMS, radiusPX, pressure } = e;
  c.stroke.points.push({ timeMS, dx: e.x - c.originX, dy: e.y - c.originY, radiusPX, pressure });
}

function plausible(e: TouchEvent): boolean {
  const within = (n: number, low: number, high: number) => n >= low && n <= high; // not NaN either
  return (
    Number.isFinite(e.timeMS) && Number.isInteger(e.kind) && within(e.kind, TouchStart, TouchCancel) &&
    within(e.x, -maxCoordinate, maxCoordinate) && within(e.y, -maxCoordinate, maxCoordinate) &&
    within(e.radiusPX, 0, maxCoordinate) && within(e.pressure, 0, 1)
  );
}
