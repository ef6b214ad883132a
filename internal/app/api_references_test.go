package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
)

// typesThrough reports so many windows of somebody through the API.
func (d *running) typesThrough(b *bench, p typist, s OpenedSession, windows int) {
	d.t.Helper()
	for range windows {
		b.sequence++
		o := observed(b.sequence)
		o.Model, o.Embedding, o.Events, o.StartMS = b.model, p.window(), 30, o.StartMS+b.sequence
		if got := d.report(s.CollectorToken, o); got.status != 200 {
			d.t.Fatalf("window %d: got %d %s, want 200", b.sequence, got.status, got.body)
		}
	}
}

func (d *running) audited() string {
	d.t.Helper()
	raw, err := os.ReadFile(filepath.Join(d.data, auditFile))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(raw)
}

// TestReferencesAreRolledBackThroughTheAPI learns, rolls back, enrols again and erases, across a restart.
func TestReferencesAreRolledBackThroughTheAPI(t *testing.T) {
	b := newBench(t)
	data := filepath.Join(t.TempDir(), "data")
	withAssessor := func(o *Options) { o.assessor = b.a }
	d := startRunningOn(t, data, withAssessor)
	s := d.open("someone")
	p := b.typist(1)
	d.typesThrough(b, p, s, enrol.KeyboardMature+20)
	path := "/v1/subjects/" + s.Subject
	v := want[SubjectView](t, d.send("GET", path, d.key, nil), 200)
	if len(v.References) != 1 || len(v.References[0].Kept) != 1 || v.References[0].Kept[0].Version != enrol.KeyboardMature || v.References[0].Version <= enrol.KeyboardMature {
		t.Fatalf("got %+v, want one reference that has learnt on from the kept version %d", v, enrol.KeyboardMature)
	}
	if share := v.References[0].ExpectedErrorShare; !(share > 0 && share < 0.5) {
		t.Errorf("the error to expect is %g, want a share below 0.5", share)
	}
	if got := d.view(s.Session).References; len(got) != 1 || got[0].ExpectedErrorShare == 0 {
		t.Errorf("the session tells %+v, want the error to expect", got)
	}
	want[SubjectView](t, d.send("POST", path+"/references/roll-back", d.key, RollBack{To: time.Now(), Correction: Correction{Modality: observation.Pointer}}), 200)
	if got := want[SubjectView](t, d.send("GET", path, d.key, nil), 200); got.References[0].Version != v.References[0].Version {
		t.Errorf("rolling the pointer back took the keyboard to version %d", got.References[0].Version)
	}
	back := want[SubjectView](t, d.send("POST", path+"/references/roll-back", d.key, RollBack{To: time.Now()}), 200)
	if back.References[0].Version != enrol.KeyboardMature || !back.References[0].Mature {
		t.Errorf("rolled back: %+v, want the kept version %d", back.References[0], enrol.KeyboardMature)
	}
	d.stop()
	d = startRunningOn(t, data, withAssessor)
	if got := want[SubjectView](t, d.send("GET", path, d.key, nil), 200); got.References[0].Version != enrol.KeyboardMature {
		t.Errorf("after a restart it is at version %d, want it rolled back", got.References[0].Version)
	}
	want[SubjectView](t, d.send("POST", path+"/references/accept", d.key, nil), 200)
	if p := wantProblem(t, "rolling back to no moment", d.send("POST", path+"/references/roll-back", d.key, Correction{}), problem.MissingField); p.Field != "to" || p.Detail != `the field "to" is missing` {
		t.Errorf("got %+v, want the field that is missing", p)
	}
	if p := wantProblem(t, "rolling back without a body", d.send("POST", path+"/references/roll-back", d.key, nil), problem.MalformedJSON); !strings.HasPrefix(p.Detail, "the body is missing") {
		t.Errorf("got %q, want that the body is missing", p.Detail)
	}
	if got := want[SubjectView](t, d.send("POST", path+"/references/enrol-again", d.key, Correction{}), 200); got.References[0].Version != 0 || got.References[0].Mature {
		t.Errorf("enrolled again: %+v, want nothing learnt", got.References[0])
	}
	log := d.audited()
	for _, action := range []string{"roll-back-references", "accept-references", "enrol-again-references"} {
		if !strings.Contains(log, action) {
			t.Errorf("the audit log lacks %s", action)
		}
	}
	if got := d.send("DELETE", path, d.key, nil); got.status != 204 {
		t.Fatalf("erasing: got %d %s, want 204", got.status, got.body)
	}
	wantProblem(t, "rolling an erased subject back", d.send("POST", path+"/references/roll-back", d.key, RollBack{To: time.Now()}), problem.SubjectUnknown)
	d.stop()
	for _, found := range holding(t, data, s.Subject) {
		t.Errorf("after the erasure %s", found)
	}
}

func TestADeclaredChangeNeedsAStrongSignIn(t *testing.T) {
	b := newBench(t)
	d := startRunning(t, func(o *Options) { o.assessor = b.a })
	s := d.open("someone")
	d.typesThrough(b, b.typist(1), s, enrol.KeyboardMature+2)
	path := "/v1/sessions/" + s.Session + "/reauthenticated"
	if p := wantProblem(t, "a password", d.send("POST", path, d.key, Reauthentication{Method: "password", Changed: "new_hardware"}), problem.MethodWeak); p.Field != "method" {
		t.Errorf("the refusal points at %q, want method", p.Field)
	}
	wantProblem(t, "another change", d.send("POST", path, d.key, Reauthentication{Method: "webauthn", Changed: "mood"}), problem.UnknownValue)
	wantProblem(t, "an unknown session", d.send("POST", "/v1/sessions/abc/reauthenticated", d.key, Reauthentication{Method: "webauthn", Changed: "injury"}), problem.SessionUnknown)
	want[SessionView](t, d.send("POST", path, d.key, Reauthentication{Method: "webauthn", Changed: "injury"}), 200)
	d.typesThrough(b, b.typist(2), s, enrol.KeyboardMature/2)
	v := d.view(s.Session)
	if v.RiskLevel != policy.Low || !slices.Contains(v.Reasons, policy.Relearning) {
		t.Errorf("while the change is learnt: %s for %v, want LOW for relearning", v.RiskLevel, v.Reasons)
	}
	refs := want[SubjectView](t, d.send("GET", "/v1/subjects/"+s.Subject, d.key, nil), 200).References
	if len(refs) != 2 || refs[1].Place != 1 || refs[1].Mature {
		t.Errorf("got %+v, want a young reference in a second place", refs)
	}
	if log := d.audited(); !strings.Contains(log, "declare-change") || !strings.Contains(log, "injury after webauthn") || strings.Contains(log, s.Subject) {
		t.Error("the audit log lacks the declaration, or holds the pseudonym")
	}
}
