// Package report owns how measured figures are shown: as JSON for programs, as a table for people, as an HTML page of
// its own for each run, and as the page docs/results.md; with plots, and beside published figures with their protocol.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"ipse.dev/ipse/lab/protocol"
)

// Table writes a section for people to read.
func Table(w io.Writer, s Section) error {
	r := s.Result
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(t, "%s: %s\n", r.Protocol, titles[r.Protocol])
	fmt.Fprintf(t, "weights %s, %s people, %s mated and %s non-mated comparisons\n\n",
		s.Weights, thousands(r.Subjects), thousands(r.Comparisons.Mated), thousands(r.Comparisons.NonMated))
	fmt.Fprintf(t, "metric\tvalue\t95 %% interval over people\n")
	for _, name := range names(r) {
		fmt.Fprintf(t, "%s\t%s\t%s\n", name, figure(name, r.Metrics[name]), interval(name, r.CI95[name]))
	}
	if r.Headline != "" {
		fmt.Fprintf(t, "\n%s\n", spread(r))
	}
	for i, row := range rungsOf(r) {
		if i == 0 {
			fmt.Fprintf(t, "\n%s\n", strings.Join(rungColumns, "\t"))
		}
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	for i, line := range s.sentences() {
		if i == 0 {
			fmt.Fprintf(t, "\nOn the same people and trials:\n")
		}
		fmt.Fprintln(t, line)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// spread says in words how the headline figure differs from person to person.
func spread(r protocol.Result) string {
	bound := "at most"
	if merit(r.Headline) {
		bound = "at least"
	}
	return fmt.Sprintf("person by person, %s is %s %s for half of them, %s %s for 90 %% of them, and %s for the worst",
		r.Headline, bound, figure(r.Headline, r.PerSubject.P50), bound, figure(r.Headline, r.PerSubject.P90),
		figure(r.Headline, r.PerSubject.Worst))
}

// names lists a result's metrics: rates first, then costs, those with numbers at their end in the order of the numbers.
func names(r protocol.Result) []string {
	var out []string
	for name := range r.Metrics {
		out = append(out, name)
	}
	slices.SortFunc(out, func(a, b string) int {
		if bits(a) != bits(b) {
			if bits(b) {
				return -1
			}
			return 1
		}
		stemA, n := numbered(a)
		stemB, m := numbered(b)
		if c := strings.Compare(stemA, stemB); c != 0 {
			return c
		}
		return n - m
	})
	return out
}

func numbered(name string) (stem string, n int) {
	at := strings.LastIndex(name, "_n")
	if at < 0 {
		return name, 0
	}
	if _, err := fmt.Sscanf(name[at:], "_n%d", &n); err != nil {
		return name, 0
	}
	return name[:at], n
}

// merit reports whether a higher value of the metric is better.
func merit(name string) bool { return strings.Contains(name, "auc") || detection(name) }

// detection reports whether the metric is the share of attacks that is found.
func detection(name string) bool {
	return strings.Contains(name, "tpr") || strings.Contains(name, "found") || strings.Contains(name, "cautioned")
}

// bits reports whether the metric is counted in bits.
func bits(name string) bool {
	return strings.Contains(name, "cllr") || strings.Contains(name, "_bits")
}

// thousands writes 2949806 as 2,949,806.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
