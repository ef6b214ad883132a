/** Time and chance, given from outside so that a test can hold them. */
export interface Clock {
  /** Unix milliseconds. */
  nowMS(): number;
  /** Calls fn once after a time; the function that it gives calls that off. */
  after(delayMS: number, fn: () => void): () => void;
  /** A number from 0 up to but not including 1. */
  random(): number;
}
