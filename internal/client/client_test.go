package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"ipse.dev/ipse/internal/observation"
)

// server is a stand-in that keeps what it took and refuses as it is told.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	took     []int64
	tokens   []string
	dropped  []int
	batches  []int
	accepted int64
	refuse   []func(http.ResponseWriter)
	answer   Answer
}

func serve(t *testing.T) *server {
	s := &server{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/observations", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			SentAtMS     int64
			Dropped      int
			Observations []observation.Observation
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Observations == nil {
			t.Errorf("the report does not decode to a list of observations: %v", err)
		}
		if off := time.Since(time.UnixMilli(in.SentAtMS)); off < 0 || off > time.Minute {
			t.Errorf("sentAtMS lies %v off", off)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.refuse) > 0 {
			refuse := s.refuse[0]
			s.refuse = s.refuse[1:]
			refuse(w)
			return
		}
		if len(in.Observations) > 0 && in.Observations[0].Sequence <= s.accepted {
			problem(w, 409, map[string]any{"type": SequencePast, "title": "Sequence from the past", "acceptedThrough": s.accepted})
			return
		}
		for _, o := range in.Observations {
			s.took, s.accepted = append(s.took, o.Sequence), o.Sequence
		}
		s.tokens = append(s.tokens, r.Header.Get("Authorization"))
		s.dropped = append(s.dropped, in.Dropped)
		s.batches = append(s.batches, len(in.Observations))
		s.answer.AcceptedThrough = s.accepted
		json.NewEncoder(w).Encode(s.answer)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// refuseNext refuses the next reports, one by each function.
func (s *server) refuseNext(refuse ...func(http.ResponseWriter)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

func problem(w http.ResponseWriter, status int, members map[string]any) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(members)
}

func reporter(s *server) *Reporter {
	return New(s.URL+"/", "key").Reporter(Opened{CollectorToken: "first"})
}

func report(t *testing.T, r *Reporter) Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a, err := r.Report(ctx)
	if err != nil {
		t.Fatalf("report: %v", err)
	}
	return a
}

func TestReportsInBatchesAndTakesRenewedTokens(t *testing.T) {
	s := serve(t)
	r := reporter(s)
	s.answer.CollectorToken = "second"
	report(t, r)
	s.answer.CollectorToken = ""
	r.Add(make([]observation.Observation, 100)...)
	if a := report(t, r); a.AcceptedThrough != 100 {
		t.Errorf("accepted through %d, want 100", a.AcceptedThrough)
	}
	if want := []int{0, 64, 36}; !slices.Equal(s.batches, want) {
		t.Errorf("batches of %v, want %v", s.batches, want)
	}
	if want := []string{"Bearer first", "Bearer second", "Bearer second"}; !slices.Equal(s.tokens, want) {
		t.Errorf("tokens %v, want %v", s.tokens, want)
	}
	if r.Waiting() != 0 {
		t.Errorf("%d observations wait after a report, want none", r.Waiting())
	}
}

func TestNumbersAnewBehindWhatTheServerHas(t *testing.T) {
	s := serve(t)
	s.accepted = 40
	r := reporter(s)
	r.Add(make([]observation.Observation, 3)...)
	report(t, r)
	r.Add(observation.Observation{})
	report(t, r)
	if want := []int64{41, 42, 43, 44}; !slices.Equal(s.took, want) {
		t.Errorf("the server took %v, want %v", s.took, want)
	}
}

func TestDropsWhatTheServerAlreadyHas(t *testing.T) {
	s := serve(t)
	r := reporter(s)
	r.Add(observation.Observation{})
	report(t, r)
	r.Add(make([]observation.Observation, 3)...) // 2, 3, 4
	s.accepted = 3                               // an answer was lost on the way
	report(t, r)
	if want := []int64{1, 4}; !slices.Equal(s.took, want) {
		t.Errorf("the server took %v, want %v", s.took, want)
	}
}

func TestWaitsWhileTheServerIsBusy(t *testing.T) {
	s := serve(t)
	s.refuseNext(func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "1")
		problem(w, 429, map[string]any{"title": "Too many requests"})
	})
	r := reporter(s)
	r.Add(observation.Observation{})
	report(t, r)
	if want := []int64{1}; !slices.Equal(s.took, want) {
		t.Errorf("the server took %v, want %v", s.took, want)
	}
	s.refuseNext(func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "3600")
		problem(w, 429, nil)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := r.Report(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("report past its context gives %v, want %v", err, context.DeadlineExceeded)
	}
}

func TestTriesAgainWhenTheConnectionBreaks(t *testing.T) {
	s := serve(t)
	cut := func(w http.ResponseWriter) {
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		connection.Close()
	}
	s.refuseNext(cut, cut)
	r := reporter(s)
	r.Add(observation.Observation{})
	report(t, r)
	if want := []int64{1}; !slices.Equal(s.took, want) {
		t.Errorf("the server took %v, want %v", s.took, want)
	}
	s.refuseNext(cut, cut, cut)
	r.Add(observation.Observation{})
	if _, err := r.Report(t.Context()); err == nil || r.Waiting() != 1 {
		t.Errorf("a server that is gone gives %v with %d observations waiting, want an error and 1", err, r.Waiting())
	}
}

func TestSpoolIsBoundedAndSaysSo(t *testing.T) {
	s := serve(t)
	r := reporter(s)
	r.Add(make([]observation.Observation, maxSpool+10)...)
	report(t, r)
	if s.dropped[0] != 10 || s.took[0] != 11 || len(s.took) != maxSpool {
		t.Errorf("took %d from number %d with %d said dropped, want %d from 11 with 10", len(s.took), s.took[0], s.dropped[0], maxSpool)
	}
}

func TestRefusalsAreProblems(t *testing.T) {
	s := serve(t)
	for name, c := range map[string]struct {
		refuse func(http.ResponseWriter)
		want   Problem
	}{
		"document": {func(w http.ResponseWriter) {
			problem(w, 410, map[string]any{"type": "urn:ipse:problem:closed", "title": "Gone"})
		}, Problem{Type: "urn:ipse:problem:closed", Title: "Gone", Status: 410}},
		"no document": {func(w http.ResponseWriter) { http.Error(w, "<html>", http.StatusBadGateway) }, Problem{Type: "about:blank", Title: "Bad Gateway", Status: 502, Detail: "the answer is no problem document"}},
	} {
		t.Run(name, func(t *testing.T) {
			s.refuseNext(c.refuse)
			_, err := reporter(s).Report(t.Context())
			var got *Problem
			if !errors.As(err, &got) || *got != c.want {
				t.Errorf("the error is %#v, want %#v", err, c.want)
			}
		})
	}
}

func TestApplicationCalls(t *testing.T) {
	var seen []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Write([]byte(`{"session":"s1","subject":"p1","riskLevel":"HIGH","collectorToken":"t","trust":0.25}`))
	}))
	defer s.Close()
	c, ctx := New(s.URL, "key"), t.Context()
	opened, err := c.Open(ctx, "agent-17", observation.Desktop)
	if err != nil || opened.CollectorToken != "t" || opened.Subject != "p1" {
		t.Errorf("Open gives %+v, %v", opened, err)
	}
	if v, err := c.Session(ctx, "s1"); err != nil || v.RiskLevel != "HIGH" || v.Trust != 0.25 {
		t.Errorf("Session gives %+v, %v", v, err)
	}
	if _, err := c.Reauthenticated(ctx, "s1", "password"); err != nil {
		t.Error(err)
	}
	if _, err := c.Subject(ctx, "p1"); err != nil {
		t.Error(err)
	}
	if err := errors.Join(c.Close(ctx, "s1"), c.Erase(ctx, "p1")); err != nil {
		t.Error(err)
	}
	want := []string{
		"POST /v1/sessions Bearer key", "GET /v1/sessions/s1 Bearer key", "POST /v1/sessions/s1/reauthenticated Bearer key",
		"GET /v1/subjects/p1 Bearer key", "DELETE /v1/sessions/s1 Bearer key", "DELETE /v1/subjects/p1 Bearer key",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("the server saw %q, want %q", seen, want)
	}
}
