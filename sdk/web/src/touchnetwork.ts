// The network of touch.
import { MaxEvents, Network } from './network.ts';
import { writeContacts } from './touchinputs.ts';
import { contactsOf, holdOf, type Contact, type Hold } from './touchpath.ts';
import type { TouchWindow } from './touchwindow.ts';

/** A network whose weights are of the kind "touch". */
export class TouchNetwork extends Network {
  /** The embedding of a window of touch, as keyboard gives that of strokes. */
  touch(w: TouchWindow): Float32Array {
    return this.contacts(contactsOf(w.strokes.slice(0, MaxEvents)), holdOf(w.motions));
  }

  /** The embedding of a window that is taken apart already. */
  contacts(contacts: readonly Contact[], hold: Hold): Float32Array {
    const length = Math.min(contacts.length, MaxEvents);
    writeContacts(this.inputs, this.pad * this.width, contacts, hold, length);
    return this.run(length);
  }
}
