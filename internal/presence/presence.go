// Package presence owns the question whether a human hand makes the events of a session, here and now. What comes in are
// the liveness measures of one observation after the other; what goes out is, for each kind of attack, how strongly they
// speak for it: a natural-log likelihood ratio of this kind of attack against a human hand, summed up over windows. It is
// a channel of its own: how well behaviour fits the subject does not enter, so a good match never outweighs it.
//
// Each kind of attack is one file, with the signal that tells it and where its constants come from.
package presence

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"ipse.dev/ipse/internal/observation"
)

// Kind names what a signal finds. The set is closed, so that every kind is translated.
type Kind string

// The kinds. The first group are attacks, the second what an operator may or may not allow, the third what hides who is
// there and is held against nobody.
const (
	InjectedKeys  Kind = "injected_keys"  // keys come as no hand can press them
	ForgedKeys    Kind = "forged_keys"    // key times are drawn from somebody's statistics
	Automation    Kind = "automation"     // a program drives the browser
	Replayed      Kind = "replayed"       // behaviour that was seen before comes again
	GeneratedPath Kind = "generated_path" // pointer paths are computed, or a hand's paths transformed
	Jiggler       Kind = "jiggler"        // the pointer moves for the sake of moving

	RemoteControl  Kind = "remote_control"  // input comes through a remote desktop or a remote-access tool
	VirtualMachine Kind = "virtual_machine" // input comes through a virtual machine
	TurnedPath     Kind = "turned_path"     // strokes lie unlike this person's along the axes of a mouse: turned by a program, or of another device

	KeyTimesHidden Kind = "key_times_hidden" // a program between keyboard and browser changes when keys come
	TwoPeople      Kind = "two_people"       // two people share the controls
	MediatedInput  Kind = "mediated_input"   // a program makes keys or movement at a person's pace
)

// Effect is what becomes of a kind that was found.
type Effect uint8

// The effects.
const (
	Alarm   Effect = iota // the level becomes High
	Context               // it is told, and the answer is "cannot tell"; an alarm where the operator says so
	Caution               // as Context, but how well behaviour fits the subject goes on counting
	Silence               // the answer is "cannot tell"
)

var effects = map[Kind]Effect{
	InjectedKeys: Alarm, ForgedKeys: Alarm, Automation: Alarm, Replayed: Alarm, GeneratedPath: Alarm, Jiggler: Alarm,
	RemoteControl: Context, VirtualMachine: Context, TurnedPath: Caution,
	KeyTimesHidden: Silence, TwoPeople: Silence, MediatedInput: Silence,
}

// Effect gives what becomes of the kind when it is found; ok is false for a kind that does not exist.
func (k Kind) Effect() (e Effect, ok bool) { e, ok = effects[k]; return e, ok }

// MayAlarm reports whether an operator may make an alarm of the kind that it is not of itself.
func (k Kind) MayAlarm() bool { e, ok := k.Effect(); return ok && (e == Context || e == Caution) }

// Cautions reports whether finding the kind keeps no window from being compared.
func (k Kind) Cautions() bool { e, ok := k.Effect(); return ok && e == Caution }

// Accuses reports whether finding the kind raises an alarm of itself.
func (k Kind) Accuses() bool { e, ok := k.Effect(); return ok && e == Alarm }

// Window is all that a signal may look at: one observation, and what the subject has sent before it.
type Window struct {
	observation.Observation
	Past    Past       // what the subject has sent before; nil where nothing is known
	Typed   Typing     // the keyboard window before this one, where its overlap is still to be judged; Update fills it in
	Pointed []Pointing // the pointer windows before this one that are not long past, oldest first; Update fills it in

	aid *aidSays // what the window says for an aid, kept by Update for the signals that ask; may be nil
}

// Signal tells one kind.
type Signal struct {
	Kind Kind

	// Source says where the nats come from: what they were fitted on, or from how the sign errs.
	Source string

	// LLR gives how much likelier the window is under this kind of attack than under a human hand, in nats; ok is false
	// for a window that says nothing about it. What it gives is bounded by Least and Most before it counts.
	LLR func(w Window) (nats float64, ok bool)

	// Usual gives what is kept of a window of the subject's own, and the mark of what made it; ok is false for a window of
	// which nothing is kept. It is nil where the signal judges everybody alike.
	Usual func(w Window) (by string, nats float64, ok bool)

	// Since gives what a session has come to with one more window, of which LLR says something; it is found like the sum. It is
	// nil where windows are added up alone.
	Since func(s Since, w Window) Since

	// Unless is a kind while which is found the signal has nothing to go by: every window then speaks against its own kind as
	// strongly as one may. It stands before this signal among a judge's; empty for none.
	Unless Kind

	Least, Most float64 // bounds of one window's nats: Least is negative, Most positive
	Found       float64 // sum of nats from which the kind is found
}

// Finding is what one window said about one kind.
type Finding struct {
	Kind  Kind
	Nats  float64 // what the window said, bounded
	Sum   float64 // what it comes to with the windows before it, 0 at least: the sum or, where that is more, what the session says
	Found bool    // it has reached the signal's bound
}

// State is what is kept of a session between windows: a few numbers for each kind. The zero value is a new session.
type State struct {
	Sums map[Kind]float64                `json:"sums,omitempty"` // above 0 only
	Last map[observation.Modality]Judged `json:"last,omitempty"` // the last window of each modality that was judged

	Since map[Kind]Since `json:"since,omitempty"` // beside what was usual before the session, of the signals that ask for it

	StrokeMS float64    `json:"strokeMS,omitempty"` // Typing.StrokeMS of the latest keyboard window, which Last has; 0 once it is judged
	Pointed  []Pointing `json:"pointed,omitempty"`  // the latest pointer windows, oldest first, mostPointed at most
}

// Judged names a window, and the model through which it came first.
type Judged struct {
	Span
	Model string `json:"model"`
	Found []Kind `json:"found,omitempty"` // kinds that were found in it
}

// Span is when a window was, by the device's clock, and of how many events. The zero value is no window.
type Span struct {
	StartMS    int64 `json:"startMS"`
	DurationMS int64 `json:"durationMS"`
	Events     int   `json:"events"`
}

func spanOf(o observation.Observation) Span {
	return Span{StartMS: o.StartMS, DurationMS: o.DurationMS, Events: o.Events}
}

// Judge sums up what signals say.
type Judge struct {
	Signals []Signal
	Card    string // what its weights were made from, and on what terms; may be empty
}

// Update folds one observation in. A window comes once for each model while models change, and is judged once; one that
// says itself that no hand made it is not judged: findings are nil then, and else as many as signals have something to
// say. The sum for a kind is Page's: what speaks against the attack is
// forgotten at 0, so that an attack in the middle of a session is found as soon as one at its beginning. See E. S. Page,
// Continuous inspection schemes, Biometrika 41, 1954.
func (j Judge) Update(s State, w Window) (State, []Finding) {
	if last, known := s.Last[w.Modality]; (known && last.StartMS == w.StartMS && last.Model != w.Model) || declared(w.Observation) {
		return s, nil
	}
	next := State{Sums: maps.Clone(s.Sums), Last: maps.Clone(s.Last), Since: maps.Clone(s.Since), StrokeMS: s.StrokeMS, Pointed: pointedBy(s.Pointed, w.Observation)}
	if w.Modality == observation.Keyboard {
		next.StrokeMS = typingOf(w.Observation).StrokeMS
	}
	if next.Sums == nil {
		next.Sums = map[Kind]float64{}
	}
	if next.Last == nil {
		next.Last = map[observation.Modality]Judged{}
	}
	w.Typed, w.Pointed = Typing{s.Last[observation.Keyboard].Span, s.StrokeMS}, s.Pointed
	if w.Modality != observation.Keyboard && w.Typed.settles(w.Observation) {
		next.StrokeMS = 0 // all is said about it now
	}
	w.aid = &aidSays{}
	findings := []Finding{}
	judged := Judged{Span: spanOf(w.Observation), Model: w.Model}
	for _, signal := range j.Signals {
		nats, ok := signal.LLR(w)
		if !ok || math.IsNaN(nats) {
			continue
		}
		unless := slices.Contains(judged.Found, signal.Unless)
		if unless {
			nats = signal.Least
		}
		nats = math.Min(math.Max(nats, signal.Least), signal.Most)
		sum := math.Min(math.Max(0, next.Sums[signal.Kind]+nats), 2*signal.Found)
		if sum > 0 {
			next.Sums[signal.Kind] = sum
		} else {
			delete(next.Sums, signal.Kind)
		}
		if signal.Since != nil && !unless {
			since := signal.Since(next.Since[signal.Kind], w)
			since.Nats = math.Min(since.Nats, 2*signal.Found)
			sum = math.Max(sum, since.Nats)
			if next.Since == nil {
				next.Since = map[Kind]Since{}
			}
			next.Since[signal.Kind] = since.Hear(signal.near(next.Sums[signal.Kind], since))
		}
		findings = append(findings, Finding{Kind: signal.Kind, Nats: nats, Sum: sum, Found: sum >= signal.Found})
		if sum >= signal.Found {
			judged.Found = append(judged.Found, signal.Kind)
		}
	}
	next.Last[w.Modality] = judged
	return next, findings
}

// FoundIn gives the kinds that were found in a window, also where it comes once more through another model; nil for one that
// was not judged last of its modality.
func (s State) FoundIn(o observation.Observation) []Kind {
	if last := s.Last[o.Modality]; last.StartMS == o.StartMS && !declared(o) {
		return last.Found
	}
	return nil
}

// Shares of what finds a kind from which it is near to being found: of its sum, and of what the session as a whole says. The
// latter does not grow for ever: one stranger in 250 is half way for most of a session, and would stay a stranger.
const (
	SumNear     = 1.0 / 2
	SessionNear = 2.0 / 3
)

// Near reports whether one of the kinds is near to being found: what comes then is not learnt from, because the part that is
// still missing would come too late.
func (j Judge) Near(s State, of func(Kind) bool) bool {
	for _, signal := range j.Signals {
		if signal.near(s.Sums[signal.Kind], s.Since[signal.Kind]) && of(signal.Kind) {
			return true
		}
	}
	return false
}

func (s Signal) near(sum float64, since Since) bool {
	return sum >= SumNear*s.Found || since.Nats >= SessionNear*s.Found
}

// sum is how much speaks for a kind.
func (s State) sum(k Kind) float64 { return math.Max(s.Sums[k], s.Since[k].Nats) }

func declared(o observation.Observation) bool {
	for _, f := range o.Quality {
		if f == observation.Simulated {
			return true
		}
	}
	return false
}

// Doubt is how far the sum of one kind has come.
type Doubt struct {
	Kind  Kind
	Share float64 // of the sum from which the kind is found, above 0 and at most 1
}

// Doubts lists what speaks against a human hand at the moment, the strongest first.
func (j Judge) Doubts(s State) []Doubt {
	var out []Doubt
	for _, signal := range j.Signals {
		if sum := s.sum(signal.Kind); sum > 0 {
			out = append(out, Doubt{Kind: signal.Kind, Share: math.Min(1, sum/signal.Found)})
		}
	}
	slices.SortStableFunc(out, func(a, b Doubt) int { return cmp.Compare(b.Share, a.Share) })
	return out
}
