package chart

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func score(v float64) *float64 { return &v }

func points(n int, every time.Duration) []Point {
	var list []Point
	for i := range n {
		list = append(list, Point{At: start.Add(time.Duration(i) * every), Trust: 0.9, Level: policy.Low, Modality: observation.Keyboard, Score: score(1)})
	}
	return list
}

func TestNothingToDraw(t *testing.T) {
	for name, in := range map[string]Input{
		"no point":             {},
		"no trust that is one": {Points: []Point{{At: start, Trust: math.NaN()}, {At: start, Trust: math.Inf(1)}}},
	} {
		if _, ok := Draw(in, Wide); ok {
			t.Errorf("%s: drawn, want nothing", name)
		}
	}
}

func TestEverythingStaysInTheFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := Input{Thresholds: policy.Thresholds{Medium: rapid.Float64Range(-30, 30).Draw(t, "medium")}}
		in.Thresholds.High = in.Thresholds.Medium + rapid.Float64Range(0.01, 30).Draw(t, "gap")
		at := start
		for range rapid.IntRange(1, 60).Draw(t, "points") {
			at = at.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "seconds")) * time.Second)
			p := Point{
				At: at, Trust: rapid.Float64Range(0, 1).Draw(t, "trust"),
				Level:    rapid.SampledFrom([]policy.Level{policy.Low, policy.Medium, policy.High}).Draw(t, "level"),
				Modality: rapid.SampledFrom([]observation.Modality{observation.Keyboard, observation.Pointer, observation.Touch}).Draw(t, "modality"),
			}
			if rapid.Bool().Draw(t, "compared") {
				p.Score = score(rapid.Float64().Draw(t, "score"))
				p.Counted = score(rapid.Float64().Draw(t, "counted"))
			} else if rapid.Bool().Draw(t, "event") {
				p.Modality, p.Event = "", "unlock"
			}
			in.Points = append(in.Points, p)
		}
		in.Alarms = []time.Time{at, start.Add(-time.Hour), at.Add(time.Hour)}
		for _, f := range []Frame{Wide, Narrow} {
			d, ok := Draw(in, f)
			if !ok {
				t.Fatal("nothing drawn")
			}
			inside := func(what string, x, y float64) {
				if !(x >= d.Left-0.1 && x <= d.Right+0.1 && y >= 0 && y <= d.Height) {
					t.Fatalf("%s at (%g, %g) leaves the frame of %g × %g", what, x, y, d.Width, d.Height)
				}
			}
			inside("the end of the line", d.EndX, d.EndY)
			for _, b := range d.Bands {
				inside("a band's top", d.Left, b.Y)
				inside("a band's bottom", d.Left, b.Y+b.Height)
				if b.Height < 0 {
					t.Fatalf("the band of %s has height %g", b.Level, b.Height)
				}
			}
			for _, s := range d.Strip {
				inside("a level that held", s.X, s.Y)
			}
			for _, lane := range d.Lanes {
				for _, m := range lane.Marks {
					inside("a score", m.X, m.Y)
					if m.Compared {
						inside("what a score counted for", m.X, m.CountedY)
						if m.For && m.Y > lane.Zero || m.CountedFor && m.CountedY > lane.Zero || !m.CountedFor && m.CountedY < lane.Zero {
							t.Fatalf("a mark to %g, counted to %g about %g, is coloured for %t and %t", m.Y, m.CountedY, lane.Zero, m.For, m.CountedFor)
						}
					}
					if m.Y < lane.Top-0.1 || m.Y > lane.Bottom+0.1 {
						t.Fatalf("a score at %g leaves its lane from %g to %g", m.Y, lane.Top, lane.Bottom)
					}
				}
			}
			for _, e := range d.Events {
				inside("an event", e.X, d.EventY+eventReach)
			}
			if len(d.TimeTicks) > f.TimeTicks+1 {
				t.Fatalf("%d ticks of time, want at most %d", len(d.TimeTicks), f.TimeTicks+1)
			}
			if len(d.Alarms) > 1 {
				t.Fatalf("%d alarms drawn, want only the one within the time shown", len(d.Alarms))
			}
		}
	})
}

func TestBandsFollowThresholds(t *testing.T) {
	d, _ := Draw(Input{Points: points(10, time.Minute), Thresholds: policy.Thresholds{Medium: 0, High: math.Log(99)}}, Wide)
	if got := d.Thresholds[0].Trust; math.Abs(got-0.5) > 1e-9 {
		t.Errorf("medium begins at trust %g, want 0.5", got)
	}
	if got := d.Thresholds[1].Trust; math.Abs(got-0.01) > 1e-9 {
		t.Errorf("high begins at trust %g, want 0.01", got)
	}
	var tick50 float64
	for _, tick := range d.TrustTicks {
		if tick.Trust == 0.5 {
			tick50 = tick.Y
		}
	}
	if tick50 != d.Thresholds[0].Y {
		t.Errorf("the tick of 50 %% lies at %g and its threshold at %g, want the same", tick50, d.Thresholds[0].Y)
	}
	if !(d.Bands[0].Y < d.Bands[1].Y && d.Bands[1].Y < d.Bands[2].Y) {
		t.Errorf("bands at %g, %g, %g: want low, medium, high from the top", d.Bands[0].Y, d.Bands[1].Y, d.Bands[2].Y)
	}
}

func TestTrustIsDrawnAsSteps(t *testing.T) {
	in := Input{Points: points(2, time.Minute), Thresholds: policy.Thresholds{Medium: 1, High: 4}}
	in.Points[1].Trust = 0.5
	d, _ := Draw(in, Frame{Width: 100, PlotHeight: 100, TimeTicks: 3})
	// The scale spans log-odds of -5.3 to 5.095 over 100: logit(0.9) = 2.197 lies 72.1 above the floor at 110, 0 lies 51.
	if want := "M0 37.9H100V59"; d.Line != want {
		t.Errorf("line = %q, want %q: it holds, then falls", d.Line, want)
	}
}

func TestStripJoinsEqualLevels(t *testing.T) {
	in := Input{Points: points(6, time.Minute), Thresholds: policy.Thresholds{Medium: 1, High: 4}}
	in.Points[3].Level, in.Points[4].Level = policy.High, policy.High
	d, _ := Draw(in, Wide)
	if len(d.Strip) != 3 || d.Strip[1].Level != policy.High || d.Strip[1].Height <= d.Strip[0].Height {
		t.Errorf("strip = %+v, want low, a taller high, low", d.Strip)
	}
}

func TestScoresPointUpForTheSubject(t *testing.T) {
	in := Input{Points: points(3, time.Minute), Thresholds: policy.Thresholds{Medium: 1, High: 4}}
	in.Points[1].Score, in.Points[2].Score = score(-2), nil
	d, _ := Draw(in, Wide)
	marks, zero := d.Lanes[0].Marks, d.Lanes[0].Zero
	if !(marks[0].For && marks[0].Y < zero) || !(!marks[1].For && marks[1].Y > zero) || marks[2].Compared {
		t.Errorf("marks = %+v around %g, want up, down, and a dot", marks, zero)
	}
}

func TestTimeTicksAreRound(t *testing.T) {
	zone := time.FixedZone("half", 5*3600+1800)
	for _, c := range []struct {
		every, step time.Duration
	}{{2 * time.Second, 30 * time.Second}, {time.Minute, 10 * time.Minute}, {30 * time.Minute, 6 * time.Hour}} {
		in := Input{Points: points(60, c.every), Thresholds: policy.Thresholds{Medium: 1, High: 4}}
		for i := range in.Points {
			in.Points[i].At = in.Points[i].At.Add(7 * time.Second).In(zone)
		}
		d, _ := Draw(in, Wide)
		if len(d.TimeTicks) < 2 {
			t.Fatalf("%d ticks for a point every %v, want some", len(d.TimeTicks), c.every)
		}
		midnight := time.Date(2026, 3, 2, 0, 0, 0, 0, zone)
		for i, tick := range d.TimeTicks {
			if off := tick.At.Sub(midnight) % c.step; off != 0 {
				t.Errorf("every %v: tick at %v is %v off a round time", c.every, tick.At, off)
			}
			if i > 0 && tick.At.Sub(d.TimeTicks[i-1].At) != c.step {
				t.Errorf("every %v: ticks are %v apart, want %v", c.every, tick.At.Sub(d.TimeTicks[i-1].At), c.step)
			}
		}
	}
}
