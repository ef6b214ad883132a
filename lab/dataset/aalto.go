package dataset

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

const (
	aaltoHeader = "PARTICIPANT_ID\tTEST_SECTION_ID\tSENTENCE\tUSER_INPUT\tKEYSTROKE_ID\tPRESS_TIME\tRELEASE_TIME\tLETTER\tKEYCODE"
	aaltoSuffix = "_keystrokes.txt"
	aaltoFields = 9
)

func matchAalto(_ string, e entry) bool {
	id, ok := strings.CutSuffix(e.name, aaltoSuffix)
	return ok && id != "" && !e.dir
}

// readAalto reads the 136M Keystrokes desktop set (Dhakal et al. 2018): one file a person, one row a stroke, one session
// a sentence, in the order in which the sentences were typed.
func readAalto(dir string, opt Options, yield func(Person) error) error {
	files := matching(dir, matchAalto)
	var r aaltoReader
	for i, name := range files {
		person, err := r.person(filepath.Join(dir, name), strings.TrimSuffix(name, aaltoSuffix), opt)
		if err != nil {
			return err
		}
		if err := yield(person); err != nil {
			return err
		}
		opt.progress(i+1, len(files))
	}
	return nil
}

type aaltoSentence struct {
	section string
	prompt  string // only where texts are kept
	strokes []rawStroke
}

type aaltoReader struct {
	sentences []aaltoSentence
	texts     bool // keep what was to be typed and what each key wrote
}

func (r *aaltoReader) person(file, id string, opt Options) (Person, error) {
	if err := r.read(file, id, opt); err != nil {
		return Person{}, err
	}
	p := Person{ID: id}
	for _, s := range r.sentences {
		p.Sessions = append(p.Sessions, Session{Name: s.section, Keys: keyEvents(s.strokes)})
	}
	return p, nil
}

// read fills the reader with one person's sentences, in order of time.
func (r *aaltoReader) read(file, id string, opt Options) error {
	r.sentences = r.sentences[:0]
	err := rows(file, opt, func(line int, row []byte) error {
		if line == 1 {
			return header(row, aaltoHeader)
		}
		return r.row(row, id)
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(r.sentences, func(a, b aaltoSentence) int { return cmp.Compare(firstPressMS(a), firstPressMS(b)) })
	return nil
}

func firstPressMS(s aaltoSentence) float64 {
	first := s.strokes[0].pressMS
	for _, k := range s.strokes {
		first = min(first, k.pressMS)
	}
	return first
}

// row takes in one stroke. The sentence and what was typed may themselves hold tabs, so the first two fields are counted
// from the left, the last four from the right, and the text between them is not looked at unless texts are kept.
func (r *aaltoReader) row(row []byte, id string) error {
	participant, rest, _ := bytes.Cut(row, []byte{'\t'})
	section, rest, _ := bytes.Cut(rest, []byte{'\t'})
	if n := bytes.Count(row, []byte{'\t'}) + 1; n < aaltoFields {
		return fmt.Errorf("%d fields; want %d, separated by tabs", n, aaltoFields)
	}
	if string(participant) != id {
		return errors.New("PARTICIPANT_ID is not the one in the file's name; want the rows of one person in one file")
	}
	if len(section) == 0 {
		return errors.New("TEST_SECTION_ID is empty; want the sentence's number")
	}
	var last [4][]byte // PRESS_TIME, RELEASE_TIME, LETTER, KEYCODE
	tail := row
	for i := len(last) - 1; i >= 0; i-- {
		tab := bytes.LastIndexByte(tail, '\t')
		last[i], tail = tail[tab+1:], tail[:tab]
	}
	press, err := timeMS(last[0], "PRESS_TIME", 1)
	if err != nil {
		return err
	}
	release, err := timeMS(last[1], "RELEASE_TIME", 1)
	if err != nil {
		return err
	}
	keyCode, err := number(last[3], "KEYCODE")
	if err != nil {
		return err
	}
	if keyCode < 0 || keyCode >= float64(len(keyCodeClasses)) || keyCode != float64(int32(keyCode)) {
		return fmt.Errorf("KEYCODE is %g; want a whole number from 0 to %d", keyCode, len(keyCodeClasses)-1)
	}
	if release < press { // in 9 of the development people's 1.26 million strokes: the release is some other key's
		return nil
	}
	if n := len(r.sentences); n == 0 || r.sentences[n-1].section != string(section) {
		r.sentences = append(r.sentences, aaltoSentence{section: string(section)})
		if r.texts {
			prompt, _, _ := bytes.Cut(rest, []byte{'\t'})
			r.sentences[len(r.sentences)-1].prompt = string(prompt)
		}
	}
	s := &r.sentences[len(r.sentences)-1]
	key := int32(keyCode)
	stroke := rawStroke{pressMS: press, releaseMS: release, key: key, class: keyCodeClasses[key]}
	if r.texts {
		stroke.typed = aaltoTyped(key, string(last[2]))
	}
	s.strokes = append(s.strokes, stroke)
	return nil
}
