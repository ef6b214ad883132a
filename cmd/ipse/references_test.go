package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"ipse.dev/ipse/internal/client"
)

func TestReferencesAreListedWithWhatToDo(t *testing.T) {
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	err := listReferences(&out, client.Subject{References: []client.Reference{
		{Modality: "keyboard", DeviceClass: "desktop", Model: "rhythm-2", Maturity: 1, Mature: true, Version: 80, ExpectedErrorShare: 0.059, DriftedAt: &at, Kept: []client.Kept{{Version: 16, At: at}}},
		{Modality: "pointer", DeviceClass: "desktop", Model: "glide-2", Place: 1, Mixed: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"5.9 %", "16 of 2026-11-20T08:00:00Z", "roll back or accept", "enrol again"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the list lacks %q:\n%s", want, out.String())
		}
	}
}

func TestReferencesCommandsAreParsed(t *testing.T) {
	key := t.TempDir() + "/api-key"
	if err := os.WriteFile(key, []byte("ipse_x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		ok   bool
	}{
		"back to a moment":        {[]string{"roll-back", "p", "--to=2026-11-20T08:00:00Z", "--modality=keyboard", "--api-key-file=" + key}, true},
		"back to nowhere":         {[]string{"roll-back", "p", "--api-key-file=" + key}, false},
		"back to a word":          {[]string{"roll-back", "p", "--to=yesterday", "--api-key-file=" + key}, false},
		"an unknown modality":     {[]string{"accept", "p", "--modality=voice", "--api-key-file=" + key}, false},
		"accept":                  {[]string{"accept", "p", "--api-key-file=" + key}, true},
		"enrol again on a tablet": {[]string{"enrol-again", "p", "--device-class=tablet", "--api-key-file=" + key}, true},
		"show without a subject":  {[]string{"show", "--api-key-file=" + key}, false},
		"show without a key":      {[]string{"show", "p"}, false},
	} {
		var all cli
		parser, err := kong.New(&all, kong.Name("ipse"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = parser.Parse(append([]string{"references"}, c.args...))
		if (err == nil) != c.ok {
			t.Errorf("%s: got %v, want it taken: %t", name, err, c.ok)
		}
	}
}

// TestReferencesOfNoServer tells apart what the caller can do something about.
func TestReferencesOfNoServer(t *testing.T) {
	key := t.TempDir() + "/api-key"
	if err := os.WriteFile(key, []byte("ipse_x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := atServer{Subject: "p", Server: "http://127.0.0.1:1", APIKeyFile: key}
	err := (&referencesShow{s}).Run(t.Context())
	var refused *client.Problem
	if err == nil || errors.As(err, &refused) || !strings.Contains(err.Error(), "reach the server") {
		t.Errorf("got %v, want an error that says that the server cannot be reached", err)
	}
}
