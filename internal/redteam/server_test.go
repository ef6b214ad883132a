package redteam

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

func start(t *testing.T, o app.Options) *app.Server {
	t.Helper()
	o.Data, o.Listen, o.Logger = filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", slog.New(slog.DiscardHandler)
	o.Patience = time.Minute // a reply tells of the window that it answers, however slow the machine
	if o.Show == nil {
		o.AlertsPer1000PerDay = app.DefaultAlerts
	}
	server, err := app.Start(t.Context(), o)
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
	return server
}

func kit(server *app.Server) *Server {
	return &Server{
		API: client.Over(Guard{}.HTTP(), server.URL(), server.APIKey()), User: "redteam-subject",
		Length: Length{Strokes: 200, DurationMS: 60_000}, Seed: 1, Fast: true,
	}
}

// hand is a person at work: nothing of it is to be caught.
var hand = Attack{Name: "control.hand", Want: Alarm, Make: func(r *rand.Rand, _ Material, l Length) Stretch { return humanLike(r, l) }}

func TestAttacksAreCaughtWithTheirReasons(t *testing.T) {
	k := kit(start(t, app.Options{}))
	attacks := append(slices.Clone(automation), Attack{Name: "control.nothing", Want: Alarm, Make: func(*rand.Rand, Material, Length) Stretch { return Stretch{} }})
	outcomes, err := k.Run(t.Context(), attacks)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		verdict Verdict
		reason  policy.ReasonCode
		wanted  bool
	}{{Caught, policy.Automation, true}, {Caught, policy.InjectedEvents, true}, {Undecided, policy.PastedText, true}, {NotMade, "", false}} {
		o := outcomes[i]
		if o.Verdict != want.verdict || o.AsWanted() != want.wanted || (want.reason != "" && !slices.Contains(o.Reasons, want.reason)) {
			t.Errorf("%s: %+v; want %s by %q", o.Attack, o, want.verdict, want.reason)
		}
		if o.Verdict == Caught && (o.Windows != 1 || o.Seconds <= 0 || o.Seconds > 60 || o.Keys+o.Events == 0) {
			t.Errorf("%s: %+v; want it caught by its first window", o.Attack, o)
		}
		if o.Verdict == NotMade && o.Problem == "" {
			t.Errorf("%s was not made, and nobody says why", o.Attack)
		}
	}
}

// A report that calls everything caught would be worth nothing.
func TestWhatIsNotCaughtIsSaid(t *testing.T) {
	k := kit(start(t, app.Options{}))
	k.Length.DurationMS = 20_000
	outcomes, err := k.Run(t.Context(), []Attack{hand})
	if err != nil {
		t.Fatal(err)
	}
	if o := outcomes[0]; o.Verdict != Undecided || o.Level != policy.Low || o.AsWanted() {
		t.Errorf("a generated person in a new session: %+v; want no alarm, and that it is not as wanted", o)
	}
	if r := (Report{Outcomes: outcomes}); r.Passed() {
		t.Error("the report passes, want it to say that something was not caught")
	}
}

func TestPacedAttacksTakeTheirOwnTime(t *testing.T) {
	k := kit(start(t, app.Options{}))
	k.Fast = false
	steady := Attack{Name: "control.steady", Want: Alarm, Make: func(*rand.Rand, Material, Length) Stretch {
		s := Stretch{Driven: true}
		for i := range 90 {
			at := 10 * float64(i)
			s.Keys = append(s.Keys, event.Key{TimeMS: at, Class: event.LeftLetter, Down: true, Trusted: true},
				event.Key{TimeMS: at + 5, Class: event.LeftLetter, Trusted: true})
		}
		return s
	}}
	began := time.Now()
	outcomes, err := k.Run(t.Context(), []Attack{steady})
	if err != nil || outcomes[0].Verdict != Caught {
		t.Fatalf("%+v, %v; want it caught", outcomes, err)
	}
	if took := time.Since(began); took < time.Duration(outcomes[0].Seconds*float64(time.Second)) || outcomes[0].Keys < 15 || outcomes[0].Seconds != 0.01*float64(outcomes[0].Keys)-0.005 {
		t.Errorf("it took %v and %+v; want the attack's own time, 10 ms a key", took, outcomes[0])
	}
}

func TestEnrolLearnsAndEraseForgets(t *testing.T) {
	server := start(t, app.Options{AcceptSimulated: true, Show: &app.Show{Thresholds: policy.Thresholds{Medium: 3, High: 6}}})
	k := kit(server)
	k.Material = Generated(400)
	if len(k.Material.Victim) < 5 || len(k.Material.Population) < 20 || len(k.Material.Pointing) < 20 {
		t.Fatalf("%d runs, %d of others and %d movements; want enough to forge from", len(k.Material.Victim), len(k.Material.Population), len(k.Material.Pointing))
	}
	e, err := k.Enrol(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !e.Mature || strings.Contains(e.Known, "alarm") {
		t.Errorf("16 minutes of work: %+v; want mature references, and no alarm for what a generated person is", e)
	}
	if err := Erase(t.Context(), k.API, k.User); err != nil {
		t.Fatal(err)
	}
	opened, err := k.API.Open(t.Context(), k.User, observation.Desktop)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := k.API.Subject(t.Context(), opened.Subject); err == nil && len(s.References) > 0 {
		t.Errorf("after erasure the server still knows %+v", s)
	}
}

func TestWhatCannotBeAttacked(t *testing.T) {
	server := start(t, app.Options{Shadow: true})
	k := kit(server)
	outcomes, err := k.Run(t.Context(), automation[:1])
	if err != nil || outcomes[0].Problem != ErrShadow.Error() {
		t.Errorf("shadow mode: %+v, %v; want that the server tells nobody", outcomes, err)
	}
	k.API = client.Over(Guard{}.HTTP(), server.URL(), "another key")
	if outcomes, err = k.Run(t.Context(), automation[:1]); err != nil || outcomes[0].Verdict != NotMade || outcomes[0].Problem == "" {
		t.Errorf("a wrong key: %+v, %v; want that it could not be made, and why", outcomes, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = k.Run(ended, automation[:1]); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v, want %v", err, context.Canceled)
	}
}

// With a collector's token alone the session can be attacked once, and its reasons stay unknown: then it belongs to the
// key that has reported, and a token that was stolen from it is refused.
func TestASessionThatIsGiven(t *testing.T) {
	server := start(t, app.Options{})
	k := kit(server)
	opened, err := k.API.Open(t.Context(), "somebody", observation.Desktop)
	if err != nil {
		t.Fatal(err)
	}
	k.API = client.Over(Guard{}.HTTP(), server.URL(), "")
	given := client.Opened{CollectorToken: opened.CollectorToken}
	if o := k.In(t.Context(), given, automation[0]); o.Verdict != Caught || o.Reasons != nil {
		t.Errorf("the first attack: %+v; want it caught for reasons unknown", o)
	}
	if o := k.In(t.Context(), given, automation[0]); o.Verdict != Refused || o.Problem == "" || !o.AsWanted() {
		t.Errorf("the second attack, by another key: %+v; want it refused", o)
	}
}

func TestChoose(t *testing.T) {
	all := Attacks()
	for _, c := range []struct {
		names []string
		want  int
	}{{nil, len(all)}, {[]string{"all"}, len(all)}, {[]string{"automation.pasted"}, 1}, {[]string{"automation", "automation.pasted"}, len(automation)}} {
		if got, err := Choose(all, c.names); err != nil || len(got) != c.want {
			t.Errorf("%q: %d attacks, %v; want %d", c.names, len(got), err, c.want)
		}
	}
	if _, err := Choose(all, []string{"automation.pasted", "telepathy"}); !errors.Is(err, ErrUnknownAttack) {
		t.Errorf("got %v, want %v", err, ErrUnknownAttack)
	}
}

func TestEveryAttackIsWholeAndTheSameTwice(t *testing.T) {
	m, l := Generated(7), Length{Strokes: 60, DurationMS: 20_000}
	seen := map[string]bool{}
	for _, a := range Attacks() {
		if seen[a.Name] || a.Doc == "" || !strings.Contains(a.Name, ".") || strings.ToLower(a.Name) != a.Name || !slices.Contains([]Want{Alarm, Context, CannotTell}, a.Want) {
			t.Errorf("%+v: want a name of its own with its channel, a description and what is wanted", a)
		}
		seen[a.Name] = true
		first, again := a.Make(rand.New(rand.NewPCG(1, 2)), m, l).within(l), a.Make(rand.New(rand.NewPCG(1, 2)), m, l).within(l)
		if first.Empty() || !slices.Equal(first.Keys, again.Keys) || !slices.Equal(first.Pointers, again.Pointers) {
			t.Errorf("%s: %d and %d events, want the same ones twice and some", a.Name, len(first.Keys)+len(first.Pointers), len(again.Keys)+len(again.Pointers))
		}
		if first.EndMS() > l.DurationMS {
			t.Errorf("%s ends after %g ms, want at most %g", a.Name, first.EndMS(), l.DurationMS)
		}
		a.Make(rand.New(rand.NewPCG(1, 2)), Material{}, l) // must not fail for want of material
	}
}

func TestReports(t *testing.T) {
	r := Report{Target: "http://127.0.0.1:1/<script>", At: time.Unix(0, 0), Enrolment: &Enrolment{Known: "keyboard 40 %"}, Outcomes: []Outcome{
		{Attack: "keys.macro", Doc: "At one rate & one dwell.", Want: Alarm, Verdict: Caught, Level: policy.High, Reasons: []policy.ReasonCode{policy.InjectedKeys}, Seconds: 1.5, Keys: 30, Windows: 1},
		{Attack: "keys.kloak", Want: CannotTell, Verdict: Undecided, Seconds: 60, Keys: 200, Events: 1, Windows: 6},
		{Attack: "pointer.remote", Want: Context, Verdict: Passed, Seconds: 60, Events: 900, Windows: 7},
		{Attack: "replay.exact", Want: Alarm, Verdict: NotMade, Problem: "there is nothing to make it from"},
	}}
	if r.AsWanted() != 2 || r.Passed() {
		t.Errorf("%d as wanted and passed %v, want 2 and not", r.AsWanted(), r.Passed())
	}
	var text, page, raw bytes.Buffer
	if err := errors.Join(r.Text(&text), r.HTML(&page), r.JSON(&raw)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1.5 s, 30 keys, 1 window", "injected keys", "not noticed ←", "2 of 4 attacks", "keyboard 40 %", "there is nothing to make it from"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
		if plain := strings.TrimSuffix(want, " ←"); !strings.Contains(page.String(), plain) {
			t.Errorf("the page lacks %q", plain)
		}
	}
	for _, outside := range []string{"http://127.0.0.1:1/<script>", "<script", "<link", "<img", "src=", "@import", "url("} {
		if strings.Contains(page.String(), outside) {
			t.Errorf("the page holds %q; want nothing that asks for anything else, and texts escaped", outside)
		}
	}
	d := xml.NewDecoder(&page)
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
	}
	var back Report
	if err := json.Unmarshal(raw.Bytes(), &back); err != nil || len(back.Outcomes) != 4 || back.Outcomes[0].Keys != 30 {
		t.Errorf("the JSON reads back as %+v, %v", back, err)
	}
}
