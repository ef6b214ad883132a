package app

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/trust"
)

func TestAnApplicationTellsOfContexts(t *testing.T) {
	d := startRunning(t, func(o *Options) { o.assessor = newAssessor(t) })
	s := d.open("someone")
	path := "/v1/sessions/" + s.Session + "/context"
	before := d.view(s.Session).Trust
	for _, kind := range trust.Contexts {
		v := want[SessionView](t, d.send("POST", path, d.key, Happening{Kind: kind}), 200)
		if v.Trust >= before || v.RiskLevel != policy.Low || v.Answer != policy.CannotTell {
			t.Errorf("%s: %+v after a trust of %g; want less trust and nothing decided", kind, v, before)
		}
		before = v.Trust
	}
	var events []string
	for _, p := range want[SessionPath](t, d.send("GET", "/v1/sessions/"+s.Session+"/path", d.key, nil), 200).Points {
		events = append(events, p.Event)
	}
	if !slices.Equal(events, []string{"unlock", "new_address", "remote_desktop", "virtual_machine"}) {
		t.Errorf("the path tells of %v, want the four in order", events)
	}
	for name, c := range map[string]struct {
		path, key string
		body      any
		want      problem.Name
	}{
		"another kind":       {path, d.key, `{"kind":"typed_much"}`, problem.UnknownValue},
		"no kind":            {path, d.key, `{}`, problem.MissingField},
		"a kind of no text":  {path, d.key, `{"kind":7}`, problem.WrongType},
		"more than a kind":   {path, d.key, `{"kind":"unlock","at":"noon"}`, problem.UnknownField},
		"no JSON":            {path, d.key, `unlock`, problem.MalformedJSON},
		"an unknown session": {"/v1/sessions/nobody/context", d.key, Happening{Kind: trust.Unlock}, problem.SessionUnknown},
		"no key":             {path, "", Happening{Kind: trust.Unlock}, problem.TokenMissing},
		"another key":        {path, s.CollectorToken, Happening{Kind: trust.Unlock}, problem.KeyInvalid},
	} {
		wantProblem(t, name, d.send("POST", c.path, c.key, c.body), c.want)
	}
	wantProblem(t, "an unknown session's path", d.send("GET", "/v1/sessions/nobody/path", d.key, nil), problem.SessionUnknown)
	wantProblem(t, "a path without a key", d.send("GET", "/v1/sessions/"+s.Session+"/path", "", nil), problem.TokenMissing)
	if got := d.send("DELETE", "/v1/sessions/"+s.Session, d.key, nil); got.status != 204 {
		t.Fatalf("closing: %d", got.status)
	}
	wantProblem(t, "a closed session", d.send("POST", path, d.key, Happening{Kind: trust.Unlock}), problem.SessionClosed)
}

// Contexts go through the stream: a server that is stopped at once has them afterwards, each of them once.
func TestContextsSurviveAStop(t *testing.T) {
	options := func(o *Options) { o.assessor = newAssessor(t) }
	d := startRunning(t, options)
	s := d.open("someone")
	for range 3 {
		want[SessionView](t, d.send("POST", "/v1/sessions/"+s.Session+"/context", d.key, Happening{Kind: trust.Unlock}), 200)
	}
	read := func() (p SessionPath) {
		return want[SessionPath](t, d.send("GET", "/v1/sessions/"+s.Session+"/path", d.key, nil), 200)
	}
	before, standing := read(), d.view(s.Session)
	d.stop()
	d = startRunningOn(t, d.data, options)
	if diff := cmp.Diff(before, read()) + cmp.Diff(standing, d.view(s.Session)); diff != "" || len(before.Points) != 3 {
		t.Errorf("%d points; (-before the stop +after):\n%s", len(before.Points), diff)
	}
}

// A full path is some tens of kilobytes, which is what a session's row and an answer may hold.
func TestAFullPathIsSmall(t *testing.T) {
	x := -12.3456
	s := Session{}
	for range PathPoints {
		s.Path = append(s.Path, Point{
			AtMS: 1 << 41, Trust: 0.12345678901234567, Level: policy.Medium, Modality: "keyboard", Score: rounded(x), Counted: rounded(x / 3),
			Reasons: []policy.ReasonCode{policy.ModelUnknown},
		})
	}
	raw, err := json.Marshal(s)
	if err != nil || len(raw) > 48<<10 {
		t.Errorf("a full path takes %d bytes, %v; want at most 48 KiB", len(raw), err)
	}
}
