package attack_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/attack"
	"ipse.dev/ipse/lab/dataset"
)

func TestTextCountsWholeWordsOnly(t *testing.T) {
	for _, tt := range []struct {
		written      string
		begun, ended bool
		words        []string
		length       int
	}{
		{"the cat sat", true, true, []string{"cat", "sat", "the"}, 11},
		{"he cat sa", false, false, []string{"cat"}, 9},
		{"cat", false, true, nil, 3},
		{"cat", true, false, nil, 3},
		{" cat. ", false, false, []string{"cat"}, 6},
		{"don't, don't", true, true, []string{"don't"}, 12},
		{"", true, true, nil, 0},
		{"42 é", true, true, []string{"é"}, 4},
	} {
		got := attack.TextOf([]rune(tt.written), tt.begun, tt.ended)
		if !slices.Equal(got.Words, tt.words) || got.Length() != tt.length {
			t.Errorf("%q (begun %v, ended %v): words %q and %d characters, want %q and %d",
				tt.written, tt.begun, tt.ended, got.Words, got.Length(), tt.words, tt.length)
		}
	}
}

func TestErasuresTakeAwayWhatTheWindowWrote(t *testing.T) {
	for _, tt := range []struct{ typed, want string }{
		{"teh\b\bhe", "the"}, {"\b\ba", "a"}, {"a\x00b", "ab"}, {"ab\b\b\b", ""},
	} {
		if got := string(attack.Written([]rune(tt.typed))); got != tt.want {
			t.Errorf("%q wrote %q, want %q", tt.typed, got, tt.want)
		}
	}
}

func textOf(s string) attack.Text { return attack.TextOf([]rune(s), true, true) }

func TestShares(t *testing.T) {
	for _, tt := range []struct {
		guess, truth               string
		characters, lengths, words float64
	}{
		{"the cat", "the cat", 1, 1, 1},
		{"tac eht", "the cat", 1, 1, 0},
		{"", "the cat", 0, 0, 0},
		{"", "", 1, 1, 1},
		{"the", "the cat", 3.0 / 7, 0.5, 0.5},
		{"the dog cat bit", "the cat", 7.0 / 15, 0.5, 0.5},
	} {
		guess, truth := textOf(tt.guess), textOf(tt.truth)
		got := []float64{attack.ShareOfCharacters(&guess, &truth), attack.ShareOfLengths(&guess, &truth), attack.ShareOfWords(&guess, &truth)}
		if want := []float64{tt.characters, tt.lengths, tt.words}; !cmp.Equal(got, want) {
			t.Errorf("%q for %q: characters, lengths, words %v, want %v", tt.guess, tt.truth, got, want)
		}
	}
}

func TestSharesStayBetweenNothingAndAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		guess, truth := textOf(rapid.StringMatching(`[a-d ]{0,20}`).Draw(t, "guess")), textOf(rapid.StringMatching(`[a-d ]{0,20}`).Draw(t, "truth"))
		for name, of := range map[string]func(a, b *attack.Text) float64{
			"characters": attack.ShareOfCharacters, "lengths": attack.ShareOfLengths, "words": attack.ShareOfWords,
		} {
			if got := of(&guess, &truth); got < 0 || got > 1 || got != of(&truth, &guess) {
				t.Fatalf("%s: %v, and %v the other way round; want the same from 0 to 1", name, got, of(&truth, &guess))
			}
			if got := of(&truth, &truth); got != 1 {
				t.Fatalf("%s of the truth itself: %v, want 1", name, got)
			}
		}
	})
}

func TestSpanFindsAWindowsKeys(t *testing.T) {
	var s dataset.TypedSession
	key := func(ms float64, c event.Class, down, repeat bool) {
		s.Keys = append(s.Keys, event.Key{TimeMS: ms, Class: c, Down: down, Repeat: repeat})
		s.Typed = append(s.Typed, 0)
	}
	key(0, event.LeftLetter, true, false)
	key(5, event.LeftLetter, true, true) // a repeat is no stroke, but it writes
	key(10, event.LeftLetter, false, false)
	key(20, event.Space, true, false) // given up: not in the window
	key(30, event.RightLetter, true, false)
	key(40, event.RightLetter, true, false)
	w := window.Keyboard{Strokes: []window.Stroke{{PressMS: 0, Class: event.LeftLetter}, {PressMS: 30, Class: event.RightLetter}}}
	if first, next := attack.Span(s, w, 0); first != 0 || next != 5 {
		t.Errorf("the first window spans %d to %d, want 0 to 5", first, next)
	}
	w = window.Keyboard{Strokes: []window.Stroke{{PressMS: 40, Class: event.RightLetter}}}
	if first, next := attack.Span(s, w, 5); first != 5 || next != 6 {
		t.Errorf("the next window spans %d to %d, want 5 to 6", first, next)
	}
	w.Strokes[0].PressMS = 99
	if first, next := attack.Span(s, w, 5); first != 6 || next != 6 {
		t.Errorf("a window of another session spans %d to %d, want an empty span at 6", first, next)
	}
}
