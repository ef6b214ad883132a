package fit

import (
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/metric"
)

func TestWhatIsAllowedFollowsFromPeople(t *testing.T) {
	got := usualOf([][]heard{{{output: 1}, {output: 3}}, {{output: -2}}, {{output: 0}}})
	// Means 2, -2 and 0 have a variance of 8/3; two windows of one person lie 1 from their mean.
	want := presence.UsualBounds{
		Mean: 0, Windows: usualWindows, Most: 3.266,
		Session: &presence.SessionBounds{People: 2.667, Sessions: 2.667, Window: 4, Least: -1.633, Most: 4.95, Scale: 1},
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("of people whose means are 2, -2 and 0 (-want +got):\n%s", diff)
	}
}

func TestPeopleAreStrangersOnceAndKnownByEachHalf(t *testing.T) {
	people := [][]heard{make([]heard, 9), make([]heard, 2*leastKnown-1)}
	for i := range people {
		for k := range people[i] {
			people[i][k] = heard{output: float64(k), hours: 1}
		}
	}
	if of := strangers(people); len(of) != 2 || hoursSat(of) != 16 || of[0].earlier != nil {
		t.Errorf("strangers %+v; want both, 16 hours, of whom nothing is known", of)
	}
	want := []sitting{{people[0][:4], people[0][4:]}, {people[0][4:], people[0][:4]}}
	if got := acquainted(people); !cmp.Equal(got, want, cmp.AllowUnexported(sitting{}, heard{})) {
		t.Errorf("known people %+v, want %+v: who has too little is left out", got, want)
	}
}

// Somebody who looks like a forgery from the first window on is found by what the session says, though the sum forgives; not
// where it was so in earlier sessions; and again once the session began anew.
func TestAlarmsOfWholeSessions(t *testing.T) {
	j := firstMeasure(t)
	j.Offset = -1
	j.Usual = &presence.UsualBounds{Mean: 0, Windows: 1, Most: 9, Session: &presence.SessionBounds{People: 0.25, Sessions: 0.1, Window: 1, Least: -1, Most: 3, Scale: 1}}
	session := slices.Repeat([]heard{{output: 1.8}, {output: 9, short: true}}, 40)
	for name, c := range map[string]struct {
		of    sitting
		run   float64
		alarm bool
	}{
		"sums alone": {sitting{windows: session}, math.Inf(1), false},
		"a stranger": {sitting{windows: session}, 3, true},
		"usual":      {sitting{slices.Repeat([]heard{{output: 1.2}}, 100), session}, 3, false},
	} {
		if got := sumAlarms([]sitting{c.of}, j, 4, c.run); (got > 0) != c.alarm {
			t.Errorf("%s: %d alarms; want some: %v", name, got, c.alarm)
		}
	}
	once, twice := sumAlarms([]sitting{{windows: session[:40]}}, j, 4, 3), sumAlarms([]sitting{{windows: session}}, j, 4, 3)
	if once < 1 || twice < 2*once {
		t.Errorf("%d alarms in half the session and %d in all; want them again and again", once, twice)
	}
}

func TestBoundsKeepThePromiseForStrangersAndForKnownPeople(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	people := make([][]heard, 300)
	for i := range people {
		own := rng.NormFloat64()
		for range 30 {
			people[i] = append(people[i], heard{output: own + 1.3*rng.NormFloat64(), hours: 0.01})
		}
	}
	j := firstMeasure(t)
	j.Slope = 0.5
	boundTogether(j, people, io.Discard)
	run := j.Found / j.Usual.Session.Scale
	if j.Found >= mostFound || !(j.Usual.Session.Scale > 0.1) {
		t.Fatalf("found from %g, scale %g; want bounds", j.Found, j.Usual.Session.Scale)
	}
	j.Usual.Session.Scale = 1
	for name, of := range map[string][]sitting{"strangers": strangers(people), "known": acquainted(people)} {
		n := sumAlarms(of, j, j.Found, run)
		if most := metric.PoissonInterval(n)[1]; 40*most/hoursSat(of) > mostAlarmsPer40H {
			t.Errorf("%s raise %d alarms in %g hours, at most %g", name, n, hoursSat(of), most)
		}
		if lower := sumAlarms(of, j, j.Found/2, run/2); lower <= n {
			t.Errorf("%s raise %d alarms by bounds half as far as those that raise %d", name, lower, n)
		}
	}
}
