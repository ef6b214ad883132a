package protocol

import (
	"strings"
	"testing"

	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/sim"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"

	"ipse.dev/ipse/internal/event"
)

func TestEveryWayOfTypingAndPointingHasAFigure(t *testing.T) {
	l := newLiveness()
	var c fit.Chimeras
	for i, id := range []string{"1", "2"} {
		work := sim.NewPerson(uint64(i)).Session(1).Work("en", 0, 600_000)
		c.Typing = append(c.Typing, fit.KeyPerson{Set: dataset.BBMAS, ID: id, Sessions: [][]event.Key{work.Keys}})
		c.Pointing = append(c.Pointing, fit.PointerPerson{Set: dataset.SapiMouse, ID: id, Sessions: [][]event.Pointer{work.Pointers}})
	}
	l.together(c)
	l.mediated(c)
	for _, way := range []string{"by_turns", "by_turns_with_a_thumb", "one_hand_for_each", "two_people"} {
		found, ok := l.result.Metrics["two_people."+way+".found"]
		if !ok || found < 0 || found > 1 || (found > 0 && way != "two_people") {
			t.Errorf("%s: %g of the streams are found (there: %v); want a share, and none of one person", way, found, ok)
		}
		if _, ok := l.result.CI95["two_people."+way+".found_per_40h"]; !ok {
			t.Errorf("%s: no interval of what is found in 40 hours", way)
		}
	}
	if got := l.result.Metrics["mediated_input.false"]; got != 0 {
		t.Errorf("%g of generated people's windows are taken for an aid's, want none", got)
	}
	if got := l.result.Metrics["mediated_input.switch.found"]; got != 1 {
		t.Errorf("a switch is found in %g of sittings, want all", got)
	}
	if notes := strings.Join(l.result.Notes, "\n"); !strings.Contains(notes, "accused of an attack in 0") || !strings.Contains(notes, "by turns") {
		t.Errorf("the notes say\n%s\nwant every way, and whether aids are accused", notes)
	}
}

func TestTimesFoundBeginsAnew(t *testing.T) {
	if got := timesFound(eager(4), presence.ForgedKeys, windowsOf(2, 2, 2, 2, 1)); got != 2 {
		t.Errorf("found %d times, want 2", got)
	}
}
