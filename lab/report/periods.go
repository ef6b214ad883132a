package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ipse.dev/ipse/lab/protocol"
)

// period finds the day or the days in a metric's name: "cmu.day03.fnmr", "nearest.days08_10.fmr".
var period = regexp.MustCompile(`^(.*?)(days?\d\d(?:_\d\d)?)\.(.+)$`)

// byPeriod is one table of figures that are measured again in every period.
type byPeriod struct {
	Prefix  string   // of the metrics' names, up to the period; with the figure's name it is all of one
	Periods []string // as they stand in the names
	Rows    []periodRow
}

// periodRow is one figure, with its interval, in every period.
type periodRow struct {
	Name  string
	Cells []string
}

// parted gives the metrics that stand by themselves, and tables of those that have a period in their names.
func parted(r protocol.Result) (alone []string, tables []byPeriod) {
	type key struct {
		prefix string
		blocks bool
	}
	all := map[key]map[string]map[string]string{} // figure → period → metric
	var order []key
	for _, name := range names(r) {
		m := period.FindStringSubmatch(name)
		if m == nil {
			alone = append(alone, name)
			continue
		}
		k := key{m[1], strings.HasPrefix(m[2], "days")}
		if all[k] == nil {
			all[k] = map[string]map[string]string{}
			order = append(order, k)
		}
		if all[k][m[3]] == nil {
			all[k][m[3]] = map[string]string{}
		}
		all[k][m[3]][m[2]] = name
	}
	for _, k := range order {
		t := byPeriod{Prefix: k.prefix}
		var figures []string
		for figure, periods := range all[k] {
			figures = append(figures, figure)
			for p := range periods {
				if !slices.Contains(t.Periods, p) {
					t.Periods = append(t.Periods, p)
				}
			}
		}
		slices.Sort(figures)
		slices.Sort(t.Periods)
		for _, figure := range figures {
			row := periodRow{Name: figure}
			for _, p := range t.Periods {
				row.Cells = append(row.Cells, cell(r, all[k][figure][p]))
			}
			t.Rows = append(t.Rows, row)
		}
		tables = append(tables, t)
	}
	return alone, tables
}

// cell gives a figure with its interval, a dash where the period has none.
func cell(r protocol.Result, name string) string {
	v, ok := r.Metrics[name]
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%s (%s)", figure(name, v), strings.ReplaceAll(interval(name, r.CI95[name]), " %", ""))
}

// writePeriods writes the tables as Markdown.
func writePeriods(b *strings.Builder, tables []byPeriod) {
	for _, t := range tables {
		head := "by period"
		if t.Prefix != "" {
			head = "`" + t.Prefix + "…`"
		}
		fmt.Fprintf(b, "| %s | %s |\n|---|%s\n", head, strings.Join(t.Periods, " | "), strings.Repeat("---|", len(t.Periods)))
		for _, row := range t.Rows {
			fmt.Fprintf(b, "| `%s` | %s |\n", row.Name, strings.Join(row.Cells, " | "))
		}
		b.WriteByte('\n')
	}
}
