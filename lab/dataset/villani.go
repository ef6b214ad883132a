package dataset

import (
	"errors"
	"fmt"
	"path/filepath"
)

const (
	villaniFile   = "free_text.csv"
	villaniHeader = "user,session,keyname,timepress,timerelease"
)

func matchVillani(_ string, e entry) bool { return e.name == villaniFile && !e.dir }

// readVillani reads the free text of the Villani set (as reduced by Monaco & Tappert 2018): one file for everybody, the
// rows of one person and session together, one row a stroke.
func readVillani(dir string, opt Options, yield func(Person) error) error {
	var (
		person  Person
		strokes []rawStroke
		session string
		fields  [][]byte
		names   = newKeyNames()
		done    = map[string]bool{}
	)
	endSession := func() {
		if len(strokes) > 0 {
			person.Sessions = append(person.Sessions, Session{Name: session, Keys: keyEvents(strokes)})
		}
		strokes = strokes[:0]
	}
	endPerson := func() error {
		endSession()
		if person.ID == "" {
			return nil
		}
		done[person.ID] = true
		p := person
		person = Person{}
		return yield(p)
	}
	err := rows(filepath.Join(dir, villaniFile), opt, func(line int, row []byte) (err error) {
		if line == 1 {
			return header(row, villaniHeader)
		}
		if fields, err = csvRow(row, fields, 5); err != nil {
			return err
		}
		if len(fields[0]) == 0 || len(fields[1]) == 0 || len(fields[2]) == 0 {
			return errors.New("user, session or keyname is empty")
		}
		press, err := timeMS(fields[3], "timepress", 1)
		if err != nil {
			return err
		}
		release, err := timeMS(fields[4], "timerelease", 1)
		if err != nil {
			return err
		}
		if release < press {
			return fmt.Errorf("timerelease lies %g ms before timepress; want it at or after", press-release)
		}
		if string(fields[0]) != person.ID {
			if done[string(fields[0])] {
				return errors.New("the rows of this user lie apart; want the rows of one person together")
			}
			if err := endPerson(); err != nil {
				return stopError{err}
			}
			person.ID, session = string(fields[0]), string(fields[1])
		}
		if string(fields[1]) != session {
			endSession()
			session = string(fields[1])
		}
		key := names.lookup(fields[2])
		strokes = append(strokes, rawStroke{pressMS: press, releaseMS: release, key: key.key, class: key.class})
		return nil
	})
	if err != nil {
		return err
	}
	opt.progress(1, 1)
	return endPerson()
}
