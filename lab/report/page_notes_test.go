package report

import (
	"strings"
	"testing"
)

func TestManyNotesAreAList(t *testing.T) {
	for _, c := range []struct {
		notes []string
		want  string
	}{
		{nil, ""},
		{[]string{"one is left out", "two are not"}, " One is left out. Two are not."},
		{[]string{"one", "two", "three", "four"}, "\n\n- One.\n- Two.\n- Three.\n- Four."},
	} {
		var b strings.Builder
		writeNotes(&b, c.notes)
		if b.String() != c.want {
			t.Errorf("%q is written as %q, want %q", c.notes, b.String(), c.want)
		}
	}
}
