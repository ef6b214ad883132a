package report

import (
	"fmt"
	"math"
	"strings"

	"ipse.dev/ipse/lab/metric"
)

// plain is how figures are shown that are neither rates nor merits nor costs: by what their name holds, a format and the
// unit behind it.
type plain struct{ holds, format, unit string }

var plains = []plain{
	{"_per_40h", "%.2f", ""},
	{"false_alarms", "%.0f", ""},
	{"cautions", "%.0f", ""},
	{"seconds", "%.1f", " s"},
	{"actions", "%.0f", ""},
	{"hours", "%.1f", " h"},
	{"threshold", "%.2f", ""},
	{"autocorrelation", "%.3f", ""},
	{"discount", "%.3f", ""},
}

// plainly finds how a metric is shown that is no rate.
func plainly(name string) (plain, bool) {
	rate := strings.HasSuffix(name, "_per_40h")
	if detection(name) && !rate { // families may be called anything
		return plain{}, false
	}
	for _, p := range plains {
		if strings.Contains(name, p.holds) {
			return p, true
		}
	}
	return plain{}, false
}

// figure shows an error as a percentage, a merit as a number, a cost in bits and other figures in their own unit.
func figure(name string, v float64) string {
	p, isPlain := plainly(name)
	switch {
	case math.IsNaN(v):
		return "not measurable"
	case metric.IsNever(v):
		return "never"
	case merit(name) && !detection(name):
		return fmt.Sprintf("%.3f", v)
	case bits(name):
		return fmt.Sprintf("%.3f bits", v)
	case isPlain:
		return fmt.Sprintf(p.format, v) + p.unit
	}
	return fmt.Sprintf("%.2f %%", 100*v)
}

func interval(name string, ends [2]float64) string {
	low, high := figure(name, ends[0]), figure(name, ends[1])
	if p, ok := plainly(name); ok {
		low = strings.TrimSuffix(low, p.unit)
	}
	return strings.TrimSuffix(low, " bits") + " to " + high
}
