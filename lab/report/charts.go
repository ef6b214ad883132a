package report

import (
	"fmt"
	"strings"

	"ipse.dev/ipse/lab/chart"
	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
)

// Plot is one chart of a run and the name of its files, without the protocol's and without an ending.
type Plot struct {
	Name  string
	Chart *chart.Chart
}

const (
	reliabilityBins  = 12
	reliabilityDraws = 200 // rounds of the bootstrap for the intervals of a reliability plot
	mostCurves       = 4   // lines of one chart that can be told apart
)

// Plots draws what there is to draw of a section: the curves over thresholds; for each modality the trade-off, the scores
// of its shortest and its longest runs and their reliability; the spread of the headline over people; figures over time; a
// learning curve.
func Plots(s Section) ([]Plot, error) {
	var out []Plot
	add := func(name, title string, c *chart.Chart, err error) error {
		if err != nil {
			return fmt.Errorf("report: %s, plot %s: %w", s.Result.Protocol, name, err)
		}
		c.Title = title
		out = append(out, Plot{name, c})
		return nil
	}
	kinds := chart.Persons
	if detection(s.Result.Headline) {
		kinds = chart.Attacks
	}
	for _, g := range groups(s.Result) {
		c, err := chart.DET(kinds, g.curves(s)...)
		if err := add(g.file("det"), g.title("detection error trade-off"), c, err); err != nil {
			return nil, err
		}
		for _, t := range g.ends() {
			mated, nonMated := t.Scores()
			c, err := chart.Histogram(kinds, "", mated, nonMated)
			if err := add(ended(g.file("scores"), t, g), g.title("scores, "+t.Title), c, err); err != nil {
				return nil, err
			}
		}
		if stated := g.stated(s); len(stated) > 0 {
			c, err := chart.Reliability(stated...)
			if err := add(g.file("reliability"), g.title("reliability of the scores"), c, err); err != nil {
				return nil, err
			}
		}
	}
	curves, err := tradeoffs(s.Result)
	if err != nil {
		return nil, err
	}
	out = append(curves, out...)
	if values, unit, ok := headlineValues(s.Result); ok {
		c, err := chart.Spread(unit, merit(s.Result.Headline), values)
		if err := add("people", s.Result.Protocol+": from person to person", c, err); err != nil {
			return nil, err
		}
	}
	for _, course := range s.Result.Courses {
		c, err := courseOf(course)
		if err := add(course.Name, s.Result.Protocol+": "+course.Title, c, err); err != nil {
			return nil, err
		}
	}
	if len(s.Learnt) > 0 {
		c, err := chart.Learning(unitOf(s.Learnt[0].Metric), s.Learnt)
		if err := add("learning", s.Result.Protocol+": learning curve", c, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func courseOf(c protocol.Course) (*chart.Chart, error) {
	var lines []chart.Line
	for _, l := range c.Lines {
		line := chart.Line{Name: l.Name}
		for _, p := range l.Points {
			line.Moments = append(line.Moments, chart.Moment{At: p.At, Value: p.Value, Low: p.CI95[0], High: p.CI95[1]})
		}
		lines = append(lines, line)
	}
	return chart.Course(chart.Unit{Label: c.Label, Of: 0.01}, c.Time, lines...)
}

// group is the trials of one modality whose scores can be judged at one threshold.
type group struct {
	protocol, modality string
	trials             []*protocol.Trial
}

func groups(r protocol.Result) []group {
	var out []group
	for i := range r.Trials {
		t := &r.Trials[i]
		if !t.Pooled || t.Part {
			continue
		}
		modality, _, ok := strings.Cut(t.Name, ".")
		if !ok {
			modality = ""
		}
		if n := len(out); n > 0 && out[n-1].modality == modality {
			out[n-1].trials = append(out[n-1].trials, t)
			continue
		}
		out = append(out, group{r.Protocol, modality, []*protocol.Trial{t}})
	}
	return out
}

func (g group) file(name string) string {
	if g.modality == "" {
		return name
	}
	return g.modality + "-" + name
}

func (g group) title(what string) string {
	return strings.TrimSuffix(g.protocol+", "+g.modality, ", ") + ": " + what
}

// ended gives the file of one of several trials a name of its own.
func ended(name string, t *protocol.Trial, g group) string {
	if len(g.trials) == 1 || t.Name == "" {
		return name
	}
	return name + "-" + t.Name[strings.LastIndex(t.Name, ".")+1:]
}

// ends are the first and the last trial.
func (g group) ends() []*protocol.Trial {
	if len(g.trials) == 1 {
		return g.trials
	}
	return []*protocol.Trial{g.trials[0], g.trials[len(g.trials)-1]}
}

// curves are the trade-offs of one system's trials; beside another system, of both systems' first and last ones.
func (g group) curves(s Section) []chart.Curve {
	var out []chart.Curve
	curve := func(name string, t *protocol.Trial) {
		mated, nonMated := t.Scores()
		out = append(out, chart.Curve{Name: name, Points: metric.DET(mated, nonMated)})
	}
	if s.Against == nil {
		for _, t := range g.trials[:min(mostCurves, len(g.trials))] {
			curve(t.Title, t)
		}
		return out
	}
	for _, t := range g.ends() {
		if other := trialOf(s.Against.Result, t.Name); other != nil {
			curve(s.Weights+", "+t.Title, t)
			curve(s.Against.Weights+", "+t.Title, other)
		}
	}
	return out
}

func (g group) stated(s Section) []chart.Stated {
	var out []chart.Stated
	draws := metric.Bootstrap{Rounds: reliabilityDraws, Seed: metric.DefaultBootstrap.Seed}
	for _, t := range g.ends() {
		if !t.LLR {
			continue
		}
		if bins := t.Pool().Reliability(reliabilityBins, draws); len(bins) > 0 {
			out = append(out, chart.Stated{Name: t.Title, Bins: bins})
		}
	}
	return out
}

func trialOf(r protocol.Result, name string) *protocol.Trial {
	for i := range r.Trials {
		if r.Trials[i].Name == name {
			return &r.Trials[i]
		}
	}
	return nil
}

// headlineValues gives the headline figure person by person.
func headlineValues(r protocol.Result) (values []float64, unit chart.Unit, ok bool) {
	if len(r.PerPerson) > 0 {
		for _, v := range r.PerPerson {
			values = append(values, min(v, drawnSeconds))
		}
		return values, unitOf(r.Headline), true
	}
	for _, f := range r.Figures {
		if t := trialOf(r, f.Trial); f.Name == r.Headline && t != nil {
			return t.PerSubject(f.Kind), unitOf(f.Name), true
		}
	}
	return nil, chart.Unit{}, false
}

// unitOf is how an axis of this metric is labelled.
func unitOf(name string) chart.Unit {
	switch {
	case strings.Contains(name, "seconds"):
		return chart.Unit{Label: fmt.Sprintf("median seconds of input until noticed (%d: not noticed)", drawnSeconds), Of: 1}
	case detection(name):
		return chart.Unit{Label: "attacks that are found (%)", Of: 0.01}
	case merit(name):
		return chart.Unit{Label: "area under the curve, AUC", Of: 1}
	case bits(name):
		return chart.Unit{Label: "cost of the scores, Cllr (bits)", Of: 1}
	}
	return chart.Unit{Label: "error rate (%)", Of: 0.01}
}
