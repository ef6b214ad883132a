package bus

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ipse.dev/ipse/internal/observation"
)

func open(t *testing.T, o Options) *Bus {
	t.Helper()
	b, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func envelope(subject, session string, through int64) Envelope {
	return Envelope{Kind: Observations, Session: session, Subject: subject, ReceivedAtMS: 1000 + through, Through: through,
		Observations: []observation.Observation{{Sequence: through, Modality: observation.Keyboard, Embedding: observation.Embedding{1, -2}}}}
}

func publish(t *testing.T, b *Bus, e Envelope) uint64 {
	t.Helper()
	seq, err := b.Publish(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// consume collects a partition's messages until n have come.
func consume(t *testing.T, b *Bus, partition int, after uint64, n int) []Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got []Message
	if err := b.Consume(ctx, partition, after, func(m Message) {
		if got = append(got, m); len(got) == n {
			cancel()
		}
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) < n {
		t.Fatalf("got %d messages, want %d", len(got), n)
	}
	return got
}

func TestPublishTellsABrokenStream(t *testing.T) {
	b := open(t, Options{Dir: t.TempDir(), MaxBytes: 1 << 20, NoSync: true})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Publish(ended, envelope("s", "a", 1)); err == nil || errors.Is(err, ErrBroken) {
		t.Errorf("a caller who is gone: got %v, want an error that is not ErrBroken", err)
	}
	if err := b.server.DisableJetStream(); err != nil { // as the stream server does itself when it may not write
		t.Fatal(err)
	}
	if _, err := b.Publish(t.Context(), envelope("s", "a", 2)); !errors.Is(err, ErrBroken) {
		t.Errorf("got %v, want ErrBroken", err)
	}
}

func TestOrderAndResumption(t *testing.T) {
	o := Options{Dir: t.TempDir(), MaxBytes: 16 << 20}
	b := open(t, o)
	const subject, other = "subject-a", "subject-b"
	var sequences []uint64
	for i := range int64(5) {
		sequences = append(sequences, publish(t, b, envelope(subject, "s1", i+1)))
		publish(t, b, envelope(other, "s2", i+1))
	}
	b.Close()
	b = open(t, o)
	p := PartitionOf(subject)
	want := 3
	if PartitionOf(other) == p {
		t.Fatal("the test's subjects must lie in different partitions")
	}
	got := consume(t, b, p, sequences[1], want)
	for i, m := range got {
		if m.Err != nil || m.Sequence != sequences[2+i] || m.Through != int64(3+i) || m.Session != "s1" || len(m.Observations) != 1 {
			t.Errorf("message %d: got sequence %d, through %d of %s, error %v; want sequence %d, through %d of s1", i, m.Sequence, m.Through, m.Session, m.Err, sequences[2+i], 3+i)
		}
	}
	last, seq, err := b.Last(t.Context(), subject, "s1")
	if err != nil || seq != sequences[4] || last.Through != 5 {
		t.Errorf("last: got %d, through %d, %v; want %d, through 5", seq, last.Through, err, sequences[4])
	}
	if _, seq, err := b.Last(t.Context(), subject, "none"); err != nil || seq != 0 {
		t.Errorf("last of an unknown session: got %d, %v; want 0", seq, err)
	}
}

func TestFull(t *testing.T) {
	b := open(t, Options{Dir: t.TempDir(), MaxBytes: 8 << 10})
	for i := range int64(1000) {
		_, err := b.Publish(t.Context(), envelope("a", "s", i+1))
		if errors.Is(err, ErrFull) {
			if err := b.Trim(t.Context(), PartitionOf("a"), 1000, time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Publish(t.Context(), envelope("a", "s", i+1)); err != nil {
				t.Errorf("after trimming: %v, want room", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Error("1000 messages went into 8 KiB, want ErrFull")
}

func TestTrimKeepsTheYoungAndTheUnapplied(t *testing.T) {
	b := open(t, Options{Dir: t.TempDir(), MaxBytes: 16 << 20, NoSync: true})
	var sequences []uint64
	for i := range int64(4) {
		sequences = append(sequences, publish(t, b, envelope("a", "s", i+1)))
	}
	p := PartitionOf("a")
	foreign := publish(t, b, Envelope{Kind: Observations, Subject: otherPartition("a"), Session: "x"})
	for _, c := range []struct {
		name    string
		applied uint64
		before  time.Time
		left    uint64 // messages
	}{
		{"all younger than the retention", sequences[3], time.Now().Add(-time.Hour), 5},
		{"two applied", sequences[1], time.Now().Add(time.Hour), 3},
		{"all applied", sequences[3], time.Now().Add(time.Hour), 1},
	} {
		if err := b.Trim(t.Context(), p, c.applied, c.before); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		u, err := b.Usage(t.Context())
		if err != nil || u.Messages != c.left || u.LastSequence != foreign {
			t.Errorf("%s: %d messages left up to %d, %v; want %d up to %d", c.name, u.Messages, u.LastSequence, err, c.left, foreign)
		}
	}
}

func TestEraseOverwrites(t *testing.T) {
	dir := t.TempDir()
	b := open(t, Options{Dir: dir, MaxBytes: 16 << 20})
	const subject = "erase-me-pseudonym"
	publish(t, b, envelope(subject, "s1", 1))
	publish(t, b, envelope(subject, "s2", 1))
	publish(t, b, envelope(subject, "s1", 2))
	publish(t, b, Envelope{Kind: Corrected, Subject: subject, Correction: &Correction{Action: "roll-back"}})
	request := publish(t, b, Envelope{Kind: Erased, Subject: subject, Sessions: []string{"s1", "s2"}})
	if !holds(t, dir, subject) {
		t.Fatal("the stream's files do not hold the pseudonym before erasure: the test looks at the wrong place")
	}
	for _, s := range []string{"s1", "s2"} {
		if err := b.Erase(t.Context(), subject, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.EraseErasures(t.Context(), PartitionOf(subject), request); err != nil {
		t.Fatal(err)
	}
	if u, _ := b.Usage(t.Context()); u.Messages != 0 {
		t.Errorf("%d messages left, want 0", u.Messages)
	}
	b.Close()
	if holds(t, dir, subject) {
		t.Error("the stream's files still hold the pseudonym")
	}
}

func TestSkipTo(t *testing.T) {
	o := Options{Dir: t.TempDir(), MaxBytes: 1 << 20}
	b := open(t, o)
	if skipped, err := b.SkipTo(t.Context(), 41); err != nil || !skipped {
		t.Fatalf("SkipTo = %v, %v; want to have skipped", skipped, err)
	}
	b.Close()
	b = open(t, o)
	if seq := publish(t, b, envelope("a", "s", 1)); seq <= 41 {
		t.Errorf("got stream sequence %d, want one above 41", seq)
	}
	if skipped, err := b.SkipTo(t.Context(), 3); err != nil || skipped {
		t.Fatalf("SkipTo = %v, %v; want nothing to skip", skipped, err)
	}
	if got := consume(t, b, PartitionOf("a"), 41, 1); got[0].Through != 1 {
		t.Errorf("got through %d, want 1", got[0].Through)
	}
}

func otherPartition(subject string) string {
	for i := 'a'; ; i++ {
		if s := subject + string(i); PartitionOf(s) != PartitionOf(subject) {
			return s
		}
	}
}

func holds(t *testing.T, dir, needle string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the stream server took it away
		}
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		found = found || bytes.Contains(data, []byte(needle))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
