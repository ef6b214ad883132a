package demo

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/sim"
)

// colleague is a generated person who may take over the desk's page.
type colleague struct {
	ID   string
	Name string
	Seed uint64
}

// selfID stands for the stand-in of whoever is signed in.
const selfID = "self"

// colleagues are people whom nobody at the desk resembles closely: a demonstration shows the plain case. Real people
// include near twins, whom this model takes longer to tell apart, or does not.
var colleagues = []colleague{
	{"ada", "Ada", 1138},
	{"bruno", "Bruno", 1076},
	{"chiara", "Chiara", 1022},
	{"dmitri", "Dmitri", 1201},
	{"eun", "Eun-ji", 1205},
	{"farid", "Farid", 1005},
}

func (s *seat) personOf(id string) (sim.Person, bool) {
	if id == selfID {
		return sim.NewPerson(s.employee.StandIn), true
	}
	for _, c := range colleagues {
		if c.ID == id {
			return sim.NewPerson(c.Seed), true
		}
	}
	return sim.Person{}, false
}

// colleagueRow is a colleague as the panel shows them.
type colleagueRow struct {
	ID, Name, Traits string
}

func colleagueRows(say func(string, ...string) string) []colleagueRow {
	var out []colleagueRow
	for _, c := range colleagues {
		var words []string
		for _, t := range traits(sim.NewPerson(c.Seed)) {
			words = append(words, say("trait."+t))
		}
		out = append(out, colleagueRow{c.ID, c.Name, strings.Join(words, ", ")})
	}
	return out
}

// traits gives the two ways in which a person stands out most from the others, as keys of the strings.
func traits(p sim.Person) []string {
	measures := []struct {
		low, high string
		value     float64 // in standard deviations of the population
	}{
		{"fast", "slow", math.Log(p.Typist.IntervalMS/172) / 0.36},
		{"short", "long", math.Log(p.Typist.DwellMS/116) / 0.25},
		{"quick", "calm", math.Log(p.Hand.FittsB/140) / 0.24},
		{"straight", "curved", (math.Abs(p.Hand.Bend) + p.Hand.WristBend - 0.086) / 0.04},
		{"early", "late", math.Log(p.Hand.SettleMS/160) / 0.4},
	}
	var out []string
	for range 2 {
		best := 0
		for i := range measures {
			if math.Abs(measures[i].value) > math.Abs(measures[best].value) {
				best = i
			}
		}
		if measures[best].value < 0 {
			out = append(out, measures[best].low)
		} else {
			out = append(out, measures[best].high)
		}
		measures[best].value = 0
	}
	return out
}

// colleagueAtWork is a colleague's sitting at one seat.
type colleagueAtWork struct {
	session *sim.Session
	nowMS   float64
	round   int
}

// box is where an element of the page lies, in CSS pixels of the viewport.
type box struct {
	ID string  `json:"id"`
	X  float64 `json:"x"`
	Y  float64 `json:"y"`
	W  float64 `json:"w"`
	H  float64 `json:"h"`
}

// stage is what a round of work needs to know of the page.
type stage struct {
	Items  []box     `json:"items"`
	Read   box       `json:"read"`
	Reply  box       `json:"reply"`
	Send   box       `json:"send"`
	Cursor sim.Point `json:"cursor"`
}

// No screen is as large, in CSS pixels. A movement over more would never end.
const maxPX = 100_000

// plausible reports whether a page can lie like this.
func (on stage) plausible() bool {
	places := []float64{on.Cursor.X, on.Cursor.Y}
	for _, b := range append([]box{on.Read, on.Reply, on.Send}, on.Items...) {
		if b.W < 0 || b.H < 0 {
			return false
		}
		places = append(places, b.X, b.Y, b.W, b.H)
	}
	return len(on.Items) <= 100 && !slices.ContainsFunc(places, func(px float64) bool { return math.Abs(px) > maxPX })
}

// step is one thing to do at a time, milliseconds from the round's start: an event in the words of a recording, what a
// key writes (s), or what a click brings about (do).
type step struct {
	T  float64  `json:"t"`
	K  string   `json:"k,omitempty"`
	C  string   `json:"c,omitempty"`
	S  string   `json:"s,omitempty"`
	P  string   `json:"p,omitempty"`
	X  *float64 `json:"x,omitempty"`
	Y  *float64 `json:"y,omitempty"`
	B  *uint8   `json:"b,omitempty"`
	DY float64  `json:"dy,omitempty"`
	Do string   `json:"do,omitempty"`
	ID string   `json:"id,omitempty"`
}

// round gives one round of a colleague's work on the page as it lies now: look through the list, open a customer, read,
// write a reply, send it.
func (d *Desk) round(w http.ResponseWriter, r *http.Request, s *seat) {
	var on stage
	if err := json.NewDecoder(r.Body).Decode(&on); err != nil || !on.plausible() {
		http.Error(w, "want the places of the page's elements", http.StatusBadRequest)
		return
	}
	person, ok := s.personOf(r.PathValue("colleague"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locked {
		http.Error(w, "the desk is locked", http.StatusLocked)
		return
	}
	at := s.colleagues[r.PathValue("colleague")]
	if at == nil {
		at = &colleagueAtWork{session: person.Session(uint64(d.options.Now().UnixNano()))}
		s.colleagues[r.PathValue("colleague")] = at
	}
	answer(w, map[string]any{"steps": at.work(on, language(r))})
}

// work lays out one round.
func (a *colleagueAtWork) work(on stage, language string) []step {
	script := &script{at: a, startMS: a.nowMS, cursor: on.Cursor}
	a.nowMS += 150
	if len(on.Items) > 0 {
		looks := 1 + a.round%3
		for i := range looks {
			item := on.Items[(a.round*5+i*3)%len(on.Items)]
			script.point(item, 0.35)
			if i == looks-1 {
				script.do("open", item.ID)
			}
			a.nowMS += 220
		}
	}
	for i := range 3 {
		if a.session.Follows() {
			script.follow(on.Read, i)
		}
		a.nowMS += 450
	}
	script.point(on.Reply, 0.5)
	script.do("focus", "")
	a.nowMS += 250
	for i := range 1 + (a.round+1)%2 {
		text := a.session.NextSentence(language)
		if i > 0 {
			text = " " + text
		}
		script.write(text, language)
		a.nowMS += 350
	}
	script.point(on.Send, 0.6)
	script.do("send", "")
	a.nowMS += 900
	script.steps = append(script.steps, step{T: a.nowMS - script.startMS, Do: "rest"})
	a.round++
	return script.steps
}

// script collects the steps of one round.
type script struct {
	at      *colleagueAtWork
	startMS float64
	cursor  sim.Point
	steps   []step
}

func (c *script) point(to box, spread float64) {
	// The same offsets from the middle come again from time to time, as they do where people aim at words.
	turn := float64(c.at.round%7)/7 - 0.45
	aim := sim.Point{X: to.X + to.W*(0.5+spread*turn*0.7), Y: to.Y + to.H*(0.5+spread*turn*0.5)}
	width := math.Max(8, math.Min(to.W, to.H*3))
	c.move(c.at.session.Point(c.cursor, aim, width, c.at.nowMS))
}

// follow lets the pointer go along with the lines that are being read.
func (c *script) follow(lines box, i int) {
	across := [...]float64{0.75, 0.2, 0.6}[(c.at.round+i)%3]
	down := [...]float64{0.25, 0.4, 0.55, 0.7}[(c.at.round+2*i)%4]
	to := sim.Point{X: lines.X + across*lines.W, Y: lines.Y + down*lines.H}
	c.move(c.at.session.Follow(c.cursor, to, c.at.nowMS))
}

func (c *script) move(events []event.Pointer) {
	for _, e := range events {
		x, y := e.X, e.Y
		s := step{T: e.TimeMS - c.startMS, X: &x, Y: &y, P: map[event.PointerKind]string{
			event.Move: "move", event.Press: "down", event.Release: "up",
		}[e.Kind]}
		if e.Kind != event.Move {
			button := e.Button
			s.B = &button
		}
		c.steps = append(c.steps, s)
		c.at.nowMS, c.cursor = e.TimeMS, sim.Point{X: x, Y: y}
	}
}

func (c *script) write(text, language string) {
	for _, k := range c.at.session.Type(text, sim.LayoutFor(language), c.at.nowMS) {
		s := step{T: k.TimeMS - c.startMS, K: "up", C: k.Code, S: k.Text}
		if k.Down {
			s.K = "down"
		}
		c.steps = append(c.steps, s)
		c.at.nowMS = k.TimeMS
	}
}

func (c *script) do(what, id string) {
	c.steps = append(c.steps, step{T: c.at.nowMS - c.startMS, Do: what, ID: id})
}
