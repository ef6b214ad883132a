package protocol

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/trust"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
)

// dwellModel compares windows by their mean dwell: people lie 20 ms apart, a person's windows within 1 ms.
func dwellModel(t *testing.T) Model {
	t.Helper()
	w := &compare.Weights{Name: "dwell", Tail: compare.Tail{Slope: 1, Rungs: []compare.Rung{{LogOdds: 2, PerHour: 0.1}}},
		Comparators: []*compare.TwoCovariance{{Modality: "keyboard", Model: "dwell", Mean: []float64{60}, Projection: [][]float64{{1}},
			Between: []float64{400}, Stretch: []float64{0}, Degrees: 50, FullWindow: window.KeyboardStrokes, Scale: 1}}}
	return Model{Name: w.Name, Weights: w, Comparators: map[observation.Modality]compare.Comparator{observation.Keyboard: w.Comparators[0]},
		EmbedKeyboard: func(k window.Keyboard) observation.Embedding {
			sum := 0.0
			for _, s := range k.Strokes {
				sum += s.DwellMS()
			}
			return observation.Embedding{int8(min(127, math.Round(sum/float64(len(k.Strokes)))))}
		}}
}

// typed gives the events of windows of typing with this dwell, in ms, a stroke each 190 ms and some more that is not even.
func typed(windows int, dwellMS float64) []event.Key {
	random := rand.New(rand.NewPCG(7, uint64(dwellMS*8)))
	var keys []event.Key
	at := 0.0
	for range windows * window.KeyboardStrokes {
		keys = append(keys, event.Key{TimeMS: at, Down: true, Trusted: true}, event.Key{TimeMS: at + dwellMS + random.Float64(), Trusted: true})
		at += 190 + 20*random.Float64()
	}
	return keys
}

func madeUp(r *run, id string, windows int, dwellMS float64) *actor {
	a := byTime(keyboardEnrol)(dataset.Person{}, [][]moment{r.moments(dataset.Session{Keys: typed(windows, dwellMS)})})
	a.set, a.people = "made up", []string{id}
	return &a
}

// ofDwell gives a run and a fold that knows trust constants of its own, so that what is expected here does not hang on
// the server's.
func ofDwell(t *testing.T) (*run, folder) {
	t.Helper()
	r := &run{Input: Input{Model: dwellModel(t), Bootstrap: metric.Bootstrap{Rounds: 20, Seed: 5}}, ctx: context.Background(),
		result: Result{Metrics: map[string]float64{}, CI95: map[string]metric.Interval{}}}
	a := app.AssessorFor(r.Model.Weights)
	a.Trust = trust.Model{
		Prior: 0.05, HazardPerHour: 6, Reach: 64, SilenceMS: 60_000, FadeHours: 1.0 / 3,
		Scores: trust.Scores{Own: 2.8, Others: -3.4, OthersSpread: 2, Steady: 0.4, Drifting: 0.6, Memory: 0.9, Single: 1.8, Least: -4, Most: 4, Alike: 0.001},
	}
	return r, folder{a}
}

// at gives the fold with this threshold.
func (f folder) at(odds float64) folder {
	return folderWith(f.assessor, policy.Thresholds{Medium: odds - 1, High: odds})
}

// people writes a made-up set of BB-MAS: so many people for each role, 15 ms apart.
func people(t *testing.T, dir string, of map[fit.Role]int, windows int) {
	t.Helper()
	for i := 1; slices.ContainsFunc([]fit.Role{fit.Unseen, fit.Calibration}, func(r fit.Role) bool { return of[r] > 0 }); i++ {
		id := fmt.Sprintf("User%d", i)
		role := fit.RoleOf(dataset.BBMAS, id)
		if of[role] == 0 {
			continue
		}
		of[role]--
		var b strings.Builder
		b.WriteString("EID,key,direction,time\n")
		for _, k := range typed(windows, 30+15*float64(of[role])) {
			direction := 1
			if k.Down {
				direction = 0
			}
			fmt.Fprintf(&b, "0,t,%d,%.3f\n", direction, k.TimeMS)
		}
		if err := os.WriteFile(filepath.Join(dir, id+".csv"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func runTakeover(t *testing.T, dir string, seed uint64) (Result, error) {
	t.Helper()
	return Run(context.Background(), "takeover", Input{Data: dir, Model: dwellModel(t), Bootstrap: metric.Bootstrap{Rounds: 20, Seed: seed}})
}
