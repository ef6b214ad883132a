package console_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/console/consoletest"
	"ipse.dev/ipse/internal/budget"
)

func TestBudgetPageSaysHowThePromiseStands(t *testing.T) {
	day := time.Date(2026, 8, 3, 0, 0, 0, 0, time.UTC)
	known := console.BudgetReport{Promise: 10, Known: true, InForce: 4, Sums: budget.Sums{InputHours: 1240, Alerts: 9, Impostor: 1, RightPerson: 3},
		Days: []console.BudgetDay{{From: day, To: day, Fact: budget.Fact{PerThousand: 14, Low: 9, High: 21}, Shadow: true}}, Injected: 2,
		CanKeep: true, Keeping: budget.Keeping{LogOdds: 6, Likely: 5, Extrapolated: true}}
	for standing, c := range map[budget.Standing]struct {
		report console.BudgetReport
		want   []string
		not    []string
	}{
		budget.Broken: {known, []string{"The promise is broken", "14 per 1,000 people", "(9 to 21)", "What would have happened", "9 in 1,240 hours", "left out: 1.", "below a trust of 2%",
			"extrapolation", "not in these figures: 2", `<circle class="estimate shadow`}, nil},
		budget.Kept: {known, []string{"The promise is kept"}, nil},
		budget.Open: {known, []string{"The fact agrees with the promise"}, nil},
		budget.TooShort: {console.BudgetReport{Promise: 10, Fact: budget.Fact{HoursToTell: 960}}, []string{"Too few hours to tell", "About 960 hours", "Too few doubts"},
			[]string{"<svg class=\"chart", "Alerts because"}},
		budget.TooFew: {console.BudgetReport{Promise: 10, Shown: true}, []string{"Too few people to tell", "from 20 people on", "the demonstration’s own threshold"}, []string{"<svg class=\"chart", "Alerts because"}},
	} {
		c.report.Fact.Standing = standing
		if c.report.Known {
			c.report.Fact.PerThousand, c.report.Fact.Low, c.report.Fact.High, c.report.Fact.FalseShare = 14, 9, 21, 0.83
		}
		source := new(consoletest.Source)
		source.PutBudget(c.report)
		r := signedIn(t, source)
		status, body := r.get("/console/budget")
		if status != http.StatusOK {
			t.Fatalf("%s: status %d, want 200", standing, status)
		}
		for _, want := range c.want {
			if !strings.Contains(strings.ToLower(body), strings.ToLower(want)) {
				t.Errorf("%s: the page lacks %q", standing, want)
			}
		}
		for _, not := range c.not {
			if strings.Contains(body, not) {
				t.Errorf("%s: the page shows %q of what is not known", standing, not)
			}
		}
	}
}

func TestBudgetPageShowsNoMoreFiguresThanAreKnown(t *testing.T) {
	source := new(consoletest.Source)
	source.PutBudget(console.BudgetReport{Promise: 1000, Known: true, Sums: budget.Sums{InputHours: 0.0108, Alerts: 17},
		Fact: budget.Fact{Standing: budget.Broken, PerThousand: 4660385, Low: 2651678, High: 6943925}})
	_, body := signedIn(t, source).get("/console/budget")
	for _, want := range []string{"4,660,000 per 1,000 people", "(2,650,000 to 6,940,000)", "17 in 0.01 hours"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestBudgetPageSaysWhichPromiseCanBeGiven(t *testing.T) {
	source := new(consoletest.Source)
	source.PutBudget(console.BudgetReport{Promise: 1, LeastPromise: 24.3, InForce: 61, Fact: budget.Fact{Standing: budget.TooShort, HoursToTell: 9600}})
	r := signedIn(t, source)
	for _, want := range []string{"This promise cannot be given", "24 per 1,000 people"} {
		if _, body := r.get("/console/budget"); !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	source.PutBudget(console.BudgetReport{Promise: 1000, InForce: 10, Fact: budget.Fact{Standing: budget.TooShort, HoursToTell: 9.6}})
	if _, body := r.get("/console/budget"); strings.Contains(body, "cannot be given") {
		t.Error("the page says of a promise that can be given that it cannot")
	}
}

func TestShadowModeIsMarked(t *testing.T) {
	source := consoletest.Desk(noon)
	cases, err := source.Cases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k := cases[0]
	k.Shadow = true
	source.PutCase(k)
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { handler.ServeHTTP(w, q) }))
	t.Cleanup(server.Close)
	c, err := console.New(console.Options{Sessions: source, Cases: source, BaseURL: server.URL, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return noon }, Shadow: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	handler = c.Handler()
	r := open(t, source)
	r.console, r.base = c, server.URL
	if _, body := r.get("/console/sign-in"); strings.Contains(body, "shadow-mode") {
		t.Error("who has not signed in is told of shadow mode")
	}
	if status, _ := r.post("/console/sign-in", url.Values{"token": {tokenOf(t, c.OneTimeLink())}}, nil); status != http.StatusOK {
		t.Fatalf("sign-in ended with %d, want 200", status)
	}
	_, body := r.get("/console/alarms")
	if !strings.Contains(body, `class="notice shadow-mode"`) || strings.Count(body, `<span class="verdict-tag">Shadow</span>`) != 1 {
		t.Error("want the notice of shadow mode on the page and the mark on the one alarm that was raised in it")
	}
	if strings.Contains(body, "/console/budget") {
		t.Error("the navigation leads to a page of promise and fact that has no source")
	}
	if status, _ := r.get("/console/budget"); status != http.StatusNotFound {
		t.Errorf("got %d for a page without a source, want 404", status)
	}
}
