// Package dataset owns the reading of recorded behaviour: the public research data sets as they are published, and
// ipse's own recording format. Files go in; people with their sessions of events come out, one person at a time.
//
// A reader maps every key to its class the moment it reads the row, as a collector does: nothing that this package gives
// out knows more about a key than its class. Two exceptions name themselves: ReadCMU gives the timings of one published
// password that everybody typed, and ReadAaltoTyped gives the text of prescribed sentences, as the labels of an attack.
package dataset

import (
	"fmt"

	"ipse.dev/ipse/internal/event"
)

// Names of the data sets that Read knows. Weights files list the people they have seen under the same names.
const (
	Aalto      = "aalto"
	BBMAS      = "bbmas"
	Villani    = "villani"
	SapiMouse  = "sapimouse"
	Balabit    = "balabit"
	CMU        = "cmu" // see ReadCMU: timings, not events
	MobiKey    = "mobikey"
	Games      = "games"
	Freihaut   = "freihaut" // one password, one session for each time it was typed
	Recordings = "recordings"
	Bots       = "bots" // see ReadBots: families of programs, not people
)

// Person is one participant and everything the set holds of them.
type Person struct {
	ID       string // the set's own identifier
	Device   string // tells kinds of devices apart where the set has several that report differently
	Unit     string // tells single devices of one kind apart, as far as the set does
	Sessions []Session
}

// Part says what a data set's own protocol means a session for.
type Part uint8

// The parts.
const (
	Unassigned Part = iota
	Enrolment
	Verification
)

// Label says whose behaviour a session is, where the set tells.
type Label uint8

// The labels.
const (
	OwnerAssumed Label = iota // the person's own, as far as the set says
	Owner                     // labelled as the person's own
	Intruder                  // labelled as somebody else's
)

// Session is one uninterrupted recording of one person: a sentence (Aalto), a file (others). Events are in order of time
// and their times count from the session's first event.
type Session struct {
	Name     string
	StartMS  int64 // when it was, Unix time in ms; 0 where the set does not tell
	Part     Part
	Label    Label
	Keys     []event.Key
	Pointers []event.Pointer
	Touches  []event.Touch
	Motions  []event.Motion
}

// Options changes how files are read. The zero value stops at the first malformed row.
type Options struct {
	// OnMalformed is asked what to do about a malformed row: nil goes on with the next row, an error stops the reading
	// and is returned. A nil function stops.
	OnMalformed func(*RowError) error
	// OnFile, when set, hears of progress: files read so far and files in all.
	OnFile func(done, total int)
}

func (o Options) malformed(e *RowError) error {
	if o.OnMalformed == nil {
		return e
	}
	return o.OnMalformed(e)
}

func (o Options) progress(done, total int) {
	if o.OnFile != nil {
		o.OnFile(done, total)
	}
}

// reader knows how one data set looks on disk.
type reader struct {
	title  string // for messages
	holds  string // what a folder of it holds, for messages
	subdir string // where it lies below a folder that holds several sets
	match  func(dir string, e entry) bool
	read   func(dir string, opt Options, yield func(Person) error) error
}

// readers is filled by init because describing a folder needs it again.
var readers map[string]reader

func init() {
	readers = map[string]reader{
		Aalto:      {"Aalto desktop", "files named PARTICIPANT_keystrokes.txt", "keystroke/aalto", matchAalto, readAalto},
		BBMAS:      {"BB-MAS desktop", "files named UserN.csv", "keystroke/bbmas", matchBBMAS, readBBMAS},
		Villani:    {"Villani free text", "a file free_text.csv", "keystroke/villani", matchVillani, readVillani},
		CMU:        {"CMU DSL strong password", "a file cmu_dsl_ms.csv or DSL-StrongPasswordData.csv", "keystroke/cmu", matchCMU, nil},
		SapiMouse:  {"SapiMouse", "folders userN with session_DATE_1min.csv and session_DATE_3min.csv", "mouse/sapimouse", matchSapiMouse, readSapiMouse},
		Balabit:    {"Balabit mouse challenge", "folders training_files and test_files and a file public_labels.csv", "mouse/balabit", matchBalabit, readBalabit},
		MobiKey:    {"MOBIKEY", "folders that each hold a file Keystrokes.csv", "touch/mobikey", matchMobiKey, readMobiKey},
		Games:      {"phone games", "folders snake_raw_data and mc_raw with files SubNSnake.csv and SubNMC.csv", "touch/games", matchGames, readGames},
		Freihaut:   {"Freihaut & Göritz password", "a file " + freihautFile, "keystroke/freihaut", matchFreihaut, readFreihaut},
		Bots:       {"pointer programs", "folders generated with NAME.jsonl or delbot with folders of recordings", "mouse/bots", matchBots, nil},
		Recordings: {"ipse recordings", "files named *.jsonl in the format ipse/recording", "recordings", matchRecording, readRecordings},
	}
}

// Read finds the named data set in dir, which is the set's own folder or one that contains it, and yields its people in
// the natural order of their identifiers. It stops at yield's first error and returns it. A folder without the set gives
// ErrNotFound, one that holds it twice or mixed with another ErrMixed, a row that cannot be read a *RowError (unless
// opt decides otherwise).
func Read(set, dir string, opt Options, yield func(Person) error) error {
	r, ok := readers[set]
	if !ok || r.read == nil {
		return fmt.Errorf("dataset: %q holds no events or is unknown; known are aalto, bbmas, villani, sapimouse, balabit, mobikey, games, freihaut and recordings", set)
	}
	if set == Recordings {
		return r.read(dir, opt, yield) // recordings lie in folders of any shape
	}
	found, err := Find(set, dir)
	if err != nil {
		return err
	}
	return r.read(found, opt, yield)
}
