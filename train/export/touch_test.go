package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/dataset"
)

func TestTouchesOfWindowsAreWrittenWithTheirPlainEmbeddings(t *testing.T) {
	var b strings.Builder
	b.WriteString("UserId, DeviceId, SessionId, Key, DownTime, UpTime, Pressure, FingerArea, RawX, RawY, gravityX, gravityY, gravityZ, Hands, PasswordType, Repetition\n")
	for id := range 10 {
		for i := range 45 { // two windows and five taps that are too few for a third
			fmt.Fprintf(&b, "%d, A, 0, k, %d, %d, 0.2, 0.25, 620, 960, 0, 5, 8, 2, 0, 0\n", id, 300*i, 300*i+90)
		}
	}
	data, out := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(data, "a"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "a", "Keystrokes.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(data, out, []string{dataset.MobiKey}, ""); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(out, "mobikey.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got index
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	windows := 0
	for _, p := range got.People {
		if len(p.Sessions) != 1 || fmt.Sprint(p.Sessions[0].Windows) != "[20 20]" {
			t.Errorf("person %s has the sessions %+v, want one of two windows of 20", p.ID, p.Sessions)
		}
		windows += 2
	}
	const columns = 27
	dimensions, _ := embed.Dimension(observation.Touch, embed.Model)
	for file, want := range map[string]int{"mobikey.touched": windows * 20 * columns * 8, "mobikey.plain": windows * dimensions} {
		content, err := os.ReadFile(filepath.Join(out, file))
		if err != nil || len(content) != want || want == 0 {
			t.Errorf("%s holds %d bytes (%v), want %d", file, len(content), err, want)
		}
	}
}
