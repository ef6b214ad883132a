package attack_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/lab/attack"
	"ipse.dev/ipse/lab/dataset"
)

// typing writes a text as a session; intervalMS gives the time between two presses.
func typing(text string, intervalMS func(before, r rune) float64) dataset.TypedSession {
	s := dataset.TypedSession{Prompt: text}
	now, before := 0.0, rune(0)
	for _, r := range text {
		if before != 0 {
			now += intervalMS(before, r)
		}
		class := event.Other
		switch {
		case r == dataset.Erased:
			class = event.Backspace
		case r == ' ':
			class = event.Space
		case r >= 'a' && r <= 'z':
			class = event.ClassOf("Key" + string(r-'a'+'A'))
		}
		s.Keys = append(s.Keys, event.Key{TimeMS: now, Class: class, Down: true}, event.Key{TimeMS: now + 5, Class: class})
		s.Typed = append(s.Typed, r, 0)
		before = r
	}
	return s
}

func steady(_, _ rune) float64 { return 150 }

func runes(sentences ...string) (out [][]rune) {
	for _, s := range sentences {
		out = append(out, []rune(s))
	}
	return out
}

func TestClassesAloneGiveAwayAKnownSentence(t *testing.T) {
	var sessions []dataset.TypedSession
	for _, p := range phrases {
		sessions = append(sessions, typing(p, steady))
	}
	a := attack.NewInterceptor(runes(phrases...), []dataset.TypedPerson{{Sessions: sessions}})
	for _, written := range []struct{ typed, want string }{
		{"quiet voices hum", "quiet voices hum"},
		{"buy milz\bk today", "buy milk today"}, // the wrong letter, on the other hand, is erased
	} {
		s := typing(written.typed, steady)
		if got := string(attack.Written(a.Decode(s.Keys, attack.PaceOf(sessions)))); got != written.want {
			t.Errorf("%q was read as %q, want %q", written.typed, got, written.want)
		}
	}
}

func TestTimesTellApartWhatClassesDoNot(t *testing.T) {
	// The letters d and s lie under the same hand; only the way from a to d is slow.
	random := rand.New(rand.NewPCG(1, 1))
	slow := func(before, r rune) float64 {
		ms := 100 * math.Exp(0.1*random.NormFloat64())
		if before == 'a' && r == 'd' {
			ms *= 3
		}
		return ms
	}
	var sessions []dataset.TypedSession
	for range 40 {
		sessions = append(sessions, typing("ad as", slow), typing("as ad", slow))
	}
	a := attack.NewInterceptor(runes("ad as", "as ad"), []dataset.TypedPerson{{Sessions: sessions}})
	for _, want := range []string{"ad as", "as ad"} {
		s := typing(want, slow)
		if got := string(attack.Written(a.Decode(s.Keys, attack.PaceOf(sessions)))); got != want {
			t.Errorf("%q was read as %q", want, got)
		}
	}
}

func TestASessionWithoutPressesIsRead(t *testing.T) {
	a := attack.NewInterceptor(runes("a"), nil)
	if got := a.Decode([]event.Key{{Class: event.Space}}, attack.Pace{}); len(got) != 1 || got[0] != 0 {
		t.Errorf("a release alone wrote %q, want nothing", got)
	}
	if got := a.Decode(nil, attack.Pace{}); len(got) != 0 {
		t.Errorf("no keys wrote %q, want nothing", got)
	}
}
