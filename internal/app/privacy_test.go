package app

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/audit"
	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/review"
)

// holding lists the files below a folder that hold one of the needles. A running server puts files in place and takes them
// away: one that has gone holds nothing, and the others are looked at all the same.
func holding(t *testing.T, dir string, needles ...string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		for _, needle := range needles {
			if bytes.Contains(data, []byte(needle)) {
				files = append(files, path+" holds "+needle)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func spellings(id string) []string {
	return []string{id, base64.StdEncoding.EncodeToString([]byte(id)), base64.RawURLEncoding.EncodeToString([]byte(id)), hex.EncodeToString([]byte(id)), strings.ToUpper(id)}
}

// A user id goes in and is found nowhere: not in the log at its most talkative, not in a file of the data folder, not in
// an answer. With the keys it can be read again.
func TestUserIDIsFoundNowhere(t *testing.T) {
	d := startRunning(t, nil)
	const userID = "marked-user-Zx81qQ"
	s := d.open(userID)
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(1), alarming(2)), 200)
	var answers []string
	for _, a := range []answer{
		d.send("GET", "/v1/sessions/"+s.Session, d.key, nil),
		d.send("POST", "/v1/sessions/"+s.Session+"/reauthenticated", d.key, Reauthentication{Method: "password"}),
		d.send("GET", "/v1/subjects/"+s.Subject, d.key, nil),
		d.send("GET", "/v1/subjects/"+userID, d.key, nil),
		d.send("POST", "/v1/sessions", d.key, `{"userID":"`+userID+`","more":1}`),
		d.send("POST", "/v1/sessions", d.key, `{"userID":["`+userID+`"]}`),
		d.send("POST", "/v1/sessions", d.key, `{"userID":"`+userID),
		d.send("POST", "/v1/sessions", "wrong", OpenSession{UserID: userID}),
		d.send("GET", "/metrics", "", nil),
	} {
		answers = append(answers, string(a.body))
	}
	eventually(t, "the case", func() bool {
		rows, err := d.store.SessionCases(t.Context(), s.Session)
		return err == nil && len(rows) == 1
	})
	row, err := d.store.Subject(t.Context(), s.Subject)
	if err != nil {
		t.Fatal(err)
	}
	sealed := row.SealedID
	for range 2 { // while it runs, and after it stopped
		for _, needle := range spellings(userID) {
			if strings.Contains(d.log.String(), needle) || strings.Contains(strings.Join(answers, ""), needle) {
				t.Errorf("the log or an answer holds %s", needle)
			}
		}
		for _, found := range holding(t, d.data, spellings(userID)...) {
			t.Error(found)
		}
		d.stop()
	}
	for what, secret := range map[string]string{"pseudonym": s.Subject, "session": s.Session, "API key": d.key, "collector token": s.CollectorToken} {
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log holds a %s", what)
		}
	}
	for _, found := range holding(t, d.data, d.key) {
		if !strings.Contains(found, apiKeyFile) {
			t.Errorf("the API key lies outside its file: %s", found)
		}
	}
	keys, err := d.folder.openKeys()
	if err != nil {
		t.Fatal(err)
	}
	ids, err := newIdentities(keys)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ids.unseal(sealed, s.Subject); err != nil || got != userID {
		t.Errorf("unsealed %q, %v; want %s", got, err, userID)
	}
	if got, err := ids.unseal(sealed, "somebody else's pseudonym"); err == nil {
		t.Errorf("unsealed %q under another pseudonym, want an error", got)
	}
}

func TestPseudonymsDifferBetweenInstallations(t *testing.T) {
	a, errA := newIdentities(keys{Pseudonym: randomKey(), Sealing: randomKey()})
	b, errB := newIdentities(keys{Pseudonym: randomKey(), Sealing: randomKey()})
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	own, again := a.pseudonym("x"), a.pseudonym("x")
	if own != again || own == b.pseudonym("x") || own == a.pseudonym("y") {
		t.Error("want one pseudonym for each user id and installation")
	}
	if bytes.Equal(a.seal("x", "p"), a.seal("x", "p")) {
		t.Error("the same user id is sealed alike twice: who sees both knows that they are one")
	}
}

// Erased means gone: from every answer at once, and from every byte of the data folder, while the server runs on.
func TestErasure(t *testing.T) {
	d := startRunning(t, func(o *Options) { o.WebhookURL, o.WebhookSecret = "http://127.0.0.1:9/none", "secret" })
	s, other := d.open("erase-me"), d.open("keep-me")
	second := d.open("erase-me")
	for _, token := range []string{s.CollectorToken, second.CollectorToken, other.CollectorToken} {
		want[ingest.Reply](t, d.report(token, observed(1), alarming(2)), 200)
		want[ingest.Reply](t, d.report(token, observed(3)), 200)
	}
	sources := &pages{store: d.store, fold: d.fold, audit: d.audit, meter: newMetrics()}
	eventually(t, "three cases", func() bool {
		cases, err := sources.Cases(t.Context())
		return err == nil && len(cases) == 3
	})
	cases, err := sources.Cases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if err := sources.Decide(t.Context(), c.ID, review.Impostor, c.OpenedAt); err != nil {
			t.Fatal(err)
		}
	}
	if len(holding(t, d.data, s.Subject)) == 0 {
		t.Fatal("no file holds the pseudonym before the erasure: the test looks at the wrong place")
	}
	if got := d.send("DELETE", "/v1/subjects/"+s.Subject, d.key, nil); got.status != 204 {
		t.Fatalf("got %d %s, want 204", got.status, got.body)
	}
	wantProblem(t, "the subject", d.send("GET", "/v1/subjects/"+s.Subject, d.key, nil), problem.SubjectUnknown)
	wantProblem(t, "once more", d.send("DELETE", "/v1/subjects/"+s.Subject, d.key, nil), problem.SubjectUnknown)
	for _, gone := range []OpenedSession{s, second} {
		wantProblem(t, "its session", d.send("GET", "/v1/sessions/"+gone.Session, d.key, nil), problem.SessionUnknown)
		wantProblem(t, "its collector", d.report(gone.CollectorToken, observed(9)), problem.TokenInvalid)
	}
	erased := []string{s.Subject, s.Session, second.Session}
	// JetStream's own index of subjects is written anew when it stops; messages are gone at once.
	for _, found := range holding(t, d.data, erased...) {
		if !strings.Contains(found, "index.db") {
			t.Error("while the server runs: " + found)
		}
	}
	if v := d.view(other.Session); v.RiskLevel != "HIGH" || len(v.References) != 1 {
		t.Errorf("another subject's session: %+v, want it as it was", v)
	}
	if again := d.open("erase-me"); again.Subject != s.Subject || len(d.view(again.Session).References) != 0 {
		t.Errorf("after coming back: %+v, want the same pseudonym with nothing learnt", again)
	}
	d.stop()
	for _, found := range holding(t, d.data, s.Session, second.Session) {
		t.Error("after the server stopped: " + found)
	}
	raw, err := os.ReadFile(filepath.Join(d.data, auditFile))
	if err != nil {
		t.Fatal(err)
	}
	last, _, err := audit.Verify(bytes.NewReader(raw))
	if err != nil || last.Number != 4 || last.Action != "erase-subject" || bytes.Contains(raw, []byte(s.Subject)) {
		t.Errorf("the audit log ends with %+v, %v; want the erasure as the fourth entry, without the pseudonym", last, err)
	}
}

// An erasure that a crash interrupts is finished at the next start.
func TestErasureSurvivesACrash(t *testing.T) {
	d := startRunning(t, nil)
	s := d.open("erase-me")
	want[ingest.Reply](t, d.report(s.CollectorToken, observed(1)), 200)
	d.stop()

	// The request reaches the stream, and then nothing more happens.
	b, err := bus.Open(t.Context(), bus.Options{Dir: filepath.Join(d.data, streamDir), MaxBytes: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Publish(t.Context(), bus.Envelope{Kind: bus.Erased, Subject: s.Subject, Sessions: []string{s.Session}}); err != nil {
		t.Fatal(err)
	}
	b.Close()

	d = startRunningOn(t, d.data, nil)
	wantProblem(t, "the subject", d.send("GET", "/v1/subjects/"+s.Subject, d.key, nil), problem.SubjectUnknown)
	d.stop()
	for _, found := range holding(t, d.data, s.Subject, s.Session) {
		t.Error(found)
	}
}
