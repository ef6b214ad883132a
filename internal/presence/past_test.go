package presence

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/observation"
)

func sketched(names ...uint64) observation.Observation {
	o := observation.Observation{Modality: observation.Keyboard}
	for _, n := range names {
		o.Liveness.Sketch = binary.BigEndian.AppendUint64(o.Liveness.Sketch, n)
	}
	return o
}

func TestOldAndNewNamesBothRemain(t *testing.T) {
	const sent = 40_000
	var past Past
	for i := uint64(1); i <= sent; i += 2 {
		past = past.Add(sketched(i<<20, (i+1)<<20))
	}
	h := past[observation.Keyboard]
	if len(h.Recent) > RecentNames+oldRun || len(h.Old) > OldNames {
		t.Fatalf("%d recent and %d old names, want %d and %d at most", len(h.Recent), len(h.Old), RecentNames+oldRun, OldNames)
	}
	if first, _ := h.Nearest((sent - 400) << 20); first != 0 {
		t.Errorf("a name of late is %d bits from the nearest kept one, want it there", first)
	}
	for part := range 4 {
		from, to := uint64(part)*sent/4, uint64(part+1)*sent/4
		n := 0
		for _, name := range h.Old {
			if at := name >> 20; from < at && at <= to {
				n++
			}
		}
		if n < OldNames/16 {
			t.Errorf("%d old names are of the %d. quarter of the time, want %d at least", n, part+1, OldNames/16)
		}
	}
	for i := 0; i+1 < len(h.Old); i += 2 {
		if h.Old[i+1]-h.Old[i] != 1<<20 {
			t.Fatalf("old names %d and %d did not follow one another", h.Old[i]>>20, h.Old[i+1]>>20)
		}
	}
}

func TestNearestAndThirdNearest(t *testing.T) {
	past := Past{}.Add(sketched(0b1, 0b111)).Add(sketched(0b11111, 1<<63))
	if first, third := past[observation.Keyboard].Nearest(0); first != 1 || third != 3 {
		t.Errorf("nearest %d, third nearest %d bits; want 1 and 3", first, third)
	}
	if first, third := (History{Recent: []uint64{3}}).Nearest(0); first != 2 || third != noneApart {
		t.Errorf("of one name: %d and %d bits; want 2 and none, %d", first, third, noneApart)
	}
}

func TestThePastIsAValueAndSurvivesTheStore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var past Past
		for range rapid.IntRange(1, 900).Draw(t, "windows") {
			past = past.Add(sketched(rand.Uint64(), rand.Uint64()))
		}
		before, err := json.Marshal(past)
		if err != nil {
			t.Fatal(err)
		}
		one, other := past.Add(sketched(1, 2)), past.Add(sketched(3, 4))
		if after, _ := json.Marshal(past); string(after) != string(before) {
			t.Fatal("adding changed what it was added to")
		}
		if got := one[observation.Keyboard].Recent; !slices.Equal(got[len(got)-2:], []uint64{1, 2}) {
			t.Fatalf("the last names are %v after another was added beside, want 1 and 2", got[len(got)-2:])
		}
		var read Past
		if err := json.Unmarshal(before, &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(other, read.Add(sketched(3, 4)), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("through the store (-kept +stored):\n%s", diff)
		}
	})
}

func TestABadHistoryIsRefused(t *testing.T) {
	for _, raw := range []string{`{"recent":"AAAA"}`, `{"recent":"?"}`, `{"recent":"","old":"AA=="}`, `[]`} {
		var h History
		if err := json.Unmarshal([]byte(raw), &h); err == nil {
			t.Errorf("%s was read as %+v, want an error", raw, h)
		}
	}
}

func FuzzHistory(f *testing.F) {
	f.Add([]byte(`{"recent":"AAAAAAAAAAE=","left":3}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var h History
		if json.Unmarshal(raw, &h) != nil {
			return
		}
		if next := (Past{observation.Keyboard: h}).Add(sketched(1, 2)); len(next[observation.Keyboard].Recent) == 0 {
			t.Errorf("%+v lost the names that were added", h)
		}
	})
}
