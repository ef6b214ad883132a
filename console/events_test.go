package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/console/consoletest"
	"ipse.dev/ipse/internal/review"
)

// stream is a response that is read while it is written.
type stream struct {
	mu     sync.Mutex
	header http.Header
	status int
	text   strings.Builder
}

func (s *stream) Header() http.Header { return s.header }
func (s *stream) WriteHeader(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}
func (s *stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}
func (s *stream) Flush() {}

// take gives what has been written since it was last called.
func (s *stream) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.text.String()
	s.text.Reset()
	return text
}

// listener is a signed-in reader of the stream of events, in a synctest bubble.
type listener struct {
	*stream
	console *console.Console
	source  *consoletest.Source
	cookie  *http.Cookie
	leave   context.CancelFunc
	over    chan struct{}
}

func listen(t *testing.T, query string) *listener {
	t.Helper()
	l := &listener{stream: &stream{header: http.Header{}}, source: consoletest.Desk(time.Now()), over: make(chan struct{})}
	c, err := console.New(console.Options{Sessions: l.source, Cases: l.source, BaseURL: "http://x"})
	if err != nil {
		t.Fatal(err)
	}
	l.console = c
	t.Cleanup(c.Close)
	l.cookie = l.post(t, "/console/sign-in", url.Values{"token": {tokenOf(t, c.OneTimeLink())}}).Result().Cookies()[0]
	ctx, leave := context.WithCancel(t.Context())
	l.leave = leave
	q := httptest.NewRequestWithContext(ctx, http.MethodGet, "/console/events"+query, nil)
	q.AddCookie(l.cookie)
	go func() {
		defer close(l.over)
		c.Handler().ServeHTTP(l, q)
	}()
	synctest.Wait()
	if got, want := l.take(), "retry: 2000\n\nevent: update\ndata:\n\n"; got != want {
		t.Fatalf("the stream begins with %q, want %q", got, want)
	}
	if kind := l.header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("type %q, want text/event-stream", kind)
	}
	return l
}

func (l *listener) post(t *testing.T, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	q := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if l.cookie != nil {
		q.AddCookie(l.cookie)
	}
	w := httptest.NewRecorder()
	l.console.Handler().ServeHTTP(w, q)
	return w
}

// change tells of changes of sessions, one after the other.
func (l *listener) change(ids ...string) {
	for _, id := range ids {
		d, err := l.source.Session(context.Background(), id)
		if err != nil {
			panic(err)
		}
		l.source.Put(d)
	}
}

func (l *listener) wants(t *testing.T, when, want string) {
	t.Helper()
	synctest.Wait()
	if got := l.take(); got != want {
		t.Errorf("%s: got %q, want %q", when, got, want)
	}
}

func TestEventsAreCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, "")
		time.Sleep(time.Second)
		l.change("s-taken")
		l.wants(t, "the first change after a pause", "event: update\ndata: s-taken\n\n")
		for range 100 {
			l.change("s-taken", "s-quiet")
		}
		l.wants(t, "many changes at once", "")
		time.Sleep(500 * time.Millisecond)
		l.wants(t, "half a second later", "event: update\ndata: s-taken\ndata: s-quiet\n\n")
		l.leave()
		<-l.over
	})
}

func TestAtMostTwoEventsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, "")
		for range 1000 { // ten seconds
			l.change("s-taken")
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		if n := strings.Count(l.take(), "event:"); n < 18 || n > 20 {
			t.Errorf("%d events in ten seconds of steady change, want about 20 and no more", n)
		}
		l.leave()
		<-l.over
	})
}

func TestWatchedEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, "?watch=s-taken")
		time.Sleep(time.Second)
		l.change("s-quiet")
		l.wants(t, "another session changes", "")
		time.Sleep(time.Second)
		l.change("s-taken")
		l.wants(t, "the session changes", "event: update\ndata: s-taken\n\n")
		time.Sleep(time.Second)
		if err := l.source.Decide(t.Context(), "c-long", review.Impostor, time.Now()); err != nil {
			t.Fatal(err)
		}
		l.wants(t, "a case of another session changes", "")
		time.Sleep(time.Second)
		if err := l.source.Decide(t.Context(), "c-taken", review.Impostor, time.Now()); err != nil {
			t.Fatal(err)
		}
		l.wants(t, "a case of the session changes", "event: update\ndata: c-taken\n\n")
		l.leave()
		<-l.over
	})
}

func TestQuietStreamLivesAndEndsWithTheSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, "")
		time.Sleep(41 * time.Second)
		l.wants(t, "after two heartbeats", ":\n\n:\n\n")
		l.post(t, "/console/sign-out", nil)
		l.change("s-taken")
		select {
		case <-l.over:
		case <-time.After(time.Second):
			t.Error("the stream goes on after the sign-out")
			l.leave()
			<-l.over
		}
		l.wants(t, "after the sign-out", "")
	})
}

func TestStreamEndsAfterTwelveHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, "")
		begun := time.Now()
		<-l.over
		if after := time.Since(begun); after < 12*time.Hour || after > 12*time.Hour+time.Minute {
			t.Errorf("the stream ended after %v, want 12 h", after)
		}
	})
}

func TestCloseEndsStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, "")
		l.console.Close()
		l.console.Close() // twice does no harm
		<-l.over
	})
}

func TestStreamsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, "")
		open := func(ctx context.Context) *stream {
			s := &stream{header: http.Header{}}
			q := httptest.NewRequestWithContext(ctx, http.MethodGet, "/console/events", nil)
			q.AddCookie(l.cookie)
			go l.console.Handler().ServeHTTP(s, q)
			return s
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range 255 {
			open(ctx)
		}
		synctest.Wait()
		if s := open(ctx); true {
			synctest.Wait()
			if s.status != http.StatusServiceUnavailable || s.header.Get("Retry-After") == "" {
				t.Errorf("stream 257: status %d, want 503 and when to try again", s.status)
			}
		}
		cancel()
		l.leave()
		<-l.over
		synctest.Wait()
	})
}

func TestIdentifiersCannotForgeEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, "")
		time.Sleep(time.Second)
		l.source.Put(consoletest.Trusted("x\n\nevent: forged\rdata: y", "z", time.Now(), time.Now().Add(time.Minute)))
		l.wants(t, "an identifier with line breaks", fmt.Sprintf("event: update\ndata: %s\n\n", "xevent: forgeddata: y"))
		l.leave()
		<-l.over
	})
}

func TestFragment(t *testing.T) {
	r := signedIn(t, consoletest.Desk(noon))
	for _, path := range []string{"/console/", "/console/sessions/s-taken", "/console/alarms", "/console/alarms/c-taken"} {
		_, whole := r.get(path)
		r.wants(path, whole, `hx-get="`+path+`"`, `id="live"`, `hx-sse:connect="/console/events`)
		q, err := http.NewRequest(http.MethodGet, r.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("HX-Request", "true")
		_, part := r.do(q)
		if strings.Contains(part, "<html") || strings.Contains(part, `id="live"`) || !strings.Contains(part, `id="told"`) {
			t.Errorf("%s for a script is not the live part of the page alone", path)
		}
		r.wants(path, part, `hx-swap-oob="true"`, "2 open")
	}
}
