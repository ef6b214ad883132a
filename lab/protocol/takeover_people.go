package protocol

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// What enrols, in windows: the protocol's figures.
const (
	keyboardEnrol = 80  // of 30 strokes, or half of the recording if that is less
	pointerEnrol  = 400 // of 128 events, taken evenly from all that is meant for enrolment: a reference forgets beyond
)

// actor is one person of the test, or one put together of two: what enrols, what they do as themselves, and all that they
// do, as others meet it when this person takes their session over.
type actor struct {
	set     string     // of whom others may be spliced in
	people  []string   // the data sets' own identifiers, with the set's name; nobody takes over from themself
	enrol   [][]moment // by session
	genuine [][]moment // by session; a sign-in begins each
	whole   []moment
}

func (a *actor) id() string { return fmt.Sprint(a.people) }

// stranger reports whether two actors are of different people altogether, in the same set.
func (a *actor) stranger(b *actor) bool {
	return a.set == b.set && !slices.ContainsFunc(a.people, func(id string) bool { return slices.Contains(b.people, id) })
}

// cast is a set's actors by what they are for. When people are chosen by hand, those who calibrate may be the same.
type cast struct {
	test, calibration []*actor
}

// cast reads a set, splits its people and cuts and embeds what they did. Part says what of a person's moments, by session,
// is for what; a person it leaves without enrolment or without a genuine run has recorded too little.
func (r *run) cast(set, needs string, part func(p dataset.Person, sessions [][]moment) actor) (cast, error) {
	type reader struct {
		person            dataset.Person
		test, calibration bool
	}
	var read []reader
	all, left := 0, 0
	opt := r.Options
	opt.OnFile = func(done, total int) { r.progress("read "+set, done, total) }
	err := dataset.Read(set, r.Data, opt, func(p dataset.Person) error {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		all++
		seen := slices.Contains(r.Model.Seen[set], p.ID)
		one := reader{person: p, calibration: fit.Calibrates(set, p.ID, seen)}
		if one.test = fit.RoleOf(set, p.ID) == fit.Unseen && !seen; r.Keep != nil {
			one.test = r.Keep(set, p.ID)
		}
		if one.test {
			left++
		}
		if one.test || one.calibration {
			read = append(read, one)
		}
		return nil
	})
	if err != nil {
		return cast{}, err
	}
	if left == 0 {
		return cast{}, fmt.Errorf("%w: none of the %d people of %s is kept for tests and unseen by the weights", ErrTooFew, all, set)
	}
	if r.Keep != nil {
		r.note("%s: these %d of %d people were chosen by hand and may have been seen by the weights: the figures are for choosing, not for quoting", set, left, all)
	} else {
		r.note("%s: %d of %d people are tested: those whom lab/fit.RoleOf keeps unseen, and the weights have not seen", set, left, all)
	}
	actors := make([]actor, len(read))
	var next, done atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(read) && r.ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				p := &read[i].person
				sessions := make([][]moment, len(p.Sessions))
				for k, s := range p.Sessions {
					sessions[k] = r.moments(s)
				}
				actors[i] = part(*p, sessions)
				actors[i].set, actors[i].people = set, []string{set + "/" + p.ID}
				read[i].person = dataset.Person{} // the events are no longer needed
				r.progress("embed "+set, int(done.Add(1)), len(read))
			}
		})
	}
	wait.Wait()
	if err := r.ctx.Err(); err != nil {
		return cast{}, err
	}
	var out cast
	short := 0
	for i, one := range read {
		a := &actors[i]
		if len(a.enrol) == 0 || len(a.genuine) == 0 {
			if one.test {
				short++
			}
			continue
		}
		if one.test {
			out.test = append(out.test, a)
		}
		if one.calibration {
			out.calibration = append(out.calibration, a)
		}
	}
	if short > 0 {
		r.note("%s: %d of %d people are left out: they have recorded less than %s", set, short, left, needs)
	}
	return out, nil
}

// byTime parts one long recording: the first windows are for enrolment, and of them so many of the last enrol; the rest is
// the genuine run, which is the same however many enrol.
func byTime(enrolling int) func(dataset.Person, [][]moment) actor {
	return func(_ dataset.Person, sessions [][]moment) actor {
		a := actor{whole: slices.Concat(sessions...)}
		n := min(keyboardEnrol, len(a.whole)/2)
		skipped := max(0, n-enrolling)
		for _, s := range sessions {
			first := min(n, len(s))
			from := min(skipped, first)
			n, skipped = n-first, skipped-from
			a.enrol, a.genuine = held(a.enrol, s[from:first]), held(a.genuine, s[first:])
		}
		return a
	}
}

// bySession parts recordings whose set says what each session is for. Sessions of somebody else are passed over.
func bySession(p dataset.Person, sessions [][]moment) actor {
	var a actor
	for i, s := range p.Sessions {
		switch {
		case s.Label == dataset.Intruder:
		case s.Part == dataset.Enrolment:
			a.enrol = held(a.enrol, sessions[i])
		case s.Part == dataset.Verification:
			a.genuine = held(a.genuine, sessions[i])
		}
	}
	a.whole = append(slices.Concat(a.genuine...), slices.Concat(a.enrol...)...)
	a.enrol = evenly(a.enrol, pointerEnrol)
	return a
}

// held appends a session that holds something.
func held(sessions [][]moment, s []moment) [][]moment {
	if len(s) == 0 {
		return sessions
	}
	return append(sessions, s)
}

// evenly shortens sessions to their first windows, all by the same share, so that together they have at most so many.
func evenly(sessions [][]moment, most int) [][]moment {
	all := 0
	for _, s := range sessions {
		all += len(s)
	}
	if all <= most {
		return sessions
	}
	var out [][]moment
	for _, s := range sessions {
		out = held(out, s[:len(s)*most/all])
	}
	return out
}

// lastWord is what a set's name ends with: of chimeras, whose pointer it is.
func lastWord(set string) string { return set[strings.LastIndex(set, " ")+1:] }
