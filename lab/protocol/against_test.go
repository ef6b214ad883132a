package protocol_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
)

// blurred is the simple model with a dwell that is rounded to so many ms: it tells less.
func blurred(name string, step float64, seen map[string][]string) protocol.Model {
	m := simple(seen)
	m.Name = name
	m.EmbedKeyboard = func(w window.Keyboard) observation.Embedding {
		sum := 0.0
		for _, s := range w.Strokes {
			sum += s.DwellMS()
		}
		return observation.Embedding{int8(min(127, step*math.Round(sum/float64(len(w.Strokes))/step)))}
	}
	return m
}

// neighbours writes people whose dwells are a few ms apart, each sentence a little different.
func neighbours(t *testing.T, people int) string {
	t.Helper()
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(5, 6))
	for i := range people {
		var b strings.Builder
		b.WriteString("PARTICIPANT_ID\tTEST_SECTION_ID\tSENTENCE\tUSER_INPUT\tKEYSTROKE_ID\tPRESS_TIME\tRELEASE_TIME\tLETTER\tKEYCODE\n")
		for s := range 15 {
			strokesOf(20, float64(100_000*s), math.Round(40+4*float64(i)+3*random.NormFloat64()), func(press, release float64) {
				fmt.Fprintf(&b, "%d\t%d\ts\ts\t1\t%.0f\t%.0f\ta\t65\n", i+1, s, press, release)
			})
		}
		write(t, fmt.Sprintf("%s/%d_keystrokes.txt", dir, i+1), b.String())
	}
	return dir
}

func pair(t *testing.T, dir string, a, b protocol.Model) (protocol.Result, protocol.Result) {
	t.Helper()
	a, b = protocol.BesideEachOther(a, b)
	first, err := measure(t, "aalto", dir, a)
	if err != nil {
		t.Fatal(err)
	}
	second, err := measure(t, "aalto", dir, b)
	if err != nil {
		t.Fatal(err)
	}
	return first, second
}

var rounds = metric.Bootstrap{Rounds: 100, Seed: 9}

func TestAgainst(t *testing.T) {
	dir := neighbours(t, 16)
	sharp, dull := blurred("sharp", 1, map[string][]string{"aalto": {"1"}}), blurred("dull", 30, map[string][]string{"aalto": {"16", "1"}})
	a, b := pair(t, dir, sharp, dull)
	if a.Subjects != 14 || b.Subjects != 14 || !strings.Contains(a.Notes[0], `2 of 16 people are left out: the weights "sharp" or "dull" have seen them`) {
		t.Errorf("%d and %d subjects and notes %q; want 14 people unseen by both, and a word about it", a.Subjects, b.Subjects, a.Notes)
	}
	got, err := protocol.Against(a, b, rounds)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Difference) != len(a.Metrics) || len(got.CI95) != len(a.Metrics) || len(got.Metrics) != len(a.Metrics) {
		t.Errorf("%d differences and %d intervals of %d metrics; want all", len(got.Difference), len(got.CI95), len(a.Metrics))
	}
	for name, d := range got.Difference {
		if want := a.Metrics[name] - b.Metrics[name]; d != want || got.Metrics[name] != b.Metrics[name] {
			t.Errorf("%s differs by %v, want %v", name, d, want)
		}
	}
	if ends := got.CI95["eer_subject_mean"]; !(ends[1] < 0) {
		t.Errorf("the interval of the EER's difference is %v; want one below zero: the sharp model is better", ends)
	}

	// The other way round everything changes its sign, and a system beside itself does not differ.
	reversed, err := protocol.Against(b, a, rounds)
	if err != nil {
		t.Fatal(err)
	}
	for name, ends := range got.CI95 {
		if r := reversed.CI95[name]; math.Abs(r[0]+ends[1]) > 1e-12 || math.Abs(r[1]+ends[0]) > 1e-12 {
			t.Errorf("%s: %v, and the other way round %v; want the same with the other sign", name, ends, r)
		}
	}
	same, err := protocol.Against(a, a, rounds)
	if err != nil {
		t.Fatal(err)
	}
	for name, ends := range same.CI95 {
		if ends != (metric.Interval{}) || same.Difference[name] != 0 {
			t.Errorf("%s differs from itself by %v, interval %v", name, same.Difference[name], ends)
		}
	}
}

func TestResultsOfDifferentPeopleCannotBePaired(t *testing.T) {
	dir := neighbours(t, 5)
	all, err := measure(t, "aalto", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	fewer, err := measure(t, "aalto", dir, simple(map[string][]string{"aalto": {"2"}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := protocol.Against(all, fewer, rounds); !errors.Is(err, protocol.ErrUnpaired) {
		t.Errorf("five people against four of them: %v, want %v", err, protocol.ErrUnpaired)
	}
	if _, err := protocol.Against(all, protocol.Result{Protocol: "cmu"}, rounds); !errors.Is(err, protocol.ErrUnpaired) {
		t.Errorf("against nothing: %v, want %v", err, protocol.ErrUnpaired)
	}
}

// summing is a comparator that shows whether probes are compared together: it scores the sum of what nearness scores.
type summing struct{ nearness }

func (c summing) Compare(r compare.Reference, probes ...compare.Probe) (float64, error) {
	one, err := c.nearness.Compare(r, probes...)
	return float64(len(probes)) * one, err
}

func TestRunsAreComparedTogether(t *testing.T) {
	dir := t.TempDir()
	bbmasPerson(t, dir, "User1", 50, 48)
	bbmasPerson(t, dir, "User2", 55, 48)
	m := simple(nil)
	m.Comparators[observation.Keyboard] = summing{}
	r, err := measure(t, "bbmas", dir, m)
	if err != nil {
		t.Fatal(err)
	}
	// The distance of the simple model is 5 ms: scores of 10 (mated) and 5 (non-mated) for one window.
	want := map[string][2]float64{"n1": {10, 5}, "n4": {40, 20}, "n8": {80, 40}, "n8_separate": {10, 5}}
	for _, trial := range r.Trials {
		w, ok := want[trial.Name]
		if !ok {
			continue
		}
		delete(want, trial.Name)
		mated, nonMated := trial.Scores()
		if mated[0] != w[0] || nonMated[0] != w[1] {
			t.Errorf("%s states %v and %v, want %v", trial.Name, mated[0], nonMated[0], w)
		}
	}
	if len(want) > 0 {
		t.Errorf("trials %v are missing", want)
	}
}

func TestWeightsThatDoNotFitAreRefused(t *testing.T) {
	w, err := compare.Load("open")
	if err != nil {
		t.Fatal(err)
	}
	c := *w.Comparators[0]
	c.Mean = c.Mean[:3]
	c.Projection = [][]float64{{1, 0, 0}}
	w.Comparators = []*compare.TwoCovariance{&c}
	if _, err := protocol.FromWeights("three", w); !errors.Is(err, protocol.ErrModel) {
		t.Errorf("a comparator of three dimensions: %v, want %v", err, protocol.ErrModel)
	}
	c.Model = "tomorrow-9"
	if _, err := protocol.FromWeights("tomorrow", w); !errors.Is(err, protocol.ErrModel) {
		t.Errorf("a model that is not built in: %v, want %v", err, protocol.ErrModel)
	}
	c.Modality = "motion"
	m, err := protocol.FromWeights("motion alone", w)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := measure(t, "aalto", neighbours(t, 3), m); !errors.Is(err, protocol.ErrModel) {
		t.Errorf("weights without the keyboard: %v, want %v", err, protocol.ErrModel)
	}
}
