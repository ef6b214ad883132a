package fit

import (
	"fmt"
	"io"
	"math"
	"slices"

	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/internal/window"
)

func hoursOf(w window.Keyboard) float64 {
	return (w.Strokes[len(w.Strokes)-1].ReleaseMS - w.Strokes[0].PressMS) / 3.6e6
}

// foundNats is the sum from which a kind that single windows tell is found.
const foundNats = 6

// boundWindows puts the bound beyond every window of all people who are not unseen, as the product cuts them. Calibration
// people alone have too few: none wrong of 37,000 is what it takes to say that less than one in ten thousand is.
func (f *KeyFitter) boundWindows(j, _ *presence.KeyJudge) error {
	var raw []float64
	for _, e := range f.examples {
		if e.attack == nil && !e.burst {
			raw = append(raw, j.Network.Nats(e.measures))
		}
	}
	slices.Sort(raw)
	const beyond = 0.25 // nats
	limit := raw[len(raw)-1] + beyond
	j.Found = foundNats
	j.Offset = round(foundNats - j.Slope*limit)
	fmt.Fprintf(f.log, "injected: 99 %%, 99.9 %% and the highest of %d windows of people at %.2f, %.2f and %.2f nats\n", len(raw),
		raw[len(raw)*99/100], raw[len(raw)*999/1000], raw[len(raw)-1])
	return nil
}

// ownWindows gives the windows of the people whom use picks, person by person.
func (f *KeyFitter) ownWindows(use func(KeyPerson) bool) [][]keyExample {
	var out [][]keyExample
	last := -1
	for _, e := range f.examples {
		if e.attack != nil || e.burst || !use(f.people[e.person]) {
			continue
		}
		if e.person != last {
			out, last = append(out, nil), e.person
		}
		out[len(out)-1] = append(out[len(out)-1], e)
	}
	return out
}

// centre puts the nats so that a window's mean is so far below 0 for this share of people.
func centre(people [][]keyExample, j *presence.KeyJudge, share, below float64) {
	var means []float64
	for _, own := range people {
		sum := 0.0
		for _, e := range own {
			sum += bounded(j.Slope * j.Network.Nats(e.measures))
		}
		means = append(means, sum/float64(len(own)))
	}
	slices.Sort(means)
	j.Offset = round(-math.Max(0, means[min(len(means)-1, int(share*float64(len(means))))]+below))
}

func bounded(x float64) float64 { return math.Max(presence.KeyLeast, math.Min(presence.KeyMost, x)) }

// boundSums centres the nats so that nearly all calibration people's windows take away from the sum, and puts the bound
// beyond the highest sum of nearly all of them.
func (f *KeyFitter) boundSums(j, _ *presence.KeyJudge) error {
	people := f.ownWindows(func(p KeyPerson) bool { return RoleOf(p.Set, p.ID) == Calibration })
	centre(people, j, 0.99, 0.1)
	highest := make([]float64, len(people))
	for i, own := range people {
		sum := 0.0
		for _, e := range own {
			sum = math.Max(0, sum+bounded(j.Nats(e.measures)))
			highest[i] = math.Max(highest[i], sum)
		}
	}
	slices.Sort(highest)
	j.Found = round(math.Max(3, 1.1*highest[min(len(highest)-1, int(0.99*float64(len(highest))))]))
	fmt.Fprintf(f.log, "hidden: offset %.2f, found from %.2f; highest sums of %d people: half %.2f, 95 %% %.2f, most %.2f\n", j.Offset, j.Found,
		len(highest), highest[len(highest)/2], highest[len(highest)*95/100], highest[len(highest)-1])
	return nil
}

// How often a forgery may be found in people's own typing, and how far above 0 the mean window of the one person may be who
// looks most like a forgery. A sum that people's own typing drives up needs a bound that few forgeries reach, and where
// much is taken off every window few forgeries are left, so the best lies between: of population forgeries on calibration
// people of Aalto 0.42 are found within a minute at about this value, 0.32 at 0 and 0.29 at 0.25 below it.
const (
	mostAlarmsPer40H = 3   // the upper end of the exact interval at the count that is found
	forgedAbove      = 0.1 // nats
	leastFound       = 3.0 // nats: more than one window can say
	mostFound        = 100 // nats, at which a bound is given up
)

// boundAlarms puts the bounds where people who calibrate, and those from whom nothing was learnt, raise so few alarms that
// the upper end of what they may raise is below mostAlarmsPer40H, both as strangers and as people who are known. The sum and
// what a session says are bounded so by themselves, put to one scale, and raised together until both keep it.
func (f *KeyFitter) boundAlarms(j, hidden *presence.KeyJudge) error {
	if err := j.Network.Check(liveness.KeyboardMeasures); err != nil {
		return fmt.Errorf("fit: the network of forgeries %w", err)
	}
	windows := f.ownWindows(func(p KeyPerson) bool { return Calibrates(p.Set, p.ID, p.learns()) })
	people := make([][]heard, len(windows))
	for i, own := range windows {
		for _, e := range own {
			people[i] = append(people[i], heard{j.Network.Nats(e.measures), math.Max(0, bounded(hidden.Nats(e.measures))), e.hours, e.short})
		}
	}
	boundTogether(j, people, f.log)
	return nil
}

// boundTogether bounds the sum, and what sessions say, by what networks make of people's windows. The network must have passed
// Check.
func boundTogether(j *presence.KeyJudge, people [][]heard, log io.Writer) {
	telling := make([][]heard, 0, len(people))
	for _, own := range people {
		if own = slices.DeleteFunc(slices.Clone(own), func(w heard) bool { return w.short }); len(own) > 0 {
			telling = append(telling, own)
		}
	}
	j.Usual = usualOf(telling)
	j.Offset = 0
	j.Offset = round(-math.Max(0, highestMean(telling, j)-forgedAbove))
	groups := [][]sitting{strangers(people), acquainted(people)}
	never := math.Inf(1)
	sum := leastKept(func(found float64) bool { return keepsPromise(groups, j, found, never) })
	run := leastKept(func(found float64) bool { return keepsPromise(groups, j, never, found) })
	scale := round(sum / run)
	j.Found = round(sum)
	for !keepsPromise(groups, j, j.Found, j.Found/scale) && j.Found < mostFound {
		j.Found = round(j.Found + 0.05)
	}
	for i, of := range []string{"strangers", "known people"} {
		fmt.Fprintf(log, "forged: offset %.2f, found from %.2f (sums alone %.2f, sessions alone %.2f): %d times in %.1f h of %s, %d times from half of it; people's mean %.2f, at most %.2f allowed\n",
			j.Offset, j.Found, sum, run, sumAlarms(groups[i], j, j.Found, j.Found/scale), hoursSat(groups[i]), of,
			sumAlarms(groups[i], j, j.Found/2, j.Found/2/scale), j.Usual.Mean, j.Usual.Most)
	}
	j.Usual.Session.Scale = scale
}

// leastKept gives the lowest bound that keeps a promise, or mostFound.
func leastKept(keeps func(found float64) bool) float64 {
	found := leastFound
	for !keeps(found) && found < mostFound {
		found += 0.05
	}
	return found
}

// highestMean gives what the mean window of the one person says who looks most like a forgery, each window judged by what
// those before it were.
func highestMean(people [][]heard, j *presence.KeyJudge) float64 {
	highest := math.Inf(-1)
	for _, own := range people {
		var usual presence.Usual
		mean := 0.0
		for _, w := range own {
			mean += bounded(j.Judged(w.output, usual)) / float64(len(own))
			usual = usual.Add(j.Network.Mark(), w.output)
		}
		highest = math.Max(highest, mean)
	}
	return highest
}
