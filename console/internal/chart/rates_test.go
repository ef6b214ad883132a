package chart

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var monday = time.Date(2026, 8, 3, 0, 0, 0, 0, time.UTC)

func TestRatesLieOnALogarithmicScale(t *testing.T) {
	in := RatesInput{Promise: 10, Rates: []Rate{
		{From: monday, To: monday, Estimate: 10, Low: 1, High: 100},
		{From: monday.AddDate(0, 0, 1), To: monday.AddDate(0, 0, 2), Estimate: 40, Low: 20, High: 80, Shadow: true},
	}}
	d, ok := DrawRates(in, Wide)
	if !ok || len(d.Bars) != 2 {
		t.Fatalf("got %+v, %t; want two bars", d, ok)
	}
	first, second := d.Bars[0], d.Bars[1]
	if first.Y != d.PromiseY || math.Abs((first.LowY-first.Y)-(first.Y-first.HighY)) > 0.2 {
		t.Errorf("got %+v beside a promise at %g; want the estimate on it and both ends as far from it", first, d.PromiseY)
	}
	if first.Above || !second.Above || first.Shadow || !second.Shadow || second.X <= first.X {
		t.Errorf("got %+v and %+v; want the second above the promise, in shadow mode and to the right", first, second)
	}
	if len(d.Ticks) != 3 || d.Ticks[0].Rate != 1 || d.Ticks[2].Rate != 100 {
		t.Errorf("got ticks %+v, want 1, 10 and 100", d.Ticks)
	}
}

func TestNoRatesToDraw(t *testing.T) {
	for _, in := range []RatesInput{{}, {Promise: 1}, {Rates: []Rate{{}}}, {Promise: math.Inf(1), Rates: []Rate{{}}}, {Promise: math.NaN(), Rates: []Rate{{}}}} {
		if _, ok := DrawRates(in, Wide); ok {
			t.Errorf("%+v was drawn", in)
		}
	}
}

func TestRatesStayInTheFrame(t *testing.T) {
	anything := rapid.OneOf(rapid.Float64Range(0, 1e6), rapid.SampledFrom([]float64{0, math.Inf(1), math.NaN(), -1}))
	rapid.Check(t, func(t *rapid.T) {
		in := RatesInput{Promise: rapid.Float64Range(1e-3, 1e6).Draw(t, "promise")}
		at := monday
		for range rapid.IntRange(1, 28).Draw(t, "days") {
			r := Rate{From: at, To: at.AddDate(0, 0, rapid.IntRange(0, 3).Draw(t, "more"))}
			r.Estimate, r.Low, r.High = anything.Draw(t, "estimate"), anything.Draw(t, "low"), anything.Draw(t, "high")
			at = r.To.AddDate(0, 0, 1)
			in.Rates = append(in.Rates, r)
		}
		for _, f := range []Frame{Wide, Narrow} {
			d, _ := DrawRates(in, f)
			for _, b := range d.Bars {
				for _, y := range []float64{b.Y, b.LowY, b.HighY, d.PromiseY} {
					if !(y >= d.Top && y <= d.Floor) {
						t.Fatalf("%+v lies outside %g to %g", b, d.Top, d.Floor)
					}
				}
				if b.X < d.Left || b.X > d.Right {
					t.Fatalf("%+v lies outside %g to %g", b, d.Left, d.Right)
				}
			}
			if len(d.Days) == 0 || len(d.Days) > f.TimeTicks+1 {
				t.Fatalf("%d labels of days, want 1 to %d", len(d.Days), f.TimeTicks+1)
			}
		}
	})
}
