package dataset

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/event"
)

func botFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func readBotFamilies(dir string) (map[string]PointerFamily, error) {
	out := map[string]PointerFamily{}
	err := ReadBots(dir, Options{}, func(f PointerFamily) error { out[f.Name] = f; return nil })
	return out, err
}

func TestBotsReadsEveryFamilyThatIsThere(t *testing.T) {
	dir := botFolder(t, map[string]string{
		"generated/human_x.jsonl":           `{"id":7,"src":"human","user":"u1","p":[[5,1,2],[21,3,4]]}` + "\n",
		"generated/new_program.jsonl":       `{"id":7,"src":"bot","p":[[0,1,2],[16,3.5,4]]}` + "\n" + `{"p":[[0,1,2],[16,3,4]]}` + "\n",
		"delbot/circles_human_a/take_1.txt": "resolution:1000,500\n10,Pressed,0.5,0.5\n20.5,Move,0.25,0.1\n30,Released,0.25,0.1\n",
		"delbot/bot_z/take_1.txt":           "resolution:1000,500\n10,Move,5,6\n20,Move,7,8\n",
	})
	got, err := readBotFamilies(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 {
		t.Fatalf("%d families, want 4", len(got))
	}
	if h := got["generated/human_x"]; !h.People || h.Takes[0].User != "u1" || h.Takes[0].ID != 7 || h.Takes[0].Events[1].TimeMS != 16 {
		t.Errorf("people's strokes are read as %+v", h)
	}
	if b := got["generated/new_program"]; b.People || len(b.Takes) != 2 || b.Takes[1].ID != 1 || b.Takes[0].Events[1].X != 3.5 {
		t.Errorf("a program's strokes are read as %+v", b)
	}
	d := got["delbot/circles_human_a"]
	if e := d.Takes[0].Events; !d.People || len(e) != 3 || e[0].Kind != event.Press || e[1].X != 250 || e[1].Y != 50 || e[1].TimeMS != 10.5 {
		t.Errorf("fractions of the screen are read as %+v; want pixels, times from 0", e)
	}
	if e := got["delbot/bot_z"].Takes[0].Events; e[1].X != 7 {
		t.Errorf("pixels are read as %+v", e)
	}
}

func TestBotsSaysWhatIsWrongWithALine(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"no object":    {"generated/a.jsonl", "[1,2]\n", "not a JSON object"},
		"one point":    {"generated/a.jsonl", `{"p":[[0,1,2]]}`, "1 points"},
		"two numbers":  {"generated/a.jsonl", `{"p":[[0,1],[1,2]]}`, "2 numbers"},
		"time back":    {"generated/a.jsonl", `{"p":[[9,1,1],[5,2,2]]}`, "in order of time"},
		"off screen":   {"generated/a.jsonl", `{"p":[[0,1,1],[5,1e9,2]]}`, "outside"},
		"no user":      {"generated/human_a.jsonl", `{"p":[[0,1,1],[5,2,2]]}`, `"user" is missing`},
		"no size":      {"delbot/a/a.txt", "5,Move,1,1\n", "resolution:WIDTH,HEIGHT"},
		"state":        {"delbot/a/a.txt", "resolution:10,10\n5,Jump,1,1\n", "none of Pressed, Move, Released"},
		"not a number": {"delbot/a/a.txt", "resolution:10,10\n5,Move,NaN,1\n", "x is not a finite number"},
		"fields":       {"delbot/a/a.txt", "resolution:10,10\n5,Move,1\n", "3 fields; want 4"},
	} {
		_, err := readBotFamilies(botFolder(t, map[string]string{c.file: c.text}))
		var row *RowError
		if !errors.As(err, &row) || !strings.Contains(row.What, c.want) {
			t.Errorf("%s: the error is %v, want a row error that says %q", name, err, c.want)
		}
	}
	if _, err := readBotFamilies(t.TempDir()); !errors.Is(err, ErrNotFound) {
		t.Errorf("an empty folder gives %v, want ErrNotFound", err)
	}
}

func FuzzReadGenerated(f *testing.F) {
	f.Add(`{"id":1,"src":"bot","p":[[0,1,2],[16,3,4]]}`)
	f.Add(`{"p":[[0,1,2],[-1,1e308,4]]}`)
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "a.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		takes, _ := readGenerated(path, false, Options{OnMalformed: func(*RowError) error { return nil }})
		for _, take := range takes {
			for i, e := range take.Events {
				if math.IsNaN(e.X+e.Y+e.TimeMS) || i > 0 && e.TimeMS < take.Events[i-1].TimeMS {
					t.Fatalf("event %d is %+v; want finite numbers in order of time", i, e)
				}
			}
		}
	})
}

func TestEqualiseHidesTheRateOfReports(t *testing.T) {
	stroke := func(stepMS float64) []event.Pointer {
		var out []event.Pointer
		for at := 0.0; at <= 600; at += stepMS {
			u := at / 600
			out = append(out, event.Pointer{TimeMS: at, X: math.Floor(600*u*u*(3-2*u) + 0.5), Y: math.Floor(80*math.Sin(3*u) + 0.5), Trusted: true})
		}
		return out
	}
	fine, coarse := Equalise(stroke(1), 60), Equalise(stroke(16), 60)
	if math.Abs(float64(len(fine)-len(coarse))) > 1 || len(fine) < 30 {
		t.Fatalf("%d and %d places; want about 37 of each", len(fine), len(coarse))
	}
	for i := range min(len(fine), len(coarse)) - 1 {
		if fine[i].TimeMS != coarse[i].TimeMS || math.Abs(fine[i].X-coarse[i].X) > 2 || math.Abs(fine[i].Y-coarse[i].Y) > 2 {
			t.Errorf("place %d: %+v and %+v; want the same within 2 px", i, fine[i], coarse[i])
		}
	}
}

func TestEqualiseKeepsPressesAndOrder(t *testing.T) {
	in := []event.Pointer{
		{TimeMS: 0, X: 1, Trusted: true}, {TimeMS: 9, X: 5, Trusted: true}, {TimeMS: 10, Kind: event.Press, X: 5, Trusted: true},
		{TimeMS: 60, Kind: event.Release, X: 5, Trusted: true}, {TimeMS: 900, X: 7, Trusted: true},
	}
	out := Equalise(in, 60)
	presses := 0
	for i, e := range out {
		if e.Kind == event.Press || e.Kind == event.Release {
			presses++
		}
		if i > 0 && e.TimeMS < out[i-1].TimeMS {
			t.Errorf("event %d comes before the last one", i)
		}
	}
	if presses != 2 {
		t.Errorf("%d presses and releases, want 2", presses)
	}
}
