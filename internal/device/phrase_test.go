package device

import (
	"slices"
	"testing"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
)

// strokes gives n strokes from a time, 150 ms apart and held for 80 ms.
func strokes(n int, fromMS float64) []event.Key {
	var out []event.Key
	for i := range n {
		at := fromMS + 150*float64(i)
		out = append(out, event.Key{TimeMS: at, Class: event.LeftLetter, Down: true, Trusted: true},
			event.Key{TimeMS: at + 80, Class: event.LeftLetter, Trusted: true})
	}
	return out
}

func TestAPhraseBecomesAnObservationOfItsOwn(t *testing.T) {
	c := NewCollector(Options{OriginUnixMS: origin})
	if got := c.Play(strokes(20, 1000), nil); len(got) != 0 {
		t.Fatalf("20 strokes gave %d observations, want none yet", len(got))
	}
	if err := c.Phrase(7, 12); err != nil {
		t.Fatal(err)
	}
	if got := c.Play(strokes(12, 10_000), nil); len(got) != 0 {
		t.Fatalf("the phrase gave %d observations before it ended, want none", len(got))
	}
	got := c.EndPhrase()
	if len(got) != 1 {
		t.Fatalf("%d observations, want the phrase's", len(got))
	}
	o := got[0]
	if o.Modality != observation.Phrase || o.Phrase != 7 || o.Events != 12 || o.Model != embed.PhraseModel || len(o.Embedding) != 23 {
		t.Errorf("got %+v, want 23 timings of phrase 7", o)
	}
	if o.StartMS != origin+10_000 || o.DurationMS != 11*150+80 || len(o.Quality) != 0 || o.Features[0] != 80 || o.Features[2] != 150 {
		t.Errorf("got %+v, want 1,730 ms from 10 s on, dwells of 80 ms and intervals of 150 ms, no remark", o)
	}
	// The phrase's strokes are no window's: ten more fill the window of 30 that 20 have begun.
	if got := c.Play(strokes(10, 13_000), nil); len(got) != 1 || got[0].Modality != observation.Keyboard || got[0].Sequence != 2 {
		t.Errorf("got %+v, want one window of typing, number 2", got)
	}
}

func TestABrokenPhraseTellsNothingOfWhatWasTyped(t *testing.T) {
	c := NewCollector(Options{})
	for name, typed := range map[string][]event.Key{"too short": strokes(5, 1000), "too long": strokes(13, 1000)} {
		if err := c.Phrase(1, 12); err != nil {
			t.Fatal(err)
		}
		c.Play(typed, nil)
		got := c.EndPhrase()
		if len(got) != 1 || !slices.Contains(got[0].Quality, observation.BrokenPhrase) || got[0].Events != 12 {
			t.Fatalf("%s: got %+v, want one broken phrase of 12 positions", name, got)
		}
		if slices.Max(got[0].Embedding) != -128 || slices.Max(got[0].Features) != 0 {
			t.Errorf("%s: %v and %v, want no timing", name, got[0].Embedding, got[0].Features)
		}
	}
}

func TestAPhraseThatNobodyWantsGivesNothing(t *testing.T) {
	c := NewCollector(Options{})
	for _, err := range []error{c.Phrase(0, 12), c.Phrase(1<<31, 12), c.Phrase(1, 5), c.Phrase(1, 65)} {
		if err == nil {
			t.Error("an impossible phrase was taken")
		}
	}
	if got := c.EndPhrase(); got != nil {
		t.Errorf("ending no phrase gave %v", got)
	}
	if err := c.Phrase(1, 12); err != nil {
		t.Fatal(err)
	}
	if got := c.EndPhrase(); got != nil {
		t.Errorf("a phrase of which nothing was typed gave %v", got)
	}
	if err := c.Phrase(1, 12); err != nil {
		t.Fatal(err)
	}
	c.Play(strokes(12, 1000), nil)
	c.DropPhrase()
	if got := append(c.EndPhrase(), c.Flush()...); len(got) != 0 {
		t.Errorf("a dropped phrase gave %v", got)
	}
	if err := c.Phrase(1, 12); err != nil {
		t.Fatal(err)
	}
	c.Play(strokes(12, 9000), nil)
	if got := c.Flush(); len(got) != 0 {
		t.Errorf("a phrase that did not end gave %v", got)
	}
}

func TestTheEndWaitsForTheLastRelease(t *testing.T) {
	c := NewCollector(Options{})
	if err := c.Phrase(1, 12); err != nil {
		t.Fatal(err)
	}
	typed := strokes(12, 1000)
	c.Play(typed[:23], nil)
	if got := c.EndPhrase(); len(got) != 0 {
		t.Fatalf("got %v with a key still held, want nothing yet", got)
	}
	if got := c.Key(typed[23]); len(got) != 1 || len(got[0].Quality) != 0 {
		t.Errorf("the last release gave %+v, want the phrase", got)
	}
}
