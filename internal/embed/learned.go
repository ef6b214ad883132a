package embed

import (
	"embed"
	"fmt"
	"io/fs"
	"math"
	"path"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"

	"ipse.dev/ipse/internal/embed/network"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
)

// perUnit is how many steps of an embedding's byte make one unit of a learned vector's coordinate. The vectors have
// length one and some 64 coordinates, so few lie beyond ±0.5; those are cut.
const perUnit = 254

//go:embed networks/*.net
var networkFiles embed.FS

// learned is a network that is built in, with passes to run it.
type learned struct {
	network *network.Network
	passes  sync.Pool
}

var learnedModels = mustLearned(networkFiles)

func mustLearned(files fs.FS) map[string]*learned {
	out := map[string]*learned{}
	names, err := fs.Glob(files, "networks/*.net")
	if err != nil {
		panic(fmt.Sprintf("embed: the built-in networks: %v", err))
	}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			panic(fmt.Sprintf("embed: the built-in networks: %v", err))
		}
		n, err := network.Parse(raw)
		if err != nil {
			panic(fmt.Sprintf("embed: the built-in network %s: %v", name, err))
		}
		if want := path.Base(name); n.Header().Name+".net" != want {
			panic(fmt.Sprintf("embed: the built-in network %s is of the model %q: pages ask for a model's file by its name", want, n.Header().Name))
		}
		l := &learned{network: n}
		l.passes.New = func() any { return n.NewPass() }
		out[n.Header().Name] = l
	}
	return out
}

func (l *learned) keyboard(w window.Keyboard) observation.Embedding {
	pass := l.passes.Get().(*network.Pass)
	defer l.passes.Put(pass)
	return bytesOf(pass.Keyboard(w))
}

func (l *learned) pointer(w window.Pointer) observation.Embedding {
	pass := l.passes.Get().(*network.Pass)
	defer l.passes.Put(pass)
	return bytesOf(pass.Pointer(w))
}

func (l *learned) touch(w window.Touch) observation.Embedding {
	pass := l.passes.Get().(*network.Pass)
	defer l.passes.Put(pass)
	return bytesOf(pass.Touch(w))
}

func bytesOf(vector []float32) observation.Embedding {
	e := make(observation.Embedding, len(vector))
	for i, v := range vector {
		e[i] = int8(math.Max(-127, math.Min(127, math.Round(float64(v)*perUnit))))
	}
	return e
}

// NetworkFiles gives the weights files of the learned models that are built in, each as NAME.net.
func NetworkFiles() fs.FS {
	files, err := fs.Sub(networkFiles, "networks")
	if err != nil {
		panic(fmt.Sprintf("embed: the built-in networks: %v", err))
	}
	return files
}

// KeyboardModel gives the function that embeds windows of typing by the named model: Model, or a learned one that is
// built in.
func KeyboardModel(name string) (func(window.Keyboard) observation.Embedding, error) {
	if name == Model {
		return Keyboard, nil
	}
	if l, ok := learnedModels[name]; ok && l.network.Header().Kind == network.KeyboardKind {
		return l.keyboard, nil
	}
	return nil, unknown(observation.Keyboard, name)
}

// PointerModel gives the function that embeds windows of pointer use, as KeyboardModel does for typing.
func PointerModel(name string) (func(window.Pointer) observation.Embedding, error) {
	if name == Model {
		return Pointer, nil
	}
	if l, ok := learnedModels[name]; ok && l.network.Header().Kind == network.PointerKind {
		return l.pointer, nil
	}
	return nil, unknown(observation.Pointer, name)
}

// TouchModel gives the function that embeds windows of touch, as KeyboardModel does for typing.
func TouchModel(name string) (func(window.Touch) observation.Embedding, error) {
	if name == Model {
		return Touch, nil
	}
	if l, ok := learnedModels[name]; ok && l.network.Header().Kind == network.TouchKind {
		return l.touch, nil
	}
	return nil, unknown(observation.Touch, name)
}

func unknown(modality observation.Modality, name string) error {
	return fmt.Errorf("embed: no %s model %q; want one of %s", modality, name, strings.Join(append([]string{Model}, LearnedModels(modality)...), ", "))
}

// LearnedModels names a modality's learned models that are built in.
func LearnedModels(modality observation.Modality) []string {
	var names []string
	for name, l := range learnedModels {
		if l.network.Header().Kind == string(modality) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// modelNumber tells a learned model's number and whether its training saw data for non-commercial use only: rhythm-2 is an
// open model, rhythm-2-research is not.
var modelNumber = regexp.MustCompile(`^[a-z]+-([0-9]{1,6})(-research)?$`)

// Research reports whether a model is named as one whose training saw data for non-commercial use only.
func Research(model string) bool {
	m := modelNumber.FindStringSubmatch(model)
	return m != nil && m[2] != ""
}

// Newest names the learned model of a modality with the highest number, or Model where none is built in. Models for
// research are passed over unless research is true; of the same number they are then preferred.
func Newest(modality observation.Modality, research bool) string {
	newest, highest := Model, -1
	for _, name := range LearnedModels(modality) { // a research model comes behind the open one of its number
		m := modelNumber.FindStringSubmatch(name)
		if m == nil || Research(name) && !research {
			continue
		}
		if n, _ := strconv.Atoi(m[1]); n >= highest {
			newest, highest = name, n
		}
	}
	return newest
}

// LearnedCard gives what a learned model was trained on and how wrong it is, and the people whom its training has seen.
func LearnedCard(name string) (card network.Card, seen map[string][]string, ok bool) {
	l, ok := learnedModels[name]
	if !ok {
		return network.Card{}, nil, false
	}
	return l.network.Header().Card, l.network.Header().Seen, true
}
