package demo

import (
	"testing"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/device"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/sim"
)

// watch folds observations into a session one by one, as the server does, and gives the time of the first HIGH level, or
// -1 where there is none.
func watch(a *app.Assessor, s *app.Session, refs *app.References, observations []observation.Observation) float64 {
	for _, o := range observations {
		var changes []app.Change
		*s, *refs, changes = a.Observe(*s, *refs, []observation.Observation{o}, device.EndMS(o))
		for _, c := range changes {
			if c.To == policy.High {
				return float64(device.EndMS(o))
			}
		}
	}
	return -1
}

// TestStandInsAreKnownAndColleaguesAreNot plays what a visitor may play: five minutes to learn, twenty minutes of the same
// person without an alarm, and then each colleague, who must be noticed while a visitor still watches.
func TestStandInsAreKnownAndColleaguesAreNot(t *testing.T) {
	const learnMS, workMS, takeoverMS = 5 * 60_000, 20 * 60_000, 90_000
	a, err := app.NewAssessor("open", 1, true)
	if err != nil {
		t.Fatal(err)
	}
	a.DecideAs(app.Show{Thresholds: Thresholds})
	for _, e := range employees {
		c := device.NewCollector(device.Options{Simulated: true, Models: a.Models()})
		session, refs := a.Open("s", "p", 0), app.References{}
		own := sim.NewPerson(e.StandIn).Session(1)
		learning := own.Work("en", 0, learnMS)
		watch(a, &session, &refs, c.Play(learning.Keys, learning.Pointers))
		working := sim.NewPerson(e.StandIn).Session(2).Work("en", learning.EndMS, learning.EndMS+workMS)
		if at := watch(a, &session, &refs, c.Play(working.Keys, working.Pointers)); at >= 0 {
			t.Errorf("%s: a false alarm %.0f s into their own work", e.Name, (at-learning.EndMS)/1000)
			continue
		}
		if session.Decision.Answer != policy.SamePerson {
			t.Errorf("%s: after twenty minutes of own work the answer is %s, want %s", e.Name, session.Decision.Answer, policy.SamePerson)
		}
		for _, other := range colleagues {
			c, session, refs := device.NewCollector(device.Options{Simulated: true, Models: a.Models()}), session, refs
			session.LastSequence = 0
			takeover := sim.NewPerson(other.Seed).Session(3).Work("en", working.EndMS, working.EndMS+takeoverMS)
			if at := watch(a, &session, &refs, c.Play(takeover.Keys, takeover.Pointers)); at < 0 {
				t.Errorf("%s takes over from %s and is not noticed within %d s", other.Name, e.Name, takeoverMS/1000)
			}
		}
	}
}
