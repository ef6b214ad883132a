package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"ipse.dev/ipse/lab/chart"
	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
)

// Section is what a report says of one protocol.
type Section struct {
	Result  protocol.Result
	Weights string         // name
	Against *Against       // nil without a comparison
	Learnt  []chart.Learnt // a learning curve, ordered as chart.ReadLearning does; may be empty
}

// Against is another system that was measured on the same people and trials.
type Against struct {
	Weights string // name
	Result  protocol.Result
	protocol.Difference
}

// JSON writes a section as one object on one line: the result, and under "against" the other system, if there is one.
func JSON(w io.Writer, s Section) error {
	type against struct {
		Weights string `json:"weights"`
		protocol.Difference
	}
	out := struct {
		protocol.Result
		Against *against `json:"against,omitempty"`
	}{Result: s.Result}
	if s.Against != nil {
		out.Against = &against{s.Against.Weights, s.Against.Difference}
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// sentences says of every metric, in one line each, which system is better and by how much.
func (s Section) sentences() []string {
	if s.Against == nil {
		return nil
	}
	var out []string
	for _, name := range names(s.Result) {
		if d, ok := s.Against.Difference.Difference[name]; ok {
			out = append(out, name+": "+sentence(name, s.Weights, s.Against.Weights, d, s.Against.CI95[name]))
		}
	}
	return out
}

// sentence tells a difference (first minus second) in words: who is better where the interval does not hold zero, and
// otherwise that no difference is shown.
func sentence(name, first, second string, d float64, ends metric.Interval) string {
	if merit(name) == (d < 0) && d != 0 { // the second is better: tell it from that side
		first, second = second, first
		d, ends = -d, metric.Interval{-ends[1], -ends[0]}
	}
	if !merit(name) {
		d, ends = -d, metric.Interval{-ends[1], -ends[0]} // an improvement is above zero
	}
	d += 0 // no negative zero
	if !(ends[0] > 0) {
		return fmt.Sprintf("no difference shown between %s and %s: %s in favour of %s, 95 %% CI %s to %s",
			first, second, difference(name, d), first, amount(name, ends[0]), amount(name, ends[1]))
	}
	return fmt.Sprintf("%s better than %s by %s, 95 %% CI %s to %s", first, second, difference(name, d), amount(name, ends[0]), amount(name, ends[1]))
}

// difference shows a difference of two figures with its unit: points are percentage points.
func difference(name string, v float64) string {
	switch {
	case merit(name) && !detection(name):
		return amount(name, v)
	case bits(name):
		return amount(name, v) + " bits"
	}
	return amount(name, v) + " points"
}

func amount(name string, v float64) string {
	if math.IsNaN(v) {
		return "not measurable"
	}
	format, scale := "%.2f", 100.0
	if merit(name) && !detection(name) || bits(name) {
		format, scale = "%.3f", 1
	}
	text := fmt.Sprintf(format, scale*v)
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		if strings.Trim(rest, "0.") == "" {
			return rest
		}
		return "−" + rest
	}
	return text
}
