package attack

import (
	"math"
	"strings"
	"unicode"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// Phrase is one text that was typed straight through: what an observation of it shows, and what each stroke wrote.
type Phrase struct {
	Timings observation.Embedding // as embed.Phrase writes them down
	Wrote   string                // one character a stroke, in lower case; ShiftStroke for a shift key
}

// ShiftStroke stands for a stroke that writes nothing.
const ShiftStroke = '⇧'

// PhraseOf makes a transcribed sentence a phrase, as a collector would; false where it was not typed straight through or
// is too short or too long for one.
func PhraseOf(s dataset.TypedSession) (Phrase, bool) {
	var wrote []rune
	for i, k := range s.Keys {
		if !k.Down || k.Repeat || k.Class == event.Enter {
			continue
		}
		r := unicode.ToLower(s.Typed[i])
		if r == 0 {
			r = ShiftStroke
		}
		wrote = append(wrote, r)
	}
	if len(wrote) < window.PhraseMinStrokes || len(wrote) > window.PhraseMaxStrokes {
		return Phrase{}, false
	}
	cutter := window.NewPhraseCutter(len(wrote))
	for _, k := range s.Keys {
		cutter.Push(k)
	}
	cutter.End()
	p, _ := cutter.Flush()
	if p.Broken || len(p.Strokes) != len(wrote) {
		return Phrase{}, false
	}
	return Phrase{Timings: embed.Phrase(p), Wrote: string(wrote)}, true
}

// Strokes gives a text as it is typed on an English keyboard: a shift key before each run of characters that need it.
func Strokes(text string) string {
	var out []rune
	held := false
	for _, r := range text {
		needs := unicode.IsUpper(r) || strings.ContainsRune(`~!@#$%^&*()_+{}|:"<>?`, r)
		if needs && !held {
			out = append(out, ShiftStroke)
		}
		held = needs
		out = append(out, unicode.ToLower(r))
	}
	return string(out)
}

// Standard gives the timings in the phrase's own terms, dwells and intervals each: how many of its standard deviations a
// timing lies above its mean, cut at three. This is all that an attacker needs to know of how fast somebody types.
func (p Phrase) Standard() (dwells, intervals []float64) {
	positions := (len(p.Timings) + 1) / 2
	return standardised(p.Timings[:positions]), standardised(p.Timings[positions:])
}

func standardised(timings []int8) []float64 {
	var sum, squares float64
	for _, t := range timings {
		sum += float64(t)
		squares += float64(t) * float64(t)
	}
	n := math.Max(1, float64(len(timings)))
	mean := sum / n
	spread := math.Sqrt(math.Max(1, squares/n-mean*mean))
	out := make([]float64, len(timings))
	for i, t := range timings {
		out[i] = math.Max(-furthestTiming, math.Min(furthestTiming, (float64(t)-mean)/spread))
	}
	return out
}

const furthestTiming = 3.0

// normal is what is known of one kind of timing.
type normal struct{ mean, spread float64 }

func (g normal) logDensity(z float64) float64 {
	d := (z - g.mean) / g.spread
	return -d*d/2 - math.Log(g.spread)
}

// moments sums up timings, of which caution ones that are usual stand for what was not seen.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(z float64) { m.n, m.sum, m.squares = m.n+1, m.sum+z, m.squares+z*z }

func (m moments) normal(prior normal, caution float64) normal {
	n := m.n + caution
	mean := (m.sum + caution*prior.mean) / n
	second := (m.squares + caution*(prior.spread*prior.spread+prior.mean*prior.mean)) / n
	return normal{mean, math.Sqrt(math.Max(leastTimingSpread, second-mean*mean))}
}

const (
	leastTimingSpread = 0.04 // variance
	keyCaution        = 20   // timings that are usual, mixed into those of a key or a pair
	placeCaution      = 3    // timings of the same key or pair, mixed into those at one place of one text
)

// pair is two strokes after each other.
type pair [2]rune

// PhraseReader is an attacker who knows how long each key is held and how long each pair of keys takes, and of texts that
// he has seen others type, at which place. It is safe for concurrent use once it has learnt.
type PhraseReader struct {
	usual  [2]normal // of dwells and of intervals
	keys   map[rune]normal
	pairs  map[pair]normal
	seen   map[pair]float64 // how often
	places map[string][]normal
}

// NewPhraseReader learns from phrases whose text is known.
func NewPhraseReader(phrases []Phrase) *PhraseReader {
	var all [2]moments
	keys, pairs, places := map[rune]moments{}, map[pair]moments{}, map[string][]moments{}
	for _, p := range phrases {
		text := []rune(p.Wrote)
		dwells, intervals := p.Standard()
		at := places[p.Wrote]
		if at == nil {
			at = make([]moments, len(p.Timings))
			places[p.Wrote] = at
		}
		for i, z := range dwells {
			all[0].add(z)
			m := keys[text[i]]
			m.add(z)
			keys[text[i]] = m
			at[i].add(z)
		}
		for i, z := range intervals {
			all[1].add(z)
			m := pairs[pair{text[i], text[i+1]}]
			m.add(z)
			pairs[pair{text[i], text[i+1]}] = m
			at[len(text)+i].add(z)
		}
	}
	r := &PhraseReader{keys: map[rune]normal{}, pairs: map[pair]normal{}, seen: map[pair]float64{}, places: map[string][]normal{}}
	for i, m := range all {
		r.usual[i] = m.normal(normal{0, 1}, 1)
	}
	for k, m := range keys {
		r.keys[k] = m.normal(r.usual[0], keyCaution)
	}
	for k, m := range pairs {
		r.pairs[k] = m.normal(r.usual[1], keyCaution)
		r.seen[k] = m.n
	}
	for wrote, at := range places {
		expected := r.expected([]rune(wrote))
		for i := range at {
			expected[i] = at[i].normal(expected[i], placeCaution)
		}
		r.places[wrote] = expected
	}
	return r
}

// expected gives what the keys and pairs of a text tell of its timings.
func (r *PhraseReader) expected(text []rune) []normal {
	out := make([]normal, 0, 2*len(text))
	for _, c := range text {
		g, ok := r.keys[c]
		if !ok {
			g = r.usual[0]
		}
		out = append(out, g)
	}
	for i := 1; i < len(text); i++ {
		g, ok := r.pairs[pair{text[i-1], text[i]}]
		if !ok {
			g = r.usual[1]
		}
		out = append(out, g)
	}
	return out
}

// Candidate is a text that an attacker takes into consideration.
type Candidate struct {
	Wrote    string
	expected []normal
}

// Candidate prepares a text, from what others' typing of it taught if it was seen.
func (r *PhraseReader) Candidate(wrote string) Candidate {
	if e, ok := r.places[wrote]; ok {
		return Candidate{wrote, e}
	}
	return Candidate{wrote, r.expected([]rune(wrote))}
}

// Strokes is how many strokes the text takes.
func (c Candidate) Strokes() int { return (len(c.expected) + 1) / 2 }

// LogLikelihood of the timings of a phrase, given that this is its text; -Inf where the number of strokes is another.
func (c Candidate) LogLikelihood(p Phrase) float64 {
	if len(p.Timings) != len(c.expected) {
		return math.Inf(-1)
	}
	dwells, intervals := p.Standard()
	sum := 0.0
	for i, z := range dwells {
		sum += c.expected[i].logDensity(z)
	}
	for i, z := range intervals {
		sum += c.expected[len(dwells)+i].logDensity(z)
	}
	return sum
}
