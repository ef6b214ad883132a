// How the pointer's movement is thinned, so that a mouse of 1,000 reports a second fills a window with the same stretch of
// movement as one of 125 (docs/decisions/0026-thinned-movement.md). The page's thread thins what it can before it goes to
// the worker, and the worker the rest, by the same two times: thinning what is thinned changes nothing.

/** Moves closer to the event before are thinned, */
export const PointerFastMS = 6.5;
/** so that they lie at least so far from the last that is kept. */
export const PointerApartMS = 7.5;
