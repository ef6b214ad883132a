package dataset_test

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/lab/dataset"
	"pgregory.net/rapid"
)

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

const recordingHead = `{"ipse":"recording/1","subject":"s1","session":"a","device":"desktop"}` + "\n"

func TestRecording(t *testing.T) {
	const lines = recordingHead +
		`{"t":0,"k":"down","c":"KeyA"}` + "\n" + `{"t":30,"k":"down","c":"KeyA"}` + "\n" + `{"t":90,"k":"up","c":"KeyA"}` + "\n" +
		`{"t":5,"p":"move","x":10,"y":20}` + "\n" + `{"t":9,"p":"down","x":10,"y":20,"b":2}` + "\n" + `{"t":9,"p":"wheel","dx":0,"dy":120}` + "\n" +
		`{"t":4,"f":"start","id":0,"x":1,"y":2,"r":5,"pr":0.4}` + "\n" + `{"t":4,"m":[1,2,3,4,5,6]}` + "\n"
	got, err := dataset.ReadRecording(strings.NewReader(lines), "r.jsonl", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := dataset.Recording{
		Header: dataset.RecordingHeader{Format: "recording/1", Subject: "s1", Session: "a", Device: "desktop"},
		Session: dataset.Session{Name: "a",
			Keys: []event.Key{press(0, event.LeftLetter), repeat(30, event.LeftLetter), release(90, event.LeftLetter)},
			Pointers: []event.Pointer{{TimeMS: 5, Kind: event.Move, X: 10, Y: 20, Trusted: true},
				{TimeMS: 9, Kind: event.Press, X: 10, Y: 20, Button: 2, Trusted: true},
				{TimeMS: 9, Kind: event.Wheel, X: 10, Y: 20, WheelY: 120, Trusted: true}},
			Touches: []event.Touch{{TimeMS: 4, Kind: event.TouchStart, X: 1, Y: 2, RadiusPX: 5, Pressure: 0.4, Trusted: true}},
			Motions: []event.Motion{{TimeMS: 4, Acceleration: [3]float64{1, 2, 3}, Rotation: [3]float64{4, 5, 6}}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recording (-want +got):\n%s", diff)
	}
}

func TestMalformedRecordings(t *testing.T) {
	tests := []struct {
		name, lines string
		line        int
		says        string
	}{
		{"nothing", "", 1, "empty"},
		{"no header", `{"t":0,"k":"down","c":"KeyA"}`, 1, "first line"},
		{"another version", `{"ipse":"recording/2","subject":"s","session":"a","device":"desktop"}`, 1, "recording/1"},
		{"no subject", `{"ipse":"recording/1","subject":"","session":"a","device":"desktop"}`, 1, "subject"},
		{"device", `{"ipse":"recording/1","subject":"s","session":"a","device":"fridge"}`, 1, "device"},
		{"not JSON", recordingHead + "down", 2, "JSON"},
		{"a member that the format does not have", recordingHead + `{"t":0,"k":"down","c":"KeyA","text":"a"}`, 2, "members"},
		{"two values", recordingHead + `{"t":0,"k":"down","c":"KeyA"} {}`, 2, "JSON"},
		{"no kind", recordingHead + `{"t":0}`, 2, "exactly one"},
		{"two kinds", recordingHead + `{"t":0,"k":"down","c":"KeyA","p":"move","x":1,"y":1}`, 2, "exactly one"},
		{"no time", recordingHead + `{"k":"down","c":"KeyA"}`, 2, `"t"`},
		{"time before the start", recordingHead + `{"t":-1,"k":"down","c":"KeyA"}`, 2, `"t"`},
		{"time goes back", recordingHead + `{"t":9,"k":"down","c":"KeyA"}` + "\n" + `{"t":8,"k":"up","c":"KeyA"}`, 3, "1 ms before"},
		{"no code", recordingHead + `{"t":0,"k":"down"}`, 2, `"c"`},
		{"a position off the world", recordingHead + `{"t":0,"p":"move","x":1e7,"y":1}`, 2, "pixels"},
		{"a move to nowhere", recordingHead + `{"t":0,"p":"move","x":1}`, 2, `"y"`},
		{"an unknown pointer event", recordingHead + `{"t":0,"p":"hover","x":1,"y":1}`, 2, `"p"`},
		{"a wheel that does not turn", recordingHead + `{"t":0,"p":"wheel","dx":1}`, 2, `"dy"`},
		{"radius", recordingHead + `{"t":0,"f":"start","id":0,"x":1,"y":1,"r":-2}`, 2, `"r"`},
		{"pressure", recordingHead + `{"t":0,"f":"start","id":0,"x":1,"y":1,"pr":2}`, 2, `"pr"`},
		{"five numbers of motion", recordingHead + `{"t":0,"m":[1,2,3,4,5]}`, 2, "six"},
	}
	for _, tt := range tests {
		_, err := dataset.ReadRecording(strings.NewReader(tt.lines), "r.jsonl", dataset.Options{})
		var row *dataset.RowError
		if !errors.As(err, &row) || row.File != "r.jsonl" || row.Line != tt.line || !strings.Contains(row.What, tt.says) {
			t.Errorf("%s: got %v, want r.jsonl:%d and a word about %q", tt.name, err, tt.line, tt.says)
		}
	}
}

func TestRecordingsAreGroupedBySubject(t *testing.T) {
	head := func(subject, session string) string {
		return strings.NewReplacer(`"s1"`, `"`+subject+`"`, `"a"`, `"`+session+`"`).Replace(recordingHead)
	}
	dir := folder(t, map[string]string{
		"x.jsonl": head("bo", "2"), "deep/y.jsonl": head("al", "1"), "deep/z.jsonl": head("bo", "1"), "notes.txt": "not ours"})
	people, err := read(t, dataset.Recordings, dir, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []dataset.Person{{ID: "al", Sessions: []dataset.Session{{Name: "1"}}},
		{ID: "bo", Sessions: []dataset.Session{{Name: "1"}, {Name: "2"}}}}
	if diff := cmp.Diff(want, people); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}

	twice := folder(t, map[string]string{"x.jsonl": head("bo", "2"), "y.jsonl": head("bo", "2")})
	if _, err := read(t, dataset.Recordings, twice, dataset.Options{}); !errors.Is(err, dataset.ErrMixed) {
		t.Errorf("one session in two files gives %v, want %v", err, dataset.ErrMixed)
	}
	var row *dataset.RowError
	foreign := map[string]string{"x.jsonl": "{\"level\":\"info\"}\n"}
	if _, err := read(t, dataset.Recordings, folder(t, foreign), dataset.Options{}); !errors.Is(err, dataset.ErrNotFound) || !errors.As(err, &row) {
		t.Errorf("a folder of other programs' files gives %v, want %v and the file's name", err, dataset.ErrNotFound)
	}
	foreign["y.jsonl"] = head("bo", "2")
	if _, err := read(t, dataset.Recordings, folder(t, foreign), dataset.Options{}); errors.Is(err, dataset.ErrNotFound) || !errors.As(err, &row) || row.Line != 1 {
		t.Errorf("one such file among recordings gives %v, want a *RowError at line 1", err)
	}
	if _, err := read(t, dataset.Recordings, t.TempDir(), dataset.Options{}); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("a folder without recordings gives %v, want %v", err, dataset.ErrNotFound)
	}
}

// typing draws key events as a keyboard makes them: no key goes down twice without coming up.
func typing(t *rapid.T) []event.Key {
	var events []event.Key
	var held []event.Class
	now := 0.0
	for range rapid.IntRange(0, 40).Draw(t, "events") {
		now += float64(rapid.IntRange(0, 300).Draw(t, "gap"))
		if len(held) > 0 && rapid.Bool().Draw(t, "up") {
			i := rapid.IntRange(0, len(held)-1).Draw(t, "which")
			events = append(events, release(now, held[i]))
			held = append(held[:i], held[i+1:]...)
			continue
		}
		class := event.Class(rapid.IntRange(0, event.ClassCount-1).Draw(t, "class"))
		down := 0
		for _, h := range held {
			if h == class {
				down++
			}
		}
		if class == event.Space && down == 1 || down == 2 {
			continue
		}
		held = append(held, class)
		events = append(events, press(now, class))
		if rapid.IntRange(0, 9).Draw(t, "repeats") == 0 {
			now += 500
			events = append(events, repeat(now, class))
		}
	}
	return events
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := dataset.Session{Name: "a", Keys: typing(t)}
		coordinate := rapid.Float64Range(-1000, 1000)
		for i := range rapid.IntRange(0, 5).Draw(t, "pointers") {
			e := event.Pointer{TimeMS: float64(i), Kind: event.PointerKind(rapid.IntRange(0, 3).Draw(t, "kind")),
				X: coordinate.Draw(t, "x"), Y: coordinate.Draw(t, "y"), Trusted: true}
			switch e.Kind {
			case event.Wheel:
				e.WheelX, e.WheelY = coordinate.Draw(t, "dx"), coordinate.Draw(t, "dy")
			case event.Press, event.Release:
				e.Button = uint8(rapid.IntRange(0, 4).Draw(t, "button"))
			}
			want.Pointers = append(want.Pointers, e)
			want.Touches = append(want.Touches, event.Touch{TimeMS: float64(i), Kind: event.TouchKind(i % 4), Contact: i,
				X: e.X, Y: e.Y, RadiusPX: 3, Pressure: rapid.Float64Range(0, 1).Draw(t, "pressure"), Trusted: true})
			want.Motions = append(want.Motions, event.Motion{TimeMS: float64(i), Acceleration: [3]float64{e.X, 1, 2}, Rotation: [3]float64{3, e.Y, 4}})
		}
		var file bytes.Buffer
		w, err := dataset.NewRecordingWriter(&file, "s1", "a", "phone")
		for _, e := range want.Keys {
			err = errors.Join(err, w.Key(e))
		}
		for i := range want.Pointers {
			err = errors.Join(err, w.Pointer(want.Pointers[i]), w.Touch(want.Touches[i]), w.Motion(want.Motions[i]))
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := dataset.ReadRecording(&file, "r.jsonl", dataset.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Session, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("session (-written +read):\n%s", diff)
		}
	})
}

func TestWriterRefusesWhatTheReaderWould(t *testing.T) {
	if _, err := dataset.NewRecordingWriter(&bytes.Buffer{}, "", "a", "desktop"); err == nil {
		t.Error("a recording without a subject is written")
	}
	w, err := dataset.NewRecordingWriter(&bytes.Buffer{}, "s", "a", "desktop")
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a tenth class":     w.Key(event.Key{Class: event.ClassCount}),
		"an unknown kind":   w.Pointer(event.Pointer{Kind: 9}),
		"an unknown touch":  w.Touch(event.Touch{Kind: 9}),
		"a time that isn't": w.Key(event.Key{TimeMS: math.NaN()}),
	} {
		if err == nil {
			t.Errorf("%s is written", name)
		}
	}
}

func FuzzReadRecording(f *testing.F) {
	f.Add([]byte(recordingHead + `{"t":0,"k":"down","c":"KeyA"}` + "\n" + `{"t":90,"k":"up","c":"KeyA"}`))
	f.Add([]byte(recordingHead + `{"t":5,"p":"move","x":10,"y":20}` + "\n" + `{"t":9,"p":"wheel","dx":0,"dy":120}`))
	f.Add([]byte(recordingHead + `{"t":4,"f":"start","id":0,"x":1,"y":2,"r":5,"pr":0.4}` + "\n" + `{"t":4,"m":[1,2,3,4,5,6]}`))
	f.Add([]byte("\ufeff" + recordingHead + "{}\n\n[]\nnull\n1e999"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		skip := dataset.Options{OnMalformed: func(*dataset.RowError) error { return nil }}
		r, err := dataset.ReadRecording(bytes.NewReader(raw), "r.jsonl", skip)
		if err != nil {
			t.Fatalf("passing over malformed lines still gives %v", err)
		}
		last := math.Inf(-1)
		for _, e := range r.Session.Keys {
			if !e.Class.Valid() || math.IsNaN(e.TimeMS) || e.TimeMS < last || e.TimeMS < 0 {
				t.Fatalf("key event %+v after %v ms", e, last)
			}
			last = e.TimeMS
		}
		last = 0
		for _, e := range r.Session.Pointers {
			if sum := e.X + e.Y + e.WheelX + e.WheelY + e.TimeMS; math.IsNaN(sum) || math.IsInf(sum, 0) || e.TimeMS < last {
				t.Fatalf("pointer event %+v after %v ms", e, last)
			}
			last = e.TimeMS
		}
	})
}
