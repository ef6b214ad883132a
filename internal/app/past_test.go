package app

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/ingest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/store"
	"ipse.dev/ipse/internal/store/sqlite"
)

func sketchOf(names ...uint64) (s observation.Sketch) {
	for _, n := range names {
		s = binary.BigEndian.AppendUint64(s, n)
	}
	return s
}

// tape is what a session sent, window by window.
func tape(seed uint64, windows int) []observation.Observation {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]observation.Observation, windows)
	for i := range out {
		out[i] = plain(int64(i + 1))
		out[i].Liveness.Sketch = sketchOf(r.Uint64(), r.Uint64())
	}
	return out
}

func TestAReplayOfAnEarlierSessionIsAnAlarm(t *testing.T) {
	a := newAssessor(t)
	a.Liveness = only(presence.Replayed)
	var refs References
	var past presence.Past
	atMS := int64(1000)
	session := func(windows []observation.Observation) (s Session, changes []Change) {
		s = a.Open("s", "p", atMS)
		s.Past = past
		for _, o := range windows {
			atMS += 10_000
			o.StartMS = atMS
			var more []Change
			s, refs, more = a.Observe(s, refs, []observation.Observation{o}, atMS)
			changes = append(changes, more...)
		}
		raw, err := json.Marshal(s.Past)
		if err != nil {
			t.Fatal(err)
		}
		past = nil
		if err := json.Unmarshal(raw, &past); err != nil {
			t.Fatal(err)
		}
		return s, changes
	}
	replayed := func(s Session) bool { return slices.Contains(s.Decision.Reasons, policy.ReasonCode(presence.Replayed)) }
	for seed := range uint64(3) {
		if s, _ := session(tape(seed, 30)); replayed(s) {
			t.Fatalf("session %d of new behaviour: %+v", seed, s.Decision)
		}
	}
	before := len(past[observation.Keyboard].Recent)
	learnt := 0
	for _, r := range refs {
		learnt += r.Version
	}
	s, changes := session(tape(1, 30)[5:12])
	if len(changes) != 1 || changes[0].To != policy.High || s.Decision.Answer != policy.CannotTell || !replayed(s) {
		t.Errorf("a replay of the second session: %+v, decision %+v; want HIGH, cannot tell, and the reason", changes, s.Decision)
	}
	if after := len(past[observation.Keyboard].Recent); after != before {
		t.Errorf("the past grew from %d to %d names by a replay, want none more", before, after)
	}
	for _, r := range refs {
		learnt -= r.Version
	}
	if learnt != 0 {
		t.Errorf("references took in %d windows of a replay, want none", -learnt)
	}
}

func TestAPhraseReplayedInAnotherSessionIsAnAlarm(t *testing.T) {
	a := newAssessor(t)
	a.Liveness = only(presence.Replayed)
	owner := newPhraseTypist(1)
	s, refs := learnt(t, a, owner)
	past, atMS := s.Past, int64(20_000)
	typed := func(o observation.Observation) (Session, References, int) {
		atMS += 3_600_000
		o.StartMS, o.Sequence = atMS, 1
		s := a.Open("another", "subject", atMS)
		s.Past = past
		s, after, changes := a.Observe(s, refs, []observation.Observation{o}, atMS)
		return s, after, len(changes)
	}
	var recorded observation.Observation
	for range 12 {
		recorded = owner.types(t, 7, 1, nil)
		s, after, changes := typed(recorded)
		if changes != 0 || s.Decision.Level != policy.Low {
			t.Fatalf("the owner's own typing: %+v", s.Decision)
		}
		past, refs = s.Past, after
	}
	s, after, changes := typed(recorded)
	if changes != 1 || s.Decision.Level != policy.High || !slices.Contains(s.Decision.Reasons, policy.ReasonCode(presence.Replayed)) {
		t.Errorf("the last typing once more, an hour later: %+v, want HIGH and the reason", s.Decision)
	}
	for key, r := range after {
		if r.Version != refs[key].Version {
			t.Errorf("the reference went from version %d to %d by a replay, want it to stay", refs[key].Version, r.Version)
		}
	}
	if before, now := len(past["phrase.7"].Recent), len(s.Past["phrase.7"].Recent); before == 0 || now != before {
		t.Errorf("the past of the phrase went from %d to %d by a replay, want some and the same", before, now)
	}
	if s, _, changes := typed(owner.types(t, 7, 1, nil)); changes != 0 {
		t.Errorf("the owner's next typing: %+v, want no alarm", s.Decision)
	}
}

func TestAWindowThatComesForEachModelIsPastOnce(t *testing.T) {
	a := newAssessor(t)
	a.Liveness = only(presence.Replayed)
	s := a.Open("s", "p", 0)
	o := plain(1)
	o.StartMS, o.Liveness.Sketch = 500, sketchOf(1, 2)
	again := o
	again.Sequence, again.Model = 2, "another"
	s, _, _ = a.Observe(s, nil, []observation.Observation{o, again}, 1000)
	if got := s.Past[observation.Keyboard].Recent; len(got) != 2 {
		t.Errorf("the past holds %x, want the two names once", got)
	}
}

func TestWhatNoHandMadeIsNoPast(t *testing.T) {
	a := newAssessor(t)
	a.Liveness = only(presence.Replayed)
	a.AcceptSimulated = false
	o := plain(1)
	o.Liveness.Sketch, o.Liveness.UntrustedShare = sketchOf(1, 2), 0.5
	if s, _, _ := a.Observe(a.Open("s", "p", 0), nil, []observation.Observation{o}, 1000); len(s.Past) != 0 {
		t.Errorf("injected events became past: %+v", s.Past)
	}
}

func TestWhatIsUsualIsRememberedOfWhatLooksLikeAHandAlone(t *testing.T) {
	for name, c := range map[string]struct {
		nats      float64 // what each window says for a forgery
		untrusted float64
		want      int // windows that are remembered of ten
	}{
		"a hand":            {-1, 0, 10},
		"doubtful":          {1, 0, 4}, // the fifth brings the sum half way
		"events of no hand": {-1, 0.5, 0},
	} {
		a := newAssessor(t)
		a.AcceptSimulated = false
		a.Liveness = presence.Judge{Signals: []presence.Signal{{
			Kind: presence.ForgedKeys, Least: -1, Most: 1, Found: 10,
			LLR:   func(presence.Window) (float64, bool) { return c.nats, true },
			Usual: func(presence.Window) (string, float64, bool) { return "network", c.nats, true },
		}}}
		s := a.Open("s", "p", 0)
		for i := range int64(10) {
			o := plain(i + 1)
			o.StartMS, o.Liveness.UntrustedShare = i*10_000, c.untrusted
			s, _, _ = a.Observe(s, nil, []observation.Observation{o}, i*10_000+9000)
		}
		if got := s.Past[observation.Keyboard].Usual[presence.ForgedKeys]; got.Windows != c.want || (c.want > 0 && got.Nats != c.nats) {
			t.Errorf("%s: %+v is usual after ten windows, want %d of %g nats", name, got, c.want, c.nats)
		}
	}
}

// Who holds a session from its first window on is held against earlier sessions alone. Once found, what the session taught is
// taken back, and a sign-in changes nothing of what it is held against.
func TestWhoHoldsASessionTeachesNothing(t *testing.T) {
	a := newAssessor(t)
	a.AcceptSimulated = false
	a.Liveness = presence.Judge{Signals: []presence.Signal{{
		Kind: presence.ForgedKeys, Least: -1, Most: 1, Found: 9,
		LLR:   func(presence.Window) (float64, bool) { return -1, true },
		Usual: func(presence.Window) (string, float64, bool) { return "network", 2, true },
		Since: func(s presence.Since, w presence.Window) presence.Since {
			s = s.Begin("network", w.Past[w.Modality].Usual[presence.ForgedKeys])
			s.Run++
			s.Nats = float64(s.Run)
			return s
		},
	}}}
	earlier := presence.Usual{By: "network", Windows: 5, Nats: -1}
	s := a.Open("s", "p", 0)
	s.Past = presence.Past{observation.Keyboard: {Usual: map[presence.Kind]presence.Usual{presence.ForgedKeys: earlier}}}
	usual := func() presence.Usual { return s.Past[observation.Keyboard].Usual[presence.ForgedKeys] }
	for i := range int64(9) {
		if i == 6 && usual().Windows != 10 {
			t.Errorf("%+v is usual after six windows; want the five that were not near to being found with those before", usual())
		}
		o := plain(i + 1)
		o.StartMS = i * 10_000
		s, _, _ = a.Observe(s, nil, []observation.Observation{o}, i*10_000+9000)
	}
	if s.Decision.Level != policy.High || usual() != earlier {
		t.Errorf("after nine windows %s, and %+v is usual; want HIGH, and %+v as before the session", s.Decision.Level, usual(), earlier)
	}
	s, _ = a.Reauthenticate(s, 100_000)
	if since := s.Liveness.Since[presence.ForgedKeys]; since.Before != earlier || since.Run != 0 || since.Nats != 0 {
		t.Errorf("after the sign-in %+v; want a session that begins anew beside %+v", since, earlier)
	}
}

func TestWhatMayBeRememberedIsWritten(t *testing.T) {
	named, measured, phrase := plain(1), plain(2), observation.Observation{Modality: observation.Phrase}
	named.Liveness.Sketch, measured.Liveness.Measures = sketchOf(1), []float64{1}
	if remembered(plain(3)) || !remembered(named) || !remembered(measured) || !remembered(phrase) {
		t.Errorf("remembered: without both %v, with names %v, with measures %v, a phrase %v; want only the first not",
			remembered(plain(3)), remembered(named), remembered(measured), remembered(phrase))
	}
}

// remembering counts, and keeps names as the assessor does.
type remembering struct{ counting }

func (c remembering) Observe(s Session, refs References, obs []observation.Observation, atMS int64) (Session, References, []Change) {
	for _, o := range obs {
		if o.Sequence > s.LastSequence {
			s.Past = s.Past.Add(o)
		}
	}
	return c.counting.Observe(s, refs, obs, atMS)
}

// pastOf reads what the store keeps of one subject, while no server has it open.
func pastOf(t *testing.T, data, subject string) (presence.Past, error) {
	t.Helper()
	db, err := sqlite.Open(context.Background(), filepath.Join(data, storeFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	row, err := db.History(context.Background(), subject)
	if err != nil {
		return nil, err
	}
	var past presence.Past
	return past, json.Unmarshal(row.Body, &past)
}

func TestThePastIsKeptOnceAndGoesWithTheSubject(t *testing.T) {
	remember := func(o *Options) { o.assessor = remembering{} }
	d := startRunning(t, remember)
	s := d.open("someone")
	send := func(d *running, from, to uint64) {
		for i := from; i <= to; i++ {
			o := observed(int64(i))
			o.Liveness.Sketch = sketchOf(i, i<<32)
			want[ingest.Reply](t, d.report(s.CollectorToken, o), 200)
		}
	}
	send(d, 1, 20)
	d.stop()
	d = startRunningOn(t, d.data, remember)
	send(d, 21, 40)
	d.stop()
	past, err := pastOf(t, d.data, s.Subject)
	if err != nil {
		t.Fatal(err)
	}
	names := past[observation.Keyboard].Recent
	if len(names) != 80 {
		t.Fatalf("%d names are kept of 40 windows of two, want 80", len(names))
	}
	for i := range uint64(40) {
		if names[2*i] != i+1 || names[2*i+1] != (i+1)<<32 {
			t.Fatalf("names %d and %d are %x, want window %d's", 2*i, 2*i+1, names[2*i:2*i+2], i+1)
		}
	}
	d = startRunningOn(t, d.data, remember)
	if got := d.send("DELETE", "/v1/subjects/"+s.Subject, d.key, nil); got.status/100 != 2 {
		t.Fatalf("erasing: %d %s", got.status, got.body)
	}
	eventually(t, "the erasure", func() bool { return d.send("GET", "/v1/subjects/"+s.Subject, d.key, nil).status == 404 })
	d.stop()
	if past, err := pastOf(t, d.data, s.Subject); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after the erasure: %+v, %v; want store.ErrNotFound", past, err)
	}
}

// only is the server's judge of one kind.
func only(kind presence.Kind) presence.Judge {
	all := presence.Default().Signals
	return presence.Judge{Signals: slices.DeleteFunc(all, func(s presence.Signal) bool { return s.Kind != kind })}
}
