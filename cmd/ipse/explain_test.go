package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/sim"
	"ipse.dev/ipse/internal/trust"
)

// The server writes what is told of a session; the command says it. Both are real.
func TestExplainScripts(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	server, err := app.Start(t.Context(), app.Options{
		Data: data, Listen: "127.0.0.1:0", AcceptSimulated: true, Show: &app.Show{Thresholds: policy.Thresholds{Medium: 1, High: 3}},
		Patience: time.Minute, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	api := client.New(server.URL(), server.APIKey())
	taken, fresh := takenOver(t, api), opened(t, api, "fresh")
	t.Run("scripts", func(t *testing.T) {
		testscript.Run(t, testscript.Params{
			Dir: filepath.Join("testdata", "explain"),
			Setup: func(e *testscript.Env) error {
				e.Setenv("SERVER", server.URL())
				e.Setenv("KEY", filepath.Join(data, "api-key"))
				e.Setenv("TAKEN", taken.Session)
				e.Setenv("SUBJECT", taken.Subject)
				e.Setenv("FRESH", fresh.Session)
				return nil
			},
			Cmds: map[string]func(*testscript.TestScript, bool, []string){"explanation": checkExplanation},
		})
	})
}

func opened(t *testing.T, api *client.Client, user string) client.Opened {
	t.Helper()
	o, err := api.Open(t.Context(), user, observation.Desktop)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// takenOver is a session in which a generated person works for thirteen minutes, a remote desktop begins, and another
// person works for five.
func takenOver(t *testing.T, api *client.Client) client.Opened {
	t.Helper()
	o := opened(t, api, "taken")
	reporter := api.Reporter(o)
	hello, err := reporter.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	work := func(person uint64, seconds float64) {
		stretch := sim.NewPerson(person).Session(1).Work("en", 0, seconds*1000)
		c := device.NewCollector(device.Options{
			Simulated: true, Models: hello.Models, OriginUnixMS: time.Now().UnixMilli() - int64(stretch.EndMS),
		})
		reporter.Add(c.Play(stretch.Keys, stretch.Pointers)...)
		if _, err := reporter.Report(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	work(400, 780)
	if _, err := api.Happened(t.Context(), o.Session, trust.RemoteDesktop); err != nil {
		t.Fatal(err)
	}
	work(505, 300)
	if _, err := api.Happened(t.Context(), o.Session, trust.Unlock); err != nil { // which waits for what came before it
		t.Fatal(err)
	}
	return o
}

// explanation FILE SESSION checks what --json printed of the session that was taken over.
func checkExplanation(ts *testscript.TestScript, _ bool, args []string) {
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	d.DisallowUnknownFields()
	var e explanation
	ts.Check(d.Decode(&e))
	if d.More() {
		ts.Fatalf("%s holds more than one object", args[0])
	}
	if e.Session.Session != args[1] || e.Path.Session != args[1] || e.Session.RiskLevel == policy.Low || len(e.Session.Evidence) == 0 {
		ts.Fatalf("got %+v, want the session %s above LOW with its evidence", e.Session, args[1])
	}
	if e.Path.Thresholds != (policy.Thresholds{Medium: 1, High: 3}) || len(e.Path.Points) == 0 || len(e.Path.Points) > app.PathPoints {
		ts.Fatalf("got thresholds %+v and %d points", e.Path.Thresholds, len(e.Path.Points))
	}
	counted, events := 0, []string{}
	for _, p := range e.Path.Points {
		switch {
		case p.Event != "":
			events = append(events, p.Event)
		case (p.Score == nil) != (p.Counted == nil) || p.Score == nil && len(p.Reasons) == 0:
			ts.Fatalf("a window without a reason and without what it counted for: %+v", p)
		case p.Score != nil:
			counted++
		}
	}
	if counted == 0 || strings.Join(events, " ") != "remote_desktop unlock" {
		ts.Fatalf("%d windows counted, events %v; want some, and both contexts in order", counted, events)
	}
}

func TestSparkline(t *testing.T) {
	path := func(trusts ...float64) []console.PathPoint {
		var out []console.PathPoint
		for _, x := range trusts {
			out = append(out, console.PathPoint{Trust: x})
		}
		return out
	}
	for want, given := range map[string][]console.PathPoint{
		"":     nil,
		"█▁":   path(1, 0),
		"█▅▁":  path(0.9999, 0.5, 0.0001),
		"▁":    path(math.NaN()),
		"▅▅▅▅": path(0.5, 0.5, 0.5, 0.5),
	} {
		if got := sparkline(given); got != want {
			t.Errorf("%v gives %q, want %q", given, got, want)
		}
	}
	long := path()
	for i := range 240 {
		long = append(long, console.PathPoint{Trust: 0.999})
		if i == 100 {
			long[i].Trust = 0.001
		}
	}
	if got := sparkline(long); utf8.RuneCountInString(got) != sparkWidth || strings.Count(got, "▁") != 1 {
		t.Errorf("240 points with one low give %q, want %d places of which one is low", got, sparkWidth)
	}
}
