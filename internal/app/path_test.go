package app

import (
	"math"
	"testing"

	"ipse.dev/ipse/internal/trust"
)

// A person's own windows count for them: the hazard of the time between two windows is not held against the second.
func TestWhatAWindowCountsForHasNoHazardInIt(t *testing.T) {
	m := trust.Default()
	s, atMS := m.Begin(0), int64(0)
	for i, stepMS := range []int64{10_000, 10_000, 0, 5_000, 60_000, 0, 10_000, 90_000, 30_000} {
		atMS += stepMS
		unsaid := withoutWindow(m, s, atMS)
		if waited := m.Wait(s, atMS).LogOdds; unsaid < waited-1e-9 || stepMS == 0 && math.Abs(unsaid-waited) > 1e-9 {
			t.Errorf("window %d: %.3f without it, %.3f before its time; want the hazard of %d ms more", i, unsaid, waited, stepMS)
		}
		if s = m.Update(s, "keyboard", 3.5, atMS); s.LogOdds >= unsaid {
			t.Errorf("window %d that is the person's own took the log-odds of a takeover from %.3f to %.3f; want it to count for them", i, unsaid, s.LogOdds)
		}
	}
	if unsaid := withoutWindow(m, s, atMS+10_000); m.Update(s, "keyboard", -3.5, atMS+10_000).LogOdds <= unsaid {
		t.Error("somebody else's window counts for the person")
	}
}
