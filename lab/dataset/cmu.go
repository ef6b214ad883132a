package dataset

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// CMUTimings is the number of timings of one repetition of the CMU password: eleven holds, ten down-down and ten up-down
// times, in the file's order (H, DD, UD, H, DD, UD, …, H).
const CMUTimings = 31

// PasswordTypist is one person of the CMU set: the timings in ms of every repetition of the one password, in order of
// session and repetition.
type PasswordTypist struct {
	ID          string
	Repetitions []Repetition
}

// Repetition is one typing of the password.
type Repetition struct {
	Session, Rep int // from 1
	TimingsMS    []float64
}

var cmuFiles = []string{"cmu_dsl_ms.csv", "DSL-StrongPasswordData.csv"}

// The header begins with the names of the first three columns, by which the two published forms differ: times in ms with
// numbered subjects, or times in seconds with subjects named s002, s003, ….
const (
	cmuHeaderMS      = "subject_index,sessionIndex,rep,"
	cmuHeaderSeconds = "subject,sessionIndex,rep,"
	cmuHeaderTimings = "H.period,DD.period.t,UD.period.t,H.t,DD.t.i,UD.t.i,H.i,DD.i.e,UD.i.e,H.e,DD.e.five,UD.e.five," +
		"H.five,DD.five.Shift.r,UD.five.Shift.r,H.Shift.r,DD.Shift.r.o,UD.Shift.r.o,H.o,DD.o.a,UD.o.a,H.a,DD.a.n,UD.a.n," +
		"H.n,DD.n.l,UD.n.l,H.l,DD.l.Return,UD.l.Return,H.Return"
)

func matchCMU(_ string, e entry) bool { return !e.dir && slices.Contains(cmuFiles, e.name) }

// ReadCMU finds the CMU strong-password set (Killourhy & Maxion 2009) in dir or below it and reads it, in either of its
// published forms. Errors are those of Read.
func ReadCMU(dir string, opt Options) ([]PasswordTypist, error) {
	found, err := Find(CMU, dir)
	if err != nil {
		return nil, err
	}
	files := matching(found, matchCMU)
	if len(files) > 1 {
		return nil, fmt.Errorf("%w: %s holds the CMU set in two forms (%s and %s); keep one", ErrMixed, found, files[0], files[1])
	}
	var (
		people  []PasswordTypist
		index   = map[string]int{}
		fields  [][]byte
		scaleMS = 1.0
	)
	err = rows(filepath.Join(found, files[0]), opt, func(line int, row []byte) (err error) {
		if line == 1 {
			row = bytes.ReplaceAll(row, []byte(`"`), nil)
			if string(row) == cmuHeaderSeconds+cmuHeaderTimings {
				scaleMS = 1000
				return nil
			}
			return header(row, cmuHeaderMS+cmuHeaderTimings)
		}
		if fields, err = csvRow(row, fields, 3+CMUTimings); err != nil {
			return err
		}
		if len(fields[0]) == 0 {
			return errors.New("the subject is empty")
		}
		repetition, err := cmuRepetition(fields[1:], scaleMS)
		if err != nil {
			return err
		}
		at, known := index[string(fields[0])]
		if !known {
			at = len(people)
			index[string(fields[0])] = at
			people = append(people, PasswordTypist{ID: string(fields[0])})
		}
		people[at].Repetitions = append(people[at].Repetitions, repetition)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		slices.SortStableFunc(p.Repetitions, func(a, b Repetition) int {
			return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.Rep, b.Rep))
		})
	}
	slices.SortFunc(people, func(a, b PasswordTypist) int { return naturalOrder(a.ID, b.ID) })
	opt.progress(1, 1)
	return people, nil
}

func cmuRepetition(fields [][]byte, scaleMS float64) (Repetition, error) {
	session, ok1 := wholeNumber(fields[0])
	rep, ok2 := wholeNumber(fields[1])
	if !ok1 || !ok2 || session < 1 || rep < 1 {
		return Repetition{}, errors.New("sessionIndex and rep must be whole numbers from 1")
	}
	r := Repetition{Session: int(session), Rep: int(rep), TimingsMS: make([]float64, CMUTimings)}
	for i := range r.TimingsMS {
		n, err := number(fields[2+i], fmt.Sprintf("timing %d", i+1))
		if err != nil {
			return Repetition{}, err
		}
		n *= scaleMS
		if n < -maxTimingMS || n > maxTimingMS {
			return Repetition{}, fmt.Errorf("timing %d is %g ms; want ±%g at most", i+1, n, float64(maxTimingMS))
		}
		r.TimingsMS[i] = n
	}
	return r, nil
}

// maxTimingMS bounds one timing of a password: ten minutes.
const maxTimingMS = 600_000
