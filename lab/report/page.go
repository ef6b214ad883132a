package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/lab/protocol"
)

// Page is what docs/results.md says.
type Page struct {
	Date    time.Time
	Commit  string // empty when unknown
	Weights *compare.Weights
	Results []protocol.Result
}

// Write writes the page as Markdown.
func (p Page) Write(w io.Writer) error {
	var b strings.Builder
	p.head(&b)
	for _, r := range p.Results {
		section(&b, r)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func (p Page) head(b *strings.Builder) {
	fmt.Fprintf(b, "# Measured results\n\n")
	fmt.Fprintf(b, "Made by `ipse eval all --data DIR --weights %s --out docs` on %s", p.Weights.Name, p.Date.Format("2 January 2006"))
	if p.Commit != "" {
		fmt.Fprintf(b, ", at commit `%s`", p.Commit)
	}
	fmt.Fprintf(b, ". Do not edit it by hand.\n\n")
	fmt.Fprintf(b, "The figures come from the code that collectors and server run. Nobody in a test is known to the weights; whom they have seen is left out, and each section says how many. Intervals are 95 %%, bootstrapped over people. Error rates: lower is better; AUC: higher is better.\n\n")
	fmt.Fprintf(b, "## Weights: %s\n\n%s\n\n| made from | people | terms |\n|---|---|---|\n", p.Weights.Name, p.Weights.Card.Purpose)
	for _, d := range p.Weights.Card.Data {
		fmt.Fprintf(b, "| %s | %s | %s |\n", d.Name, thousands(d.People), d.Terms)
	}
	b.WriteByte('\n')
}

func section(b *strings.Builder, r protocol.Result) {
	fmt.Fprintf(b, "## %s\n\n%s.\n\n", r.Protocol, capital(titles[r.Protocol]))
	fmt.Fprintf(b, "%s people, %s mated and %s non-mated comparisons.", thousands(r.Subjects), thousands(r.Comparisons.Mated), thousands(r.Comparisons.NonMated))
	for _, note := range r.Notes {
		fmt.Fprintf(b, " %s.", capital(note))
	}
	fmt.Fprintf(b, "\n\n| metric | ipse | 95 %% interval |\n|---|---|---|\n")
	for _, name := range names(r) {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, figure(name, r.Metrics[name]), interval(name, r.CI95[name]))
	}
	fmt.Fprintf(b, "\n%s.\n\n", capital(strings.Replace(spread(r), r.Headline, "`"+r.Headline+"`", 1)))
	beside(b, r)
}

// beside sets the figures of other work under ours.
func beside(b *strings.Builder, r protocol.Result) {
	var rows []anchor
	for _, a := range anchors[r.Protocol] {
		if _, ok := r.Metrics[a.metric]; ok {
			rows = append(rows, a)
		}
	}
	if len(rows) == 0 {
		return
	}
	slices.SortStableFunc(rows, func(x, y anchor) int {
		order := names(r)
		return slices.Index(order, x.metric) - slices.Index(order, y.metric)
	})
	b.WriteString("Figures of other work, whose people and training data differ:\n\n| metric | work | setting | figure | ipse |\n|---|---|---|---|---|\n")
	for _, a := range rows {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", a.metric, a.work, a.setting, a.value, figure(a.metric, r.Metrics[a.metric]))
	}
	b.WriteByte('\n')
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
