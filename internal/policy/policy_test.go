package policy

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var thresholds = Thresholds{Medium: 1, High: 4}

func TestDecide(t *testing.T) {
	high := Decision{Level: High, Answer: SomeoneElse, Directives: []Directive{Lock}, Reasons: []ReasonCode{Mismatch}}
	for name, c := range map[string]struct {
		in        Input
		level     Level
		answer    Answer
		directive Directive
		reason    ReasonCode
	}{
		"trusted":                          {Input{LogOdds: -5, Comparable: true}, Low, SamePerson, "", ""},
		"nothing compared yet":             {Input{LogOdds: -3, Unanswered: []ReasonCode{NoInput}}, Low, CannotTell, "", NoInput},
		"odds without comparison":          {Input{LogOdds: 9, Unanswered: []ReasonCode{Immature}}, Low, CannotTell, "", Immature},
		"blurred clock":                    {Input{LogOdds: -5, Comparable: true, Unanswered: []ReasonCode{ClockBlurred}}, Low, CannotTell, "", ClockBlurred},
		"more likely somebody else":        {Input{LogOdds: 0.5, Comparable: true}, Low, CannotTell, "", Mismatch},
		"doubtful":                         {Input{LogOdds: 1, Comparable: true}, Medium, CannotTell, StepUp, Mismatch},
		"somebody else":                    {Input{LogOdds: 4, Comparable: true}, High, SomeoneElse, Lock, Mismatch},
		"high does not fall by itself":     {Input{LogOdds: -9, Comparable: true, Previous: high}, High, SomeoneElse, Lock, Mismatch},
		"injected, however well it fits":   {Input{LogOdds: -9, Comparable: true, NoHand: []ReasonCode{InjectedEvents}}, High, CannotTell, Lock, InjectedEvents},
		"closed":                           {Input{LogOdds: 9, Comparable: true, Closed: true, Previous: high}, High, CannotTell, Stop, ""},
		"medium falls when trust comes up": {Input{LogOdds: -2, Comparable: true, Previous: Decision{Level: Medium}}, Low, SamePerson, "", ""},
	} {
		got := Decide(thresholds, c.in)
		if got.Level != c.level || got.Answer != c.answer {
			t.Errorf("%s: %s, %s; want %s, %s", name, got.Level, got.Answer, c.level, c.answer)
		}
		if (c.directive != "") != (len(got.Directives) == 1) || (c.directive != "" && got.Directives[0] != c.directive) {
			t.Errorf("%s: directives %v, want %q", name, got.Directives, c.directive)
		}
		if c.reason != "" && !slices.Contains(got.Reasons, c.reason) {
			t.Errorf("%s: reasons %v, want %q among them", name, got.Reasons, c.reason)
		}
	}
}

func TestWhatCannotBeToldNeverRaisesALevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reasons := rapid.SliceOf(rapid.SampledFrom([]ReasonCode{Immature, NoInput, ClockBlurred, ComposedText, PastedText, PhraseBroken, ModelUnknown})).Draw(t, "reasons")
		in := Input{LogOdds: rapid.Float64Range(-20, 20).Draw(t, "odds"), Comparable: rapid.Bool().Draw(t, "comparable")}
		without := Decide(thresholds, in)
		in.Unanswered = reasons
		if with := Decide(thresholds, in); with.Level != without.Level {
			t.Fatalf("reasons %v changed the level from %s to %s", reasons, without.Level, with.Level)
		}
		in.Comparable = false
		if got := Decide(thresholds, in); got.Level != Low || got.Answer != CannotTell {
			t.Fatalf("nothing was compared, yet the decision is %+v", got)
		}
	})
}

var tail = Tail{Slope: 0.5, Rungs: []Rung{{LogOdds: 0, PerHour: 10}, {LogOdds: 2, PerHour: 1}, {LogOdds: 4, PerHour: 1}, {LogOdds: 6, PerHour: 0.1}}}

func TestThresholdsFollowFromTheBudget(t *testing.T) {
	for _, c := range []struct{ perHour, want float64 }{
		{100, 1}, {10, 1}, {math.Sqrt(10), 1}, {1, 2}, {0.1, 6}, {0.1 * math.Exp(-1), 8},
	} {
		th, err := ThresholdsFor(c.perHour*1000*InputHoursPerDay, tail)
		if err != nil || math.Abs(th.High-c.want) > 1e-9 {
			t.Errorf("%g alarms an hour: threshold %g (%v), want %g", c.perHour, th.High, err, c.want)
		}
		if err := th.Validate(); err != nil {
			t.Errorf("%g alarms an hour: %v", c.perHour, err)
		}
		if th.Medium < 0 {
			t.Errorf("%g alarms an hour: the medium threshold is %g; want at least 0, even odds", c.perHour, th.Medium)
		}
	}
}

func TestSmallerBudgetsNeverLowerThresholds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Float64Range(1e-3, 1e6).Draw(t, "a")
		b := rapid.Float64Range(1e-3, a).Draw(t, "b")
		wide, _ := ThresholdsFor(a, tail)
		narrow, _ := ThresholdsFor(b, tail)
		if narrow.High < wide.High-1e-9 {
			t.Fatalf("a budget of %g gives %g, the smaller one of %g gives %g", a, wide.High, b, narrow.High)
		}
	})
}

func TestBudgetsThatMeanNothingAreRefused(t *testing.T) {
	for _, budget := range []float64{0, -1, math.NaN(), math.Inf(1), 2e6} {
		if _, err := ThresholdsFor(budget, tail); !errors.Is(err, ErrBudget) {
			t.Errorf("a budget of %g gave %v, want ErrBudget", budget, err)
		}
	}
	if _, err := ThresholdsFor(1, Tail{}); !errors.Is(err, ErrBudget) {
		t.Errorf("an empty tail gave %v, want ErrBudget", err)
	}
}
