package window

import (
	"math"

	"ipse.dev/ipse/internal/event"
)

// Bounds of a phrase: a text that the application asks for and that everybody types the same way.
const (
	PhraseMinStrokes = 6       // strokes below which a phrase tells too little
	PhraseMaxStrokes = 64      // strokes of the longest phrase
	PhraseMaxMS      = 120_000 // time beyond which a phrase was not typed in one go
)

// Phrase is one typing of a phrase, its strokes in the order of their presses. A broken one has no strokes.
type Phrase struct {
	Positions int // strokes that the phrase should have
	Strokes   []Stroke
	Marks     Marks

	// Broken says that the phrase was not typed straight through: something was corrected, another number of keys was
	// pressed, a release was missed, software made events, or it took longer than PhraseMaxMS. What was typed then
	// cannot be laid beside what was typed before.
	Broken bool

	StartMS, EndMS float64 // of the first and the last event; both 0 when there was none
}

// PhraseCutter takes the key events of one typing of a phrase. Enter and tab end a phrase and are no part of it; a shift
// key is a stroke like every other. The zero value is not ready; use NewPhraseCutter.
type PhraseCutter struct {
	phrase Phrase
	held   []int // strokes that wait for their release, the oldest first
	lastMS float64
	begun  bool
	ending bool
}

// NewPhraseCutter waits for a phrase of so many strokes, kept between PhraseMinStrokes and PhraseMaxStrokes.
func NewPhraseCutter(positions int) *PhraseCutter {
	return &PhraseCutter{phrase: Phrase{Positions: max(PhraseMinStrokes, min(PhraseMaxStrokes, positions))}}
}

// Push takes the next key event. done says that the phrase has ended and that this was the last release it waited for.
func (c *PhraseCutter) Push(e event.Key) (p Phrase, done bool) {
	if math.IsNaN(e.TimeMS) || math.IsInf(e.TimeMS, 0) || !e.Class.Valid() || (c.begun && e.TimeMS < c.lastMS) {
		c.lose()
		return Phrase{}, false
	}
	if e.Class == event.Enter {
		return Phrase{}, false
	}
	if !e.Down {
		c.release(e)
	} else if !c.ending {
		c.press(e)
	}
	return c.whole()
}

func (c *PhraseCutter) press(e event.Key) {
	if !c.begun {
		c.begun, c.phrase.StartMS = true, e.TimeMS
	}
	c.lastMS, c.phrase.EndMS = e.TimeMS, e.TimeMS
	if !e.Trusted {
		c.phrase.Marks.Untrusted++
	}
	switch {
	case e.Repeat && e.Class == event.Shift: // a shift key that is held repeats and writes nothing
		c.phrase.Marks.Repeats++
		return
	case e.Repeat, e.Class == event.Backspace, e.Class == event.Modifier:
		c.phrase.Broken = true
	}
	if len(c.phrase.Strokes) == c.phrase.Positions {
		c.phrase.Broken = true
		return
	}
	c.held = append(c.held, len(c.phrase.Strokes))
	c.phrase.Strokes = append(c.phrase.Strokes, Stroke{PressMS: e.TimeMS, ReleaseMS: e.TimeMS, Class: e.Class})
}

// release ends the oldest held stroke of the event's class. One that fits none came from a key that was pressed before.
func (c *PhraseCutter) release(e event.Key) {
	for i, at := range c.held {
		s := &c.phrase.Strokes[at]
		if s.Class != e.Class {
			continue
		}
		if !e.Trusted {
			c.phrase.Marks.Untrusted++
		}
		s.ReleaseMS = e.TimeMS
		c.lastMS, c.phrase.EndMS = e.TimeMS, e.TimeMS
		c.held = append(c.held[:i], c.held[i+1:]...)
		if s.DwellMS() > LostReleaseMS {
			c.lose()
		}
		return
	}
}

func (c *PhraseCutter) lose() {
	c.phrase.Marks.Lost++
	c.phrase.Broken = true
}

// Mark notes something that happened while the phrase was typed. Text that came from elsewhere breaks it.
func (c *PhraseCutter) Mark(m event.Mark) {
	switch m.Kind {
	case event.Paste:
		c.phrase.Marks.Pastes++
		c.phrase.Broken = true
	case event.Composition:
		c.phrase.Marks.Compositions++
		c.phrase.Broken = true
	case event.Blur:
		for range c.held {
			c.lose()
		}
		c.held = nil
	}
}

// MarkUntrusted counts an event that software made and that is not taken for behaviour; the phrase is then not one
// person's typing alone.
func (c *PhraseCutter) MarkUntrusted() {
	c.phrase.Marks.Untrusted++
	c.phrase.Broken = true
}

// End says that the application has taken the phrase. A key that is still held is waited for: done tells whether none is.
func (c *PhraseCutter) End() (p Phrase, done bool) {
	c.ending = true
	return c.whole()
}

// Flush ends the phrase without waiting any longer; done is false when the application has not ended it.
func (c *PhraseCutter) Flush() (p Phrase, done bool) {
	for range c.held {
		c.lose()
	}
	c.held = nil
	return c.whole()
}

func (c *PhraseCutter) whole() (Phrase, bool) {
	if !c.ending || len(c.held) > 0 {
		return Phrase{}, false
	}
	p := c.phrase
	if len(p.Strokes) != p.Positions || p.EndMS-p.StartMS > PhraseMaxMS {
		p.Broken = true
	}
	if p.Broken {
		p.Strokes = nil
	}
	return p, true
}
