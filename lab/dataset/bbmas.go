package dataset

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"ipse.dev/ipse/internal/event"
)

const bbmasHeader = "EID,key,direction,time"

func matchBBMAS(_ string, e entry) bool {
	id, ok := strings.CutSuffix(e.name, ".csv")
	return ok && !e.dir && prefixed(id, "User")
}

// readBBMAS reads the desktop keystrokes of SU-AIS BB-MAS (Belman et al. 2019): one file and one session a person, one
// row a press or release, auto-repeated presses included. Keys for which the recorder had no name have an empty one.
func readBBMAS(dir string, opt Options, yield func(Person) error) error {
	files := matching(dir, matchBBMAS)
	for i, name := range files {
		id := strings.TrimSuffix(name, ".csv")
		keys, err := bbmasKeys(filepath.Join(dir, name), opt)
		if err != nil {
			return err
		}
		if err := yield(Person{ID: id, Sessions: []Session{{Name: "desktop", Keys: keys}}}); err != nil {
			return err
		}
		opt.progress(i+1, len(files))
	}
	return nil
}

func bbmasKeys(file string, opt Options) ([]event.Key, error) {
	var (
		keys    []event.Key
		fields  [][]byte
		names   = newKeyNames()
		held    = map[int32]float64{} // time of the last press or repeat of each key that is down
		firstMS float64
		lastMS  float64
	)
	err := rows(file, opt, func(line int, row []byte) (err error) {
		if line == 1 {
			return header(row, bbmasHeader)
		}
		if fields, err = csvRow(row, fields, 4); err != nil {
			return err
		}
		if len(fields[2]) != 1 || (fields[2][0] != '0' && fields[2][0] != '1') {
			return errors.New("direction is neither 0 (press) nor 1 (release)")
		}
		at, err := timeMS(fields[3], "time", 1)
		if err != nil {
			return err
		}
		if len(keys) > 0 && at < lastMS {
			return fmt.Errorf("time lies %g ms before the last row's; want rows in order of time", lastMS-at)
		}
		if len(keys) == 0 {
			firstMS = at
		}
		lastMS = at
		key := names.lookup(fields[1])
		e := event.Key{TimeMS: at - firstMS, Class: key.class, Down: fields[2][0] == '0', Trusted: true}
		if e.Down {
			since, down := held[key.key]
			e.Repeat = down && at-since <= maxRepeatGapMS
			held[key.key] = at
		} else {
			delete(held, key.key)
		}
		keys = append(keys, e)
		return nil
	})
	return keys, err
}
