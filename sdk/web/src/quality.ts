// The remarks on a window's quality, in the fixed order of Go's observation.Flags. They may make the answer "cannot
// tell"; they are never evidence.
import { KeyboardStrokes, type KeyboardWindow } from './keyboardwindow.ts';
import type { Flag, Liveness } from './observation.ts';
import type { TypedPhrase } from './phrase.ts';
import { PointerEvents, came, type PointerWindow } from './pointerwindow.ts';
import { TouchStrokes } from './touchcutter.ts';
import type { TouchWindow } from './touchwindow.ts';

// Limits from which a flag is set, as in Go's package liveness.
const blurredQuantumMS = 20;
const lostShare = 0.2;
const pasteLimit = 2;
const compositionLimit = 1;

/** The remarks on a window of typing; simulated tells that it holds events which no hand made and which are accepted. */
export function keyboardFlags(w: KeyboardWindow, l: Liveness, simulated: boolean): Flag[] {
  return raised([
    ['blurred_clock', l.timestampQuantumMS >= blurredQuantumMS],
    ['input_method', w.marks.compositions >= compositionLimit],
    ['paste_heavy', w.marks.pastes >= pasteLimit],
    ['short_window', w.strokes.length < KeyboardStrokes],
    ['lost_events', w.marks.lost > lostShare * w.strokes.length],
    ['simulated', simulated],
  ]);
}

/** The remarks on a window of pointer use. */
export function pointerFlags(w: PointerWindow, l: Liveness, simulated: boolean): Flag[] {
  return raised([
    ['blurred_clock', l.timestampQuantumMS >= 2 * blurredQuantumMS], // displays of 30 Hz are common
    ['short_window', w.events.length < PointerEvents],
    ['lost_events', w.marks.lost > lostShare * came(w)],
    ['simulated', simulated],
  ]);
}

/** The remarks on a window of touch. */
export function touchFlags(w: TouchWindow, l: Liveness, simulated: boolean): Flag[] {
  return raised([
    ['blurred_clock', l.timestampQuantumMS >= 2 * blurredQuantumMS],
    ['short_window', w.strokes.length < TouchStrokes],
    ['lost_events', w.marks.lost > lostShare * w.strokes.length],
    ['simulated', simulated],
  ]);
}

/** The remarks on one typing of a phrase. One paste is enough: a phrase is typed or it is not. */
export function phraseFlags({ marks, broken }: TypedPhrase, l: Liveness, simulated: boolean): Flag[] {
  return raised([
    ['blurred_clock', l.timestampQuantumMS >= blurredQuantumMS],
    ['input_method', marks.compositions > 0],
    ['paste_heavy', marks.pastes > 0],
    ['lost_events', marks.lost > 0],
    ['simulated', simulated],
    ['broken_phrase', broken],
  ]);
}

function raised(flags: readonly (readonly [Flag, boolean])[]): Flag[] {
  return flags.flatMap(([flag, set]) => (set ? [flag] : []));
}
