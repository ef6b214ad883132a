package presence

import "ipse.dev/ipse/internal/observation"

// Past is what is kept of the behaviour that a subject has sent: names of stretches of it, see observation.Sketch, which
// tell no more than whether a stretch has been seen before.
type Past struct {
	Names map[observation.Modality][]uint64
}
