package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/redteam"
)

// deskAtServer is a desk at a real server, with its visitor signed in.
func deskAtServer(t *testing.T, attackFor time.Duration) (*Desk, *visitor) {
	t.Helper()
	var desk *Desk
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { desk.Handler().ServeHTTP(w, r) }))
	t.Cleanup(front.Close)
	server, err := app.Start(t.Context(), app.Options{
		Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", Show: &app.Show{Thresholds: Thresholds}, AcceptSimulated: true,
		WebhookURL: front.URL + WebhookPath, WebhookSecret: testSecret, Patience: time.Minute, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	desk, err = New(Options{Server: server.URL(), APIKey: server.APIKey(), WebhookSecret: testSecret, Logger: slog.New(slog.DiscardHandler), AttackFor: attackFor})
	if err != nil {
		t.Fatal(err)
	}
	_, _, v := open(t)
	v.base = front.URL
	v.signIn()
	return desk, v
}

func (v *visitor) post(path, body string) (int, string) {
	v.t.Helper()
	response, err := v.Post(v.base+path, "application/json", strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return response.StatusCode, string(raw)
}

func TestAnAttackLocksTheDeskWithItsReason(t *testing.T) {
	desk, _ := deskAtServer(t, 20*time.Second)
	seat := desk.seatOfSession(desk.anySession())
	webdriver, err := redteam.Choose(redteam.Attacks(), []string{"automation.webdriver"})
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := desk.under(t.Context(), seat, webdriver[0], materialOf(seat.employee, nil))
	if err != nil || outcome.Verdict != redteam.Caught || !slices.Contains(outcome.Reasons, policy.Automation) {
		t.Fatalf("%+v, %v; want it caught by %s", outcome, err, policy.Automation)
	}
	seat.mu.Lock()
	defer seat.mu.Unlock()
	if !seat.locked || !slices.Contains(seat.reasons, policy.Automation) || len(seat.attacked) != 0 {
		t.Errorf("locked %v for %v, %d sessions still stolen; want the desk locked with the reason, and none", seat.locked, seat.reasons, len(seat.attacked))
	}
}

// The webhook tells of an attacker's session too, and it belongs to the desk only while the attacker holds it.
func TestAStolenSessionBelongsToTheSeat(t *testing.T) {
	desk, _, v := open(t)
	v.signIn()
	seat := desk.seatOfSession("session-1")
	seat.stolen("session-9", true)
	send(t, v.base, "m1", time.Now(), high("session-9", time.Now().Add(time.Second)))
	if !seat.isLocked() {
		t.Error("the desk stays open though ipse says HIGH of the stolen session")
	}
	seat.stolen("session-9", false)
	if desk.seatOfSession("session-9") != nil {
		t.Error("the stolen session belongs to the seat after the attack")
	}
}

func TestAttackersOfThePanel(t *testing.T) {
	_, v := deskAtServer(t, 2*time.Second)
	if status, _ := v.post("/attackers/nobody", `{}`); status != 404 {
		t.Errorf("an unknown attacker gives %d, want 404", status)
	}
	for _, body := range []string{``, `[]`, `{"keys":[["a",0,1]]}`, `{"keys":[[5,0,1],[4,0,0]]}`, `{"keys":[[-1,0,1]]}`, `{"keys":[[1,9,1]]}`, `{"keys":[[1,0.5,1]]}`, `{"keys":[[1,0,2]]}`,
		`{"keys":[[1e300,0,1]]}`, `{"keys":[` + strings.Repeat(`[1,0,1],`, mostTyped) + `[1,0,1]]}`} {
		if status, _ := v.post("/attackers/replay", body); status != 400 {
			t.Errorf("%.40s gives %d, want 400", body, status)
		}
	}
	if status, body := v.post("/attackers/replay", `{"keys":[[1,0,1],[90,0,0]]}`); status != 200 || !strings.Contains(body, `"needs"`) || !strings.Contains(body, `119`) {
		t.Errorf("a replay of one key gives %d %s, want that 119 more are needed", status, body)
	}
	for _, a := range attackers {
		made, err := played(a)
		if err != nil {
			t.Errorf("%s: %v", a.ID, err)
			continue
		}
		m := materialOf(employees[0], typedKeys(200))
		if s := made.Make(redteam.Random(1, a.ID), m, redteam.Length{Strokes: 100, DurationMS: 20_000}); s.Empty() {
			t.Errorf("%s makes nothing", a.ID)
		}
	}
	// One that is over at once goes the whole way.
	if status, body := v.post("/attackers/injector", `{}`); status != 200 || !strings.Contains(body, `"windows":`) || strings.Contains(body, "not_made") {
		t.Errorf("the injector gives %d %s, want its outcome", status, body)
	}
}

// typedKeys is what a page remembers of somebody who typed so many keys.
func typedKeys(n int) []event.Key {
	var out []event.Key
	for i := range n {
		at := 170*float64(i) + float64(i%7)*11
		out = append(out, event.Key{TimeMS: at, Class: event.Class(i % 2), Down: true, Trusted: true},
			event.Key{TimeMS: at + 80 + float64(i%5)*6, Class: event.Class(i % 2), Trusted: true})
	}
	return out
}

// What a visitor typed, and ipse saw, is known when it comes again.
func TestWhatWasTypedIsKnownWhenItComesAgain(t *testing.T) {
	desk, v := deskAtServer(t, 45*time.Second)
	seat := desk.seatOfSession(desk.anySession())
	typed := redteam.Generated(5).Seen.Keys
	typed = typed[:min(len(typed), 700)]
	reporter := desk.ipse.Reporter(seat.opened)
	hello, err := reporter.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := device.NewCollector(device.Options{
		Models: hello.Models, OriginUnixMS: time.Now().Add(-time.Duration(typed[len(typed)-1].TimeMS) * time.Millisecond).UnixMilli(),
	})
	reporter.Add(c.Play(typed, nil)...)
	if _, err := reporter.Report(t.Context()); err != nil {
		t.Fatal(err)
	}
	var body strings.Builder
	for i, k := range typed {
		down := 0
		if k.Down {
			down = 1
		}
		if i > 0 {
			body.WriteString(",")
		}
		fmt.Fprintf(&body, "[%.1f,%d,%d]", k.TimeMS, k.Class, down)
	}
	status, answer := v.post("/attackers/replay", `{"keys":[`+body.String()+`]}`)
	if status != 200 || !strings.Contains(answer, string(policy.Replayed)) || !seat.isLocked() {
		t.Errorf("a replay gives %d %s and a desk that is locked: %v; want it caught as %s", status, answer, seat.isLocked(), policy.Replayed)
	}
}
