package presence

import (
	"math/rand/v2"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/sim"
	keys "ipse.dev/ipse/internal/window"
)

func TestProgramsThatImitateNobodyAreFoundInTheirFirstWindow(t *testing.T) {
	for _, a := range adversary.KeyAttacks {
		if a.Group != adversary.NaiveKeys {
			continue
		}
		missed, made := 0, 40
		for seed := range made {
			windows := observed(a.Make(rand.New(rand.NewPCG(uint64(seed), 77)), adversary.KeyMaterial{}, keys.KeyboardStrokes))
			if foundAfter(windows[:1], InjectedKeys) != 1 {
				missed++
			}
		}
		if missed > made/10 {
			t.Errorf("%s: %d of %d are not found in their first window, want a tenth at most", a.Family, missed, made)
		}
	}
}

// Generated people are programs, too, and no test of false alarms: those are measured on recorded people (decision 18). Hardly
// any of their windows may look like an injector's all the same.
func TestGeneratedPeopleHardlyLookLikeInjectors(t *testing.T) {
	found, all := 0, 0
	for seed := range uint64(5) {
		session := sim.NewPerson(seed).Session(seed)
		var events []event.Key
		for _, k := range session.Type(strings.Repeat("The customer asked for another copy of the invoice and I sent it to her. ", 8), sim.QWERTY, 0) {
			events = append(events, k.Event())
		}
		for _, w := range observed(events) {
			all++
			if foundAfter([]Window{w}, InjectedKeys) > 0 {
				found++
			}
		}
	}
	if found > all/25 {
		t.Errorf("%d of %d windows are taken for an injector's, want one in 25 at most", found, all)
	}
}
