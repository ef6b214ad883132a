package protocol

import (
	"errors"
	"fmt"
	"slices"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/metric"
)

// scene is one way to work that takeovers are tried in.
type scene struct {
	name, title string
	cast
}

// takeover measures how long an impostor works before being noticed, and how often people who are themselves are bothered,
// by the fold that the server runs (package app): adaptation, trust, thresholds.
//
// People are split by lab/fit.RoleOf: the threshold is chosen on calibration people's own streams, frozen, and used on
// people kept unseen. Each test person enrols passively on the first part: of BB-MAS at most the first 80 windows of 30
// strokes, or half of the recording if that is less; of SapiMouse the three-minute session; of Balabit the training files,
// at most 400 windows evenly from all of them. They run on as themselves to the end (the one-minute session, the owner's
// test sessions), signing in again after each alarm, which is level HIGH. Separately up to 20 others of the same set, drawn
// at random, and the five whose windows score nearest, take the session over after a random share of the run's input:
// where the run stands then is folded on with the other's windows, from a random one on. Nobody's input is played twice: an
// impostor has ten minutes of input, or all that they recorded where that is less (four minutes of SapiMouse), and whoever
// is not noticed by then counts as never noticed.
//
// Seconds count from the impostor's first event to the end of the window whose observation raises the alarm; reports' delay
// on the way is not in them. The window that the owner had begun is dropped, as a hand-over of the seat has it. Seconds of
// input leave out pauses: of the time between two events at most five seconds count. Trust runs on the wall clock.
func takeover(r *run) (Result, error) {
	if r.Model.Weights == nil {
		return Result{}, fmt.Errorf("%w: %q hold nothing that a server could run", ErrModel, r.Model.Name)
	}
	budget := r.Takeover.withDefaults()
	assessor, err := app.ForBudget(r.Model.Weights, budget.AlertsPer1000PerDay)
	if err != nil {
		return Result{}, fmt.Errorf("protocol: %w", err)
	}
	scenes, err := r.scenes()
	if err != nil {
		return Result{}, err
	}
	if r.Keep != nil {
		r.note("where the people chosen calibrate as well, thresholds are chosen on the very streams that false alarms are counted in")
	}
	r.note("intervals of false alarms are bootstrapped over people, but where none came exact ones of a Poisson count; a figure of a working day, %g hours of input, goes on from each person's own rate in what they recorded", policy.InputHoursPerDay)
	for _, s := range scenes {
		if err := r.scene(s, folder{assessor}, budget); err != nil {
			return Result{}, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if r.result.Headline == "" {
		return Result{}, fmt.Errorf("%w: nobody can be tested in any way to work", ErrTooFew)
	}
	return r.result, nil
}

// scenes reads the sets that there are and puts people together. A set that the folder lacks is noted.
func (r *run) scenes() ([]scene, error) {
	var missing []error
	read := func(set, needs string, modality observation.Modality, part func(dataset.Person, [][]moment) actor) (cast, error) {
		if _, err := r.comparator(modality); err != nil {
			missing = append(missing, err)
			return cast{}, nil
		}
		c, err := r.cast(set, needs, part)
		if errors.Is(err, dataset.ErrNotFound) || errors.Is(err, ErrTooFew) {
			missing = append(missing, err)
			return cast{}, nil
		}
		return c, err
	}
	typing, err := read(dataset.BBMAS, "two windows of typing", observation.Keyboard, byTime(r.Takeover.withDefaults().EnrolWindows))
	if err != nil {
		return nil, err
	}
	sapi, err := read(dataset.SapiMouse, "a window in a three-minute and in a one-minute session", observation.Pointer, bySession)
	if err != nil {
		return nil, err
	}
	balabit, err := read(dataset.Balabit, "a window in a training file and in an own test session", observation.Pointer, bySession)
	if err != nil {
		return nil, err
	}
	if len(typing.test)+len(sapi.test)+len(balabit.test) == 0 {
		return nil, errors.Join(missing...)
	}
	for _, err := range missing {
		r.note("a set is passed over: %v", err)
	}
	chimeric := func(name string, cycle []turn) cast {
		return cast{
			test:        chimeras(name, cycle, typing.test, sapi.test, balabit.test),
			calibration: chimeras(name, cycle, typing.calibration, sapi.calibration, balabit.calibration),
		}
	}
	return []scene{
		{"keyboard", "typing of BB-MAS", typing},
		{"pointer", "pointing of SapiMouse and Balabit", cast{append(slices.Clone(sapi.test), balabit.test...), append(slices.Clone(sapi.calibration), balabit.calibration...)}},
		{"both", "typing and pointing by turns, chimeric people", chimeric("both", alternate)},
		{"office", "a duty cycle of typing, pointing and pauses, chimeric people", chimeric("office", office)},
	}, nil
}

// scene measures one way to work and keeps its figures. One in which nobody can be tested is noted and passed over.
func (r *run) scene(s scene, f folder, budget Takeover) error {
	r.stage = s.name
	people := r.enrolments(f, s.test)
	calibrating := r.enrolments(f, s.calibration)
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if len(people) < 2 {
		r.note("%s is passed over: %d people can be tested; there must be at least two", s.name, len(people))
		return nil
	}
	if left := len(s.test) - len(people); left > 0 {
		r.note("%s: %d of %d people are left out: what they recorded is too little for a reference that is compared with", s.name, left, len(s.test))
	}
	frozen, err := r.choose(f, calibrating, budget)
	if errors.Is(err, ErrTooFew) {
		r.note("%s is passed over: %v", s.name, err)
		return nil
	}
	if err != nil {
		return err
	}
	r.plan(f, people, s.test)
	outcomes := r.play(folderWith(f.assessor, frozen.Thresholds), people, true)
	server := r.play(f, people, true)
	if err := r.ctx.Err(); err != nil {
		return err
	}
	r.report(s, frozen, outcomes, server)
	r.result.Curves = append(r.result.Curves, r.curve(s, f, people, frozen, tallyOf(outcomes)))
	switch s.name {
	case "keyboard":
		r.neighbours(s.name, observation.Keyboard, outcomes)
		if err := r.twoMinutes(s.test); err != nil {
			return err
		}
	case "pointer":
		r.neighbours(s.name, observation.Pointer, outcomes)
	}
	return r.ctx.Err()
}

// report keeps the figures of one way to work.
func (r *run) report(s scene, frozen chosen, outcomes, server []outcome) {
	t := tallyOf(outcomes)
	r.figures(t, s.name, "", allFigures)
	r.people(t, s.name)
	r.figures(tallyOf(server), s.name, "_server_budget", fewFigures)
	alarms, hours := t.alarms()
	r.metric(s.name+".threshold", frozen.High, metric.Interval{frozen.High, frozen.High})
	r.metric(s.name+".genuine_hours", hours, metric.Interval{hours, hours})
	exact := metric.PoissonInterval(alarms)
	r.note("%s (%s): for %g false alarms in 40 h the threshold %.2f was chosen on %d calibration people with %.1f h of input, who met %d alarms at about it; the %d test people met %d in %.1f h, an exact Poisson interval of %.1f to %.1f in 40 h",
		s.name, s.title, r.Takeover.withDefaults().FalseAlarmsPer40h, frozen.High, frozen.people, frozen.hours, frozen.alarms, len(outcomes), alarms, hours, 40*exact[0]/hours, 40*exact[1]/hours)
	if short, all := shortRuns(outcomes); short > 0 {
		r.note("%s: in %d of %d takeovers the other's recording holds less than ten minutes of input; whoever is not noticed by its end counts as never noticed", s.name, short, all)
	}
	for _, set := range setsOf(outcomes) {
		own := slices.DeleteFunc(slices.Clone(outcomes), func(o outcome) bool { return o.set != set })
		if len(own) < len(outcomes) {
			r.figures(tallyOf(own), s.name+"_"+lastWord(set), "", fewFigures)
		}
	}
	r.result.Subjects = max(r.result.Subjects, t.clusters)
	for _, o := range outcomes {
		r.result.Comparisons.Mated += windows(o.genuine)
		for _, t := range o.taken {
			r.result.Comparisons.NonMated += t.windows
		}
	}
	if medians, _, _ := t.byPerson(); r.result.Headline == "" && len(medians) > 0 {
		r.result.Headline = s.name + ".detect_seconds_p50"
		r.result.PerSubject, r.result.PerPerson = spreadNever(medians), medians
	}
}

// shortRuns counts the takeovers by somebody who has recorded less than what an impostor is given.
func shortRuns(outcomes []outcome) (short, all int) {
	for _, o := range outcomes {
		for _, a := range o.attacks {
			all++
			input := 0.0
			for _, m := range a.by.whole {
				input += m.passed.inputMS
			}
			if input < longestMS {
				short++
			}
		}
	}
	return short, all
}

func windows(sessions [][]moment) int {
	n := 0
	for _, s := range sessions {
		n += len(s)
	}
	return n
}

func setsOf(outcomes []outcome) []string {
	var out []string
	for _, o := range outcomes {
		if !slices.Contains(out, o.set) {
			out = append(out, o.set)
		}
	}
	return out
}
