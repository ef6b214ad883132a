package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/event"
)

// gamesFolders are the two games' folders and how their files end.
var gamesFolders = []struct{ folder, suffix string }{{"snake_raw_data", "Snake.csv"}, {"mc_raw", "MC.csv"}}

// gamesPhone is one of the two phones of the set: its header, and what turns its units into CSS pixels. The set tells
// neither phone nor units: the first reports both coordinates up to 4095, the second pixels of a display of 1440 by
// 2880. Sizes of the first are scaled so that an ordinary finger has a radius of 12.
type gamesPhone struct {
	name, header         string
	xPX, yPX, diameterPX float64
}

var gamesPhones = []gamesPhone{
	{"first phone", "Timestamp,X,Y,BTN_TOUCH,TOUCH_MAJOR,TOUCH_MINOR,FINGER,CLASS", 360.0 / 4096, 640.0 / 4096, 1.5},
	{"second phone", "Timestamp,X,Y,BTN_TOUCH,WIDTH_MAJOR,WIDTH_MINOR,FINGER,CLASS", 0.25, 0.25, 0.25},
}

const (
	gamesFields  = 8
	gamesMissing = -420 // what the recorder writes for a value that has not been reported yet
	gamesFingers = 10
)

// What tells a new contact from a movement of the old one where the recording does not say: it tells the first finger's
// coming and the last finger's going only.
const (
	gamesJumpMS = 40
	gamesJumpPX = 24  // after gamesJumpMS without a report
	gamesLeapPX = 120 // at once
)

func matchGames(dir string, e entry) bool {
	return e.dir && slices.ContainsFunc(gamesFolders, func(g struct{ folder, suffix string }) bool {
		return e.name == g.folder && len(matching(filepath.Join(dir, e.name), gamesFile(g.suffix))) > 0
	})
}

func gamesFile(suffix string) func(string, entry) bool {
	return func(_ string, e entry) bool {
		id, ok := strings.CutSuffix(e.name, suffix)
		return ok && !e.dir && prefixed(id, "Sub")
	}
}

// readGames reads the raw touches of two phone games, some ten minutes of each: one file a person and game, one row a
// report of a finger, a finger's rows one after the other. A person is named by the number in the files' names.
func readGames(dir string, opt Options, yield func(Person) error) error {
	var ids []string
	for _, g := range gamesFolders {
		for _, name := range matching(filepath.Join(dir, g.folder), gamesFile(g.suffix)) {
			if id := strings.TrimPrefix(strings.TrimSuffix(name, g.suffix), "Sub"); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	slices.SortFunc(ids, naturalOrder)
	for i, id := range ids {
		p := Person{ID: id}
		for _, g := range gamesFolders {
			name := "Sub" + id + g.suffix
			folder := filepath.Join(dir, g.folder)
			if !slices.Contains(list(folder), entry{name, false}) {
				continue
			}
			phone, touches, err := gamesTouches(filepath.Join(folder, name), opt)
			if err != nil {
				return err
			}
			p.Device = cmp.Or(p.Device, phone)
			p.Sessions = append(p.Sessions, Session{Name: strings.TrimSuffix(g.suffix, ".csv"), Touches: touches})
		}
		if err := yield(p); err != nil {
			return err
		}
		opt.progress(i+1, len(ids))
	}
	return nil
}

func gamesTouches(file string, opt Options) (string, []event.Touch, error) {
	var (
		phone   *gamesPhone
		fields  [][]byte
		fingers [gamesFingers]*gamesFinger
	)
	err := rows(file, opt, func(line int, row []byte) (err error) {
		if line == 1 {
			for i := range gamesPhones {
				if string(row) == gamesPhones[i].header {
					phone = &gamesPhones[i]
				}
			}
			if phone == nil {
				return fmt.Errorf("the first line is neither the header %q nor %q", gamesPhones[0].header, gamesPhones[1].header)
			}
			return nil
		}
		if fields, err = csvRow(row, fields, gamesFields); err != nil {
			return err
		}
		at, err := timeMS(fields[0], "Timestamp", 1000)
		if err != nil {
			return err
		}
		n, ok := wholeNumber(fields[6])
		if !ok || n >= gamesFingers {
			return fmt.Errorf("FINGER must be a whole number from 0 to %d", gamesFingers-1)
		}
		f := fingers[int(n)]
		if f == nil {
			f = &gamesFinger{phone: phone, id: int(n)}
			fingers[int(n)] = f
		}
		return f.report(at, fields)
	})
	if err != nil || phone == nil {
		return "", nil, err
	}
	var touches []event.Touch
	for _, f := range fingers {
		if f != nil {
			f.leave(event.TouchCancel, f.last.TimeMS)
			touches = append(touches, f.events...)
		}
	}
	slices.SortStableFunc(touches, func(a, b event.Touch) int { return cmp.Compare(a.TimeMS, b.TimeMS) })
	if len(touches) > 0 {
		firstMS := touches[0].TimeMS
		for i := range touches {
			touches[i].TimeMS -= firstMS
		}
	}
	return phone.name, touches, nil
}

// gamesFinger turns one finger's reports into events. The recorder keeps two records in turn, so a value that the panel
// does not report because it has not changed is written as it was two rows before; such values are put right here.
type gamesFinger struct {
	phone   *gamesPhone
	id      int
	written [2][4]float64 // the last two rows as they are written: x, y, major and minor
	values  [4]float64    // as they were reported
	rows    int
	last    event.Touch
	doubt   *event.Touch // a row that lies far off
	down    bool
	events  []event.Touch
}

func (f *gamesFinger) report(atMS float64, fields [][]byte) error {
	if atMS < f.last.TimeMS {
		return fmt.Errorf("the Timestamp lies %.0f ms before the finger's last row; want rows in order of time", f.last.TimeMS-atMS)
	}
	state := string(fields[3])
	if state != "HELD" && state != "DOWN" && state != "UP" {
		return errors.New("BTN_TOUCH is none of HELD, DOWN, UP")
	}
	var now [4]float64
	for i, column := range [...]int{1, 2, 4, 5} {
		v, err := number(fields[column], "a position or size")
		if err != nil {
			return err
		}
		if v != gamesMissing && (v < 0 || v > maxPositionPX) {
			return fmt.Errorf("a position or size is outside 0 to %d", maxPositionPX)
		}
		now[i] = v
		if f.rows < 2 || v != f.written[f.rows%2][i] {
			f.values[i] = v
		}
	}
	f.written[f.rows%2] = now
	f.rows++
	if slices.Contains(f.values[:2], gamesMissing) {
		return nil
	}
	e := event.Touch{TimeMS: atMS, Kind: event.TouchMove, Contact: f.id, X: f.values[0] * f.phone.xPX, Y: f.values[1] * f.phone.yPX, Trusted: true}
	if f.values[2] > 0 && f.values[3] > 0 {
		e.RadiusPX = (f.values[2] + f.values[3]) / 4 * f.phone.diameterPX
	}
	f.take(e, state)
	return nil
}

// take takes a row whose place is known. A row that lies far off the contact waits for the next one: it begins another
// contact if that one is near it, and otherwise holds a value of another finger, as rows do when several move at once.
func (f *gamesFinger) take(e event.Touch, state string) {
	doubt := f.doubt
	f.doubt = nil
	switch {
	case state == "UP":
		f.leave(event.TouchEnd, e.TimeMS)
		f.last.TimeMS = e.TimeMS
	case state == "DOWN":
		f.leave(event.TouchCancel, f.last.TimeMS)
		f.start(e)
	case !f.down || near(f.last, e):
		f.events, f.last, f.down = append(f.events, e), e, true
	case doubt != nil && near(*doubt, e):
		f.leave(event.TouchCancel, f.last.TimeMS)
		f.start(*doubt)
		f.events, f.last = append(f.events, e), e
	default:
		f.doubt = &e
	}
}

func (f *gamesFinger) start(e event.Touch) {
	e.Kind = event.TouchStart
	f.events, f.last, f.down = append(f.events, e), e, true
}

// leave ends the contact, if there is one. One of a single row that was not lifted was a start at a place of before.
func (f *gamesFinger) leave(kind event.TouchKind, atMS float64) {
	if !f.down {
		return
	}
	f.down = false
	if last := len(f.events) - 1; kind == event.TouchCancel && (last == 0 || f.events[last-1].Kind >= event.TouchEnd) {
		f.events = f.events[:last]
		return
	}
	e := f.last
	e.Kind, e.TimeMS = kind, atMS
	f.events = append(f.events, e)
}

// near reports whether a finger can have moved from a to b while it was on the glass.
func near(a, b event.Touch) bool {
	way := math.Hypot(b.X-a.X, b.Y-a.Y)
	return way <= gamesJumpPX || (way <= gamesLeapPX && b.TimeMS-a.TimeMS <= gamesJumpMS)
}
