package attack

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/dataset"
)

func TestStrokesPressShiftBeforeARunThatNeedsIt(t *testing.T) {
	for text, want := range map[string]string{
		"":           "",
		"plain text": "plain text",
		"Is it US?":  "⇧is it ⇧us?",
		"A+B":        "⇧a+b",
	} {
		if got := Strokes(text); got != want {
			t.Errorf("Strokes(%q) = %q, want %q", text, got, want)
		}
	}
}

// session types a text with one key after the other; classes do not matter here.
func session(text string, extra ...event.Key) dataset.TypedSession {
	var s dataset.TypedSession
	at := 1000.0
	for _, r := range text {
		class, wrote := event.LeftLetter, r
		if r == ShiftStroke {
			class, wrote = event.Shift, 0
		}
		s.Keys = append(s.Keys, event.Key{TimeMS: at, Class: class, Down: true, Trusted: true}, event.Key{TimeMS: at + 60, Class: class, Trusted: true})
		s.Typed = append(s.Typed, wrote, 0)
		at += 150
	}
	for _, k := range extra {
		k.TimeMS += at
		s.Keys, s.Typed = append(s.Keys, k), append(s.Typed, 0)
	}
	return s
}

func TestOnlyWhatWasTypedStraightThroughIsAPhrase(t *testing.T) {
	p, ok := PhraseOf(session("⇧hello you"))
	if !ok || p.Wrote != "⇧hello you" || len(p.Timings) != embed.PhraseDimension(10) {
		t.Errorf("got %q with %d timings (a phrase: %v); want ten strokes and 19 timings", p.Wrote, len(p.Timings), ok)
	}
	for name, s := range map[string]dataset.TypedSession{
		"too short": session("hello"),
		"too long":  session(strings.Repeat("hello ", 11)),
		"corrected": session("hello you", event.Key{Class: event.Backspace, Down: true, Trusted: true}, event.Key{TimeMS: 50, Class: event.Backspace, Trusted: true}),
	} {
		if _, ok := PhraseOf(s); ok {
			t.Errorf("%s: it was made a phrase", name)
		}
	}
}

// spoken types texts in which each letter, and each pair, takes its own time, as much as leak says; the rest is noise.
func spoken(random *rand.Rand, text string, leak float64) Phrase {
	p := Phrase{Wrote: text}
	runes := []rune(text)
	noisy := func(base, wanted float64) int8 {
		return embed.PhraseTiming(base * math.Exp(leak*wanted+0.15*random.NormFloat64()))
	}
	for _, r := range runes {
		p.Timings = append(p.Timings, noisy(90, math.Sin(float64(7*r))))
	}
	for i := 1; i < len(runes); i++ {
		p.Timings = append(p.Timings, noisy(180, math.Sin(float64(3*runes[i-1]+5*runes[i]))))
	}
	return p
}

func texts(random *rand.Rand, n int) []string {
	out := make([]string, n)
	for i := range out {
		b := make([]byte, 14)
		for k := range b {
			b[k] = byte('a' + random.IntN(6)) // few letters, so that all pairs are known
		}
		out[i] = string(b)
	}
	return out
}

// shareNamed is the share of phrases of texts that the reader has not seen whose text it names.
func shareNamed(leak float64) float64 {
	random := rand.New(rand.NewPCG(1, 5))
	var learnt []Phrase
	for _, text := range texts(random, 150) {
		learnt = append(learnt, spoken(random, text, leak))
	}
	reader := NewPhraseReader(learnt)
	list := texts(random, 40)
	var candidates []Candidate
	for _, text := range list {
		candidates = append(candidates, reader.Candidate(text))
	}
	found := 0.0
	for i, text := range list {
		p := spoken(random, text, leak)
		best := 0
		for k, c := range candidates {
			if c.LogLikelihood(p) > candidates[best].LogLikelihood(p) {
				best = k
			}
		}
		if best == i {
			found += 1 / float64(len(list))
		}
	}
	return found
}

func TestTimingsThatGiveATextAwayAreReadAndNoiseIsNot(t *testing.T) {
	if got := shareNamed(0.4); got < 0.9 {
		t.Errorf("%.2f of the texts are named where letters take their own time, want nearly all", got)
	}
	if got := shareNamed(0); got > 0.15 {
		t.Errorf("%.2f of 40 texts are named from noise, want about one in forty", got)
	}
}

func TestATextOfAnotherLengthIsRuledOut(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 6))
	reader := NewPhraseReader([]Phrase{spoken(random, "abcdef", 0.4)})
	if got := reader.Candidate("abcdefg").LogLikelihood(spoken(random, "abcdef", 0.4)); !math.IsInf(got, -1) {
		t.Errorf("the log-likelihood is %g, want -Inf", got)
	}
	if c := reader.Candidate("abcdefg"); c.Strokes() != 7 {
		t.Errorf("the text takes %d strokes, want 7", c.Strokes())
	}
}

// bits gives what intervals and dwells of people with so much of a leak tell.
func bits(leak float64, of int) (dwell, interval float64) {
	random := rand.New(rand.NewPCG(2, 5))
	phrases := func(n int) []Phrase {
		var out []Phrase
		for _, text := range texts(random, n) {
			out = append(out, spoken(random, text, leak))
		}
		return out
	}
	learnt, own := phrases(300), phrases(100)
	return NewTelling(Dwells(learnt, of)).Bits(Dwells(own, of)), NewTelling(Intervals(learnt, of)).Bits(Intervals(own, of))
}

func TestBitsAreNoneOfNoiseAndGrowWithTheLeakAndWithMeans(t *testing.T) {
	noisyDwell, noisyInterval := bits(0, 1)
	if math.Abs(noisyDwell) > 0.05 || math.Abs(noisyInterval) > 0.05 {
		t.Errorf("noise tells %.3f and %.3f bits, want none", noisyDwell, noisyInterval)
	}
	dwell, interval := bits(0.3, 1)
	if dwell < 0.5 || interval < 0.5 || dwell > math.Log2(6) || interval > math.Log2(36) {
		t.Errorf("times of their own tell %.2f bits of a letter and %.2f of a pair; want more than half a bit and no more than there are", dwell, interval)
	}
	meanDwell, meanInterval := bits(0.3, 4)
	if meanDwell < dwell || meanInterval < interval {
		t.Errorf("means of four tell %.2f and %.2f bits, single timings %.2f and %.2f; want more", meanDwell, meanInterval, dwell, interval)
	}
	if got := NewTelling(nil).Bits(nil); !math.IsNaN(got) {
		t.Errorf("nothing tells %g bits, want NaN", got)
	}
}

func TestStandardTimingsForgetThePace(t *testing.T) {
	slow := Phrase{Wrote: "abcdef", Timings: observation.Embedding{10, 20, 30, 20, 10, 30, 50, 60, 70, 60, 50}}
	quick := slow
	quick.Timings = nil
	for _, v := range slow.Timings {
		quick.Timings = append(quick.Timings, v-9)
	}
	a, b := slow.Standard()
	c, d := quick.Standard()
	for i := range a {
		if math.Abs(a[i]-c[i]) > 1e-9 {
			t.Errorf("dwell %d is %g and %g, want the same", i, a[i], c[i])
		}
	}
	for i := range b {
		if math.Abs(b[i]-d[i]) > 1e-9 {
			t.Errorf("interval %d is %g and %g, want the same", i, b[i], d[i])
		}
	}
}
