// Package locale owns the languages of the pages: their messages, and how numbers, shares and times are written in
// them. Messages are JSON files built into the binary, one for each language, all with the same keys.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

//go:embed en.json fr.json
var files embed.FS

// Locale writes in one language. It is read-only and safe for concurrent use.
type Locale struct {
	Tag     string // "en", "fr"
	Name    string // what the language calls itself
	decimal string // between units and tenths
	group   string // between thousands
	unitGap string // between a number and its unit
	percent string // after a share
	// singular tells whether a count takes the message that ends in ".one".
	singular func(n int) bool
	messages map[string]string
}

// Spaces that never break a line. French sets the narrow one before a percent sign and between thousands (Imprimerie
// nationale, "Lexique des règles typographiques").
const (
	noBreakSpace       = "\u00a0"
	narrowNoBreakSpace = "\u202f"
	minus              = "\u2212"
)

// The languages of the pages. The first is given to whoever asks for none of them.
var (
	English = &Locale{
		Tag: "en", Name: "English", decimal: ".", group: ",", unitGap: noBreakSpace, percent: "%",
		singular: func(n int) bool { return n == 1 }, messages: read("en.json"),
	}
	French = &Locale{
		Tag: "fr", Name: "Français", decimal: ",", group: narrowNoBreakSpace, unitGap: noBreakSpace,
		percent:  narrowNoBreakSpace + "%",
		singular: func(n int) bool { return n < 2 }, messages: read("fr.json"),
	}
	All = []*Locale{English, French}
)

var matcher = language.NewMatcher([]language.Tag{language.English, language.French})

// ByTag finds a language by its tag.
func ByTag(tag string) (*Locale, bool) {
	for _, l := range All {
		if l.Tag == tag {
			return l, true
		}
	}
	return nil, false
}

// Negotiate picks the language that serves an Accept-Language header best. Whatever cannot be read gives English.
func Negotiate(acceptLanguage string) *Locale {
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return English
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return English
	}
	return All[i]
}

// T gives a message with its {placeholders} filled from pairs of name and value. An unknown key gives itself, so that
// a page still shows where something is missing.
func (l *Locale) T(key string, pairs ...any) string {
	text, ok := l.messages[key]
	if !ok {
		return key
	}
	if len(pairs) == 0 {
		return text
	}
	fill := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		fill = append(fill, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(fill...).Replace(text)
}

// Has reports whether there is a message for the key.
func (l *Locale) Has(key string) bool {
	_, ok := l.messages[key]
	return ok
}

// Keys gives the keys of all messages, sorted.
func (l *Locale) Keys() []string { return slices.Sorted(maps.Keys(l.messages)) }

// Count gives the message for a number of things: key.one or key.other, with {n} filled.
func (l *Locale) Count(key string, n int) string {
	if l.singular(n) {
		return l.T(key+".one", "n", l.Number(float64(n), 0))
	}
	return l.T(key+".other", "n", l.Number(float64(n), 0))
}

// read panics on a file that is broken: it is part of the program, and every test loads it.
func read(name string) map[string]string {
	raw, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	var messages map[string]string
	if err := json.Unmarshal(raw, &messages); err != nil {
		panic(fmt.Errorf("locale: %s: %w", name, err))
	}
	return messages
}
