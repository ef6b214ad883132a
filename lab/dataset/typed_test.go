package dataset_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/lab/dataset"
)

func TestReadAaltoTyped(t *testing.T) {
	row := func(section, press, release, letter, keyCode string) string {
		return "7\t" + section + "\tSay It!\tsay it!\t1\t" + press + "\t" + release + "\t" + letter + "\t" + keyCode + "\n"
	}
	files := map[string]string{"7_keystrokes.txt": aaltoHead +
		row("2", "9000", "9050", "b", "66") +
		row("1", "100", "180", "SHIFT", "16") + row("1", "150", "200", "A", "65") + row("1", "210", "260", "", "66") +
		row("1", "300", "350", " ", "32") + row("1", "400", "450", "BKSP", "8") + row("1", "500", "550", "?", "191") +
		row("1", "600", "650", "", "188") + row("1", "700", "750", "!", "49") + row("1", "800", "850", "", "97") + row("1", "900", "950", "", "255")}
	dir := folder(t, files)
	var got []dataset.TypedPerson
	if err := dataset.ReadAaltoTyped(dir, dataset.Options{}, func(p dataset.TypedPerson) error {
		got = append(got, p)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || len(got[0].Sessions) != 2 || got[0].ID != "7" || got[0].Sessions[0].Prompt != "Say It!" {
		t.Fatalf("read %+v, want person 7 with two sentences, the first prompted with %q", got, "Say It!")
	}
	var typed []rune
	for i, k := range got[0].Sessions[0].Keys {
		if k.Down {
			typed = append(typed, got[0].Sessions[0].Typed[i])
		} else if r := got[0].Sessions[0].Typed[i]; r != 0 {
			t.Errorf("a release wrote %q, want nothing", r)
		}
	}
	if want := "\x00ab \b?,!1\x00"; string(typed) != want {
		t.Errorf("typed %q, want %q", string(typed), want)
	}
	people, err := read(t, dataset.Aalto, dir, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range people[0].Sessions {
		if diff := cmp.Diff(s.Keys, got[0].Sessions[i].Keys); diff != "" {
			t.Errorf("keys of sentence %d (-as read without text +with):\n%s", i, diff)
		}
	}
}

func TestReadAaltoTypedStops(t *testing.T) {
	stop := errors.New("enough")
	dir := folder(t, map[string]string{"7_keystrokes.txt": aaltoHead + "7\t1\ts\ts\t1\t100\t150\ta\t65\n"})
	if err := dataset.ReadAaltoTyped(dir, dataset.Options{}, func(dataset.TypedPerson) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v, want the caller's error", err)
	}
	if err := dataset.ReadAaltoTyped(t.TempDir(), dataset.Options{}, nil); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("an empty folder: %v, want %v", err, dataset.ErrNotFound)
	}
	var malformed *dataset.RowError
	dir = folder(t, map[string]string{"7_keystrokes.txt": aaltoHead + "7\t1\ts\n"})
	if err := dataset.ReadAaltoTyped(dir, dataset.Options{}, nil); !errors.As(err, &malformed) {
		t.Errorf("a short row: %v, want a row error", err)
	}
}
