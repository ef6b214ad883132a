package protocol

import (
	"fmt"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// recordings measures verification on a folder of ipse's own recordings, for each modality that it holds, with the
// windows that the product cuts: in order of session and time, the first half of a person's windows enrols and the
// other half verifies, against everybody's reference.
func recordings(r *run) (Result, error) {
	probes := map[observation.Modality]func(dataset.Session) []compare.Probe{
		observation.Keyboard: func(s dataset.Session) []compare.Probe {
			return r.keyboardProbes(s, window.KeyboardStrokes, window.KeyboardMinStrokes)
		},
		observation.Pointer: func(s dataset.Session) []compare.Probe {
			return r.pointerProbes(s, window.PointerEvents, window.PointerMinEvents)
		},
		observation.Touch: func(s dataset.Session) []compare.Probe {
			return r.touchProbes(s, window.TouchStrokes, window.TouchMinStrokes)
		},
	}
	modalities := []observation.Modality{observation.Keyboard, observation.Pointer}
	if _, ok := r.Model.Comparators[observation.Touch]; ok {
		modalities = append(modalities, observation.Touch)
	}
	people := map[observation.Modality][]candidate{}
	all, unread := 0, 0
	err := r.unseen(dataset.Recordings, func(p dataset.Person) error {
		all++
		for _, m := range modalities {
			var sessions [][]compare.Probe
			for _, s := range p.Sessions {
				if windows := probes[m](s); len(windows) > 0 {
					sessions = append(sessions, windows)
				}
			}
			if c, ok := halves(p.ID, sessions); ok {
				people[m] = append(people[m], c)
			}
		}
		for _, s := range p.Sessions {
			if len(modalities) < len(probes) && len(s.Touches)+len(s.Motions) > 0 {
				unread++
			}
		}
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	if unread > 0 {
		r.note("touch and motion of %d sessions are not compared: the weights hold nothing for them", unread)
	}
	subjects := 0
	for _, m := range modalities {
		if len(people[m]) < 2 {
			if len(people[m]) > 0 {
				r.note("no figure for %s: only one person has two windows of it", m)
			}
			continue
		}
		comparator, err := r.comparator(m)
		if err != nil {
			return Result{}, err
		}
		if err := r.enough(people[m], all, fmt.Sprintf("two windows of %s", m)); err != nil {
			return Result{}, err
		}
		subjects = max(subjects, r.result.Subjects)
		if err := r.equalErrors(comparator, people[m], string(m)+"."); err != nil {
			return Result{}, err
		}
	}
	if subjects == 0 {
		return Result{}, fmt.Errorf("%w: of %d people, fewer than two have two windows (%d strokes, %d pointer events or %d strokes of fingers each) of one modality",
			ErrTooFew, all, window.KeyboardMinStrokes, window.PointerMinEvents, window.TouchMinStrokes)
	}
	r.result.Subjects = subjects
	return r.result, nil
}

// halves splits a person's windows: the first half, rounded up, enrols.
func halves(id string, sessions [][]compare.Probe) (candidate, bool) {
	_, all := single.lengths(sessions)
	if all < 2 {
		return candidate{}, false
	}
	c := candidate{id: id}
	left := (all + 1) / 2
	for _, s := range sessions {
		n := min(left, len(s))
		c.enrol = append(c.enrol, s[:n]...)
		left -= n
		if n < len(s) {
			c.mated = append(c.mated, s[n:])
		}
	}
	return c, true
}
