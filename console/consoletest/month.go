package consoletest

import (
	"math/rand/v2"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/budget"
)

// Month makes up four working weeks of an installation that promises so many alerts per 1,000 people and working day, and
// keeps that only after a week in shadow mode.
func Month(now time.Time, promise float64) console.BudgetReport {
	random := rand.New(rand.NewPCG(5, 5))
	b := console.BudgetReport{Promise: promise, Known: true, Injected: 2, InForce: 4.6, CanKeep: true, OtherSetting: true,
		Keeping: budget.Keeping{LogOdds: 6.1, Likely: 5.2}}
	for i := 27; i >= 0; i-- {
		at := now.AddDate(0, 0, -i).UTC().Truncate(24 * time.Hour)
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			continue
		}
		s := budget.Sums{InputHours: 600 + 300*random.Float64(), Alerts: int64(random.IntN(6))}
		d := console.BudgetDay{From: at, To: at, Shadow: i > 20}
		if d.Shadow {
			s.Alerts += 14
			s.RightPerson = s.Alerts / 2
		}
		if at.Weekday() == time.Monday {
			d.From = at.AddDate(0, 0, -2) // a weekend of few people
		}
		d.Fact = budget.Estimate(s, promise)
		b.Days = append(b.Days, d)
		b.Sums = b.Sums.Add(s)
	}
	b.Sums.Impostor = 1
	b.Fact = budget.Estimate(b.Sums, promise)
	return b
}
