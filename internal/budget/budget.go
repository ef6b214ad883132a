// Package budget owns promise and fact: how many alerts an installation really raises, beside how many the operator allows,
// and which threshold would keep the promise. Sums over everybody's days and the verdicts of reviewers go in; an estimate
// with its interval goes out. Nothing in it is of a person.
//
// The fact is an estimate of false alarms. Alarms that a reviewer called an impostor are none; those called the right person
// are; the others count by the share of false ones among those that were decided, with a prior. Counts are Poisson, and the
// rate has Jeffreys' prior, so its posterior is a gamma distribution; that of the share is a beta distribution.
package budget

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"ipse.dev/ipse/internal/extreme"
	"ipse.dev/ipse/internal/policy"
)

// Enough is how many people at least must be in a sum before it is told: fewer, and it tells of somebody.
const Enough = 20

// Sums are what some days add up to.
type Sums struct {
	InputHours  float64 // of input that was compared, over everybody
	Alerts      int64   // because behaviour differed
	Impostor    int64   // the part of them with this verdict
	RightPerson int64   // and with this one
	Peaks       []Climbs
}

// Climbs counts climbs of the log-odds of a takeover by how high they went.
type Climbs struct {
	Bin int  // see BinOf
	Cut bool // an alarm broke them off, or the time of shadow mode's
	N   int64
}

// Bins of climbs: half a nat each, from even odds on.
const (
	binNats = 0.5
	bins    = 64
)

// BinOf gives the bin of a climb's highest log-odds, which must be above 0.
func BinOf(logOdds float64) int {
	return int(math.Max(0, math.Min(bins-1, logOdds/binNats)))
}

// Add adds other sums.
func (s Sums) Add(o Sums) Sums {
	s.InputHours += o.InputHours
	s.Alerts += o.Alerts
	s.Impostor += o.Impostor
	s.RightPerson += o.RightPerson
	s.Peaks = append(s.Peaks[:len(s.Peaks):len(s.Peaks)], o.Peaks...)
	return s
}

// Standing says what the fact means for the promise.
type Standing string

// The standings.
const (
	Kept     Standing = "kept"      // the whole interval lies within the promise
	Broken   Standing = "broken"    // the whole interval lies beyond it
	Open     Standing = "open"      // the promise lies within the interval, which is as narrow as one can ask
	TooShort Standing = "too_short" // too few hours to tell
	TooFew   Standing = "too_few"   // too few people to tell without telling of one of them
)

// Fact is an estimate of false alarms per 1,000 people and working day.
type Fact struct {
	PerThousand, Low, High float64 // mean of the posterior, and the ends of its middle 90 %
	FalseShare             float64 // by which alarms without a verdict count
	Standing               Standing
	HoursToTell            float64 // of input, after which one could tell, at TooShort
}

// A reviewer who has decided nothing is taken for one who would call nine of ten alarms false, with the weight of five
// verdicts: takeovers are rare, and an operator must not be told a better figure than was seen.
const (
	priorFalse    = 4.5
	priorTakeover = 0.5
)

// expected is how many alarms a kept promise lets one expect before too few hours are no excuse.
const expected = 3

// Estimate gives the fact beside a promise of so many alerts per 1,000 people and working day.
func Estimate(s Sums, promise float64) Fact {
	perHour := promise / 1000 / policy.InputHoursPerDay
	if !(s.InputHours > 0) {
		return Fact{Standing: TooShort, HoursToTell: expected / perHour}
	}
	confirmed := float64(min(s.RightPerson, s.Alerts))
	undecided := float64(max(0, s.Alerts-s.Impostor-s.RightPerson))
	a, b := priorFalse+float64(s.RightPerson), priorTakeover+float64(s.Impostor)
	f := Fact{FalseShare: a / (a + b)}
	perDay := 1000 * policy.InputHoursPerDay / s.InputHours
	f.PerThousand = (confirmed + undecided*f.FalseShare + 0.5) * perDay
	// The posterior mixes gamma distributions over the share's own: one for each of its quantiles.
	var alarms [16]float64
	for i := range alarms {
		alarms[i] = confirmed + undecided*mathext.InvRegIncBeta(a, b, (float64(i)+0.5)/float64(len(alarms))) + 0.5
	}
	f.Low, f.High = quantile(alarms[:], 0.05)*perDay, quantile(alarms[:], 0.95)*perDay
	switch enough := perHour*s.InputHours >= expected; {
	case f.High <= promise:
		f.Standing = Kept
	case f.Low > promise:
		f.Standing = Broken
	case enough:
		f.Standing = Open
	default:
		f.Standing, f.HoursToTell = TooShort, expected/perHour
	}
	return f
}

// quantile of an even mixture of gamma distributions of these shapes and scale 1.
func quantile(shapes []float64, p float64) float64 {
	low, high := 0.0, 1.0
	below := func(x float64) (sum float64) {
		for _, a := range shapes {
			sum += mathext.GammaIncReg(a, x) / float64(len(shapes))
		}
		return sum
	}
	for below(high) < p {
		low, high = high, 2*high
	}
	for range 60 {
		if m := (low + high) / 2; below(m) < p {
			low = m
		} else {
			high = m
		}
	}
	return (low + high) / 2
}

// Keeping is the threshold that would keep the promise.
type Keeping struct {
	LogOdds      float64 // of HIGH, at the cautious end of what fits
	Likely       float64 // the same by what fits best
	Extrapolated bool    // the promise is less than one alarm in the hours that were seen
}

// basePeaks is how many whole climbs the tail is fitted to, as far as there are so many.
const basePeaks = 60

// ToKeep gives the threshold of HIGH at which false alarms would come as often as promised, from the fact at the threshold
// that is in force and the cautious end of the tail of climbs; false where too few climbs were seen.
func ToKeep(s Sums, f Fact, promise, inForce float64) (Keeping, bool) {
	best, cautious, ok := tailBelow(s, inForce)
	if !ok || !(f.PerThousand > 0) {
		return Keeping{}, false
	}
	// The tail says how alarms thin out between two thresholds; how many there are at one of them the fact says.
	at := func(t extreme.Tail) float64 {
		return math.Max(policy.LeastHigh, t.Threshold(t.AlarmsPerHour(inForce)*promise/f.PerThousand))
	}
	perHour := promise / 1000 / policy.InputHoursPerDay
	return Keeping{LogOdds: math.Max(at(best), at(cautious)), Likely: at(best), Extrapolated: perHour*s.InputHours < 1}, true
}

// baseBelow is how far below the threshold the base lies at least, where there is room: what alarms break off shows its tail
// below the threshold only.
const baseBelow = 2.0

// tailBelow fits the tail of climbs above the highest base above which enough of them went.
func tailBelow(s Sums, inForce float64) (best, cautious extreme.Tail, ok bool) {
	var above [bins + 1]int64 // whole climbs that went into a bin or beyond it
	for _, c := range s.Peaks {
		for bin := 0; bin <= min(c.Bin, bins-1) && !c.Cut; bin++ {
			above[bin] += c.N
		}
	}
	base := 0
	for base+1 < bins && float64(base+1)*binNats <= inForce-baseBelow && above[base+1] >= basePeaks {
		base++
	}
	var peaks []extreme.Peak
	for _, c := range s.Peaks {
		if c.Bin >= base && c.N > 0 {
			peaks = append(peaks, extreme.Peak{Excess: (float64(c.Bin-base) + 0.5) * binNats, Weight: float64(c.N), Cut: c.Cut})
		}
	}
	best, cautious, err := extreme.Fit(float64(base)*binNats, merged(peaks), s.InputHours)
	return best, cautious, err == nil
}

// merged joins peaks that are alike, so that a fit over many days takes no longer than over one.
func merged(peaks []extreme.Peak) []extreme.Peak {
	type kind struct {
		excess float64
		cut    bool
	}
	at := map[kind]int{}
	var out []extreme.Peak
	for _, p := range peaks {
		k := kind{p.Excess, p.Cut}
		if i, ok := at[k]; ok {
			out[i].Weight += p.Weight
		} else {
			at[k] = len(out)
			out = append(out, p)
		}
	}
	return out
}

// Follow bounds by how much thresholds follow the fact, in nats: downwards little, because what lowers them could be a quiet
// month; upwards so far that alarms become some twenty times rarer and takeovers are still found.
const (
	followDown = -1.0
	followUp   = 3.0
)

// Shift gives by how much the thresholds follow the fact, in nats from where the budget has them; shifted is by how much they
// do now. It stays what it is unless the promise is clearly broken or clearly kept.
func Shift(f Fact, k Keeping, threshold, shifted float64) float64 {
	shift := math.Max(followDown, math.Min(followUp, k.LogOdds-threshold))
	switch {
	case f.Standing == Broken && shift > shifted, f.Standing == Kept && shift < shifted:
		return shift
	}
	return shifted
}
