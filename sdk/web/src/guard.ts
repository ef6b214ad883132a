// What keeps a broken page from hearing of what it breaks. Nothing here touches the platform when the script loads: the second
// script loads after the page may have changed it.

/** Calls fn, and says nothing if it throws: the page would hear of it. */
export function guarded<E>(fn: (e: E) => void): (e: E) => void {
  return (e) => {
    try {
      fn(e);
    } catch {
      // The page has changed something that fn needs.
    }
  };
}

/** Lets a promise go on by itself: nobody hears of it where it is rejected, the page neither. */
export function unheard(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
