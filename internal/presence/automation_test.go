package presence

import (
	"math"
	"slices"
	"testing"
)

func TestEverySignalSaysWhereItsNatsComeFrom(t *testing.T) {
	for _, judge := range []Judge{Open(), Research()} {
		told := map[Kind]bool{}
		for _, s := range judge.Signals {
			if s.Source == "" || told[s.Kind] {
				t.Errorf("%s: source %q; want one, and one signal for each kind", s.Kind, s.Source)
			}
			told[s.Kind] = true
		}
		for kind := range effects {
			if !told[kind] && kind != VirtualMachine { // which behaviour does not show
				t.Errorf("no signal tells %s", kind)
			}
		}
	}
}

func TestABrowserThatSaysNothingIsHardlyEvidence(t *testing.T) {
	nats, ok := automation.LLR(window(1, 0))
	if want := math.Log(0.5 / 0.9999); !ok || math.Abs(nats-want) > 1e-9 {
		t.Errorf("a browser that is not driven says %g nats, want %g: half of all programs hide it", nats, want)
	}
}

func TestADrivenBrowserIsFoundAtOnce(t *testing.T) {
	w := window(1, 0)
	w.Liveness.Driven = true
	_, findings := Default().Update(State{}, w)
	if !slices.ContainsFunc(findings, func(f Finding) bool { return f.Kind == Automation && f.Found }) {
		t.Errorf("%+v, want automation found", findings)
	}
}
