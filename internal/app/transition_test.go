package app

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/sim"
)

// typing asks collectors to embed typing by these models.
func typing(models ...string) map[observation.Modality][]string {
	return map[observation.Modality][]string{observation.Keyboard: models}
}

// decidingModel is the model of typing that the assessor's weights name first.
func decidingModel(t *testing.T, a *Assessor) string {
	t.Helper()
	name := a.Models()[observation.Keyboard][0]
	if name == embed.Model {
		t.Fatal("the open weights name no learned model for typing first")
	}
	return name
}

func TestCollectorsAreAskedForWhatTheWeightsCompare(t *testing.T) {
	a := newAssessor(t)
	for modality, names := range a.Models() {
		if want := slices.Compact([]string{embed.Newest(modality, false), embed.Model}); !slices.Equal(names, want) {
			t.Errorf("the open weights ask for %s by %v; want the newest open model and the plain one behind it, %v", modality, names, want)
		}
	}
	preferring, err := a.Weights.Preferring(embed.Model)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{embed.Model, decidingModel(t, a)}
	if got := AssessorFor(preferring).Models()[observation.Keyboard]; !slices.Equal(got, want) {
		t.Errorf("with the plain model first they ask for %v, want %v", got, want)
	}
	if got := modelsOf(counting{}); got != nil {
		t.Errorf("an assessor without weights asks for %v, want nothing", got)
	}
}

// TestANewModelTakesOverWithoutANewEnrolment follows one person through a change of models: the old model answers until
// the new one's reference is mature, no window counts twice, and both references stay alive.
func TestANewModelTakesOverWithoutANewEnrolment(t *testing.T) {
	a := newAssessor(t)
	newModel := decidingModel(t, a)
	old := enrol.Key{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Model: embed.Model}
	next := old
	next.Model = newModel
	s, refs := a.Open("s", "subject", 0), References(nil)
	sequence, nowMS := int64(0), 0.0
	work := func(models map[observation.Modality][]string, sitting uint64) (scoredBy []string) {
		c := device.NewCollector(device.Options{Models: models})
		stretch := sim.NewPerson(404).Session(sitting).Work("en", nowMS, nowMS+600_000)
		nowMS = stretch.EndMS
		windows := map[int64]bool{}
		for _, o := range c.Play(stretch.Keys, nil) {
			sequence++
			o.Sequence = sequence
			before := len(s.Path)
			s, refs, _ = a.Observe(s, refs, []observation.Observation{o}, device.EndMS(o))
			if len(s.Path) == before || s.Path[len(s.Path)-1].Score == nil {
				continue
			}
			if windows[o.StartMS] {
				t.Errorf("the window at %d counts a second time, by %s", o.StartMS, o.Model)
			}
			windows[o.StartMS] = true
			scoredBy = append(scoredBy, o.Model)
			if s.Decision.Answer == policy.CannotTell {
				t.Errorf("the window at %d is compared by %s and the answer is cannot_tell: %v", o.StartMS, o.Model, s.Decision.Reasons)
			}
		}
		return scoredBy
	}

	before := work(nil, 1)
	if !refs[old].Mature() || len(before) == 0 {
		t.Fatalf("after ten minutes the old model's reference is at %.2f with %d comparisons; want it mature", refs[old].Maturity(), len(before))
	}
	during := work(a.Models(), 2)
	if len(during) == 0 || during[0] != embed.Model || during[len(during)-1] != newModel {
		t.Fatalf("compared by %v; want first by the old model and in the end by the new one", during)
	}
	change := slices.Index(during, newModel)
	if slices.Contains(during[change:], embed.Model) {
		t.Errorf("compared by %v; want no way back to the old model", during)
	}
	weightThen := refs[old].Comparison.Weight
	after := work(a.Models(), 3)
	if slices.Contains(after, embed.Model) || !refs[next].Mature() {
		t.Errorf("compared by %v, the new reference at %.2f; want the new model alone", after, refs[next].Maturity())
	}
	if refs[old].Comparison.Weight == weightThen {
		t.Error("the old model's reference no longer learns while both are computed")
	}
	if back := work(nil, 4); len(back) == 0 || slices.Contains(back, newModel) {
		t.Errorf("a collector that cannot load the new model is compared by %v; want the old one", back)
	}
}

func TestAnotherViewOfAComparedWindowIsLearntOnlyIfItAnswers(t *testing.T) {
	a := newAssessor(t)
	newModel := decidingModel(t, a)
	key := enrol.Key{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Model: newModel}
	d := newDesk(a)
	d.collector.Want(typing(embed.Model))
	d.work(404, 1, 600)
	if d.session.Scored[observation.Keyboard].Model != embed.Model {
		t.Fatalf("compared last is %+v, want a window by %s", d.session.Scored, embed.Model)
	}
	length, _ := embed.Dimension(observation.Keyboard, newModel)
	view := plain(d.sequence + 1)
	view.Model, view.Embedding, view.StartMS = newModel, make(observation.Embedding, length), d.session.Scored[observation.Keyboard].StartMS
	for _, c := range []struct {
		name   string
		spoil  func(*observation.Observation)
		learns bool
	}{
		{"a clean view", func(*observation.Observation) {}, true},
		{"a pasted one", func(o *observation.Observation) { o.Quality = []observation.Flag{observation.PasteHeavy} }, false},
		{"one by a model that nobody knows", func(o *observation.Observation) { o.Model = "nobody" }, false},
	} {
		o := view
		c.spoil(&o)
		s, refs, changes := a.Observe(d.session, d.refs, []observation.Observation{o}, d.session.Trust.AtMS+1000)
		if got := refs[key].Comparison.Weight > 0; got != c.learns {
			t.Errorf("%s: the new reference has weight %g; want it to learn: %v", c.name, refs[key].Comparison.Weight, c.learns)
		}
		if len(changes) != 0 || !cmp.Equal(s.Trust, d.session.Trust) || len(s.Path) != len(d.session.Path) {
			t.Errorf("%s: trust went from %+v to %+v; want no change", c.name, d.session.Trust, s.Trust)
		}
	}
}

func TestOfSeveralModelsReferencesTheFurthestThatIsComparedCounts(t *testing.T) {
	a := newAssessor(t)
	d := newDesk(a)
	d.work(404, 1, 70)
	d.collector.Want(typing(embed.Model))
	d.work(404, 1, 40)
	plain := enrol.Key{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Model: embed.Model}
	learned := plain
	learned.Model = decidingModel(t, a)
	gone := plain
	gone.Model = "rhythm-0"
	d.refs[gone] = enrol.Reference{Key: gone, Comparison: compare.Reference{Weight: 100}}
	want := d.refs[plain].Maturity()
	if !(want > d.refs[learned].Maturity() && want < 1) {
		t.Fatalf("the references are at %.2f and %.2f; want the plain one ahead, and immature", want, d.refs[learned].Maturity())
	}
	f := &fold{assess: a}
	seen := 0
	for _, m := range f.maturities(view{References: d.refs}) {
		if m.Modality == observation.Keyboard {
			seen++
			if m.Maturity != want {
				t.Errorf("typing is learnt to %.2f, want %.2f", m.Maturity, want)
			}
		}
	}
	if seen != 1 {
		t.Errorf("typing is told %d times, want once", seen)
	}
}
