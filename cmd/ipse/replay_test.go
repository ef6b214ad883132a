package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/lab/replay"
)

func TestReplayRefusesWhatCannotWork(t *testing.T) {
	good := replayCommand{Simulate: 2, For: time.Minute, People: 1, Speed: 1, Server: "http://127.0.0.1:7473"}
	if err := good.check(); err != nil {
		t.Fatalf("got %v, want it taken", err)
	}
	for name, change := range map[string]func(*replayCommand){
		"nobody":                 func(c *replayCommand) { c.Simulate = 0 },
		"both":                   func(c *replayCommand) { c.Path = "x" },
		"a server without http":  func(c *replayCommand) { c.Server = "127.0.0.1:7473" },
		"a negative speed":       func(c *replayCommand) { c.Speed = -1 },
		"more than a day":        func(c *replayCommand) { c.For = 25 * time.Hour },
		"nobody of the data set": func(c *replayCommand) { c.People = 0 },
	} {
		c := good
		change(&c)
		if err := c.check(); err == nil {
			t.Errorf("%s: taken, want an error", name)
		}
	}
}

// Whoever could not be played has reached no level.
func TestSummaryOfShadowModeCountsNothing(t *testing.T) {
	var out bytes.Buffer
	summarise(&out, []replay.Result{{Person: "a", Highest: policy.Low, Final: client.View{RiskLevel: policy.Low, Reasons: []policy.ReasonCode{policy.ShadowMode}}}})
	if strings.Contains(out.String(), "reached at most") || !strings.Contains(out.String(), "shadow mode") {
		t.Errorf("got %q, want it to say that the levels are in the console alone", out.String())
	}
}

func TestSummaryCountsLevelsOfWhoWasPlayed(t *testing.T) {
	var out bytes.Buffer
	failed := summarise(&out, []replay.Result{
		{Person: "a", Highest: policy.High, Final: client.View{RiskLevel: policy.Medium}},
		{Person: "b", Highest: policy.Low, Err: errors.New("no server")},
	})
	if failed != 1 || !strings.Contains(out.String(), "LOW 0, MEDIUM 0, HIGH 1") || !strings.Contains(out.String(), "no server") {
		t.Errorf("got %d failed and %q, want 1 and HIGH 1 alone", failed, out.String())
	}
}
