package ingest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/signature"
)

func newSigner(t testing.TB) *signature.Signer {
	t.Helper()
	s, err := signature.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func signed(t testing.TB, s *signature.Signer, token, body string) string {
	t.Helper()
	header, err := s.Sign(token, []byte(body), clock)
	if err != nil {
		t.Fatal(err)
	}
	return header
}

// refusalOf gives the name of the problem that was answered, "" for none.
func refusalOf(t *testing.T, status int, body string) problem.Name {
	t.Helper()
	var p problem.Problem
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	name := problem.Name(strings.TrimPrefix(p.Type, "urn:ipse:problem:"))
	if name != "" && (name.Status() != status || p.Detail == "") {
		t.Errorf("%s was answered with status %d and detail %q, want %d and what is wrong", name, status, p.Detail, name.Status())
	}
	return name
}

// TestASessionBelongsToTheKeyThatSignedFirst plays a collector and whoever has got hold of its token, in order.
func TestASessionBelongsToTheKeyThatSignedFirst(t *testing.T) {
	d := newDesk(t)
	own, thief := newSigner(t), newSigner(t)
	token, otherToken := d.token(t, "s"), d.token(t, "t")
	hello, one, two, three := encode(t, report()), encode(t, report(valid(1))), encode(t, report(valid(2))), encode(t, report(valid(3)))
	captured := signed(t, own, token, two)
	for _, step := range []struct {
		what, token, body string
		header            []string
		want              problem.Name
	}{
		{"an unsigned report, before any signed one", token, hello, nil, ""},
		{"the first signed report", token, one, []string{signed(t, own, token, one)}, ""},
		{"the next", token, two, []string{captured}, ""},
		{"the same request again, from anywhere", token, two, []string{captured}, problem.SignatureReplayed},
		{"an unsigned report", token, three, nil, problem.SignatureMissing},
		{"a report of another key", token, three, []string{signed(t, thief, token, three)}, problem.SignerOther},
		{"an empty report of another key", token, hello, []string{signed(t, thief, token, hello)}, problem.SignerOther},
		{"a captured signature on another body", token, three, []string{captured}, problem.SignatureInvalid},
		{"a signature for another session", token, three, []string{signed(t, own, otherToken, three)}, problem.SignatureInvalid},
		{"a swapped body", token, three, []string{signed(t, own, token, one)}, problem.SignatureInvalid},
		{"two signatures", token, three, []string{signed(t, own, token, three), captured}, problem.SignatureInvalid},
		{"no signature's form", token, three, []string{"v1.x"}, problem.SignatureInvalid},
		{"the other session, signed by another key", otherToken, one, []string{signed(t, thief, otherToken, one)}, ""},
		{"the session's own key, as if nothing had been", token, three, []string{signed(t, own, token, three)}, ""},
	} {
		before := len(d.queue)
		w := d.post(step.token, jsonMedia, step.body, step.header...)
		if got := refusalOf(t, w.Code, w.Body.String()); got != step.want {
			t.Errorf("%s: got %q (%d %s), want %q", step.what, got, w.Code, w.Body, step.want)
		}
		if step.want != "" && len(d.queue) != before {
			t.Errorf("%s: stored %+v, want nothing", step.what, d.queue[before:])
		}
	}
	if want := []problem.Name{problem.SignatureReplayed, problem.SignatureMissing, problem.SignerOther}; len(d.count.refused) != 9 ||
		d.count.refused[0] != want[0] || d.count.refused[1] != want[1] || d.count.refused[2] != want[2] {
		t.Errorf("counted the refusals %v, want all nine by name", d.count.refused)
	}
}

func TestAHelloBindsToo(t *testing.T) {
	d := newDesk(t)
	token, hello := d.token(t, "s"), encode(t, report())
	first := newSigner(t)
	if w := d.post(token, jsonMedia, hello, signed(t, first, token, hello)); w.Code != 200 {
		t.Fatalf("got %d %s, want 200", w.Code, w.Body)
	}
	if len(d.queue) != 1 || d.queue[0].Kind != bus.Bound || d.queue[0].Signer != first.Thumbprint() {
		t.Fatalf("the queue holds %+v, want that the session is bound to %s", d.queue, first.Thumbprint())
	}
	second := signed(t, first, token, hello)
	if w := d.post(token, jsonMedia, hello, second); w.Code != 200 || len(d.queue) != 1 {
		t.Errorf("the next hello: got %d %s and %d envelopes, want 200 and nothing more stored", w.Code, w.Body, len(d.queue))
	}
	if w := d.post(token, jsonMedia, hello, second); refusalOf(t, w.Code, w.Body.String()) != problem.SignatureReplayed {
		t.Errorf("a hello twice: got %d %s, want %s", w.Code, w.Body, problem.SignatureReplayed)
	}
	d.Gate = NewGate(d.backend, d.backend, func() time.Time { return d.now }) // a restart, before anything is folded
	w := d.post(token, jsonMedia, hello)
	if refusalOf(t, w.Code, w.Body.String()) != problem.SignatureMissing {
		t.Errorf("unsigned after a restart: got %d %s, want %s", w.Code, w.Body, problem.SignatureMissing)
	}
}

func TestSignInFreesTheSession(t *testing.T) {
	d := newDesk(t)
	token, hello := d.token(t, "s"), encode(t, report())
	first, cleared := newSigner(t), newSigner(t)
	post := func(s *signature.Signer) problem.Name {
		w := d.post(token, jsonMedia, hello, signed(t, s, token, hello))
		return refusalOf(t, w.Code, w.Body.String())
	}
	captured := signed(t, first, token, hello)
	if w := d.post(token, jsonMedia, hello, captured); w.Code != 200 {
		t.Fatalf("got %d %s, want 200", w.Code, w.Body)
	}
	if got := post(cleared); got != problem.SignerOther {
		t.Fatalf("another key: got %q, want %s", got, problem.SignerOther)
	}
	d.fail = errors.New("lost")
	if _, err := d.Gate.Reauthenticated(t.Context(), "s", "password", ""); err == nil {
		t.Fatal("a sign-in that could not be stored was acknowledged")
	}
	if got := post(cleared); got != problem.SignerOther {
		t.Errorf("another key after a sign-in that was not stored: got %q, want %s", got, problem.SignerOther)
	}
	if _, err := d.Gate.Reauthenticated(t.Context(), "s", "password", ""); err != nil {
		t.Fatal(err)
	}
	if w := d.post(token, jsonMedia, hello, captured); refusalOf(t, w.Code, w.Body.String()) != problem.SignatureReplayed {
		t.Errorf("an old report after a sign-in: got %d %s, want %s", w.Code, w.Body, problem.SignatureReplayed)
	}
	cleared.Above(clock.UnixMicro() + 1000)
	if got := post(cleared); got != "" {
		t.Errorf("another key after a sign-in: got %q, want it taken", got)
	}
	first.Above(clock.UnixMicro() + 2000)
	if got := post(first); got != problem.SignerOther {
		t.Errorf("the old key after the new one: got %q, want %s", got, problem.SignerOther)
	}
}

func TestAServerMayRequireSignatures(t *testing.T) {
	d := newDesk(t)
	d.Gate.RequireSignatures = true
	token, hello := d.token(t, "s"), encode(t, report())
	if w := d.post(token, jsonMedia, hello); refusalOf(t, w.Code, w.Body.String()) != problem.SignatureMissing {
		t.Errorf("unsigned: got %d %s, want %s", w.Code, w.Body, problem.SignatureMissing)
	}
	if w := d.post(token, jsonMedia, hello, signed(t, newSigner(t), token, hello)); w.Code != 200 {
		t.Errorf("signed: got %d %s, want 200", w.Code, w.Body)
	}
}

// A thief of the token who floods must not keep the session's own collector out.
func TestForeignReportsCostTheSessionNothing(t *testing.T) {
	d := newDesk(t)
	token, hello := d.token(t, "s"), encode(t, report())
	own, thief := newSigner(t), newSigner(t)
	if w := d.post(token, jsonMedia, hello, signed(t, own, token, hello)); w.Code != 200 {
		t.Fatalf("got %d %s, want 200", w.Code, w.Body)
	}
	for range 3 * reportsAtOnce {
		d.post(token, jsonMedia, hello, signed(t, thief, token, hello))
	}
	if w := d.post(token, jsonMedia, hello, signed(t, own, token, hello)); w.Code != 200 {
		t.Errorf("the session's own report after the flood: got %d %s, want 200", w.Code, w.Body)
	}
}

func TestAClockThatWasAheadIsToldWhereToGoOn(t *testing.T) {
	b := newBackend("s")
	g := NewGate(b, b, func() time.Time { return clock })
	accept := func(stamp int64) error {
		_, err := g.Accept(t.Context(), "s", Sender{Signer: "k", Stamp: stamp}, nil)
		return err
	}
	for _, stamp := range []int64{9_000_000, 8_999_999} { // one report may overtake another
		if err := accept(stamp); err != nil {
			t.Fatalf("stamp %d: %v", stamp, err)
		}
	}
	g = NewGate(b, b, func() time.Time { return clock })
	var p *problem.Problem
	if err := accept(5); !errors.As(err, &p) || p.Name != problem.SignatureReplayed || p.SignedThrough == nil || *p.SignedThrough != 9_000_000 {
		t.Fatalf("got %+v, want %s with signedThrough 9000000", err, problem.SignatureReplayed)
	}
	if err := accept(9_000_001); err != nil {
		t.Error(err)
	}
}

// TestNoStampIsAcceptedTwice holds in whatever order reports, lost acknowledgements and restarts come. A restart forgets
// the stamps of reports that stored nothing, up to the last that did.
func TestNoStampIsAcceptedTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBackend("s")
		g := NewGate(b, b, func() time.Time { return clock })
		accepted := map[int64]bool{}
		sequence := int64(0)
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				g = NewGate(b, b, func() time.Time { return clock })
				b.fold()
			case 1:
				b.fail, b.failLate = errors.New("lost"), rapid.Bool().Draw(t, "stored")
			default:
				stamp := rapid.Int64Range(1, 60).Draw(t, "stamp")
				sequence++
				_, err := g.Accept(t.Context(), "s", Sender{Signer: "k", Stamp: stamp}, numbered(sequence))
				if err == nil && accepted[stamp] {
					t.Fatalf("the stamp %d was accepted twice", stamp)
				}
				accepted[stamp] = accepted[stamp] || err == nil
			}
		}
	})
}

// FuzzSignedReport: no header makes the handler panic or lets a report in that was not signed by the session's key.
func FuzzSignedReport(f *testing.F) {
	own := newSigner(f)
	body := encode(f, report())
	f.Add("v1.1.AA.AA")
	f.Add(signed(f, own, "token", body))
	f.Fuzz(func(t *testing.T, header string) {
		d := newDesk(t)
		token := d.token(t, "s")
		if w := d.post(token, jsonMedia, body, signed(t, own, token, body)); w.Code != 200 {
			t.Fatalf("got %d %s, want 200", w.Code, w.Body)
		}
		if w := d.post(token, jsonMedia, body, header); w.Code != 401 && w.Code != 403 {
			t.Fatalf("the header %q: got %d %s, want 401 or 403", header, w.Code, w.Body)
		}
	})
}
