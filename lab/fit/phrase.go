package fit

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/compare/fixedtext"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/quantile"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// What the fit of weights for phrases takes.
const (
	phraseLeast = 16 // repetitions of a person who counts
	phraseFirst = 5  // repetitions in which the text is new to somebody
)

// typist is one person's typings of one phrase, the oldest first.
type typist struct {
	id          string
	repetitions []observation.Embedding
}

// Phrase fits the weights for phrases from people who typed one password at home, without the unseen ones: how far a
// person's repetitions lie apart, and how loosely another person's timings follow. The calibration is fitted on scores
// that two halves of the people give with each other's figures.
func Phrase(log io.Writer, dir, terms string) (*compare.PhraseWeights, error) {
	people, err := passwordTypists(dir)
	if err != nil {
		return nil, err
	}
	w := &compare.PhraseWeights{Version: compare.WeightsVersion, Name: embed.PhraseModel, Scale: 1,
		Seen: map[string][]string{dataset.Freihaut: {}},
		Card: compare.Card{
			Purpose: "How far one person's repetitions of a text lie apart and how loosely another person's timings follow: eight figures and a calibration; nothing of any one person.",
			Data:    []compare.CardData{{Name: dataset.Freihaut, People: len(people), Terms: terms}},
			Rebuild: "ipse fit phrase --data DIR --out FILE",
		},
	}
	for _, p := range people {
		w.Seen[dataset.Freihaut] = append(w.Seen[dataset.Freihaut], p.id)
	}
	people = slices.DeleteFunc(people, func(p typist) bool { return len(p.repetitions) < phraseLeast })
	if len(people) < 4 {
		return nil, fmt.Errorf("fit: %d people typed the password %d times; want at least four", len(people), phraseLeast)
	}
	var scores []scored
	for half := range 2 {
		var own, other []typist
		for i, p := range people {
			if i%2 == half {
				own = append(own, p)
			} else {
				other = append(other, p)
			}
		}
		crossed := &compare.PhraseWeights{Typing: typingOf(other)}
		more, err := phraseScores(crossed, own)
		if err != nil {
			return nil, err
		}
		scores = append(scores, more...)
	}
	if w.Scale, w.Offset, w.Odd, w.Alike, err = soberly(scores); err != nil {
		return nil, err
	}
	w.Typing = typingOf(people)
	fmt.Fprintf(log, "phrase: %d people, one typing EER %.1f %%, scale %.3f, offset %.3f, odd %.4f, alike %.4f\n",
		len(people), 100*errorRate(scores), w.Scale, w.Offset, w.Odd, w.Alike)
	return w, nil
}

// CalibrateBackground gives the comparator of a background, calibrated on the background people alone: two halves of
// them compare each other's typings, each person's later ones and other people's first ones.
func CalibrateBackground(w *compare.PhraseWeights, people [][]observation.Embedding) (*compare.PhraseWeights, error) {
	out := *w
	var err error
	if out.Background, err = fixedtext.NewBackground(w.Typing, people); err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	var scores []scored
	for half := range 2 {
		var own []typist
		var other [][]observation.Embedding
		for i, p := range people {
			if i%2 == half {
				own = append(own, typist{repetitions: p})
			} else {
				other = append(other, p)
			}
		}
		crossed := *w
		if crossed.Background, err = fixedtext.NewBackground(w.Typing, other); errors.Is(err, fixedtext.ErrTooFew) {
			return &out, nil // too few people to learn more than the background itself
		}
		if err != nil {
			return nil, fmt.Errorf("fit: %w", err)
		}
		more, err := phraseScores(&crossed, own)
		if err != nil {
			return nil, err
		}
		scores = append(scores, more...)
	}
	out.Scale, out.Offset, out.Odd, out.Alike, err = soberly(scores)
	return &out, err
}

// phraseScores compares each person's first half of repetitions with their second, and with everybody else's first.
func phraseScores(w *compare.PhraseWeights, people []typist) ([]scored, error) {
	var out []scored
	for i, p := range people {
		half := len(p.repetitions) / 2
		r := compare.Reference{Repetitions: p.repetitions[:half]}
		for j, other := range people {
			probes := other.repetitions[:min(phraseFirst, len(other.repetitions))]
			weight := 1 / float64(len(probes)*max(1, len(people)-1))
			if i == j {
				probes = p.repetitions[half:]
				weight = 1 / float64(len(probes))
			}
			raw, err := w.Raw(r, probesOf(probes))
			if err != nil {
				return nil, fmt.Errorf("fit: %w", err)
			}
			for _, x := range raw {
				out = append(out, scored{score: x, mated: i == j, weight: weight})
			}
		}
	}
	return out, nil
}

func probesOf(all []observation.Embedding) []compare.Probe {
	out := make([]compare.Probe, len(all))
	for i, e := range all {
		out[i] = compare.Probe{Embedding: e}
	}
	return out
}

// typingOf learns how people type from those who typed one text.
func typingOf(people []typist) fixedtext.Typing {
	timings := len(people[0].repetitions[0])
	habit := func(from, to int) fixedtext.Habit {
		var spread, n float64
		var usual, theirs []float64 // a person's usual timing, and another's at the same position
		for i, p := range people {
			half := p.repetitions[:len(p.repetitions)/2]
			for at := from; at < to; at++ {
				own := timingsAt(half, at)
				median := quantile.Of(own, 0.5)
				spread += math.Log(math.Max(0.01, (quantile.Of(own, 0.75)-quantile.Of(own, 0.25))/1.349))
				n++
				for j, other := range people {
					if i == j {
						continue
					}
					for _, x := range timingsAt(other.repetitions[:phraseFirst], at) {
						usual, theirs = append(usual, median), append(theirs, x)
					}
				}
			}
		}
		h := fixedtext.Habit{Spread: math.Exp(spread / n)}
		h.Base, h.Share = line(usual, theirs)
		apart := 0.0
		for i, x := range usual {
			apart += math.Abs(theirs[i] - h.Base - h.Share*x)
		}
		h.Width = meanDeviation * apart / float64(len(usual))
		return fixedtext.Habit{Spread: round(h.Spread), Base: round(h.Base), Share: round(h.Share), Width: round(h.Width)}
	}
	positions := (timings + 1) / 2
	return fixedtext.Typing{Dwell: habit(0, positions), Interval: habit(positions, timings)}
}

// meanDeviation makes a mean absolute deviation the scale of a Student distribution with eight degrees of freedom, whose
// mean absolute deviation is 0.86 scales.
const meanDeviation = 1.16

// line is the least-squares line through points.
func line(x, y []float64) (base, slope float64) {
	var mx, my, xx, xy float64
	for i := range x {
		mx += x[i] / float64(len(x))
		my += y[i] / float64(len(x))
	}
	for i := range x {
		xx += (x[i] - mx) * (x[i] - mx)
		xy += (x[i] - mx) * (y[i] - my)
	}
	if xx > 0 {
		slope = xy / xx
	}
	return my - slope*mx, slope
}

func timingsAt(repetitions []observation.Embedding, at int) []float64 {
	out := make([]float64, len(repetitions))
	for i, r := range repetitions {
		out[i] = (float64(r[at]) + 128) / embed.PhraseSteps
	}
	return out
}

// passwordTypists cuts everybody's typings of the password as a collector does. Only those count that were typed straight
// through, in the classes of keys of which the password is made.
func passwordTypists(dir string) ([]typist, error) {
	type typing struct {
		person  int
		classes string
		timings observation.Embedding
	}
	var people []typist
	var all []typing
	count := map[string]int{}
	err := dataset.Read(dataset.Freihaut, dir, dataset.Options{}, func(p dataset.Person) error {
		if RoleOf(dataset.Freihaut, p.ID) == Unseen {
			return nil
		}
		people = append(people, typist{id: p.ID})
		for _, s := range p.Sessions {
			presses := 0
			for _, k := range s.Keys {
				if k.Down && !k.Repeat && k.Class != event.Enter {
					presses++
				}
			}
			cutter := window.NewPhraseCutter(presses)
			for _, k := range s.Keys {
				cutter.Push(k)
			}
			cutter.End()
			phrase, _ := cutter.Flush()
			if phrase.Broken {
				continue
			}
			classes := ""
			for _, x := range phrase.Strokes {
				classes += string(rune('a' + x.Class))
			}
			count[classes]++
			all = append(all, typing{len(people) - 1, classes, embed.Phrase(phrase)})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	usual := ""
	for classes, n := range count {
		if n > count[usual] || n == count[usual] && classes < usual {
			usual = classes
		}
	}
	for _, t := range all {
		if t.classes == usual {
			people[t.person].repetitions = append(people[t.person].repetitions, t.timings)
		}
	}
	return people, nil
}
