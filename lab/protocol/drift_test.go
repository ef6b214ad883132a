package protocol_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/protocol"
)

// passwordCodes are the keys of the password that the synthetic people type.
var passwordCodes = []string{"KeyA", "KeyJ", "Digit1", "KeyF", "KeyL", "Digit7", "KeyS", "KeyK", "Minus", "KeyD", "KeyH", "Digit4"}

// homeTypist types the password in a rhythm of their own, which changes by a factor with every day.
type homeTypist struct {
	dwell, interval []float64
	perDay          float64 // factor on every time from one day to the next
}

func newHomeTypist(seed uint64, perDay float64) homeTypist {
	random := rand.New(rand.NewPCG(seed, 17))
	h := homeTypist{perDay: perDay}
	tempo := 0.2 * random.NormFloat64()
	for range passwordCodes {
		h.dwell = append(h.dwell, 90*math.Exp(tempo+0.25*random.NormFloat64()))
		h.interval = append(h.interval, 180*math.Exp(tempo+0.4*random.NormFloat64()))
	}
	return h
}

// akin gives somebody who types nearly so.
func (h homeTypist) akin(seed uint64, apart float64) homeTypist {
	random := rand.New(rand.NewPCG(seed, 19))
	out := homeTypist{perDay: h.perDay}
	for i := range h.dwell {
		out.dwell = append(out.dwell, h.dwell[i]*math.Exp(apart*random.NormFloat64()))
		out.interval = append(out.interval, h.interval[i]*math.Exp(apart*random.NormFloat64()))
	}
	return out
}

// entries gives the person's part of the set's file: so many typings on each of ten days.
func (h homeTypist) entries(seed uint64, aDay int) map[string]any {
	random := rand.New(rand.NewPCG(seed, 18))
	out := map[string]any{"flag": true}
	for day := range 10 {
		pace := math.Pow(h.perDay, float64(day))
		for n := range aDay {
			typing := map[string]any{}
			type key struct {
				at   float64
				code string
				kind string
			}
			var keys []key
			at := 1000.0
			for i, code := range passwordCodes {
				at += pace * h.interval[i] * math.Exp(0.12*random.NormFloat64())
				keys = append(keys, key{at, code, "KeyDown"}, key{at + pace*h.dwell[i]*math.Exp(0.1*random.NormFloat64()), code, "KeyUp"})
			}
			for k := range keys { // the set numbers events in the order of their times
				typing[fmt.Sprint(k)] = nil
			}
			order := make([]int, len(keys))
			for k := range order {
				order[k] = k
			}
			for k := range order {
				for l := k + 1; l < len(order); l++ {
					if keys[order[l]].at < keys[order[k]].at {
						order[k], order[l] = order[l], order[k]
					}
				}
			}
			for k, from := range order {
				typing[fmt.Sprint(k)] = map[string]any{"code": keys[from].code, "eventType": keys[from].kind, "time": keys[from].at}
			}
			timeMS := int64(1_600_000_000_000) + int64(day)*24*3600_000 + int64(n)*3600_000
			out[fmt.Sprintf("d%02dn%02d", day, n)] = map[string]any{"grabbedData": map[string]any{"time": timeMS, "typingData": typing}}
		}
	}
	return out
}

// homeIDs gives identifiers of people with a role, which follows from the identifier.
func homeIDs(role fit.Role, n int) []string {
	var out []string
	for i := 0; len(out) < n; i++ {
		if id := fmt.Sprintf("p%d", i); fit.RoleOf(dataset.Freihaut, id) == role {
			out = append(out, id)
		}
	}
	return out
}

// homeFolder writes a folder in which everybody's times change by a factor a day: ten people to measure and eight by whom
// the threshold is set.
func homeFolder(t *testing.T, perDay float64, aDay int) string {
	t.Helper()
	all := map[string]any{}
	for i, id := range homeIDs(fit.Unseen, 8) {
		all[id] = newHomeTypist(uint64(i), perDay).entries(uint64(i), aDay)
	}
	for i, id := range homeIDs(fit.Background, 6) {
		all[id] = newHomeTypist(uint64(100+i), 1).entries(uint64(100+i), aDay)
	}
	return packed(t, all)
}

func packed(t *testing.T, all any) string {
	t.Helper()
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Long_Keyboard_Raw_Dataset.json.gz"), b.String())
	return dir
}

func TestAdaptationFollowsPeopleWhoDrift(t *testing.T) {
	r, err := measure(t, "drift", homeFolder(t, 0.95, 4), simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	first, last := r.Metrics["day03.fnmr_frozen"], r.Metrics["day10.fnmr_frozen"]
	if last < first+0.3 || last < 0.5 {
		t.Errorf("a frozen reference rejects %.2f of the typings on day 3 and %.2f on day 10; want it to lose people who type a third faster", first, last)
	}
	if got := r.Metrics["day10.fnmr"]; got > last-0.3 {
		t.Errorf("an adapted reference rejects %.2f on day 10, a frozen one %.2f; want the adapted one to follow", got, last)
	}
	if got, ends := r.Metrics["days08_10.gain_fnmr"], r.CI95["days08_10.gain_fnmr"]; !(ends[0] > 0) {
		t.Errorf("adaptation gains %.2f (%v) in the last days; want an interval above 0", got, ends)
	}
	if r.Subjects != 8 || r.Headline != "eer_subject_mean" {
		t.Errorf("%d subjects and the headline %q, want 8 and eer_subject_mean", r.Subjects, r.Headline)
	}
}

func TestPeopleWhoStayTheSameKeepTheirError(t *testing.T) {
	r, err := measure(t, "drift", homeFolder(t, 1, 4), simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fnmr", "fnmr_frozen", "day10.fnmr", "day10.fnmr_frozen"} {
		if got, ok := r.Metrics[name]; !ok || got > 0.1 {
			t.Errorf("%s is %g (there: %v); want at most a tenth of people who do not change", name, got, ok)
		}
	}
}

func TestAReferenceThatTakesNothingInCannotBePoisoned(t *testing.T) {
	all := map[string]any{}
	var first homeTypist
	for i, id := range homeIDs(fit.Unseen, 8) { // pairs of people who type alike
		one := newHomeTypist(uint64(i), 1)
		if i%2 == 1 {
			one = first.akin(uint64(i), 0.28)
		}
		first = one
		all[id] = one.entries(uint64(i), 4)
	}
	for i, id := range homeIDs(fit.Background, 6) {
		all[id] = newHomeTypist(uint64(100+i), 1).entries(uint64(100+i), 4)
	}
	r, err := measure(t, "drift", packed(t, all), simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	const late = "nearest.days08_10.fmr"
	frozen, guarded, unguarded, vouched := r.Metrics[late+"_frozen"], r.Metrics[late], r.Metrics[late+"_unguarded"], r.Metrics[late+"_vouched"]
	if !(guarded <= unguarded+0.05 && guarded <= vouched) || unguarded < frozen+0.05 || vouched < frozen+0.2 {
		t.Errorf("the nearest impostor is accepted in %.2f of the typings by a frozen reference, %.2f by the server's, %.2f without a guard and %.2f when vouched for; want a reference to be the easier to poison, the more it takes in",
			frozen, guarded, unguarded, vouched)
	}
	for _, b := range []string{"days02_04", "days05_07", "days08_10"} {
		if got := r.Metrics["impostor."+b+".owner_fnmr_frozen"]; got > 0.1 {
			t.Errorf("%s: a frozen reference rejects its unchanged subject in %.2f of the typings; want no harm by impostors", b, got)
		}
	}
}

func TestDriftIsTheSameEveryTime(t *testing.T) {
	dir := homeFolder(t, 0.97, 2)
	first, err := measure(t, "drift", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	second, err := measure(t, "drift", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Metrics, second.Metrics); diff != "" {
		t.Errorf("metrics of two runs differ:\n%s", diff)
	}
	if diff := cmp.Diff(first.CI95, second.CI95); diff != "" {
		t.Errorf("intervals of two runs differ:\n%s", diff)
	}
}

func TestDriftOfFoldersThatCannotBeMeasured(t *testing.T) {
	one := map[string]any{homeIDs(fit.Unseen, 1)[0]: newHomeTypist(1, 1).entries(1, 3)}
	short := map[string]any{}
	for i, id := range homeIDs(fit.Unseen, 3) {
		entries := newHomeTypist(uint64(i), 1).entries(uint64(i), 1)
		for day := 5; day < 10; day++ {
			delete(entries, fmt.Sprintf("d%02dn00", day))
		}
		short[id] = entries
	}
	known := map[string]any{}
	for i, id := range homeIDs(fit.Background, 3) {
		known[id] = newHomeTypist(uint64(i), 1).entries(uint64(i), 3)
	}
	for name, c := range map[string]struct {
		all  any
		want string
	}{
		"one person":         {one, "want at least two"},
		"too few typings":    {short, "needs a mature reference"},
		"nobody kept unseen": {known, "want at least two"},
		"nobody typed":       {map[string]any{"p1": map[string]any{"a": true}}, "nobody has typed"},
	} {
		_, err := measure(t, "drift", packed(t, c.all), simple(nil))
		if !errors.Is(err, protocol.ErrTooFew) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want ErrTooFew that says %q", name, err, c.want)
		}
	}
	if _, err := measure(t, "drift", t.TempDir(), simple(nil)); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("an empty folder: got %v, want ErrNotFound", err)
	}
	bad := t.TempDir()
	write(t, filepath.Join(bad, "Long_Keyboard_Raw_Dataset.json.gz"), "not gzipped")
	var row *dataset.RowError
	if _, err := measure(t, "drift", bad, simple(nil)); !errors.As(err, &row) {
		t.Errorf("a file that is not gzipped: got %v, want a RowError", err)
	}
}
