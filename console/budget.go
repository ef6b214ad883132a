package console

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"ipse.dev/ipse/console/internal/chart"
	"ipse.dev/ipse/console/internal/locale"
	"ipse.dev/ipse/internal/budget"
)

// Budget tells promise and fact of the whole installation.
type Budget interface {
	Budget(ctx context.Context) (BudgetReport, error)
}

// BudgetReport is promise and fact as they are now. Rates are alerts per 1,000 people and working day.
type BudgetReport struct {
	Promise float64
	Fact    budget.Fact
	Known   bool // the fact has figures
	Sums    budget.Sums
	Days    []BudgetDay // the oldest first

	Injected     int64 // alarms because of injected events, which no threshold governs
	InForce      float64
	Followed     float64 // nats, the part of InForce by which thresholds follow the fact
	Keeping      budget.Keeping
	LeastPromise float64 // where this promise cannot be given, the smallest one that can; 0 where it can
	CanKeep      bool    // Keeping is known
	Shown        bool    // a demonstration, whose thresholds do not follow from the promise
	OtherSetting bool    // some days were left out because other thresholds were in force
}

// BudgetDay is the fact of one day, or of a few that are told together.
type BudgetDay struct {
	From, To time.Time // UTC
	Fact     budget.Fact
	Shadow   bool
}

// budgetView is the page.
type budgetView struct {
	Class           string // of the card
	Standing, Text  string
	Promise         string
	Fact            string // empty where there is none
	Between         string
	Charts          []ratesView
	ChartAlt        string
	Rows            []budgetRow
	AnyShadow       bool
	Counted         []string
	Unkept          string // that the promise cannot be given, and which one could; empty where it can
	Threshold, Keep string
	Extrapolated    bool
	Followed        string
	OtherSetting    bool
	Shown           bool
}

type budgetRow struct {
	Day, Estimate, Between string
	Shadow                 bool
}

// ratesView is the picture with its labels in words.
type ratesView struct {
	chart.RatesDrawing
	Class    string
	LabelX   float64
	Ticks    []labelled
	Days     []labelled
	PromiseX float64
}

func (c *Console) budgetPage(w http.ResponseWriter, r *http.Request) {
	report, err := c.budget.Budget(r.Context())
	if err != nil {
		c.fail(w, r, fmt.Errorf("console: promise and fact: %w", err))
		return
	}
	c.render(w, r, http.StatusOK, "budget", page{TitleKey: "budget.title", Section: "budget", Main: budgetViewOf(languageOf(r), report)})
}

func budgetViewOf(l *locale.Locale, b BudgetReport) budgetView {
	v := budgetView{
		Standing: l.T("budget." + string(b.Fact.Standing)), Text: standingText(l, b), Promise: l.T("budget.rate", "rate", rate(l, b.Promise)),
		Threshold:    l.T("budget.threshold.in_force", "trust", thresholdText(l, b.InForce)),
		OtherSetting: b.OtherSetting, Shown: b.Shown,
	}
	if b.LeastPromise > 0 {
		v.Unkept = l.T("budget.unkept", "least", rate(l, b.LeastPromise))
	}
	if b.Fact.Standing == budget.Broken {
		v.Class = "medium"
	}
	if b.Known {
		v.Fact, v.Between = l.T("budget.rate", "rate", rate(l, b.Fact.PerThousand)), between(l, b.Fact)
		v.Counted = counted(l, b)
		v.Charts, v.ChartAlt = ratesCharts(l, b)
	}
	for _, d := range b.Days {
		v.Rows = append(v.Rows, budgetRow{Day: days(l, d), Estimate: rate(l, d.Fact.PerThousand), Between: between(l, d.Fact), Shadow: d.Shadow})
		v.AnyShadow = v.AnyShadow || d.Shadow
	}
	switch {
	case b.CanKeep:
		v.Keep = l.T("budget.threshold.keeping", "trust", thresholdText(l, b.Keeping.LogOdds), "likely", thresholdText(l, b.Keeping.Likely))
		v.Extrapolated = b.Keeping.Extrapolated
	default:
		v.Keep = l.T("budget.threshold.unknown")
	}
	if b.Followed != 0 {
		v.Followed = l.T("budget.threshold.followed", "nats", l.Signed(b.Followed, 1))
	}
	return v
}

func standingText(l *locale.Locale, b BudgetReport) string {
	return l.T("budget."+string(b.Fact.Standing)+".text", "hours", hours(l, b.Fact.HoursToTell), "people", l.Number(budget.Enough, 0))
}

// counted says what the fact rests on.
func counted(l *locale.Locale, b BudgetReport) []string {
	s := b.Sums
	undecided := max(0, s.Alerts-s.Impostor-s.RightPerson)
	out := []string{l.T("budget.counted.alerts", "alerts", l.Number(float64(s.Alerts), 0), "hours", hours(l, s.InputHours))}
	if s.Alerts > 0 {
		out = append(out, l.T("budget.counted.verdicts", "impostor", l.Number(float64(s.Impostor), 0), "right", l.Number(float64(s.RightPerson), 0),
			"undecided", l.Number(float64(undecided), 0), "share", l.Percent(b.Fact.FalseShare, 0)))
	}
	if b.Injected > 0 {
		out = append(out, l.T("budget.counted.injected", "alerts", l.Number(float64(b.Injected), 0)))
	}
	return out
}

// ratesCharts draws the days for laptops and for phones.
func ratesCharts(l *locale.Locale, b BudgetReport) (views []ratesView, alt string) {
	in := chart.RatesInput{Promise: b.Promise}
	for _, d := range b.Days {
		in.Rates = append(in.Rates, chart.Rate{From: d.From, To: d.To, Estimate: d.Fact.PerThousand, Low: d.Fact.Low, High: d.Fact.High, Shadow: d.Shadow})
	}
	for _, screen := range []struct {
		class string
		frame chart.Frame
	}{{"wide", chart.Wide}, {"narrow", chart.Narrow}} {
		d, ok := chart.DrawRates(in, screen.frame)
		if !ok {
			return nil, ""
		}
		v := ratesView{RatesDrawing: d, Class: screen.class, LabelX: d.Left - 6, PromiseX: d.Left + 6}
		for _, t := range d.Ticks {
			v.Ticks = append(v.Ticks, labelled{At: t.Y, Label: rate(l, t.Rate)})
		}
		for _, t := range d.Days {
			v.Days = append(v.Days, labelled{At: t.X, Label: dayText(l, t.At)})
		}
		views = append(views, v)
	}
	above := 0
	for _, d := range b.Days {
		if d.Fact.Low > b.Promise {
			above++
		}
	}
	return views, l.T("budget.chart.alt", "from", dayText(l, b.Days[0].From), "to", dayText(l, b.Days[len(b.Days)-1].To),
		"promise", rate(l, b.Promise), "above", l.Number(float64(above), 0))
}

func between(l *locale.Locale, f budget.Fact) string {
	return l.T("budget.between", "low", rate(l, f.Low), "high", rate(l, f.High))
}

// rate writes alerts per 1,000 people and day in the precision that suits its size: two or three figures, because more
// would pretend to be known.
func rate(l *locale.Locale, v float64) string {
	if v >= 1000 {
		unit := math.Pow(10, math.Floor(math.Log10(v))-2)
		v = math.Round(v/unit) * unit
	}
	decimals := 0
	for size := math.Abs(v); size > 0 && size < 9.5 && decimals < 3; size *= 10 {
		decimals++
	}
	if v == math.Trunc(v) {
		decimals = 0
	}
	return l.Number(v, decimals)
}

func hours(l *locale.Locale, v float64) string {
	if v > 0 && v < 0.095 {
		return l.Number(v, 2)
	}
	return l.Number(v, decimalsBelow(v, 10))
}

func decimalsBelow(v, bound float64) int {
	if v < bound {
		return 1
	}
	return 0
}

// thresholdText is a threshold of log-odds as the trust below which it lies.
func thresholdText(l *locale.Locale, logOdds float64) string {
	return l.SmallPercent(1 / (1 + math.Exp(logOdds)))
}

func dayText(l *locale.Locale, t time.Time) string {
	return l.T("budget.day", "day", t.Day(), "month", l.T("month."+strconv.Itoa(int(t.Month()))))
}

func days(l *locale.Locale, d BudgetDay) string {
	if d.From.Equal(d.To) {
		return dayText(l, d.From)
	}
	return l.T("budget.days", "from", dayText(l, d.From), "to", dayText(l, d.To))
}
