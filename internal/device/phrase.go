package device

import (
	"fmt"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// Phrase says that the application has a text of its own typed from now on, of so many strokes (enter and tab not
// counted, shift keys counted). The number is the application's for this text, 1 to observation.MaxPhrase, and another
// one for another text. Key events are the phrase's until it ends. A phrase that was being typed is dropped.
func (c *Collector) Phrase(number int64, strokes int) error {
	if number < 1 || number > observation.MaxPhrase {
		return fmt.Errorf("device: phrase number %d; want 1 to %d", number, observation.MaxPhrase)
	}
	if strokes < window.PhraseMinStrokes || strokes > window.PhraseMaxStrokes {
		return fmt.Errorf("device: a phrase of %d strokes; want %d to %d", strokes, window.PhraseMinStrokes, window.PhraseMaxStrokes)
	}
	c.phrase, c.number = window.NewPhraseCutter(strokes), number
	return nil
}

// EndPhrase says that the application has taken the phrase, and gives its observation; where a key is still held, the
// observation comes with its release.
func (c *Collector) EndPhrase() []observation.Observation {
	if c.phrase == nil {
		return nil
	}
	return c.observePhrase(c.phrase.End())
}

// DropPhrase says that the application does not want the phrase after all: nothing is computed of it.
func (c *Collector) DropPhrase() { c.phrase = nil }

// flushPhrase gives the phrase whose last release is still waited for; one that has not ended is dropped.
func (c *Collector) flushPhrase() []observation.Observation {
	if c.phrase == nil {
		return nil
	}
	out := c.observePhrase(c.phrase.Flush())
	c.phrase = nil
	return out
}

func (c *Collector) observePhrase(p window.Phrase, done bool) []observation.Observation {
	if !done {
		return nil
	}
	c.phrase = nil
	if p.EndMS == 0 && p.StartMS == 0 { // not a key was pressed: there is no time to tell and nothing to say
		return nil
	}
	o := c.begin(observation.Phrase, p.StartMS, p.EndMS)
	c.sequence++
	o.Sequence = c.sequence
	o.Phrase, o.Events = c.number, p.Positions
	o.Model, o.Embedding = embed.PhraseModel, embed.Phrase(p)
	o.FeatureList, o.Features = feature.PhraseList.Name, feature.Phrase(p)
	o.Liveness = liveness.Phrase(p)
	o.Quality = liveness.PhraseFlags(p, o.Liveness, c.options.Simulated)
	return []observation.Observation{o}
}
