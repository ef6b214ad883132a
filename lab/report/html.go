package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/lab/chart"
)

//go:embed run.html.tmpl
var runTemplate string

var runPage = template.Must(template.New("run").Parse(runTemplate))

// Run is what the HTML page of one protocol's run says.
type Run struct {
	Date    time.Time
	Commit  string // empty when unknown
	Command string // that makes it again
	Weights *compare.Weights
	ByHand  bool // people were chosen, and may be known to the weights
	Drawn
}

// HTML writes the page: one file that asks for nothing else, plots within.
func (r Run) HTML(w io.Writer) error {
	plots, err := r.inlined()
	if err != nil {
		return err
	}
	page := struct {
		Run
		Sheet         template.CSS
		Title         string
		On            string
		NonCommercial bool
		People        string
		Mated         string
		NonMated      string
		Lead          []row
		Rows          []row
		Periods       []byPeriod
		Differences   [][2]string
		Spread        string
		Explained     string
		Pictures      []picture
		RungColumns   []string
		Rungs         [][]string
		Published     []anchorRow
		Data          []dataRow
	}{
		Run: r, Sheet: template.CSS(chart.StyleSheet), Title: capital(titles[r.Result.Protocol]), On: r.Date.Format("2 January 2006"),
		NonCommercial: r.Weights.Card.NonCommercial() != "",
		People:        thousands(r.Result.Subjects), Mated: thousands(r.Result.Comparisons.Mated), NonMated: thousands(r.Result.Comparisons.NonMated),
		RungColumns: rungColumns, Rungs: rungsOf(r.Result),
		Explained: strings.ReplaceAll(explained, "`", ""), Pictures: plots,
	}
	var alone []string
	alone, page.Periods = parted(r.Result)
	for _, name := range alone {
		one := row{name, figure(name, r.Result.Metrics[name]), interval(name, r.Result.CI95[name])}
		page.Rows = append(page.Rows, one)
		if name == r.Result.Headline {
			page.Lead = append(page.Lead, one)
		}
	}
	for _, line := range r.sentences() {
		name, said, _ := strings.Cut(line, ": ")
		page.Differences = append(page.Differences, [2]string{name, said})
	}
	if r.Result.Headline != "" {
		page.Spread = strings.ReplaceAll(capital(spread(r.Result))+".", " %", "\u00a0%")
	}
	for _, a := range published(r.Result) {
		page.Published = append(page.Published, anchorRow{a.metric, a.work, a.setting, a.value, figure(a.metric, r.Result.Metrics[a.metric])})
	}
	for _, d := range r.Weights.Card.Data {
		page.Data = append(page.Data, dataRow{d.Name, thousands(d.People), d.Terms})
	}
	if err := runPage.Execute(w, page); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

type (
	row       struct{ Name, Value, Interval string }
	anchorRow struct{ Metric, Work, Setting, Value, Ours string }
	dataRow   struct{ Name, People, Terms string }
	picture   struct {
		SVG template.HTML
		Alt string
	}
)

func (r Run) inlined() ([]picture, error) {
	var out []picture
	for _, p := range r.Plots {
		var b strings.Builder
		if err := p.Chart.Inline(&b); err != nil {
			return nil, fmt.Errorf("report: plot %s: %w", p.Name, err)
		}
		// The drawing is ours; package chart escapes the texts in it.
		out = append(out, picture{SVG: template.HTML(b.String()), Alt: p.Chart.Alt})
	}
	return out, nil
}
