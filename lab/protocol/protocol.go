// Package protocol owns how accuracy is measured: which people, which behaviour enrols, which is compared with whom, and
// which figures come out. Recorded people go in (package dataset), they are cut into windows, embedded and compared by
// the very packages that the collectors and the server run, and a Result comes out. One file holds one protocol.
package protocol

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/metric"
)

// ErrTooFew says that a folder does not hold enough people for the protocol, after those whom the weights have seen and
// those who have recorded too little are left out.
var ErrTooFew = errors.New("protocol: too few people are left")

// Result is what a protocol measures. Its JSON is the output of "ipse eval --json".
type Result struct {
	Protocol    string                     `json:"protocol"`
	Subjects    int                        `json:"subjects"`
	Comparisons Comparisons                `json:"comparisons"`
	Metrics     map[string]float64         `json:"metrics"`
	CI95        map[string]metric.Interval `json:"ci95"`
	PerSubject  metric.Spread              `json:"perSubject"` // of the figure that Headline names

	Curves []Curve `json:"curves,omitempty"` // of protocols that try several thresholds

	Headline string   `json:"-"` // the metric whose spread over people PerSubject gives
	Notes    []string `json:"-"` // what a reader must know: who was left out and why
	Trials   []Trial  `json:"-"` // the scores, for plots and paired tests
	Figures  []Figure `json:"-"` // how metrics follow from trials
	Courses  []Course `json:"-"` // figures over time, for plots

	PerPerson []float64 `json:"-"` // of a headline that follows from no trial; may hold metric.Never
}

// Comparisons counts the comparisons behind a Result.
type Comparisons struct {
	Mated    int `json:"mated"`
	NonMated int `json:"nonMated"`
}

// Model is what is being measured: how windows become embeddings, how these are compared, and whom the model knows.
type Model struct {
	Name          string
	EmbedKeyboard func(window.Keyboard) observation.Embedding
	EmbedPointer  func(window.Pointer) observation.Embedding
	EmbedTouch    func(window.Touch) observation.Embedding
	Comparators   map[observation.Modality]compare.Comparator
	Seen          map[string][]string // data set → its people whom fitting or calibration has seen

	// Weights are those that the comparators are of, for protocols that run the server's assessment; nil for a model that was
	// put together by hand.
	Weights *compare.Weights

	// Rivals are the names of other models whose people Seen holds too; see BesideEachOther.
	Rivals []string
}

// ErrModel is the error for weights that cannot be measured: they hold nothing for the modality, or comparators that do
// not fit the model's embeddings.
var ErrModel = errors.New("protocol: the weights do not fit")

// FromWeights is the model that these weights compare: of each modality the first, which decides in the product too.
// Weights.Preferring chooses another.
func FromWeights(name string, w *compare.Weights) (Model, error) {
	m := Model{Name: name, Comparators: map[observation.Modality]compare.Comparator{}, Seen: w.Seen, Weights: w}
	models := map[observation.Modality]string{}
	for _, modality := range []observation.Modality{observation.Keyboard, observation.Pointer, observation.Touch} {
		models[modality] = embed.Model
		if c, err := w.First(modality); err == nil { // a protocol that needs what is not there says so
			m.Comparators[modality], models[modality] = c, c.Model
		}
	}
	var err error
	if m.EmbedKeyboard, err = embed.KeyboardModel(models[observation.Keyboard]); err != nil {
		return Model{}, fmt.Errorf("%w: %s: %w", ErrModel, name, err)
	}
	if m.EmbedPointer, err = embed.PointerModel(models[observation.Pointer]); err != nil {
		return Model{}, fmt.Errorf("%w: %s: %w", ErrModel, name, err)
	}
	if m.EmbedTouch, err = embed.TouchModel(models[observation.Touch]); err != nil {
		return Model{}, fmt.Errorf("%w: %s: %w", ErrModel, name, err)
	}
	return m, m.check()
}

// check compares an empty window by each comparator, which tells whether the sizes fit.
func (m Model) check() error {
	empty := map[observation.Modality]observation.Embedding{
		observation.Keyboard: m.EmbedKeyboard(window.Keyboard{}), observation.Pointer: m.EmbedPointer(window.Pointer{}),
		observation.Touch: m.EmbedTouch(window.Touch{}),
	}
	for modality, c := range m.Comparators {
		if _, err := c.Enrol(compare.Reference{}, compare.Probe{Embedding: empty[modality], Events: 1}); err != nil {
			return fmt.Errorf("%w: %s, %s: %w", ErrModel, m.Name, modality, err)
		}
	}
	return nil
}

// have begins a sentence about the people whom the model, and those beside it, have seen.
func (m Model) have() string {
	if len(m.Rivals) == 0 {
		return fmt.Sprintf("the weights %q have", m.Name)
	}
	return fmt.Sprintf("the weights %q or %q have", m.Name, strings.Join(m.Rivals, `" or "`))
}

// Input is what a protocol runs on.
type Input struct {
	Data      string // the data set's folder, or one that contains it
	Options   dataset.Options
	Model     Model
	Bootstrap metric.Bootstrap

	// Keep, when set, says whom to measure, whether the model has seen them or not; a result of seen people is for
	// choosing among models, never for quoting. Otherwise everybody unseen is measured.
	Keep func(set, id string) bool

	Takeover Takeover // budgets of the protocol takeover

	// Progress, when set, hears how far a stage of the work is. Calls come one at a time.
	Progress func(stage string, done, total int)
}

// ErrUnknown is the error for a protocol that does not exist.
var ErrUnknown = errors.New("protocol: unknown protocol")

var protocols = map[string]func(*run) (Result, error){
	"aalto":      aalto,
	"balabit":    balabit,
	"bbmas":      bbmas,
	"cmu":        cmu,
	"drift":      drift,
	"link":       link,
	"liveness":   livenessProtocol,
	"recordings": recordings,
	"sapimouse":  sapiMouse,
	"takeover":   takeover,
	"text":       text,
	"touch":      touch,
	"which":      which,
}

// Names lists the protocols, in the order in which a report gives them.
func Names() []string {
	return []string{"aalto", "cmu", "bbmas", "sapimouse", "balabit", "takeover", "liveness", "which", "touch", "drift", "text", "link", "recordings"}
}

// Run measures. A folder that cannot be measured gives the errors of package dataset or ErrTooFew; when ctx ends, Run
// soon gives its error.
func Run(ctx context.Context, name string, in Input) (Result, error) {
	protocol, ok := protocols[name]
	if !ok {
		return Result{}, fmt.Errorf("%w: %q; want one of %v", ErrUnknown, name, Names())
	}
	if in.Bootstrap.Rounds == 0 {
		in.Bootstrap = metric.DefaultBootstrap
	}
	r := &run{Input: in, ctx: ctx, result: Result{Protocol: name,
		Metrics: map[string]float64{}, CI95: map[string]metric.Interval{}}}
	return protocol(r)
}

// run is one run of one protocol: its input and the result that grows.
type run struct {
	Input
	ctx      context.Context
	result   Result
	stage    string // begins what is said of progress, where a protocol has several parts
	reporter sync.Mutex
}

func (r *run) progress(stage string, done, total int) {
	if r.Progress == nil {
		return
	}
	r.reporter.Lock()
	defer r.reporter.Unlock()
	r.Progress(stage, done, total)
}

func (r *run) note(format string, args ...any) {
	r.result.Notes = append(r.result.Notes, fmt.Sprintf(format, args...))
}

// comparator gives the model's way to compare one modality.
func (r *run) comparator(m observation.Modality) (compare.Comparator, error) {
	c, ok := r.Model.Comparators[m]
	if !ok {
		return nil, fmt.Errorf("%w: %q hold nothing for %s that a built-in model embeds; take other weights", ErrModel, r.Model.Name, m)
	}
	return c, nil
}

// unseen yields the people of a data set whom the model has not seen. Everybody's files are read all the same, so that
// what is malformed is found.
func (r *run) unseen(set string, yield func(dataset.Person) error) error {
	all, left, err := r.everybody(set, func(p dataset.Person, seen bool) error {
		if seen {
			return nil
		}
		return yield(p)
	})
	if err != nil {
		return err
	}
	return r.leaveOut(all, left)
}

// everybody yields the people of a data set and tells whether the model has seen them; of people chosen by hand it yields
// those only, as if unseen. It counts the folder's people and those yielded as unseen.
func (r *run) everybody(set string, yield func(p dataset.Person, seen bool) error) (all, left int, err error) {
	opt := r.Options
	opt.OnFile = func(done, total int) { r.progress("read "+set, done, total) }
	err = dataset.Read(set, r.Data, opt, func(p dataset.Person) error {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		all++
		if r.Keep != nil && !r.Keep(set, p.ID) {
			return nil
		}
		seen := r.Keep == nil && slices.Contains(r.Model.Seen[set], p.ID)
		if !seen {
			left++
		}
		return yield(p, seen)
	})
	return all, left, err
}

// leaveOut notes how many people the model has seen, and fails when fewer than two others are left.
func (r *run) leaveOut(all, left int) error {
	if r.Keep != nil {
		r.note("these %d of %d people were chosen by hand and may have been seen by the weights: the figures are for choosing, not for quoting", left, all)
	} else if left < all {
		r.note("%d of %d people are left out: %s seen them", all-left, all, r.Model.have())
	}
	switch {
	case left >= 2:
		return nil
	case all < 2:
		return fmt.Errorf("%w: the folder holds %d; want at least two", ErrTooFew, all)
	}
	return fmt.Errorf("%w: %s seen %d of the folder's %d; want at least two whom they have not seen",
		ErrTooFew, r.Model.have(), all-left, all)
}

// metric keeps one figure with its interval.
func (r *run) metric(name string, value float64, interval metric.Interval) {
	r.result.Metrics[name] = value
	r.result.CI95[name] = interval
}
