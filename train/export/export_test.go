package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// typists writes a BB-MAS folder of so many generated people who press a, space and b again and again.
func typists(t *testing.T, people, strokes int) string {
	t.Helper()
	dir := t.TempDir()
	for user := range people {
		var b strings.Builder
		b.WriteString("EID,key,direction,time\n")
		at := int64(1_492_193_381_538)
		for i := range strokes {
			key := []string{"a", "space", "b"}[i%3]
			fmt.Fprintf(&b, "%d,%s,0,%d\n%d,%s,1,%d\n", user, key, at, user, key, at+70+int64(user))
			at += 200
		}
		name := filepath.Join(dir, fmt.Sprintf("User%d.csv", user+1))
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestUnseenPeopleAreNeverWritten(t *testing.T) {
	const people, strokes = 40, 100
	out := t.TempDir()
	if err := run(typists(t, people, strokes), out, []string{dataset.BBMAS}, ""); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(out, "bbmas.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got index
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for user := range people {
		id := fmt.Sprintf("User%d", user+1)
		switch fit.RoleOf(dataset.BBMAS, id) {
		case fit.Background:
			want[id] = "background"
		case fit.Calibration:
			want[id] = "calibration"
		}
	}
	if len(want) == people || len(want) == 0 {
		t.Fatalf("%d of %d people may be seen; the test needs some of each", len(want), people)
	}
	all := 0
	for _, p := range got.People {
		if want[p.ID] != p.Role {
			t.Errorf("person %s is written as %q, want %q", p.ID, p.Role, want[p.ID])
		}
		delete(want, p.ID)
		for _, s := range p.Sessions {
			all += s.Strokes
		}
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if n := len(got.People) * strokes; all != n {
		t.Errorf("%d strokes, want %d", all, n)
	}
	array, err := os.ReadFile(filepath.Join(out, "bbmas.strokes"))
	if err != nil {
		t.Fatal(err)
	}
	if len(array) != 17*all {
		t.Fatalf("%d bytes of strokes, want 17 for each of %d", len(array), all)
	}
	second := array[17:34]
	press := math.Float64frombits(binary.LittleEndian.Uint64(second))
	if class := second[16]; press != 200 || class != 3 {
		t.Errorf("the second stroke is pressed at %g ms with class %d, want 200 and 3", press, class)
	}
}

func TestNothingIsWrittenIntoTheRepository(t *testing.T) {
	err := run(typists(t, 3, 20), filepath.Join("testdata", "out"), []string{dataset.BBMAS}, "")
	if err == nil || !strings.Contains(err.Error(), "inside the repository") {
		t.Errorf("the error is %v; want a refusal", err)
	}
}

func TestBadFolders(t *testing.T) {
	for name, c := range map[string]struct{ data, out string }{
		"no data":       {"", t.TempDir()},
		"no out":        {t.TempDir(), ""},
		"an empty data": {t.TempDir(), t.TempDir()},
	} {
		if err := run(c.data, c.out, []string{dataset.BBMAS}, ""); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
