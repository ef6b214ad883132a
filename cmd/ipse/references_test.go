package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
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
		{Modality: "phrase", DeviceClass: "desktop", Model: "phrase-1", Phrase: 4711, Maturity: 0.5},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"5.9 %", "16 of 2026-11-20T08:00:00Z", "roll-back or accept", "enrol-again", "PHRASE", "4711"} {
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
		"show with the usual key": {[]string{"show", "p"}, true},
		"back to tomorrow":        {[]string{"roll-back", "p", "--to=" + time.Now().AddDate(0, 0, 1).Format(time.RFC3339)}, false},
		"back to a bare day":      {[]string{"roll-back", "p", "--to=2026-11-20"}, false},
		"an unknown device":       {[]string{"accept", "p", "--device-class=laptop"}, false},
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

// TestReferencesSayWhatWouldBeRight makes the mistakes of somebody who uses the command for the first time.
func TestReferencesSayWhatWouldBeRight(t *testing.T) {
	key, notKey := t.TempDir()+"/api-key", t.TempDir()+"/hosts"
	for path, text := range map[string]string{key: "ipse_x\n", notKey: "127.0.0.1 localhost\n::1 localhost\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refusing := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	for name, c := range map[string]struct {
		server, key, want string
		usage             bool
	}{
		"nobody listens":        {"http://127.0.0.1:1", key, "is the server running there? Name its address with --server", false},
		"an address bare":       {"127.0.0.1:7473", key, "want an address such as http://", true},
		"no such file":          {"http://127.0.0.1:1", key + "s", "with --api-key-file", true},
		"another file":          {"http://127.0.0.1:1", notKey, "holds no API key", true},
		"a user id":             {refusing(404, `{"type":"urn:ipse:problem:subject-unknown","title":"no","status":404}`), key, "want the pseudonym", false},
		"another server's key":  {refusing(401, `{"type":"urn:ipse:problem:api-key-invalid","title":"no","status":401}`), key, "of that server's own data folder", false},
		"another web server":    {refusing(404, "not here"), key, "not as ipse does", false},
		"what the server tells": {refusing(503, `{"type":"urn:ipse:problem:unavailable","title":"no","status":503,"detail":"try again later"}`), key, "references: try again later", false},
	} {
		s := ofSubject{atServer: atServer{Server: c.server, APIKeyFile: c.key}, Subject: "p"}
		err := (&referencesShow{s}).Run(t.Context())
		var usage errUsage
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.As(err, &usage) != c.usage {
			t.Errorf("%s: got %v (the caller's mistake: %t), want it to say %q (%t)", name, err, errors.As(err, &usage), c.want, c.usage)
		}
	}
}

func TestNothingLearntIsSaid(t *testing.T) {
	var out bytes.Buffer
	if err := listReferences(&out, client.Subject{}); err != nil || !strings.Contains(out.String(), "Nothing has been learnt") {
		t.Errorf("got %q, %v; want a sentence", out.String(), err)
	}
}
