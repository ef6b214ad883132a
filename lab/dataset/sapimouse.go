package dataset

import (
	"path/filepath"
	"slices"
	"strings"
)

var sapiMouseFile = pointerFile{header: "client timestamp,button,state,x,y", columns: 5, time: 0, scaleMS: 1}

func matchSapiMouse(dir string, e entry) bool {
	return e.dir && prefixed(e.name, "user") &&
		slices.ContainsFunc(list(filepath.Join(dir, e.name)), func(f entry) bool { return matchSapiMouseSession("", f) })
}

func matchSapiMouseSession(_ string, e entry) bool {
	return !e.dir && strings.HasPrefix(e.name, "session_") && strings.HasSuffix(e.name, "min.csv")
}

// readSapiMouse reads SapiMouse (Antal et al. 2021): one folder a person, one file a session. The three-minute sessions
// are for enrolment, the one-minute ones for verification; other lengths are left unassigned.
func readSapiMouse(dir string, opt Options, yield func(Person) error) error {
	people := matching(dir, matchSapiMouse)
	for i, id := range people {
		p := Person{ID: id}
		for _, name := range matching(filepath.Join(dir, id), matchSapiMouseSession) {
			events, err := sapiMouseFile.read(filepath.Join(dir, id, name), opt)
			if err != nil {
				return err
			}
			s := Session{Name: strings.TrimSuffix(name, ".csv"), Pointers: events}
			switch {
			case strings.HasSuffix(s.Name, "_3min"):
				s.Part = Enrolment
			case strings.HasSuffix(s.Name, "_1min"):
				s.Part = Verification
			}
			p.Sessions = append(p.Sessions, s)
		}
		if err := yield(p); err != nil {
			return err
		}
		opt.progress(i+1, len(people))
	}
	return nil
}
