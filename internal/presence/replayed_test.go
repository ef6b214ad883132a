package presence

import (
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/observation"
)

// flipped changes so many bits of a name.
func flipped(r *rand.Rand, name uint64, n int) uint64 {
	for _, bit := range r.Perm(64)[:n] {
		name ^= 1 << bit
	}
	return name
}

// listen gives the number of windows after which a replay is found in a session that begins with this past; 0 where it is
// not.
func listen(past Past, windows []observation.Observation) int {
	judge, state := Judge{Signals: []Signal{replayed}}, State{}
	for i, o := range windows {
		o.StartMS = int64(i)
		var findings []Finding
		state, findings = judge.Update(state, Window{Observation: o, Past: past})
		if len(findings) == 1 && findings[0].Found {
			return i + 1
		}
		if !judge.Near(state, func(Kind) bool { return true }) {
			past = past.Add(o)
		}
	}
	return 0
}

func TestAReplayIsFoundAndPeopleAreNot(t *testing.T) {
	for _, modality := range []observation.Modality{observation.Keyboard, observation.Pointer, observation.Touch} {
		r := rand.New(rand.NewPCG(1, 1))
		work := func(n int, name func(i int) uint64) (out []observation.Observation) {
			for i := range n {
				o := sketched(name(2*i), name(2*i+1))
				o.Modality = modality
				out = append(out, o)
			}
			return out
		}
		recorded := make([]uint64, 600)
		for i := range recorded {
			recorded[i] = r.Uint64()
		}
		var past Past
		for _, o := range work(300, func(i int) uint64 { return recorded[i] }) {
			past = past.Add(o)
		}
		phrase := r.Uint64()
		for _, c := range []struct {
			name    string
			windows []observation.Observation
			within  int // windows; 0 is never
		}{
			{"exact", work(10, func(i int) uint64 { return recorded[100+i] }), 3},
			{"two bits off", work(10, func(i int) uint64 { return flipped(r, recorded[300+i], 2) }), 4},
			{"half of it, in another order", work(20, func(i int) uint64 {
				if i%2 == 0 {
					return flipped(r, recorded[i*37%500], 1)
				}
				return r.Uint64()
			}), 12},
			{"new behaviour", work(400, func(int) uint64 { return r.Uint64() }), 0},
			{"one phrase again and again", work(400, func(int) uint64 { return flipped(r, phrase, 4+r.IntN(6)) }), 0},
			{"the session in itself", work(40, func(i int) uint64 { return recorded[i%10] ^ 0xf0f0f0f0f0f0f0f0 }), 9},
		} {
			got := listen(past, c.windows)
			if (c.within == 0) != (got == 0) || got > c.within {
				t.Errorf("%s, %s: found after %d windows; want %d at most, 0 for never", modality, c.name, got, c.within)
			}
		}
	}
}

func TestOneWindowSentAgainIsNoAlarm(t *testing.T) {
	past := Past{}.Add(sketched(7, 8))
	for range leastNames {
		past = past.Add(sketched(rand.Uint64(), rand.Uint64()))
	}
	if got := listen(past, []observation.Observation{sketched(7, 8)}); got != 0 {
		t.Errorf("found after %d windows, want one to be too few", got)
	}
}

func TestWhatSaysNothingIsNotJudged(t *testing.T) {
	blurred, none, broken := sketched(1, 2), sketched(), sketched(1)
	blurred.Liveness.TimestampQuantumMS = 100
	broken.Liveness.Sketch = broken.Liveness.Sketch[:5]
	past := Past{}
	for range leastNames / 2 {
		past = past.Add(sketched(1, 2))
	}
	for name, o := range map[string]observation.Observation{"a blurred clock": blurred, "no names": none, "half a name": broken} {
		if nats, ok := replayed.LLR(Window{Observation: o, Past: past}); ok {
			t.Errorf("%s: %g nats, want nothing said", name, nats)
		}
		if next := past.Add(o); len(next[observation.Keyboard].Recent) != leastNames {
			t.Errorf("%s became past: %v", name, next)
		}
	}
	for _, past := range []Past{nil, {observation.Keyboard: {Recent: make([]uint64, leastNames-1)}}} {
		if nats, ok := replayed.LLR(Window{Observation: sketched(1), Past: past}); ok {
			t.Errorf("with a past of %d names: %g nats, want nothing said", len(past[observation.Keyboard].Recent), nats)
		}
	}
}

func TestTheTablesAreWhole(t *testing.T) {
	for _, modality := range []observation.Modality{observation.Keyboard, observation.Pointer, observation.Touch} {
		table, ok := ShippedReplayWeights().Tables[modality]
		if !ok {
			t.Fatalf("there is no table for the %s", modality)
		}
		for row := range table {
			for column := 1; column < ReplayBins; column++ {
				if table[row][column] > table[row][column-1] {
					t.Errorf("%s row %d: %g nats at %d bits, %g at one fewer; want nearer to say more", modality, row, table[row][column], column, table[row][column-1])
				}
			}
		}
		again, not := 0.0, table[len(table)-1][ReplayBins-1]
		for _, row := range table {
			again = max(again, row[0])
		}
		if again < 5 || not > -1 {
			t.Errorf("%s: a name says %g nats at most when it comes again and %g when nothing is near; want 5 at least and -1 at most", modality, again, not)
		}
	}
}
