package dataset

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"ipse.dev/ipse/internal/event"
)

const (
	freihautFile  = "Long_Keyboard_Raw_Dataset.json.gz"
	freihautLimit = 256 << 20 // bytes, unpacked
)

func matchFreihaut(_ string, e entry) bool { return e.name == freihautFile && !e.dir }

// freihautEntry is one of a participant's entries: a typing of the password, or something else, which has no events.
type freihautEntry struct {
	Grabbed struct {
		TimeMS int64 `json:"time"`
		Typing map[string]struct {
			Code   string  `json:"code"`
			Type   string  `json:"eventType"`
			TimeMS float64 `json:"time"`
		} `json:"typingData"`
	} `json:"grabbedData"`
}

// readFreihaut reads the longitudinal set of Freihaut & Göritz (2022): one password typed at home, several times a day
// for ten days, by everybody on their own machine. One typing is one session, in order of time. The set's self reports,
// and which key gave which character, are passed over.
func readFreihaut(dir string, opt Options, yield func(Person) error) error {
	path := filepath.Join(dir, freihautFile)
	all, err := freihautPeople(path)
	if err != nil {
		return opt.malformed(&RowError{File: path, Line: 1, What: err.Error()})
	}
	for i, id := range slices.SortedFunc(maps.Keys(all), naturalOrder) {
		person := Person{ID: id}
		var typed []freihautEntry
		for _, raw := range all[id] {
			var e freihautEntry
			if json.Unmarshal(raw, &e) == nil && len(e.Grabbed.Typing) > 0 { // other entries are true or false
				typed = append(typed, e)
			}
		}
		slices.SortStableFunc(typed, func(a, b freihautEntry) int { return cmp.Compare(a.Grabbed.TimeMS, b.Grabbed.TimeMS) })
		for n, e := range typed {
			person.Sessions = append(person.Sessions, Session{Name: strconv.Itoa(n + 1), StartMS: e.Grabbed.TimeMS, Keys: e.keys()})
		}
		if len(person.Sessions) > 0 {
			if err := yield(person); err != nil {
				return err
			}
		}
		opt.progress(i+1, len(all))
	}
	return nil
}

func freihautPeople(path string) (map[string]map[string]json.RawMessage, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("not a gzipped file: %w", err)
	}
	var all map[string]map[string]json.RawMessage
	if err := json.NewDecoder(io.LimitReader(unpacked, freihautLimit)).Decode(&all); err != nil {
		return nil, fmt.Errorf("not an object of participants with their entries: %w", err)
	}
	return all, nil
}

// keys gives the events in their order, the first at time 0, each key's code reduced to its class at once.
func (e freihautEntry) keys() []event.Key {
	var out []event.Key
	held := map[string]bool{}
	for i := range len(e.Grabbed.Typing) {
		x, ok := e.Grabbed.Typing[strconv.Itoa(i)]
		if !ok || x.Type != "KeyDown" && x.Type != "KeyUp" {
			continue
		}
		down := x.Type == "KeyDown"
		out = append(out, event.Key{TimeMS: x.TimeMS, Class: event.ClassOf(x.Code), Down: down, Repeat: down && held[x.Code], Trusted: true})
		held[x.Code] = down
	}
	for i := len(out) - 1; i >= 0; i-- {
		out[i].TimeMS -= out[0].TimeMS
	}
	return out
}
