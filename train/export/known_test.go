package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// balabit writes a Balabit folder of so many generated people with one training file and one test file of their own each.
func balabit(t *testing.T, people, training, test int) string {
	t.Helper()
	dir := t.TempDir()
	labels := "filename,is_illegal\n"
	for user := range people {
		for part, events := range map[string]int{"training_files": training, "test_files": test} {
			var b strings.Builder
			b.WriteString("record timestamp,client timestamp,button,state,x,y\n")
			for i := range events {
				fmt.Fprintf(&b, "0.0,%.2f,NoButton,Move,%d,0\n", 0.01*float64(i), i%200)
			}
			name := fmt.Sprintf("session_%d%d", user, len(part))
			labels += name + ",0\n"
			if err := os.MkdirAll(filepath.Join(dir, part, fmt.Sprintf("user%d", user)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, part, fmt.Sprintf("user%d", user), name), []byte(b.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "public_labels.csv"), []byte(labels), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestKnownPeopleAreWrittenByTheirTrainingFilesOnly(t *testing.T) {
	const people, training = 20, 300
	unseen := 0
	for user := range people {
		if fit.RoleOf(dataset.Balabit, fmt.Sprintf("user%d", user)) == fit.Unseen {
			unseen++
		}
	}
	if unseen == 0 {
		t.Fatal("nobody is kept unseen; the test needs some who are")
	}
	data := balabit(t, people, training, 170)
	for known, want := range map[string]int{"": people - unseen, dataset.Balabit: people} {
		out := t.TempDir()
		if err := run(data, out, []string{dataset.Balabit}, known); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(filepath.Join(out, "balabit.json"))
		if err != nil {
			t.Fatal(err)
		}
		var got index
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if len(got.People) != want {
			t.Errorf("known %q: %d people are written, want %d", known, len(got.People), want)
		}
		for _, p := range got.People {
			if len(p.Sessions) != 1 || p.Sessions[0].Pointers != training {
				t.Errorf("known %q: person %s has the sessions %+v, want the training file of %d events alone", known, p.ID, p.Sessions, training)
			}
			if known != "" && p.Role != "background" {
				t.Errorf("person %s is written as %q, want background: all of them train", p.ID, p.Role)
			}
		}
	}
}

func TestUnseenPeopleOfOtherSetsStayUnseen(t *testing.T) {
	err := run(typists(t, 3, 20), t.TempDir(), []string{dataset.BBMAS}, dataset.BBMAS)
	if err == nil || !strings.Contains(err.Error(), "stay unseen") {
		t.Errorf("the error is %v; want a refusal", err)
	}
}
