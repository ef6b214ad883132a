package presence

import (
	"slices"
	"testing"
)

func TestADrivenBrowserIsFoundAtOnce(t *testing.T) {
	w := window(1, 0)
	w.Liveness.Driven = true
	_, findings := Default().Update(State{}, w)
	if !slices.ContainsFunc(findings, func(f Finding) bool { return f.Kind == Automation && f.Found }) {
		t.Errorf("%+v, want automation found", findings)
	}
}
