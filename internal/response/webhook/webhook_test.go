package webhook

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ipse.dev/ipse/internal/store"
)

// outbox is a list in memory.
type outbox struct {
	mu   sync.Mutex
	rows []store.Delivery
}

func (o *outbox) NextDeliveries(_ context.Context, limit int) ([]store.Delivery, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	seen := map[string]bool{}
	var next []store.Delivery
	for _, d := range o.rows {
		if !seen[d.Session] && len(next) < limit {
			seen[d.Session] = true
			next = append(next, d)
		}
	}
	return next, nil
}

func (o *outbox) DropDelivery(_ context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows = slices.DeleteFunc(o.rows, func(d store.Delivery) bool { return d.ID == id })
	return nil
}

// receiver answers as its list says, then 204, and notes what it took and when.
type receiver struct {
	mu      sync.Mutex
	answers []int
	took    []string
	at      []time.Time
	bad     []string
}

func (r *receiver) RoundTrip(q *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	r.serve(rec, q, body)
	return rec.Result(), nil
}

func (r *receiver) serve(w http.ResponseWriter, q *http.Request, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seconds, _ := strconv.ParseInt(q.Header.Get("webhook-timestamp"), 10, 64)
	if want := Sign("secret", q.Header.Get("webhook-id"), time.Unix(seconds, 0), body); q.Header.Get("webhook-signature") != want {
		r.bad = append(r.bad, q.Header.Get("webhook-signature"))
	}
	r.at = append(r.at, time.Now())
	status := http.StatusNoContent
	if len(r.answers) > 0 {
		status, r.answers = r.answers[0], r.answers[1:]
	}
	if status < 300 {
		r.took = append(r.took, q.Header.Get("webhook-id"))
	}
	w.WriteHeader(status)
}

func sender(o *outbox, r *receiver, counted func(Outcome)) *Sender {
	s := New(Sender{URL: "http://desk.example/hook", Secret: "secret", Outbox: o, Logger: slog.New(slog.DiscardHandler), Counted: counted})
	s.client.Transport = r
	return s
}

func row(id, session string, at time.Time) store.Delivery {
	return store.Delivery{ID: id, Session: session, CreatedAt: at, Body: []byte(`{"n":"` + id + `"}`)}
}

func TestRepeatsInOrderWithGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		o := &outbox{rows: []store.Delivery{row("a1", "a", begun), row("a2", "a", begun), row("a3", "a", begun)}}
		r := &receiver{answers: []int{500, 302, 404}}
		var counts sync.Map
		s := sender(o, r, func(out Outcome) { n, _ := counts.LoadOrStore(out, new(int)); *n.(*int)++ })
		ctx, cancel := context.WithCancel(t.Context())
		go s.Run(ctx)
		time.Sleep(time.Minute)
		cancel()
		synctest.Wait()
		if want := []string{"a1", "a2", "a3"}; !slices.Equal(r.took, want) {
			t.Errorf("took %v, want %v", r.took, want)
		}
		if len(r.at) != 6 {
			t.Fatalf("%d attempts, want 6", len(r.at))
		}
		for i, atLeast := range []time.Duration{firstPause, 2 * firstPause, 4 * firstPause} {
			if got := r.at[i+1].Sub(r.at[i]); got < atLeast || got > atLeast+2*lookEvery {
				t.Errorf("pause %d: %v, want %v or a little more", i+1, got, atLeast)
			}
		}
		if len(r.bad) > 0 {
			t.Errorf("signatures that do not verify: %v", r.bad)
		}
		if n, ok := counts.Load(Failed); !ok || *n.(*int) != 3 {
			t.Errorf("failed attempts counted: %v, want 3", n)
		}
	})
}

func TestOneSessionDoesNotHoldUpAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{rows: []store.Delivery{row("a1", "a", time.Now()), row("b1", "b", time.Now()), row("b2", "b", time.Now())}}
		r := &receiver{}
		s := sender(o, r, func(Outcome) {})
		s.pauses["a1"] = pause{attempts: 9, until: time.Now().Add(time.Hour)}
		ctx, cancel := context.WithCancel(t.Context())
		go s.Run(ctx)
		time.Sleep(time.Second)
		cancel()
		synctest.Wait()
		if want := []string{"b1", "b2"}; !slices.Equal(r.took, want) {
			t.Errorf("took %v, want %v", r.took, want)
		}
	})
}

func TestGivesUpAfterDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{rows: []store.Delivery{row("old", "a", time.Now().Add(-giveUpAfter-time.Hour)), row("new", "a", time.Now())}}
		r := &receiver{answers: []int{500}}
		var given int
		s := sender(o, r, func(out Outcome) {
			if out == GivenUp {
				given++
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		go s.Run(ctx)
		time.Sleep(time.Second)
		cancel()
		synctest.Wait()
		if given != 1 || !slices.Equal(r.took, []string{"new"}) {
			t.Errorf("given up %d, took %v; want 1 and the new one", given, r.took)
		}
	})
}

// The specification's own example: https://github.com/standard-webhooks/standard-webhooks, libraries' tests.
func TestSignMatchesTheSpecification(t *testing.T) {
	got := Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPauseIsBounded(t *testing.T) {
	for attempts := range 1000 {
		if p := pauseAfter(attempts); p < firstPause || p > longestPause {
			t.Fatalf("after %d attempts: %v, want %v to %v", attempts, p, firstPause, longestPause)
		}
	}
}
