package app

import (
	"context"
	"fmt"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/budget"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
	"ipse.dev/ipse/internal/store"
)

// budgetStore is what promise and fact need of a store.
type budgetStore interface {
	BudgetDays(ctx context.Context, from int64) ([]store.Day, error)
	DecidedCases(ctx context.Context, cause string, from int64) ([]store.Decided, error)
}

// rule is how alarms are raised: what sums must have in common to be added up.
type rule struct {
	promise   float64 // alerts per 1,000 people and working day
	threshold float64 // log-odds of HIGH that follow from it
	shift     float64 // by which they follow the fact
	shadow    bool
	shown     bool // the threshold is a demonstration's own and does not follow from the promise
	unkept    *Unkept
}

func (r rule) inForce() float64 { return r.threshold + r.shift }

// factDays is how many days the fact looks back on.
const factDays = 28

// daysKept is how long sums stay.
const daysKept = 90

// account tells promise and fact.
type account struct {
	store budgetStore
	rule  rule
}

// statement is promise and fact at one moment.
type statement struct {
	Rule       rule
	Sums       budget.Sums
	Fact       budget.Fact
	Injected   int64 // alarms because of injected events, which no threshold governs
	Keeping    budget.Keeping
	CanKeep    bool // Keeping is known
	Days       []statementDay
	Since      time.Time // the first day that is in it; zero when none is
	LeftOut    bool      // some days were under other thresholds
	FollowedBy float64   // nats by which the thresholds would follow the fact at the next start
}

// statementDay is one day of enough people, or several days that are only together of so many.
type statementDay struct {
	From, To time.Time // first and last day
	Fact     budget.Fact
	Shadow   bool // at least half of it in shadow mode
}

// state works the statement out.
func (a *account) state(ctx context.Context, now time.Time) (statement, error) {
	from := now.UnixMilli()/dayMS - factDays + 1
	days, err := a.store.BudgetDays(ctx, from)
	if err != nil {
		return statement{}, fmt.Errorf("app: read promise and fact: %w", err)
	}
	decided, err := a.store.DecidedCases(ctx, string(policy.Mismatch), from-factDays)
	if err != nil {
		return statement{}, fmt.Errorf("app: read promise and fact: %w", err)
	}
	s := statement{Rule: a.rule, FollowedBy: a.rule.shift}
	few := false
	for _, d := range days {
		switch {
		case d.InputMS == 0 && d.Alerts == 0:
			continue
		case d.Mixed || d.Threshold != a.rule.threshold || d.Shift != a.rule.shift:
			s.LeftOut = true
			continue
		case !d.Over || d.Crowd < budget.Enough:
			// A day is told when it is over: who asks again and again would else see when the last of its people works. One that
			// has other days in it already has waited for enough people in vain.
			few = few || (d.Since < d.Number && d.Crowd < budget.Enough)
			continue
		}
		sums := sumsOf(d, decided)
		s.Sums = s.Sums.Add(sums)
		s.Injected += d.Injected
		if s.Since.IsZero() {
			s.Since = dayTime(d.Since)
		}
		s.Days = append(s.Days, statementDay{
			From: dayTime(d.Since), To: dayTime(d.Number), Fact: budget.Estimate(sums, a.rule.promise), Shadow: 2*d.ShadowMS >= d.InputMS && d.ShadowMS > 0,
		})
	}
	s.Fact = budget.Estimate(s.Sums, a.rule.promise)
	if len(s.Days) == 0 {
		if few {
			s.Fact.Standing = budget.TooFew
		}
		return s, nil
	}
	if s.Keeping, s.CanKeep = budget.ToKeep(s.Sums, s.Fact, a.rule.promise, a.rule.inForce()); s.CanKeep {
		s.FollowedBy = budget.Shift(s.Fact, s.Keeping, a.rule.threshold, a.rule.shift)
	}
	return s, nil
}

// Budget tells the console. It implements console.Budget.
func (a *account) Budget(ctx context.Context) (console.BudgetReport, error) {
	s, err := a.state(ctx, time.Now())
	if err != nil {
		return console.BudgetReport{}, err
	}
	b := console.BudgetReport{
		Promise: s.Rule.promise, Fact: s.Fact, Known: len(s.Days) > 0, Sums: s.Sums, Injected: s.Injected, InForce: s.Rule.inForce(),
		Followed: s.Rule.shift, Keeping: s.Keeping, CanKeep: s.CanKeep, OtherSetting: s.LeftOut, Shown: s.Rule.shown,
	}
	if u := s.Rule.unkept; u != nil {
		b.LeastPromise = u.Least
	}
	for _, d := range s.Days {
		b.Days = append(b.Days, console.BudgetDay(d))
	}
	return b, nil
}

func sumsOf(d store.Day, decided []store.Decided) budget.Sums {
	s := budget.Sums{InputHours: float64(d.InputMS) / 3_600_000, Alerts: d.Alerts}
	for _, v := range decided {
		if v.Day < d.Since || v.Day > d.Number {
			continue
		}
		switch review.Verdict(v.Verdict) {
		case review.Impostor:
			s.Impostor += v.N
		case review.RightPerson:
			s.RightPerson += v.N
		}
	}
	for _, p := range d.Peaks {
		s.Peaks = append(s.Peaks, budget.Climbs(p))
	}
	return s
}

func dayTime(number int64) time.Time { return time.UnixMilli(number * dayMS).UTC() }

// followed gives the shift with which a server starts that lets its thresholds follow the fact: the one that was in force
// last under the same budget, or a new one where the days under that one say so. It holds until the next start, so that what
// is folded again after a crash is decided as before.
func followed(ctx context.Context, s budgetStore, r rule, now time.Time) (float64, error) {
	days, err := s.BudgetDays(ctx, now.UnixMilli()/dayMS-factDays+1)
	if err != nil {
		return 0, fmt.Errorf("app: read promise and fact: %w", err)
	}
	for _, d := range days {
		if d.Threshold == r.threshold && !d.Mixed {
			r.shift = d.Shift
		}
	}
	stated, err := (&account{store: s, rule: r}).state(ctx, now)
	return stated.FollowedBy, err
}
