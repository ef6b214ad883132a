package dataset_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/lab/dataset"
)

// freihaut writes a folder of the set with this content.
func freihaut(t *testing.T, content string) string {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Long_Keyboard_Raw_Dataset.json.gz"), packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFreihautGivesOneSessionForEachTyping(t *testing.T) {
	dir := freihaut(t, `{
		"p10": {"a": {"grabbedData": {"time": 9, "typingData": {}}}, "b": true},
		"p2": {
			"about": {"Sociodemographics": {"age": 1}, "os": "win32"},
			"flag": true,
			"later": {"grabbedData": {"time": 900, "typingData": {"0": {"code": "KeyB", "key": "b", "eventType": "KeyDown", "time": 50}}}},
			"first": {"grabbedData": {"time": 100, "typingData": {
				"0": {"code": "ShiftLeft", "eventType": "KeyDown", "time": 1000},
				"1": {"code": "ShiftLeft", "eventType": "KeyDown", "time": 1500},
				"2": {"code": "KeyP", "eventType": "KeyDown", "time": 1530},
				"3": {"code": "KeyP", "eventType": "KeyUp", "time": 1590},
				"4": {"code": "ShiftLeft", "eventType": "KeyUp", "time": 1600},
				"5": {"code": "KeyP", "eventType": "Input", "time": 1601}}}}
		}}`)
	got, err := read(t, dataset.Freihaut, dir, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []dataset.Person{{ID: "p2", Sessions: []dataset.Session{
		{Name: "1", StartMS: 100, Keys: []event.Key{press(0, event.Shift), repeat(500, event.Shift), press(530, event.RightLetter), release(590, event.RightLetter), release(600, event.Shift)}},
		{Name: "2", StartMS: 900, Keys: []event.Key{press(0, event.LeftLetter)}},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

func TestFreihautFilesThatCannotBeRead(t *testing.T) {
	plain := t.TempDir()
	if err := os.WriteFile(filepath.Join(plain, "Long_Keyboard_Raw_Dataset.json.gz"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"not gzipped": plain, "cut": freihaut(t, `{"p": {"a": `), "a list": freihaut(t, `[1]`)} {
		_, err := read(t, dataset.Freihaut, dir, dataset.Options{})
		if row := (*dataset.RowError)(nil); !errors.As(err, &row) {
			t.Errorf("%s: got %v, want a RowError", name, err)
		}
	}
	if _, err := read(t, dataset.Freihaut, t.TempDir(), dataset.Options{}); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("an empty folder: got %v, want ErrNotFound", err)
	}
	stop := errors.New("stop")
	err := dataset.Read(dataset.Freihaut, freihaut(t, `{"p": {"a": {"grabbedData": {"typingData": {"0": {"code": "KeyB", "eventType": "KeyDown", "time": 5}}}}}}`),
		dataset.Options{}, func(dataset.Person) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the caller's error", err)
	}
}
