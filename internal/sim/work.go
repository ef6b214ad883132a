package sim

import (
	"math"

	"ipse.dev/ipse/internal/event"
)

// Work gives a stretch of mixed desk work from startMS until about untilMS: the person looks through a list with
// pointer and wheel, opens an entry, reads, clicks into a reply box, writes a sentence or two of Sentences(language),
// and sends them. Events of both kinds are in order of time. A sentence begun before untilMS is finished.
func (s *Session) Work(language string, startMS, untilMS float64) Stretch {
	var out Stretch
	nowMS := startMS
	for nowMS < untilMS {
		nowMS = s.browse(&out, nowMS)
		nowMS = s.read(&out, nowMS)
		nowMS = s.visit(&out, Point{900 + 60*s.rand.NormFloat64(), 620 + 12*s.rand.NormFloat64()}, 300, nowMS)
		for range 1 + s.rand.IntN(2) {
			keys := s.Type(s.NextSentence(language), LayoutFor(language), nowMS+250*s.rand.ExpFloat64())
			for _, k := range keys {
				out.Keys = append(out.Keys, k.Event())
			}
			nowMS = keys[len(keys)-1].TimeMS + 200 + s.person.Typist.ThinkMS*s.rand.ExpFloat64()
		}
		nowMS = s.visit(&out, Point{1120 + 8*s.rand.NormFloat64(), 690 + 4*s.rand.NormFloat64()}, 80, nowMS)
		nowMS += 1200 + 2500*s.rand.ExpFloat64()
	}
	out.EndMS = nowMS
	return out
}

// NextSentence gives the next sentence that the person writes in a language.
func (s *Session) NextSentence(language string) string {
	all := Sentences(language)
	s.sentence++
	return all[(s.sentence*7)%len(all)]
}

func (s *Session) browse(out *Stretch, nowMS float64) float64 {
	for range 1 + s.rand.IntN(3) {
		nowMS = s.visit(out, Point{60 + 200*s.rand.Float64(), 160 + 480*s.rand.Float64()}, 40, nowMS)
		if s.rand.Float64() < 0.4 {
			wheel := s.Wheel(s.cursor, 2+s.rand.IntN(6), nowMS)
			out.Pointers = append(out.Pointers, wheel...)
			nowMS = wheel[len(wheel)-1].TimeMS + 300
		}
	}
	return nowMS
}

// read lets the pointer wander along some lines of the card, where the person does such things.
func (s *Session) read(out *Stretch, nowMS float64) float64 {
	for range 3 {
		if s.Follows() {
			to := Point{480 + 420*s.rand.Float64(), 180 + 300*s.rand.Float64()}
			events := s.Follow(s.cursor, to, nowMS)
			out.Pointers = append(out.Pointers, events...)
			last := events[len(events)-1]
			s.cursor, nowMS = Point{last.X, last.Y}, last.TimeMS
		}
		nowMS += 300 + 500*s.rand.ExpFloat64()
	}
	return nowMS
}

// Follows tells whether the pointer goes along with what the person reads next.
func (s *Session) Follows() bool { return s.rand.Float64() < s.person.Hand.FollowShare }

func (s *Session) visit(out *Stretch, to Point, widthPX, nowMS float64) float64 {
	events := s.Point(s.cursor, to, widthPX, nowMS)
	out.Pointers = append(out.Pointers, events...)
	last := events[len(events)-1]
	s.cursor = Point{last.X, last.Y}
	return last.TimeMS + math.Max(150, 500*s.rand.ExpFloat64())
}

// Trusted sets whether a stretch's events are said to come from a device (true, as generated) or from software.
func (s Stretch) Trusted(trusted bool) Stretch {
	out := Stretch{Keys: make([]event.Key, len(s.Keys)), Pointers: make([]event.Pointer, len(s.Pointers)), EndMS: s.EndMS}
	for i, k := range s.Keys {
		k.Trusted = trusted
		out.Keys[i] = k
	}
	for i, p := range s.Pointers {
		p.Trusted = trusted
		out.Pointers[i] = p
	}
	return out
}
