package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"ipse.dev/ipse/internal/compare"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ipse": main})
}

func TestEvalScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "eval"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"aalto-person": writeAaltoPerson,
			"bbmas-person": writeBBMASPerson,
			"seen-weights": writeSeenWeights,
			"json-members": checkJSONMembers,

			"broken-weights": writeBrokenWeights,
		},
	})
}

// aalto-person FILE ID DWELL SENTENCES writes a made-up person in the form of Aalto's files: every sentence has 20
// strokes, with dwells around the given one in ms.
func writeAaltoPerson(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: aalto-person FILE ID DWELL SENTENCES")
	}
	var dwell, sentences int
	if _, err := fmt.Sscan(args[2], &dwell); err != nil {
		ts.Fatalf("dwell: %v", err)
	}
	if _, err := fmt.Sscan(args[3], &sentences); err != nil {
		ts.Fatalf("sentences: %v", err)
	}
	var b strings.Builder
	b.WriteString("PARTICIPANT_ID\tTEST_SECTION_ID\tSENTENCE\tUSER_INPUT\tKEYSTROKE_ID\tPRESS_TIME\tRELEASE_TIME\tLETTER\tKEYCODE\n")
	for s := range sentences {
		for i := range 20 {
			press := 1_000_000 + 100_000*s + (dwell+90)*i
			release := press + dwell + (7*i+3*s)%11
			fmt.Fprintf(&b, "%s\t%d\tmade up\tmade up\t%d\t%d\t%d\ta\t%d\n", args[1], s+1, i, press, release, 'A'+(i*5+s)%26)
		}
	}
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, []byte(b.String()), 0o600))
}

// bbmas-person FILE DWELL WINDOWS writes a made-up person in the form of BB-MAS's files, with dwells around the given one
// in ms and windows of 30 strokes.
func writeBBMASPerson(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: bbmas-person FILE DWELL WINDOWS")
	}
	var dwell, windows int
	if _, err := fmt.Sscan(args[1], &dwell); err != nil {
		ts.Fatalf("dwell: %v", err)
	}
	if _, err := fmt.Sscan(args[2], &windows); err != nil {
		ts.Fatalf("windows: %v", err)
	}
	var b strings.Builder
	b.WriteString("EID,key,direction,time\n")
	at := 0
	for i := range 30 * windows {
		key := string(rune('a' + (7*i)%26))
		fmt.Fprintf(&b, "0,%s,0,%d\n0,%s,1,%d\n", key, at, key, at+dwell+(11*i)%17)
		at += 2*dwell + 20 + (13*i)%23
	}
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, []byte(b.String()), 0o600))
}

// seen-weights FILE ID… writes the open weights with these people of Aalto as seen.
func writeSeenWeights(ts *testscript.TestScript, _ bool, args []string) {
	w, err := compare.Load("open")
	ts.Check(err)
	name := strings.TrimSuffix(filepath.Base(args[0]), ".json")
	if name != "first" && name != "second" {
		name = "mine"
	}
	w.Name, w.Seen = name, map[string][]string{"aalto": args[1:], "bbmas": w.Seen["bbmas"]}
	raw, err := json.Marshal(w)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o600))
}

// broken-weights HOW FILE writes the open weights with one thing wrong.
func writeBrokenWeights(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: broken-weights HOW FILE")
	}
	w, err := compare.Load("open")
	ts.Check(err)
	keyboard := *w.Comparators[0]
	w.Comparators = append([]*compare.TwoCovariance{&keyboard}, w.Comparators[1:]...)
	change := func(raw []byte) []byte { return raw }
	switch args[0] {
	case "cut":
		change = func(raw []byte) []byte { return raw[:len(raw)/2] }
	case "version":
		w.Version = 99
	case "nan":
		w.Tail.Slope = 0.123456789
		change = func(raw []byte) []byte { return bytes.Replace(raw, []byte("0.123456789"), []byte("NaN"), 1) }
	case "infinite":
		w.Tail.Slope = 0.123456789
		change = func(raw []byte) []byte { return bytes.Replace(raw, []byte("0.123456789"), []byte("1e999"), 1) }
	case "shape":
		keyboard.Projection = append([][]float64{{1}}, keyboard.Projection[1:]...)
	case "narrow":
		keyboard.Mean, keyboard.Projection = keyboard.Mean[:3], [][]float64{{1, 0, 0}}
		keyboard.Between, keyboard.Stretch = keyboard.Between[:1], keyboard.Stretch[:1]
	case "model":
		keyboard.Model = "tomorrow-9"
	default:
		ts.Fatalf("broken-weights: %q is not a way to break them", args[0])
	}
	raw, err := json.Marshal(w)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), change(raw), 0o600))
}

// json-members FILE checks that a file holds exactly one object with the members of a result.
func checkJSONMembers(ts *testscript.TestScript, _ bool, args []string) {
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	d.DisallowUnknownFields()
	var r struct {
		Protocol    *string `json:"protocol"`
		Subjects    *int    `json:"subjects"`
		Comparisons *struct {
			Mated    *int `json:"mated"`
			NonMated *int `json:"nonMated"`
		} `json:"comparisons"`
		Metrics    map[string]float64    `json:"metrics"`
		CI95       map[string][2]float64 `json:"ci95"`
		PerSubject *struct {
			P50   *float64 `json:"p50"`
			P90   *float64 `json:"p90"`
			Worst *float64 `json:"worst"`
		} `json:"perSubject"`
		Curves json.RawMessage `json:"curves"` // of takeover
	}
	ts.Check(d.Decode(&r))
	if d.More() {
		ts.Fatalf("%s holds more than one object", args[0])
	}
	if r.Protocol == nil || r.Subjects == nil || r.Comparisons == nil || r.Comparisons.Mated == nil || r.Comparisons.NonMated == nil ||
		r.PerSubject == nil || r.PerSubject.P50 == nil || r.PerSubject.P90 == nil || r.PerSubject.Worst == nil {
		ts.Fatalf("%s lacks members: %s", args[0], ts.ReadFile(args[0]))
	}
	if len(r.Metrics) == 0 || len(r.Metrics) != len(r.CI95) {
		ts.Fatalf("%d metrics and %d intervals, want as many of both", len(r.Metrics), len(r.CI95))
	}
	for name, v := range r.Metrics {
		least, most := 0.0, 1.0
		for _, unbounded := range []string{"cllr", "seconds", "actions", "false_alarms", "threshold", "hours"} { // scores may mislead without limit
			if strings.Contains(name, unbounded) && !strings.Contains(name, "cllr_min") {
				most = math.Inf(1)
			}
		}
		if strings.Contains(name, "autocorrelation") {
			least = -1
		}
		if ends, ok := r.CI95[name]; !ok || ends[0] > ends[1] || v < least || v > most {
			ts.Fatalf("%s is %v with the interval %v", name, v, ends)
		}
	}
}
