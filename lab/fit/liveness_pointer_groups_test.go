package fit

import (
	"testing"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/lab/dataset"
)

// knowing gives a fitter that knows these families by one stream each, and nobody.
func knowing(families map[string]adversary.PointerKind) *PointerFitter {
	f := &PointerFitter{composed: map[string][]measuredSource{}}
	for family, kind := range families {
		f.sources = append(f.sources, measuredSource{PointerSource: PointerSource{Family: family, Kind: kind}})
	}
	f.sources = append(f.sources, measuredSource{PointerSource: PointerSource{Person: dataset.SapiMouse + "/1"}})
	return f
}

func TestFamiliesThatDrawAlikeAreLeftOutTogether(t *testing.T) {
	f := knowing(map[string]adversary.PointerKind{
		"straight": adversary.Generated, "generated/linear_const": adversary.Generated, "wind_mouse": adversary.Generated,
		"generated/never_heard_of": adversary.Generated, "affine": adversary.Transformed, "jiggler_line": adversary.Jiggled,
	})
	byGroup, all := f.WithoutGroups()
	// For all families, and for each group but that of affine and of the jiggler one of programs that draw.
	groups := 6 + len(handsOwn) // nothing is fitted to those: they have the networks that know all families
	if want := len(pointerTasks) + 4 + 2; len(all) != want || len(byGroup) != groups {
		t.Errorf("%d networks for %d groups, want %d for %d", len(all), len(byGroup), want, groups)
	}
	whole := all[:len(pointerTasks)]
	for group, own := range map[string]string{
		"lines": "generated", "wind_mouse": "generated", "generated/never_heard_of": "generated", adversary.Composed: "generated",
		"affine": "transformed", "jiggler_line": "jiggler", "warped": "", "stitched": "",
	} {
		for i, task := range pointerTasks {
			n := byGroup[group][task.name]
			if n == nil || (n != whole[i]) != (task.name == own) {
				t.Errorf("without %s the network %s is its own: %v, want %v", group, task.name, n != whole[i], task.name == own)
			}
		}
	}
	for _, s := range f.withoutAll([]string{"straight", "generated/linear_const"}) {
		if PointerGroup(s.Family) == "lines" {
			t.Errorf("%s is there, which was to be left out", s.Family)
		}
	}
	if got := len(f.withoutAll([]string{"straight", "generated/linear_const"})); got != 5 {
		t.Errorf("%d streams are left of 7 without two families, want 5", got)
	}
}
