package redteam

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/observation"
)

// closeWithin bounds what is tidied up after an attack.
const closeWithin = 10 * time.Second

// errUnmet is the error for a test subject that the server has not heard of, of whom nothing is left to erase.
var errUnmet = errors.New("redteam: open the test subject's session")

// Run makes each attack on a test subject of its own, in a session of its own, and erases the subject afterwards: on one and
// the same subject an attack would be taken for the replay of an earlier one, or find references that had learnt from it. An
// attack that could not be made is in the report with its reason; only the end of ctx, or a first test subject that the
// server does not learn, ends a run early, with the error.
func (s *Server) Run(ctx context.Context, attacks []Attack) ([]Outcome, error) {
	var out []Outcome
	for i, a := range attacks {
		alone := *s
		alone.User = fmt.Sprintf("%s-%d", s.User, i+1)
		o, err := alone.onSubject(ctx, a)
		if ended := ctx.Err(); ended != nil {
			return out, ended
		}
		if err != nil && i == 0 {
			return out, err
		}
		out = append(out, o)
	}
	return out, nil
}

// onSubject makes one attack on a subject that the server has learnt, where it is to. The error is that of learning.
func (s *Server) onSubject(ctx context.Context, a Attack) (o Outcome, err error) {
	if !s.Keep {
		defer func() {
			closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
			defer cancel()
			left := Erase(closing, s.API, s.User)
			if left != nil && s.Warn != nil && !errors.Is(err, errUnmet) {
				s.Warn(left)
			}
		}()
	}
	if !s.Learn {
		return s.inNewSession(ctx, a), nil
	}
	e, err := s.Enrol(ctx)
	if err != nil {
		return failed(a, err), err
	}
	o = s.inNewSession(ctx, a)
	o.Enrolment = &e
	return o, nil
}

func (s *Server) inNewSession(ctx context.Context, a Attack) Outcome {
	opened, err := s.API.Open(ctx, s.User, observation.Desktop)
	if err != nil {
		return failed(a, err)
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
		defer cancel()
		_ = s.API.Close(closing, opened.Session) // it ends by itself otherwise
	}()
	return s.In(ctx, opened, a)
}

// Erase takes a test subject and all that the server learnt of it away again.
func Erase(ctx context.Context, api *client.Client, user string) error {
	opened, err := api.Open(ctx, user, observation.Desktop)
	if err != nil {
		return fmt.Errorf("redteam: erase the test subject %s: %w", user, err)
	}
	if err := api.Erase(ctx, opened.Subject); err != nil {
		return fmt.Errorf("redteam: erase the test subject %s: %w", user, err)
	}
	return nil
}
