package protocol

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// TestTheAttackSeesWhatACollectorSends holds the attack's observations against those of the collectors' own pipeline.
func TestTheAttackSeesWhatACollectorSends(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	var keys []event.Key
	now := 0.0
	for range 100 {
		class := event.Class(random.IntN(event.ClassCount))
		now += 50 + 200*random.Float64()
		keys = append(keys, event.Key{TimeMS: now, Class: class, Down: true, Trusted: random.IntN(20) > 0})
		now += 20 + 80*random.Float64()
		keys = append(keys, event.Key{TimeMS: now, Class: class, Trusted: true})
	}
	collector := device.NewCollector(device.Options{})
	want := append(collector.Play(keys, nil), collector.Flush()...)
	for i := range want {
		want[i].Sequence, want[i].StartMS = 0, 0
	}
	r := &run{Input: Input{Model: Model{EmbedKeyboard: embed.Keyboard}}}
	var got []observation.Observation
	var typed liveness.KeySketcher
	for _, w := range keyboardWindows(keys, window.KeyboardStrokes, window.KeyboardMinStrokes) {
		o := r.observe(w)
		o.Liveness.Sketch = typed.Next(w)
		got = append(got, o)
	}
	if len(want) < 3 {
		t.Fatalf("the collector sent %d observations, want several", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("observations (-collector +attack):\n%s", diff)
	}
}

func TestABlockShowsOnlyItsMean(t *testing.T) {
	c := &copyist{}
	for i := range 6 {
		c.windows = append(c.windows, copied{observation: observation.Observation{Events: 20 + i, Embedding: observation.Embedding{int8(10 * i)}}})
	}
	var events, embedded []float64
	for _, x := range blocksShown(4)(c) {
		events, embedded = append(events, x[0]), append(embedded, x[len(x)-1])
	}
	if want := []float64{20, 21, 22, 23, 24, 25}; !cmp.Equal(events, want) {
		t.Errorf("events %v, want each window's own: %v", events, want)
	}
	if want := []float64{15, 15, 15, 15, 45, 45}; !cmp.Equal(embedded, want) {
		t.Errorf("embeddings %v, want the blocks' means %v", embedded, want)
	}
}
