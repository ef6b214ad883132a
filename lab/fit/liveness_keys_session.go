package fit

import (
	"math"

	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/metric"
)

// What is made of a subject's own windows: chosen on people who are not unseen and attacks on them, so that most are found of
// who holds a session from the beginning and of who takes it over, strangers and known people together. Half or twice as much
// of each finds a little less.
const (
	usualWindows  = 2   // of a subject's count as much as the mean of people
	usualSpreads  = 2   // standard deviations of people's means are allowed for at most
	windowsAsOne  = 2   // so many windows say as much of a session's mean as one would if outputs were Gaussian
	sessionsShare = 1   // of the variance of people's means is taken for that of one person's from day to day; recordings of one day have 0.1
	leastSpreads  = 1   // standard deviations below people's mean nobody is expected to be
	mostSpreads   = 3.5 // standard deviations of a window above people's mean no output counts for more
)

// heard is what networks make of one window of a person's own.
type heard struct {
	output float64 // of the network that tells forgeries
	hidden float64 // nats that are taken off, because the times may be hidden ones
	hours  float64 // that it lasts
	short  bool    // too short to tell a forgery
}

// usualOf gives the bounds for what people's own windows may be allowed, and for what their sessions say.
func usualOf(people [][]heard) *presence.UsualBounds {
	var sum, squares, within, windows float64
	for _, own := range people {
		mean := 0.0
		for _, w := range own {
			mean += w.output / float64(len(own))
		}
		sum, squares = sum+mean, squares+mean*mean
		for _, w := range own {
			within += (w.output - mean) * (w.output - mean)
		}
		windows += float64(len(own) - 1)
	}
	n := math.Max(1, float64(len(people)))
	mean := sum / n
	variance := math.Max(1e-4, squares/n-mean*mean)
	within = math.Max(1e-4, within/math.Max(1, windows))
	return &presence.UsualBounds{
		Mean: round(mean), Windows: usualWindows, Most: round(usualSpreads * math.Sqrt(variance)),
		Session: &presence.SessionBounds{
			People: round(variance), Sessions: round(sessionsShare * variance), Window: round(windowsAsOne * within),
			Least: round(mean - leastSpreads*math.Sqrt(variance)), Most: round(mean + mostSpreads*math.Sqrt(within)), Scale: 1,
		},
	}
}

// sitting is one session of a person, and what they typed in an earlier one.
type sitting struct{ earlier, windows []heard }

// strangers are people all of whose typing is one session, before which nothing was known of them.
func strangers(people [][]heard) []sitting {
	out := make([]sitting, len(people))
	for i, own := range people {
		out[i].windows = own
	}
	return out
}

// leastKnown is how many windows an earlier session has.
const leastKnown = 4

// acquainted are people each half of whose typing is a session, and the other half was an earlier one.
func acquainted(people [][]heard) (out []sitting) {
	for _, own := range people {
		if half := len(own) / 2; half >= leastKnown {
			out = append(out, sitting{own[:half], own[half:]}, sitting{own[half:], own[:half]})
		}
	}
	return out
}

func hoursSat(of []sitting) (hours float64) {
	for _, s := range of {
		for _, w := range s.windows {
			hours += w.hours
		}
	}
	return hours
}

// keepsPromise reports whether in each group so few alarms are raised that the upper end of the exact interval is within
// mostAlarmsPer40H, where sums are found from found and what sessions say is from run.
func keepsPromise(groups [][]sitting, j *presence.KeyJudge, found, run float64) bool {
	for _, of := range groups {
		if 40*metric.PoissonInterval(sumAlarms(of, j, found, run))[1]/hoursSat(of) > mostAlarmsPer40H {
			return false
		}
	}
	return true
}

// sumAlarms counts how often sums reach one bound or what sessions say another, not counting earlier sessions.
func sumAlarms(of []sitting, j *presence.KeyJudge, found, run float64) (n int) {
	mark := j.Network.Mark()
	for _, s := range of {
		_, usual := sessionAlarms(s.earlier, j, mark, presence.Usual{}, found, run)
		alarms, _ := sessionAlarms(s.windows, j, mark, usual, found, run)
		n += alarms
	}
	return n
}

// sessionAlarms judges a session as the product does, and gives what is usual after it: after each alarm both begin anew, and
// what the session has taught is taken back. What comes while one is near is not remembered.
func sessionAlarms(windows []heard, j *presence.KeyJudge, mark string, usual presence.Usual, found, run float64) (n int, after presence.Usual) {
	since, sum := presence.Since{Before: usual}, 0.0
	for _, w := range windows {
		if w.short {
			continue
		}
		sum = math.Max(0, sum+bounded(bounded(j.Judged(w.output, usual))-w.hidden))
		if j.Usual != nil && j.Usual.Session != nil {
			since = j.Since(since, usual, w.output, w.hidden)
		}
		near := sum >= presence.SumNear*found || since.Nats >= presence.SessionNear*run
		since = since.Hear(near)
		if !near {
			usual = usual.Add(mark, w.output)
		}
		if sum >= found || since.Nats >= run {
			n++
			sum, usual, since = 0, since.Before, since.Anew()
		}
	}
	return n, usual
}
