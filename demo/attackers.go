package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/redteam"
)

// attacker is one of those whom the panel offers: a program at the employee's session. Its texts are the keys attack.ID and
// attack.ID.text.
type attacker struct {
	ID      string
	attacks []string // of package redteam, played at once
	needs   int      // strokes that the visitor must have typed before, for an attack that is made from them
}

// wholeRecording is how many strokes of the visitor an attacker can do something with.
const wholeRecording = 120

// attackers are one of each kind.
var attackers = []attacker{
	{"injector", []string{"keys.usb-injector"}, 0},
	{"replay", []string{"replay.keys_exact"}, wholeRecording},
	{"agent", []string{"keys.agent-words", "pointer.agent"}, 0},
	{"forged", []string{"keys.victim-digram"}, 0},
	{"pointer", []string{"pointer.wind_mouse"}, 0},
	{"remote", []string{"pointer.remote_desktop"}, 0},
	{"virtual", []string{"context.virtual-machine"}, 0},
}

// attack lets a program at the desk. A machine of its own holds the employee's session, as after a theft, so that the
// attack's events are reported as they come from a device: what this page dispatches is marked as simulated, and nobody
// judges its liveness. What ipse says of that session holds for the desk.
func (d *Desk) attack(w http.ResponseWriter, r *http.Request, s *seat) {
	i := slices.IndexFunc(attackers, func(a attacker) bool { return a.ID == r.PathValue("attacker") })
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	typed, err := readTyped(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if s.isLocked() {
		http.Error(w, "the desk is locked", http.StatusLocked)
		return
	}
	chosen := attackers[i]
	if strokes(typed) < chosen.needs {
		answer(w, map[string]any{"verdict": "needs", "keys": chosen.needs - strokes(typed)})
		return
	}
	made, err := played(chosen)
	if err != nil {
		d.unreachable(w, r, err)
		return
	}
	outcome, err := d.under(r.Context(), s, made, materialOf(s.employee, typed))
	if err != nil {
		d.unreachable(w, r, err)
		return
	}
	answer(w, outcome)
}

// played joins an attacker's attacks into one.
func played(a attacker) (redteam.Attack, error) {
	all := redteam.Attacks()
	parts, err := redteam.Choose(all, a.attacks)
	if err != nil || len(parts) == 0 {
		return redteam.Attack{}, fmt.Errorf("demo: the attacker %s: %w", a.ID, err)
	}
	joined := parts[0]
	joined.Make = func(random *rand.Rand, m redteam.Material, l redteam.Length) redteam.Stretch {
		var out redteam.Stretch
		for _, p := range parts {
			s := p.Make(random, m, l)
			out.Keys = append(out.Keys, s.Keys...)
			out.Pointers = append(out.Pointers, s.Pointers...)
		}
		return out
	}
	return joined, nil
}

// materialOf is what an attacker of this employee has: what was typed at this desk, or what their stand-in would type.
func materialOf(e employee, typed []event.Key) redteam.Material {
	m := redteam.Generated(e.StandIn)
	m.Seen = redteam.Stretch{Keys: typed}
	if runs := redteam.Runs(typed); strokes(typed) >= wholeRecording {
		m.Victim = runs
	}
	return m
}

// under makes an attack in a session of the employee's own, which belongs to the seat until it is over.
func (d *Desk) under(ctx context.Context, s *seat, a redteam.Attack, m redteam.Material) (redteam.Outcome, error) {
	opened, err := d.ipse.Open(ctx, s.employee.ID, observation.Desktop)
	if err != nil {
		return redteam.Outcome{}, fmt.Errorf("demo: open a session: %w", err)
	}
	s.stolen(opened.Session, true)
	defer func() {
		s.stolen(opened.Session, false)
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = d.ipse.Close(closing, opened.Session) // it ends by itself otherwise
	}()
	kit := redteam.Server{
		API: d.ipse, User: s.employee.ID, Material: m, Seed: uint64(d.options.Now().UnixNano()),
		Length: redteam.Length{Strokes: 240, DurationMS: float64(d.options.AttackFor.Milliseconds())},
	}
	outcome := kit.In(ctx, client.Opened{Session: opened.Session, CollectorToken: opened.CollectorToken}, a)
	if outcome.Level == policy.High { // the webhook says so too, a moment later
		s.learn(outcome.Level, outcome.Reasons, d.options.Now())
	}
	return outcome, ctx.Err()
}

// stolen notes that a session of somebody else's machine belongs to the seat, or does no longer.
func (s *seat) stolen(session string, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if is {
		s.attacked[session] = true
	} else {
		delete(s.attacked, session)
	}
}

// mostTyped bounds the key events that a page may give.
const mostTyped = 4000

// readTyped reads what the page remembers of what was typed: times in ms, classes and whether the key went down.
func readTyped(r *http.Request) ([]event.Key, error) {
	var in struct {
		Keys [][3]float64 `json:"keys"`
	}
	want := "want the keys that were typed, each as a time in milliseconds, a class and whether it went down"
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Keys) > mostTyped {
		return nil, fmt.Errorf("demo: %s", want)
	}
	out := make([]event.Key, 0, len(in.Keys))
	last := 0.0
	for _, k := range in.Keys {
		class := event.Class(k[1])
		if !(k[0] >= last) || k[0] > 1e9 || k[1] != math.Trunc(k[1]) || k[1] < 0 || k[1] > 255 || !class.Valid() || (k[2] != 0 && k[2] != 1) {
			return nil, fmt.Errorf("demo: %s, in order of time", want)
		}
		last = k[0]
		out = append(out, event.Key{TimeMS: k[0], Class: class, Down: k[2] == 1, Trusted: true})
	}
	return out, nil
}

func strokes(keys []event.Key) (n int) {
	for _, k := range keys {
		if k.Down {
			n++
		}
	}
	return n
}

// attackerRow is one attacker as the panel shows it.
type attackerRow struct{ ID, Name, Text string }

func attackerRows(say func(key string, pairs ...string) string) []attackerRow {
	rows := make([]attackerRow, len(attackers))
	for i, a := range attackers {
		rows[i] = attackerRow{a.ID, say("attack." + a.ID), say("attack." + a.ID + ".text")}
	}
	return rows
}
