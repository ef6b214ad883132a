package sim

import (
	"math"
	"slices"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
)

func drawText(t *rapid.T, layout Layout) string {
	if rapid.Bool().Draw(t, "free text") {
		return rapid.StringN(0, 80, -1).Draw(t, "text")
	}
	language := "en"
	if layout == AZERTY {
		language = "fr"
	}
	return rapid.SampledFrom(Sentences(language)).Draw(t, "sentence")
}

func TestTypingLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		person := NewPerson(rapid.Uint64().Draw(t, "person"))
		layout := Layout(rapid.IntRange(0, 1).Draw(t, "layout"))
		text := drawText(t, layout)
		startMS := rapid.Float64Range(0, 1e9).Draw(t, "start")
		keys := person.Session(rapid.Uint64().Draw(t, "session")).Type(text, layout, startMS)

		// Invalid UTF-8 cannot be typed; the runes of the text are what is typed.
		if got, want := Apply(keys), string([]rune(text)); got != want {
			t.Fatalf("typing leaves %q, want %q", got, want)
		}
		held := map[string]bool{}
		lastMS := startMS
		for i, k := range keys {
			if !(k.TimeMS >= lastMS) {
				t.Fatalf("key %d at %v ms comes before its predecessor or the start at %v ms", i, k.TimeMS, lastMS)
			}
			lastMS = k.TimeMS
			if k.Down == held[k.Code] {
				t.Fatalf("key %d: %s goes down=%v while held=%v", i, k.Code, k.Down, held[k.Code])
			}
			held[k.Code] = k.Down
			if !k.Down && k.Text != "" {
				t.Fatalf("key %d writes %q on release", i, k.Text)
			}
		}
		for code, down := range held {
			if down {
				t.Fatalf("%s is never released", code)
			}
		}
	})
}

func TestPointingLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		person := NewPerson(rapid.Uint64().Draw(t, "person"))
		place := func(name string) Point {
			return Point{rapid.Float64Range(0, 2000).Draw(t, name+" x"), rapid.Float64Range(0, 1500).Draw(t, name+" y")}
		}
		from, to := place("from"), place("to")
		widthPX := rapid.Float64Range(8, 300).Draw(t, "width")
		events := person.Session(rapid.Uint64().Draw(t, "session")).Point(from, to, widthPX, 1000)
		if n := len(events); n < 2 || events[n-2].Kind != event.Press || events[n-1].Kind != event.Release {
			t.Fatalf("pointing ends with %+v, want a press and a release", events[max(0, n-2):])
		}
		for i, e := range events {
			if i > 0 && e.TimeMS < events[i-1].TimeMS {
				t.Fatalf("event %d at %v ms comes before its predecessor at %v ms", i, e.TimeMS, events[i-1].TimeMS)
			}
			if sum := e.TimeMS + e.X + e.Y; math.IsNaN(sum) || math.IsInf(sum, 0) {
				t.Fatalf("event %d is not finite: %+v", i, e)
			}
		}
		end := events[len(events)-1]
		if miss := math.Hypot(end.X-to.X, end.Y-to.Y); miss > 0.8*widthPX+0.12*math.Hypot(to.X-from.X, to.Y-from.Y)+4 {
			t.Errorf("the click lies %v px from the target's middle, target width %v px", miss, widthPX)
		}
		if last := end.TimeMS - 1000; last > 8000 {
			t.Errorf("pointing took %v ms, want less than 8000", last)
		}
	})
}

func TestSameSeedsSameBehaviour(t *testing.T) {
	stretch := func(person, session uint64) Stretch {
		return NewPerson(person).Session(session).Work("fr", 0, 60_000)
	}
	if diff := cmp.Diff(stretch(7, 1), stretch(7, 1)); diff != "" {
		t.Errorf("two runs with the same seeds differ (-first +second):\n%s", diff)
	}
	if cmp.Equal(stretch(7, 1), stretch(7, 2)) {
		t.Error("two sessions of one person are the same to the last millisecond")
	}
	if cmp.Equal(stretch(7, 1), stretch(8, 1)) {
		t.Error("two people behave the same to the last millisecond")
	}
}

// medians gives the medians of dwell and of press-to-press intervals below a second.
func medians(s Stretch) (dwellMS, intervalMS float64) {
	var dwells, intervals []float64
	pressed := map[event.Class]float64{}
	lastMS := math.Inf(-1)
	for _, k := range s.Keys {
		if !k.Down {
			dwells = append(dwells, k.TimeMS-pressed[k.Class])
			continue
		}
		pressed[k.Class] = k.TimeMS
		if d := k.TimeMS - lastMS; d < 1000 {
			intervals = append(intervals, d)
		}
		lastMS = k.TimeMS
	}
	sort.Float64s(dwells)
	sort.Float64s(intervals)
	return dwells[len(dwells)/2], intervals[len(intervals)/2]
}

func TestPeopleDifferMoreThanTheirSessions(t *testing.T) {
	const people, sessions = 24, 3
	var within, between, means []float64
	for p := range uint64(people) {
		var own []float64
		for s := range uint64(sessions) {
			dwellMS, _ := medians(NewPerson(p).Session(s).Work("en", 0, 120_000))
			own = append(own, dwellMS)
		}
		mean := (own[0] + own[1] + own[2]) / 3
		means = append(means, mean)
		for _, v := range own {
			within = append(within, math.Abs(v-mean))
		}
	}
	for i, a := range means {
		for _, b := range means[:i] {
			between = append(between, math.Abs(a-b))
		}
	}
	sort.Float64s(within)
	sort.Float64s(between)
	w, b := within[len(within)/2], between[len(between)/2]
	if b < 3*w {
		t.Errorf("median dwell differs by %.1f ms between people and %.1f ms within one, want at least three times as much", b, w)
	}
	if w == 0 {
		t.Error("sessions of one person do not differ at all")
	}
}

func TestPopulationLiesInPublishedRanges(t *testing.T) {
	var dwells, intervals []float64
	for p := range uint64(150) {
		dwellMS, intervalMS := medians(NewPerson(p).Session(1).Work("en", 0, 60_000))
		dwells, intervals = append(dwells, dwellMS), append(intervals, intervalMS)
	}
	checks := []struct {
		name               string
		values             []float64
		meanLow, meanHigh  float64
		leastSD, largestSD float64
	}{
		// Dhakal et al. 2018: intervals 239 ± 112 ms with pauses; the median within words lies below the mean.
		{"interval median", intervals, 140, 240, 40, 120},
		{"dwell median", dwells, 90, 140, 18, 45},
	}
	for _, c := range checks {
		sum, squares := 0.0, 0.0
		for _, v := range c.values {
			sum += v
			squares += v * v
		}
		n := float64(len(c.values))
		mean := sum / n
		sd := math.Sqrt(squares/n - mean*mean)
		if mean < c.meanLow || mean > c.meanHigh || sd < c.leastSD || sd > c.largestSD {
			t.Errorf("%s: %.0f ± %.0f ms over people, want a mean in [%v, %v] and a deviation in [%v, %v]",
				c.name, mean, sd, c.meanLow, c.meanHigh, c.leastSD, c.largestSD)
		}
	}
}

func TestWorkIsOrderedAndMixed(t *testing.T) {
	s := NewPerson(3).Session(9).Work("en", 5_000, 95_000)
	if !slices.IsSortedFunc(s.Keys, func(a, b event.Key) int { return cmpFloat(a.TimeMS, b.TimeMS) }) {
		t.Error("keys are out of order")
	}
	if !slices.IsSortedFunc(s.Pointers, func(a, b event.Pointer) int { return cmpFloat(a.TimeMS, b.TimeMS) }) {
		t.Error("pointer events are out of order")
	}
	if len(s.Keys) < 150 || len(s.Pointers) < 150 {
		t.Errorf("90 s of work have %d key and %d pointer events, want at least 150 of each", len(s.Keys), len(s.Pointers))
	}
	if s.EndMS < 95_000 || s.EndMS > 140_000 {
		t.Errorf("work until 95 s ends at %.0f ms", s.EndMS)
	}
	software := s.Trusted(false)
	if software.Keys[0].Trusted || software.Pointers[0].Trusted || !s.Keys[0].Trusted {
		t.Error("Trusted(false) must mark a copy and leave the stretch as it was")
	}
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestEverySentenceIsOnItsKeyboard(t *testing.T) {
	for _, language := range Languages() {
		layout := LayoutFor(language)
		for _, sentence := range Sentences(language) {
			for _, c := range sentence {
				if k := layout.chord(c); k.code == "Unidentified" {
					t.Errorf("%s: no key writes %q in %q", language, c, sentence)
				}
			}
		}
	}
	if got := AZERTY.chord('ê'); got.dead != "BracketLeft" || got.code != "KeyE" {
		t.Errorf("ê is written by %+v, want the dead key BracketLeft, then KeyE", got)
	}
}
