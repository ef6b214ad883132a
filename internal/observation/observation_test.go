package observation

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// fields are all that an observation may carry, by JSON name and Go type. Whoever adds one must argue here that it can
// hold neither a key nor a text: numbers that describe a whole window can, a string of free form can not.
var fields = map[string]string{
	"sequence":    "int64",
	"modality":    "observation.Modality",
	"model":       "string",
	"deviceClass": "observation.DeviceClass",
	"startMS":     "int64",
	"durationMS":  "int64",
	"events":      "int",
	"embedding":   "observation.Embedding",
	"featureList": "string",
	"features":    "[]float64",
	"liveness":    "observation.Liveness",
	"quality":     "[]observation.Flag",
	"phrase":      "int64", // at most 31 bits, chosen by the application for a text that it knows

	"liveness.untrustedShare":     "float64",
	"liveness.timestampQuantumMS": "float64",
	"liveness.repeatShare":        "float64",
	"liveness.pastes":             "int",
	"liveness.driven":             "bool",
	"liveness.measureList":        "string", // one of the lists of package liveness; ingest refuses any other
	"liveness.measures":           "[]float64",
	"liveness.sketch":             "observation.Sketch", // two hashes of eight bytes at most
}

func TestNoFieldCanCarryAKeyOrAText(t *testing.T) {
	got := map[string]string{}
	var walk func(prefix string, of reflect.Type)
	walk = func(prefix string, of reflect.Type) {
		for i := range of.NumField() {
			f := of.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" || name == "-" {
				t.Errorf("field %s has no JSON name", f.Name)
			}
			got[prefix+name] = f.Type.String()
			if f.Type.Kind() == reflect.Struct {
				walk(prefix+name+".", f.Type)
			}
		}
	}
	walk("", reflect.TypeFor[Observation]())
	if diff := cmp.Diff(fields, got); diff != "" {
		t.Errorf("fields (-argued +there):\n%s", diff)
	}
	for name := range got {
		for _, word := range []string{"key", "code", "char", "text", "url", "title", "clipboard", "word", "name"} {
			if strings.Contains(strings.ToLower(name), word) {
				t.Errorf("field %s sounds like content (%q)", name, word)
			}
		}
	}
}

func TestSizeDoesNotDependOnWhatWasTyped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Observation{
			Sequence: 1, Modality: Keyboard, Model: "features-1", DeviceClass: Desktop, Events: 30, FeatureList: "keyboard-1",
			Embedding: rapid.SliceOfN(rapid.Int8(), 47, 47).Draw(t, "embedding"),
			Features:  rapid.SliceOfN(rapid.Float64Range(0, 1e4), 11, 11).Draw(t, "features"),
			Quality:   rapid.SliceOfNDistinct(rapid.SampledFrom(Flags), 0, len(Flags), rapid.ID[Flag]).Draw(t, "flags"),
			Liveness: Liveness{
				MeasureList: "keyboard-liveness-1", Measures: rapid.SliceOfN(rapid.Float64Range(0, 1e4), 70, 70).Draw(t, "measures"),
				Sketch: rapid.SliceOfN(rapid.Byte(), MaxSketchBytes, MaxSketchBytes).Draw(t, "sketch"),
			},
		}
		measures := o.Liveness.Measures
		o = o.ForWire()
		for i, x := range measures {
			if math.Abs(o.Liveness.Measures[i]-x) > 1e-4*math.Abs(x) {
				t.Fatalf("%g is sent as %g, want the same to four digits", x, o.Liveness.Measures[i])
			}
		}
		raw, err := json.Marshal(o)
		if err != nil || len(raw) > 1800 {
			t.Fatalf("%d bytes (%v), want at most 1,800", len(raw), err)
		}
		var back Observation
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(o, back); diff != "" {
			t.Fatalf("(-sent +read):\n%s", diff)
		}
	})
}

func FuzzSketch(f *testing.F) {
	f.Add([]byte("AAECf4CBAAE="))
	f.Add([]byte("AA\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s Sketch
		if s.UnmarshalText(text) != nil {
			return
		}
		again, err := s.MarshalText()
		if err != nil || string(again) != string(text) {
			t.Fatalf("%q was read as %v and written as %q (%v), want the same text", text, s, again, err)
		}
	})
}

func FuzzEmbedding(f *testing.F) {
	f.Add([]byte("AAECf4CB"))
	f.Add([]byte("AAE"))
	f.Add([]byte("AAEC\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, text []byte) {
		var e Embedding
		if e.UnmarshalText(text) != nil {
			return
		}
		again, err := e.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Embedding
		if err := back.UnmarshalText(again); err != nil || !slices.Equal(e, back) {
			t.Fatalf("%q became %v, then %v (%v)", text, e, back, err)
		}
	})
}
