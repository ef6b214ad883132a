package redteam

import (
	"testing"

	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
)

// twoPeopleIn reports whether two people are found in a stretch.
func twoPeopleIn(s Stretch) bool {
	c := device.NewCollector(device.Options{DeviceClass: observation.Desktop, OriginUnixMS: 1})
	judge, state := presence.Default(), presence.State{}
	for _, o := range append(c.Play(s.Keys, s.Pointers), c.Flush()...) {
		var findings []presence.Finding
		state, findings = judge.Update(state, presence.Window{Observation: o})
		for _, f := range findings {
			if f.Kind == presence.TwoPeople && f.Found {
				return true
			}
		}
	}
	return false
}

func TestTwoPeopleAreFoundAndOneIsNot(t *testing.T) {
	for seed := range uint64(4) {
		m := Generated(seed)
		together := hands[0].Make(nil, m, Length{DurationMS: 120_000})
		if len(together.Keys) == 0 || len(together.Pointers) == 0 {
			t.Fatalf("seed %d: %d keys and %d pointer events, want both", seed, len(together.Keys), len(together.Pointers))
		}
		if !twoPeopleIn(together) {
			t.Errorf("seed %d: typing and pointing at once for two minutes is not found", seed)
		}
		if twoPeopleIn(m.Hands) {
			t.Errorf("seed %d: one who does both by turns is taken for two", seed)
		}
		if again := hands[0].Make(nil, m, Length{DurationMS: 120_000}); len(again.Keys) != len(together.Keys) || again.Keys[5] != together.Keys[5] {
			t.Errorf("seed %d: the attack changes what it is made from", seed)
		}
	}
}
