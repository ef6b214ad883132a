package app

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
)

// RecentWindows bounds Session.Recent: as many as one report may hold.
const RecentWindows = 64

// repeats reports whether a window was folded in before, and remembers it. A collector that sends a window again under
// a new sequence number makes it neither evidence nor a part of a reference twice. A window is named by a hash of what
// it is, the start by the device's clock among it: that clock is not believed, only whether it says the same twice.
func (s *Session) repeats(o observation.Observation) bool {
	name := nameOf(o)
	if slices.Contains(s.Recent, name) {
		return true
	}
	s.Recent = append(slices.Clone(s.Recent), name)
	s.Recent = s.Recent[max(0, len(s.Recent)-RecentWindows):]
	return false
}

// nameOf is the hash by which a window is known again.
func nameOf(o observation.Observation) uint32 {
	raw := fmt.Appendf(make([]byte, 0, 128+len(o.Embedding)), "%s %s %d %d %d %d ", o.Modality, o.Model, o.Phrase, o.StartMS, o.DurationMS, o.Events)
	for _, v := range o.Embedding {
		raw = append(raw, byte(v))
	}
	h := fnv.New32a()
	_, _ = h.Write(raw) // a hash never fails
	return h.Sum32()
}

// otherDevice reports whether a window comes from another device class than the session's first. A session lives on one
// device: what such a window says is compared where a reference for its class is mature, and is learnt nowhere, or
// whoever sits down with another device in the same session would become the subject's reference for it.
func (s *Session) otherDevice(o observation.Observation) bool {
	if s.Device == "" {
		s.Device = o.DeviceClass
	}
	return s.Device != o.DeviceClass
}

// readable gives the reference, or an empty one where other weights built it: the subject is learnt anew, as somebody
// who enrols, and until then nothing can be told.
func readable(c compare.Comparator, ref enrol.Reference) enrol.Reference {
	if compare.Readable(c, ref.Comparison) {
		return ref
	}
	return enrol.Reference{Key: ref.Key, Version: ref.Version}
}

// usable reports whether a comparison gave a score that may count.
func usable(score float64, err error) bool {
	return err == nil && !math.IsNaN(score) && !math.IsInf(score, 0)
}
