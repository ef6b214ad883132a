// What is never measured: what the page excludes, and fields whose text is a secret.
import { matches, nameOf, shadowOf } from './pristine.ts';

const excluding = '[data-ipse-exclude]';

/** Passwords, one-time codes and what is on a payment card, as the page declares them. */
const secrets = 'input[type=password i],[autocomplete*=password i],[autocomplete*=one-time-code i],[autocomplete*="cc-" i]';

/** Decides by the elements that an event passes, the innermost first. */
export interface Exclusion {
  /** The page keeps these elements out of every measurement. */
  excluded(path: readonly Element[]): boolean;
  /** Nothing may be known of what is typed here. */
  secret(path: readonly Element[]): boolean;
}

/**
 * Gives the exclusion of this page. The selector, if there is one, is the page's; one that no browser understands throws:
 * what it was to exclude cannot be told.
 */
export function exclusionOf(selector: unknown): Exclusion {
  if (!matches) throw new Error('the browser cannot match selectors');
  if (selector !== undefined && typeof selector !== 'string') throw new Error('exclude must be a selector');
  const outside = selector ? `${excluding},${selector}` : excluding;
  document.createDocumentFragment().querySelector(outside);
  const some = (path: readonly Element[], wanted: string) => {
    for (let i = 0; i < path.length; i++) if (matches!(path[i]!, wanted)) return true;
    return false;
  };
  const known = new WeakSet<Element>(); // fields that were seen to be a password's: they stay so while it is shown
  return {
    excluded: (path) => some(path, outside),
    secret: (path) => {
      const field = path[0];
      if (!field) return true; // nothing is known of where it goes
      if (some(path, `${outside},${secrets}`)) {
        known.add(field);
        return true;
      }
      return known.has(field) || closed(field);
    },
  };
}

/** An element of the page's making that shows nothing of what is in it may hold a field of passwords. */
function closed(field: Element): boolean {
  return nameOf(field).includes('-') && !shadowOf(field) && !(field as HTMLElement).isContentEditable;
}
