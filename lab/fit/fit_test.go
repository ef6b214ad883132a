package fit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/sim"
	"ipse.dev/ipse/lab/dataset"
)

func TestRolesAreSharedOutAndNeverChange(t *testing.T) {
	count := map[Role]int{}
	for i := range 10_000 {
		count[RoleOf("aalto", fmt.Sprint(i))]++
	}
	for role, want := range map[Role]int{Unseen: 3000, Calibration: 1500, Background: 5500} {
		if got := count[role]; math.Abs(float64(got-want)) > 250 {
			t.Errorf("role %d has %d of 10,000 people, want about %d", role, got, want)
		}
	}
	// Whoever is unseen today must be unseen by every later fit.
	if a, b := RoleOf("bbmas", "User1"), RoleOf("aalto", "1002"); a != Background || b != Background {
		t.Errorf("roles of known people have become %d and %d, want %d for both", a, b, Background)
	}
}

func TestSpreadTakesEvenlyAndLosesNothing(t *testing.T) {
	for n := range 60 {
		all := make([]probe, n)
		for i := range all {
			all[i].events = i
		}
		enrolled, rest := spread(all)
		if len(enrolled)+len(rest) != n || len(enrolled) > enrolWindows || len(enrolled) > n/2 {
			t.Errorf("%d windows: %d enrolled, %d left", n, len(enrolled), len(rest))
		}
		seen := slices.Concat(enrolled, rest)
		slices.SortFunc(seen, func(a, b probe) int { return a.events - b.events })
		for i, p := range seen {
			if p.events != i {
				t.Fatalf("%d windows: window %d is lost or twice there", n, i)
			}
		}
	}
}

func TestLogisticRegressionRecoversTheScale(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var s []scored
	for range 20_000 {
		// For two normal densities at ±1 with variance 1 the log-likelihood ratio of x is 2x.
		mated := r.Float64() < 0.5
		x := r.NormFloat64() - 1
		if mated {
			x += 2
		}
		s = append(s, scored{score: x, mated: mated, weight: 1})
	}
	scale, offset := logistic(s)
	if math.Abs(scale-2) > 0.1 || math.Abs(offset) > 0.1 {
		t.Errorf("scale %.3f, offset %.3f; want about 2 and 0", scale, offset)
	}
	if e := errorRate(s); math.Abs(e-0.1587) > 0.01 {
		t.Errorf("equal error rate %.4f, want about 0.1587, the normal tail beyond 1", e)
	}
}

// madeUp gives people whose first dimension tells them apart and whose second is noise.
func madeUp(n int) []sample {
	r := rand.New(rand.NewPCG(2, 2))
	var out []sample
	for i := range n {
		s := sample{set: "made-up", id: fmt.Sprint(i), role: Background}
		own := 40 * r.NormFloat64()
		for range 4 {
			var stretch []probe
			for range 10 {
				x := math.Max(-127, math.Min(127, own+10*r.NormFloat64()))
				stretch = append(stretch, probe{embedding: observation.Embedding{int8(x), int8(30 * r.NormFloat64())}, events: 30})
			}
			s.stretches = append(s.stretches, stretch)
		}
		out = append(out, s)
	}
	return out
}

func TestCovariancesFindWhatTellsPeopleApart(t *testing.T) {
	m, err := covariances(madeUp(80))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Projection) != 1 || math.Abs(m.Projection[0][0]) < 10*math.Abs(m.Projection[0][1]) {
		t.Fatalf("projection %v; want one dimension, nearly all of it the first", m.Projection)
	}
	if ratio := m.Between[0]; ratio < 6 || ratio > 25 { // (40/10)² = 16, less what the ridge adds
		t.Errorf("variance between people is %.1f times that within, want about 16", ratio)
	}
	if _, err := covariances(madeUp(2)); err == nil {
		t.Error("two people were enough, want an error")
	}
}

// typedFolder writes generated people in the BB-MAS and SapiMouse forms.
func typedFolder(t *testing.T, people int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range people {
		session := sim.NewPerson(uint64(i)).Session(1)
		var keys strings.Builder
		keys.WriteString("EID,key,direction,time\n")
		row, nowMS := 0, 0.0
		for nowMS < 900_000 {
			if i%2 == 0 && nowMS > 600_000 { // some turn into somebody else, so that there are alarms to count
				session = sim.NewPerson(uint64(i + 1000)).Session(1)
			}
			strokes := session.Type(session.NextSentence("en"), sim.LayoutFor("en"), nowMS)
			for _, k := range strokes {
				name, ok := strings.CutPrefix(k.Code, "Key")
				if !ok {
					name = map[string]string{"Space": "SPACE", "Backspace": "BACKSPACE", "ShiftLeft": "LSHIFT", "ShiftRight": "RSHIFT"}[k.Code]
				}
				if name == "" {
					name = "."
				}
				direction := 1
				if k.Down {
					direction = 0
				}
				fmt.Fprintf(&keys, "%d,%s,%d,%.0f\n", row, strings.TrimSpace(name), direction, 1_492_193_381_538+k.TimeMS)
				row++
			}
			nowMS = strokes[len(strokes)-1].TimeMS + 400
		}
		write(t, filepath.Join(dir, "keystroke", "bbmas", fmt.Sprintf("User%d.csv", i)), keys.String())
		for _, part := range []string{"1min", "3min"} {
			var moves strings.Builder
			moves.WriteString("client timestamp,button,state,x,y\n")
			for _, e := range session.Work("en", 0, 400_000).Pointers {
				fmt.Fprintf(&moves, "%.0f,NoButton,Move,%.0f,%.0f\n", e.TimeMS, e.X, e.Y)
			}
			write(t, filepath.Join(dir, "mouse", "sapimouse", fmt.Sprintf("user%d", i), "session_2020_05_14_"+part+".csv"), moves.String())
		}
	}
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWeightsOfGeneratedPeopleLoadAndLeaveOutTheUnseen(t *testing.T) {
	dir := typedFolder(t, 40)
	opt := Options{
		Name: "generated", Purpose: "a test", Rebuild: "this test", Dir: dir, Log: io.Discard,
		Sources: []Source{{Set: dataset.BBMAS, Terms: "none"}, {Set: dataset.SapiMouse, Terms: "none"}},
		Models:  map[observation.Modality][]string{observation.Keyboard: {embed.Newest(observation.Keyboard, false), embed.Model}},
	}
	w, err := Weights(opt)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "weights.json")
	write(t, file, string(raw))
	if _, err := compare.Load(file); err != nil {
		t.Errorf("the weights do not load: %v", err)
	}
	var models []string
	for _, c := range w.Comparators {
		models = append(models, c.Modality+" "+c.Model)
	}
	if want := []string{"keyboard " + opt.Models[observation.Keyboard][0], "keyboard " + embed.Model, "pointer " + embed.Model}; !slices.Equal(models, want) {
		t.Errorf("the weights compare %v, want %v", models, want)
	}
	for _, c := range w.Tail.Strata {
		if len(c.Rungs) < 2 || c.Beyond == nil || c.People == 0 || !(c.HoursOfData > 0) {
			t.Errorf("stratum %+v has the ladder %+v; want rungs, a tail beyond them, people and hours", c.Stratum, c.Tail)
		}
	}
	for set, ids := range w.Seen {
		for _, id := range ids {
			if RoleOf(set, id) == Unseen {
				t.Errorf("%s of %s is unseen and yet in the weights", id, set)
			}
		}
	}
	again, err := Weights(opt)
	if err != nil {
		t.Fatal(err)
	}
	if other, _ := json.Marshal(again); !bytes.Equal(raw, other) {
		t.Error("the same data gave other weights")
	}
	if _, _, err := Standards(opt); err != nil {
		t.Errorf("standards: %v", err)
	}
	twice := opt
	twice.Models = map[observation.Modality][]string{observation.Pointer: {embed.Model, embed.Model}}
	if _, err := Weights(twice); err == nil || !strings.Contains(err.Error(), "named twice") {
		t.Errorf("a model that is named twice gave %v, want an error that says so", err)
	}
	opt.Dir = t.TempDir()
	if _, err := Weights(opt); err == nil {
		t.Error("an empty folder gave weights, want an error")
	}
}

func TestWhoCalibrates(t *testing.T) {
	for i := range 300 {
		id := fmt.Sprint(i)
		role := RoleOf("bbmas", id)
		for _, seen := range []bool{false, true} {
			want := role == Calibration || role == Background && !seen
			if got := Calibrates("bbmas", id, seen); got != want {
				t.Errorf("person %s of role %d, seen by the weights: %v, calibrates: %v; want %v", id, role, seen, got, want)
			}
		}
	}
}
