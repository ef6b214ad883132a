package chart

import (
	"math"
	"time"
)

// Rate is an estimate of one day, or of a few together, with its interval.
type Rate struct {
	From, To            time.Time // first and last day, at their beginnings
	Estimate, Low, High float64
	Shadow              bool
}

// RatesInput is what a picture of rates beside a promise shows. Rates are in the order of time.
type RatesInput struct {
	Promise float64
	Rates   []Rate
}

// RatesDrawing is such a picture on a logarithmic scale, in coordinates from the top left corner.
type RatesDrawing struct {
	Width, Height           float64
	Left, Right, Top, Floor float64
	PromiseY                float64
	Bars                    []RateBar
	Ticks                   []RateTick
	Days                    []DayTick
	AxisY                   float64 // baseline of the labels of days
}

// RateBar is one estimate: a mark, and its interval as a line.
type RateBar struct {
	X, Y, LowY, HighY float64
	Above             bool // the whole interval lies above the promise
	Shadow            bool
}

// RateTick is a mark of the axis of rates.
type RateTick struct{ Rate, Y float64 }

// DayTick is a mark of the axis of days.
type DayTick struct {
	At time.Time
	X  float64
}

const (
	day = 24 * time.Hour
	// leastDecades is how far the scale reaches at least on either side of the promise, mostDecades how far at most: an
	// interval that goes on has nothing more to say.
	leastDecades, mostDecades = 1.0, 2.0
)

// DrawRates lays such a picture out. It reports false where there is nothing to draw or no promise to draw it beside.
func DrawRates(in RatesInput, f Frame) (RatesDrawing, bool) {
	if len(in.Rates) == 0 || !(in.Promise > 0) || math.IsInf(in.Promise, 0) {
		return RatesDrawing{}, false
	}
	d := RatesDrawing{Width: f.Width, Left: f.Left, Right: f.Width - f.Right, Top: top, Floor: top + f.PlotHeight}
	decades := func(v float64) float64 { // from the promise
		if math.IsNaN(v) {
			return 0
		}
		return clamp(math.Log10(math.Max(0, v)/in.Promise), mostDecades)
	}
	low, high := -leastDecades, leastDecades
	for _, r := range in.Rates {
		for _, v := range []float64{r.Low, r.Estimate, r.High} {
			low, high = math.Min(low, decades(v)), math.Max(high, decades(v))
		}
	}
	low, high = low-0.15, high+0.15
	y := func(v float64) float64 { return round(d.Floor - (decades(v)-low)/(high-low)*(d.Floor-d.Top)) }
	first, last := in.Rates[0].From, in.Rates[len(in.Rates)-1].To
	days := math.Max(7, last.Sub(first).Hours()/24+1)
	x := func(t time.Time) float64 { // the middle of a day
		return round(d.Left + (t.Sub(first).Hours()/24+0.5)/days*(d.Right-d.Left))
	}
	d.PromiseY = y(in.Promise)
	for _, r := range in.Rates {
		d.Bars = append(d.Bars, RateBar{
			X: round((x(r.From) + x(r.To)) / 2), Y: y(r.Estimate), LowY: y(r.Low), HighY: y(r.High), Above: r.Low > in.Promise, Shadow: r.Shadow,
		})
	}
	for power := math.Ceil(math.Log10(in.Promise) + low); power <= math.Log10(in.Promise)+high; power++ {
		d.Ticks = append(d.Ticks, RateTick{Rate: math.Pow(10, power), Y: y(math.Pow(10, power))})
	}
	step := time.Duration(math.Ceil(days/float64(max(1, f.TimeTicks)))) * day
	for t := first; !t.After(last); t = t.Add(step) {
		d.Days = append(d.Days, DayTick{At: t, X: x(t)})
	}
	d.AxisY = d.Floor + 18
	d.Height = d.Floor + axisHeight
	return d, true
}
