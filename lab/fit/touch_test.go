package fit

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"ipse.dev/ipse/lab/dataset"
)

func TestTouchStandardsComeFromBackgroundPeople(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("UserId, DeviceId, SessionId, Key, DownTime, UpTime, Pressure, FingerArea, RawX, RawY, gravityX, gravityY, gravityZ, Hands, PasswordType, Repetition\n")
	for id := range 40 {
		dwellMS := 100
		if RoleOf(dataset.MobiKey, fmt.Sprint(id)) != Background {
			dwellMS = 400
		}
		for i := range 60 {
			fmt.Fprintf(&b, "%d, A, 0, k, %d, %d, 0.2, 0.25, 1, 2, 0, 5, 8, 2, 0, 0\n", id, 900*i, 900*i+dwellMS)
		}
	}
	write(t, filepath.Join(dir, "a", "Keystrokes.csv"), b.String())
	var log strings.Builder
	standards, err := TouchStandards(Options{Dir: dir, Sources: []Source{{Set: dataset.MobiKey}}, Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range standards {
		if s.Name == "tap_duration" && math.Abs(s.Mean-math.Log(110)) > 0.01 {
			t.Errorf("taps usually last %.0f ms, want 100: those of background people", math.Exp(s.Mean)-10)
		}
	}
	if len(standards) < 40 {
		t.Errorf("%d standards, want one for each statistic", len(standards))
	}
}
