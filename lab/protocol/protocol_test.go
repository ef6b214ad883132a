package protocol_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
)

// nearness compares one-byte embeddings by their distance from the reference's mean.
type nearness struct{}

func (nearness) Enrol(r compare.Reference, p compare.Probe) (compare.Reference, error) {
	sum := 0.0
	if len(r.Sum) > 0 {
		sum = r.Sum[0]
	}
	return compare.Reference{Sum: []float64{sum + float64(p.Embedding[0])}, Weight: r.Weight + 1}, nil
}

func (nearness) Compare(r compare.Reference, probes ...compare.Probe) (float64, error) {
	if r.Weight == 0 {
		return 0, compare.ErrEmpty
	}
	mean := 0.0
	for _, p := range probes {
		mean += float64(p.Embedding[0]) / float64(len(probes))
	}
	return 10 - math.Abs(r.Sum[0]/r.Weight-mean), nil
}

// simple is a model whose embedding is the mean dwell of a window in ms, or the first step of the pointer in px.
func simple(seen map[string][]string) protocol.Model {
	return protocol.Model{
		Name: "simple", Seen: seen,
		Comparators: map[observation.Modality]compare.Comparator{observation.Keyboard: nearness{}, observation.Pointer: nearness{}},
		EmbedKeyboard: func(w window.Keyboard) observation.Embedding {
			sum := 0.0
			for _, s := range w.Strokes {
				sum += s.DwellMS()
			}
			return observation.Embedding{int8(min(127, sum/float64(len(w.Strokes))))}
		},
		EmbedPointer: func(w window.Pointer) observation.Embedding {
			return observation.Embedding{int8(w.Events[1].X - w.Events[0].X)}
		},
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// strokesOf writes strokes of one dwell, 200 ms apart, one row each.
func strokesOf(n int, startMS, dwellMS float64, row func(press, release float64)) {
	for i := range n {
		press := startMS + 200*float64(i)
		row(press, press+dwellMS)
	}
}

// aaltoPerson writes sentences of the given numbers of strokes.
func aaltoPerson(t *testing.T, dir, id string, dwellMS float64, sentences ...int) {
	var b strings.Builder
	b.WriteString("PARTICIPANT_ID\tTEST_SECTION_ID\tSENTENCE\tUSER_INPUT\tKEYSTROKE_ID\tPRESS_TIME\tRELEASE_TIME\tLETTER\tKEYCODE\n")
	for s, n := range sentences {
		strokesOf(n, float64(100_000*s), dwellMS, func(press, release float64) {
			fmt.Fprintf(&b, "%s\t%d\ts\ts\t1\t%.0f\t%.0f\ta\t65\n", id, s, press, release)
		})
	}
	write(t, filepath.Join(dir, id+"_keystrokes.txt"), b.String())
}

func same(n, of int) []int { return slices.Repeat([]int{of}, n) }

func measure(t *testing.T, name, dir string, m protocol.Model) (protocol.Result, error) {
	t.Helper()
	return protocol.Run(context.Background(), name, protocol.Input{Data: dir, Model: m, Bootstrap: metric.Bootstrap{Rounds: 50, Seed: 1}})
}

// errorsOnly takes the figures of calibration away, after a look at them: people who are easy to tell apart have a least
// Cllr of zero, and nobody's is above what the scores themselves cost.
func errorsOnly(metrics map[string]float64) map[string]float64 {
	out := map[string]float64{}
	for name, v := range metrics {
		least, isCost := metrics[strings.Replace(name, "cllr", "cllr_min", 1)]
		switch {
		case strings.Contains(name, "cllr_min") && v == 0:
		case strings.Contains(name, "cllr") && isCost && v >= least && !math.IsNaN(v):
		default:
			out[name] = v
		}
	}
	return out
}

func TestAalto(t *testing.T) {
	dir := t.TempDir()
	aaltoPerson(t, dir, "1", 50, same(15, 20)...)
	aaltoPerson(t, dir, "2", 70, same(15, 20)...)
	aaltoPerson(t, dir, "3", 90, same(15, 20)...)
	aaltoPerson(t, dir, "4", 110, append(same(6, 20), same(9, 10)...)...) // nine sentences are too short
	aaltoPerson(t, dir, "5", 120, same(5, 20)...)                         // nothing to verify
	r, err := measure(t, "aalto", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	if r.Subjects != 4 || r.Comparisons != (protocol.Comparisons{Mated: 31, NonMated: 12}) {
		t.Errorf("%d subjects and %+v, want 4 subjects, 31 mated and 12 non-mated comparisons", r.Subjects, r.Comparisons)
	}
	want := map[string]float64{"eer_subject_mean": 0, "eer_global": 0, "fnmr_at_fmr_1e-2": 0, "fnmr_at_fmr_1e-3": 0}
	if diff := cmp.Diff(want, errorsOnly(r.Metrics)); diff != "" {
		t.Errorf("metrics of people who are easy to tell apart (-want +got):\n%s", diff)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "1 of 5 people") {
		t.Errorf("notes %q, want one about one of five people", r.Notes)
	}
}

func TestPeopleWhoAreTheSameCannotBeToldApart(t *testing.T) {
	dir := t.TempDir()
	aaltoPerson(t, dir, "1", 50, same(15, 20)...)
	aaltoPerson(t, dir, "2", 50, same(15, 20)...)
	r, err := measure(t, "aalto", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"eer_global", "eer_subject_mean"} {
		if got := r.Metrics[name]; got != 0.5 {
			t.Errorf("%s is %v, want 0.5", name, got)
		}
	}
}

func TestSeenPeopleAreLeftOut(t *testing.T) {
	dir := t.TempDir()
	for i, dwell := range []float64{50, 70, 90} {
		aaltoPerson(t, dir, fmt.Sprint(i+1), dwell, same(15, 20)...)
	}
	r, err := measure(t, "aalto", dir, simple(map[string][]string{"aalto": {"2", "77"}, "bbmas": {"1"}}))
	if err != nil {
		t.Fatal(err)
	}
	if r.Subjects != 2 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "1 of 3 people are left out") {
		t.Errorf("%d subjects and notes %q, want 2 and a note about one of three", r.Subjects, r.Notes)
	}
	for _, seen := range [][]string{{"1", "2"}, {"1", "2", "3"}} {
		if _, err := measure(t, "aalto", dir, simple(map[string][]string{"aalto": seen})); !errors.Is(err, protocol.ErrTooFew) || !strings.Contains(err.Error(), "have seen") {
			t.Errorf("with %v seen: %v, want %v and why", seen, err, protocol.ErrTooFew)
		}
	}
}

func TestTooFewPeople(t *testing.T) {
	one := t.TempDir()
	aaltoPerson(t, one, "1", 50, same(15, 20)...)
	short := t.TempDir()
	aaltoPerson(t, short, "1", 50, 20)
	aaltoPerson(t, short, "2", 70, 20)
	for name, dir := range map[string]string{"one person": one, "one window each": short} {
		if _, err := measure(t, "aalto", dir, simple(nil)); !errors.Is(err, protocol.ErrTooFew) {
			t.Errorf("%s: %v, want %v", name, err, protocol.ErrTooFew)
		}
	}
}

func bbmasPerson(t *testing.T, dir, id string, dwellMS float64, windows int) {
	var b strings.Builder
	b.WriteString("EID,key,direction,time\n")
	strokesOf(60*windows, 0, dwellMS, func(press, release float64) {
		fmt.Fprintf(&b, "0,t,0,%.0f\n1,t,1,%.0f\n", press, release)
	})
	write(t, filepath.Join(dir, id+".csv"), b.String())
}

func TestBBMAS(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keystroke", "bbmas")
	bbmasPerson(t, dir, "User1", 50, 48)
	bbmasPerson(t, dir, "User2", 70, 44)
	bbmasPerson(t, dir, "User3", 90, 41)
	bbmasPerson(t, dir, "User4", 110, 40)
	r, err := measure(t, "bbmas", filepath.Dir(filepath.Dir(dir)), simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	if r.Subjects != 3 || r.Comparisons != (protocol.Comparisons{Mated: 13, NonMated: 26}) {
		t.Errorf("%d subjects and %+v, want 3 subjects, 13 mated and 26 non-mated comparisons", r.Subjects, r.Comparisons)
	}
	// Runs of eight: one person has one, and nobody else has any to be compared with.
	want := map[string]float64{}
	for _, n := range []int{1, 2, 4} {
		want[fmt.Sprintf("eer_subject_mean_n%d", n)] = 0
		want[fmt.Sprintf("eer_global_n%d", n)] = 0
		if n > 1 {
			want[fmt.Sprintf("eer_subject_mean_n%d_separate", n)] = 0
			want[fmt.Sprintf("eer_global_n%d_separate", n)] = 0
		}
	}
	if diff := cmp.Diff(want, errorsOnly(r.Metrics)); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

func pointerRows(n int, stepPX float64, row func(i int, x float64)) {
	for i := range n {
		row(i, stepPX*float64(i%200))
	}
}

func TestSapiMouse(t *testing.T) {
	dir := t.TempDir()
	for i, step := range []float64{2, 20, 40} {
		for session, events := range map[string]int{"3min": 5 * 128, "1min": 3*128 + 100} {
			var b strings.Builder
			b.WriteString("client timestamp,button,state,x,y\n")
			pointerRows(events, step, func(i int, x float64) { fmt.Fprintf(&b, "%d,NoButton,Move,%.0f,0\n", 10*i, x) })
			write(t, filepath.Join(dir, fmt.Sprintf("user%d", i+1), "session_2020_01_01_"+session+".csv"), b.String())
		}
	}
	r, err := measure(t, "sapimouse", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	if r.Comparisons != (protocol.Comparisons{Mated: 9, NonMated: 18}) {
		t.Errorf("%+v, want 9 mated and 18 non-mated comparisons: blocks that are not full do not count", r.Comparisons)
	}
	for _, name := range []string{"eer_subject_mean_n1", "auc_subject_mean_n1", "eer_subject_mean_n3", "auc_subject_mean_n3"} {
		if _, ok := r.Metrics[name]; !ok {
			t.Errorf("%s is missing in %v", name, r.Metrics)
		}
	}
	if _, ok := r.Metrics["eer_subject_mean_n5"]; ok || len(r.Notes) == 0 {
		t.Errorf("runs of five out of three blocks are measured; notes %q", r.Notes)
	}
}

func TestBalabit(t *testing.T) {
	dir := t.TempDir()
	session := func(path string, events int, step float64) {
		var b strings.Builder
		b.WriteString("record timestamp,client timestamp,button,state,x,y\n")
		pointerRows(events, step, func(i int, x float64) { fmt.Fprintf(&b, "0.0,%.2f,NoButton,Move,%.0f,0\n", 0.01*float64(i), x) })
		write(t, filepath.Join(dir, path), b.String())
	}
	session("training_files/user7/session_1", 600, 3)
	session("training_files/user9/session_2", 600, 30)
	session("test_files/user7/session_3", 180, 3)
	session("test_files/user7/session_4", 180, 30)
	session("test_files/user7/session_9", 180, 30) // no label
	session("test_files/user9/session_5", 20, 30)  // shorter than any window
	session("test_files/user9/session_6", 180, 3)
	write(t, filepath.Join(dir, "public_labels.csv"), "filename,is_illegal\nsession_3,0\nsession_4,1\nsession_5,0\nsession_6,1\n")
	r, err := measure(t, "balabit", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := protocol.Result{Protocol: "balabit", Subjects: 2, Comparisons: protocol.Comparisons{Mated: 2, NonMated: 2},
		Metrics: map[string]float64{"auc_subject_mean": 1}, CI95: map[string]metric.Interval{"auc_subject_mean": {1, 1}},
		PerSubject: metric.Spread{P50: 1, P90: 1, Worst: 1}, Headline: "auc_subject_mean"}
	r.Trials, r.Figures = nil, nil
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

// TestBalabitOfPeopleSeen wants a figure of its own for a comparator that knows everybody's training files, whether the
// weights have seen them or not, and refuses to call people unseen whom the weights have seen.
func TestBalabitOfPeopleSeen(t *testing.T) {
	dir := t.TempDir()
	labels := "filename,is_illegal\n"
	random := rand.New(rand.NewPCG(3, 4))
	session := func(path string, step float64) {
		var b strings.Builder
		b.WriteString("record timestamp,client timestamp,button,state,x,y\n")
		x, at := 500.0, 0.0
		for range 128 * 6 {
			x, at = x+step*(random.Float64()-0.5), at+0.01+0.005*random.Float64()
			fmt.Fprintf(&b, "0.0,%.3f,NoButton,Move,%.0f,%.0f\n", at, x, x*random.Float64())
		}
		write(t, filepath.Join(dir, path), b.String())
	}
	for i := range 4 {
		user, own, other := fmt.Sprintf("user%d", i), float64(4*i*i+3), float64(4*(i+1)*(i+1)+3)
		for k := range 3 {
			session(fmt.Sprintf("training_files/%s/session_%d%d", user, i, k), own)
		}
		session(fmt.Sprintf("test_files/%s/session_%d8", user, i), own)
		session(fmt.Sprintf("test_files/%s/session_%d9", user, i), other)
		labels += fmt.Sprintf("session_%d8,0\nsession_%d9,1\n", i, i)
	}
	write(t, filepath.Join(dir, "public_labels.csv"), labels)
	for _, seen := range [][]string{nil, {"user0", "user1"}} {
		r, err := measure(t, "balabit", dir, simple(map[string][]string{dataset.Balabit: seen}))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Metrics["auc_subject_mean_seen"]; !(got > 0.9) {
			t.Errorf("auc_subject_mean_seen is %v among %v, want more than 0.9: speed tells these people apart", got, r.Metrics)
		}
		if r.Headline != "auc_subject_mean" || r.Subjects != 4-len(seen) {
			t.Errorf("weights that have seen %v: headline %q of %d people, want auc_subject_mean of %d", seen, r.Headline, r.Subjects, 4-len(seen))
		}
	}
	if r, err := measure(t, "balabit", dir, simple(map[string][]string{dataset.Balabit: {"user0", "user1", "user2"}})); !errors.Is(err, protocol.ErrTooFew) {
		t.Errorf("one unseen person gave %v and %v, want ErrTooFew", r.Metrics, err)
	}
}

func TestCMU(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("subject_index,sessionIndex,rep,H.period,DD.period.t,UD.period.t,H.t,DD.t.i,UD.t.i,H.i,DD.i.e,UD.i.e,H.e,DD.e.five,UD.e.five," +
		"H.five,DD.five.Shift.r,UD.five.Shift.r,H.Shift.r,DD.Shift.r.o,UD.Shift.r.o,H.o,DD.o.a,UD.o.a,H.a,DD.a.n,UD.a.n,H.n,DD.n.l,UD.n.l,H.l,DD.l.Return,UD.l.Return,H.Return\n")
	for p := range 5 {
		repetitions := 210
		if p == 4 {
			repetitions = 200
		}
		for i := range repetitions {
			fmt.Fprintf(&b, "%d,%d,%d", p, 1+i/50, 1+i%50)
			for range dataset.CMUTimings {
				fmt.Fprintf(&b, ",%.0f", 80+40*float64(p)+5*random.NormFloat64())
			}
			b.WriteByte('\n')
		}
	}
	write(t, filepath.Join(dir, "cmu_dsl_ms.csv"), b.String())
	r, err := measure(t, "cmu", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	if r.Subjects != 4 || r.Comparisons != (protocol.Comparisons{Mated: 40, NonMated: 60}) {
		t.Errorf("%d subjects and %+v, want 4 subjects, 40 mated and 60 non-mated comparisons", r.Subjects, r.Comparisons)
	}
	if diff := cmp.Diff(map[string]float64{
		"eer_one_class": 0, "eer_one_class_n5": 0, "eer_one_class_n10": 0, "eer_one_class_n20": 0, "eer_one_class_n50": 0, "eer_background": 0,
	}, errorsOnly(r.Metrics)); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	few, err := measure(t, "cmu", dir, simple(map[string][]string{"cmu": {"0"}}))
	if _, measured := few.Metrics["eer_background"]; err != nil || measured || few.Subjects != 3 {
		t.Errorf("with three people: %+v and error %v, want no background track", few, err)
	}
}

func TestRecordings(t *testing.T) {
	dir := t.TempDir()
	for subject, dwell := range map[string]float64{"al": 50, "bo": 90} {
		for _, session := range []string{"1", "2"} {
			var b strings.Builder
			fmt.Fprintf(&b, `{"ipse":"recording/1","subject":%q,"session":%q,"device":"desktop"}`+"\n", subject, session)
			strokesOf(65, 0, dwell, func(press, release float64) {
				fmt.Fprintf(&b, "{\"t\":%v,\"k\":\"down\",\"c\":\"KeyA\"}\n{\"t\":%v,\"k\":\"up\",\"c\":\"KeyA\"}\n", press, release)
			})
			b.WriteString(`{"t":0,"m":[0,0,9.8,0,0,0]}` + "\n")
			write(t, filepath.Join(dir, subject+session+".jsonl"), b.String())
		}
	}
	r, err := measure(t, "recordings", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	if r.Subjects != 2 || r.Comparisons != (protocol.Comparisons{Mated: 4, NonMated: 4}) {
		t.Errorf("%d subjects and %+v, want 2 subjects and four comparisons of each kind", r.Subjects, r.Comparisons)
	}
	if got, ok := r.Metrics["keyboard.eer_subject_mean_n2"]; !ok || got != 0 {
		t.Errorf("keyboard.eer_subject_mean_n2 is %v (there: %v), want 0", got, ok)
	}
	if r.Headline != "keyboard.eer_subject_mean_n1" || !strings.Contains(strings.Join(r.Notes, "\n"), "touch and motion of 4 sessions") {
		t.Errorf("headline %q and notes %q, want the keyboard's and a word about motion", r.Headline, r.Notes)
	}
}

func TestRecordingsOfTouchAreComparedByWeightsThatCan(t *testing.T) {
	dir := t.TempDir()
	for subject, durationMS := range map[string]int{"al": 50, "bo": 90} {
		var b strings.Builder
		fmt.Fprintf(&b, `{"ipse":"recording/1","subject":%q,"session":"1","device":"phone"}`+"\n", subject)
		for i := range 80 {
			at := 400 * i
			fmt.Fprintf(&b, "{\"t\":%d,\"m\":[0,3,9,0,0,0]}\n{\"t\":%d,\"f\":\"start\",\"id\":%d,\"x\":1,\"y\":2,\"r\":11}\n{\"t\":%d,\"f\":\"end\",\"id\":%d,\"x\":1,\"y\":2}\n",
				at, at, i, at+durationMS, i)
		}
		write(t, filepath.Join(dir, subject+".jsonl"), b.String())
	}
	r, err := measure(t, "recordings", dir, simpleTouch(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := r.Metrics["touch.eer_subject_mean_n2"]; !ok || got != 0 || r.Subjects != 2 || len(r.Notes) > 3 {
		t.Errorf("touch.eer_subject_mean_n2 is %g (there: %v) of %d subjects, notes %q; want 0 of two", got, ok, r.Subjects, r.Notes)
	}
	if _, err := measure(t, "recordings", dir, simple(nil)); !errors.Is(err, protocol.ErrTooFew) {
		t.Errorf("weights without touch give %v, want %v", err, protocol.ErrTooFew)
	}
}

func TestResultIsTheSameOnEveryRun(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 6 {
		aaltoPerson(t, dir, fmt.Sprint(i), 50+10*random.Float64(), same(15, 20)...)
	}
	first, err := measure(t, "aalto", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	again, err := measure(t, "aalto", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("two runs (-first +second):\n%s", diff)
	}
}

func TestJSONHasTheMembersOfTheDesign(t *testing.T) {
	dir := t.TempDir()
	aaltoPerson(t, dir, "1", 50, same(15, 20)...)
	aaltoPerson(t, dir, "2", 70, same(15, 20)...)
	r, err := measure(t, "aalto", dir, simple(nil))
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Metrics["cllr"]; !(c > 0 && c < 1e-3) || r.CI95["cllr"] != (metric.Interval{c, c}) {
		t.Errorf("cllr is %v with the interval %v, want next to nothing and no width", c, r.CI95["cllr"])
	}
	r.Metrics["cllr"], r.CI95["cllr"] = 1, metric.Interval{1, 1} // a number that is short to write
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"protocol":"aalto","subjects":2,"comparisons":{"mated":20,"nonMated":2},` +
		`"metrics":{"cllr":1,"cllr_min":0,"eer_global":0,"eer_subject_mean":0,"fnmr_at_fmr_1e-2":0,"fnmr_at_fmr_1e-3":0},` +
		`"ci95":{"cllr":[1,1],"cllr_min":[0,0],"eer_global":[0,0],"eer_subject_mean":[0,0],"fnmr_at_fmr_1e-2":[0,0],"fnmr_at_fmr_1e-3":[0,0]},` +
		`"perSubject":{"p50":0,"p90":0,"worst":0}}`
	if string(raw) != want {
		t.Errorf("JSON\n%s\nwant\n%s", raw, want)
	}
}

func TestUnknownProtocolsAndMissingComparators(t *testing.T) {
	if _, err := measure(t, "palm", t.TempDir(), simple(nil)); !errors.Is(err, protocol.ErrUnknown) {
		t.Errorf("an unknown protocol gives %v, want %v", err, protocol.ErrUnknown)
	}
	if _, err := measure(t, "aalto", t.TempDir(), protocol.Model{Name: "bare"}); err == nil || !strings.Contains(err.Error(), "keyboard") {
		t.Errorf("weights without a keyboard comparator give %v, want an error that says so", err)
	}
}

func TestCancelledRunsStop(t *testing.T) {
	dir := t.TempDir()
	aaltoPerson(t, dir, "1", 50, same(15, 20)...)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := protocol.Run(ctx, "aalto", protocol.Input{Data: dir, Model: simple(nil)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
