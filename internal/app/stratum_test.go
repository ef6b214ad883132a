package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/extreme"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
)

// withStrata writes the open weights with ladders for some strata and gives the file.
func withStrata(t *testing.T) string {
	t.Helper()
	w, err := compare.Load("open")
	if err != nil {
		t.Fatal(err)
	}
	ladder := func(perHour float64) compare.Tail {
		return compare.Tail{Slope: 1, Rungs: []compare.Rung{{LogOdds: 0, PerHour: perHour}},
			Beyond: &extreme.Tail{PerHour: perHour, Scale: 1, Hours: 9}, HoursOfData: 9, People: 9}
	}
	w.Tail = ladder(1)
	w.Tail.Strata = []compare.StratumTail{
		{Stratum: compare.Stratum{Keyboard: true}, Tail: ladder(7)},
		{Stratum: compare.Stratum{Ripe: true, Keyboard: true, Pointer: true}, Tail: ladder(0.5)},
	}
	raw, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "weights.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestThresholdsAreThoseOfTheSessionsStratum(t *testing.T) {
	a, err := NewAssessor(withStrata(t), 10, false)
	if err != nil {
		t.Fatal(err)
	}
	session := func(young bool, modalities ...observation.Modality) Session {
		s := Session{Young: young}
		for _, m := range modalities {
			s.Evidence = append(s.Evidence, review.Evidence{Modality: m})
		}
		return s
	}
	common := a.Thresholds.High
	for name, c := range map[string]struct {
		s    Session
		want int // compared with the common threshold
	}{
		"nothing compared":             {session(false), 0},
		"young, typing":                {session(true, observation.Keyboard), 1},
		"ripe, typing: no ladder":      {session(false, observation.Keyboard), 0},
		"ripe, typing and pointing":    {session(false, observation.Pointer, observation.Keyboard), -1},
		"young, both: no ladder":       {session(true, observation.Pointer, observation.Keyboard), 0},
		"ripe, both, and some touches": {session(false, observation.Touch, observation.Pointer, observation.Keyboard), -1},
	} {
		got := a.ThresholdsFor(c.s).High
		if (c.want > 0) != (got > common) || (c.want < 0) != (got < common) {
			t.Errorf("%s: %g beside the common %g, want %+d", name, got, common, c.want)
		}
	}
	a.Shift(1)
	if got, want := a.ThresholdsFor(session(true, observation.Keyboard)).High, a.Thresholds.High; got <= want {
		t.Errorf("after a shift the young stratum has %g and all others %g, want it still above", got, want)
	}
}

func TestReferencesRipen(t *testing.T) {
	for weight, want := range map[float64]bool{enrol.KeyboardMature: false, 9 * enrol.KeyboardMature: false, 10 * enrol.KeyboardMature: true} {
		r := enrol.Reference{Key: enrol.Key{Modality: observation.Keyboard}, Comparison: compare.Reference{Weight: weight}}
		if got := ripe(r); got != want {
			t.Errorf("a reference of %g windows: ripe %t, want %t", weight, got, want)
		}
	}
}

// What an older version wrote holds no maturity: it is judged by the ladder of ripe references, as it was.
func TestOlderSessionsAreJudgedAsBefore(t *testing.T) {
	var s Session
	if err := json.Unmarshal([]byte(`{"id":"s","compared":true}`), &s); err != nil {
		t.Fatal(err)
	}
	if got := stratumOf(s); got != (policy.Stratum{Ripe: true}) {
		t.Errorf("got %s, want a ripe reference", got)
	}
}

func TestASignInForgetsThatAReferenceWasYoung(t *testing.T) {
	a := newAssessor(t)
	s := a.Open("s", "p", 0)
	s.Young, s.Compared = true, true
	if s, _ = a.Reauthenticate(s, 1); s.Young {
		t.Error("after the sign-in the session is still judged by the young reference")
	}
}
