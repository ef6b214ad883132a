package browser

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/redteam"
)

// patient suits a machine that tests other packages meanwhile.
var patient = waits{start: 2 * time.Minute, refused: usual.refused, answer: time.Minute, lastWord: time.Minute, erase: time.Minute}

// desk is a page that carries ipse, at a real server, and the server as the page's back end asks it.
func desk(t *testing.T) (*httptest.Server, *client.Client) {
	t.Helper()
	server, err := app.Start(t.Context(), app.Options{
		Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", AlertsPer1000PerDay: app.DefaultAlerts, Patience: 10 * time.Second, Logger: slog.New(slog.DiscardHandler),
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
	api := client.New(server.URL(), server.APIKey())
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "http://198.51.100.7/", http.StatusFound)
		case "/bare":
			fmt.Fprint(w, `<!doctype html><textarea></textarea>`)
		case "/asking":
			fmt.Fprint(w, `<!doctype html><img src="http://198.51.100.7/a.png"><p>no field</p>`)
		case "/":
			opened, err := api.Open(r.Context(), cmp.Or(r.URL.Query().Get("user"), "redteam-subject"), observation.Desktop)
			if err != nil {
				t.Error(err)
			}
			fmt.Fprintf(w, `<!doctype html><title>desk</title><textarea></textarea><script src="%s/sdk/ipse.js"></script>
				<script>ipse.start({ endpoint: %q, token: %q })</script>`, server.URL(), server.URL(), opened.CollectorToken)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(page.Close)
	return page, api
}

// attackOne makes one attack, for so long.
func attackOne(t *testing.T, p Page, name string) redteam.Outcome {
	t.Helper()
	chosen, err := Choose([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	p.Field, p.waits = "textarea", cmp.Or(p.waits, patient)
	out, err := p.Run(t.Context(), chosen)
	if err != nil || len(out) != 1 {
		t.Fatalf("%d outcomes, %v; want one", len(out), err)
	}
	return out[0]
}

func TestAPageIsAttackedAndItsRepliesAreRead(t *testing.T) {
	page, _ := desk(t)
	o := attackOne(t, Page{URL: page.URL, For: 4 * time.Minute, Seed: 3}, "page.dom-mixed")
	if o.Verdict != redteam.Caught || o.Level != policy.High || o.Windows < 1 || o.Keys < 30 || o.Seconds < 1 {
		t.Errorf("events of a script among a keyboard's: %+v; want it caught after a window", o)
	}
	silent := patient
	silent.lastWord = usual.lastWord // of what a script does alone nothing is told
	o = attackOne(t, Page{URL: page.URL, For: 4 * time.Second, Seed: 3, waits: silent}, "page.dom-events")
	if o.Verdict != redteam.Undecided || o.Windows != 0 || !o.AsWanted() {
		t.Errorf("events of a script alone: %+v; want nothing reported and nothing told", o)
	}
}

// A program that drives a page is found out for what it is, whichever way it goes about it, by a server that has never seen the
// subject before. How long that takes depends on the machine, and is not asked.
func TestAttacksOnAPageAreCaughtForTheRightReason(t *testing.T) {
	page, api := desk(t)
	for _, want := range []struct {
		attack string
		reason policy.ReasonCode
	}{
		{"page.webdriver", policy.Automation}, {"page.cdp-keys", policy.InjectedKeys},
		{"page.agent", policy.InjectedKeys}, {"page.cdp-pointer", policy.GeneratedPath},
	} {
		p := Page{URL: page.URL + "/?user=" + Subject, For: 4 * time.Minute, Seed: 3, API: api, Warn: func(err error) { t.Error(err) }}
		if !p.OwnSubjects() {
			t.Error("the attacks share a subject, want one for each")
		}
		o := attackOne(t, p, want.attack)
		if o.Verdict != redteam.Caught || !o.NoHand || !slices.Contains(o.Reasons, want.reason) || o.Windows < 1 || !o.AsWanted() {
			t.Errorf("%s: %+v; want it caught by %s", want.attack, o, want.reason)
		}
	}
}

func TestPagesThatCannotBeAttacked(t *testing.T) {
	page, _ := desk(t)
	mute := patient
	mute.answer, mute.lastWord = time.Second, time.Second // without ipse nothing ever comes
	p := Page{URL: page.URL + "/bare", For: time.Second, waits: mute}
	if o := attackOne(t, p, "page.cdp-keys"); o.Verdict != redteam.NotMade || !strings.Contains(o.Problem, "reported nothing") {
		t.Errorf("a page without ipse: %+v; want it not made, and that nothing was reported", o)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	// What cannot be opened for the first attack is not tried for each of the others.
	for name, c := range map[string]struct {
		page Page
		want string
	}{
		"leads to somebody else's": {Page{URL: page.URL + "/away"}, redteam.ErrForeign.Error()},
		"asks for somebody else's": {Page{URL: page.URL + "/asking"}, redteam.ErrForeign.Error()},
		"somebody else's":          {Page{URL: "http://198.51.100.7/"}, redteam.ErrForeign.Error()},
		"no application":           {Page{URL: gone.URL}, "is the application running at " + gone.URL},
		"a script that fails":      {Page{URL: page.URL + "/bare", Before: "nothing.there()"}, "--before"},
		"no browser":               {Page{URL: page.URL, Chromium: "/nonexistent/chromium"}, "--chromium"},
	} {
		c.page.For, c.page.Field, c.page.waits = time.Second, "textarea", mute
		if out, err := c.page.Run(t.Context(), Attacks()); err == nil || len(out) > 0 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d outcomes, %v; want none, and %q said", name, len(out), err, c.want)
		}
	}
}

func TestChoose(t *testing.T) {
	if all, err := Choose(nil); err != nil || len(all) != len(attacks) {
		t.Errorf("%d attacks, %v; want all %d", len(all), err, len(attacks))
	}
	if _, err := Choose([]string{"keys.macro"}); !errors.Is(err, redteam.ErrUnknownAttack) {
		t.Errorf("a server's attack: %v, want %v", err, redteam.ErrUnknownAttack)
	}
	seen := map[string]bool{}
	for _, a := range attacks {
		if seen[a.Name] || a.Doc == "" || a.Want == "" || a.act == nil || !strings.HasPrefix(a.Name, "page.") {
			t.Errorf("%+v: want a name of its own, a description and what is wanted", a)
		}
		seen[a.Name] = true
	}
}
