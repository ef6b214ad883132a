// The raw dimensions of a window of pointer use in the model's order, the mirror of Go's embed.PointerStatistics.
import type { PointerEvent } from './event.ts';
import { pathOf, strokeChordPX, strokeDurationMS, strokeLengthPX, strokePeak, turn, type Path, type Step } from './path.ts';
import {
  clamp, correlationOf, lagCorrelationOf, meanOf, quantileOf, shareOf, spreadOf, type Statistic,
} from './statistics.ts';

/** The samples of one window. Speeds are natural logarithms of pixels a second, angles radians. */
class Moving {
  speeds: number[] = [];
  lengths: number[] = [];
  accelerations: number[] = [];
  speedingUp: number[] = [];
  slowingDown: number[] = [];
  turns: number[] = [];
  signedTurns: number[] = [];
  /** Speed at each turn, for the law that links speed and curvature. */
  turnSpeeds: number[] = [];
  octants = [0, 0, 0, 0, 0, 0, 0, 0];
  horizontal = 0;
  vertical = 0;
  small = 0;
  straightOn = 0;

  durations: number[] = [];
  strokeLengths: number[] = [];
  straightness: number[] = [];
  peaks: number[] = [];
  peakTimes: number[] = [];
  tails: number[] = [];
  submovements: number[] = [];

  clickDwells: number[] = [];
  settles: number[] = [];
  dragged = 0;
  wheelTurns: number[] = [];

  constructor(p: Path) {
    for (const s of p.steps) {
      this.speeds.push(Math.log(1 + s.speed * 1000));
      this.lengths.push(Math.log(1 + s.lengthPX));
      const octant = Math.floor((s.angle + Math.PI / 8) / (Math.PI / 4) + 8) % 8;
      this.octants[octant] = (this.octants[octant] ?? 0) + 1;
      this.horizontal += Math.abs(s.dx);
      this.vertical += Math.abs(s.dy);
      if (s.lengthPX < 1.5) this.small++;
    }
    for (const stroke of p.strokes) this.stroke(stroke);
    for (const c of p.clicks) {
      this.clickDwells.push(Math.log(clamp(c.dwellMS, 5, 2000)));
      this.settles.push(Math.log(1 + c.settleMS));
      if (c.draggedPX > 3) this.dragged++;
    }
    for (const turnMS of p.wheelTurnsMS) this.wheelTurns.push(Math.log(1 + turnMS));
  }

  private stroke(steps: readonly Step[]): void {
    let hills = 0;
    steps.forEach((b, i) => {
      const a = steps[i - 1];
      if (!a) return;
      this.bend(a, b);
      const next = steps[i + 1];
      if (next && b.speed > a.speed && b.speed >= next.speed) hills++;
    });
    const length = strokeLengthPX(steps);
    const duration = strokeDurationMS(steps);
    const peak = strokePeak(steps);
    this.durations.push(Math.log(1 + duration));
    this.strokeLengths.push(Math.log(1 + length));
    this.straightness.push(strokeChordPX(steps) / Math.max(1, length));
    this.peaks.push(Math.log(1 + peak.speed * 1000));
    this.peakTimes.push(peak.share);
    this.submovements.push(hills / Math.max(1, duration / 100));
    const tail = steps.slice(-3).reduce((sum, s) => sum + s.speed, 0);
    this.tails.push(tail / (3 * Math.max(1e-6, peak.speed)));
  }

  private bend(a: Step, b: Step): void {
    const change = ((b.speed - a.speed) / b.durationMS) * 1e6;
    const size = Math.log(1 + Math.abs(change));
    this.accelerations.push(size);
    if (change > 0) this.speedingUp.push(size);
    else if (change < 0) this.slowingDown.push(size);
    const angle = turn(a, b);
    this.turns.push(angle);
    this.turnSpeeds.push(Math.log(1 + b.speed * 1000));
    if (angle < 0.02) this.straightOn++;
    this.signedTurns.push(a.dx * b.dy - a.dy * b.dx > 0 ? angle : -angle);
  }
}

export function pointerStatistics(events: readonly PointerEvent[]): Statistic[] {
  const p = pathOf(events);
  const m = new Moving(p);
  const steps = p.steps.length;
  const clicks = p.clicks.length;
  return [
    ...m.octants.map((n) => shareOf(n, steps)),
    meanOf(m.speeds),
    spreadOf(m.speeds),
    lagCorrelationOf(m.speeds),
    correlationOf(m.turnSpeeds, m.turns),
    meanOf(m.turns),
    meanOf(m.signedTurns),
    meanOf(m.speedingUp),
    meanOf(m.slowingDown),
    shareOf(m.straightOn, m.turns.length),
    shareOf(m.small, steps),
    shareOf(p.rests, steps),
    shareOf(clicks, steps),
    shareOf(m.dragged, clicks),
    shareOf(m.horizontal, m.horizontal + m.vertical, steps),
    meanOf(m.durations),
    meanOf(m.strokeLengths),
    meanOf(m.straightness),
    meanOf(m.peaks),
    meanOf(m.peakTimes),
    meanOf(m.submovements),
    meanOf(m.tails),
    meanOf(m.clickDwells),
    spreadOf(m.clickDwells),
    meanOf(m.settles),
    meanOf(m.wheelTurns),
    quantileOf(m.speeds, 0.1),
    quantileOf(m.speeds, 0.5),
    quantileOf(m.speeds, 0.9),
    quantileOf(m.lengths, 0.5),
    quantileOf(m.accelerations, 0.5),
    quantileOf(m.accelerations, 0.9),
    quantileOf(m.turns, 0.5),
    quantileOf(m.turns, 0.9),
  ];
}
