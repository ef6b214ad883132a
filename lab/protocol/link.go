package protocol

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/attack"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

// profile is what a database holds of one person: the reference's mean in the comparator's coordinates, and what the
// person's features usually are.
type profile struct{ embedding, features []float64 }

// installations are the profiles of the same people at two installations.
type installations struct{ a, b []profile }

// link measures whether a thief of two installations' databases can tell who is in both. Each person's sentences (BB-MAS:
// windows) enrol by halves, the earlier ones at A, the later ones at B. The thief has learnt from other people how much
// one person's references differ. Ranks are among everybody at B.
func link(r *run) (Result, error) {
	if err := r.unseenOnly(); err != nil {
		return Result{}, err
	}
	comparator, err := r.comparator(observation.Keyboard)
	if err != nil {
		return Result{}, err
	}
	l := linking{run: r, comparator: comparator}
	others, people, err := l.halves(dataset.Aalto)
	if err != nil {
		return Result{}, err
	}
	if len(others.a) < 3 {
		return Result{}, fmt.Errorf("%w: %d background people have two halves; want at least three for the thief to learn from", ErrTooFew, len(others.a))
	}
	r.result.Subjects = len(people.a)
	r.result.Comparisons = Comparisons{Mated: len(people.a), NonMated: len(people.a) * (len(people.a) - 1)}
	if err := l.thefts("", others, people); err != nil {
		return Result{}, err
	}
	_, people, err = l.halves(dataset.BBMAS)
	if errors.Is(err, dataset.ErrNotFound) || errors.Is(err, ErrTooFew) {
		r.note("BB-MAS is passed over: %v", err)
		return r.result, nil
	}
	if err != nil {
		return Result{}, err
	}
	r.note("metrics that begin with bbmas are of %d people of BB-MAS, whom a thief links who has learnt from Aalto", len(people.a))
	return r.result, l.thefts("bbmas.", others, people)
}

type linking struct {
	*run
	comparator compare.Comparator
}

// halves enrols everybody of a set at two installations: those of whom a thief may learn, and those who are linked, whom
// neither the thief nor the weights have seen.
func (l *linking) halves(set string) (others, people installations, err error) {
	seen := l.Model.Seen[set]
	short, unseen, left := 0, 0, 0
	opt := l.Options
	opt.OnFile = func(done, total int) { l.progress("read "+set, done, total) }
	err = dataset.Read(set, l.Data, opt, func(p dataset.Person) error {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		role := fit.RoleOf(set, p.ID)
		if role == fit.Unseen {
			unseen++
			if slices.Contains(seen, p.ID) {
				return nil
			}
			left++
		}
		if role == fit.Calibration || role == fit.Background && set != dataset.Aalto {
			return nil
		}
		var windows [][]window.Keyboard // by session
		for _, s := range p.Sessions {
			if cut := keyboardWindows(s.Keys, window.KeyboardStrokes, window.KeyboardMinStrokes); len(cut) > 0 {
				windows = append(windows, cut)
			}
		}
		if len(windows) == 1 { // one long recording: halves by time
			windows = slices.Collect(slices.Chunk(windows[0], 1))
		}
		if len(windows) < 2 {
			short++
			return nil
		}
		a, err := l.profile(slices.Concat(windows[:len(windows)/2]...))
		if err != nil {
			return err
		}
		b, err := l.profile(slices.Concat(windows[len(windows)/2:]...))
		if err != nil {
			return err
		}
		into := &people
		if role == fit.Background {
			into = &others
		}
		into.a, into.b = append(into.a, a), append(into.b, b)
		return nil
	})
	if err != nil {
		return others, people, err
	}
	if short > 0 {
		l.note("%d people of %s are left out: they have fewer than two sessions or windows", short, set)
	}
	if err := l.leaveOut(unseen, left); err != nil {
		return others, people, fmt.Errorf("of the people of %s who are kept for tests: %w", set, err)
	}
	if len(people.a) < 2 {
		return others, people, fmt.Errorf("%w: %d people of %s have two halves; want at least two", ErrTooFew, len(people.a), set)
	}
	return others, people, nil
}

// profile enrols windows.
func (l *linking) profile(windows []window.Keyboard) (profile, error) {
	var reference compare.Reference
	var err error
	features, counts := make([]float64, len(feature.KeyboardList.Features)), make([]float64, len(feature.KeyboardList.Features))
	for _, w := range windows {
		if reference, err = l.comparator.Enrol(reference, l.keyboardProbe(w)); err != nil {
			return profile{}, fmt.Errorf("protocol: enrol: %w", err)
		}
		for i, v := range feature.Keyboard(w) {
			if v != 0 { // zero says that the window holds nothing of the kind
				features[i] += math.Log1p(math.Abs(v))
				counts[i]++
			}
		}
	}
	p := profile{features: features}
	for _, v := range reference.Sum {
		p.embedding = append(p.embedding, v/reference.Weight)
	}
	for i, n := range counts {
		p.features[i] /= max(1, n)
	}
	return p, nil
}

func embeddings(of []profile) (out [][]float64) {
	for _, p := range of {
		out = append(out, p.embedding)
	}
	return out
}

func features(of []profile) (out [][]float64) {
	for _, p := range of {
		out = append(out, p.features)
	}
	return out
}

func whole(of []profile) (out [][]float64) {
	for _, p := range of {
		out = append(out, slices.Concat(p.embedding, p.features))
	}
	return out
}

// thefts links people by what the databases hold, by parts of it, and under a protection: every installation turns the
// references' means by a secret rotation of its own.
func (l *linking) thefts(prefix string, others, people installations) error {
	for _, theft := range []struct {
		name string
		of   func([]profile) [][]float64
	}{{"link", whole}, {"link_embedding", embeddings}, {"link_features", features}} {
		if err := l.theft(prefix+theft.name, theft.of(others.a), theft.of(others.b), theft.of(people.a), theft.of(people.b)); err != nil {
			return err
		}
	}
	dimensions := len(people.a[0].embedding)
	random := rand.New(rand.NewPCG(l.Bootstrap.Seed, 0))
	a := attack.NewRotation(dimensions, random.NormFloat64).Apply(embeddings(people.a))
	b := attack.NewRotation(dimensions, random.NormFloat64).Apply(embeddings(people.b))
	if err := l.theft(prefix+"link_rotated", embeddings(others.a), embeddings(others.b), a, b); err != nil {
		return err
	}
	var realigned [4][][]float64
	for i, vectors := range [][][]float64{embeddings(others.a), embeddings(others.b), a, b} {
		var err error
		if realigned[i], err = attack.Realign(vectors); err != nil {
			l.note("no figure for %slink_realigned: %v", prefix, err)
			return nil
		}
	}
	model, err := attack.FitLink(realigned[0], realigned[1])
	if err != nil {
		l.note("no figure for %slink_realigned: %v", prefix, err)
		return nil
	}
	l.progress(prefix+"align", 0, 1)
	b = attack.Align(model, realigned[2], realigned[3])
	return l.theft(prefix+"link_realigned", realigned[0], realigned[1], realigned[2], b)
}

// theft keeps the figures of one way to link.
func (l *linking) theft(name string, othersA, othersB, a, b [][]float64) error {
	l.progress(name, 0, 1)
	model, err := attack.FitLink(othersA, othersB)
	if errors.Is(err, attack.ErrAlike) {
		l.note("no figure for %s: nothing tells people apart", name)
		return nil
	}
	if err != nil {
		return err
	}
	linked := attack.Link(model, a, b)
	first := linked.Within(1)
	l.mean(name+"_rank1", first)
	l.mean(name+"_rank10", linked.Within(10))
	pool := linked.Pool()
	interval := l.Bootstrap.Intervals(len(a), func(weight []float64) []float64 {
		return []float64{pool.WeightedRates(weight).EER}
	})
	l.metric(name+"_eer", pool.Rates().EER, interval[0])
	if name == "link" {
		l.result.Headline, l.result.PerSubject = "link_rank1", metric.SpreadOf(first, metric.LowerIsBetter)
	}
	return nil
}
