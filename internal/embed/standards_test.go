package embed

import (
	"testing"

	"ipse.dev/ipse/internal/window"
)

func TestStandardsNameEveryDimensionInOrder(t *testing.T) {
	for _, c := range []struct {
		modality   string
		statistics []Statistic
		standards  []Standard
	}{
		{"keyboard", KeyboardStatistics(window.Keyboard{}), standards.Keyboard},
		{"pointer", PointerStatistics(window.Pointer{}), standards.Pointer},
		{"touch", TouchStatistics(window.Touch{}), standards.Touch},
	} {
		if len(c.statistics) != len(c.standards) {
			t.Fatalf("%s: %d statistics, %d standards", c.modality, len(c.statistics), len(c.standards))
		}
		for i, s := range c.statistics {
			if s.Name != c.standards[i].Name {
				t.Errorf("%s dimension %d is %q, its standard %q", c.modality, i, s.Name, c.standards[i].Name)
			}
			if !(c.standards[i].Sigma > 0) {
				t.Errorf("%s dimension %q has sigma %g, want more than 0", c.modality, s.Name, c.standards[i].Sigma)
			}
		}
	}
}
