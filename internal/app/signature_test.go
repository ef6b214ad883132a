package app

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/signature"
)

// reportSigned sends a report that is signed by a key.
func (d *running) reportSigned(s *signature.Signer, token string, observations ...observation.Observation) answer {
	d.t.Helper()
	body, err := json.Marshal(map[string]any{"sentAtMS": time.Now().UnixMilli(), "observations": append([]observation.Observation{}, observations...)})
	if err != nil {
		d.t.Fatal(err)
	}
	header, err := s.Sign(token, body, time.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	return d.send("POST", "/v1/observations", token, string(body), signature.Header, header)
}

func makeSigner(t *testing.T) *signature.Signer {
	t.Helper()
	s, err := signature.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A stolen token cannot be continued, also after the server has been started again, until the user has signed in again.
func TestAStolenTokenCannotBeContinued(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	d := startRunningOn(t, data, nil)
	own, thief := makeSigner(t), makeSigner(t)
	opened := d.open("agent-17")
	want[struct{}](t, d.reportSigned(own, opened.CollectorToken, observed(1)), 200)
	wantProblem(t, "the thief", d.reportSigned(thief, opened.CollectorToken, observed(2)), problem.SignerOther)
	wantProblem(t, "unsigned", d.report(opened.CollectorToken, observed(2)), problem.SignatureMissing)
	metrics := string(d.send("GET", "/metrics", "", nil).body)
	for _, line := range []string{
		`ipse_requests_refused_total{problem="signed-by-another-key"} 1`, `ipse_requests_refused_total{problem="signature-missing"} 1`,
		`ipse_reports_accepted_total{signed="true"} 1`,
	} {
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics do not say %s", line)
		}
	}
	d.stop()

	d = startRunningOn(t, data, nil)
	wantProblem(t, "the thief after a restart", d.reportSigned(thief, opened.CollectorToken, observed(2)), problem.SignerOther)
	wantProblem(t, "unsigned after a restart", d.report(opened.CollectorToken, observed(2)), problem.SignatureMissing)
	want[struct{}](t, d.reportSigned(own, opened.CollectorToken, observed(2)), 200)
	want[struct{}](t, d.send("POST", "/v1/sessions/"+opened.Session+"/reauthenticated", d.key, `{"method":"webauthn"}`), 200)
	cleared := makeSigner(t)
	want[struct{}](t, d.reportSigned(cleared, opened.CollectorToken, observed(3)), 200)
	wantProblem(t, "the key from before the sign-in", d.reportSigned(own, opened.CollectorToken, observed(4)), problem.SignerOther)
}

func TestRequireSignatures(t *testing.T) {
	d := startRunning(t, func(o *Options) { o.RequireSignatures = true })
	token := d.open("agent-17").CollectorToken
	wantProblem(t, "unsigned", d.report(token), problem.SignatureMissing)
	want[struct{}](t, d.reportSigned(makeSigner(t), token, observed(1)), 200)
}

func TestAnotherTokenOfTheSameSession(t *testing.T) {
	d := startRunning(t, nil)
	opened, own := d.open("agent-17"), makeSigner(t)
	want[struct{}](t, d.reportSigned(own, opened.CollectorToken, observed(1)), 200)
	another := want[CollectorToken](t, d.send("POST", "/v1/sessions/"+opened.Session+"/collector-token", d.key, nil), 201)
	wantProblem(t, "another key with the new token", d.reportSigned(makeSigner(t), another.CollectorToken, observed(2)), problem.SignerOther)
	want[struct{}](t, d.reportSigned(own, another.CollectorToken, observed(2)), 200)
	want[struct{}](t, d.send("DELETE", "/v1/sessions/"+opened.Session, d.key, nil), 204)
	wantProblem(t, "a token of a closed session", d.send("POST", "/v1/sessions/"+opened.Session+"/collector-token", d.key, nil), problem.SessionClosed)
}
