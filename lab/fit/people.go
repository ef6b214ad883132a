// Package fit owns the making of weights from data sets, for the plain model and learned ones: what is usual among people,
// the two-covariance model, its calibration, and the tail of genuine streams.
// Data sets come in; a weights file with its card goes out. Some people of each set are left out of everything, so that
// they stay fit for tests.
package fit

import (
	"fmt"
	"hash/fnv"
	"slices"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// Role says what a person is used for.
type Role int

// The roles. They follow from the set's name and the person's identifier alone, so that every fit agrees on who is
// unseen.
const (
	Unseen Role = iota
	Calibration
	Background
)

// RoleOf gives a person's role: of a hundred people about thirty are unseen, fifteen calibrate and the rest is
// background. A set that no protocol measures keeps nobody unseen: its people could never be tested.
func RoleOf(set, id string) Role {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s/%s", set, id)
	switch n := h.Sum32() % 100; {
	case n < 30 && set == dataset.Villani:
		return Background
	case n < 30:
		return Unseen
	case n < 45:
		return Calibration
	}
	return Background
}

// stretchWindows is how many consecutive windows count as one stretch of work.
const stretchWindows = 10

// person is one person's windows, cut as the product cuts them, by stretches of work.
type person struct {
	set, id  string
	role     Role
	keyboard [][]window.Keyboard
	pointer  [][]window.Pointer
	touch    [][]window.Touch
	device   string // kind of device, where the set has several that report differently
}

// read gives the people of one set, without the unseen ones.
func read(set, dir string) ([]person, error) {
	var people []person
	opt := dataset.Options{OnMalformed: func(*dataset.RowError) error { return nil }}
	err := dataset.Read(set, dir, opt, func(p dataset.Person) error {
		role := RoleOf(set, p.ID)
		if role == Unseen {
			return nil
		}
		out := person{set: set, id: p.ID, role: role, device: p.Device}
		for _, s := range p.Sessions {
			if s.Label == dataset.Intruder || set == dataset.Balabit && s.Part != dataset.Enrolment {
				continue
			}
			out.cut(s)
		}
		people = append(people, out)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("fit: %s: %w", set, err)
	}
	return people, nil
}

func (p *person) cut(s dataset.Session) {
	keys := window.NewKeyboardCutter(window.KeyboardStrokes, window.KeyboardStrokes*3/4)
	var typed []window.Keyboard
	for _, k := range s.Keys {
		typed = append(typed, keys.Push(k)...)
	}
	typed = append(typed, keys.Flush()...)
	p.keyboard = append(p.keyboard, slices.Collect(slices.Chunk(typed, stretchWindows))...)

	points := window.NewPointerCutter(window.PointerEvents, window.PointerEvents*3/4)
	var pointed []window.Pointer
	for _, e := range s.Pointers {
		pointed = append(pointed, points.Push(e)...)
	}
	pointed = append(pointed, points.Flush()...)
	p.pointer = append(p.pointer, slices.Collect(slices.Chunk(pointed, stretchWindows))...)

	touched := s.TouchWindows(window.TouchStrokes, window.TouchStrokes*3/4)
	p.touch = append(p.touch, slices.Collect(slices.Chunk(touched, stretchWindows))...)
}

// sample is one person's embeddings of one modality, by stretches.
type sample struct {
	set, id   string
	device    string
	role      Role
	stretches [][]probe
}

type probe struct {
	embedding observation.Embedding
	events    int
}

func (s sample) all() []probe { return slices.Concat(s.stretches...) }

// Calibrates reports whether a person may calibrate weights that have, or have not, seen them: those whom RoleOf keeps for
// it, and background people from whom these weights have learnt nothing. Unseen people never do.
func Calibrates(set, id string, seen bool) bool {
	role := RoleOf(set, id)
	return role == Calibration || role == Background && !seen
}
