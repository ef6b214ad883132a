package report

import (
	"bytes"
	"strings"
	"testing"

	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
)

// takeovers is a result of two ways to work; at the threshold that was chosen in the second, most are never noticed.
func takeovers() protocol.Result {
	return protocol.Result{
		Protocol: "takeover", Subjects: 3, Headline: "keyboard.detect_seconds_p50", PerPerson: []float64{40, 70, metric.Never},
		Metrics:    map[string]float64{"keyboard.detect_seconds_p50": 70, "keyboard.detect_seconds_p95": metric.Never, "keyboard.false_alarms_per_40h": 3.5},
		CI95:       map[string]metric.Interval{"keyboard.detect_seconds_p50": {41, 99.5}, "keyboard.detect_seconds_p95": {80, metric.Never}, "keyboard.false_alarms_per_40h": {0, 12}},
		PerSubject: metric.Spread{P50: 70, P90: metric.Never, Worst: metric.Never},
		Curves: []protocol.Curve{
			{Name: "keyboard", Hours: 10, Chosen: 1, Points: []protocol.Point{{LogOdds: 0, FalseAlarmsPer40h: 100, DetectSecondsP50: 30}, {LogOdds: 3.25, FalseAlarmsPer40h: 3.5, DetectSecondsP50: 70, UndetectedShare: 0.1, UndetectedNearest: 0.2}}},
			{Name: "pointer", Hours: 1, Chosen: 0, Points: []protocol.Point{{LogOdds: 2, DetectSecondsP50: metric.Never, UndetectedShare: 0.6, UndetectedNearest: 0.9}}},
		},
	}
}

func TestFiguresAreShownInTheirUnits(t *testing.T) {
	for _, f := range []struct {
		name  string
		value float64
		want  string
	}{
		{"keyboard.detect_seconds_p50", 78.94, "78.9 s"}, {"keyboard.detect_wall_seconds_p50", metric.Never, "never"}, {"both.detect_actions_p50", 275, "275"},
		{"keyboard.false_alarms_per_40h", 4, "4.00"}, {"pointer.sapimouse.cautions", 2, "2"}, {"two_people.by_turns.found_per_40h", 4.181, "4.18"}, {"keyboard.undetected_share", 0.035, "3.50 %"}, {"keyboard.people_without_alarm_share", 1, "100.00 %"},
		{"keyboard.fnmr_at_fmr_1e-4_120s", 0.4, "40.00 %"}, {"keyboard.score_autocorrelation_lag1", 0.243, "0.243"}, {"keyboard.score_discount", 0.17, "0.170"},
		{"keyboard.genuine_hours", 10.04, "10.0 h"}, {"keyboard.threshold", 3.25, "3.25"}, {"cllr_n1", 0.5, "0.500 bits"}, {"pointer.affine.cautioned_of_known_in_60_s", 0.55, "55.00 %"}, {"auc_subject_mean", 0.9, "0.900"},
	} {
		if got := figure(f.name, f.value); got != f.want {
			t.Errorf("%s of %g is shown as %q, want %q", f.name, f.value, got, f.want)
		}
	}
	if got, want := interval("keyboard.detect_seconds_p50", [2]float64{41, 99.5}), "41.0 to 99.5 s"; got != want {
		t.Errorf("an interval is shown as %q, want %q", got, want)
	}
}

func TestTakeoversAreToldThresholdByThreshold(t *testing.T) {
	s := Section{Result: takeovers(), Weights: "open"}
	var table, page, run bytes.Buffer
	if err := Table(&table, s); err != nil {
		t.Fatal(err)
	}
	plots, err := Plots(s)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range plots {
		names = append(names, p.Name)
	}
	if got, want := strings.Join(names, " "), "seconds undetected people"; got != want {
		t.Errorf("plots %q, want %q", got, want)
	}
	if got := plots[0].Chart.Alt; !strings.Contains(got, "keyboard: 70 at 3.5 false alarms") || strings.Contains(got, "pointer: 1") {
		t.Errorf("the chart of seconds says %q, want the keyboard's alone", got)
	}
	drawn := Drawn{Section: s, Plots: plots}
	if err := (Page{Sections: []Drawn{drawn}, Weights: weights("CC BY")}).Write(&page); err != nil {
		t.Fatal(err)
	}
	if err := (Run{Weights: weights("CC BY"), Drawn: drawn}).HTML(&run); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"table": table.String(), "page": page.String(), "HTML": run.String()} {
		for _, want := range []string{"3.25 (chosen)", "never", "90.00 %", "70.0 s"} {
			if !strings.Contains(text, want) {
				t.Errorf("the %s lacks %q:\n%s", where, want, text)
			}
		}
		if strings.Contains(text, "Inf") || strings.Contains(text, "e+30") {
			t.Errorf("the %s holds a number that nobody can read:\n%s", where, text)
		}
	}
	if !strings.Contains(page.String(), "| `keyboard.detect_seconds_p50` | BehavioSec for DARPA |") {
		t.Errorf("the page lacks what others reach:\n%s", page.String())
	}
}
