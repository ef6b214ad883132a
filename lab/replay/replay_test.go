package replay

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/dataset"
)

// server takes everything and raises the level of users whose id it is told.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	users  map[string]string // by session
	took   map[string][]observation.Observation
	closed []string
}

// wanted are the models that the server asks for.
var wanted = map[observation.Modality][]string{observation.Keyboard: {embed.Newest(observation.Keyboard, false), embed.Model}}

func serve(t *testing.T, risky string) *server {
	s := &server{users: map[string]string{}, took: map[string][]observation.Observation{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/sessions", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ UserID string }
		json.NewDecoder(r.Body).Decode(&in)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.users[in.UserID] = in.UserID
		json.NewEncoder(w).Encode(client.Opened{Session: in.UserID, CollectorToken: in.UserID})
	})
	mux.HandleFunc("POST /v1/observations", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Observations []observation.Observation }
		json.NewDecoder(r.Body).Decode(&in)
		user := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		s.mu.Lock()
		defer s.mu.Unlock()
		s.took[user] = append(s.took[user], in.Observations...)
		answer := client.Answer{RiskLevel: "LOW", Models: wanted}
		if user == risky && len(s.took[user]) == len(in.Observations) { // in the first report alone
			answer.RiskLevel = "HIGH"
		}
		json.NewEncoder(w).Encode(answer)
	})
	mux.HandleFunc("GET /v1/sessions/{id}", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(client.View{Session: r.PathValue("id"), Trust: 0.9})
	})
	mux.HandleFunc("DELETE /v1/sessions/{id}", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.closed = append(s.closed, r.PathValue("id"))
		w.WriteHeader(http.StatusNoContent)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestRunPlaysEverybodyAndClosesTheirSessions(t *testing.T) {
	s := serve(t, "try-simulated-5")
	parts := Simulate(3, time.Minute, 4, 1, nil)
	sent := 0
	var mu sync.Mutex
	results, err := Run(t.Context(), Options{
		Client: client.New(s.URL, "key"), UserPrefix: "try-",
		Sent: func(n int) { mu.Lock(); sent += n; mu.Unlock() },
	}, parts)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for i, r := range results {
		user := "try-" + parts[i].Person
		if r.Err != nil || r.Final.Trust != 0.9 {
			t.Errorf("%s ends with %+v", r.Person, r)
		}
		want := "LOW"
		if r.Person == "simulated-5" {
			want = "HIGH"
		}
		if string(r.Highest) != want {
			t.Errorf("%s reached %s at most, want %s", r.Person, r.Highest, want)
		}
		if got, want := len(s.took[user]), len(parts[i].Observations); got != want || want == 0 {
			t.Errorf("the server took %d observations of %s, want %d", got, r.Person, want)
		}
		if !slices.Contains(s.closed, user) {
			t.Errorf("the session of %s stays open", r.Person)
		}
		total += len(s.took[user])
	}
	if sent != total {
		t.Errorf("progress counts %d observations, want %d", sent, total)
	}
}

func TestTimesAreRebasedToNow(t *testing.T) {
	s := serve(t, "")
	parts := Simulate(1, 40*time.Second, 1, 1, nil)
	before := time.Now().UnixMilli()
	if _, err := Run(t.Context(), Options{Client: client.New(s.URL, "key"), Speed: 200}, parts); err != nil {
		t.Fatal(err)
	}
	after := time.Now().UnixMilli()
	if took := after - before; took < int64(parts[0].Observations[len(parts[0].Observations)-1].DueMS/200) {
		t.Errorf("40 s at 200 times the speed took %d ms, which is too fast", took)
	}
	for i, o := range s.took[parts[0].Person] {
		if end := o.StartMS + o.DurationMS; end < before || end > after {
			t.Errorf("observation %d ends at %d, want between %d and %d", i, end, before, after)
		}
		if want := parts[0].Observations[i].Observation.DurationMS; o.DurationMS != want {
			t.Errorf("observation %d lasts %d ms, want its own %d whatever the speed", i, o.DurationMS, want)
		}
	}
}

func TestTheServersModelsAreComputedAndAWindowKeepsOneStart(t *testing.T) {
	s := serve(t, "")
	api := client.New(s.URL, "key")
	models, err := Models(t.Context(), api, "try-")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(models[observation.Keyboard], wanted[observation.Keyboard]) || !slices.Contains(s.closed, "try-nobody") {
		t.Fatalf("the server's models are %v, closed sessions %v; want %v, and the session that asked closed", models, s.closed, wanted)
	}
	parts := Simulate(1, 2*time.Minute, 1, 1, models)
	if _, err := Run(t.Context(), Options{Client: api}, parts); err != nil {
		t.Fatal(err)
	}
	byStart := map[int64][]string{}
	for _, o := range s.took[parts[0].Person] {
		if o.Modality == observation.Keyboard {
			byStart[o.StartMS] = append(byStart[o.StartMS], o.Model)
		}
	}
	if len(byStart) < 2 {
		t.Fatalf("%d windows of typing, want some", len(byStart))
	}
	for start, by := range byStart {
		if !slices.Equal(by, wanted[observation.Keyboard]) {
			t.Errorf("the window at %d comes by %v, want once by each of %v", start, by, wanted[observation.Keyboard])
		}
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	s := serve(t, "")
	parts := Simulate(2, time.Minute, 1, 1, nil)
	for _, p := range parts {
		p.Observations[0].DueMS = 0 // the others are due in an hour, at this speed
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var open atomic.Int32
	results, err := Run(ctx, Options{Client: client.New(s.URL, "key"), Speed: 0.001, Sent: func(int) {
		if open.Add(1) == 2 { // each has a session, and waits
			cancel()
		}
	}}, parts)
	if !errors.Is(err, context.Canceled) || len(results) != 2 {
		t.Errorf("Run gives %d results and %v, want 2 and %v", len(results), err, context.Canceled)
	}
	for _, r := range results {
		if !errors.Is(r.Err, context.Canceled) {
			t.Errorf("the part of %s ends with %v, want %v", r.Person, r.Err, context.Canceled)
		}
	}
	if len(s.closed) != 2 {
		t.Errorf("%d of 2 sessions were closed", len(s.closed))
	}
}

func TestSessionsFollowOneAnother(t *testing.T) {
	work := Simulate(1, 40*time.Second, 1, 1, nil)
	one := work[0].Observations
	again := Simulate(1, 40*time.Second, 1, 2, nil)[0].Observations
	if len(one) == 0 || len(again) == 0 || slices.EqualFunc(one, again, func(a, b Timed) bool { return a.DueMS == b.DueMS }) {
		t.Fatal("two sittings of one person must differ and hold something")
	}
	p := dataset.Person{ID: "x"}
	for range 2 {
		p.Sessions = append(p.Sessions, dataset.Session{Keys: keys(20)})
	}
	got := Prepare(p, false, nil)
	if len(got.Observations) != 2 || got.Observations[1].DueMS <= got.Observations[0].DueMS+gapMS {
		t.Errorf("two sessions of 20 strokes give %+v, want one short window each, the second after the gap", got.Observations)
	}
}

func keys(strokes int) []event.Key {
	var out []event.Key
	for i := range strokes {
		atMS := float64(i) * 200
		out = append(out,
			event.Key{TimeMS: atMS, Class: event.LeftLetter, Down: true, Trusted: true},
			event.Key{TimeMS: atMS + 90, Class: event.LeftLetter, Trusted: true})
	}
	return out
}

func TestIntrudersOfASetAreLeftOut(t *testing.T) {
	sessions := []dataset.Session{{Name: "a"}, {Name: "b", Label: dataset.Intruder}, {Name: "c", Label: dataset.Owner}}
	var names []string
	for _, s := range own(sessions) {
		names = append(names, s.Name)
	}
	if want := []string{"a", "c"}; !slices.Equal(names, want) {
		t.Errorf("kept %v, want %v", names, want)
	}
}

func TestTakeOverSplicesTheNextPersonsBehaviour(t *testing.T) {
	parts := Simulate(3, 2*time.Minute, 1, 1, nil)
	spliced := TakeOver(parts)
	for i, p := range spliced {
		own, other := parts[i].Observations, parts[(i+1)%3].Observations
		added := p.Observations[len(own):]
		if len(added) == 0 || len(added) > len(other)/3+1 {
			t.Fatalf("%s: %d observations of somebody else, want about a third of %d", p.Person, len(added), len(other))
		}
		last, want := added[len(added)-1], other[len(other)-1]
		if !slices.Equal(last.Observation.Embedding, want.Observation.Embedding) {
			t.Errorf("%s: the last observation is not the next person's", p.Person)
		}
		if added[0].DueMS <= own[len(own)-1].DueMS {
			t.Errorf("%s: the takeover begins at %v ms, before the own work ends at %v ms", p.Person, added[0].DueMS, own[len(own)-1].DueMS)
		}
	}
	if got := TakeOver(parts[:1]); len(got[0].Observations) != len(parts[0].Observations) {
		t.Error("one person alone cannot be taken over")
	}
}
