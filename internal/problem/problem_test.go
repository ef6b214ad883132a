package problem

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestEveryNameHasAStatusAndATitle(t *testing.T) {
	for _, n := range Names() {
		if n.Status() < 400 || n.Status() > 599 {
			t.Errorf("%s: status %d, want an error's", n, n.Status())
		}
		if n.Title() == "" || strings.ContainsAny(string(n), " _ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			t.Errorf("%s: title %q; want a title and a lower-case name with hyphens", n, n.Title())
		}
	}
}

func TestWrite(t *testing.T) {
	through := int64(41)
	p := New(SequencePast, "sequence 40 is not above 41").At("observations[0].sequence")
	p.AcceptedThrough, p.RetryAfter = &through, 1500*time.Millisecond
	rec := httptest.NewRecorder()
	Write(rec, p)
	if rec.Code != 409 || rec.Header().Get("Retry-After") != "2" || rec.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %v; want 409, Retry-After 2 and application/problem+json", rec.Code, rec.Header())
	}
	var got map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"type": "urn:ipse:problem:sequence-from-the-past", "title": SequencePast.Title(), "status": 409.0,
		"detail": "sequence 40 is not above 41", "field": "observations[0].sequence", "acceptedThrough": 41.0}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: got %v, want %v", k, got[k], v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got members %v, want %v", got, want)
	}
}

func TestUnauthorisedNamesTheScheme(t *testing.T) {
	rec := httptest.NewRecorder()
	Write(rec, New(TokenMissing, "send a token"))
	if got := rec.Header().Get("WWW-Authenticate"); got != "Bearer" {
		t.Errorf("WWW-Authenticate %q, want Bearer", got)
	}
}
