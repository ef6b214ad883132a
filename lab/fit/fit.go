package fit

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// Source is a data set, where it lies and the terms that hold for it.
type Source struct {
	Set   string
	Terms string
}

// Options says what to fit from.
type Options struct {
	Name    string // of the weights
	Purpose string // for the card
	Rebuild string // for the card: the command that makes these weights
	Dir     string // folder of the data sets
	Sources []Source
	Log     io.Writer

	// Population are sets whose background people's statistics typists are drawn from, as many as there are background
	// people who typed; they stand beside those when the keyboard's covariances are estimated. Nobody is drawn when it is
	// empty.
	Population []Source

	// Models are the models that embed each modality's windows, in the order in which the weights will name them: the first
	// is the one that decides, and for which the tail is measured. None means embed.Model alone.
	Models map[observation.Modality][]string
}

// modalities are those that weights are fitted for, in the order of the file.
var modalities = []observation.Modality{observation.Keyboard, observation.Pointer, observation.Touch}

func (o Options) models(m observation.Modality) []string {
	if names := o.Models[m]; len(names) > 0 {
		return names
	}
	return []string{embed.Model}
}

// embedders are the functions of one model; there is one for each modality that it embeds.
type embedders struct {
	name     string
	keyboard func(window.Keyboard) observation.Embedding
	pointer  func(window.Pointer) observation.Embedding
	touch    func(window.Touch) observation.Embedding
}

// embedders gives the models of a modality, in order.
func (o Options) embedders(m observation.Modality) ([]embedders, error) {
	var out []embedders
	for _, name := range o.models(m) {
		if slices.ContainsFunc(out, func(e embedders) bool { return e.name == name }) {
			return nil, fmt.Errorf("fit: the %s model %s is named twice; want each once", m, name)
		}
		e := embedders{name: name}
		var err error
		switch m {
		case observation.Pointer:
			e.pointer, err = embed.PointerModel(name)
		case observation.Touch:
			e.touch, err = embed.TouchModel(name)
		default:
			e.keyboard, err = embed.KeyboardModel(name)
		}
		if err != nil {
			return nil, fmt.Errorf("fit: %w", err)
		}
		out = append(out, e)
	}
	return out, nil
}

// Standards gives what is usual among the background people of the sources, for the model features-1.
func Standards(opt Options) (keyboard, pointer []embed.Standard, err error) {
	people, err := readAll(opt)
	if err != nil {
		return nil, nil, err
	}
	var typed, pointed [][][]embed.Statistic
	for _, p := range people {
		if p.role != Background {
			continue
		}
		var k, m [][]embed.Statistic
		for _, w := range slices.Concat(p.keyboard...) {
			k = append(k, embed.KeyboardStatistics(w))
		}
		for _, w := range slices.Concat(p.pointer...) {
			m = append(m, embed.PointerStatistics(w))
		}
		if len(k) > 0 {
			typed = append(typed, k)
		}
		if len(m) > 0 {
			pointed = append(pointed, m)
		}
	}
	if len(typed) == 0 || len(pointed) == 0 {
		return nil, nil, fmt.Errorf("fit: %d people typed and %d pointed; standards need some of both", len(typed), len(pointed))
	}
	return standardise(typed), standardise(pointed), nil
}

// TouchStandards gives what is usual in touch among the background people of the sources, as Standards does.
func TouchStandards(opt Options) ([]embed.Standard, error) {
	people, err := readAll(opt)
	if err != nil {
		return nil, err
	}
	var touched [][][]embed.Statistic
	for _, p := range people {
		var m [][]embed.Statistic
		for _, w := range slices.Concat(p.touch...) {
			m = append(m, embed.TouchStatistics(w))
		}
		if p.role == Background && len(m) > 0 {
			touched = append(touched, m)
		}
	}
	if len(touched) == 0 {
		return nil, errors.New("fit: nobody touched; standards of touch need data sets of touch")
	}
	return standardise(touched), nil
}

// Weights fits a comparator for each model of each modality that the sources hold, calibrates it and measures the genuine
// tail.
func Weights(opt Options) (*compare.Weights, error) {
	models := map[observation.Modality][]embedders{}
	for _, m := range modalities {
		var err error
		if models[m], err = opt.embedders(m); err != nil {
			return nil, err
		}
	}
	people, err := readAll(opt)
	if err != nil {
		return nil, err
	}
	w := &compare.Weights{
		Version: compare.WeightsVersion, Name: opt.Name, Seen: map[string][]string{},
		Card: compare.Card{Purpose: opt.Purpose, Rebuild: opt.Rebuild},
	}
	for _, s := range opt.Sources {
		ids := []string{}
		for _, p := range people {
			if p.set == s.Set {
				ids = append(ids, p.id)
			}
		}
		w.Seen[s.Set] = ids
		w.Card.Data = append(w.Card.Data, compare.CardData{Name: s.Set, People: len(ids), Terms: s.Terms})
	}
	typists, err := drawTypists(opt, people, w)
	if err != nil {
		return nil, err
	}
	for _, m := range modalities {
		for _, name := range opt.models(m) {
			seeAlso(w, name)
		}
	}
	common := 1.0 // the least discount for neighbouring windows of keyboard and pointer
	for _, modality := range modalities {
		for i, model := range models[modality] {
			samples := embedAll(people, modality, model)
			if len(samples) == 0 {
				continue
			}
			if modality == observation.Keyboard {
				samples = append(samples, embedAll(typists, modality, model)...)
			}
			c, temper, err := fitOne(opt.Log, modality, model.name, samples)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", modality, model.name, err)
			}
			w.Comparators = append(w.Comparators, c)
			switch {
			case modality == observation.Touch && len(w.Comparators) > i+1:
				// Windows of touch repeat themselves more than those by which package trust knows what is usual: what they do
				// so more is taken off their scores.
				share := math.Min(1, temper/common)
				c.Scale, c.Offset = round(c.Scale*share), round(c.Offset*share)
			case i == 0:
				common = math.Min(common, temper)
			}
		}
	}
	first := models[observation.Keyboard][0]
	typing := embedAll(people, observation.Keyboard, first)
	if w.Tail, err = tail(opt.Log, w, first.name, typing); err != nil {
		return w, err
	}
	w.Tail.Beyond = beyond(w, streamsOf(w, observation.Keyboard, first.name, typing, spread), w.Tail.Rungs[len(w.Tail.Rungs)-1].LogOdds)
	pointer := models[observation.Pointer][0]
	w.Tail.Strata = strata(opt.Log, w, first.name, pointer.name, typing, embedAll(people, observation.Pointer, pointer))
	return w, nil
}

// drawTypists gives typists drawn from the population, and notes in the weights whose statistics that population is.
func drawTypists(opt Options, people []person, w *compare.Weights) ([]person, error) {
	if len(opt.Population) == 0 {
		return nil, nil
	}
	var typing []timings
	add := func(of []person) {
		for _, p := range of {
			if p.role != Background {
				continue
			}
			if t := timingsOf(p.keyboard, math.MaxInt); len(t.pair) >= 3*window.KeyboardStrokes {
				typing = append(typing, t)
			}
		}
	}
	add(people)
	for _, s := range opt.Population {
		if slices.ContainsFunc(opt.Sources, func(o Source) bool { return o.Set == s.Set }) {
			continue
		}
		fmt.Fprintf(opt.Log, "reading %s for the population\n", s.Set)
		more, err := read(s.Set, opt.Dir)
		if err != nil {
			return nil, err
		}
		add(more)
		ids := []string{}
		for _, p := range more { // the calibration people too: choices were made on them
			ids = append(ids, p.id)
		}
		w.Seen[s.Set] = ids
		w.Card.Data = append(w.Card.Data, compare.CardData{Name: s.Set, People: len(ids), Terms: s.Terms, Facts: true})
	}
	p, err := populationOf(typing)
	if err != nil {
		return nil, err
	}
	typists := p.drawn(people, rand.New(rand.NewPCG(1, 1)))
	fmt.Fprintf(opt.Log, "%d typists drawn from the statistics of %d people\n", len(typists), len(typing))
	return typists, nil
}

// seeAlso adds the people whom a learned model's own training has seen, and the data sets that only it was trained on.
func seeAlso(w *compare.Weights, model string) {
	card, seen, ok := embed.LearnedCard(model)
	if !ok {
		return
	}
	for _, d := range card.Data {
		if !slices.ContainsFunc(w.Card.Data, func(has compare.CardData) bool { return has.Name == d.Name }) {
			w.Card.Data = append(w.Card.Data, compare.CardData{Name: d.Name, People: d.People, Terms: d.Terms})
		}
	}
	for set, ids := range seen {
		for _, id := range ids {
			if !slices.Contains(w.Seen[set], id) {
				w.Seen[set] = append(w.Seen[set], id)
			}
		}
	}
}

func readAll(opt Options) ([]person, error) {
	var people []person
	for _, s := range opt.Sources {
		fmt.Fprintf(opt.Log, "reading %s\n", s.Set)
		more, err := read(s.Set, opt.Dir)
		if err != nil {
			return nil, err
		}
		people = append(people, more...)
	}
	return people, nil
}

func embedAll(people []person, modality observation.Modality, models embedders) []sample {
	var out []sample
	for _, p := range people {
		s := sample{set: p.set, id: p.id, role: p.role, device: p.device}
		for _, stretch := range p.keyboard {
			if modality == observation.Keyboard {
				s.stretches = append(s.stretches, embedStretch(stretch, models.keyboard, func(w window.Keyboard) int { return len(w.Strokes) }))
			}
		}
		for _, stretch := range p.pointer {
			if modality == observation.Pointer {
				s.stretches = append(s.stretches, embedStretch(stretch, models.pointer, func(w window.Pointer) int { return len(w.Events) }))
			}
		}
		for _, stretch := range p.touch {
			if modality == observation.Touch {
				s.stretches = append(s.stretches, embedStretch(stretch, models.touch, func(w window.Touch) int { return len(w.Strokes) }))
			}
		}
		if len(s.stretches) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func embedStretch[W any](windows []W, embedding func(W) observation.Embedding, events func(W) int) []probe {
	out := make([]probe, len(windows))
	for i, w := range windows {
		out[i] = probe{embedding: embedding(w), events: events(w)}
	}
	return out
}

func withRole(samples []sample, role Role) []sample {
	return slices.DeleteFunc(slices.Clone(samples), func(s sample) bool { return s.role != role })
}

func fitOne(log io.Writer, modality observation.Modality, name string, samples []sample) (*compare.TwoCovariance, float64, error) {
	background, calibration := withRole(samples, Background), withRole(samples, Calibration)
	full := window.KeyboardStrokes
	switch modality {
	case observation.Pointer:
		full = window.PointerEvents
	case observation.Touch:
		full = window.TouchStrokes
	}
	model, err := covariances(background)
	if err != nil {
		return nil, 0, err
	}
	model.Modality, model.Model, model.FullWindow = string(modality), name, float64(full)
	ts, err := trials(model, calibration)
	if err != nil {
		return nil, 0, err
	}
	single, err := score(model, ts, 1)
	if err != nil {
		return nil, 0, err
	}
	if err := sober(model, single); err != nil {
		return nil, 0, err
	}
	sums, err := score(model, ts, together)
	if err != nil {
		return nil, 0, err
	}
	temper, _ := logistic(sums)
	fmt.Fprintf(log, "%s %s: %d background and %d calibration people, %d of %d dimensions, one window EER %.1f %%, %d windows %.1f %%, scale %.3f, offset %.3f, odd %.4f, alike %.4f, temper %.3f\n",
		modality, name, len(background), len(ts), len(model.Projection), len(model.Mean),
		100*errorRate(single), together, 100*errorRate(sums), model.Scale, model.Offset, model.Odd, model.Alike, temper)
	return model, math.Max(0.05, math.Min(1, temper)), nil
}
