package fit

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
)

// A typist's table holds what is usual of them: log dwell in log ms by pair of neighbouring key classes, log interval in
// log ms by the same, and the logarithms of how far both spread around that. train/population.py draws typists alike.
const (
	classPairs = int(event.ClassCount) * int(event.ClassCount)
	tableWidth = 2*classPairs + 2

	// shrinkStrokes is how many strokes' worth of belief the coarser table has.
	shrinkStrokes = 8.0
	// populationComponents is how many directions in which people differ are kept; what lies beyond is mostly error.
	populationComponents = 40
	// drawnWindows is how many windows a drawn typist types.
	drawnWindows = 40
)

// timings are strokes that have one before them: log dwell, log interval and the pair of classes.
type timings struct {
	dwell, interval []float64
	pair            []int
}

func timingsOf(stretches [][]window.Keyboard, limit int) timings {
	var t timings
	for _, w := range slices.Concat(stretches...) {
		for i := 1; i < len(w.Strokes) && len(t.pair) < limit; i++ {
			before, s := w.Strokes[i-1], w.Strokes[i]
			t.dwell = append(t.dwell, logWithin(s.DwellMS(), 5, 1000))
			t.interval = append(t.interval, logWithin(s.PressMS-before.PressMS, 10, 2000))
			t.pair = append(t.pair, pairOf(before, s))
		}
	}
	return t
}

func pairOf(a, b window.Stroke) int { return int(a.Class)*int(event.ClassCount) + int(b.Class) }

func logWithin(ms, low, high float64) float64 { return math.Log(math.Max(low, math.Min(high, ms))) }

// shrunk gives means by index, drawn to prior where there are few values.
func shrunk(values []float64, index func(i int) int, prior []float64) []float64 {
	sum, n := make([]float64, len(prior)), make([]float64, len(prior))
	for i, v := range values {
		sum[index(i)] += v
		n[index(i)]++
	}
	for i, p := range prior {
		sum[i] = (sum[i] + shrinkStrokes*p) / (n[i] + shrinkStrokes)
	}
	return sum
}

// population is how typists' tables are distributed: a normal distribution in the directions in which people differ.
type population struct {
	classOffset, pairOffset []float64 // of the population: log dwell by class and log interval by pair, less the median
	mean                    []float64
	directions              [][]float64 // scaled by their standard deviations
}

// populationOf estimates the distribution from people's timings. Only means and covariances are kept: nobody's own table.
func populationOf(people []timings) (*population, error) {
	if len(people) < 10 {
		return nil, errors.New("fit: fewer than ten people to draw typists from; want more data")
	}
	var all timings
	for _, t := range people {
		n := min(1000, len(t.pair))
		all.dwell = append(all.dwell, t.dwell[:n]...)
		all.interval = append(all.interval, t.interval[:n]...)
		all.pair = append(all.pair, t.pair[:n]...)
	}
	p := &population{}
	p.classOffset = shrunk(less(all.dwell, median(all.dwell)), func(i int) int { return all.pair[i] % int(event.ClassCount) }, make([]float64, event.ClassCount))
	p.pairOffset = shrunk(less(all.interval, median(all.interval)), func(i int) int { return all.pair[i] }, make([]float64, classPairs))

	tables := mat.NewDense(len(people), tableWidth, nil)
	p.mean = make([]float64, tableWidth)
	for i, t := range people {
		table := p.table(t)
		tables.SetRow(i, table)
		for d, v := range table {
			p.mean[d] += v / float64(len(people))
		}
	}
	for i := range people {
		for d, m := range p.mean {
			tables.Set(i, d, tables.At(i, d)-m)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(tables, mat.SVDThin) {
		return nil, errors.New("fit: the tables of these people have no singular values")
	}
	var right mat.Dense
	svd.VTo(&right)
	for k, s := range svd.Values(nil) {
		if k == populationComponents {
			break
		}
		direction := mat.Col(nil, k, &right)
		for d := range direction {
			direction[d] *= s / math.Sqrt(float64(len(people)-1))
		}
		p.directions = append(p.directions, direction)
	}
	return p, nil
}

// table gives one person's table.
func (p *population) table(t timings) []float64 {
	middle := median(t.dwell)
	byClass := make([]float64, len(p.classOffset))
	for c, v := range p.classOffset {
		byClass[c] = middle + v
	}
	byClass = shrunk(t.dwell, func(i int) int { return t.pair[i] % int(event.ClassCount) }, byClass)
	dwell, interval := make([]float64, classPairs), make([]float64, classPairs)
	relative := make([]float64, len(t.interval))
	for i, v := range t.interval {
		relative[i] = v - p.pairOffset[t.pair[i]]
	}
	middle = median(relative)
	for pair := range classPairs {
		dwell[pair] = byClass[pair%int(event.ClassCount)]
		interval[pair] = middle + p.pairOffset[pair]
	}
	dwell = shrunk(t.dwell, func(i int) int { return t.pair[i] }, dwell)
	interval = shrunk(t.interval, func(i int) int { return t.pair[i] }, interval)
	spread := func(values, usual []float64) float64 {
		left := make([]float64, len(values))
		for i, v := range values {
			left[i] = v - usual[t.pair[i]]
		}
		if len(left) < 2 {
			return math.Log(0.02)
		}
		return math.Log(stat.PopStdDev(left, nil) + 0.02)
	}
	return slices.Concat(dwell, interval, []float64{spread(t.dwell, dwell), spread(t.interval, interval)})
}

// draw gives a new typist's table.
func (p *population) draw(rng *rand.Rand) []float64 {
	out := slices.Clone(p.mean)
	for _, direction := range p.directions {
		z := rng.NormFloat64()
		for d, v := range direction {
			out[d] += z * v
		}
	}
	return out
}

// move gives a window as the new typist would have typed it. What a person does beyond their own table stays theirs, as
// wide as the new table has it.
func move(w window.Keyboard, own, new []float64) window.Keyboard {
	widerDwell := math.Exp(math.Max(-0.7, math.Min(0.7, new[tableWidth-2]-own[tableWidth-2])))
	widerInterval := math.Exp(math.Max(-0.7, math.Min(0.7, new[tableWidth-1]-own[tableWidth-1])))
	out := window.Keyboard{Marks: w.Marks, Strokes: slices.Clone(w.Strokes)}
	for i := range out.Strokes {
		before := w.Strokes[max(0, i-1)]
		s, to := w.Strokes[i], &out.Strokes[i]
		pair := pairOf(before, s)
		dwell := new[pair] + (math.Log(math.Max(1, s.DwellMS()))-own[pair])*widerDwell
		if i > 0 {
			at := classPairs + pair
			interval := new[at] + (math.Log(math.Max(1, s.PressMS-before.PressMS))-own[at])*widerInterval
			to.PressMS = out.Strokes[i-1].PressMS + math.Exp(math.Min(interval, 10.4))
		}
		to.ReleaseMS = to.PressMS + math.Exp(math.Min(dwell, 8))
	}
	return out
}

// drawn gives one drawn typist for every person who typed enough: the person's own windows, moved.
func (p *population) drawn(people []person, rng *rand.Rand) []person {
	var out []person
	for _, q := range people {
		t := timingsOf(q.keyboard, math.MaxInt)
		if q.role != Background || len(t.pair) < 3*window.KeyboardStrokes {
			continue
		}
		own, new := p.table(t), p.draw(rng)
		typist := person{set: q.set, id: q.id, role: Background}
		left := drawnWindows
		for _, i := range rng.Perm(len(q.keyboard)) {
			var stretch []window.Keyboard
			for _, w := range q.keyboard[i] {
				if left > 0 {
					stretch = append(stretch, move(w, own, new))
					left--
				}
			}
			if len(stretch) > 0 {
				typist.keyboard = append(typist.keyboard, stretch)
			}
		}
		out = append(out, typist)
	}
	return out
}

func less(values []float64, what float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = v - what
	}
	return out
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return stat.Quantile(0.5, stat.Empirical, sorted, nil)
}
