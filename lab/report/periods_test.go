package report

import (
	"math"
	"strings"
	"testing"

	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
)

// dated is a result with figures by day, by stretch of days and by session of another set.
func dated() protocol.Result {
	r := protocol.Result{Protocol: "drift", Subjects: 3, Headline: "fnmr", Metrics: map[string]float64{
		"fnmr": 0.1, "day02.fnmr": 0.05, "day10.fnmr": 0.2, "day10.fmr": 0.01, "cmu.impostor.days02_04.fmr": 0.3}, CI95: map[string]metric.Interval{}}
	for name, v := range r.Metrics {
		r.CI95[name] = metric.Interval{v / 2, 2 * v}
	}
	r.CI95["day10.fmr"] = metric.Interval{math.NaN(), math.NaN()}
	return r
}

func TestFiguresByPeriodStandInTablesOfTheirOwn(t *testing.T) {
	alone, tables := parted(dated())
	if len(alone) != 1 || alone[0] != "fnmr" {
		t.Errorf("%v stand alone, want fnmr", alone)
	}
	var b strings.Builder
	writePeriods(&b, tables)
	const want = "| `cmu.impostor.…` | days02_04 |\n|---|---|\n| `fmr` | 30.00 % (15.00 to 60.00) |\n\n" +
		"| by period | day02 | day10 |\n|---|---|---|\n| `fmr` | – | 1.00 % (not measurable to not measurable) |\n| `fnmr` | 5.00 % (2.50 to 10.00) | 20.00 % (10.00 to 40.00) |\n\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestFiguresByPeriodAreOnBothPages(t *testing.T) {
	drawn := Drawn{Section: Section{Result: dated(), Weights: "open"}}
	var page, run strings.Builder
	if err := (Page{Weights: weights("free"), Sections: []Drawn{drawn}}).Write(&page); err != nil {
		t.Fatal(err)
	}
	if err := (Run{Weights: weights("free"), Drawn: drawn}).HTML(&run); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| by period | day02 | day10 |", "| `fnmr` | 10.00 % |"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, want := range []string{"<th>day02</th>", "<code>cmu.impostor.…</code>", "20.00 % (10.00 to 40.00)"} {
		if !strings.Contains(run.String(), want) {
			t.Errorf("the run's page lacks %q", want)
		}
	}
}

func TestACourseIsDrawn(t *testing.T) {
	s := Section{Result: dated(), Weights: "open"}
	s.Result.Courses = []protocol.Course{{Name: "days", Title: "error by day", Time: "day", Label: "error (%)",
		Lines: []protocol.CourseLine{{Name: "frozen", Points: []protocol.CoursePoint{{At: 2, Value: 0.05, CI95: metric.Interval{0.01, 0.1}}, {At: 10, Value: 0.2, CI95: metric.Interval{0.1, 0.3}}}}}}}
	plots, err := Plots(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(plots) != 1 || plots[0].Name != "days" || plots[0].Chart.Title != "drift: error by day" ||
		!strings.Contains(plots[0].Chart.Alt, "frozen: 5 at day 2, 20 at 10") {
		t.Errorf("plots %+v", plots)
	}
	s.Result.Courses[0].Lines = nil
	if _, err := Plots(s); err == nil {
		t.Error("a course without lines was drawn, want an error")
	}
}
