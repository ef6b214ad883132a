package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"

	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// pairingWindow is the length in strokes of the windows that are cut and joined again; any length gives the same
// strokes.
const pairingWindow = 60

// index is the JSON beside a set's arrays: whose the strokes and events are, in their order.
type index struct {
	Set    string        `json:"set"`
	People []indexPerson `json:"people"`
}

type indexPerson struct {
	ID       string         `json:"id"`
	Device   string         `json:"device"`
	Role     string         `json:"role"` // "background" trains, "calibration" only watches
	Sessions []indexSession `json:"sessions"`
}

type indexSession struct {
	Name     string `json:"name"`
	Part     int    `json:"part"` // dataset.Part
	Strokes  int    `json:"strokes"`
	Pointers int    `json:"pointers"`
	Windows  []int  `json:"windows"` // strokes of fingers in each window of touch
}

// writer writes one set: SET.strokes (press and release in ms as float64, class as a byte), SET.pointers (time in ms, x
// and y as float64, kind as a byte), SET.touched and SET.plain (see touches), little-endian without gaps, and SET.json.
type writer struct {
	dir               string
	index             index
	strokes, pointers *array
	touched, plain    *array
}

func create(dir, set string) (*writer, error) {
	w := &writer{dir: dir, index: index{Set: set}}
	var err error
	if w.strokes, err = createArray(filepath.Join(dir, set+".strokes")); err != nil {
		return nil, err
	}
	if w.pointers, err = createArray(filepath.Join(dir, set+".pointers")); err != nil {
		return nil, errors.Join(err, w.strokes.close())
	}
	if w.touched, err = createArray(filepath.Join(dir, set+".touched")); err != nil {
		return nil, errors.Join(err, w.strokes.close(), w.pointers.close())
	}
	if w.plain, err = createArray(filepath.Join(dir, set+".plain")); err != nil {
		return nil, errors.Join(err, w.strokes.close(), w.pointers.close(), w.touched.close())
	}
	return w, nil
}

func (w *writer) person(p dataset.Person, role fit.Role) error {
	out := indexPerson{ID: p.ID, Device: p.Device, Role: "background"}
	if role == fit.Calibration {
		out.Role = "calibration"
	}
	for _, s := range p.Sessions {
		// Balabit's test files hold other people's sessions, and train nobody.
		if s.Label == dataset.Intruder || w.index.Set == dataset.Balabit && s.Part != dataset.Enrolment {
			continue
		}
		out.Sessions = append(out.Sessions, indexSession{Name: s.Name, Part: int(s.Part), Strokes: w.keys(s), Pointers: w.moves(s), Windows: w.touches(s)})
	}
	w.index.People = append(w.index.People, out)
	return errors.Join(w.strokes.err, w.pointers.err, w.touched.err, w.plain.err)
}

func (w *writer) keys(s dataset.Session) (strokes int) {
	cutter := window.NewKeyboardCutter(pairingWindow, 1)
	add := func(windows []window.Keyboard) {
		for _, k := range windows {
			for _, x := range k.Strokes {
				w.strokes.floats(x.PressMS, x.ReleaseMS)
				w.strokes.byte(byte(x.Class))
				strokes++
			}
		}
	}
	for _, e := range s.Keys {
		add(cutter.Push(e))
	}
	add(cutter.Flush())
	return strokes
}

func (w *writer) moves(s dataset.Session) (events int) {
	cutter := window.NewPointerCutter(window.PointerEvents, 1)
	add := func(windows []window.Pointer) {
		for _, p := range windows {
			for _, e := range p.Events {
				w.pointers.floats(e.TimeMS, e.X, e.Y)
				w.pointers.byte(byte(e.Kind))
				events++
			}
		}
	}
	for _, e := range s.Pointers {
		add(cutter.Push(e))
	}
	add(cutter.Flush())
	return events
}

func (w *writer) close() error {
	raw, err := json.Marshal(w.index)
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, w.index.Set+".json"), raw, 0o600)
	}
	return errors.Join(err, w.strokes.close(), w.pointers.close(), w.touched.close(), w.plain.close())
}

// array is a file of numbers; its first error stays.
type array struct {
	file *os.File
	to   *bufio.Writer
	err  error
}

func createArray(name string) (*array, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &array{file: f, to: bufio.NewWriterSize(f, 1<<16)}, nil
}

func (a *array) floats(values ...float64) {
	var b [8]byte
	for _, v := range values {
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(v))
		if _, err := a.to.Write(b[:]); err != nil && a.err == nil {
			a.err = err
		}
	}
}

func (a *array) byte(v byte) {
	if err := a.to.WriteByte(v); err != nil && a.err == nil {
		a.err = err
	}
}

func (a *array) close() error {
	return errors.Join(a.err, a.to.Flush(), a.file.Close())
}
