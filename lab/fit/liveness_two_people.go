package fit

import (
	"fmt"
	"io"
	"math"
	"slices"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/metric"
)

// The table of two people: its bounds, and how it is made.
var (
	overlapStrokeMS = []float64{110, 140, 180, 250}
	overlapLeft     = []float64{0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.45, 1.6, 1.8, 2.1, 2.5, 3, 4, 6}
)

const (
	overlapTakes  = 4         // partners that each person who types is put beside, in every way
	overlapPrior  = 0.5       // windows that every place of the table is given
	attainedShare = 1e-3      // of one-handed windows: a pace that fewer reach is not one of one hand
	longestTyping = 1_200_000 // ms of each person's typing
)

// twoPeopleCard says what the table was made from.
const twoPeopleCard = "Two people: a table of counts over people of BB-MAS (believed CC BY 4.0) and Villani (BSD-3 repository, upstream terms not stated) who type beside people of SapiMouse and Balabit (no terms stated) who point; of Aalto nothing but how high sums come."

// Chimeras are people who type and people who point, to be put beside one another.
type Chimeras struct {
	Typing   []KeyPerson
	Pointing []PointerPerson
}

// NewChimeras reads those whom want picks of all sets of typing, and of SapiMouse and Balabit.
func NewChimeras(dir string, want func(set, id string) bool) (Chimeras, error) {
	typing, err := KeyPeople(dir, want)
	if err != nil {
		return Chimeras{}, err
	}
	pointing, err := PointerPeople(dir, func(set, id string) bool { return set != dataset.Bots && want(set, id) })
	if err != nil {
		return Chimeras{}, err
	}
	pointing = slices.DeleteFunc(pointing, func(p PointerPerson) bool { return len(p.Sessions) == 0 })
	if len(typing) == 0 || len(pointing) == 0 {
		return Chimeras{}, fmt.Errorf("fit: %w: %d people type and %d point; want both", dataset.ErrNotFound, len(typing), len(pointing))
	}
	return Chimeras{typing, pointing}, nil
}

// Stream gives what is reported of one person's typing beside somebody's pointing, in one way; the number tells several of
// the same apart. partners picks whom of Pointing; nil for all.
func (c Chimeras) Stream(person int, way Togetherness, number int, partners func(PointerPerson) bool) []presence.Window {
	p := c.Typing[person]
	rng := keyChance("together", way.Name, p.Set, p.ID, fmt.Sprint(number))
	var pointing [][]event.Pointer
	for tries := 0; len(pointing) == 0 && tries < 1000; tries++ {
		if other := c.Pointing[rng.IntN(len(c.Pointing))]; partners == nil || partners(other) {
			pointing = other.Sessions
		}
	}
	if len(pointing) == 0 {
		return nil
	}
	keys := OwnKeys(c.Typing, person).Events
	for i, k := range keys {
		if k.TimeMS-keys[0].TimeMS > longestTyping {
			keys = keys[:i]
			break
		}
	}
	return Observed(way.Make(rng, keys, pointing))
}

// Together is what is left of a stream: its overlaps, each with the number of keyboard windows by then, and how long it lasts.
type Together struct {
	Overlaps []presence.Overlap
	Typed    []int
	Hours    float64
}

// TogetherIn takes a stream's.
func TogetherIn(stream []presence.Window) (t Together) {
	typed := 0
	judge := presence.Judge{Signals: []presence.Signal{{Kind: presence.TwoPeople, Least: -1, Most: 1, Found: 1, LLR: func(w presence.Window) (float64, bool) {
		if o, ok := presence.OverlapIn(w); ok {
			t.Overlaps, t.Typed = append(t.Overlaps, o), append(t.Typed, typed)
		}
		return 0, false
	}}}}
	var state presence.State
	for _, w := range stream {
		state, _ = judge.Update(state, w)
		if w.Modality == observation.Keyboard {
			typed++
		}
	}
	if n := len(stream); n > 0 {
		t.Hours = float64(stream[n-1].StartMS+stream[n-1].DurationMS-stream[0].StartMS) / 3.6e6
	}
	return t
}

// Found gives after how many keyboard windows two people are found, each time anew.
func (t Together) Found(w presence.TwoPeopleWeights) (after []int) {
	total, since := 0.0, 0
	for i, o := range t.Overlaps {
		if total = math.Max(0, total+w.Nats(o)); total >= w.Found {
			after, total, since = append(after, t.Typed[i]-since), 0, t.Typed[i]
		}
	}
	return after
}

// TwoPeople makes the table: background people whose terms allow it count, calibration people of all sets put the bound.
func TwoPeople(log io.Writer, dir string) (presence.TwoPeopleWeights, error) {
	c, err := NewChimeras(dir, func(set, id string) bool { return RoleOf(set, id) != Unseen })
	if err != nil {
		return presence.TwoPeopleWeights{}, err
	}
	w := c.table()
	c.boundTwoPeople(log, &w)
	if err := w.Check(); err != nil {
		return w, fmt.Errorf("fit: %w", err)
	}
	return w, nil
}

// table counts and divides. Who types fast or slowly is no evidence, so every column stands by itself; how likely a row is
// under innocence is what the way says that makes it likeliest.
func (c Chimeras) table() presence.TwoPeopleWeights {
	w := presence.TwoPeopleWeights{Card: twoPeopleCard, Rebuild: "ipse fit two-people --data DIR --out FILE", StrokeMS: overlapStrokeMS, Left: overlapLeft}
	rows, columns := len(w.Left)+1, len(w.StrokeMS)+1
	counts := make([][][]float64, len(Togethernesses)) // by way, column and row
	background := func(p PointerPerson) bool { return RoleOf(p.Set, p.ID) == Background }
	for at, way := range Togethernesses {
		if !way.Two {
			w.Innocent = append(w.Innocent, way.Name)
		}
		counts[at] = make([][]float64, columns)
		for i := range columns {
			counts[at][i] = make([]float64, rows)
		}
		for i, p := range c.Typing {
			if !p.learns() {
				continue
			}
			if at == 0 {
				w.People++
			}
			for n := range overlapTakes {
				for _, o := range TogetherIn(c.Stream(i, way, n, background)).Overlaps {
					if math.IsInf(o.Left, 1) {
						continue // nothing moved: how often depends on the work
					}
					row, column := w.Place(o)
					counts[at][column][row]++
					w.Windows++
				}
			}
		}
	}
	w.Table = make([][]float64, rows)
	for row := range rows {
		w.Table[row] = make([]float64, columns)
	}
	for column := range columns {
		for row, nats := range againstInnocence(counts, column) {
			w.Table[row][column] = nats
		}
	}
	return w
}

// againstInnocence gives a column's nats: two people against the innocent way that makes a row likeliest, never rising with
// the time that is left.
func againstInnocence(counts [][][]float64, column int) []float64 {
	rows := len(counts[0][column])
	likely := func(way, row int) float64 {
		return (counts[way][column][row] + overlapPrior) / (sum(counts[way][column]) + overlapPrior*float64(rows))
	}
	nats, weights := make([]float64, rows), make([]float64, rows)
	for row := range rows {
		innocent, two := 0.0, 0.0
		for way, t := range Togethernesses {
			weights[row] += counts[way][column][row]
			all := 0.0
			for _, ofColumn := range counts[way] {
				all += sum(ofColumn)
			}
			switch {
			case t.Two:
				two = likely(way, row)
			case sum(counts[way][column]) >= attainedShare*all:
				innocent = math.Max(innocent, likely(way, row))
			}
		}
		nats[row] = math.Log(two / innocent)
		weights[row] += overlapPrior
	}
	falling(nats, weights)
	for i := range nats {
		nats[i] = round(math.Max(presence.TwoPeopleLeast, math.Min(presence.TwoPeopleMost, nats[i])))
	}
	return nats
}

func sum(values []float64) (s float64) {
	for _, v := range values {
		s += v
	}
	return s
}

// falling makes values never rise, at the least weighted squares (pool adjacent violators).
func falling(values, weights []float64) {
	type pool struct {
		value, weight float64
		n             int
	}
	var pools []pool
	for i := range values {
		p := pool{values[i], weights[i], 1}
		for len(pools) > 0 && pools[len(pools)-1].value < p.value {
			last := pools[len(pools)-1]
			pools = pools[:len(pools)-1]
			p = pool{(p.value*p.weight + last.value*last.weight) / (p.weight + last.weight), p.weight + last.weight, p.n + last.n}
		}
		pools = append(pools, p)
	}
	at := 0
	for _, p := range pools {
		for range p.n {
			values[at] = p.value
			at++
		}
	}
}

// mostSilencesPer40H is how often "cannot tell" may come of two people who are one, in the upper end of the exact interval at the
// count that is found: it accuses nobody, so more than of alarms, and no more even of people who do nothing else than type with
// one hand and point with the other.
const mostSilencesPer40H = 5

// leastTwoPeople is the lowest bound: more than two windows can say.
const leastTwoPeople = 5

// boundTwoPeople puts the bound where calibration people, one by one and in every innocent way, are found so rarely that the
// upper end of what they may come to is below mostSilencesPer40H.
func (c Chimeras) boundTwoPeople(log io.Writer, w *presence.TwoPeopleWeights) {
	calibration := func(p PointerPerson) bool { return RoleOf(p.Set, p.ID) == Calibration }
	streams := make([][]Together, len(Togethernesses))
	for at, way := range Togethernesses {
		for i, p := range c.Typing {
			if RoleOf(p.Set, p.ID) == Calibration {
				for n := range overlapTakes {
					streams[at] = append(streams[at], TogetherIn(c.Stream(i, way, n, calibration)))
				}
			}
		}
	}
	for w.Found = leastTwoPeople; w.Found < 100; w.Found++ {
		worst := 0.0
		for at, way := range Togethernesses {
			found, hours, windows := 0, 0.0, 0
			for _, t := range streams[at] {
				after := t.Found(*w)
				found, hours = found+len(after), hours+t.Hours
				if len(after) > 0 {
					windows++
				}
			}
			if !way.Two {
				worst = math.Max(worst, 40*metric.PoissonInterval(found)[1]/hours)
			}
			fmt.Fprintf(log, "from %.0f nats: %s, %d times in %.1f h, in %d of %d streams\n", w.Found, way.Name, found, hours, windows, len(streams[at]))
		}
		if worst <= mostSilencesPer40H {
			return
		}
	}
}
