// Names of what fingers draw; the mirror of Go's internal/liveness/sketchtouch.go.
import { Path, sketchOf, type Stretch } from './sketch.ts';
import type { TouchStroke, TouchWindow } from './touchwindow.ts';

const restMS = 50;
const fingersKept = 10;
const fingerGoneMS = 1000;

/** One that was down at the end of the last piece; its place is counted from where the first piece began. */
interface Finger {
  path: Path;
  x: number;
  y: number;
  endMS: number;
}

/** Names strokes between rests, in windows that come one after the other; pieces of a stroke are joined again. */
export class TouchSketcher {
  private fingers: Finger[] = [];

  next(w: TouchWindow): Uint8Array {
    const found: Stretch[] = [];
    for (const s of w.strokes) {
      this.fingers = this.fingers.filter((f) => {
        const gone = s.startMS - f.endMS > fingerGoneMS || s.startMS < f.endMS - fingerGoneMS;
        if (gone) f.path.end(found);
        return !gone;
      });
      const f = this.lift(s);
      const { x, y } = f;
      for (const p of s.points) {
        f.x = x + p.dx;
        f.y = y + p.dy;
        f.endMS = p.timeMS;
        f.path.push({ timeMS: p.timeMS, x: f.x, y: f.y }, found);
      }
      if (s.lifted || this.fingers.length === fingersKept) f.path.end(found);
      else this.fingers.push(f);
    }
    return sketchOf(found);
  }

  /** Takes out the finger whose stroke goes on in a piece; a new one where there is none. */
  private lift(piece: TouchStroke): Finger {
    const at = piece.continued ? this.fingers.findIndex((f) => f.endMS === piece.startMS) : -1;
    const [f] = at < 0 ? [] : this.fingers.splice(at, 1);
    return f ?? { path: new Path(restMS), x: 0, y: 0, endMS: 0 };
  }
}
