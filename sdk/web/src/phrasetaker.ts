// From the records of a phrase to what is measured of it. It runs in the worker.
import { Blur, Composition, Paste } from './event.ts';
import { phraseLiveness } from './liveness.ts';
import type { Flag, Liveness } from './observation.ts';
import {
  MaxPhrase, PhraseCutter, PhraseList, PhraseMaxStrokes, PhraseMinStrokes, PhraseModel, phraseFeatures, phraseTimings,
  type TypedPhrase,
} from './phrase.ts';
import { phraseFlags } from './quality.ts';
import {
  KeyRecord, PhraseBegins, PhraseDropped, PhraseEnds, PhraseKey, PhraseMark, PhraseOver, PhraseUntrusted, readKey,
  type EventRecord,
} from './record.ts';

/** What an observation of a phrase has beside what every observation has. */
export interface MeasuredPhrase {
  startMS: number;
  endMS: number;
  phrase: number;
  events: number;
  model: string;
  embedding: Int8Array;
  featureList: string;
  features: number[];
  liveness: Liveness;
  quality: Flag[];
}

export class PhraseTaker {
  private cutter: PhraseCutter | undefined;
  private number = 0;

  /** Takes the next record of a phrase and gives what is measured, once the phrase has ended. */
  take([, timeMS = NaN, what, a = NaN, b = NaN]: EventRecord, simulated: boolean): MeasuredPhrase | undefined {
    const { cutter } = this;
    switch (what) {
      case PhraseBegins: {
        const fits = Number.isInteger(a) && a >= 1 && a <= MaxPhrase;
        const long = Number.isInteger(b) && b >= PhraseMinStrokes && b <= PhraseMaxStrokes;
        this.cutter = fits && long ? new PhraseCutter(b) : undefined;
        this.number = a;
        return undefined;
      }
      case PhraseKey: {
        const e = readKey([KeyRecord, timeMS, a, b]);
        if (e && !e.trusted && !simulated) cutter?.markUntrusted();
        else if (e) return this.measure(cutter?.push(e), simulated);
        return undefined;
      }
      case PhraseMark:
        if (a === Paste || a === Composition || a === Blur) cutter?.mark(a);
        return undefined;
      case PhraseUntrusted:
        cutter?.markUntrusted();
        return undefined;
      case PhraseEnds:
        return this.measure(cutter?.end(), simulated);
      case PhraseOver:
        return this.measure(cutter?.flush(), simulated);
      case PhraseDropped:
        this.cutter = undefined;
    }
    return undefined;
  }

  private measure(p: TypedPhrase | undefined, simulated: boolean): MeasuredPhrase | undefined {
    if (!p) return undefined;
    this.cutter = undefined;
    if (p.startMS === 0 && p.endMS === 0) return undefined; // not a key was pressed: there is nothing to say
    const liveness = phraseLiveness(p);
    return {
      startMS: p.startMS,
      endMS: p.endMS,
      phrase: this.number,
      events: p.positions,
      model: PhraseModel,
      embedding: phraseTimings(p),
      featureList: PhraseList,
      features: phraseFeatures(p),
      liveness,
      quality: phraseFlags(p, liveness, simulated && p.marks.untrusted > 0),
    };
  }
}
