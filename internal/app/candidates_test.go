package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/audit"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
	"ipse.dev/ipse/internal/sim"
)

// work lets a generated person work in a session and reports what their collector gives.
func (d *running) work(s OpenedSession, a *Assessor, person, sitting uint64, seconds float64, sequence int64) (last int64) {
	d.t.Helper()
	stretch := sim.NewPerson(person).Session(sitting).Work("en", 0, seconds*1000)
	c := device.NewCollector(device.Options{Models: a.Models(), Simulated: true, OriginUnixMS: time.Now().UnixMilli() - int64(stretch.EndMS)})
	for batch := range slices.Chunk(c.Play(stretch.Keys, stretch.Pointers), 64) {
		for i := range batch {
			sequence++
			batch[i].Sequence = sequence
		}
		if got := d.report(s.CollectorToken, batch...); got.status != 200 {
			d.t.Fatalf("got %d %s, want 200", got.status, got.body)
		}
	}
	return sequence
}

func startShared(t *testing.T) (*running, *Assessor) {
	t.Helper()
	d := startRunning(t, func(o *Options) { o.assessor, o.AcceptSimulated, o.SharedWorkstations = nil, true, true })
	return d, d.fold.assess.(*Assessor)
}

func (d *running) which(session string, userIDs ...string) answer {
	return d.send("POST", "/v1/sessions/"+session+"/candidates", d.key, Candidates{UserIDs: userIDs})
}

// Three people share a workstation and ipse knows two of them.
func TestWhichOfTheseFew(t *testing.T) {
	d, a := startShared(t)
	subjects := map[string]string{}
	for i, user := range []string{"ada", "bob"} {
		s := d.open(user)
		subjects[user] = s.Subject
		d.work(s, a, 400+uint64(i)*7, 1, 780, 0)
	}
	desk := d.open("the desk's own account")
	empty := want[WhichOfThese](t, d.which(desk.Session, "ada", "bob"), 200)
	if empty.Answer != "cannot_tell" || !slices.Equal(empty.Reasons, []policy.ReasonCode{policy.NoInput}) {
		t.Errorf("before any input: %+v, want cannot_tell for want of input", empty)
	}
	last := d.work(desk, a, 407, 2, 120, 0)
	w := want[WhichOfThese](t, d.which(desk.Session, "ada", "bob"), 200)
	sum := w.NoneOfThese
	for _, c := range w.Candidates {
		sum += c.Probability
		if !c.Comparable {
			t.Errorf("%+v cannot be compared, want both to be", c)
		}
	}
	if w.Answer != "one_of_these" || w.Subject != subjects["bob"] || w.Candidates[1].Subject != subjects["bob"] || sum < 1-1e-9 || sum > 1+1e-9 {
		t.Errorf("bob works and the answer is %+v, want him, and probabilities that sum up to 1 (%g)", w, sum)
	}
	// Whoever has no reference may be the one, as long as nobody fits.
	w = want[WhichOfThese](t, d.which(desk.Session, "ada", "nobody knows me"), 200)
	if w.Answer != "cannot_tell" || !slices.Equal(w.Reasons, []policy.ReasonCode{policy.Immature}) || w.Candidates[1].Comparable {
		t.Errorf("bob works and is not named: %+v, want cannot_tell, and not ada", w)
	}
	// The windows of whoever was there before a sign-in do not answer for who is there after it.
	want[SessionView](t, d.send("POST", "/v1/sessions/"+desk.Session+"/reauthenticated", d.key, Reauthentication{Method: "password"}), 200)
	if w := want[WhichOfThese](t, d.which(desk.Session, "ada", "bob"), 200); w.Answer != "cannot_tell" {
		t.Errorf("after a sign-in: %+v, want cannot_tell", w)
	}
	// A stranger is none of these.
	d.work(desk, a, 777, 1, 240, last)
	if w := want[WhichOfThese](t, d.which(desk.Session, "ada", "bob"), 200); w.Answer == "one_of_these" || w.NoneOfThese <= 0.2 {
		t.Errorf("a stranger works and the answer is %+v, want nobody of these, and none of them likelier than before", w)
	}

	row, err := d.store.Session(t.Context(), desk.Session)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(row.Summary, []byte("mbedding")) || bytes.Contains(row.Summary, []byte(subjects["bob"])) {
		t.Errorf("the store keeps windows or names of those who were named: %s", row.Summary)
	}
}

func TestTheClosedSetModeHasItsLimits(t *testing.T) {
	d, _ := startShared(t)
	s := d.open("desk")
	names := func(from, n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("user-%d", from+i))
		}
		return out
	}
	for name, c := range map[string]struct {
		named []string
		want  problem.Name
	}{
		"one":            {names(0, 1), problem.WrongLength},
		"nobody":         {nil, problem.WrongLength},
		"nine":           {names(0, 9), problem.WrongLength},
		"everybody":      {names(0, 300), problem.WrongLength},
		"the same twice": {[]string{"marked-user", "b", "marked-user"}, problem.UnknownValue},
		"an empty one":   {[]string{"marked-user", ""}, problem.WrongLength},
		"a long one":     {[]string{"marked-user", strings.Repeat("x", 257)}, problem.WrongLength},
		"no text":        {[]string{"marked-user", "\uFFFD"}, problem.UnknownValue},
	} {
		got := d.which(s.Session, c.named...)
		if c.named == nil {
			got = d.send("POST", "/v1/sessions/"+s.Session+"/candidates", d.key, `{"userIDs":[]}`)
		}
		wantProblem(t, name, got, c.want)
		if bytes.Contains(got.body, []byte("marked-user")) {
			t.Errorf("%s: the refusal repeats a user id: %s", name, got.body)
		}
	}
	wantProblem(t, "an unknown session", d.which("nobody", "a", "b"), problem.SessionUnknown)
	wantProblem(t, "no key", d.send("POST", "/v1/sessions/"+s.Session+"/candidates", "", Candidates{UserIDs: names(0, 2)}), problem.TokenMissing)

	// Eight people in a session, and not eight at a time.
	want[WhichOfThese](t, d.which(s.Session, names(0, 5)...), 200)
	want[WhichOfThese](t, d.which(s.Session, names(3, 5)...), 200)
	wantProblem(t, "the ninth", d.which(s.Session, names(7, 2)...), problem.TooManyNamed)
	want[WhichOfThese](t, d.which(s.Session, names(0, 8)...), 200)
	d.stop()
	d = startRunningOn(t, d.data, func(o *Options) { o.assessor, o.SharedWorkstations = nil, true })
	wantProblem(t, "the ninth after a restart", d.which(s.Session, names(7, 2)...), problem.TooManyNamed)

	raw, err := os.ReadFile(filepath.Join(d.data, auditFile))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), "which-of-these"); n != 6 {
		t.Errorf("the audit log has %d questions, want each of the six that were asked in form", n)
	}
	if strings.Contains(string(raw), s.Session) || strings.Contains(string(raw), s.Subject) {
		t.Error("the audit log names the session or the subject: an erasure could not take that back")
	}
	if _, _, err := audit.Verify(bytes.NewReader(raw)); err != nil {
		t.Error(err)
	}
}

func TestTheClosedSetModeIsOffByDefault(t *testing.T) {
	d := startRunning(t, func(o *Options) { o.assessor, o.AcceptSimulated = nil, true })
	s := d.open("desk")
	p := wantProblem(t, "off", d.which(s.Session, "a", "b"), problem.ClosedSetOff)
	if !strings.Contains(p.Detail, "--shared-workstations") {
		t.Errorf("the refusal says %q, want it to name the flag", p.Detail)
	}
	a := d.fold.assess.(*Assessor)
	d.work(s, a, 400, 1, 60, 0)
	v, err := d.fold.find(t.Context(), s.Session)
	if err != nil || len(v.Held) != 0 {
		t.Errorf("%d windows are held, %v; want none where nobody can ask", len(v.Held), err)
	}
	if raw, err := os.ReadFile(filepath.Join(d.data, auditFile)); err == nil && bytes.Contains(raw, []byte("which-of-these")) {
		t.Error("a question that was refused as the mode is off is in the audit log")
	}
}

func TestHeldWindowsAreFewRecentAndInMemoryAlone(t *testing.T) {
	k := newSubject(t)
	k.HoldProbes = true
	random := rand.New(rand.NewPCG(1, 1))
	s := k.session
	for i := range int64(50) {
		s = k.after(s, k.nowMS+i*10_000, k.window(bothModalities[i%2], 0, random))
	}
	if len(s.Held) != 2*heldProbes || len(s.recentProbes()) != 2*heldProbes {
		t.Errorf("%d windows are held, want %d of each modality", len(s.Held), heldProbes)
	}
	if raw, err := json.Marshal(s); err != nil || bytes.Contains(raw, []byte("Embedding")) {
		t.Errorf("the session's JSON holds windows (%v)", err)
	}
	unanswered := k.after(s, k.nowMS+500_000, k.unanswerable(random))
	if len(unanswered.Held) != len(s.Held) {
		t.Errorf("a window that says nothing is held: %d after %d", len(unanswered.Held), len(s.Held))
	}
	later := k.after(s, k.nowMS+500_000+heldProbesWithin, k.window(observation.Keyboard, 0, random))
	if n := len(later.recentProbes()); n != 1 {
		t.Errorf("%d windows count after ten minutes of silence, want the one that is new", n)
	}
	if closed := k.Close(s, k.nowMS+600_000); closed.Held != nil {
		t.Errorf("a closed session holds %d windows, want none", len(closed.Held))
	}
}
