package presence

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"

	"ipse.dev/ipse/internal/observation"
)

// Bounds of what is kept of one modality of a subject's behaviour.
const (
	RecentNames = 512 // the latest names, all of them
	OldNames    = 512 // of those before, evenly over the whole time
	oldRun      = 8   // old names are kept in runs that followed one another
)

// Past is what is kept of the behaviour that a subject has sent: names of stretches of it, see observation.Sketch, which
// tell no more than whether a stretch has been seen before, and how much it looks like an attack anyway, see Usual. Typings of
// a phrase are kept by phrase, as phrase.NUMBER. It is a value: what Add and Judge.Remember give shares nothing that changes.
type Past map[observation.Modality]History

// History is what is kept of one modality. The zero value is empty.
type History struct {
	Usual map[Kind]Usual // by what the windows look like; not changed once it is here

	Recent []uint64 // oldest first; a name of a phrase is phraseNameWords of them
	Old    []uint64 // oldest first, in runs of oldRun
	Every  int      // of so many runs that left Recent one is kept; a power of two, 0 for 1
	Left   int      // runs that have left Recent
}

// Names gives the names of a sketch. Bytes that are no whole name are left out.
func Names(s observation.Sketch) []uint64 {
	var out []uint64
	for ; len(s) >= observation.SketchNameBytes; s = s[observation.SketchNameBytes:] {
		out = append(out, binary.BigEndian.Uint64(s))
	}
	return out
}

// noneApart stands for the distance to an earlier name where there is none.
const noneApart = 8*observation.SketchNameBytes + 1

// Nearest gives the number of bits in which a name differs from the nearest earlier one, and from the third nearest: where
// that is near too, the subject does the same thing again and again.
func (h History) Nearest(name uint64) (first, third int) {
	near := [3]int{noneApart, noneApart, noneApart}
	for _, part := range [][]uint64{h.Recent, h.Old} {
		for _, earlier := range part {
			apart := bits.OnesCount64(name ^ earlier)
			for i, n := range near {
				if apart < n {
					near[i], apart = apart, n
				}
			}
		}
	}
	return near[0], near[2]
}

// Add gives the past with the names of an observation that was not found to be replayed.
func (p Past) Add(o observation.Observation) Past {
	if o.Modality == observation.Phrase {
		return p.addPhrase(o)
	}
	if !named(o) {
		return p
	}
	return p.with(o.Modality, p[o.Modality].add(Names(o.Liveness.Sketch), RecentNames, OldNames))
}

func (p Past) with(m observation.Modality, h History) Past {
	next := maps.Clone(p)
	if next == nil {
		next = Past{}
	}
	next[m] = h
	return next
}

// Remember gives the past with an observation that was taken for the subject's own: its names, and what signals make of it.
// It must not be called for one that is found, or near to being found, to be no hand's: who is remembered so is believed
// later.
func (j Judge) Remember(p Past, o observation.Observation) Past {
	p = p.Add(o)
	for _, signal := range j.Signals {
		if signal.Usual == nil || (Window{Observation: o}).mayBeAnAids() { // what an aid sends tells nothing of a hand
			continue
		}
		by, nats, ok := signal.Usual(Window{Observation: o, Past: p})
		if !ok || math.IsNaN(nats) {
			continue
		}
		h := p[o.Modality]
		usual := maps.Clone(h.Usual)
		if usual == nil {
			usual = map[Kind]Usual{}
		}
		usual[signal.Kind] = usual[signal.Kind].Add(by, nats)
		h.Usual = usual
		p = p.with(o.Modality, h)
	}
	return p
}

func (h History) add(names []uint64, recent, old int) History {
	h.Recent = append(slices.Clip(h.Recent), names...)
	for len(h.Recent) >= recent+oldRun {
		h = h.leave(old)
	}
	return h
}

// leave takes the oldest run out of the recent ones. Every so manieth stays among the old; when those are too many, every
// second goes. So the old ones lie evenly over the whole time, and no chance is needed.
func (h History) leave(old int) History {
	run := h.Recent[:oldRun]
	h.Recent = h.Recent[oldRun:]
	if h.Left%max(1, h.Every) == 0 {
		h.Old = append(slices.Clip(h.Old), run...)
	}
	h.Left++
	if len(h.Old) > old {
		var kept []uint64
		for i := 0; i+oldRun <= len(h.Old); i += 2 * oldRun {
			kept = append(kept, h.Old[i:i+oldRun]...)
		}
		h.Old, h.Every = kept, 2*max(1, h.Every)
	}
	return h
}

// keptHistory is a history as the store keeps it.
type keptHistory struct {
	Recent string         `json:"recent"` // standard base64
	Old    string         `json:"old,omitempty"`
	Every  int            `json:"every,omitempty"`
	Left   int            `json:"left,omitempty"`
	Usual  map[Kind]Usual `json:"usual,omitempty"`
}

// MarshalJSON writes the names as base64.
func (h History) MarshalJSON() ([]byte, error) {
	return json.Marshal(keptHistory{encodeNames(h.Recent), encodeNames(h.Old), h.Every, h.Left, h.Usual})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (h *History) UnmarshalJSON(raw []byte) error {
	var k keptHistory
	if err := json.Unmarshal(raw, &k); err != nil {
		return fmt.Errorf("presence: read a history: %w", err)
	}
	recent, err := decodeNames(k.Recent)
	if err != nil {
		return err
	}
	old, err := decodeNames(k.Old)
	if err != nil {
		return err
	}
	*h = History{k.Usual, recent, old, k.Every, k.Left}
	return nil
}

func encodeNames(names []uint64) string {
	var raw []byte
	for _, n := range names {
		raw = binary.BigEndian.AppendUint64(raw, n)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func decodeNames(text string) ([]uint64, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("presence: read a history: %w", err)
	}
	if len(raw)%observation.SketchNameBytes != 0 {
		return nil, fmt.Errorf("presence: read a history: names of %d bytes, want whole ones of %d", len(raw), observation.SketchNameBytes)
	}
	return Names(raw), nil
}
