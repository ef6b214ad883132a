package protocol

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/metric"
)

// What the protocol which asks: so many people are named, and so many consecutive windows are compared together, as many as
// a session holds at most.
const whichNamed = 5

var whichWindows = []int{1, 2, 4, 8}

// asked is one question and its answer.
type asked struct {
	top, right, wrong bool // whether the likeliest is the one, and whether the right or a wrong person is named
	none              bool // nobody of those named, is the answer
}

// which measures the closed-set mode, "which of these few is at the controls", by the server's own code. People of BB-MAS
// whom nobody has seen enrol as in the protocol takeover; their later windows are asked about, each stretch of them by
// itself, once among the person and four others, once among five others, drawn anew for each question.
func which(r *run) (Result, error) {
	if r.Model.Weights == nil {
		return Result{}, fmt.Errorf("%w: %q hold nothing that a server could run", ErrModel, r.Model.Name)
	}
	c, err := r.cast(dataset.BBMAS, "two windows of 30 strokes", byTime(keyboardEnrol))
	if err != nil {
		return Result{}, err
	}
	if len(c.test) <= whichNamed {
		return Result{}, fmt.Errorf("%w: %d can be tested; want more than the %d who are named in a question", ErrTooFew, len(c.test), whichNamed)
	}
	desk := app.AssessorFor(r.Model.Weights)
	desk.HoldProbes = true
	f := folder{desk}
	refs := make([]app.References, len(c.test))
	for i, a := range c.test {
		if err := r.ctx.Err(); err != nil {
			return Result{}, err
		}
		s, _ := f.enrolled(a.enrol)
		refs[i] = s.refs
		r.progress("enrol", i+1, len(c.test))
	}
	r.result.Subjects, r.result.Headline = len(c.test), whichFigure(whichWindows[len(whichWindows)-1], "right_share")
	for _, n := range whichWindows {
		r.whichFigures(n, f, c.test, refs)
	}
	r.note("%d are named in a question, the person among them, and in the figures of others %d without the person; with nothing but chance one in %d would be the likeliest", whichNamed, whichNamed, whichNamed)
	return r.result, nil
}

func whichFigure(windows int, name string) string { return fmt.Sprintf("n%d.%s", windows, name) }

// whichFigures asks about stretches of so many windows. All who are tested weigh the same, however long they typed.
func (r *run) whichFigures(n int, f folder, people []*actor, refs []app.References) {
	shares := map[string][]float64{}
	for i, a := range people {
		random := rand.New(rand.NewPCG(r.Bootstrap.Seed, uint64(i)))
		among, others := ask(f, a, n, func(including bool) []app.References {
			return named(random, refs, i, including)
		})
		for name, of := range map[string]struct {
			all  []asked
			when func(asked) bool
		}{
			"top_share":          {among, func(q asked) bool { return q.top }},
			"right_share":        {among, func(q asked) bool { return q.right }},
			"wrong_share":        {among, func(q asked) bool { return q.wrong }},
			"others_wrong_share": {others, func(q asked) bool { return q.wrong }},
			"others_none_share":  {others, func(q asked) bool { return q.none }},
		} {
			if len(of.all) == 0 {
				continue // fewer windows than a stretch
			}
			shares[name] = append(shares[name], float64(len(slices.DeleteFunc(slices.Clone(of.all), func(q asked) bool { return !of.when(q) })))/float64(len(of.all)))
		}
		r.result.Comparisons.Mated += len(among)
		r.result.Comparisons.NonMated += len(others) + (whichNamed-1)*len(among)
	}
	for name, each := range shares {
		sum := 0.0
		for _, s := range each {
			sum += s
		}
		r.metric(whichFigure(n, name), sum/float64(len(each)), r.Bootstrap.MeanInterval(each))
		if whichFigure(n, name) == r.result.Headline {
			r.result.PerSubject, r.result.PerPerson = metric.SpreadOf(each, metric.HigherIsBetter), each
		}
	}
}

// named draws the people of a question: the one of this index first, or nobody but others.
func named(random *rand.Rand, refs []app.References, i int, including bool) []app.References {
	var out []app.References
	if including {
		out = append(out, refs[i])
	}
	for _, k := range random.Perm(len(refs)) {
		if k != i && len(out) < whichNamed {
			out = append(out, refs[k])
		}
	}
	return out
}

// ask lets a person work at a desk whose session knows nobody, and asks after each stretch of so many windows.
func ask(f folder, a *actor, n int, draw func(including bool) []app.References) (among, others []asked) {
	for _, session := range a.genuine {
		for at := 0; at+n <= len(session); at += n {
			s := f.signIn(stand{refs: app.References{}})
			for _, m := range session[at : at+n] {
				s, _, _ = f.step(s, m, m.passed)
			}
			first := f.assessor.Among(s.session, draw(true))
			among = append(among, asked{
				top: first.Each[0] == slices.Max(first.Each), right: first.Sure == 0, wrong: first.Sure > 0,
				none: first.Sure < 0 && len(first.Reasons) == 0,
			})
			second := f.assessor.Among(s.session, draw(false))
			others = append(others, asked{wrong: second.Sure >= 0, none: second.Sure < 0 && len(second.Reasons) == 0})
		}
	}
	return among, others
}
