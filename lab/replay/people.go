package replay

import (
	"errors"
	"fmt"
	"time"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/sim"
	"ipse.dev/ipse/lab/dataset"
)

// errEnough stops the reading once there are enough people.
var errEnough = errors.New("replay: enough people")

// Read prepares up to n people of a data set's folder by these models; those without one whole window are passed over.
func Read(set, dir string, n int, opt dataset.Options, models map[observation.Modality][]string) ([]Part, error) {
	var parts []Part
	err := dataset.Read(set, dir, opt, func(p dataset.Person) error {
		p.Sessions = own(p.Sessions)
		if part := Prepare(p, false, models); len(part.Observations) > 0 {
			parts = append(parts, part)
		}
		if len(parts) >= n {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return parts, nil
}

// own leaves out what a set labels as somebody else's.
func own(sessions []dataset.Session) []dataset.Session {
	var out []dataset.Session
	for _, s := range sessions {
		if s.Label != dataset.Intruder {
			out = append(out, s)
		}
	}
	return out
}

// Simulate prepares n generated people who work for a while each, by these models. The same seed gives the same people; what they do
// differs from seed to seed of their sitting.
func Simulate(n int, d time.Duration, seed, sitting uint64, models map[observation.Modality][]string) []Part {
	parts := make([]Part, n)
	for i := range parts {
		work := sim.NewPerson(seed+uint64(i)).Session(sitting).Work("en", 0, float64(d.Milliseconds()))
		parts[i] = Prepare(dataset.Person{
			ID:       fmt.Sprintf("simulated-%d", seed+uint64(i)),
			Sessions: []dataset.Session{{Keys: work.Keys, Pointers: work.Pointers}},
		}, true, models)
	}
	return parts
}

// TakeOver lets everybody's session end with somebody else: the last third of the next person's observations follows
// their own. With fewer than two people nothing changes.
func TakeOver(parts []Part) []Part {
	if len(parts) < 2 {
		return parts
	}
	out := make([]Part, len(parts))
	for i, p := range parts {
		other := parts[(i+1)%len(parts)].Observations
		other = other[len(other)-(len(other)+2)/3:]
		out[i] = Part{Person: p.Person, Observations: append([]Timed{}, p.Observations...)}
		endMS := p.Observations[len(p.Observations)-1].DueMS + gapMS
		for _, o := range other {
			o.DueMS += endMS - other[0].DueMS
			out[i].Observations = append(out[i].Observations, o)
		}
	}
	return out
}
