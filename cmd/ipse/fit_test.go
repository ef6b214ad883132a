package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
)

func TestModelsToFit(t *testing.T) {
	keyboard, pointer, touch := observation.Keyboard, observation.Pointer, observation.Touch
	newest := func(m observation.Modality, research bool) []string {
		return slices.Compact([]string{embed.Newest(m, research), embed.Model})
	}
	for _, c := range []struct {
		name    string
		command fitCommand
		want    map[observation.Modality][]string
	}{
		{"none asked for", fitCommand{What: "open"}, map[observation.Modality][]string{keyboard: newest(keyboard, false), pointer: newest(pointer, false), touch: newest(touch, false)}},
		{"none asked for, research", fitCommand{What: "research"}, map[observation.Modality][]string{keyboard: newest(keyboard, true), pointer: newest(pointer, true), touch: newest(touch, true)}},
		{"some asked for", fitCommand{What: "open", KeyboardModel: []string{embed.Model, "rhythm-1"}},
			map[observation.Modality][]string{keyboard: {embed.Model, "rhythm-1"}, pointer: newest(pointer, false), touch: newest(touch, false)}},
	} {
		got, err := c.command.models()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if _, err := (&fitCommand{What: "open", PointerModel: []string{embed.Model, "glide-7-research"}}).models(); !isUsage(err) {
		t.Errorf("a model for research in open weights: %v, want an error of usage", err)
	}
}

// The card's command must make the same weights even when a newer model is there.
func TestRebuildNamesTheModels(t *testing.T) {
	c := fitCommand{What: "open", Name: "mine"}
	got := c.rebuild(map[observation.Modality][]string{observation.Keyboard: {"rhythm-9", embed.Model}, observation.Pointer: {embed.Model}})
	if want := "ipse fit open --data DIR --out FILE --name mine --keyboard-model rhythm-9 --keyboard-model features-1 --pointer-model features-1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestListsOfNumbersAreOneLine(t *testing.T) {
	w, err := compare.Load("open")
	if err != nil {
		t.Fatal(err)
	}
	indented, err := json.MarshalIndent(w, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	short := oneLineLists(indented)
	var back compare.Weights
	if err := json.Unmarshal(short, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*w, back, cmpopts.IgnoreUnexported(compare.TwoCovariance{})); diff != "" {
		t.Errorf("the weights have changed (-before +after):\n%s", diff)
	}
	rows := 0
	for _, c := range w.Comparators {
		rows += len(c.Projection)
	}
	rungs := len(w.Tail.Rungs)
	for _, s := range w.Tail.Strata {
		rungs += len(s.Rungs)
	}
	if lines := strings.Count(string(short), "\n"); lines > 2*rows+4*rungs+300 {
		t.Errorf("%d lines for %d rows of projections and %d rungs of four lines; want about a line for each row", lines, rows, rungs)
	}
}
