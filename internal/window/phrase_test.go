package window

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
)

// typed gives the events of six strokes, 100 ms apart and held for 60 ms.
func typed() []event.Key {
	var out []event.Key
	for i := range PhraseMinStrokes {
		at := 1000 + 100*float64(i)
		out = append(out, event.Key{TimeMS: at, Class: event.Class(i % 2), Down: true, Trusted: true},
			event.Key{TimeMS: at + 60, Class: event.Class(i % 2), Trusted: true})
	}
	return out
}

func phraseOf(events []event.Key, marks ...event.Mark) (Phrase, bool) {
	c := NewPhraseCutter(PhraseMinStrokes)
	for _, m := range marks {
		c.Mark(m)
	}
	for _, e := range events {
		if p, done := c.Push(e); done {
			return p, false // before anybody said that it has ended
		}
	}
	return c.End()
}

func TestAPhraseTypedStraightThroughIsWhole(t *testing.T) {
	p, done := phraseOf(typed())
	if !done || p.Broken || len(p.Strokes) != PhraseMinStrokes {
		t.Fatalf("got %+v (done: %v), want six strokes and nothing broken", p, done)
	}
	if p.StartMS != 1000 || p.EndMS != 1560 || p.Strokes[3].PressMS != 1300 || p.Strokes[3].DwellMS() != 60 {
		t.Errorf("got %+v, want strokes from 1000 to 1560, held for 60 ms", p)
	}
}

func TestWhatBreaksAPhrase(t *testing.T) {
	with := func(change func([]event.Key) []event.Key) []event.Key { return change(typed()) }
	stroke := func(c event.Class) func([]event.Key) []event.Key {
		return func(k []event.Key) []event.Key {
			return append(k, event.Key{TimeMS: 1700, Class: c, Down: true, Trusted: true}, event.Key{TimeMS: 1750, Class: c, Trusted: true})
		}
	}
	for name, c := range map[string]struct {
		events []event.Key
		marks  []event.Mark
		broken bool
	}{
		"enter at the end":  {events: with(stroke(event.Enter))},
		"a key from before": {events: append([]event.Key{{TimeMS: 1, Class: event.Shift, Trusted: true}}, typed()...)},
		"shift repeating": {events: with(func(k []event.Key) []event.Key {
			return append(k, event.Key{TimeMS: 1700, Class: event.Shift, Down: true, Repeat: true, Trusted: true})
		})},
		"a letter repeating": {events: with(func(k []event.Key) []event.Key {
			return append(k, event.Key{TimeMS: 1700, Down: true, Repeat: true, Trusted: true})
		}), broken: true},
		"a correction":       {events: with(stroke(event.Backspace)), broken: true},
		"an arrow key":       {events: with(stroke(event.Modifier)), broken: true},
		"a stroke too many":  {events: with(stroke(event.Digit)), broken: true},
		"a stroke too few":   {events: typed()[2:], broken: true},
		"nothing":            {broken: true},
		"a paste":            {events: typed(), marks: []event.Mark{{Kind: event.Paste}}, broken: true},
		"an input method":    {events: typed(), marks: []event.Mark{{Kind: event.Composition}}, broken: true},
		"a blur in between":  {events: typed(), marks: []event.Mark{{Kind: event.Blur}}},
		"time going back":    {events: with(func(k []event.Key) []event.Key { k[4].TimeMS = 1; return k }), broken: true},
		"time that is none":  {events: with(func(k []event.Key) []event.Key { k[4].TimeMS = math.NaN(); return k }), broken: true},
		"an unknown class":   {events: with(func(k []event.Key) []event.Key { k[4].Class = 99; return k }), broken: true},
		"a key held long":    {events: with(func(k []event.Key) []event.Key { k[11].TimeMS = 9000; return k }), broken: true},
		"minutes in between": {events: with(func(k []event.Key) []event.Key { k[10].TimeMS, k[11].TimeMS = 200_000, 200_060; return k }), broken: true},
	} {
		p, done := phraseOf(c.events, c.marks...)
		if !done || p.Broken != c.broken || (p.Broken && p.Strokes != nil) {
			t.Errorf("%s: broken %v with %d strokes (done: %v), want broken %v and then no stroke", name, p.Broken, len(p.Strokes), done, c.broken)
		}
	}
}

func TestTheLastReleaseIsWaitedFor(t *testing.T) {
	c := NewPhraseCutter(PhraseMinStrokes)
	events := typed()
	for _, e := range events[:11] {
		c.Push(e)
	}
	if _, done := c.End(); done {
		t.Fatal("done with a key still held, want it waited for")
	}
	if _, done := c.Push(event.Key{TimeMS: 1550, Class: event.Digit, Down: true, Trusted: true}); done {
		t.Fatal("done by a press after the end, want the held key waited for")
	}
	p, done := c.Push(events[11])
	if !done || p.Broken || len(p.Strokes) != PhraseMinStrokes {
		t.Fatalf("got %+v (done: %v), want six strokes", p, done)
	}

	c = NewPhraseCutter(PhraseMinStrokes)
	for _, e := range events[:11] {
		c.Push(e)
	}
	if _, done := c.Flush(); done {
		t.Error("flushing ended a phrase that the application has not taken")
	}
	c.End()
	if p, done := c.Flush(); !done || !p.Broken || p.Marks.Lost != 1 {
		t.Errorf("got %+v (done: %v), want a broken phrase with one release lost", p, done)
	}
}

func TestEventsOfSoftwareBreakAPhraseOrAreTold(t *testing.T) {
	c := NewPhraseCutter(PhraseMinStrokes)
	for _, e := range typed() {
		c.Push(e)
	}
	c.MarkUntrusted()
	if p, _ := c.End(); !p.Broken || p.Marks.Untrusted != 1 {
		t.Errorf("got %+v, want it broken and one event of software", p)
	}
	events := typed()
	for i := range events {
		events[i].Trusted = false
	}
	if p, _ := phraseOf(events); p.Broken || p.Marks.Untrusted != 12 {
		t.Errorf("got %+v, want all twelve events told as software's", p)
	}
}

func TestAnyEventsGiveAPhraseOrABrokenOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewPhraseCutter(rapid.IntRange(-5, 100).Draw(t, "positions"))
		for range rapid.IntRange(0, 200).Draw(t, "events") {
			c.Push(event.Key{
				TimeMS: rapid.Float64Range(0, 1e5).Draw(t, "at"), Class: event.Class(rapid.IntRange(0, 10).Draw(t, "class")),
				Down: rapid.Bool().Draw(t, "down"), Repeat: rapid.Bool().Draw(t, "repeat"), Trusted: true,
			})
		}
		c.End()
		p, done := c.Flush()
		if !done || p.Positions < PhraseMinStrokes || p.Positions > PhraseMaxStrokes {
			t.Fatalf("got %+v (done: %v), want a phrase within its bounds", p, done)
		}
		if p.Broken != (p.Strokes == nil) || (!p.Broken && len(p.Strokes) != p.Positions) {
			t.Fatalf("got %+v, want either every stroke or a broken phrase", p)
		}
		for i, s := range p.Strokes {
			if s.DwellMS() < 0 || (i > 0 && s.PressMS < p.Strokes[i-1].PressMS) {
				t.Fatalf("stroke %d is %+v, want strokes in order", i, s)
			}
		}
	})
}
