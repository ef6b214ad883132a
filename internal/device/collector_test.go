package device

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/sim"
)

const origin = 1_800_000_000_000

func work(t *testing.T, o Options) []observation.Observation {
	t.Helper()
	s := sim.NewPerson(1).Session(1).Work("en", 0, 180_000)
	c := NewCollector(o)
	return append(c.Play(s.Keys, s.Pointers), c.Flush()...)
}

func TestCollectorMakesWholeObservationsOfBothModalities(t *testing.T) {
	observations := work(t, Options{OriginUnixMS: origin, Simulated: true})
	count := map[observation.Modality]int{}
	for i, o := range observations {
		count[o.Modality]++
		if want := int64(i + 1); o.Sequence != want {
			t.Fatalf("observation %d has the sequence %d, want %d", i, o.Sequence, want)
		}
		if want, ok := embed.Dimension(o.Modality, o.Model); !ok || len(o.Embedding) != want {
			t.Errorf("%s: embedding of %d dimensions by model %q, want %d (known: %v)", o.Modality, len(o.Embedding), o.Model, want, ok)
		}
		if list, ok := feature.ByName(o.FeatureList); !ok || len(o.Features) != len(list.Features) {
			t.Errorf("%s: %d features of the list %q (known: %v)", o.Modality, len(o.Features), o.FeatureList, ok)
		}
		if o.StartMS < origin || o.DurationMS <= 0 || EndMS(o) > origin+260_000 {
			t.Errorf("observation %d runs from %d for %d ms, want within the stretch from %d", i, o.StartMS, o.DurationMS, int64(origin))
		}
		if o.DeviceClass != observation.Desktop || !slices.Contains(o.Quality, observation.Simulated) {
			t.Errorf("observation %d: device %q, quality %v; want desktop and %q", i, o.DeviceClass, o.Quality, observation.Simulated)
		}
	}
	if count[observation.Keyboard] < 5 || count[observation.Pointer] < 5 {
		t.Errorf("three minutes of work gave %v, want at least five of each modality", count)
	}
}

func TestAWindowBecomesOneObservationForEachModel(t *testing.T) {
	learned := embed.LearnedModels(observation.Keyboard)[0]
	plain := work(t, Options{})
	both := work(t, Options{Models: map[observation.Modality][]string{
		observation.Keyboard: {"no-such-model", learned, embed.Model}, observation.Pointer: {learned},
	}})
	at := 0
	for _, want := range plain {
		models := []string{embed.Model} // a keyboard model is none of the pointer's
		if want.Modality == observation.Keyboard {
			models = []string{learned, embed.Model}
		}
		for _, model := range models {
			if at == len(both) {
				t.Fatalf("%d observations, want more", at)
			}
			got := both[at]
			at++
			if length, _ := embed.Dimension(want.Modality, model); got.Model != model || len(got.Embedding) != length || got.Sequence != int64(at) {
				t.Fatalf("observation %d is number %d, by %q with %d dimensions; want %q with %d", at, got.Sequence, got.Model, len(got.Embedding), model, length)
			}
			if got.Modality != want.Modality || got.StartMS != want.StartMS || got.Events != want.Events {
				t.Errorf("observation %d is of another window: %+v, want that of %+v", at, got, want)
			}
		}
	}
	if at != len(both) {
		t.Errorf("%d observations, want %d", len(both), at)
	}
}

func TestOnlySimulatedEventsAreCalledSo(t *testing.T) {
	for _, o := range work(t, Options{OriginUnixMS: origin, DeviceClass: observation.Tablet}) {
		if slices.Contains(o.Quality, observation.Simulated) || o.DeviceClass != observation.Tablet {
			t.Fatalf("observation of %q has the quality %v, want a tablet's and no %q", o.DeviceClass, o.Quality, observation.Simulated)
		}
	}
}

func TestPlayMergesByTime(t *testing.T) {
	s := sim.NewPerson(4).Session(2).Work("fr", 0, 90_000)
	merged := NewCollector(Options{})
	split := NewCollector(Options{})
	want := merged.Play(s.Keys, s.Pointers)
	var got []observation.Observation
	for _, k := range s.Keys {
		for len(s.Pointers) > 0 && s.Pointers[0].TimeMS < k.TimeMS {
			got = append(got, split.Pointer(s.Pointers[0])...)
			s.Pointers = s.Pointers[1:]
		}
		got = append(got, split.Key(k)...)
	}
	for _, p := range s.Pointers {
		got = append(got, split.Pointer(p)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("playing a stretch and playing its events differ (-stretch +events):\n%s", diff)
	}
}

func TestMarksReachTheObservation(t *testing.T) {
	s := sim.NewPerson(5).Session(1).Work("en", 0, 60_000)
	c := NewCollector(Options{})
	for range 3 {
		c.Mark(event.Mark{Kind: event.Paste})
	}
	o := c.Play(s.Trusted(false).Keys, nil)
	if len(o) == 0 || o[0].Liveness.Pastes != 3 || !slices.Contains(o[0].Quality, observation.PasteHeavy) {
		t.Fatalf("first observation %+v, want three pastes and %q", o, observation.PasteHeavy)
	}
	if o[0].Liveness.UntrustedShare != 1 {
		t.Errorf("all events came from software, yet their share is %v", o[0].Liveness.UntrustedShare)
	}
}

func TestTouchesWithMotionBecomeObservations(t *testing.T) {
	c := NewCollector(Options{OriginUnixMS: origin, DeviceClass: observation.Phone})
	var got []observation.Observation
	for i := range 35 {
		at := 250 * float64(i)
		c.Motion(event.Motion{TimeMS: at, Acceleration: [3]float64{0, 3, 9}})
		got = append(got, c.Touch(event.Touch{TimeMS: at, Contact: i, X: 40, Y: 700, RadiusPX: 12, Trusted: true})...)
		got = append(got, c.Touch(event.Touch{TimeMS: at + 80, Kind: event.TouchEnd, Contact: i, X: 40, Y: 700, Trusted: true})...)
	}
	got = append(got, c.Flush()...)
	if len(got) != 2 {
		t.Fatalf("35 taps gave %d observations, want two", len(got))
	}
	for i, want := range []struct {
		events  int
		startMS int64
		quality []observation.Flag
	}{{20, origin, []observation.Flag{}}, {15, origin + 5000, []observation.Flag{observation.ShortWindow}}} {
		o := got[i]
		n, ok := embed.Dimension(o.Modality, o.Model)
		if o.Modality != observation.Touch || o.Events != want.events || o.StartMS != want.startMS || !ok || len(o.Embedding) != n ||
			o.FeatureList != feature.TouchList.Name || o.DeviceClass != observation.Phone || !slices.Equal(o.Quality, want.quality) {
			t.Errorf("observation %d is %+v; want %+v", i, o, want)
		}
	}
}
