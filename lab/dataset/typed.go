package dataset

import (
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"ipse.dev/ipse/internal/event"
)

// Erased is what a backspace or delete writes in TypedSession.Typed.
const Erased = '\b'

// TypedPerson is one participant of Aalto with the text that they typed.
type TypedPerson struct {
	ID       string
	Sessions []TypedSession
}

// TypedSession is one transcribed sentence with its text, which only a laboratory can have: the labels of an attack on
// what leaves a device. Keys and their order are exactly those that Read gives.
type TypedSession struct {
	Prompt string      // the sentence that was to be copied
	Keys   []event.Key // as in Session
	Typed  []rune      // for every entry of Keys what that press wrote: a character in lower case, Erased, or 0 for nothing
}

// ReadAaltoTyped reads Aalto desktop as Read does, with the text. The sentences were prescribed and are published; of no
// other set is a text ever read.
func ReadAaltoTyped(dir string, opt Options, yield func(TypedPerson) error) error {
	found, err := Find(Aalto, dir)
	if err != nil {
		return err
	}
	files := matching(found, matchAalto)
	r := aaltoReader{texts: true}
	for i, name := range files {
		id := strings.TrimSuffix(name, aaltoSuffix)
		if err := r.read(filepath.Join(found, name), id, opt); err != nil {
			return err
		}
		person := TypedPerson{ID: id}
		for _, s := range r.sentences {
			keys, typed := typedEvents(s.strokes)
			person.Sessions = append(person.Sessions, TypedSession{Prompt: s.prompt, Keys: keys, Typed: typed})
		}
		if err := yield(person); err != nil {
			return err
		}
		opt.progress(i+1, len(files))
	}
	return nil
}

// aaltoTyped gives what a key wrote, from its old numeric keyCode and the set's LETTER, which is missing in a ninth of
// the rows.
func aaltoTyped(keyCode int32, letter string) rune {
	switch keyCodeClasses[keyCode] {
	case event.LeftLetter, event.RightLetter:
		return unicode.ToLower(keyCode)
	case event.Space:
		return ' '
	case event.Backspace:
		return Erased
	case event.Shift, event.Modifier, event.Enter:
		return 0
	}
	if r, size := utf8.DecodeRuneInString(letter); size == len(letter) && size > 0 && r != utf8.RuneError && unicode.IsPrint(r) {
		return unicode.ToLower(r)
	}
	switch {
	case keyCode >= '0' && keyCode <= '9':
		return keyCode
	case keyCode >= 96 && keyCode <= 105:
		return '0' + keyCode - 96
	}
	return punctuationOfKeyCode[keyCode]
}

// punctuationOfKeyCode gives the unshifted character of the keyCodes of punctuation on the US layout.
var punctuationOfKeyCode = map[int32]rune{
	59: ';', 61: '=', 173: '-', 186: ';', 187: '=', 188: ',', 189: '-', 190: '.', 191: '/', 192: '`', 219: '[', 220: '\\',
	221: ']', 222: '\'', 110: '.', 109: '-', 107: '+', 106: '*', 111: '/',
}
