// Package consoletest has a source of made-up sessions and alarms in memory, for tests of the console and for looking
// at its pages. Nothing in it comes from a person.
package consoletest

import (
	"context"
	"slices"
	"sync"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/review"
)

// Source is a console.Sessions, a console.Cases, a console.Budget, a console.Subjects and a console.Corrections. The zero value is empty and ready to use; it is safe for
// concurrent use.
type Source struct {
	mu       sync.Mutex
	sessions []console.SessionDetail
	cases    []review.Case
	budget   console.BudgetReport
	subjects map[string]console.SubjectDetail
	asked    []console.Correction
	readers  map[chan string]struct{}
	err      error
}

// Put adds a session or replaces the one with its identifier, and tells readers.
func (s *Source) Put(d console.SessionDetail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.sessions, func(o console.SessionDetail) bool { return o.ID == d.ID })
	if i < 0 {
		s.sessions = append(s.sessions, d)
	} else {
		s.sessions[i] = d
	}
	s.notify(d.ID)
}

// PutCase adds an alarm or replaces the one with its identifier, and tells readers.
func (s *Source) PutCase(k review.Case) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.cases, func(o review.Case) bool { return o.ID == k.ID })
	if i < 0 {
		s.cases = append(s.cases, k)
	} else {
		s.cases[i] = k
	}
	s.notify(k.ID)
}

// PutBudget sets what is told of promise and fact.
func (s *Source) PutBudget(b console.BudgetReport) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.budget = b
}

// Budget implements console.Budget.
func (s *Source) Budget(context.Context) (console.BudgetReport, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.budget, s.err
}

// Fail makes every question end with the error, until it is called with nil.
func (s *Source) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Sessions implements console.Sessions.
func (s *Source) Sessions(context.Context) ([]console.SessionRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	var rows []console.SessionRow
	for _, d := range s.sessions {
		rows = append(rows, d.SessionRow)
	}
	slices.SortStableFunc(rows, func(a, b console.SessionRow) int {
		if a.Closed != b.Closed {
			if a.Closed {
				return 1
			}
			return -1
		}
		return b.OpenedAt.Compare(a.OpenedAt)
	})
	return rows[:min(len(rows), 500)], nil
}

// Session implements console.Sessions.
func (s *Source) Session(_ context.Context, id string) (console.SessionDetail, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return console.SessionDetail{}, s.err
	}
	for _, d := range s.sessions {
		if d.ID == id {
			d.Cases = nil
			for _, k := range s.cases {
				if k.Session == id {
					d.Cases = append(d.Cases, k)
				}
			}
			return d, nil
		}
	}
	return console.SessionDetail{}, console.ErrNotFound
}

// Changes implements console.Sessions.
func (s *Source) Changes(ctx context.Context) <-chan string {
	ids := make(chan string, 64)
	s.mu.Lock()
	if s.readers == nil {
		s.readers = make(map[chan string]struct{})
	}
	s.readers[ids] = struct{}{}
	s.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.readers, ids)
		close(ids)
	})
	return ids
}

func (s *Source) notify(id string) {
	for reader := range s.readers {
		select {
		case reader <- id:
		default: // a slow reader misses changes
		}
	}
}

// Cases implements console.Cases.
func (s *Source) Cases(context.Context) ([]review.Case, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	cases := slices.Clone(s.cases)
	slices.SortStableFunc(cases, func(a, b review.Case) int { return b.OpenedAt.Compare(a.OpenedAt) })
	return cases[:min(len(cases), 500)], nil
}

// Case implements console.Cases.
func (s *Source) Case(_ context.Context, id string) (review.Case, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return review.Case{}, s.err
	}
	for _, k := range s.cases {
		if k.ID == id {
			return k, nil
		}
	}
	return review.Case{}, console.ErrNotFound
}

// Decide implements console.Cases.
func (s *Source) Decide(_ context.Context, id string, verdict review.Verdict, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	for i := range s.cases {
		if s.cases[i].ID == id {
			s.cases[i].Verdict, s.cases[i].DecidedAt = verdict, at
			s.notify(id)
			return nil
		}
	}
	return console.ErrNotFound
}
