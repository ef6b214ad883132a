// The raw dimensions of a window of touch in the model's order, the mirror of Go's embed.TouchStatistics. Of where the
// screen was touched they hold nothing (see touchwindow.ts).
import { correlationOf, meanOf, quantileOf, shareOf, spreadOf, statistic, type Statistic } from './statistics.ts';
import { contactsOf, holdOf, type Contact, type Hold } from './touchpath.ts';
import type { TouchWindow } from './touchwindow.ts';

/** The samples of one window. Times and lengths are natural logarithms of milliseconds and of pixels. */
class Touching {
  strokes = 0;
  drawn = 0;
  joined = 0;
  lifted = 0;
  /** Strokes that begin before the one before has ended, and strokes that have one before. */
  overlaps = 0;
  gaps = 0;
  others = 0;
  horizontal = 0;
  vertical = 0;
  quadrants = [0, 0, 0, 0]; // right, down, left, up

  tapDurations: number[] = [];
  tapDrifts: number[] = [];
  drawnDurations: number[] = [];
  intervals: number[] = [];
  pauses: number[] = [];
  lengths: number[] = [];
  straightness: number[] = [];
  bows: number[] = [];
  signedBows: number[] = [];
  speeds: number[] = [];
  peaks: number[] = [];
  peakShares: number[] = [];
  onsets: number[] = [];
  tails: number[] = [];
  turns: number[] = [];
  signedTurns: number[] = [];
  tremors: number[] = [];
  radii: number[] = [];
  rises: number[] = [];
  radiusSpreads: number[] = [];
  pressures: number[] = [];
  pressureTops: number[] = [];
  pressureRises: number[] = [];
  // Pairs for correlations.
  pressed: number[] = [];
  pressedRadii: number[] = [];
  tapped: number[] = [];
  tappedRadii: number[] = [];

  add(c: Contact): void {
    this.strokes++;
    this.others += c.others;
    if (c.continued) this.joined++;
    if (c.lifted) this.lifted++;
    if (!c.first && !c.continued) {
      this.gaps++;
      this.intervals.push(Math.log(20 + c.intervalMS));
      if (c.pauseMS < 0) this.overlaps++;
      else this.pauses.push(Math.log(20 + c.pauseMS));
    }
    const duration = Math.log(10 + c.durationMS);
    if (c.drawn) {
      this.draw(c);
      this.drawnDurations.push(duration);
    } else if (!c.continued && c.lifted) {
      this.tapDurations.push(duration);
      this.tapDrifts.push(Math.log(1 + c.lengthPX));
    }
    this.lie(c, duration);
  }

  /** How the finger lies on the glass. */
  private lie(c: Contact, duration: number): void {
    const radius = Math.log(c.radiusPX);
    if (c.radiusPX > 0) {
      this.radii.push(radius);
      this.rises.push(c.radiusRise);
      this.radiusSpreads.push(c.radiusSpread);
      this.tapped.push(duration);
      this.tappedRadii.push(radius);
    }
    if (c.pressure > 0) {
      const pressure = Math.log(c.pressure);
      this.pressures.push(pressure);
      this.pressureTops.push(Math.log(c.pressureMax) - pressure);
      this.pressureRises.push(c.pressureRise);
      if (c.radiusPX > 0) {
        this.pressed.push(pressure);
        this.pressedRadii.push(radius);
      }
    }
  }

  private draw(c: Contact): void {
    this.drawn++;
    this.lengths.push(Math.log(1 + c.lengthPX));
    this.straightness.push(c.chordPX / Math.max(1, c.lengthPX));
    const bow = c.bowPX / Math.max(1, c.lengthPX);
    this.bows.push(Math.abs(bow));
    this.signedBows.push(bow);
    this.speeds.push(Math.log(1 + c.speed * 1000));
    this.peaks.push(Math.log(1 + c.peak * 1000));
    this.peakShares.push(c.peakShare);
    this.onsets.push(c.onset / Math.max(1e-6, c.peak));
    this.tails.push(c.tail / Math.max(1e-6, c.peak));
    this.turns.push(c.turn);
    this.signedTurns.push(c.signedTurn);
    this.tremors.push(Math.log(0.1 + c.tremorPX) - Math.log(0.1 + c.lengthPX));
    this.horizontal += Math.abs(c.dx);
    this.vertical += Math.abs(c.dy);
    this.quadrants[Math.floor((Math.atan2(c.dy, c.dx) + Math.PI / 4) / (Math.PI / 2) + 4) % 4]!++;
  }
}

export function touchStatistics(w: TouchWindow): Statistic[] {
  const m = new Touching();
  for (const c of contactsOf(w.strokes)) m.add(c);
  return [
    ...m.quadrants.map((n) => shareOf(n, m.drawn)),
    shareOf(m.drawn, m.strokes),
    shareOf(m.joined, m.strokes),
    shareOf(m.lifted, m.strokes),
    shareOf(m.others, m.strokes),
    shareOf(m.overlaps, m.gaps),
    shareOf(m.horizontal, m.horizontal + m.vertical, m.drawn),
    meanOf(m.tapDurations),
    spreadOf(m.tapDurations),
    meanOf(m.tapDrifts),
    meanOf(m.pauses),
    meanOf(m.drawnDurations),
    meanOf(m.lengths),
    spreadOf(m.lengths),
    meanOf(m.straightness),
    meanOf(m.bows),
    meanOf(m.signedBows),
    meanOf(m.speeds),
    spreadOf(m.speeds),
    meanOf(m.peaks),
    meanOf(m.peakShares),
    meanOf(m.onsets),
    meanOf(m.tails),
    meanOf(m.turns),
    meanOf(m.signedTurns),
    meanOf(m.tremors),
    correlationOf(m.speeds, m.lengths),
    meanOf(m.radii),
    spreadOf(m.radii),
    meanOf(m.rises),
    meanOf(m.radiusSpreads),
    meanOf(m.pressures),
    spreadOf(m.pressures),
    meanOf(m.pressureTops),
    meanOf(m.pressureRises),
    correlationOf(m.pressed, m.pressedRadii),
    correlationOf(m.tapped, m.tappedRadii),
    ...holdStatistics(holdOf(w.motions)),
    quantileOf(m.tapDurations, 0.1),
    quantileOf(m.tapDurations, 0.9),
    quantileOf(m.intervals, 0.25),
    quantileOf(m.intervals, 0.5),
    quantileOf(m.intervals, 0.75),
    quantileOf(m.peaks, 0.9),
    quantileOf(m.radii, 0.1),
    quantileOf(m.radii, 0.9),
    quantileOf(m.pressures, 0.1),
    quantileOf(m.pressures, 0.9),
  ];
}

/** The direction of the tilt is left out, as in Go: it says how somebody sits today. */
function holdStatistics(h: Hold): Statistic[] {
  return [
    statistic(Math.log(0.01 + h.sway), h.readings),
    statistic(Math.log(0.05 + h.tremor), Math.max(0, h.readings - 1)),
    statistic(Math.log(1 + h.rotation), h.rotations),
  ];
}
