package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/lab/protocol"
)

// Page is what docs/results.md says.
type Page struct {
	Date     time.Time
	Commit   string // empty when unknown
	Weights  *compare.Weights
	Against  string // name of the weights beside which these are measured; empty for none
	Sections []Drawn
}

// Drawn is a section with its plots.
type Drawn struct {
	Section
	Plots []Plot
}

// PlotFile is the name of a plot's file, with an ending such as ".svg".
func (d Drawn) PlotFile(p Plot, ending string) string {
	return d.Result.Protocol + "-" + p.Name + ending
}

// Write writes the page as Markdown. It shows the plots' SVG files in the folder results beside it.
func (p Page) Write(w io.Writer) error {
	var b strings.Builder
	p.head(&b)
	for _, r := range p.Sections {
		section(&b, r)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func (p Page) head(b *strings.Builder) {
	fmt.Fprintf(b, "# Measured results\n\n")
	fmt.Fprintf(b, "Made by `%s` on %s", p.command(), p.Date.Format("2 January 2006"))
	if p.Commit != "" {
		fmt.Fprintf(b, ", at commit `%s`", p.Commit)
	}
	fmt.Fprintf(b, ". Do not edit it by hand.\n\n")
	fmt.Fprintf(b, "The figures come from the code that collectors and server run. Nobody in a test is known to the weights; whom they have seen is left out, and each section says how many. Intervals are 95 %%, bootstrapped over people. %s\n\n", explained)
	if p.Weights.Card.NonCommercial() != "" {
		fmt.Fprintf(b, "**These weights are for non-commercial use only.**\n\n")
	}
	fmt.Fprintf(b, "## Weights: %s\n\n%s\n\n| made from | people | terms |\n|---|---|---|\n", p.Weights.Name, p.Weights.Card.Purpose)
	for _, d := range p.Weights.Card.Data {
		fmt.Fprintf(b, "| %s | %s | %s |\n", d.Name, thousands(d.People), d.Terms)
	}
	b.WriteByte('\n')
}

// explained says how to read the figures.
const explained = "Error rates: lower is better; AUC: higher is better. Cllr is what the scores cost as statements of probability, in bits: 0 is perfect, 1 says nothing; `cllr_min` is what would be left of it with the best calibration. Where n windows decide, they are compared together; `separate` is the mean of their single scores."

func (p Page) command() string {
	command := "ipse eval all --data DIR --weights " + p.Weights.Name
	if p.Against != "" {
		command += " --against " + p.Against
	}
	return command + " --out docs"
}

// mostInLine is how many notes are read as sentences of one paragraph; more are a list.
const mostInLine = 3

func writeNotes(b *strings.Builder, notes []string) {
	for i, note := range notes {
		switch {
		case len(notes) <= mostInLine:
			b.WriteByte(' ')
		case i == 0:
			b.WriteString("\n\n- ")
		default:
			b.WriteString("\n- ")
		}
		fmt.Fprintf(b, "%s.", capital(note))
	}
}

func section(b *strings.Builder, d Drawn) {
	r := d.Result
	fmt.Fprintf(b, "## %s\n\n%s.\n\n", r.Protocol, capital(titles[r.Protocol]))
	fmt.Fprintf(b, "%s people, %s mated and %s non-mated comparisons.", thousands(r.Subjects), thousands(r.Comparisons.Mated), thousands(r.Comparisons.NonMated))
	writeNotes(b, r.Notes)
	fmt.Fprintf(b, "\n\n| metric | ipse | 95 %% interval |\n|---|---|---|\n")
	alone, tables := parted(r)
	for _, name := range alone {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, figure(name, r.Metrics[name]), interval(name, r.CI95[name]))
	}
	b.WriteByte('\n')
	writePeriods(b, tables)
	if r.Headline != "" {
		fmt.Fprintf(b, "%s.\n\n", capital(strings.Replace(spread(r), r.Headline, "`"+r.Headline+"`", 1)))
	}
	for i, line := range d.sentences() {
		if i == 0 {
			fmt.Fprintf(b, "Beside the weights %s, on the same people and trials (paired bootstrap):\n\n", d.Against.Weights)
		}
		name, said, _ := strings.Cut(line, ": ")
		fmt.Fprintf(b, "- `%s`: %s\n", name, said)
	}
	if d.Against != nil {
		b.WriteByte('\n')
	}
	for _, p := range d.Plots {
		fmt.Fprintf(b, "![%s. %s](results/%s)\n", p.Chart.Title, p.Chart.Alt, d.PlotFile(p, ".svg"))
	}
	if len(d.Plots) > 0 {
		b.WriteByte('\n')
	}
	curvesTable(b, r)
	beside(b, r)
}

// beside sets the figures of other work under ours.
func beside(b *strings.Builder, r protocol.Result) {
	for i, a := range published(r) {
		if i == 0 {
			b.WriteString("Figures of other work, whose people and training data differ:\n\n| metric | work | setting | figure | ipse |\n|---|---|---|---|---|\n")
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", a.metric, a.work, a.setting, a.value, figure(a.metric, r.Metrics[a.metric]))
	}
	if len(published(r)) > 0 {
		b.WriteByte('\n')
	}
}

// published lists the figures of other work for a result's metrics, in their order.
func published(r protocol.Result) []anchor {
	var rows []anchor
	for _, name := range names(r) {
		for _, a := range anchors[r.Protocol] {
			if a.metric == name {
				rows = append(rows, a)
			}
		}
	}
	return rows
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
