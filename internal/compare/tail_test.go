package compare

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/extreme"
)

func goodTail() Tail {
	ladder := Tail{Rungs: []Rung{{LogOdds: 0, PerHour: 2}, {LogOdds: 1, PerHour: 0.5}}, Slope: 0.8, HoursOfData: 7, People: 18,
		Beyond: &extreme.Tail{Base: -1, PerHour: 3, Shape: 0.1, Scale: 1.2, Hours: 7}}
	t := ladder
	t.Strata = []StratumTail{{Stratum: Stratum{Keyboard: true}, Tail: ladder}, {Stratum: Stratum{Ripe: true, Pointer: true}, Tail: ladder}}
	return t
}

// What was written before tails had strata reads as it did: nothing but its own ladder.
func TestTailsOfOlderWeightsAreRead(t *testing.T) {
	var got Tail
	d := json.NewDecoder(strings.NewReader(`{"rungs":[{"logOdds":-2,"perHour":10.84},{"logOdds":1,"perHour":0.4168}],"slope":0.8474,"hoursOfData":7.197,"people":18}`))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := Tail{Rungs: []Rung{{LogOdds: -2, PerHour: 10.84}, {LogOdds: 1, PerHour: 0.4168}}, Slope: 0.8474, HoursOfData: 7.197, People: 18}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := got.validate(); err != nil {
		t.Errorf("refused: %v", err)
	}
}

func TestTailsRoundTrip(t *testing.T) {
	want := goodTail()
	if err := want.validate(); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Tail
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTailsThatCannotBeAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Tail){
		"no rungs":                func(t *Tail) { t.Rungs = nil },
		"no slope":                func(t *Tail) { t.Slope = 0 },
		"a rate of 0":             func(t *Tail) { t.Rungs[1].PerHour = 0 },
		"odds that fall":          func(t *Tail) { t.Rungs[1].LogOdds = -3 },
		"a tail without scale":    func(t *Tail) { t.Beyond = &extreme.Tail{PerHour: 1, Hours: 1} },
		"a stratum twice":         func(t *Tail) { t.Strata[1].Stratum = t.Strata[0].Stratum },
		"a stratum without rungs": func(t *Tail) { t.Strata[1].Rungs = nil },
		"strata within a stratum": func(t *Tail) { t.Strata[1].Strata = t.Strata[:1:1] },
	} {
		tail := goodTail()
		spoil(&tail)
		if err := tail.validate(); err == nil {
			t.Errorf("%s: taken, want an error", name)
		}
	}
}
