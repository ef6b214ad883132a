package embed

import (
	"io/fs"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/embed/network"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// typedWindow is a window of a steady typist who alternates hands.
func typedWindow(strokes int) (w window.Keyboard) {
	for i := range strokes {
		at := 180*float64(i) + 40*float64(i%3)
		w.Strokes = append(w.Strokes, window.Stroke{PressMS: at, ReleaseMS: at + 90, Class: event.Class(i % 2)})
	}
	return w
}

func TestLearnedModels(t *testing.T) {
	names := LearnedModels(observation.Keyboard)
	if len(names) == 0 {
		t.Fatal("no learned model is built in")
	}
	w := typedWindow(40)
	for _, name := range names {
		card, seen, ok := LearnedCard(name)
		if !ok || card.Purpose == "" || len(card.Data) == 0 || card.Error == "" || card.Rebuild == "" {
			t.Errorf("%s: the card is %+v; want purpose, data, error and how to rebuild", name, card)
		}
		for _, d := range card.Data {
			if d.Terms == "" || d.People != len(seen[d.Name]) {
				t.Errorf("%s: %d people of %s on the card (terms %q), %d in the list", name, d.People, d.Name, d.Terms, len(seen[d.Name]))
			}
		}
		keyboard, err := KeyboardModel(name)
		if err != nil {
			t.Fatal(err)
		}
		e := keyboard(w)
		extreme := 0
		for _, v := range e {
			if v == 127 || v == -127 {
				extreme++
			}
		}
		if want, _ := Dimension(observation.Keyboard, name); len(e) != want || extreme > 2 {
			t.Errorf("%s: %d dimensions, %d of them cut; want %d and hardly any", name, len(e), extreme, want)
		}
		again := keyboard(w)
		for i := range e {
			if e[i] != again[i] {
				t.Fatalf("%s: dimension %d is %d and then %d for the same window", name, i, e[i], again[i])
			}
		}
		for i, v := range keyboard(window.Keyboard{}) {
			if v != 0 {
				t.Errorf("%s: dimension %d of an empty window is %d, want 0", name, i, v)
			}
		}
	}
}

func TestLearnedPointerModels(t *testing.T) {
	var w window.Pointer
	for i := range 128 {
		at := float64(i)
		w.Events = append(w.Events, event.Pointer{TimeMS: 8 * at, X: 100 + 3*at, Y: 200 + at*at/20})
	}
	for _, name := range append(LearnedModels(observation.Pointer), Model) {
		pointer, err := PointerModel(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, v := range pointer(w) {
			sum += int(v) * int(v)
		}
		if sum == 0 {
			t.Errorf("%s: the embedding of a movement is zero", name)
		}
	}
	for _, name := range LearnedModels(observation.Keyboard) {
		if _, err := PointerModel(name); err == nil {
			t.Errorf("%s, a keyboard model, is given for the pointer; want an error", name)
		}
	}
}

func TestDimensionsAndFilesOfLearnedModels(t *testing.T) {
	for _, modality := range []observation.Modality{observation.Keyboard, observation.Pointer} {
		for _, name := range LearnedModels(modality) {
			want := learnedModels[name].network.Header().Dimensions()
			if n, ok := Dimension(modality, name); !ok || n != want {
				t.Errorf("%s: %d dimensions (known: %v), want %d", name, n, ok, want)
			}
			if _, ok := Dimension(observation.Motion, name); ok {
				t.Errorf("%s is given for motion; want it unknown", name)
			}
			raw, err := fs.ReadFile(NetworkFiles(), name+".net")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := network.Parse(raw); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestUnknownKeyboardModel(t *testing.T) {
	if _, err := KeyboardModel("rhythm-99"); err == nil || !strings.Contains(err.Error(), Model) {
		t.Errorf("the error is %v; want one that names the models there are", err)
	}
	if f, err := KeyboardModel(Model); err != nil || len(f(typedWindow(30))) != len(standards.Keyboard) {
		t.Errorf("%s: %v; want the plain model", Model, err)
	}
}

func TestNewestModels(t *testing.T) {
	open, research := Newest(observation.Keyboard, false), Newest(observation.Keyboard, true)
	if open == Model || Research(open) || research == Model {
		t.Errorf("the newest keyboard models are %s and, for research, %s; want a learned one that is open, and one", open, research)
	}
	if got := Newest(observation.Motion, true); got != Model {
		t.Errorf("the newest model of motion is %s; want %s, for there is no other", got, Model)
	}
	before := learnedModels
	t.Cleanup(func() { learnedModels = before })
	kept := before[open]
	for _, c := range []struct {
		there          []string
		open, research string
	}{
		{nil, Model, Model},
		{[]string{"rhythm-9", "rhythm-10"}, "rhythm-10", "rhythm-10"},
		{[]string{"rhythm-2", "rhythm-2-research"}, "rhythm-2", "rhythm-2-research"},
		{[]string{"rhythm-3", "rhythm-2-research"}, "rhythm-3", "rhythm-3"},
		{[]string{"rhythm-2-research"}, Model, "rhythm-2-research"},
		{[]string{"rhythm-2", "of-our-own"}, "rhythm-2", "rhythm-2"},
	} {
		learnedModels = map[string]*learned{}
		for _, name := range c.there {
			learnedModels[name] = kept
		}
		if got := Newest(observation.Keyboard, false); got != c.open {
			t.Errorf("of %v the newest open model is %s, want %s", c.there, got, c.open)
		}
		if got := Newest(observation.Keyboard, true); got != c.research {
			t.Errorf("of %v the newest model for research is %s, want %s", c.there, got, c.research)
		}
	}
}
