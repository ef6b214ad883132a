package protocol

import (
	"fmt"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/dataset"
)

const (
	bbmasStrokes = 60 // a window's strokes in this protocol; the product's windows are shorter
	bbmasEnrol   = 40 // windows
)

// runLengths are the numbers of consecutive windows whose mean score decides.
var runLengths = []int{1, 2, 4, 8}

// bbmas measures verification on 48 minutes of typing, transcribed and free: by time, the first 40 windows enrol and the
// rest verify, against everybody's reference. Runs of n windows do not overlap.
func bbmas(r *run) (Result, error) {
	comparator, err := r.comparator(observation.Keyboard)
	if err != nil {
		return Result{}, err
	}
	var people []candidate
	all := 0
	err = r.unseen(dataset.BBMAS, func(p dataset.Person) error {
		all++
		var probes []compare.Probe
		for _, s := range p.Sessions {
			probes = append(probes, r.keyboardProbes(s, bbmasStrokes, bbmasStrokes)...)
		}
		if len(probes) > bbmasEnrol {
			people = append(people, candidate{id: p.ID, enrol: probes[:bbmasEnrol], mated: [][]compare.Probe{probes[bbmasEnrol:]}})
		}
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	if err := r.enough(people, all, fmt.Sprintf("%d windows of %d strokes", bbmasEnrol+1, bbmasStrokes)); err != nil {
		return Result{}, err
	}
	return r.result, r.equalErrors(comparator, people, "")
}

// equalErrors keeps the EERs and Cllrs of runs of n windows that do not overlap, for every n of runLengths that anybody's
// recording is long enough for. Names get the prefix. Windows of a run are compared together; what the mean of their single
// scores gives is kept as "separate".
func (r *run) equalErrors(c compare.Comparator, people []candidate, prefix string) error {
	alone, err := r.scores(c, people, single)
	if err != nil {
		return err
	}
	for _, n := range runLengths {
		together := alone
		if n > 1 {
			if together, err = r.scores(c, people, spans{n, n}); err != nil {
				return err
			}
		}
		t := together.trial(fmt.Sprintf("%sn%d", prefix, n), windowsTitle(n), single)
		if len(t.Subjects) == 0 {
			r.note("no figure for %s: nobody has %d windows in a row to verify", t.Name, n)
			continue
		}
		r.shortRecordings(t, n)
		name := fmt.Sprintf("%seer_subject_mean_n%d", prefix, n)
		r.keep(t, Figure{Name: name, Kind: SubjectEER}, Figure{Name: fmt.Sprintf("%seer_global_n%d", prefix, n), Kind: GlobalEER},
			Figure{Name: fmt.Sprintf("%scllr_n%d", prefix, n), Kind: Cllr}, Figure{Name: fmt.Sprintf("%scllr_min_n%d", prefix, n), Kind: MinCllr})
		if n == 1 && r.result.Headline == "" {
			r.headline(name, t, SubjectEER)
		}
		if n > 1 {
			apart := alone.trial(fmt.Sprintf("%sn%d_separate", prefix, n), windowsTitle(n)+", mean of single scores", spans{n, n})
			r.keep(apart, Figure{Name: fmt.Sprintf("%seer_subject_mean_n%d_separate", prefix, n), Kind: SubjectEER},
				Figure{Name: fmt.Sprintf("%seer_global_n%d_separate", prefix, n), Kind: GlobalEER})
		}
	}
	return nil
}

func windowsTitle(n int) string {
	if n == 1 {
		return "one window"
	}
	return fmt.Sprintf("%d windows", n)
}

// shortRecordings notes people whose recording is too short for a trial's runs of n windows.
func (r *run) shortRecordings(t Trial, n int) {
	if missing := len(t.People) - len(t.Subjects); missing > 0 {
		r.note("for %s, %d of %d people have recorded too little: %d windows in a row to verify", t.Name, missing, len(t.People), n)
	}
}
