package dataset

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"ipse.dev/ipse/internal/event"
)

const (
	mobiKeyFile   = "Keystrokes.csv"
	mobiKeyHeader = "UserId, DeviceId, SessionId, Key, DownTime, UpTime, Pressure, FingerArea, RawX, RawY, gravityX, gravityY, gravityZ, Hands, PasswordType, Repetition"
	mobiKeyFields = 16
)

// mobiKeyRadiusPX is the radius in CSS pixels of a finger whose area is 1. The set gives areas as shares of what its
// tablets can report and not what that is; with 40, an ordinary finger has a radius of 12.
const mobiKeyRadiusPX = 40

func matchMobiKey(dir string, e entry) bool {
	return e.dir && slices.Contains(list(filepath.Join(dir, e.name)), entry{mobiKeyFile, false})
}

// readMobiKey reads MOBIKEY (Antal and Nemes 2016): passwords typed on tablets' soft keyboards, one folder a
// place where people were asked, one row a tap. All tablets are of one kind; there are as many of them as folders, and the
// versions of their systems fit one tablet a folder.
//
// The columns Key, RawX and RawY are passed over, and every tap lies at (0, 0): the set was recorded without movement
// within a tap, so its places say nothing but which key was meant.
func readMobiKey(dir string, opt Options, yield func(Person) error) error {
	folders := matching(dir, matchMobiKey)
	var people []Person
	for i, name := range folders {
		more, err := mobiKeyPeople(filepath.Join(dir, name, mobiKeyFile), opt)
		if err != nil {
			return err
		}
		for i := range more {
			more[i].Unit = name
		}
		people = append(people, more...)
		opt.progress(i+1, len(folders))
	}
	slices.SortStableFunc(people, func(a, b Person) int { return naturalOrder(a.ID, b.ID) })
	for i, p := range people {
		if i > 0 && people[i-1].ID == p.ID {
			return fmt.Errorf("%w: two folders below %s hold the user %s", ErrMixed, dir, p.ID)
		}
		if err := yield(p); err != nil {
			return err
		}
	}
	return nil
}

type mobiKeyTap struct {
	startMS, endMS, radiusPX, pressure float64
	gravity                            [3]float64
}

func mobiKeyPeople(file string, opt Options) ([]Person, error) {
	taps := map[[2]string][]mobiKeyTap{} // by user and session
	var fields [][]byte
	err := rows(file, opt, func(line int, row []byte) (err error) {
		if line == 1 {
			return header(row, mobiKeyHeader)
		}
		if fields, err = csvRow(row, fields, mobiKeyFields); err != nil {
			return err
		}
		for i := range fields {
			fields[i] = bytes.TrimSpace(fields[i])
		}
		if len(fields[0]) == 0 || len(fields[2]) == 0 {
			return errors.New("one of UserId and SessionId is empty")
		}
		tap, err := mobiKeyTapOf(fields)
		if err != nil {
			return err
		}
		key := [2]string{string(fields[0]), string(fields[2])}
		taps[key] = append(taps[key], tap)
		return nil
	})
	if err != nil {
		return nil, err
	}
	byUser := map[string]*Person{}
	for key, of := range taps {
		p := byUser[key[0]]
		if p == nil {
			p = &Person{ID: key[0]}
			byUser[key[0]] = p
		}
		p.Sessions = append(p.Sessions, mobiKeySession(key[1], of))
	}
	var people []Person
	for _, p := range byUser {
		slices.SortFunc(p.Sessions, func(a, b Session) int { return naturalOrder(a.Name, b.Name) })
		people = append(people, *p)
	}
	return people, nil
}

func mobiKeyTapOf(fields [][]byte) (t mobiKeyTap, err error) {
	if t.startMS, err = timeMS(fields[4], "DownTime", 1); err != nil {
		return t, err
	}
	if t.endMS, err = timeMS(fields[5], "UpTime", 1); err != nil {
		return t, err
	}
	if t.endMS < t.startMS {
		return t, fmt.Errorf("the UpTime lies %g ms before DownTime; want it at or after", t.startMS-t.endMS)
	}
	if t.pressure, err = number(fields[6], "Pressure"); err != nil {
		return t, err
	}
	if t.radiusPX, err = number(fields[7], "FingerArea"); err != nil {
		return t, err
	}
	if t.pressure < 0 || t.radiusPX < 0 || t.radiusPX > 1 {
		return t, errors.New("the columns Pressure and FingerArea must hold 0 or more, and an area at most 1")
	}
	t.pressure = math.Min(1, t.pressure) // a few taps exceed what the tablet calls the highest
	t.radiusPX *= mobiKeyRadiusPX
	for i := range t.gravity {
		if t.gravity[i], err = number(fields[10+i], "gravity"); err != nil {
			return t, err
		}
		if math.Abs(t.gravity[i]) > maxMotion {
			return t, fmt.Errorf("gravity is outside ±%d m/s²", maxMotion)
		}
	}
	return t, nil
}

func mobiKeySession(name string, taps []mobiKeyTap) Session {
	slices.SortStableFunc(taps, func(a, b mobiKeyTap) int { return cmp.Compare(a.startMS, b.startMS) })
	s := Session{Name: name}
	originMS := taps[0].startMS
	for i, t := range taps {
		e := event.Touch{TimeMS: t.startMS - originMS, Contact: i, RadiusPX: t.radiusPX, Pressure: t.pressure, Trusted: true}
		s.Touches = append(s.Touches, e)
		e.TimeMS, e.Kind = t.endMS-originMS, event.TouchEnd
		s.Touches = append(s.Touches, e)
		s.Motions = append(s.Motions, event.Motion{TimeMS: t.startMS - originMS, Acceleration: t.gravity})
	}
	slices.SortStableFunc(s.Touches, func(a, b event.Touch) int { return cmp.Compare(a.TimeMS, b.TimeMS) })
	return s
}
