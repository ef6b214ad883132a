package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/review"
	"ipse.dev/ipse/internal/trust"
)

// counting is an assessor that shows what was folded: the reference's weight is the number of observations that were
// applied for the subject, and windows of alarmEvents events make the level HIGH.
type counting struct{}

const alarmEvents = 999

func (counting) Open(id, subject string, atMS int64) Session {
	return Session{ID: id, Subject: subject, OpenedAtMS: atMS, Trust: trust.Default().Begin(atMS),
		Decision: policy.Decision{Level: policy.Low, Answer: policy.CannotTell, Reasons: []policy.ReasonCode{policy.NoInput}}}
}

func (counting) Observe(s Session, refs References, obs []observation.Observation, atMS int64) (Session, References, []Change) {
	refs = maps.Clone(refs)
	if refs == nil {
		refs = References{}
	}
	var changes []Change
	for _, o := range obs {
		if o.Events == 666 {
			panic("an observation that the assessor cannot take")
		}
		if o.Sequence <= s.LastSequence {
			continue
		}
		s.LastSequence = o.Sequence
		key := enrol.Key{Modality: o.Modality, DeviceClass: o.DeviceClass, Model: o.Model}
		r := refs[key]
		r.Key, r.Version = key, r.Version+1
		r.Comparison = compare.Reference{Sum: []float64{1}, Weight: r.Comparison.Weight + 1}
		refs[key] = r
		if o.Events == alarmEvents && s.Decision.Level != policy.High {
			changes = append(changes, Change{Session: s.ID, Subject: s.Subject, AtMS: atMS, From: s.Decision.Level, To: policy.High, Reasons: []policy.ReasonCode{policy.Mismatch}})
			s.Decision = policy.Decision{Level: policy.High, Answer: policy.SomeoneElse, Directives: []policy.Directive{policy.Lock}, Reasons: []policy.ReasonCode{policy.Mismatch}}
			s.Evidence = []review.Evidence{{Modality: o.Modality, Score: -5}}
		}
		s.Path = append(s.Path, Point{AtMS: atMS, Trust: s.Trust.Trust(), Level: s.Decision.Level, Modality: o.Modality})
		s.Path = s.Path[max(0, len(s.Path)-PathPoints):]
	}
	return s, refs, changes
}

func (counting) SignIn(s Session, refs References, in SignIn, atMS int64) (Session, References, []Change) {
	from := s.Decision.Level
	if in.Changed != "" {
		s.Relearning = &Relearning{Reason: in.Changed}
	}
	s.Decision = policy.Decision{Level: policy.Low, Answer: policy.SamePerson, Reasons: []policy.ReasonCode{policy.Reauthenticated}}
	if from == policy.Low {
		return s, refs, nil
	}
	return s, refs, []Change{{Session: s.ID, Subject: s.Subject, AtMS: atMS, From: from, To: policy.Low, Reasons: s.Decision.Reasons}}
}

func (counting) Tell(s Session, kind trust.Context, atMS int64) (Session, []Change) {
	s.Path = append(slices.Clone(s.Path), Point{AtMS: atMS, Trust: s.Trust.Trust(), Level: s.Decision.Level, Context: kind})
	return s, nil
}

func (c counting) SeeAddress(s Session, tag string, _ int64) Session {
	if tag != "" && !slices.Contains(s.Addresses, tag) {
		s.Addresses = append(slices.Clone(s.Addresses), tag)
	}
	return s
}

func (counting) Ask(s Session, tags []string) Session {
	s.Named = append(slices.Clone(s.Named), tags...)
	return s
}

func (counting) Close(s Session, _ int64) Session {
	s.Closed = true
	s.Decision.Directives = []policy.Directive{policy.Stop}
	return s
}

// syncBuffer is a log that tests read while the server writes.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// patience bounds every wait of these tests. What is waited for comes within milliseconds, or much later on a machine that has
// other work; only a test that fails waits so long.
const patience = time.Minute

// running is a server with a back end that talks to it. Its answers come when what they answer has been folded in, however
// long that takes.
type running struct {
	*Server
	t    testing.TB
	data string
	key  string
	log  *syncBuffer
}

func startRunning(t testing.TB, change func(*Options)) *running {
	t.Helper()
	return startRunningOn(t, filepath.Join(t.TempDir(), "data"), change)
}

func startRunningOn(t testing.TB, data string, change func(*Options)) *running {
	t.Helper()
	log := &syncBuffer{}
	o := Options{Data: data, Listen: "127.0.0.1:0", QueueBytes: 64 << 20, Patience: patience, assessor: counting{},
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(&o)
	}
	s, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	d := &running{Server: s, t: t, data: data, key: s.APIKey(), log: log}
	t.Cleanup(d.stop)
	return d
}

func (d *running) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := d.Close(ctx); err != nil {
		d.t.Errorf("stopping: %v", err)
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (d *running) send(method, path, bearer string, body any, headers ...string) answer {
	d.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			d.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	r, err := http.NewRequest(method, d.URL()+path, reader)
	if err != nil {
		d.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r) // follows no redirects
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, raw}
}

// want decodes the answer when it has the status, and fails the test when not.
func want[T any](t testing.TB, a answer, status int) T {
	t.Helper()
	var v T
	if a.status != status {
		t.Fatalf("got %d %s, want %d", a.status, a.body, status)
	}
	if len(a.body) > 0 {
		if err := json.Unmarshal(a.body, &v); err != nil {
			t.Fatalf("%s: %v", a.body, err)
		}
	}
	return v
}

// wantProblem fails the test unless the answer is this problem, whole.
func wantProblem(t testing.TB, what string, a answer, name problem.Name) problem.Problem {
	t.Helper()
	var p problem.Problem
	err := json.Unmarshal(a.body, &p)
	if err != nil || p.Type != name.Type() || a.status != name.Status() || p.Status != a.status || p.Detail == "" ||
		a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: got %d %s, want %d %s", what, a.status, a.body, name.Status(), name.Type())
	}
	return p
}

func (d *running) open(userID string) OpenedSession {
	d.t.Helper()
	return want[OpenedSession](d.t, d.send("POST", "/v1/sessions", d.key, OpenSession{UserID: userID}), 201)
}

func (d *running) view(session string) SessionView {
	d.t.Helper()
	return want[SessionView](d.t, d.send("GET", "/v1/sessions/"+session, d.key, nil), 200)
}

func (d *running) report(token string, observations ...observation.Observation) answer {
	d.t.Helper()
	return d.send("POST", "/v1/observations", token, map[string]any{"sentAtMS": time.Now().UnixMilli(), "observations": append([]observation.Observation{}, observations...)})
}

// observed is an observation that every check passes.
func observed(sequence int64) observation.Observation {
	length, _ := embed.Dimension(observation.Keyboard, embed.Model)
	return observation.Observation{
		Sequence: sequence, Modality: observation.Keyboard, Model: embed.Model, DeviceClass: observation.Desktop,
		StartMS: time.Now().Add(-20*time.Second).UnixMilli() + sequence, DurationMS: 10_000, Events: 60, // no two begin together
		Embedding: make(observation.Embedding, length), FeatureList: feature.KeyboardList.Name,
		Features: make([]float64, len(feature.KeyboardList.Features)), Quality: []observation.Flag{},
	}
}

func alarming(sequence int64) observation.Observation {
	o := observed(sequence)
	o.Events = alarmEvents
	return o
}

// eventually waits for something to become true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("%s: not within %s", what, patience)
}

// untilReady gives the first answer of /readyz that says so: a store on a busy disk may take longer than the server waits for it.
func (d *running) untilReady() answer {
	d.t.Helper()
	var got answer
	eventually(d.t, "the server is ready", func() bool { got = d.send("GET", "/readyz", "", nil); return got.status == 200 })
	return got
}

// kept waits until everything that was acknowledged is in the store, and not only in memory.
func (d *running) kept() {
	d.t.Helper()
	for n, p := range d.fold.partitions {
		end, err := d.bus.End(d.t.Context(), n)
		if err != nil {
			d.t.Fatal(err)
		}
		eventually(d.t, "a checkpoint", func() bool { return p.storedThrough() >= end })
	}
}

func TestTwoServersOnOneFolder(t *testing.T) {
	d := startRunning(t, nil)
	_, err := Start(t.Context(), Options{Data: d.data, Listen: "127.0.0.1:0", assessor: counting{}})
	if !errors.Is(err, ErrDataInUse) || !strings.Contains(err.Error(), d.data) {
		t.Errorf("got %v, want ErrDataInUse that names %s", err, d.data)
	}
	if got := want[map[string]string](t, d.untilReady(), 200)["status"]; got != "ready" {
		t.Errorf("the first server is %q after the second was refused, want ready", got)
	}
	d.stop()
	again := startRunningOn(t, d.data, nil)
	if again.APIKey() == "" || again.APIKey() != d.key {
		t.Errorf("API key %q after a restart, want %q", again.APIKey(), d.key)
	}
}

func TestOpenFolderIsRefused(t *testing.T) {
	for _, mode := range []os.FileMode{0o755, 0o770, 0o701} {
		dir := filepath.Join(t.TempDir(), "data")
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, mode)); err != nil {
			t.Fatal(err)
		}
		if _, err := Start(t.Context(), Options{Data: dir, Listen: "127.0.0.1:0", assessor: counting{}}); !errors.Is(err, ErrDataOpen) {
			t.Errorf("mode %04o: got %v, want ErrDataOpen", mode, err)
		}
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	d := startRunning(t, nil)
	d.open("someone")
	if info, err := os.Stat(d.data); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder: %v, %v; want mode 0700", info.Mode(), err)
	}
	for _, name := range []string{keysFile, apiKeyFile, storeFile, auditFile, lockFile} {
		if info, err := os.Stat(filepath.Join(d.data, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", name, info, err)
		}
	}
}

func TestMissingKeysAreNotMadeAnew(t *testing.T) {
	d := startRunning(t, nil)
	d.stop()
	if err := os.Remove(filepath.Join(d.data, keysFile)); err != nil {
		t.Fatal(err)
	}
	if s, err := Start(t.Context(), Options{Data: d.data, Listen: "127.0.0.1:0", assessor: counting{}}); err == nil || !strings.Contains(err.Error(), keysFile) {
		t.Errorf("got %v, %v; want an error that names %s", s, err, keysFile)
	}
}

// A store that is gone while the stream is there is a lost file, not a first start.
func TestMissingStoreIsNotMadeAnew(t *testing.T) {
	d := startRunning(t, nil)
	d.stop()
	if err := os.Remove(filepath.Join(d.data, storeFile)); err != nil {
		t.Fatal(err)
	}
	if s, err := Start(t.Context(), Options{Data: d.data, Listen: "127.0.0.1:0", assessor: counting{}}); err == nil || !strings.Contains(err.Error(), storeFile) {
		t.Errorf("got %v, %v; want an error that names %s", s, err, storeFile)
	}
	if key, err := os.ReadFile(filepath.Join(d.data, apiKeyFile)); err != nil || strings.TrimSpace(string(key)) != d.key {
		t.Errorf("the API key is %q, %v; want it untouched", key, err)
	}
}

func TestConsoleBehindAProxy(t *testing.T) {
	d := startRunning(t, func(o *Options) { o.PublicURL = "https://ipse.example" })
	token, ok := strings.CutPrefix(d.ConsoleLink(), "https://ipse.example/console/sign-in?token=")
	if !ok {
		t.Fatalf("the link is %s, want one below the public address", d.ConsoleLink())
	}
	noRedirect := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := noRedirect.PostForm(d.URL()+"/console/sign-in", url.Values{"token": {token}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if cookies := r.Cookies(); len(cookies) != 1 || !cookies[0].Secure {
		t.Errorf("got cookies %v, want one that no browser sends without TLS", cookies)
	}
}

func TestAddressInUseIsNamed(t *testing.T) {
	d := startRunning(t, nil)
	address := strings.TrimPrefix(d.URL(), "http://")
	_, err := Start(t.Context(), Options{Data: filepath.Join(t.TempDir(), "data"), Listen: address, assessor: counting{}})
	if err == nil || !strings.Contains(err.Error(), address) || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("got %v, want an error that names %s and --listen", err, address)
	}
}

// When the stream server stores nothing more, no retry helps: whoever looks after the server must start it again.
func TestBrokenStreamEndsTheServer(t *testing.T) {
	b, err := bus.Open(t.Context(), bus.Options{Dir: t.TempDir(), MaxBytes: 1 << 20, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	var told error
	q := queue{Bus: b, outOfRoom: func() { t.Error("asked for room") }, broken: func(err error) { told = err }}
	if _, err := q.Publish(t.Context(), bus.Envelope{Kind: bus.Closed, Session: "a", Subject: "s"}); !errors.Is(err, bus.ErrBroken) || !errors.Is(told, bus.ErrBroken) {
		t.Errorf("got %v and told the server %v, want bus.ErrBroken in both", err, told)
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"no folder":                  func(o *Options) { o.Data = "" },
		"an address without a port":  func(o *Options) { o.Listen = "127.0.0.1" },
		"a port out of range":        func(o *Options) { o.Listen = "127.0.0.1:99999" },
		"a port that is none":        func(o *Options) { o.Listen = "127.0.0.1:74x73" },
		"a secret that is no base64": func(o *Options) { o.WebhookURL, o.WebhookSecret = "https://desk.example/hook", "whsec_%" },
		"a negative budget":          func(o *Options) { o.AlertsPer1000PerDay, o.assessor = -1, nil },
		"a webhook without a secret": func(o *Options) { o.WebhookURL = "https://desk.example/hook" },
		"a webhook that is a path":   func(o *Options) { o.WebhookURL, o.WebhookSecret = "/hook", "x" },
		"a public path":              func(o *Options) { o.PublicURL = "https://ipse.example/console" },
		"an origin with a path":      func(o *Options) { o.CORSOrigins = []string{"https://desk.example/app"} },
		"unknown weights":            func(o *Options) { o.Weights, o.assessor = "nobody's", nil },
	} {
		o := Options{Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", assessor: counting{}}
		change(&o)
		if _, err := Start(t.Context(), o); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: got %v, want ErrOptions", name, err)
		}
		if o.Data != "" {
			if _, err := os.Stat(o.Data); err == nil {
				t.Errorf("%s: the data folder was made, want nothing touched", name)
			}
		}
	}
}

func TestStartUpLineSaysWhichWeightsAreNonCommercial(t *testing.T) {
	for weights, want := range map[string]bool{"research": true, "open": false} {
		ctx, cancel := context.WithCancel(t.Context())
		log := &syncBuffer{}
		done := make(chan error, 1)
		data := filepath.Join(t.TempDir(), "data")
		go func() {
			done <- Run(ctx, Options{Data: data, Listen: "127.0.0.1:0", Weights: weights, AlertsPer1000PerDay: 1000, Logger: slog.New(slog.NewTextHandler(log, nil))})
		}()
		eventually(t, "the start-up line", func() bool { return strings.Contains(log.String(), "ipse is serving") })
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%s: %v", weights, err)
		}
		_, line, _ := strings.Cut(log.String(), "ipse is serving")
		line, _, _ = strings.Cut(line, "\n")
		const said = "NON-COMMERCIAL USE ONLY: aalto is free for non-commercial use with attribution."
		if got := strings.Contains(line, said); got != want {
			t.Errorf("the start-up line with the weights %s says %q: %v, want %v\n%s", weights, said, got, want, line)
		}
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	log := &syncBuffer{}
	done := make(chan error, 1)
	data := filepath.Join(t.TempDir(), "data")
	go func() {
		done <- Run(ctx, Options{Data: data, Listen: "127.0.0.1:0", assessor: counting{}, Logger: slog.New(slog.NewTextHandler(log, nil))})
	}()
	eventually(t, "the link in the log", func() bool { return strings.Contains(log.String(), "/console/sign-in?token=") })
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("got %v, want a good end", err)
		}
	case <-time.After(patience):
		t.Fatalf("still running %s after its context ended", patience)
	}
}
