package sim

import (
	"math"
	"sort"

	"ipse.dev/ipse/internal/event"
)

// Keystroke is one press or release with what it writes: a recording of a generated person, as their own device's
// operating system would see it. Only demonstrations and recordings hold such; a device keeps Event alone.
type Keystroke struct {
	TimeMS float64
	Down   bool
	Code   string // W3C UI Events code of the physical key
	Text   string // what the press adds to the text; empty for releases, shift, dead keys and backspace
}

// Event reduces the keystroke to what a collector keeps.
func (k Keystroke) Event() event.Key {
	return event.Key{TimeMS: k.TimeMS, Class: event.ClassOf(k.Code), Down: k.Down, Trusted: true}
}

// stroke is one key to press, before it has times.
type stroke struct {
	code    string
	shift   bool
	text    string
	pauseMS float64 // pause before it, beside the usual interval
}

// Type gives the keystrokes with which the person writes the text on a layout, beginning at startMS, with errors that
// they notice and correct: applied in order, the text is what remains. The times are ordered; every key is released.
func (s *Session) Type(text string, layout Layout, startMS float64) []Keystroke {
	strokes := s.plan([]rune(text), layout)
	pressMS := s.press(strokes, startMS)
	out := make([]Keystroke, 0, 2*len(strokes)+8)
	for i, k := range strokes {
		nextMS := math.Inf(1)
		sameNext := false
		if i+1 < len(strokes) {
			nextMS = pressMS[i+1]
			sameNext = strokes[i+1].code == k.code
		}
		releaseMS := pressMS[i] + s.dwell(k.code, pressMS[i])
		if releaseMS > nextMS-2 && (sameNext || s.rand.Float64() > s.person.Typist.Rollover) {
			releaseMS = nextMS - 3 - 15*s.rand.Float64()
		}
		for j := i + 2; j < len(strokes) && pressMS[j] <= releaseMS+3; j++ {
			if strokes[j].code == k.code { // a key that comes again must be up by then
				releaseMS = pressMS[j] - 3
			}
		}
		releaseMS = math.Max(pressMS[i]+12, releaseMS)
		out = append(out,
			Keystroke{TimeMS: pressMS[i], Down: true, Code: k.code, Text: k.text},
			Keystroke{TimeMS: releaseMS, Code: k.code})
		if k.shift {
			earliestMS, latestMS := startMS, math.Inf(1)
			if i > 0 {
				earliestMS = pressMS[i-1] + 0.5*(pressMS[i]-pressMS[i-1])
			}
			if i+1 < len(strokes) {
				latestMS = pressMS[i] + 0.8*(nextMS-pressMS[i])
				if strokes[i+1].shift {
					latestMS = pressMS[i] + 0.45*(nextMS-pressMS[i])
				}
			}
			out = append(out, s.shift(k.code, earliestMS, pressMS[i], latestMS)...)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].TimeMS < out[j].TimeMS })
	return out
}

// plan turns text into strokes, errors and corrections among them.
func (s *Session) plan(text []rune, layout Layout) []stroke {
	t := s.person.Typist
	var out []stroke
	emit := func(c rune) {
		k := layout.chord(c)
		if k.dead != "" {
			out = append(out, stroke{code: k.dead, shift: k.deadShift})
		}
		out = append(out, stroke{code: k.code, shift: k.shift, text: string(c)})
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if i > 1 && text[i-1] == ' ' && (text[i-2] == '.' || text[i-2] == '?' || text[i-2] == '!') {
			at := len(out)
			emit(c)
			out[at].pauseMS = t.ThinkMS * s.rand.ExpFloat64()
			continue
		}
		wrong := ""
		if s.rand.Float64() < t.ErrorShare {
			wrong = neighbour(layout.chord(c).code, 1-2*s.rand.IntN(2))
		}
		written := layout.written(wrong)
		if written == 0 || c < 'a' || c > 'z' {
			emit(c)
			continue
		}
		out = append(out, stroke{code: wrong, text: string(written)})
		seen := 1
		if s.rand.Float64() > t.NoticeShare {
			for range 1 + s.rand.IntN(3) {
				if i+seen < len(text) && text[i+seen] >= 'a' && text[i+seen] <= 'z' {
					emit(text[i+seen])
					seen++
				}
			}
		}
		for j := range seen {
			k := stroke{code: "Backspace"}
			if j == 0 {
				k.pauseMS = t.NoticeMS * (0.5 + 0.5*s.rand.ExpFloat64())
			}
			out = append(out, k)
		}
		emit(c)
	}
	return out
}

// press gives the time of every stroke's press.
func (s *Session) press(strokes []stroke, startMS float64) []float64 {
	t := s.person.Typist
	out := make([]float64, len(strokes))
	nowMS, noise := startMS, s.rand.NormFloat64()
	for i, k := range strokes {
		if i == 0 && k.shift {
			nowMS += 2 * t.ShiftLeadMS
		}
		if i > 0 {
			from := strokes[i-1].code
			noise = t.Carry*noise + math.Sqrt(1-t.Carry*t.Carry)*s.rand.NormFloat64()
			intervalMS := t.IntervalMS * t.pairFactor(from, k.code)
			if from == "Backspace" && k.code == "Backspace" {
				intervalMS = t.BackspaceMS
			}
			intervalMS *= math.Exp(s.tempo.at(s.rand, nowMS) + t.IntervalSpread*noise)
			if s.rand.Float64() < t.HesitateShare {
				intervalMS += t.HesitateMS * s.rand.ExpFloat64()
			}
			if k.shift {
				intervalMS += 0.5 * t.ShiftLeadMS
			}
			leastMS := 22.0
			if from == k.code {
				leastMS = 70
			}
			nowMS += math.Max(leastMS, intervalMS)
		}
		nowMS += k.pauseMS
		out[i] = nowMS
	}
	return out
}

func (s *Session) dwell(code string, atMS float64) float64 {
	t := s.person.Typist
	return t.DwellMS * t.keyFactor(code) * math.Exp(s.touch.at(s.rand, atMS)+t.DwellSpread*s.rand.NormFloat64())
}

// shift gives the press and release of the shift key around a letter's press, within the given times.
func (s *Session) shift(code string, earliestMS, pressMS, latestMS float64) []Keystroke {
	t := s.person.Typist
	side := "ShiftLeft"
	if !t.LeftShift && places[code].hand == 0 {
		side = "ShiftRight"
	}
	downMS := math.Max(earliestMS, pressMS-t.ShiftLeadMS*math.Exp(0.3*s.rand.NormFloat64()))
	upMS := math.Min(latestMS, pressMS+t.ShiftTrailMS*math.Exp(0.4*s.rand.NormFloat64()))
	return []Keystroke{{TimeMS: downMS, Down: true, Code: side}, {TimeMS: upMS, Code: side}}
}

// Apply gives the text that remains after keystrokes, as an input field would show it.
func Apply(keys []Keystroke) string {
	var text []rune
	for _, k := range keys {
		switch {
		case !k.Down:
		case k.Code == "Backspace":
			text = text[:max(0, len(text)-1)]
		default:
			text = append(text, []rune(k.Text)...)
		}
	}
	return string(text)
}
