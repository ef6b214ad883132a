// One typing of a text that the page asked for, position by position: the mirror of Go's window.PhraseCutter,
// embed.Phrase and feature.Phrase. What stands at a position is not known here, and of what was not typed straight
// through no timing is kept.
import { Backspace, Enter, Modifier, Shift, validClass } from './class.ts';
import { Blur, Composition, Paste, type KeyEvent } from './event.ts';
import { LostReleaseMS, type Stroke } from './keyboardwindow.ts';
import { noMarks, type Marks } from './marks.ts';
import { halfSpread } from './feature.ts';
import { quantile } from './quantile.ts';

export const PhraseMinStrokes = 6;
export const PhraseMaxStrokes = 64;
/** Time beyond which a phrase was not typed in one go. */
export const PhraseMaxMS = 120_000;
/** Bounds the page's numbers for its texts: 31 bits have no room for a text. */
export const MaxPhrase = 2 ** 31 - 1;
export const PhraseModel = 'timings-1';
export const PhraseList = 'phrase-1';

/** One typing; a broken one has no strokes. */
export interface TypedPhrase {
  positions: number;
  strokes: Stroke[];
  marks: Marks;
  broken: boolean;
  startMS: number;
  endMS: number;
}

/** Enter and tab end a phrase and are no part of it; a shift key is a stroke like every other. */
export class PhraseCutter {
  private readonly phrase: TypedPhrase;
  private held: Stroke[] = [];
  private lastMS = 0;
  private begun = false;
  private ending = false;

  constructor(positions: number) {
    const kept = Math.max(PhraseMinStrokes, Math.min(PhraseMaxStrokes, positions));
    this.phrase = { positions: kept, strokes: [], marks: noMarks(), broken: false, startMS: 0, endMS: 0 };
  }

  /** Takes the next key event; gives the phrase when it has ended and this was the last release that it waited for. */
  push(e: KeyEvent): TypedPhrase | undefined {
    if (!Number.isFinite(e.timeMS) || !validClass(e.keyClass) || (this.begun && e.timeMS < this.lastMS)) {
      this.lose();
      return undefined;
    }
    if (e.keyClass === Enter) return undefined;
    if (!e.down) this.release(e);
    else if (!this.ending) this.press(e);
    return this.whole();
  }

  /** Notes something that happened meanwhile. Text that came from elsewhere breaks the phrase. */
  mark(kind: number): void {
    const { phrase } = this;
    if (kind === Paste || kind === Composition) {
      if (kind === Paste) phrase.marks.pastes++;
      else phrase.marks.compositions++;
      phrase.broken = true;
    } else if (kind === Blur) {
      this.letGo();
    }
  }

  /** Counts an event that software made and that is not taken for behaviour. */
  markUntrusted(): void {
    this.phrase.marks.untrusted++;
    this.phrase.broken = true;
  }

  /** Says that the page has taken the phrase; gives it unless a key is still held, whose release is waited for. */
  end(): TypedPhrase | undefined {
    this.ending = true;
    return this.whole();
  }

  /** Ends the phrase without waiting any longer; gives nothing when the page has not taken it. */
  flush(): TypedPhrase | undefined {
    this.letGo();
    return this.whole();
  }

  private press(e: KeyEvent): void {
    const { phrase } = this;
    if (!this.begun) phrase.startMS = e.timeMS;
    this.begun = true;
    this.lastMS = phrase.endMS = e.timeMS;
    if (!e.trusted) phrase.marks.untrusted++;
    if (e.repeat && e.keyClass === Shift) {
      phrase.marks.repeats++; // a shift key that is held repeats and writes nothing
      return;
    }
    if (e.repeat || e.keyClass === Backspace || e.keyClass === Modifier) phrase.broken = true;
    if (phrase.strokes.length === phrase.positions) {
      phrase.broken = true;
      return;
    }
    const stroke = { pressMS: e.timeMS, releaseMS: e.timeMS, keyClass: e.keyClass };
    this.held.push(stroke);
    phrase.strokes.push(stroke);
  }

  private release(e: KeyEvent): void {
    const at = this.held.findIndex((s) => s.keyClass === e.keyClass);
    const [stroke] = at < 0 ? [] : this.held.splice(at, 1);
    if (!stroke) return; // its key was pressed before
    if (!e.trusted) this.phrase.marks.untrusted++;
    stroke.releaseMS = this.lastMS = this.phrase.endMS = e.timeMS;
    if (stroke.releaseMS - stroke.pressMS > LostReleaseMS) this.lose();
  }

  private lose(): void {
    this.phrase.marks.lost++;
    this.phrase.broken = true;
  }

  private letGo(): void {
    for (const _ of this.held) this.lose();
    this.held = [];
  }

  private whole(): TypedPhrase | undefined {
    if (!this.ending || this.held.length > 0) return undefined;
    const { phrase } = this;
    const { strokes, positions, startMS, endMS } = phrase;
    const broken = phrase.broken || strokes.length !== positions || endMS - startMS > PhraseMaxMS;
    return { ...phrase, broken, strokes: broken ? [] : strokes };
  }
}

/** How long each position's key was held, then how long after the one before each from the second was pressed. */
export function phraseTimings({ positions, strokes }: TypedPhrase): Int8Array {
  const out = new Int8Array(2 * positions - 1).fill(timing(0));
  strokes.forEach((s, i) => {
    out[i] = timing(s.releaseMS - s.pressMS);
    const before = strokes[i - 1];
    if (before) out[positions + i - 1] = timing(s.pressMS - before.pressMS);
  });
  return out;
}

/** Linear for short times and logarithmic for long ones, to 11.9 seconds. */
function timing(timeMS: number): number {
  return Math.max(0, Math.min(255, Math.floor(36 * Math.asinh(timeMS / 20) + 0.5))) - 128;
}

/** The values of PhraseList, in its order; zeros for a broken phrase. */
export function phraseFeatures({ strokes }: TypedPhrase): number[] {
  const dwells = strokes.map((s) => s.releaseMS - s.pressMS);
  const intervals: number[] = [];
  let rollovers = 0;
  strokes.forEach((s, i) => {
    const before = strokes[i - 1];
    if (!before) return;
    intervals.push(s.pressMS - before.pressMS);
    if (s.pressMS < before.releaseMS) rollovers++;
  });
  return [
    quantile(dwells, 0.5), halfSpread(dwells), quantile(intervals, 0.5), halfSpread(intervals),
    rollovers / Math.max(1, intervals.length),
  ];
}
