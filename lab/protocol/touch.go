package protocol

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// touchRuns are the numbers of consecutive windows that are compared together.
var touchRuns = []int{1, 3, 5}

// touchTask is one thing that people do twice: what they did first enrols.
type touchTask struct {
	set, name, title string // title in words, for plots
	needs            string
	byUnit           bool // people are compared with those of the very same device only
	split            func(sessions [][]compare.Probe, names []string) (enrol, verify [][]compare.Probe)
}

// touchTasks are the tasks of the data sets of touch. The last one enrols on one game and verifies on another.
var touchTasks = []touchTask{
	{dataset.MobiKey, "mobikey", "passwords on tablets", "two sessions with windows", false, halfOfSessions},
	{dataset.MobiKey, "mobikey_same_tablet", "passwords on one tablet", "two sessions with windows", true, halfOfSessions},
	{dataset.Games, "snake", "Snake", "two windows of Snake", false, halvesOf("Snake")},
	{dataset.Games, "minecraft", "Minecraft", "two windows of Minecraft", false, halvesOf("MC")},
	{dataset.Games, "other_game", "Snake, then Minecraft", "windows of both games", false, func(s [][]compare.Probe, names []string) (enrol, verify [][]compare.Probe) {
		for i := range s {
			if names[i] == "Snake" {
				enrol = append(enrol, s[i])
			} else {
				verify = append(verify, s[i])
			}
		}
		return enrol, verify
	}},
}

func halfOfSessions(s [][]compare.Probe, _ []string) (enrol, verify [][]compare.Probe) {
	half := (len(s) + 1) / 2
	return s[:half], s[half:]
}

func halvesOf(name string) func([][]compare.Probe, []string) (enrol, verify [][]compare.Probe) {
	return func(s [][]compare.Probe, names []string) (enrol, verify [][]compare.Probe) {
		i := slices.Index(names, name)
		if i < 0 || len(s[i]) < 2 {
			return nil, nil
		}
		half := len(s[i]) / 2
		return [][]compare.Probe{s[i][:half]}, [][]compare.Probe{s[i][half:]}
	}
}

// touch measures verification on touch screens, by task: passwords on tablets, the first half of a person's sessions
// enrolling and later days verifying, against everybody and against those of the same tablet; two phone games, the first
// half of each enrolling and the second half verifying, and one game enrolling for the other. Only people who used the same kind of device are compared: devices report sizes in
// units of their own, which would tell them apart and not their people.
func touch(r *run) (Result, error) {
	comparator, err := r.comparator(observation.Touch)
	if err != nil {
		return Result{}, err
	}
	subjects := 0
	var missing []error
	for _, set := range []string{dataset.MobiKey, dataset.Games} {
		n, err := r.touchSet(comparator, set)
		if errors.Is(err, dataset.ErrNotFound) || errors.Is(err, ErrTooFew) {
			missing = append(missing, err)
			continue
		}
		if err != nil {
			return Result{}, err
		}
		subjects += n
	}
	if subjects == 0 {
		return Result{}, errors.Join(missing...)
	}
	for _, err := range missing {
		r.note("a set is passed over: %v", err)
	}
	r.result.Subjects = subjects
	return r.result, nil
}

// touchSet measures a set's tasks and gives how many people they rest on.
func (r *run) touchSet(comparator compare.Comparator, set string) (int, error) {
	people := map[string]map[string][]candidate{} // by task and device
	all := 0
	err := r.unseen(set, func(p dataset.Person) error {
		all++
		var sessions [][]compare.Probe
		var names []string
		for _, s := range p.Sessions {
			if probes := r.touchProbes(s, window.TouchStrokes, window.TouchMinStrokes); len(probes) > 0 {
				sessions, names = append(sessions, probes), append(names, s.Name)
			}
		}
		for _, task := range touchTasks {
			if task.set != set {
				continue
			}
			if people[task.name] == nil {
				people[task.name] = map[string][]candidate{}
			}
			if enrol, verify := task.split(sessions, names); len(enrol) > 0 && len(verify) > 0 {
				device := p.Device
				if task.byUnit {
					device += "/" + p.Unit
				}
				people[task.name][device] = append(people[task.name][device], candidate{id: p.ID, enrol: slices.Concat(enrol...), mated: verify})
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	most := 0
	for _, task := range touchTasks {
		if task.set != set {
			continue
		}
		n, err := r.touchTask(comparator, task, people[task.name], all)
		if err != nil {
			return 0, err
		}
		most = max(most, n)
	}
	if most == 0 {
		return 0, fmt.Errorf("%w: of %d people of %s, no two of one device have recorded enough", ErrTooFew, all, set)
	}
	return most, nil
}

// touchTask compares the people of each device with one another and puts the devices' scores together. Windows of a run are
// compared together.
func (r *run) touchTask(comparator compare.Comparator, task touchTask, byDevice map[string][]candidate, all int) (int, error) {
	people := 0
	for _, of := range byDevice {
		if len(of) >= 2 {
			people += len(of)
		}
	}
	if people < all {
		r.note("for %s, %d of %d people are left out: they have not recorded %s, or nobody else of their device has", task.name, all-people, all, task.needs)
	}
	if people == 0 {
		return 0, nil
	}
	for _, n := range touchRuns {
		t := Trial{Name: fmt.Sprintf("%s.n%d", task.name, n), Title: fmt.Sprintf("%s, %s", task.title, windowsTitle(n)), Pooled: true, LLR: true}
		for _, device := range slices.Sorted(maps.Keys(byDevice)) {
			if len(byDevice[device]) < 2 {
				continue
			}
			table, err := r.scores(comparator, byDevice[device], spans{n, n})
			if err != nil {
				return 0, err
			}
			t = t.with(table.trial("", "", single))
		}
		if len(t.Subjects) == 0 {
			r.note("no figure for %s: nobody has %d windows in a row to verify", t.Name, n)
			continue
		}
		r.shortRecordings(t, n)
		name := fmt.Sprintf("%s.eer_subject_mean_n%d", task.name, n)
		r.keep(t, Figure{Name: name, Kind: SubjectEER}, Figure{Name: fmt.Sprintf("%s.eer_global_n%d", task.name, n), Kind: GlobalEER},
			Figure{Name: fmt.Sprintf("%s.cllr_n%d", task.name, n), Kind: Cllr}, Figure{Name: fmt.Sprintf("%s.cllr_min_n%d", task.name, n), Kind: MinCllr})
		if r.result.Headline == "" {
			r.headline(name, t, SubjectEER)
		}
	}
	return people, nil
}

// with adds the people of another trial, who are compared among themselves only.
func (t Trial) with(other Trial) Trial {
	before := len(t.People)
	for _, s := range other.Subjects {
		s.Index += before
		s.Owner = slices.Clone(s.Owner)
		for i := range s.Owner {
			s.Owner[i] += int32(before)
		}
		t.Subjects = append(t.Subjects, s)
	}
	t.People = append(t.People, other.People...)
	return t
}
