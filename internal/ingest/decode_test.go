package ingest

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/problem"
)

var clock = time.UnixMilli(1_760_000_000_000)

const dimensions = 4

// dimension knows one model, of four dimensions, for the keyboard and the pointer.
func dimension(m observation.Modality, model string) (int, bool) {
	return dimensions, model == "features-1" && (m == observation.Keyboard || m == observation.Pointer)
}

func valid(sequence int64) observation.Observation {
	return observation.Observation{
		Sequence: sequence, Modality: observation.Keyboard, Model: "features-1", DeviceClass: observation.Desktop,
		StartMS: clock.UnixMilli() - 20_000, DurationMS: 15_000, Events: 60, Embedding: observation.Embedding{1, -2, 127, -128},
		FeatureList: feature.KeyboardList.Name, Features: make([]float64, len(feature.KeyboardList.Features)),
		Liveness: observation.Liveness{TimestampQuantumMS: 1}, Quality: []observation.Flag{observation.ShortWindow},
	}
}

func encode(t testing.TB, r Report) string {
	t.Helper()
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func report(observations ...observation.Observation) Report {
	return Report{SentAtMS: clock.UnixMilli(), Observations: append([]observation.Observation{}, observations...)}
}

func check(body string) (Report, *problem.Problem) {
	r, p := Decode([]byte(body))
	if p == nil {
		p = Validate(r, dimension, clock)
	}
	return r, p
}

func TestGoodReports(t *testing.T) {
	pointer := valid(9)
	pointer.Modality, pointer.FeatureList = observation.Pointer, feature.PointerList.Name
	pointer.Features = make([]float64, len(feature.PointerList.Features))
	extreme := valid(1 << 53)
	extreme.Features[0], extreme.Features[1], extreme.Events, extreme.DurationMS = 1e7, -1e7, 1000, 3_600_000
	extreme.StartMS = clock.UnixMilli() - 2*3_600_000
	var many []observation.Observation
	for i := range MaxObservations {
		many = append(many, valid(int64(i+1)))
	}
	for name, r := range map[string]Report{
		"hello": report(), "one": report(valid(1)), "two kinds": report(valid(8), pointer), "extremes": report(extreme), "64": report(many...),
		"a clock that is off a little": {SentAtMS: clock.Add(-14 * time.Minute).UnixMilli(), Observations: []observation.Observation{}},
	} {
		got, p := check(encode(t, r))
		if p != nil {
			t.Errorf("%s: %v, want it taken", name, p)
		} else if !reflect.DeepEqual(got, r) {
			t.Errorf("%s: got %+v, want %+v", name, got, r)
		}
	}
	if _, p := check(strings.Replace(encode(t, report(valid(1))), `["short_window"]`, "null", 1)); p != nil {
		t.Errorf("quality null: %v, want it taken as an empty list", p)
	}
}

func TestBadReports(t *testing.T) {
	good := encode(t, report(valid(1)))
	swap := func(old, replacement string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the good report holds no %s: %s", old, good)
		}
		return strings.Replace(good, old, replacement, 1)
	}
	edit := func(f func(*observation.Observation)) string {
		o := valid(1)
		f(&o)
		return encode(t, report(o))
	}
	for _, c := range []struct {
		name, body string
		want       problem.Name
		field      string
	}{
		{"nothing", "", problem.MalformedJSON, ""},
		{"spaces", "  \n", problem.MalformedJSON, ""},
		{"broken off", good[:len(good)/2], problem.MalformedJSON, ""},
		{"not JSON", "hello", problem.MalformedJSON, ""},
		{"null", "null", problem.WrongType, ""},
		{"a list", "[]", problem.WrongType, ""},
		{"trailing data", good + "{}", problem.MalformedJSON, ""},
		{"trailing brace", good + "}", problem.MalformedJSON, ""},
		{"unknown field", swap(`"sentAtMS"`, `"text":"hello","sentAtMS"`), problem.UnknownField, ""},
		{"unknown field inside", swap(`"sequence"`, `"key":"a","sequence"`), problem.UnknownField, ""},
		{"unknown field in liveness", swap(`"pastes"`, `"url":"x","pastes"`), problem.UnknownField, ""},
		{"a field twice", swap(`"sequence":1`, `"sequence":1,"sequence":2`), problem.UnknownField, ""},
		{"a list twice", strings.TrimSuffix(good, "}") + `,"observations":[{"sequence":9}]}`, problem.UnknownField, ""},
		{"a share twice", swap(`"pastes"`, `"repeatShare":0,"pastes"`), problem.UnknownField, ""},
		{"other letters", swap(`"sequence"`, `"Sequence"`), problem.UnknownField, ""},
		{"letters that fold into the same", swap(`"sequence"`, `"\u017fequence"`), problem.UnknownField, ""},
		{"no share", swap(`"repeatShare":0,`, ``), problem.MissingField, "observations[0].liveness.repeatShare"},
		{"null share", swap(`"untrustedShare":0`, `"untrustedShare":null`), problem.MissingField, "observations[0].liveness.untrustedShare"},
		{"no time", `{"observations":[]}`, problem.MissingField, "sentAtMS"},
		{"no list", `{"sentAtMS":1}`, problem.MissingField, "observations"},
		{"no features", swap(`"features":[0,0,0,0,0,0,0,0,0,0,0],`, ``), problem.MissingField, "observations[0].features"},
		{"null features", swap(`"features":[0,0,0,0,0,0,0,0,0,0,0],`, `"features":null,`), problem.MissingField, "observations[0].features"},
		{"null feature", swap(`[0,0,0,0,0,0,0,0,0,0,0]`, `[null,0]`), problem.WrongLength, "observations[0].features"},
		{"NaN", swap(`[0,0`, `[NaN,0`), problem.NotFinite, ""},
		{"Infinity", swap(`[0,0`, `[Infinity,0`), problem.NotFinite, ""},
		{"-Infinity", swap(`[0,0`, `[-Infinity,0`), problem.NotFinite, ""},
		{"too large for a number", swap(`[0,0`, `[1e400,0`), problem.OutOfRange, "observations.features"},
		{"a word for a number", swap(`[0,0`, `["0",0`), problem.WrongType, "observations.features"},
		{"a fraction for an integer", swap(`"events":60`, `"events":60.5`), problem.WrongType, "observations.events"},
		{"too large for an integer", swap(`"sequence":1`, `"sequence":99999999999999999999`), problem.OutOfRange, "observations.sequence"},
		{"embedding that is no base64", swap(`"Af5/gA=="`, `"*"`), problem.WrongType, "embedding"},
		{"embedding without padding", swap(`"Af5/gA=="`, `"Af5/gA"`), problem.WrongType, "embedding"},
		{"embedding as a list", swap(`"Af5/gA=="`, `[1,2,3,4]`), problem.WrongType, "observations.embedding"},
		{"embedding too short", swap(`"Af5/gA=="`, `"Af5/"`), problem.WrongLength, "observations[0].embedding"},
		{"clock ahead", encode(t, Report{SentAtMS: clock.Add(16 * time.Minute).UnixMilli(), Observations: []observation.Observation{}}), problem.ClockOff, "sentAtMS"},
		{"clock behind", encode(t, Report{SentAtMS: clock.Add(-16 * time.Minute).UnixMilli(), Observations: []observation.Observation{}}), problem.ClockOff, "sentAtMS"},
		{"time before 1970", `{"sentAtMS":-1,"observations":[]}`, problem.OutOfRange, "sentAtMS"},
		{"time out of this world", `{"sentAtMS":9223372036854775807,"observations":[]}`, problem.OutOfRange, "sentAtMS"},
		{"dropped below 0", swap(`"observations"`, `"dropped":-1,"observations"`), problem.OutOfRange, "dropped"},
		{"65 observations", encode(t, report(slices.Repeat([]observation.Observation{valid(1)}, 65)...)), problem.WrongLength, "observations"},
		{"sequence 0", edit(func(o *observation.Observation) { o.Sequence = 0 }), problem.OutOfRange, "observations[0].sequence"},
		{"sequence above 2^53", edit(func(o *observation.Observation) { o.Sequence = 1<<53 + 1 }), problem.OutOfRange, "observations[0].sequence"},
		{"the same sequence twice", encode(t, report(valid(3), valid(3))), problem.OutOfRange, "observations[1].sequence"},
		{"falling sequence", encode(t, report(valid(3), valid(2))), problem.OutOfRange, "observations[1].sequence"},
		{"unknown modality", edit(func(o *observation.Observation) { o.Modality = "voice" }), problem.UnknownValue, "observations[0].modality"},
		{"modality without a model", edit(func(o *observation.Observation) { o.Modality = observation.Touch }), problem.UnknownModel, "observations[0].model"},
		{"unknown model", edit(func(o *observation.Observation) { o.Model = "features-2" }), problem.UnknownModel, "observations[0].model"},
		{"unknown device class", edit(func(o *observation.Observation) { o.DeviceClass = "watch" }), problem.UnknownValue, "observations[0].deviceClass"},
		{"unknown list", edit(func(o *observation.Observation) { o.FeatureList = "keyboard-9" }), problem.UnknownList, "observations[0].featureList"},
		{"another modality's list", edit(func(o *observation.Observation) {
			o.FeatureList, o.Features = "pointer-1", make([]float64, len(feature.PointerList.Features))
		}), problem.UnknownList, "observations[0].featureList"},
		{"one feature more", edit(func(o *observation.Observation) { o.Features = append(o.Features, 0) }), problem.WrongLength, "observations[0].features"},
		{"feature too large", edit(func(o *observation.Observation) { o.Features[2] = 1.1e7 }), problem.OutOfRange, "observations[0].features[2]"},
		{"no events", edit(func(o *observation.Observation) { o.Events = 0 }), problem.OutOfRange, "observations[0].events"},
		{"1001 events", edit(func(o *observation.Observation) { o.Events = 1001 }), problem.OutOfRange, "observations[0].events"},
		{"negative duration", edit(func(o *observation.Observation) { o.DurationMS = -1 }), problem.OutOfRange, "observations[0].durationMS"},
		{"more than an hour", edit(func(o *observation.Observation) { o.DurationMS = 3_600_001 }), problem.OutOfRange, "observations[0].durationMS"},
		{"too old", edit(func(o *observation.Observation) { o.StartMS -= 3_600_000 }), problem.TooOld, "observations[0].startMS"},
		{"from the future", edit(func(o *observation.Observation) { o.StartMS += 120_000 }), problem.OutOfRange, "observations[0].startMS"},
		{"share above 1", edit(func(o *observation.Observation) { o.Liveness.UntrustedShare = 1.01 }), problem.OutOfRange, "observations[0].liveness.untrustedShare"},
		{"share below 0", edit(func(o *observation.Observation) { o.Liveness.RepeatShare = -0.1 }), problem.OutOfRange, "observations[0].liveness.repeatShare"},
		{"quantum", edit(func(o *observation.Observation) { o.Liveness.TimestampQuantumMS = 1001 }), problem.OutOfRange, "observations[0].liveness.timestampQuantumMS"},
		{"pastes", edit(func(o *observation.Observation) { o.Liveness.Pastes = -1 }), problem.OutOfRange, "observations[0].liveness.pastes"},
		{"unknown flag", edit(func(o *observation.Observation) { o.Quality = []observation.Flag{"tired"} }), problem.UnknownValue, "observations[0].quality[0]"},
		{"a flag twice", edit(func(o *observation.Observation) {
			o.Quality = []observation.Flag{observation.PasteHeavy, observation.PasteHeavy}
		}), problem.UnknownValue, "observations[0].quality[1]"},
	} {
		_, p := check(c.body)
		if p == nil {
			t.Errorf("%s: taken, want %s", c.name, c.want)
			continue
		}
		if p.Name != c.want || (c.field != "" && p.Field != c.field) {
			t.Errorf("%s: got %s at %q (%s), want %s at %q", c.name, p.Name, p.Field, p.Detail, c.want, c.field)
		}
		if p.Detail == "" {
			t.Errorf("%s: a problem without detail", c.name)
		}
	}
}

// A caller who does not know the server's program must understand what was wrong.
func TestDetailsSpeakOfJSON(t *testing.T) {
	for body, want := range map[string]string{
		`[]`:                                    "want an object",
		`{"sentAtMS":"1"}`:                      "want an integer",
		`{"observations":1}`:                    "want an array",
		`{"observations":[true]}`:               "want an object",
		`{"observations":[{"modality":1}]}`:     "want a string",
		`{"observations":[{"features":["1"]}]}`: "want a number",
		`{"observations":[{"embedding":[1]}]}`:  "want a string of base64",
	} {
		_, p := Decode([]byte(body))
		if p == nil || !strings.Contains(p.Detail, want) {
			t.Errorf("%s: got %v, want %q in the detail", body, p, want)
		}
	}
}

func TestCheckNames(t *testing.T) {
	known := map[string]bool{"a": true, "b": true}
	for document, good := range map[string]bool{
		`{"a":1,"b":[{"a":"a"},{"a":"b"},"a","a"]}`: true, `["a","a"]`: true, `"a"`: true, `{"a":{"a":{"a":null}},"b":0}`: true, `{`: true, ``: true,
		`{"a":1,"a":1}`: false, `{"a":[{"b":1,"b":2}]}`: false, `{"a":{},"a":{}}`: false, `{"A":1}`: false, `{"a":1,"\u0061":2}`: false,
	} {
		if p := CheckNames([]byte(document), known); (p == nil) != good {
			t.Errorf("%s: got %v, want it taken: %t", document, p, good)
		}
	}
	if p := CheckNames([]byte(`{"C":1,"c":1}`), nil); p != nil {
		t.Errorf("any name: got %v, want it taken", p)
	}
}

func TestNumbersThatJSONCannotCarry(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		o := valid(1)
		o.Features[0] = x
		if p := Validate(report(o), dimension, clock); p == nil || p.Name != problem.NotFinite {
			t.Errorf("feature %g: got %v, want %s", x, p, problem.NotFinite)
		}
	}
}

// FuzzReport holds that every body is either refused with a whole problem, or is a report that is in bounds, finite, and
// the same after another journey through JSON.
func FuzzReport(f *testing.F) {
	f.Add([]byte(encode(f, report(valid(1), valid(2)))))
	f.Add([]byte(encode(f, report())))
	f.Add([]byte(encode(f, report(typedPhrase(1), valid(2)))))
	f.Add([]byte(`{"sentAtMS":1760000000000,"dropped":3,"observations":[{"sequence":1}]}`))
	f.Add([]byte(`{"sentAtMS":1760000000000,"observations":[NaN]}`))
	f.Add([]byte(strings.Repeat("[", 20000)))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, p := check(string(body))
		if p != nil {
			if p.Detail == "" || p.Status < 400 || p.Type != p.Name.Type() {
				t.Errorf("a problem that is not whole: %+v", p)
			}
			return
		}
		if len(r.Observations) > MaxObservations {
			t.Errorf("%d observations taken", len(r.Observations))
		}
		for _, o := range r.Observations {
			for _, x := range append(o.Features, o.Liveness.RepeatShare, o.Liveness.UntrustedShare, o.Liveness.TimestampQuantumMS) {
				if math.IsNaN(x) || math.Abs(x) > 1e7 {
					t.Errorf("the number %g was taken", x)
				}
			}
			if o.Modality == observation.Phrase && (len(o.Embedding) != 2*o.Events-1 || o.Phrase < 1 || o.Phrase >= 1<<31) {
				t.Errorf("phrase %d of %d positions with %d timings was taken", o.Phrase, o.Events, len(o.Embedding))
			}
			if o.Modality != observation.Phrase && (len(o.Embedding) != dimensions || o.Phrase != 0) {
				t.Errorf("an embedding of %d was taken", len(o.Embedding))
			}
		}
		again, p := check(encode(t, r))
		if p != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("after another journey: got %+v, %v; want %+v", again, p, r)
		}
	})
}

func TestClipKeepsTextValid(t *testing.T) {
	if got := clip(strings.Repeat("é", 40)); !strings.HasPrefix(got, "ééé") || !json.Valid([]byte(`"`+got+`"`)) || strings.ContainsRune(got, '\uFFFD') {
		t.Errorf("got %q, want whole letters", got)
	}
	if got := clip("short"); got != "short" {
		t.Errorf("got %q, want short", got)
	}
}
