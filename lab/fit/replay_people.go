package fit

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/dataset"
)

// Recorded is one person's input of one modality, session by session, as it may be replayed: keys or pointers, the other
// is nil.
type Recorded struct {
	Set, ID  string
	Fixed    bool // the person typed one text again and again
	Keys     [][]event.Key
	Pointers [][]event.Pointer
}

// ReplaySets are the data sets that show how near to themselves people come: free work and transcription, passwords typed
// hundreds of times, and pointer use.
var ReplaySets = []string{dataset.BBMAS, dataset.Villani, dataset.Aalto, dataset.CMU, dataset.Freihaut, dataset.SapiMouse, dataset.Balabit}

// ReadRecorded reads one set's people whom keep accepts.
func ReadRecorded(set, dir string, opt dataset.Options, keep func(set, id string) bool) ([]Recorded, error) {
	if set == dataset.CMU {
		return passwordsReplayed(dir, opt, keep)
	}
	var out []Recorded
	err := dataset.Read(set, dir, opt, func(p dataset.Person) error {
		if !keep(set, p.ID) {
			return nil
		}
		r := Recorded{Set: set, ID: p.ID, Fixed: set == dataset.Freihaut}
		for _, s := range p.Sessions {
			if s.Label == dataset.Intruder || (set == dataset.Balabit && s.Part == dataset.Verification) {
				continue
			}
			if len(s.Keys) > 0 {
				r.Keys = append(r.Keys, s.Keys)
			}
			if len(s.Pointers) > 0 {
				r.Pointers = append(r.Pointers, s.Pointers)
			}
		}
		if r.Fixed { // one typing is too little for a window: they follow one another as on a page that asks again
			r.Keys = [][]event.Key{inRow(r.Keys)}
		}
		out = append(out, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	return out, nil
}

// betweenTypingsMS is the time from one typing of a password to the next, beside what the seed of the order adds.
const betweenTypingsMS = 800

func inRow(typings [][]event.Key) []event.Key {
	rng := rand.New(rand.NewPCG(1, uint64(len(typings))))
	var out []event.Key
	at := 0.0
	for _, keys := range typings {
		if len(keys) == 0 {
			continue
		}
		for _, e := range keys {
			e.TimeMS += at - keys[0].TimeMS
			out = append(out, e)
		}
		at = out[len(out)-1].TimeMS + betweenTypingsMS*(1+rng.ExpFloat64())
	}
	return out
}

// passwordsReplayed turns the timings of CMU's password into events: one typing after the other, as the study asked for them.
func passwordsReplayed(dir string, opt dataset.Options, keep func(set, id string) bool) ([]Recorded, error) {
	all, err := dataset.ReadCMU(dir, opt)
	if err != nil {
		return nil, fmt.Errorf("fit: %w", err)
	}
	var out []Recorded
	for _, p := range all {
		if !keep(dataset.CMU, p.ID) {
			continue
		}
		var typings [][]event.Key
		for _, rep := range p.Repetitions {
			typings = append(typings, typing(rep.TimingsMS))
		}
		out = append(out, Recorded{Set: dataset.CMU, ID: p.ID, Fixed: true, Keys: [][]event.Key{inRow(typings)}})
	}
	return out, nil
}

// typing gives the events of one repetition: a hold, then the times from one press to the next and from release to press,
// and so on. The keys' classes are not the password's: no name knows them.
func typing(timingsMS []float64) []event.Key {
	var out []event.Key
	pressMS := 0.0
	for i := 0; i < len(timingsMS); i += 3 {
		class := event.Class(i / 3 % 8)
		out = append(out, event.Key{TimeMS: pressMS, Class: class, Down: true, Trusted: true},
			event.Key{TimeMS: pressMS + timingsMS[i], Class: class, Trusted: true})
		if i+1 < len(timingsMS) {
			pressMS += timingsMS[i+1]
		}
	}
	slices.SortStableFunc(out, func(a, b event.Key) int { return cmp.Compare(a.TimeMS, b.TimeMS) })
	return out
}

// Sketched gives the observations of one session of either kind, as a collector sends them.
func Sketched(keys []event.Key, pointers []event.Pointer) []observation.Observation {
	c := device.NewCollector(device.Options{})
	return append(c.Play(keys, pointers), c.Flush()...)
}

// replays gives a session played back in every way, by family.
func replays(rng *rand.Rand, keys []event.Key, pointers []event.Pointer) map[string][]observation.Observation {
	out := map[string][]observation.Observation{}
	if len(keys) > 0 {
		for _, r := range adversary.KeyReplays {
			out[r.Family] = Sketched(r.Play(rng, keys), nil)
		}
	}
	if len(pointers) > 0 {
		for _, r := range adversary.PointerReplays {
			out[r.Family] = Sketched(nil, r.Play(rng, pointers))
		}
	}
	return out
}

var errNobody = errors.New("nobody of the folder's people may be used for fitting")
