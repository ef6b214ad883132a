package dataset

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

const (
	balabitTraining     = "training_files"
	balabitTest         = "test_files"
	balabitLabels       = "public_labels.csv"
	balabitLabelsHeader = "filename,is_illegal"
)

var balabitFile = pointerFile{
	header: "record timestamp,client timestamp,button,state,x,y", columns: 6, time: 1, scaleMS: 1000,
}

func matchBalabit(dir string, e entry) bool {
	if !e.dir || e.name != balabitTraining {
		return false
	}
	others := list(dir)
	return slices.Contains(others, entry{balabitTest, true}) && slices.Contains(others, entry{balabitLabels, false})
}

func matchUserFolder(_ string, e entry) bool { return e.dir && strings.HasPrefix(e.name, "user") }

func matchBalabitSession(_ string, e entry) bool {
	return !e.dir && strings.HasPrefix(e.name, "session_")
}

// readBalabit reads the Balabit mouse challenge: training files are a person's own, test files are labelled as the
// person's or somebody else's. Test files without a public label are left out. Of the two clocks it takes the client's.
func readBalabit(dir string, opt Options, yield func(Person) error) error {
	labels, err := readBalabitLabels(filepath.Join(dir, balabitLabels), opt)
	if err != nil {
		return err
	}
	people := matching(filepath.Join(dir, balabitTraining), matchUserFolder)
	for _, id := range matching(filepath.Join(dir, balabitTest), matchUserFolder) {
		if !slices.Contains(people, id) {
			people = append(people, id)
		}
	}
	slices.SortFunc(people, naturalOrder)
	for i, id := range people {
		p := Person{ID: id}
		for _, part := range []string{balabitTraining, balabitTest} {
			folder := filepath.Join(dir, part, id)
			for _, name := range matching(folder, matchBalabitSession) {
				s := Session{Name: name, Part: Enrolment}
				if part == balabitTest {
					label, labelled := labels[name]
					if !labelled {
						continue
					}
					s.Part, s.Label = Verification, label
				}
				if s.Pointers, err = balabitFile.read(filepath.Join(folder, name), opt); err != nil {
					return err
				}
				p.Sessions = append(p.Sessions, s)
			}
		}
		if err := yield(p); err != nil {
			return err
		}
		opt.progress(i+1, len(people))
	}
	return nil
}

func readBalabitLabels(file string, opt Options) (map[string]Label, error) {
	labels := map[string]Label{}
	var fields [][]byte
	err := rows(file, opt, func(line int, row []byte) (err error) {
		if line == 1 {
			return header(row, balabitLabelsHeader)
		}
		if fields, err = csvRow(row, fields, 2); err != nil {
			return err
		}
		switch string(fields[1]) {
		case "0":
			labels[string(fields[0])] = Owner
		case "1":
			labels[string(fields[0])] = Intruder
		default:
			return errors.New("is_illegal is neither 0 (the owner) nor 1 (somebody else)")
		}
		return nil
	})
	return labels, err
}
