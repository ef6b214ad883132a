package protocol

import (
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// Typing without dates is cut into stretches of work, which take the place of days. In each, an impostor sits down at the
// session that the subject has left open.
const (
	workWindows     = 40     // of a stretch
	workStretches   = 5      // that are measured, after the one that enrols
	workWindowMS    = 10_000 // from one window to the next
	workProbes      = 20     // of one person, in non-mated comparisons
	workAlertsPer1k = 1000   // the server's default budget, per 1,000 people and working day
)

// driftOfWork measures the typing of BB-MAS, transcribed first and free later, in stretches of so many windows. It is of
// one day: what changes is the task and the person's tiredness.
func (r *run) driftOfWork() error {
	if r.Model.Weights == nil {
		return fmt.Errorf("%w: the model was put together by hand and has no weights for the server's assessment", ErrTooFew)
	}
	comparator, err := r.Model.Weights.First(observation.Keyboard)
	if err != nil {
		return fmt.Errorf("%w: %q: %w", ErrModel, r.Model.Name, err)
	}
	tail := policy.Tail{Slope: r.Model.Weights.Tail.Slope}
	for _, rung := range r.Model.Weights.Tail.Rungs {
		tail.Rungs = append(tail.Rungs, policy.Rung(rung))
	}
	thresholds, err := policy.ThresholdsFor(workAlertsPer1k, tail)
	if err != nil {
		return fmt.Errorf("%w: %q: %w", ErrModel, r.Model.Name, err)
	}
	d := driftTest{run: r, prefix: "work.", time: "stretch", days: [2]int{2, workStretches + 1},
		blocks: [][2]int{{2, 2}, {3, 4}, {5, workStretches + 1}}, thinned: workProbes, afterMS: workWindows * workWindowMS,
		learner: func(how adaptation) *learner {
			key := enrol.Key{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Model: comparator.Model}
			return newLearner(r.Model.Weights, thresholds, key, how)
		}}
	opt := r.Options
	opt.OnFile = func(done, total int) { r.progress("read "+dataset.BBMAS, done, total) }
	err = dataset.Read(dataset.BBMAS, r.Data, opt, func(p dataset.Person) error {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		l := life{id: p.ID}
		for _, s := range p.Sessions {
			for _, w := range keyboardWindows(s.Keys, window.KeyboardStrokes, window.KeyboardMinStrokes) {
				o := r.observe(w)
				o.Model = comparator.Model
				n := len(l.acts)
				l.acts = append(l.acts, act{observation: o, day: 1 + n/workWindows, opens: n%workWindows == 0,
					atMS: firstActMS + int64(n/workWindows)*dayMS + int64(n%workWindows)*workWindowMS})
			}
		}
		l.acts = slices.DeleteFunc(l.acts, func(a act) bool { return a.day > d.days[1] })
		d.assign(dataset.BBMAS, l, r.Model.Seen[dataset.BBMAS])
		return nil
	})
	if err != nil {
		return err
	}
	return d.measure()
}
