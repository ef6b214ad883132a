package protocol_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/protocol"
)

// simpleTouch is a model whose embedding is the mean duration of a window's strokes in units of 5 ms.
func simpleTouch(seen map[string][]string) protocol.Model {
	m := simple(seen)
	m.Comparators[observation.Touch] = nearness{}
	m.EmbedTouch = func(w window.Touch) observation.Embedding {
		sum := 0.0
		for _, s := range w.Strokes {
			sum += s.EndMS - s.StartMS
		}
		return observation.Embedding{int8(min(127, sum/float64(len(w.Strokes))/5))}
	}
	return m
}

// mobiKeyPerson gives rows of taps of one duration, the sessions having so many taps.
func mobiKeyPerson(id string, dwellMS int, sessions ...int) string {
	var b strings.Builder
	for s, taps := range sessions {
		for i := range taps {
			fmt.Fprintf(&b, "%s, A, %d, k, %d, %d, 0.2, 0.25, 1, 2, 0, 5, 8, 2, 0, 0\n", id, s, 300*i, 300*i+dwellMS)
		}
	}
	return b.String()
}

const mobiKeyHead = "UserId, DeviceId, SessionId, Key, DownTime, UpTime, Pressure, FingerArea, RawX, RawY, gravityX, gravityY, gravityZ, Hands, PasswordType, Repetition\n"

// gamesPerson writes both games of a person whose taps have one duration; column names the kind of phone.
func gamesPerson(t *testing.T, dir, id, column string, dwellMS, snake, minecraft int) {
	t.Helper()
	for file, taps := range map[string]int{"snake_raw_data/Sub" + id + "Snake.csv": snake, "mc_raw/Sub" + id + "MC.csv": minecraft} {
		var b strings.Builder
		fmt.Fprintf(&b, "Timestamp,X,Y,BTN_TOUCH,%[1]s_MAJOR,%[1]s_MINOR,FINGER,CLASS\n", column)
		for i := range taps {
			at := 300 * i
			fmt.Fprintf(&b, "%g,100,%d,DOWN,9,9,0,1\n%g,101,%d,UP,9,9,0,1\n", float64(at)/1000, i, float64(at+dwellMS)/1000, i+1)
		}
		write(t, filepath.Join(dir, file), b.String())
	}
}

func TestTouchComparesTasksAndDevicesByThemselves(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "mobikey", "a", "Keystrokes.csv"), mobiKeyHead+
		mobiKeyPerson("1", 50, 40, 60, 20)+mobiKeyPerson("2", 100, 20, 60)+mobiKeyPerson("3", 150, 100)) // the third has one session
	games := filepath.Join(dir, "games")
	gamesPerson(t, games, "1", "TOUCH", 50, 80, 80)
	gamesPerson(t, games, "2", "TOUCH", 100, 80, 80)
	gamesPerson(t, games, "3", "WIDTH", 50, 80, 80) // the same taps as the first, on the other phone
	gamesPerson(t, games, "4", "WIDTH", 100, 80, 5) // too little of the second game
	r, err := measure(t, "touch", dir, simpleTouch(nil))
	if err != nil {
		t.Fatal(err)
	}
	// Mobikey, twice: 1 verifies with one window, 2 with three, and each meets the other's. Snake: four people verify with two
	// windows each, in pairs. Minecraft and the other game: two people of the first phone.
	want := protocol.Comparisons{Mated: 4 + 4 + 8 + 4 + 8, NonMated: 4 + 4 + 8 + 4 + 8}
	if r.Subjects != 6 || r.Comparisons != want {
		t.Errorf("%d subjects and %+v, want 6 and %+v", r.Subjects, r.Comparisons, want)
	}
	for _, name := range []string{"mobikey", "mobikey_same_tablet", "snake", "minecraft", "other_game"} {
		for _, metric := range []string{"eer_subject_mean_n1", "eer_global_n1"} {
			if got, ok := r.Metrics[name+"."+metric]; !ok || got != 0 {
				t.Errorf("%s.%s is %g (there: %v), want 0", name, metric, got, ok)
			}
		}
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "for mobikey, 1 of 3 people are left out") || !strings.Contains(notes, "for minecraft, 2 of 4") {
		t.Errorf("the notes are\n%s\nwant a word about those left out", notes)
	}
	if r.Headline != "mobikey.eer_subject_mean_n1" {
		t.Errorf("the headline is %q", r.Headline)
	}
}

func TestTouchNeedsAComparatorAndAtLeastOneSet(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a", "Keystrokes.csv"), mobiKeyHead+mobiKeyPerson("1", 50, 40, 60)+mobiKeyPerson("2", 100, 20, 60))
	if _, err := measure(t, "touch", dir, simple(nil)); !errors.Is(err, protocol.ErrModel) {
		t.Errorf("weights without touch give %v, want %v", err, protocol.ErrModel)
	}
	r, err := measure(t, "touch", dir, simpleTouch(nil))
	if err != nil || r.Subjects != 2 || !strings.Contains(strings.Join(r.Notes, "\n"), "passed over") {
		t.Errorf("one set alone gives %+v and %v; want two subjects and a word about the other set", r, err)
	}
	if _, err := measure(t, "touch", dir, simpleTouch(map[string][]string{"mobikey": {"1"}})); !errors.Is(err, protocol.ErrTooFew) {
		t.Errorf("one unseen person gives %v, want %v", err, protocol.ErrTooFew)
	}
}
