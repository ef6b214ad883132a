package protocol

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

func TestTakeoverOfMadeUpPeople(t *testing.T) {
	dir := t.TempDir()
	people(t, dir, map[fit.Role]int{fit.Unseen: 4, fit.Calibration: 3}, 50)
	r, err := runTakeover(t, dir, 3)
	if err != nil {
		t.Fatal(err)
	}
	if r.Subjects != 4 || r.Headline != "keyboard.detect_seconds_p50" {
		t.Errorf("%d subjects and the headline %q, want 4 and the keyboard's seconds", r.Subjects, r.Headline)
	}
	for name, want := range map[string]float64{"keyboard.false_alarms_per_40h": 0, "keyboard.undetected_share": 0, "keyboard.undetected_share_nearest": 0,
		"keyboard.people_without_alarm_share": 1, "keyboard.undetected_share_server_budget": 0} {
		if got, ok := r.Metrics[name]; !ok || got != want {
			t.Errorf("%s of people who are far apart is %g (there: %v), want %g", name, got, ok, want)
		}
	}
	if got := r.Metrics["keyboard.detect_seconds_p50"]; !(got >= 5 && got <= 40) || !(r.PerSubject.P50 >= 5 && r.PerSubject.Worst <= 40) {
		t.Errorf("half are noticed within %g s, and person by person %+v; want a few windows of six seconds", got, r.PerSubject)
	}
	for name := range r.Metrics {
		if _, ok := r.CI95[name]; !ok {
			t.Errorf("%s has no interval", name)
		}
	}
	if len(r.Curves) != 1 || len(r.Curves[0].Points) < 3 || r.Curves[0].Points[r.Curves[0].Chosen].LogOdds != r.Metrics["keyboard.threshold"] {
		t.Errorf("curves %+v, want one with the chosen threshold marked", r.Curves)
	}
	again, err := runTakeover(t, dir, 3)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("two runs with one seed (-first +second):\n%s", diff)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("the result cannot be written: %v", err)
	}
	var back Result
	if err := json.Unmarshal(raw, &back); err != nil || !cmp.Equal(back.Metrics, r.Metrics) {
		t.Errorf("the result's JSON reads as %v with error %v, want %v", back.Metrics, err, r.Metrics)
	}
}

func TestPeopleWhoAreOneAndTheSameAreNeverNoticed(t *testing.T) {
	dir := t.TempDir()
	n := map[fit.Role]int{}
	for i := 1; n[fit.Unseen] < 3 || n[fit.Calibration] < 2; i++ {
		id := fmt.Sprintf("User%d", i)
		n[fit.RoleOf(dataset.BBMAS, id)]++
		var b strings.Builder
		b.WriteString("EID,key,direction,time\n")
		for k, e := range typed(50, 60+float64(i%8)/8) { // other windows, of the same dwell as good as
			fmt.Fprintf(&b, "0,t,%d,%.3f\n", k%2, e.TimeMS)
		}
		if err := os.WriteFile(filepath.Join(dir, id+".csv"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := runTakeover(t, dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"keyboard.undetected_share": 1, "keyboard.detect_seconds_p50": metric.Never, "keyboard.detect_seconds_person_worst": metric.Never} {
		if got := r.Metrics[name]; got != want {
			t.Errorf("%s is %g, want %g", name, got, want)
		}
	}
	if got := r.CI95["keyboard.detect_seconds_p50"]; got != (metric.Interval{metric.Never, metric.Never}) {
		t.Errorf("the interval of never is %v", got)
	}
}

func TestTakeoverWithoutPeople(t *testing.T) {
	if _, err := runTakeover(t, t.TempDir(), 1); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("an empty folder gives %v, want %v", err, dataset.ErrNotFound)
	}
	for name, of := range map[string]map[fit.Role]int{"nobody to calibrate": {fit.Unseen: 3}, "one to test": {fit.Unseen: 1, fit.Calibration: 3}} {
		dir := t.TempDir()
		people(t, dir, of, 50)
		if _, err := runTakeover(t, dir, 1); !errors.Is(err, ErrTooFew) {
			t.Errorf("%s gives %v, want %v", name, err, ErrTooFew)
		}
	}
	short := t.TempDir()
	people(t, short, map[fit.Role]int{fit.Unseen: 3, fit.Calibration: 3}, 10)
	if _, err := runTakeover(t, short, 1); !errors.Is(err, ErrTooFew) {
		t.Errorf("recordings of ten windows give %v, want %v", err, ErrTooFew)
	}
	bare := dwellModel(t)
	bare.Weights = nil
	if _, err := Run(context.Background(), "takeover", Input{Data: t.TempDir(), Model: bare}); !errors.Is(err, ErrModel) {
		t.Errorf("a model without weights gives %v, want %v", err, ErrModel)
	}
}
