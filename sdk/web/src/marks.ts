/** Counts of what happened in a window that a fair comparison must know of. */
export interface Marks {
  /** Events made by software. */
  untrusted: number;
  /** Auto-repeated presses; they are no strokes. */
  repeats: number;
  /** Presses given up because their release never came, and events out of order. */
  lost: number;
  pastes: number;
  compositions: number;
}

/** Gives marks of a window in which nothing has happened yet. */
export function noMarks(): Marks {
  return { untrusted: 0, repeats: 0, lost: 0, pastes: 0, compositions: 0 };
}
