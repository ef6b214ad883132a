package protocol

import (
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// The Aalto protocol's sentences: of fifteen, the first five enrol and the last ten verify.
const (
	aaltoEnrol  = 5
	aaltoVerify = 10

	aaltoLongest = 1 << 20 // strokes: a sentence is one window, whatever its length
)

// aalto measures verification on transcribed sentences: five enrol, ten verify, and everybody's last sentence meets
// everybody else's reference.
func aalto(r *run) (Result, error) {
	comparator, err := r.comparator(observation.Keyboard)
	if err != nil {
		return Result{}, err
	}
	var people []candidate
	all := 0
	err = r.unseen(dataset.Aalto, func(p dataset.Person) error {
		all++
		var sentences []compare.Probe
		for _, s := range p.Sessions {
			if w, ok := sentenceWindow(s); ok {
				sentences = append(sentences, r.keyboardProbe(w))
			}
		}
		if len(sentences) <= aaltoEnrol {
			return nil
		}
		verify := sentences[aaltoEnrol:]
		verify = verify[max(0, len(verify)-aaltoVerify):]
		people = append(people, candidate{id: p.ID, enrol: sentences[:aaltoEnrol],
			mated: [][]compare.Probe{verify}, nonMated: [][]compare.Probe{verify[len(verify)-1:]}})
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	if err := r.enough(people, all, "six sentences of 15 strokes"); err != nil {
		return Result{}, err
	}
	table, err := r.scores(comparator, people, single)
	if err != nil {
		return Result{}, err
	}
	t := table.trial("", "one sentence", single)
	r.keep(t, Figure{Name: "eer_subject_mean", Kind: SubjectEER}, Figure{Name: "eer_global", Kind: GlobalEER},
		Figure{Name: "fnmr_at_fmr_1e-3", Kind: FNMRAtFMR, FMR: 1e-3}, Figure{Name: "fnmr_at_fmr_1e-2", Kind: FNMRAtFMR, FMR: 1e-2},
		Figure{Name: "cllr", Kind: Cllr}, Figure{Name: "cllr_min", Kind: MinCllr})
	r.headline("eer_subject_mean", t, SubjectEER)
	return r.result, nil
}

// sentenceWindow gives a sentence as one window; of a sentence that a pause of half a minute has torn, the longest part.
func sentenceWindow(s dataset.Session) (longest window.Keyboard, ok bool) {
	for _, w := range keyboardWindows(s.Keys, aaltoLongest, window.KeyboardMinStrokes) {
		if len(w.Strokes) > len(longest.Strokes) {
			longest, ok = w, true
		}
	}
	return longest, ok
}
