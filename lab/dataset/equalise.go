package dataset

import (
	"math"

	"ipse.dev/ipse/internal/event"
)

// restMS is the time without movement that ends a stroke; it is package path's.
const restMS = 150

// Equalise gives a stream of pointer events as a screen of rateHZ would have seen it: every stroke, from rest to rest or
// button to button, is followed along a smooth curve through its places (Catmull and Rom 1974), is looked at on the ticks
// of one clock, and reported in whole pixels where it has moved. After it nothing of the device's own rate or grid of
// times is left, so that people and programs can be told apart by their movement alone.
func Equalise(events []event.Pointer, rateHZ float64) []event.Pointer {
	tickMS := 1000 / rateHZ
	var out, stroke []event.Pointer
	end := func() {
		out = append(out, onTicks(stroke, tickMS)...)
		stroke = stroke[:0]
	}
	for _, e := range events {
		if e.Kind != event.Move {
			end()
			out = append(out, e)
			continue
		}
		if n := len(stroke); n > 0 && e.TimeMS-stroke[n-1].TimeMS > restMS {
			end()
		}
		if n := len(stroke); n > 0 && e.TimeMS-stroke[n-1].TimeMS < 0.5 {
			stroke[n-1].X, stroke[n-1].Y = e.X, e.Y
			continue
		}
		stroke = append(stroke, e)
	}
	end()
	for i := 1; i < len(out); i++ { // a tick may fall behind the press that ended its stroke
		out[i].TimeMS = math.Max(out[i].TimeMS, out[i-1].TimeMS)
	}
	return out
}

func onTicks(k []event.Pointer, tickMS float64) []event.Pointer {
	var out []event.Pointer
	if len(k) == 0 {
		return nil
	}
	last := k[len(k)-1]
	add := func(tMS, x, y float64) {
		x, y = math.Floor(x+0.5), math.Floor(y+0.5)
		if n := len(out); n > 0 && out[n-1].X == x && out[n-1].Y == y {
			return
		}
		out = append(out, event.Pointer{TimeMS: math.Floor(tMS*10+0.5) / 10, X: x, Y: y, Trusted: true})
	}
	i := 0
	for tMS := math.Ceil(k[0].TimeMS/tickMS) * tickMS; tMS <= last.TimeMS; tMS += tickMS {
		for i < len(k)-2 && k[i+1].TimeMS <= tMS {
			i++
		}
		if len(k) < 2 {
			break
		}
		b, c := k[i], k[i+1]
		a, d := k[max(0, i-1)], k[min(len(k)-1, i+2)]
		h := c.TimeMS - b.TimeMS
		u := math.Max(0, math.Min(1, (tMS-b.TimeMS)/h))
		curve := func(p, q, before, after float64) float64 {
			m, n := (q-before)/(c.TimeMS-a.TimeMS)*h, (after-p)/(d.TimeMS-b.TimeMS)*h
			return p*(2*u*u*u-3*u*u+1) + m*(u*u*u-2*u*u+u) + q*(3*u*u-2*u*u*u) + n*(u*u*u-u*u)
		}
		add(tMS, curve(b.X, c.X, a.X, d.X), curve(b.Y, c.Y, a.Y, d.Y))
	}
	add(math.Ceil(last.TimeMS/tickMS)*tickMS, last.X, last.Y)
	return out
}

// PointerStrokes cuts a stream into strokes from rest to rest or button to button, those of at least points places.
func PointerStrokes(events []event.Pointer, points int) [][]event.Pointer {
	var out [][]event.Pointer
	from := -1
	end := func(to int) {
		if from >= 0 && to-from >= points {
			out = append(out, events[from:to])
		}
		from = -1
	}
	for i, e := range events {
		if e.Kind != event.Move {
			end(i)
			continue
		}
		if from >= 0 && e.TimeMS-events[i-1].TimeMS > restMS {
			end(i)
		}
		if from < 0 {
			from = i
		}
	}
	end(len(events))
	return out
}

// JoinStrokes puts strokes one after another, each beginning where the last one ended, with the rests that rest gives.
func JoinStrokes(strokes [][]event.Pointer, rest func() float64) []event.Pointer {
	var out []event.Pointer
	for _, s := range strokes {
		if len(s) == 0 {
			continue
		}
		dt, dx, dy := -s[0].TimeMS, 0.0, 0.0
		if n := len(out); n > 0 {
			dt, dx, dy = out[n-1].TimeMS+rest()-s[0].TimeMS, out[n-1].X-s[0].X, out[n-1].Y-s[0].Y
		}
		for _, e := range s {
			e.TimeMS, e.X, e.Y = e.TimeMS+dt, e.X+dx, e.Y+dy
			out = append(out, e)
		}
	}
	return out
}
