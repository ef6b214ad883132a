package budget

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/policy"
)

// perDay turns alarms an hour into alerts per 1,000 people and working day.
func perDay(perHour float64) float64 { return perHour * 1000 * policy.InputHoursPerDay }

func poisson(r *rand.Rand, mean float64) (n int64) {
	for at := r.ExpFloat64(); at < mean; at += r.ExpFloat64() {
		n++
	}
	return n
}

// month simulates an installation with known rates of false alarms and takeovers, of which reviewers decide some rightly.
func month(r *rand.Rand, hours, falsePerHour, takeovers, decided float64) Sums {
	s := Sums{InputHours: hours}
	wrong, right := poisson(r, falsePerHour*hours), poisson(r, takeovers)
	s.Alerts = wrong + right
	for range wrong {
		if r.Float64() < decided {
			s.RightPerson++
		}
	}
	for range right {
		if r.Float64() < decided {
			s.Impostor++
		}
	}
	return s
}

func TestTheEstimateIsUnbiased(t *testing.T) {
	const runs = 200
	for _, c := range []struct {
		name                                  string
		hours, falsePerHour, takeovers, share float64
	}{
		{"no takeovers, no verdicts", 2000, 0.01, 0, 0},
		{"no takeovers, half decided", 2000, 0.01, 0, 0.5},
		{"as many takeovers as false alarms, all decided", 2000, 0.01, 20, 1},
		{"as many takeovers as false alarms, half decided", 4000, 0.01, 40, 0.5},
		{"many alarms, a third of them takeovers, a tenth decided", 3000, 0.1, 150, 0.1},
	} {
		r := rand.New(rand.NewPCG(11, 7))
		truth, sum, within := perDay(c.falsePerHour), 0.0, 0
		for range runs {
			f := Estimate(month(r, c.hours, c.falsePerHour, c.takeovers, c.share), 100)
			sum += f.PerThousand
			if f.Low <= truth && truth <= f.High {
				within++
			}
		}
		// The prior that alarms are false, and half an alarm of Jeffreys', raise it a little: upwards is the honest side.
		allowedUp := 1.09
		if c.share == 0 {
			allowedUp = 1.04
		}
		if mean := sum / runs; mean < 0.87*truth || mean > allowedUp*truth {
			t.Errorf("%s: %.3g on average, want %.3g", c.name, mean, truth)
		}
		if within < runs*80/100 {
			t.Errorf("%s: the interval holds the truth in %d of %d runs, want nine of ten", c.name, within, runs)
		}
	}
}

func TestVerdictsCount(t *testing.T) {
	base := Sums{InputHours: 1000, Alerts: 20}
	undecided := Estimate(base, 100)
	impostors, people := base, base
	impostors.Impostor, people.RightPerson = 20, 20
	taken, wrong := Estimate(impostors, 100), Estimate(people, 100)
	if !(taken.PerThousand < 0.05*wrong.PerThousand) || !(undecided.PerThousand < wrong.PerThousand) || undecided.PerThousand < 0.8*wrong.PerThousand {
		t.Errorf("20 takeovers give %g, 20 undecided alarms %g, 20 false ones %g; want next to none, nearly all and all", taken.PerThousand, undecided.PerThousand, wrong.PerThousand)
	}
	half := Sums{InputHours: 1000, Alerts: 40, Impostor: 10, RightPerson: 10}
	if got := Estimate(half, 100).FalseShare; math.Abs(got-14.5/25) > 1e-9 {
		t.Errorf("undecided alarms count by %g, want 14.5 of 25", got)
	}
}

func TestStandings(t *testing.T) {
	for name, c := range map[string]struct {
		s    Sums
		want Standing
	}{
		"nothing yet":                     {Sums{}, TooShort},
		"an hour":                         {Sums{InputHours: 1}, TooShort},
		"none in two thousand hours":      {Sums{InputHours: 2000}, Kept},
		"as promised":                     {Sums{InputHours: 2000, Alerts: 62}, Open},
		"ten times as many":               {Sums{InputHours: 2000, Alerts: 620}, Broken},
		"ten times, and all of impostors": {Sums{InputHours: 2000, Alerts: 620, Impostor: 620}, Kept},
		"many at once":                    {Sums{InputHours: 5, Alerts: 10}, Broken},
	} {
		f := Estimate(c.s, 100)
		if f.Standing != c.want {
			t.Errorf("%s: %s with %+v, want %s", name, f.Standing, f, c.want)
		}
		if (f.HoursToTell > 0) != (f.Standing == TooShort) {
			t.Errorf("%s: %g hours to tell", name, f.HoursToTell)
		}
	}
}

func TestLawsOfTheEstimate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Sums{InputHours: rapid.Float64Range(0.1, 1e5).Draw(t, "hours"), Alerts: rapid.Int64Range(0, 500).Draw(t, "alerts")}
		s.Impostor = rapid.Int64Range(0, s.Alerts).Draw(t, "impostor")
		s.RightPerson = rapid.Int64Range(0, s.Alerts-s.Impostor).Draw(t, "right")
		f := Estimate(s, 100)
		if !(0 <= f.Low && f.Low <= f.PerThousand && f.PerThousand <= f.High) || math.IsInf(f.High, 0) {
			t.Fatalf("%+v gives %+v; want an interval around the estimate", s, f)
		}
		more := s
		more.Alerts++
		if g := Estimate(more, 100); g.PerThousand < f.PerThousand || g.High < f.High-1e-9*f.High {
			t.Fatalf("one more alarm lowers the fact from %+v to %+v", f, g)
		}
		longer := s
		longer.InputHours *= 2
		if g := Estimate(longer, 100); g.PerThousand > f.PerThousand {
			t.Fatalf("twice the hours raise the fact from %g to %g", f.PerThousand, g.PerThousand)
		}
	})
}

// climbing simulates climbs whose heights are exponential, broken off by alarms at a threshold.
func climbing(r *rand.Rand, hours, perHour, scale, threshold float64) Sums {
	s := Sums{InputHours: hours}
	for range poisson(r, hours*perHour) {
		height := scale * r.ExpFloat64()
		c := Climbs{Bin: BinOf(height), N: 1}
		if height >= threshold {
			c = Climbs{Bin: BinOf(math.Min(height, threshold+0.3)), N: 1, Cut: true} // the step that raises the alarm goes a little beyond it
			s.Alerts++
		}
		s.Peaks = append(s.Peaks, c)
	}
	return s
}

func TestTheKeepingThresholdIsFound(t *testing.T) {
	const perHour, scale, inForce, promised = 2.0, 1.1, 2.0, 0.02 // alarms an hour: 0.32 at the threshold in force
	want := scale * math.Log(perHour/promised)
	below, worst, sum := 0, 0.0, 0.0
	for seed := range uint64(20) {
		s := climbing(rand.New(rand.NewPCG(seed, 1)), 500, perHour, scale, inForce)
		f := Estimate(s, perDay(promised))
		k, ok := ToKeep(s, f, perDay(promised), inForce)
		if !ok || f.Standing != Broken || k.Extrapolated {
			t.Fatalf("%+v, %t, %s; want a threshold beside a broken promise", k, ok, f.Standing)
		}
		if k.LogOdds < want-0.1 {
			below++
		}
		worst = math.Max(worst, k.LogOdds-want)
		sum += k.Likely
	}
	if below > 4 || worst > 5 {
		t.Errorf("%d of 20 cautious thresholds lie below the true %g, and one %g above it; want few below and none far above", below, want, worst)
	}
	if mean := sum / 20; math.Abs(mean-want) > 0.9 {
		t.Errorf("the likely threshold is %g on average, want %g", mean, want)
	}
}

func TestKeepingThresholdsFallAsThePromiseGrows(t *testing.T) {
	s := climbing(rand.New(rand.NewPCG(1, 1)), 300, 2, 1, 3)
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Float64Range(0.1, 1e5).Draw(t, "a")
		b := rapid.Float64Range(0.1, a).Draw(t, "b")
		wide, ok := ToKeep(s, Estimate(s, a), a, 3)
		narrow, also := ToKeep(s, Estimate(s, b), b, 3)
		if !ok || !also || narrow.LogOdds < wide.LogOdds-1e-9 || wide.LogOdds < policy.LeastHigh {
			t.Fatalf("a promise of %g wants %g (%t), the smaller one of %g wants %g (%t)", a, wide.LogOdds, ok, b, narrow.LogOdds, also)
		}
	})
}

func TestFewClimbsGiveNoThreshold(t *testing.T) {
	s := Sums{InputHours: 100, Peaks: []Climbs{{Bin: 2, N: 3}}}
	if k, ok := ToKeep(s, Estimate(s, 100), 100, 2); ok {
		t.Errorf("three climbs gave %+v, want none", k)
	}
}

func TestShiftsAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threshold := rapid.Float64Range(1, 10).Draw(t, "threshold")
		shifted := rapid.Float64Range(followDown, followUp).Draw(t, "shifted")
		k := Keeping{LogOdds: rapid.Float64Range(1, 100).Draw(t, "keeping")}
		f := Fact{Standing: rapid.SampledFrom([]Standing{Kept, Broken, Open, TooShort, TooFew}).Draw(t, "standing")}
		got := Shift(f, k, threshold, shifted)
		switch {
		case got < followDown || got > followUp:
			t.Fatalf("a shift of %g", got)
		case f.Standing != Kept && f.Standing != Broken && got != shifted:
			t.Fatalf("%s moved the thresholds from %g to %g", f.Standing, shifted, got)
		case f.Standing == Kept && got > shifted, f.Standing == Broken && got < shifted:
			t.Fatalf("%s moved the thresholds from %g to %g, the wrong way", f.Standing, shifted, got)
		}
	})
}
