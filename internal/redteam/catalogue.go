package redteam

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// Attacks lists every attack on a server, by channel.
func Attacks() []Attack {
	return slices.Concat(keyAttacks(), pointerAttacks(), replays(), automation, hands, contexts)
}

// keyAttacks are package adversary's on the keyboard.
func keyAttacks() []Attack {
	var out []Attack
	for _, a := range adversary.KeyAttacks {
		want, typed := Alarm, func(m Material) [][]window.Stroke { return m.Victim }
		if a.Group == adversary.HiddenKeys { // somebody is at work
			want, typed = CannotTell, func(m Material) [][]window.Stroke { return Runs(m.Hands.Keys) }
		}
		out = append(out, Attack{Name: "keys." + a.Family, Doc: sentence(a.Doc), Want: want,
			Make: func(r *rand.Rand, m Material, l Length) Stretch {
				return Stretch{Keys: a.Make(r, adversary.KeyMaterial{Population: m.Population, Victim: typed(m)}, l.Strokes)}
			}})
	}
	return out
}

// pointerAttacks are package adversary's on the pointer.
func pointerAttacks() []Attack {
	var out []Attack
	for _, a := range adversary.PointerAttacks {
		want, moved := Alarm, func(m Material) [][]event.Pointer { return m.Pointing }
		switch {
		case a.Kind == adversary.Remote: // somebody is at work
			want, moved = Context, func(m Material) [][]event.Pointer { return Movements(m.Hands.Pointers) }
		case a.Family == "agent": // slow leaps to places are how a pointer moves that somebody commands by voice
			want = CannotTell
		}
		out = append(out, Attack{Name: "pointer." + a.Family, Doc: capital(sentence(a.Doc)), Want: want,
			Make: func(r *rand.Rand, m Material, l Length) Stretch {
				return Stretch{Pointers: a.Make(r, adversary.PointerMaterial{Strokes: moved(m)}, l.DurationMS)}
			}})
	}
	return out
}

// sentence makes words one that ends.
func sentence(words string) string {
	if words == "" || strings.HasSuffix(words, ".") {
		return words
	}
	return words + "."
}

// capital makes words begin as a sentence of its own does.
func capital(words string) string {
	first, size := utf8.DecodeRuneInString(words)
	if size == 0 {
		return words
	}
	return string(unicode.ToUpper(first)) + words[size:]
}

// replays play back what the server has seen of the subject.
func replays() []Attack {
	var out []Attack
	for _, a := range adversary.KeyReplays {
		out = append(out, Attack{Name: "replay.keys_" + a.Family, Doc: "What the subject typed, played back: " + sentence(a.Doc), Want: Alarm,
			Make: func(r *rand.Rand, m Material, l Length) Stretch {
				part := someOf(r, m.Seen.Keys, l, func(k event.Key) float64 { return k.TimeMS })
				if len(part) == 0 {
					return Stretch{}
				}
				return Stretch{Keys: a.Play(r, part)}
			}})
	}
	for _, a := range adversary.PointerReplays {
		out = append(out, Attack{Name: "replay.pointer_" + a.Family, Doc: "How the subject pointed, played back: " + sentence(a.Doc), Want: Alarm,
			Make: func(r *rand.Rand, m Material, l Length) Stretch {
				part := someOf(r, m.Seen.Pointers, l, func(e event.Pointer) float64 { return e.TimeMS })
				if len(part) == 0 {
					return Stretch{}
				}
				return Stretch{Pointers: a.Play(r, part)}
			}})
	}
	return append(out, phraseReplays()...)
}

// startsTried is from how many places a replayer chooses: a part that is mostly a pause would replay nothing.
const startsTried = 8

// someOf gives a part of a recording that lasts as long as an attack may, all of a shorter one: of some that begin anywhere, the
// one that holds most.
func someOf[E any](r *rand.Rand, all []E, l Length, atMS func(E) float64) []E {
	if len(all) == 0 {
		return nil
	}
	first, last := atMS(all[0]), atMS(all[len(all)-1])
	var most []E
	for range startsTried {
		fromMS := first + r.Float64()*max(0, last-first-l.DurationMS)
		begin, _ := slices.BinarySearchFunc(all, fromMS, func(e E, at float64) int { return cmp.Compare(atMS(e), at) })
		end, _ := slices.BinarySearchFunc(all, fromMS+l.DurationMS, func(e E, at float64) int { return cmp.Compare(atMS(e), at) })
		if part := all[begin:max(end, min(begin+1, len(all)))]; len(part) > len(most) {
			most = part
		}
	}
	return most
}
