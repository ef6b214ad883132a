package dataset_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/lab/dataset"
)

const (
	mobiKeyHead = "UserId, DeviceId, SessionId, Key, DownTime, UpTime, Pressure, FingerArea, RawX, RawY, gravityX, gravityY, gravityZ, Hands, PasswordType, Repetition\n"
	gamesHead   = "Timestamp,X,Y,BTN_TOUCH,TOUCH_MAJOR,TOUCH_MINOR,FINGER,CLASS\n"
)

func TestMobiKeyGivesTapsWithoutPlaces(t *testing.T) {
	const file = mobiKeyHead +
		"101, A, 2, k, 5000, 5090, 0.2, 0.25, 620.5, 960.5, 0, 5, 8, 2, 0, 0\n" +
		"101, A, 10, k, 70, 170, 1.2, 0.5, 1, 2, 0, 5, 8, 2, 0, 0\n" +
		"101, A, 2, i, 5060, 5150, 0, 0.3, 575, 860, 1, 5, 8, 2, 0, 0\n" +
		"9, A, 0, i, 0, 50, 0.1, 0.3, 575, 860, 0, 0, 9.8, 2, 0, 0\n"
	people, err := read(t, dataset.MobiKey, folder(t, map[string]string{"a/Keystrokes.csv": file}), dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tap := func(kind event.TouchKind, id int, at, radius, pressure float64) event.Touch {
		return event.Touch{TimeMS: at, Kind: kind, Contact: id, RadiusPX: radius, Pressure: pressure, Trusted: true}
	}
	held := func(at, x, y, z float64) event.Motion {
		return event.Motion{TimeMS: at, Acceleration: [3]float64{x, y, z}}
	}
	want := []dataset.Person{
		{ID: "9", Unit: "a", Sessions: []dataset.Session{{Name: "0", Touches: []event.Touch{tap(event.TouchStart, 0, 0, 12, 0.1), tap(event.TouchEnd, 0, 50, 12, 0.1)},
			Motions: []event.Motion{held(0, 0, 0, 9.8)}}}},
		{ID: "101", Unit: "a", Sessions: []dataset.Session{
			{Name: "2", Touches: []event.Touch{
				tap(event.TouchStart, 0, 0, 10, 0.2), tap(event.TouchStart, 1, 60, 12, 0), tap(event.TouchEnd, 0, 90, 10, 0.2), tap(event.TouchEnd, 1, 150, 12, 0),
			}, Motions: []event.Motion{held(0, 0, 5, 8), held(60, 1, 5, 8)}},
			{Name: "10", Touches: []event.Touch{tap(event.TouchStart, 0, 0, 20, 1), tap(event.TouchEnd, 0, 100, 20, 1)}, Motions: []event.Motion{held(0, 0, 5, 8)}},
		}},
	}
	if diff := cmp.Diff(want, people); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMalformedTouchRowsAreNamed(t *testing.T) {
	mobi := func(row string) (string, map[string]string) {
		return dataset.MobiKey, map[string]string{"a/Keystrokes.csv": mobiKeyHead + row}
	}
	games := func(rows string) (string, map[string]string) {
		return dataset.Games, map[string]string{"mc_raw/Sub1MC.csv": gamesHead + rows}
	}
	for _, c := range []struct {
		make func(string) (string, map[string]string)
		rows string
		says string
	}{
		{mobi, "1, A, 0, k, 9, 5, .1, .1, 0, 0, 0, 0, 9, 2, 0, 0", "before DownTime"},
		{mobi, "1, A, 0, k, 9, 15, .1, 1.1, 0, 0, 0, 0, 9, 2, 0, 0", "FingerArea"},
		{mobi, "1, A, 0, k, 9, 15, .1, .1, 0, 0, 0, 0, 1e9, 2, 0, 0", "gravity"},
		{mobi, "1, A, 0, k, 9, 15, .1, .1, 0, 0, 0, 0, 2, 0, 0", "fields"},
		{mobi, ", A, 0, k, 9, 15, .1, .1, 0, 0, 0, 0, 9, 2, 0, 0", "UserId"},
		{games, "1,5,5,HELD,9,9,10,1", "FINGER"},
		{games, "1,5,5,HERE,9,9,0,1", "BTN_TOUCH"},
		{games, "1,5,5,HELD,9,9,0,1\n0.9,5,5,HELD,9,9,0,1", "before the finger's last row"},
		{games, "1,-3,5,HELD,9,9,0,1", "outside"},
		{games, "1,5,5,HELD,9,9,0", "fields"},
	} {
		set, files := c.make(c.rows + "\n")
		_, err := read(t, set, folder(t, files), dataset.Options{})
		var row *dataset.RowError
		if !errors.As(err, &row) || !strings.Contains(row.What, c.says) {
			t.Errorf("%q: the error is %v; want a row's that says %q", c.rows, err, c.says)
		}
	}
	_, err := read(t, dataset.MobiKey, folder(t, map[string]string{
		"a/Keystrokes.csv": mobiKeyHead + "1, A, 0, k, 9, 15, .1, .1, 0, 0, 0, 0, 9, 2, 0, 0\n",
		"b/Keystrokes.csv": mobiKeyHead + "1, A, 0, k, 9, 15, .1, .1, 0, 0, 0, 0, 9, 2, 0, 0\n",
	}), dataset.Options{})
	if !errors.Is(err, dataset.ErrMixed) {
		t.Errorf("the same user in two folders gives %v, want %v", err, dataset.ErrMixed)
	}
}

// TestGamesRepairsWhatTheRecorderWrote writes as the recorder does: a value that has not changed as it was two rows
// before, now and then a value of another finger, and no end of a contact but the last.
func TestGamesRepairsWhatTheRecorderWrote(t *testing.T) {
	var b strings.Builder
	b.WriteString(gamesHead)
	row := func(ms, x, y int, state string) {
		fmt.Fprintf(&b, "%.3f,%d,%d,%s,16,16,0,7\n", float64(ms)/1000, x, y, state)
	}
	row(1000, 100, 2000, "DOWN")
	row(1008, 110, 2010, "HELD")
	row(1016, 100, 2020, "HELD")  // x has not changed: it is still 110
	row(1024, 3500, 2030, "HELD") // another finger's x
	row(1032, 130, 2040, "HELD")
	row(1232, 2000, 300, "HELD") // the finger was lifted and came down elsewhere
	row(1240, 2010, 310, "HELD")
	row(1248, 2000, 300, "UP") // nothing has changed
	people, err := read(t, dataset.Games, folder(t, map[string]string{"mc_raw/Sub7MC.csv": b.String()}), dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(people) != 1 || people[0].ID != "7" || people[0].Device != "first phone" || people[0].Sessions[0].Name != "MC" {
		t.Fatalf("got %+v; want person 7 with the first phone and one session", people)
	}
	var got []string
	for _, e := range people[0].Sessions[0].Touches {
		got = append(got, fmt.Sprintf("%.0f %d %.0f %.0f", e.TimeMS, e.Kind, e.X*4096/360, e.Y*4096/640))
		if math.Abs(e.RadiusPX-12) > 1e-9 {
			t.Errorf("radius %g, want 12", e.RadiusPX)
		}
	}
	want := []string{
		"0 0 100 2000", "8 1 110 2010", "16 1 110 2020", "32 1 130 2040", "32 3 130 2040",
		"232 0 2000 300", "240 1 2010 310", "248 2 2010 310",
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("time, kind, x and y (-want +got):\n%s", diff)
	}
}

func TestTouchWindowsTakeMotionByTime(t *testing.T) {
	s := dataset.Session{}
	for i := range 10 {
		at := 200 * float64(i)
		s.Touches = append(s.Touches, event.Touch{TimeMS: at, Contact: i}, event.Touch{TimeMS: at + 80, Contact: i, Kind: event.TouchEnd})
		s.Motions = append(s.Motions, event.Motion{TimeMS: at + 40, Acceleration: [3]float64{float64(i), 0, 9}})
	}
	windows := s.TouchWindows(4, 2)
	if len(windows) != 3 {
		t.Fatalf("%d windows of ten strokes, want three", len(windows))
	}
	for i, w := range windows {
		if len(w.Motions) != len(w.Strokes) || w.Motions[0].Acceleration[0] != float64(4*i) {
			t.Errorf("window %d: %d strokes and motions %+v; want one reading a stroke, from the %dth on", i, len(w.Strokes), w.Motions, 4*i)
		}
	}
}
