package review

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

func TestParseVerdict(t *testing.T) {
	for _, v := range []Verdict{Impostor, RightPerson, CannotTell} {
		if got, err := ParseVerdict(string(v)); got != v || err != nil {
			t.Errorf("ParseVerdict(%q) = %q, %v", v, got, err)
		}
	}
	for _, s := range []string{"", "Impostor", "right person", "guilty"} {
		if got, err := ParseVerdict(s); got != Undecided || !errors.Is(err, ErrVerdict) {
			t.Errorf("ParseVerdict(%q) = %q, %v; want ErrVerdict", s, got, err)
		}
	}
}

func TestCasesRoundTripThroughStorage(t *testing.T) {
	c := Case{
		ID: "c", Session: "s", Subject: "p", OpenedAt: time.Unix(1_792_193_381, 0).UTC(), Level: policy.High, Trust: 0.001,
		Reasons: []policy.ReasonCode{policy.Mismatch}, Verdict: Impostor, DecidedAt: time.Unix(1_792_193_999, 0).UTC(),
		Evidence: []Evidence{{Modality: observation.Keyboard, Score: -3.2, Deviations: []enrol.Deviation{
			{Feature: "letter_dwell_median_ms", Unit: "ms", Value: 131, Usual: 100, Sigmas: 4.2},
		}}},
	}
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back Case
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, back); diff != "" {
		t.Errorf("(-kept +read):\n%s", diff)
	}
}
