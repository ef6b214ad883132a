package fit

import (
	"testing"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/sim"
)

func TestChimerasTakeTurnsUntilOneHasNoMore(t *testing.T) {
	made := func(m observation.Modality, windows int) stream {
		s := stream{refs: app.References{enrol.Key{Modality: m}: {}}}
		for i := range windows {
			s.work = append(s.work, step{observation.Observation{Modality: m, Sequence: int64(i)}, 1000})
		}
		return s
	}
	typing := []stream{made(observation.Keyboard, 5), made(observation.Keyboard, 2), made(observation.Keyboard, 9)}
	pointing := []stream{made(observation.Pointer, 3), made(observation.Pointer, 4)}
	got := chimeras(typing, pointing)
	if len(got) != 3 {
		t.Fatalf("%d chimeras of 3 people who type, want 3", len(got))
	}
	for i, want := range []int{6, 4, 6} {
		if len(got[i].work) != want || len(got[i].refs) != 2 {
			t.Errorf("chimera %d: %d windows and %d references, want %d and 2", i, len(got[i].work), len(got[i].refs), want)
		}
		for j, w := range got[i].work {
			if (w.observation.Modality == observation.Keyboard) != (j%2 == 0) {
				t.Errorf("chimera %d: window %d is %s, want turns", i, j, w.observation.Modality)
			}
		}
	}
	if got := chimeras(typing, nil); got != nil {
		t.Errorf("nobody points, and %d chimeras came out", len(got))
	}
}

// restless gives generated people whose streams hold stretches of somebody else's typing: doubts come and go.
func restless(t *testing.T, w *compare.Weights, people int) []stream {
	t.Helper()
	comparator, err := w.For(observation.Keyboard, embed.Model)
	if err != nil {
		t.Fatal(err)
	}
	typed := func(person uint64, seconds float64) (out []observation.Observation) {
		work := sim.NewPerson(person).Session(1).Work("en", 0, seconds*1000)
		for _, o := range device.NewCollector(device.Options{}).Play(work.Keys, work.Pointers) {
			if o.Modality == observation.Keyboard && o.Model == embed.Model {
				out = append(out, o)
			}
		}
		return out
	}
	key := enrol.Key{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Model: embed.Model}
	var out []stream
	for i := range uint64(people) {
		own, others := typed(600+i, 1800), typed(800+i, 500)
		var ref enrol.Reference
		for _, o := range own[:20] {
			if ref, err = enrol.Take(comparator, ref, key, o); err != nil {
				t.Fatal(err)
			}
		}
		s := stream{refs: app.References{key: ref}}
		for j, o := range own[20:] {
			for k := range (int(i) + j/8) % 9 { // up to eight of the other's
				if j%8 == 3 {
					s.work = append(s.work, step{others[(j/8+k)%len(others)], 10_000})
				}
			}
			s.work = append(s.work, step{o, 10_000})
		}
		out = append(out, s)
	}
	return out
}

func TestLaddersOfRestlessStreams(t *testing.T) {
	w, err := compare.Load("open")
	if err != nil {
		t.Fatal(err)
	}
	streams := restless(t, w, 12)
	got, err := ladder(w, streams)
	if err != nil {
		t.Fatalf("%v; want a ladder of %d streams", err, len(streams))
	}
	if got.People != 12 || !(got.HoursOfData > 0.5) || len(got.Rungs) < 2 || got.Beyond == nil {
		t.Fatalf("got %+v, want rungs and a tail beyond them from 12 people", got)
	}
	if err := got.Beyond.Validate(); err != nil || got.Beyond.Hours != got.HoursOfData {
		t.Errorf("the tail %+v: %v; want one of %g hours", *got.Beyond, err, got.HoursOfData)
	}
	last := got.Rungs[len(got.Rungs)-1]
	if high := got.Beyond.Threshold(last.PerHour / 100); high <= last.LogOdds {
		t.Errorf("a hundred times fewer alarms than at %g take a threshold of %g, want more", last.LogOdds, high)
	}
	few := []stream{{refs: streams[0].refs, work: streams[0].work[:20]}}
	if _, err := ladder(w, few); err == nil {
		t.Error("twenty windows made a ladder, want that they are too few")
	}
}
