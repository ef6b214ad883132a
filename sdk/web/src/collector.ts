// From records of events to observations, the mirror of Go's package device. It runs in the worker: windows are cut, and
// what is computed from each is kept, never the events.
import { Blur, Composition, Paste } from './event.ts';
import { KeyboardList, PointerList, keyboardFeatures, pointerFeatures } from './feature.ts';
import { KeyboardCutter, KeyboardPauseMS, type KeyboardWindow } from './keyboardwindow.ts';
import { keyboardLiveness, pointerLiveness, touchLiveness } from './liveness.ts';
import type { Marks } from './marks.ts';
import type { Models } from './models.ts';
import type { DeviceClass, Liveness, Modality, Observation } from './observation.ts';
import { PhraseTaker } from './phrasetaker.ts';
import { PointerCutter, PointerPauseMS, type PointerWindow } from './pointerwindow.ts';
import { keyboardFlags, pointerFlags, touchFlags } from './quality.ts';
import { KeySketcher, PointerSketcher } from './sketch.ts';
import { TouchSketcher } from './sketchtouch.ts';
import {
  KeyRecord, LostRecord, MarkRecord, MotionRecord, OfKeys, OfPointer, OfTouch, PhraseRecord, PointerRecord, ThinnedRecord,
  TouchRecord, UntrustedRecord, asRecord, eventsOf, readKey, readMotion, readPointer, readThinned, readTouch,
} from './record.ts';
import { TouchCutter, TouchPauseMS } from './touchcutter.ts';
import { TouchList, touchFeatures } from './touchfeature.ts';
import type { TouchWindow } from './touchwindow.ts';

/** Records that were under way when a pause was looked for arrive within this time. */
const underWayMS = 1_000;

export interface CollectorOptions {
  deviceClass: DeviceClass;
  /** Events that no hand made are behaviour, and an observation that holds any says so. */
  acceptSimulated: boolean;
  /** The browser itself says that a program drives it. */
  driven?: boolean;
  models: Models;
}

/** One moment, in the time of the page's events and in Unix milliseconds. */
export interface Moment {
  eventMS: number;
  unixMS: number;
}

export class Collector {
  private readonly keyboard = new KeyboardCutter();
  private readonly pointer = new PointerCutter();
  private readonly touch = new TouchCutter();
  private readonly phrase = new PhraseTaker();
  private readonly typed = new KeySketcher();
  private readonly moved = new PointerSketcher();
  private readonly swept = new TouchSketcher();
  private lastKeyMS: number | undefined;
  private lastPointerMS: number | undefined;
  private lastTouchMS: number | undefined;

  constructor(private readonly options: CollectorOptions) {}

  /** Takes the next records, in order of time, and gives the observations that they complete. */
  take(records: readonly unknown[], now: Moment): Observation[] {
    const out: Observation[] = [];
    for (const value of records) {
      const record = asRecord(value);
      if (record) this.takeOne(record, now, out);
    }
    this.endPauses(now, out);
    return out;
  }

  private takeOne(record: readonly number[], now: Moment, out: Observation[]): void {
    switch (record[0]) {
      case KeyRecord: {
        const e = readKey(record);
        if (!e) return;
        if (!e.trusted && !this.options.acceptSimulated) return this.keyboard.markUntrusted();
        this.lastKeyMS = e.timeMS;
        this.observeKeyboard(this.keyboard.push(e), now, out);
        return;
      }
      case PointerRecord: {
        const e = readPointer(record);
        if (!e) return;
        if (!e.trusted && !this.options.acceptSimulated) return this.pointer.markUntrusted();
        this.lastPointerMS = e.timeMS;
        this.observePointer(this.pointer.push(e), now, out);
        return;
      }
      case ThinnedRecord: {
        const moves = readThinned(record);
        if (!moves) return;
        const { timesMS, trusted } = moves;
        if (!trusted && !this.options.acceptSimulated) return this.pointer.markUntrusted(timesMS.length);
        this.lastPointerMS = timesMS[timesMS.length - 1];
        return this.pointer.thinned(timesMS, trusted);
      }
      case TouchRecord: {
        const e = readTouch(record);
        if (!e) return;
        if (!e.trusted && !this.options.acceptSimulated) return this.touch.markUntrusted();
        this.lastTouchMS = e.timeMS;
        this.observeTouch(this.touch.push(e), now, out);
        return;
      }
      case MotionRecord: {
        const m = readMotion(record);
        if (m) this.touch.motion(m);
        return;
      }
      case MarkRecord: {
        const kind = record[2];
        if (kind === Paste || kind === Composition || kind === Blur) this.keyboard.mark(kind);
        return;
      }
      case PhraseRecord: {
        const phrase = this.phrase.take(record, this.options.acceptSimulated);
        if (!phrase) return;
        const { startMS, endMS, liveness, ...measured } = phrase;
        out.push({ ...this.begin('phrase', startMS, endMS, now), ...measured, liveness: this.told(liveness) });
        return;
      }
      case UntrustedRecord:
        this.cutterOf(record)?.markUntrusted(eventsOf(record));
        return;
      case LostRecord:
        this.cutterOf(record)?.markLost(eventsOf(record));
        return;
    }
  }

  /** The cutter that would have had the events for which a record stands. */
  private cutterOf(record: readonly number[]): KeyboardCutter | PointerCutter | TouchCutter | undefined {
    switch (record[2]) {
      case OfKeys:
        return this.keyboard;
      case OfPointer:
        return this.pointer;
      case OfTouch:
        return this.touch;
    }
    return undefined;
  }

  /** A pause ends a window: this does so when the pause is over and not only when the next event comes. */
  private endPauses(now: Moment, out: Observation[]): void {
    if (this.lastKeyMS !== undefined && now.eventMS - this.lastKeyMS > KeyboardPauseMS + underWayMS) {
      this.lastKeyMS = undefined;
      this.observeKeyboard(this.keyboard.flush(), now, out);
    }
    if (this.lastPointerMS !== undefined && now.eventMS - this.lastPointerMS > PointerPauseMS + underWayMS) {
      this.lastPointerMS = undefined;
      this.observePointer(this.pointer.flush(), now, out);
    }
    if (this.lastTouchMS !== undefined && now.eventMS - this.lastTouchMS > TouchPauseMS + underWayMS) {
      this.lastTouchMS = undefined;
      this.observeTouch(this.touch.flush(), now, out);
    }
  }

  private observeKeyboard(windows: KeyboardWindow[], now: Moment, out: Observation[]): void {
    for (const w of windows) {
      const startMS = w.strokes[0]?.pressMS ?? 0;
      const endMS = w.strokes.reduce((end, s) => Math.max(end, s.releaseMS), startMS);
      const liveness = this.told({ ...keyboardLiveness(w), sketch: this.typed.next(w) });
      const common = {
        ...this.begin('keyboard', startMS, endMS, now),
        events: w.strokes.length,
        featureList: KeyboardList,
        features: keyboardFeatures(w),
        liveness,
        quality: keyboardFlags(w, liveness, this.simulated(w)),
      };
      out.push(...this.options.models.keyboard(w).map((embedded) => ({ ...common, ...embedded })));
    }
  }

  private observePointer(windows: PointerWindow[], now: Moment, out: Observation[]): void {
    for (const w of windows) {
      const startMS = w.events[0]?.timeMS ?? 0;
      const endMS = w.events[w.events.length - 1]?.timeMS ?? startMS;
      const liveness = this.told({ ...pointerLiveness(w), sketch: this.moved.next(w) });
      const common = {
        ...this.begin('pointer', startMS, endMS, now),
        events: w.events.length,
        featureList: PointerList,
        features: pointerFeatures(w),
        liveness,
        quality: pointerFlags(w, liveness, this.simulated(w)),
      };
      out.push(...this.options.models.pointer(w).map((embedded) => ({ ...common, ...embedded })));
    }
  }

  private observeTouch(windows: TouchWindow[], now: Moment, out: Observation[]): void {
    for (const w of windows) {
      const startMS = w.strokes[0]?.startMS ?? 0;
      const endMS = w.strokes.reduce((end, s) => Math.max(end, s.endMS), startMS);
      const liveness = this.told({ ...touchLiveness(w), sketch: this.swept.next(w) });
      const common = {
        ...this.begin('touch', startMS, endMS, now),
        events: w.strokes.length,
        featureList: TouchList,
        features: touchFeatures(w),
        liveness,
        quality: touchFlags(w, liveness, this.simulated(w)),
      };
      out.push(...this.options.models.touch(w).map((embedded) => ({ ...common, ...embedded })));
    }
  }

  /** A window of hands alone says nothing, also where others are accepted: whether a hand was there is judged like anywhere. */
  private simulated({ marks }: { marks: Marks }): boolean {
    return this.options.acceptSimulated && marks.untrusted > 0;
  }

  private told(liveness: Liveness): Liveness {
    return this.options.driven ? { ...liveness, driven: true } : liveness;
  }

  /**
   * The start is counted back from now rather than on from the page's time origin: a laptop that slept, or a clock that
   * was set right, would leave the origin hours away.
   */
  private begin(modality: Modality, startMS: number, endMS: number, now: Moment) {
    return {
      modality,
      deviceClass: this.options.deviceClass,
      startMS: Math.round(now.unixMS - (now.eventMS - startMS)),
      durationMS: Math.round(endMS - startMS),
    };
  }
}
