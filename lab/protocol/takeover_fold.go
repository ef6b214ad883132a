package protocol

import (
	"math"
	"slices"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// never is a threshold that no odds reach.
const never = 1e9

// betweenSessionsMS passes between two sessions of one person.
const betweenSessionsMS = 3_600_000

// stand is where a person's stream of observations stands. It is a value: what goes on from it leaves it as it was.
type stand struct {
	session app.Session
	refs    app.References
	atMS    float64 // Unix milliseconds by the stream's clock
}

// folder folds moments by the server's own assessor, with these thresholds.
type folder struct{ assessor *app.Assessor }

func folderWith(a *app.Assessor, t policy.Thresholds) folder {
	own := *a
	own.Thresholds, own.Strata = t, nil
	return folder{&own}
}

// signIn begins a session in which the subject has just proved who they are.
func (f folder) signIn(s stand) stand {
	s.atMS += betweenSessionsMS
	s.session = f.assessor.Open("stream", "subject", int64(s.atMS))
	return s
}

// step folds one moment in, which comes so long after the one before. The score is nil where nothing was compared.
func (f folder) step(s stand, m moment, passed span) (next stand, alarm bool, score *float64) {
	s.atMS += passed.wallMS
	o := m.observation
	o.Sequence, o.StartMS = s.session.LastSequence+1, int64(s.atMS)-o.DurationMS
	before := lastScore(s.session)
	var changes []app.Change
	s.session, s.refs, changes = f.assessor.Observe(s.session, s.refs, []observation.Observation{o}, int64(s.atMS))
	if score = lastScore(s.session); score == before { // a window that was passed over leaves the path as it was
		score = nil
	}
	return s, slices.ContainsFunc(changes, func(c app.Change) bool { return c.To == policy.High }), score
}

func lastScore(s app.Session) *float64 {
	if n := len(s.Path); n > 0 {
		return s.Path[n-1].Score
	}
	return nil
}

// enrolled folds the sessions that enrol, passively as the server does, but with nobody bothered: they are taken to be
// the subject's own. It reports which modalities have a reference that is compared with.
func (f folder) enrolled(sessions [][]moment) (s stand, compared map[observation.Modality]bool) {
	quiet := folderWith(f.assessor, policy.Thresholds{Medium: never - 1, High: never})
	compared = map[observation.Modality]bool{}
	for _, session := range sessions {
		s = quiet.signIn(s)
		for _, m := range session {
			var score *float64
			if s, _, score = quiet.step(s, m, m.passed); score != nil {
				compared[m.observation.Modality] = true
			}
		}
	}
	return s, compared
}

// track is how a person's own stream went.
type track struct {
	passed span // in all
	alarms int  // each followed by a sign-in
	scores []runOfScores
	stands map[int]stand // after so many moments, of those asked for
}

// runOfScores are the scores of one session's windows of one modality, in order.
type runOfScores struct {
	modality observation.Modality
	scores   []float64
}

// genuine runs a person's own sessions on from their enrolment. After an alarm they prove who they are and go on. It
// keeps where the stream stands after each of these numbers of moments.
func (f folder) genuine(s stand, sessions [][]moment, keep map[int]bool) track {
	t := track{stands: map[int]stand{}}
	done := 0
	for _, session := range sessions {
		s = f.signIn(s)
		byModality := map[observation.Modality][]float64{}
		for _, m := range session {
			if keep[done] {
				t.stands[done] = s
			}
			var alarm bool
			var score *float64
			s, alarm, score = f.step(s, m, m.passed)
			if alarm {
				t.alarms++
				s.session, _ = f.assessor.Reauthenticate(s.session, int64(s.atMS))
			}
			if score != nil {
				byModality[m.observation.Modality] = append(byModality[m.observation.Modality], *score)
			}
			t.passed = t.passed.plus(m.passed)
			done++
		}
		for _, modality := range handled {
			if scores := byModality[modality]; len(scores) > 0 {
				t.scores = append(t.scores, runOfScores{modality, scores})
			}
		}
	}
	return t
}

// longestMS is how much input an impostor has before their run counts as undetected.
const longestMS = 600_000

// taken is how a takeover went: what had passed when it was noticed.
type taken struct {
	noticed bool
	after   span // until it was noticed, or in all
	windows int  // of the other's, as many
}

// takeover lets somebody else go on from where a stream stands: their moments from the given one on, and from the first
// again up to it, until an alarm, ten minutes of input or the end of what they recorded. Nothing is played twice.
func (f folder) takeover(s stand, moments []moment, from int) taken {
	var t taken
	for i := range moments {
		m := moments[(from+i)%len(moments)]
		passed := m.passed
		if i == 0 {
			passed = m.own
		}
		if t.after.inputMS+passed.inputMS > longestMS {
			break
		}
		t.after, t.windows = t.after.plus(passed), t.windows+1
		if s, t.noticed, _ = f.step(s, m, passed); t.noticed {
			break
		}
	}
	return t
}

// likeness is the mean score of somebody's windows, each by itself against where a stream stands; −Inf where none is
// compared. Of long recordings windows are taken evenly.
func (f folder) likeness(s stand, moments []moment) float64 {
	const most = 60
	every := max(1, len(moments)/most)
	sum := map[observation.Modality]float64{}
	n := map[observation.Modality]float64{}
	for i := 0; i < len(moments); i += every {
		m := moments[i]
		if _, _, score := f.step(s, m, m.own); score != nil {
			sum[m.observation.Modality] += *score
			n[m.observation.Modality]++
		}
	}
	if len(n) == 0 {
		return math.Inf(-1)
	}
	total := 0.0
	for _, modality := range handled {
		if n[modality] > 0 {
			total += sum[modality] / n[modality]
		}
	}
	return total
}

// handled are the modalities of this protocol.
var handled = []observation.Modality{observation.Keyboard, observation.Pointer}
