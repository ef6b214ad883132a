package app

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

const aDayMS = 24 * 3600 * 1000

// bench is a subject's references with one session at a time, into which windows of drawn people go.
type bench struct {
	t        *testing.T
	a        *Assessor
	model    string
	s        Session
	refs     References
	atMS     int64
	sequence int64
	clockMS  float64 // step of the timestamps
}

func newBench(t *testing.T) *bench {
	a := newAssessor(t)
	b := &bench{t: t, a: a, model: decidingModel(t, a), atMS: 1000}
	b.open()
	return b
}

func (b *bench) open() { b.s, b.sequence = b.a.Open("s", "subject", b.atMS), 0 }

func (b *bench) key(place int) enrol.Key {
	return enrol.Key{Modality: observation.Keyboard, DeviceClass: observation.Desktop, Model: b.model, Place: place}
}

// typist draws windows around one embedding; the further from the usual, the further from other people.
type typist struct {
	centre []float64
	random *rand.Rand
}

func (b *bench) typist(seed uint64) typist {
	c, err := b.a.Weights.First(observation.Keyboard)
	if err != nil {
		b.t.Fatal(err)
	}
	p := typist{centre: slices.Clone(c.Mean), random: rand.New(rand.NewPCG(seed, 9))}
	for i := range p.centre {
		p.centre[i] += 20 * p.random.NormFloat64()
	}
	return p
}

func (p typist) window() observation.Embedding {
	e := make(observation.Embedding, len(p.centre))
	for i, x := range p.centre {
		e[i] = int8(math.Max(-127, math.Min(127, math.Round(x+3*p.random.NormFloat64()))))
	}
	return e
}

// types lets somebody type so many windows, ten seconds each.
func (b *bench) types(p typist, windows int) (all []Change) {
	for range windows {
		b.atMS += 10_000
		b.sequence++
		o := plain(b.sequence)
		o.Model, o.Embedding, o.StartMS, o.Liveness.TimestampQuantumMS = b.model, p.window(), b.atMS, b.clockMS
		var changes []Change
		b.s, b.refs, changes = b.a.Observe(b.s, b.refs, []observation.Observation{o}, b.atMS)
		all = append(all, changes...)
	}
	return all
}

func (b *bench) signIn(method string, changed Changed) {
	b.s, b.refs, _ = b.a.SignIn(b.s, b.refs, SignIn{Method: method, Changed: changed}, b.atMS)
}

func TestADeclaredChangeIsLearntBesideWhatIsKnown(t *testing.T) {
	b := newBench(t)
	laptop, desk, stranger := b.typist(1), b.typist(2), b.typist(3)
	b.types(laptop, enrol.KeyboardMature+4)
	b.signIn("webauthn", NewHardware)
	if changes := b.types(desk, enrol.KeyboardMature); len(changes) != 0 {
		t.Fatalf("while a declared change is learnt: %+v, want no change of level", changes)
	}
	if got := b.s.Decision; got.Answer != policy.CannotTell || !slices.Contains(got.Reasons, policy.Relearning) {
		t.Errorf("while it is learnt the decision is %+v, want cannot_tell for relearning", got)
	}
	if !b.refs[b.key(0)].Mature() || !b.refs[b.key(1)].Mature() {
		t.Fatalf("maturities %g and %g, want both references mature", b.refs[b.key(0)].Maturity(), b.refs[b.key(1)].Maturity())
	}
	for _, p := range []typist{desk, laptop, desk} {
		if changes := b.types(p, 12); len(changes) != 0 || b.s.Decision.Answer != policy.SamePerson {
			t.Errorf("afterwards: %+v, answer %s, reasons %v; want same_person with either keyboard", changes, b.s.Decision.Answer, b.s.Decision.Reasons)
		}
	}
	laptopBefore, deskBefore := b.refs[b.key(0)].Version, b.refs[b.key(1)].Version
	b.types(desk, 20)
	if got := b.refs[b.key(0)].Version; got != laptopBefore || b.refs[b.key(1)].Version == deskBefore {
		t.Errorf("twenty windows at the desk took the laptop's reference from version %d to %d and the desk's from %d to %d; want them in the desk's",
			laptopBefore, got, deskBefore, b.refs[b.key(1)].Version)
	}
	b.atMS += relearnForMS + 1
	b.s.Relearning.Left[observation.Keyboard] = relearnWindows
	if changes := b.types(stranger, 60); !slices.ContainsFunc(changes, isHigh) {
		t.Errorf("a stranger after the period: %+v, want an alarm", changes)
	}
	raw, err := json.Marshal(b.s)
	if err != nil {
		t.Fatal(err)
	}
	var read Session
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.s.Relearning, read.Relearning); diff != "" {
		t.Errorf("the period through storage (-kept +read):\n%s", diff)
	}
}

func TestWithoutAStrongSignInNothingNewIsLearnt(t *testing.T) {
	for method, opens := range map[string]bool{"password": false, "sms": false, "webauthn": true, "otp": true} {
		b := newBench(t)
		b.types(b.typist(1), enrol.KeyboardMature+4)
		b.signIn(method, NewHardware)
		if (b.s.Relearning != nil) != opens {
			t.Errorf("%s: a period of relearning is open: %t, want %t", method, b.s.Relearning != nil, opens)
		}
		changes := b.types(b.typist(2), enrol.KeyboardMature)
		if b.refs[b.key(1)].Mature() != opens || slices.ContainsFunc(changes, isHigh) == opens {
			t.Errorf("%s: the second place is mature: %t, changes %+v; want learning %t and an alarm otherwise", method, b.refs[b.key(1)].Mature(), changes, opens)
		}
	}
}

// TestAnAttackerInAPeriodOfRelearningIsBoundAndDoesNotRipen gives the desk away in the middle of the period.
func TestAnAttackerInAPeriodOfRelearningIsBoundAndDoesNotRipen(t *testing.T) {
	b := newBench(t)
	b.types(b.typist(1), enrol.KeyboardMature+4)
	b.signIn("webauthn", Injury)
	b.types(b.typist(2), enrol.KeyboardMature/2)
	changes := b.types(b.typist(3), 30)
	if b.refs[b.key(1)].Mature() {
		t.Error("half the subject and half somebody else ripened into a reference")
	}
	if b.s.Relearning.Left[observation.Keyboard] != 0 || !slices.ContainsFunc(changes, isHigh) {
		t.Errorf("%d windows are left and the changes are %+v; want none left and an alarm", b.s.Relearning.Left[observation.Keyboard], changes)
	}
}

func TestAnEnrolmentThatMixesTwoPeopleSaysSoAndBeginsAnew(t *testing.T) {
	b := newBench(t)
	one, other := b.typist(1), b.typist(2)
	b.types(one, enrol.KeyboardMature/2)
	b.types(other, enrol.KeyboardMature/2)
	b.types(one, 3)
	if got := b.s.Decision; got.Level != policy.Low || got.Answer != policy.CannotTell || !slices.Equal(got.Reasons, []policy.ReasonCode{policy.EnrolmentMixed}) {
		t.Fatalf("the decision is %+v, want LOW and cannot_tell for a mixed enrolment", got)
	}
	b.signIn("password", "")
	if b.types(one, 1); !b.refs[b.key(0)].Mixed {
		t.Error("a password makes the enrolment begin anew, want a strong sign-in")
	}
	b.signIn("passkey", "")
	b.types(one, enrol.KeyboardMature+1)
	if !b.refs[b.key(0)].Mature() || b.s.Decision.Answer != policy.SamePerson {
		t.Errorf("after a strong sign-in and as many windows again: mature %t, decision %+v; want same_person", b.refs[b.key(0)].Mature(), b.s.Decision)
	}
	b.refs = Correct(b.refs, bus.Correction{Action: enrolAgain, DeviceClass: "tablet"}, b.atMS)
	if !b.refs[b.key(0)].Mature() {
		t.Error("enrolling again on tablets touched the desktop's reference")
	}
	b.refs = Correct(b.refs, bus.Correction{Action: enrolAgain, Modality: "keyboard"}, b.atMS)
	if r := b.refs[b.key(0)]; r.Version != 0 || r.Key != b.key(0) {
		t.Errorf("enrolling again leaves %+v, want an empty reference in its place", r)
	}
}

// TestASlowPoisonerIsReportedAndRolledBack plays somebody who works a little every day at a desk whose session never
// doubts them: trust is put back before each window, which is more than any attacker has.
func TestASlowPoisonerIsReportedAndRolledBack(t *testing.T) {
	b := newBench(t)
	subject, poisoner := b.typist(1), b.typist(2)
	b.types(subject, enrol.KeyboardSettled+20)
	was, began := b.refs[b.key(0)].Comparison, b.atMS
	var reported []Change
	c, err := b.a.Weights.First(observation.Keyboard)
	if err != nil {
		t.Fatal(err)
	}
	for d := 0; d < 10 && b.s.Asked == ""; d++ {
		b.atMS += aDayMS
		for range 60 {
			b.open()
			b.s.Trust.LogOdds = -100
			o := plain(1)
			o.Model, o.Embedding = b.model, poisoner.window()
			b.refs[b.key(0)] = b.a.adapt(&b.s, c, b.refs[b.key(0)], b.key(0), o)
			if b.s.Asked != "" {
				break
			}
		}
	}
	for _, change := range b.types(subject, 1) {
		if slices.Contains(change.Reasons, policy.ReferenceDrifts) {
			reported = append(reported, change)
		}
	}
	if len(reported) == 0 || reported[0].To != policy.Medium {
		t.Fatalf("ten days of somebody else: %+v, want MEDIUM because the reference drifts", reported)
	}
	b.signIn("webauthn", "")
	if b.s.Asked != "" || b.s.Decision.Level != policy.Low {
		t.Errorf("after the sign-in: %q is asked for at %s, want nothing at LOW", b.s.Asked, b.s.Decision.Level)
	}
	version := b.refs[b.key(0)].Version
	if b.types(subject, 20); b.refs[b.key(0)].Version != version {
		t.Error("a drifted reference learns on before anybody has looked at it")
	}
	b.refs = Correct(b.refs, bus.Correction{Action: rollBack, ToMS: began}, b.atMS)
	if r := b.refs[b.key(0)]; r.DriftedAtMS != 0 || enrol.Distance(c, was, r.Comparison) > enrol.MostPerDay {
		t.Errorf("rolled back it lies %g from what it was, drifted at %d; want it where it was", enrol.Distance(c, was, r.Comparison), r.DriftedAtMS)
	}
	if b.open(); len(b.types(subject, 20)) != 0 || b.s.Decision.Answer != policy.SamePerson {
		t.Errorf("the subject afterwards: %+v, want same_person", b.s.Decision)
	}
}

func TestNewHardwareIsAskedAboutAndLearntAfterAStrongSignIn(t *testing.T) {
	b := newBench(t)
	b.clockMS = 1
	laptop, desk := b.typist(1), b.typist(2)
	b.types(laptop, enrol.KeyboardMature+10)
	b.open()
	b.clockMS = 15.625
	changes := b.types(desk, heldWindows)
	if len(changes) != 1 || changes[0].To != policy.Medium || !slices.Contains(changes[0].Reasons, policy.NewHardware) || !slices.Contains(b.s.Decision.Directives, policy.StepUp) {
		t.Fatalf("at a strange clock: %+v, %+v; want one step-up for new hardware", changes, b.s.Decision)
	}
	if b.s.Decision.Answer != policy.CannotTell {
		t.Errorf("the answer is %s, want cannot_tell", b.s.Decision.Answer)
	}
	b.signIn("webauthn", "")
	b.types(desk, enrol.KeyboardMature+4)
	if !b.refs[b.key(1)].Mature() || b.s.Decision.Answer != policy.SamePerson || b.s.Decision.Level != policy.Low {
		t.Errorf("after the sign-in the second place is mature: %t, decision %+v; want same_person", b.refs[b.key(1)].Mature(), b.s.Decision)
	}
	b.open()
	if changes := b.types(desk, 10); len(changes) != 0 {
		t.Errorf("the next session at that machine: %+v, want no change of level", changes)
	}
}

// TestAnAttackerGainsABoundedDelayFromStrangeHardware lets a stranger come with a strange clock and no strong sign-in.
func TestAnAttackerGainsABoundedDelayFromStrangeHardware(t *testing.T) {
	until := func(clockMS float64, sitting bool) (alarm, asked int) {
		b := newBench(t)
		b.clockMS = 1
		b.types(b.typist(1), enrol.KeyboardMature+10)
		if sitting {
			b.types(b.typist(1), 1)
		} else {
			b.open()
		}
		b.clockMS = clockMS
		stranger := b.typist(2)
		for i := range 40 {
			for _, c := range b.types(stranger, 1) {
				if c.To == policy.Medium && asked == 0 {
					asked = i + 1
				}
				if c.To == policy.High {
					return i + 1, asked
				}
			}
			if i == 10 {
				b.signIn("password", "") // no strong sign-in: nothing is learnt, nothing is held again
			}
		}
		return 0, asked
	}
	plain, _ := until(1, false)
	strange, asked := until(15.625, false)
	midway, _ := until(15.625, true)
	if plain == 0 || strange == 0 || strange > plain+heldWindows || asked != 1 {
		t.Errorf("the alarm comes after %d windows on a known machine and after %d on a strange one, a step-up after %d; want at most %d more and the step-up at once", plain, strange, asked, heldWindows)
	}
	if midway == 0 || midway > plain+2 {
		t.Errorf("with a clock that turns strange in the middle of a sitting the alarm comes after %d windows, want no delay beside %d", midway, plain)
	}
}
