package fit

import (
	"math"
	"math/rand/v2"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/window"
)

// No public data set records one person's keyboard and mouse together. So one person's typing is put beside another's
// pointing, in the ways in which one person or two people do both.

// Togetherness is a way in which typing and pointing go together.
type Togetherness struct {
	Name string
	Two  bool // two people are at work
	// Make lays pointing beside typing; the typing may come out longer.
	Make func(rng *rand.Rand, keys []event.Key, pointing [][]event.Pointer) ([]event.Key, []event.Pointer)
}

// Times that a hand takes between keys and pointer, and how fast one hand types.
const (
	// Keystroke-level model: homing takes 0.4 s on average (Card, Moran & Newell 1980); varied to half and twice of it.
	leastHomingMS, mostHomingMS = 200.0, 800.0
	// A thumb that reaches the touch pad or the stick from the keys, or a hand that is there already, needs no way at all.
	mostThumbMS = 100.0
	// One hand types 24 to 43 words a minute after ten hours' practice and 60 at best after more (Matias, MacKenzie & Buxton,
	// One-handed touch-typing on a QWERTY keyboard, Human-Computer Interaction 11, 1996); who has never practised types more
	// slowly. A word is five strokes.
	leastOneHandedWPM, mostOneHandedWPM = 15.0, 60.0
	// Of the bouts of a hand that holds the mouse, up to so many go on while the other hand types.
	mostMeanwhile = 0.5
)

// Togethernesses lists them, the innocent ones first.
var Togethernesses = []Togetherness{
	{"by turns", false, func(rng *rand.Rand, keys []event.Key, pointing [][]event.Pointer) ([]event.Key, []event.Pointer) {
		return turns{leastHomingMS, mostHomingMS, 25, 0}.take(rng, keys, pointing)
	}},
	{"by turns, with a thumb", false, func(rng *rand.Rand, keys []event.Key, pointing [][]event.Pointer) ([]event.Key, []event.Pointer) {
		return turns{0, mostThumbMS, 25, 0}.take(rng, keys, pointing)
	}},
	{"one hand for each", false, func(rng *rand.Rand, keys []event.Key, pointing [][]event.Pointer) ([]event.Key, []event.Pointer) {
		wpm := leastOneHandedWPM + (mostOneHandedWPM-leastOneHandedWPM)*rng.Float64()
		return turns{0, mostThumbMS, 10, mostMeanwhile * rng.Float64()}.take(rng, paced(keys, wpm), pointing)
	}},
	{"two people", true, beside},
}

// turns is how one person takes them.
type turns struct {
	leastMS, mostMS float64 // from the keys to the pointer, and back
	strokesPerBout  float64 // of pointing that makes itself a rest, besides those in rests that are there
	meanwhile       float64 // share of the bouts during which typing goes on
}

// Bouts of pointing: how long, and how many of the rests of typing are used for one.
const (
	boutMedianMS = 2000.0
	boutSpread   = 1.0 // of the logarithm
	restUsed     = 0.5
	usableRestMS = 2000.0
)

// take lets one person point in the rests of typing: in rests that were there, and in ones that are made.
func (t turns) take(rng *rand.Rand, keys []event.Key, pointing [][]event.Pointer) (typed []event.Key, pointed []event.Pointer) {
	way := func() float64 { return t.leastMS + (t.mostMS-t.leastMS)*rng.Float64() }
	shiftMS, busyMS, held := 0.0, 0.0, 0
	for i, k := range keys {
		if i > 0 && held == 0 && k.TimeMS+shiftMS >= busyMS {
			lastMS := keys[i-1].TimeMS
			roomMS := 0.0 // of a rest that is there already
			if restMS := k.TimeMS - lastMS; restMS > usableRestMS && rng.Float64() < restUsed {
				roomMS = restMS
			}
			if roomMS > 0 || rng.Float64() < 1/t.strokesPerBout {
				there, back, mostMS := way(), way(), boutMedianMS*math.Exp(boutSpread*rng.NormFloat64())
				if roomMS > 0 {
					mostMS = min(mostMS, roomMS-there-back)
				}
				if bout := boutOf(rng, pointing, mostMS); len(bout) > 0 {
					beginMS := max(busyMS, lastMS+shiftMS+there)
					for _, e := range bout {
						e.TimeMS += beginMS
						pointed = append(pointed, e)
					}
					busyMS = pointed[len(pointed)-1].TimeMS + back
					if rng.Float64() >= t.meanwhile {
						shiftMS += max(0, busyMS-k.TimeMS-shiftMS)
					}
				}
			}
		}
		switch {
		case k.Down && !k.Repeat:
			held++
		case !k.Down:
			held = max(0, held-1)
		}
		k.TimeMS += shiftMS
		typed = append(typed, k)
	}
	return typed, pointed
}

// boutOf gives some of a recording, from 0 to mostMS.
func boutOf(rng *rand.Rand, pointing [][]event.Pointer, mostMS float64) []event.Pointer {
	session := pointing[rng.IntN(len(pointing))]
	if len(session) == 0 || mostMS <= 0 {
		return nil
	}
	begin := rng.IntN(len(session))
	var out []event.Pointer
	for _, e := range session[begin:] {
		if e.TimeMS -= session[begin].TimeMS; e.TimeMS > mostMS {
			break
		}
		out = append(out, e)
	}
	return out
}

// beside lets somebody point while typing goes on, as long as it does: in some streams all the time, in others in bouts.
func beside(rng *rand.Rand, keys []event.Key, pointing [][]event.Pointer) ([]event.Key, []event.Pointer) {
	if len(keys) == 0 {
		return nil, nil
	}
	atMS, endMS := keys[0].TimeMS, keys[len(keys)-1].TimeMS
	resting := [...]float64{0, 0, 1000, 4000}[rng.IntN(4)]
	var out []event.Pointer
	for tries := 0; atMS < endMS && tries < 1e5; tries++ {
		mostMS := endMS - atMS
		if resting > 0 {
			mostMS = min(mostMS, boutMedianMS*math.Exp(boutSpread*rng.NormFloat64()))
		}
		bout := boutOf(rng, pointing, mostMS)
		for _, e := range bout {
			e.TimeMS += atMS
			out = append(out, e)
		}
		if n := len(out); len(bout) > 0 {
			atMS = out[n-1].TimeMS
		}
		atMS += 20 + resting*rng.ExpFloat64()
	}
	return keys, out
}

// pausedMS is how far apart strokes lie that are no typing on.
const pausedMS = 1500

// paced gives typing at so many words a minute, its rests left out of the account, and no faster than it was.
func paced(keys []event.Key, wpm float64) []event.Key {
	strokes, tookMS, lastMS := 0.0, 0.0, math.Inf(-1)
	for _, k := range keys {
		if k.Down && !k.Repeat {
			if apart := k.TimeMS - lastMS; apart < pausedMS {
				strokes, tookMS = strokes+1, tookMS+apart
			}
			lastMS = k.TimeMS
		}
	}
	by := 1.0
	if tookMS > 0 {
		by = max(1, 12_000/wpm/(tookMS/strokes))
	}
	out := make([]event.Key, len(keys))
	for i, k := range keys {
		k.TimeMS *= by
		out[i] = k
	}
	return out
}

// Observed gives what a collector would report of both streams as a judge takes it, in the order in which windows are
// complete: when they were and what they measure, and nothing that a person is recognised by.
func Observed(keys []event.Key, pointers []event.Pointer) []presence.Window {
	keyboard := window.NewKeyboardCutter(window.KeyboardStrokes, window.KeyboardMinStrokes)
	pointer := window.NewPointerCutter(window.PointerEvents, window.PointerMinEvents)
	var out []presence.Window
	add := func(typed []window.Keyboard, pointed []window.Pointer) {
		for _, w := range typed {
			first, last := w.Strokes[0].PressMS, w.Strokes[0].ReleaseMS
			for _, s := range w.Strokes {
				last = max(last, s.ReleaseMS)
			}
			out = append(out, reported(observation.Keyboard, first, last, len(w.Strokes), liveness.Keyboard(w)))
		}
		for _, w := range pointed {
			out = append(out, reported(observation.Pointer, w.Events[0].TimeMS, w.Events[len(w.Events)-1].TimeMS, len(w.Events), liveness.Pointer(w)))
		}
	}
	for len(keys) > 0 || len(pointers) > 0 {
		if len(pointers) == 0 || (len(keys) > 0 && keys[0].TimeMS <= pointers[0].TimeMS) {
			add(keyboard.Push(keys[0]), nil)
			keys = keys[1:]
		} else {
			add(nil, pointer.Push(pointers[0]))
			pointers = pointers[1:]
		}
	}
	add(keyboard.Flush(), pointer.Flush())
	return out
}

func reported(m observation.Modality, firstMS, lastMS float64, events int, l observation.Liveness) presence.Window {
	return presence.Window{Observation: observation.Observation{
		Modality: m, StartMS: int64(math.Round(firstMS)), DurationMS: int64(math.Round(lastMS - firstMS)), Events: events, Liveness: l,
	}}
}
