package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/problem"
)

// serveVariable makes the test's own binary a server on the folder that it names.
const serveVariable = "IPSE_TEST_SERVE_DATA"

func TestMain(m *testing.M) {
	if data := os.Getenv(serveVariable); data != "" {
		serveUntilKilled(data)
	}
	os.Exit(m.Run())
}

func serveUntilKilled(data string) {
	s, err := Start(context.Background(), Options{Data: data, Listen: "127.0.0.1:0", QueueBytes: 64 << 20, assessor: counting{},
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.URL())
	select {}
}

// victim is a server in a process of its own.
type victim struct {
	url     string
	process *exec.Cmd
}

func startVictim(t *testing.T, data string) *victim {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), serveVariable+"="+data)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = c.Process.Kill()
		t.Fatalf("the server said %q and ended: %v, %v", line, err, c.Wait())
	}
	return &victim{url: strings.TrimSpace(line), process: c}
}

func (v *victim) kill() {
	_ = v.process.Process.Kill()
	_ = v.process.Wait() // says that it was killed
}

// collector posts numbered observations for one session, as a real one would: what is not acknowledged is sent again.
type collector struct {
	token        string
	session      string
	acknowledged int64 // through this sequence
	attempts     int
}

var killClient = &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}

// post sends observations once. ok is false when no answer came.
func (c *collector) post(url string, observations ...observation.Observation) (reply ingest.Reply, refused problem.Problem, ok bool) {
	raw, err := json.Marshal(ingest.Report{SentAtMS: time.Now().UnixMilli(), Observations: append([]observation.Observation{}, observations...)})
	if err != nil {
		panic(err)
	}
	r, err := http.NewRequest("POST", url+"/v1/observations", bytes.NewReader(raw))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := killClient.Do(r)
	if err != nil {
		return reply, refused, false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply, refused, false
	}
	if resp.StatusCode == 200 {
		return reply, refused, json.Unmarshal(body, &reply) == nil
	}
	return reply, refused, json.Unmarshal(body, &refused) == nil
}

// run posts until the server does not answer any more, and reports what must not be.
func (c *collector) run(url string) error {
	hello, refused, ok := c.post(url)
	if !ok {
		return nil
	}
	if refused.Status != 0 {
		if refused.Status == 429 {
			return nil
		}
		return fmt.Errorf("hello was refused: %+v", refused)
	}
	if hello.AcceptedThrough < c.acknowledged {
		return fmt.Errorf("the server has observations through %d, it acknowledged through %d", hello.AcceptedThrough, c.acknowledged)
	}
	c.acknowledged = hello.AcceptedThrough // more when only the answer was lost
	for {
		c.attempts++
		next := []observation.Observation{observed(c.acknowledged + 1), observed(c.acknowledged + 2)}
		if next[0].Sequence%7 == 0 {
			next[0].Events = alarmEvents
		}
		reply, refused, ok := c.post(url, next...)
		switch {
		case !ok:
			return nil
		case refused.Status == 429:
			time.Sleep(20 * time.Millisecond)
		case refused.Status != 0:
			return fmt.Errorf("a report was refused: %+v", refused)
		case reply.AcceptedThrough != next[1].Sequence:
			return fmt.Errorf("accepted through %d, want %d", reply.AcceptedThrough, next[1].Sequence)
		default:
			c.acknowledged = reply.AcceptedThrough
		}
		time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond)
	}
}

// The promise: kill -9 at any moment loses nothing that was acknowledged and counts nothing twice.
func TestKillAtAnyMoment(t *testing.T) {
	const restarts, users, sessionsPerUser = 25, 4, 2
	const enough = 100 // observations, below which the test says too little
	data := filepath.Join(t.TempDir(), "data")
	first := startVictim(t, data)
	key, err := os.ReadFile(filepath.Join(data, apiKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	var collectors []*collector
	subjects := map[string][]*collector{}
	opener := &running{Server: &Server{url: first.url}, t: t, key: strings.TrimSpace(string(key))}
	for i := range users * sessionsPerUser {
		s := opener.open(fmt.Sprintf("user-%d", i%users))
		c := &collector{token: s.CollectorToken, session: s.Session}
		collectors = append(collectors, c)
		subjects[s.Subject] = append(subjects[s.Subject], c)
	}
	acknowledged := func() (total int64) {
		for _, c := range collectors {
			total += c.acknowledged
		}
		return total
	}
	v := first
	for n := 0; n < restarts || acknowledged() < enough; n++ {
		if n == 20*restarts {
			t.Fatalf("only %d observations got through in %d restarts; want %d", acknowledged(), n, enough)
		}
		var posting sync.WaitGroup
		for _, c := range collectors {
			posting.Go(func() {
				if err := c.run(v.url); err != nil {
					t.Errorf("session %s: %v", c.session, err)
				}
			})
		}
		time.Sleep(time.Duration(50+rand.IntN(450)) * time.Millisecond)
		v.kill()
		posting.Wait()
		if t.Failed() {
			return
		}
		v = startVictim(t, data)
	}
	v.kill()
	verifyAfterKills(t, startRunningOn(t, data, nil), subjects)
}

func verifyAfterKills(t *testing.T, d *running, subjects map[string][]*collector) {
	t.Helper()
	d.kept()
	var total, alarms int64
	for subject, collectors := range subjects {
		var applied int64
		for _, c := range collectors {
			reply, refused, ok := c.post(d.URL())
			if !ok || refused.Status != 0 || reply.AcceptedThrough < c.acknowledged {
				t.Fatalf("session %s: accepted through %d (%+v), acknowledged through %d", c.session, reply.AcceptedThrough, refused, c.acknowledged)
			}
			v, err := d.fold.find(t.Context(), c.session)
			if err != nil || v.LastSequence != reply.AcceptedThrough {
				t.Errorf("session %s: folded through %d, %v; want %d", c.session, v.LastSequence, err, reply.AcceptedThrough)
			}
			cases, err := d.store.SessionCases(t.Context(), c.session)
			if wanted := reply.AcceptedThrough >= 7; err != nil || (len(cases) == 1) != wanted {
				t.Errorf("session %s of %d observations: %d cases, %v; want one from the seventh on", c.session, reply.AcceptedThrough, len(cases), err)
			}
			applied += reply.AcceptedThrough
			alarms += int64(len(cases))
		}
		refs, err := d.fold.referencesOf(t.Context(), subject)
		if err != nil {
			t.Fatal(err)
		}
		var weight float64
		for _, r := range refs {
			weight += r.Comparison.Weight
		}
		if weight != float64(applied) {
			t.Errorf("subject %s: %g observations were counted, want each of %d once", subject, weight, applied)
		}
		total += applied
	}
	days, err := d.store.BudgetDays(t.Context(), 0)
	var counted int64
	for _, day := range days {
		counted += day.Alerts
	}
	if err != nil || counted != alarms {
		t.Errorf("the sums of days have %d alarms, %v; want each of %d once", counted, err, alarms)
	}
	t.Logf("%d observations over all kills", total)
}
