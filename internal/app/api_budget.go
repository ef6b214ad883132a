package app

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ipse.dev/ipse/internal/budget"
	"ipse.dev/ipse/internal/problem"
)

// BudgetView is promise and fact of the whole installation.
type BudgetView struct {
	AlertsPer1000PerDay float64         `json:"alertsPer1000PerDay" doc:"The promise: at most so many alerts per 1,000 people and working day."`
	Shadow              bool            `json:"shadow" doc:"Whether nobody but the console is told of levels."`
	LeastPromise        *float64        `json:"leastPromise,omitempty" doc:"Where this promise cannot be given: the smallest one that can. Hardly any takeover reaches the threshold that the promise asks for; a lower one holds, and false alerts may come more often. Absent where the promise can be given."`
	Standing            budget.Standing `json:"standing" enum:"kept,broken,open,too_short,too_few" doc:"What the fact means for the promise. kept, broken: the whole interval lies within it, beyond it; open: the promise lies inside the interval; too_short: too few hours to tell; too_few: fewer than 20 people, of whom no figure is told."`
	Fact                *BudgetFact     `json:"fact,omitempty" doc:"The estimate over all days that are told; absent where there is none."`
	Threshold           BudgetThreshold `json:"threshold" doc:"In natural log-odds of a takeover."`
	Days                []BudgetDay     `json:"days" doc:"The estimate by day, the oldest first. Days of fewer than 20 people are told together with later ones."`
}

// BudgetFact is an estimate of how many false alerts there are per 1,000 people and working day.
type BudgetFact struct {
	Estimate float64 `json:"estimate" doc:"False alerts per 1,000 people and working day: the mean of the posterior."`
	Low      float64 `json:"low" doc:"Lower end of the interval that holds the true rate with 90 % probability."`
	High     float64 `json:"high" doc:"Upper end of that interval."`
}

// BudgetThreshold is on what log-odds of a takeover the level is HIGH.
type BudgetThreshold struct {
	InForce      float64  `json:"inForce" doc:"Natural log-odds of a takeover from which the level is HIGH."`
	AskedFor     *float64 `json:"askedFor,omitempty" doc:"The threshold that the promise asks for, where it cannot be given; see leastPromise."`
	Shown        bool     `json:"shown" doc:"Whether this is a demonstration with thresholds of its own, which do not follow from the promise."`
	Followed     float64  `json:"followed" doc:"The part of it, in nats, by which it follows the fact; 0 unless the server runs with --follow-fact."`
	Keeping      *float64 `json:"keeping,omitempty" doc:"The threshold that would keep the promise, at the cautious end of what fits; absent where too little was seen."`
	Likely       *float64 `json:"likely,omitempty" doc:"The same by what fits best."`
	Extrapolated bool     `json:"extrapolated" doc:"The promise is less than one alarm in the input that was seen, so that threshold is an extrapolation."`
}

// BudgetDay is the estimate of one day or of a few together.
type BudgetDay struct {
	From   string `json:"from" format:"date" doc:"The first day, in UTC."`
	To     string `json:"to" format:"date" doc:"The last day: the same, or later where days of fewer than 20 people are told together."`
	Shadow bool   `json:"shadow" doc:"Whether it was in shadow mode: nobody was bothered, and this is what would have happened."`
	BudgetFact
}

func (a *api) registerBudget(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "read-budget", Method: http.MethodGet, Path: "/v1/budget",
		Summary:     "Read promise and fact",
		Description: "How many false alerts there really are, beside how many are promised, over everybody of the last 28 days. Alerts that a reviewer called an impostor are left out; those without a verdict count by the share of false ones among those that have one. It tells of a day when it is over, and nothing of fewer than 20 people.",
		Tags:        []string{"Installation"}, Security: []map[string][]string{{securityAPIKey: {}}},
		Responses: refusals(h.OpenAPI(), problem.TokenMissing, problem.KeyInvalid, problem.Unavailable),
	}, func(ctx context.Context, _ *struct{}) (*struct{ Body BudgetView }, error) {
		s, err := a.account.state(ctx, time.Now())
		if err != nil {
			return nil, a.fail(err)
		}
		return &struct{ Body BudgetView }{budgetView(s)}, nil
	})
}

func budgetView(s statement) BudgetView {
	v := BudgetView{
		AlertsPer1000PerDay: s.Rule.promise, Shadow: s.Rule.shadow, Standing: s.Fact.Standing, Days: []BudgetDay{},
		Threshold: BudgetThreshold{InForce: hundredths(s.Rule.inForce()), Followed: hundredths(s.Rule.shift), Shown: s.Rule.shown},
	}
	if u := s.Rule.unkept; u != nil {
		least, asked := significant(u.Least), hundredths(u.Wanted)
		v.LeastPromise, v.Threshold.AskedFor = &least, &asked
	}
	if len(s.Days) > 0 {
		fact := factView(s.Fact)
		v.Fact = &fact
	}
	if s.CanKeep {
		keeping, likely := hundredths(s.Keeping.LogOdds), hundredths(s.Keeping.Likely)
		v.Threshold.Keeping, v.Threshold.Likely, v.Threshold.Extrapolated = &keeping, &likely, s.Keeping.Extrapolated
	}
	for _, d := range s.Days {
		v.Days = append(v.Days, BudgetDay{From: d.From.Format(time.DateOnly), To: d.To.Format(time.DateOnly), Shadow: d.Shadow, BudgetFact: factView(d.Fact)})
	}
	return v
}

func factView(f budget.Fact) BudgetFact {
	return BudgetFact{Estimate: significant(f.PerThousand), Low: significant(f.Low), High: significant(f.High)}
}

func hundredths(nats float64) float64 { return math.Round(nats*100) / 100 }

// significant rounds to three figures: more would pretend to be known.
func significant(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	return math.Round(v/unit) * unit
}
