package fit

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"

	"ipse.dev/ipse/internal/compare"
)

// enrolWindows is how many windows a calibration person's reference holds: as many as a mature reference, and one more
// for those that are a little short.
const enrolWindows = 17

// together is how many neighbouring windows are added up to measure how far their evidence repeats itself.
const together = 8

// trial is one person of the calibration set: a reference and the windows that are compared with it, in order.
type trial struct {
	set       string // and kind of device
	reference compare.Reference
	probes    []probe
}

// trials enrols the calibration people twice: from the whole of their work, as references that have ripened, and from its
// beginning, as young ones, which later tasks surprise. It also sets the raw score that people's own probes usually have.
func trials(model *compare.TwoCovariance, people []sample) ([]trial, error) {
	ripe, err := enrolled(model, people, spread)
	if err != nil {
		return nil, err
	}
	sum, n := 0.0, 0.0
	for _, t := range ripe {
		sum += t.reference.OwnScore
		n += t.reference.OwnScores
	}
	model.OwnScore = round(sum / math.Max(1, n))
	if len(ripe) < 2 {
		return nil, errors.New("fit: fewer than two calibration people with enough windows; want more data")
	}
	young, err := enrolled(model, people, beginning)
	for i := range young {
		young[i].set += " from its beginning"
	}
	return append(ripe, young...), err
}

func enrolled(model *compare.TwoCovariance, people []sample, split func([]probe) (enrolled, rest []probe)) ([]trial, error) {
	var out []trial
	for _, p := range people {
		first, rest := split(p.all())
		if len(first) < 3 || len(rest) < 2 {
			continue
		}
		t := trial{set: p.set + "/" + p.device, probes: rest}
		for _, x := range first {
			var err error
			if t.reference, err = model.Enrol(t.reference, compare.Probe{Embedding: x.embedding, Events: x.events}); err != nil {
				return nil, err
			}
		}
		out = append(out, t)
	}
	return out, nil
}

// beginning takes the windows of a reference from where a person's work begins.
func beginning(all []probe) (enrolled, rest []probe) {
	n := min(enrolWindows, len(all)/2)
	return all[:n], all[n:]
}

// spread takes the windows of a reference evenly from all of a person's work and leaves the others, in order.
func spread(all []probe) (enrolled, rest []probe) {
	n := min(enrolWindows, len(all)/2)
	for i, x := range all {
		if n > 0 && i*n/len(all) != (i+1)*n/len(all) {
			enrolled = append(enrolled, x)
		} else {
			rest = append(rest, x)
		}
	}
	return enrolled, rest
}

// scored is a comparison's score and whether it was mated. Each pair of people weighs the same within its data set, and
// each data set the same, so that a large set of easy tasks does not make the scores of free work too sure.
type scored struct {
	score  float64
	mated  bool
	weight float64
}

// score compares every reference with its own probes and with those of everybody else of the same data set, n
// neighbouring windows at a time, and adds their scores up.
func score(model *compare.TwoCovariance, trials []trial, n int) ([]scored, error) {
	var out []scored
	people := map[string]float64{}
	for _, t := range trials {
		people[t.set]++
	}
	for i, t := range trials {
		for j, other := range trials {
			if other.set != t.set {
				continue
			}
			runs := len(other.probes) / n
			weight := 1 / people[t.set]
			if i != j {
				runs = min(runs, 8)
				weight /= max(1, people[t.set]-1)
			}
			for r := range runs {
				sum := 0.0
				for _, x := range other.probes[r*n : (r+1)*n] {
					llr, err := model.Compare(t.reference, compare.Probe{Embedding: x.embedding, Events: x.events})
					if err != nil {
						return nil, err
					}
					sum += llr
				}
				out = append(out, scored{score: sum, mated: i == j, weight: weight / float64(runs)})
			}
		}
	}
	return out, nil
}

// weights sums up what mated and what non-mated comparisons weigh.
func weights(s []scored) (mated, nonMated float64) {
	for _, x := range s {
		if x.mated {
			mated += x.weight
		} else {
			nonMated += x.weight
		}
	}
	return mated, nonMated
}

// logistic fits the scale and offset that make scores log-likelihood ratios: logistic regression with mated and
// non-mated comparisons weighing the same (Brümmer and du Preez, "Application-independent evaluation of speaker
// detection", 2006), by Newton's method with a slight pull toward the identity.
func logistic(s []scored) (scale, offset float64) {
	mated, nonMated := weights(s)
	const pull = 1e-3
	loss := func(scale, offset float64) float64 {
		sum := pull * ((scale-1)*(scale-1) + offset*offset) / 2
		for _, x := range s {
			if z := scale*x.score + offset; x.mated {
				sum += x.weight / mated * softplus(-z)
			} else {
				sum += x.weight / nonMated * softplus(z)
			}
		}
		return sum
	}
	scale, offset = 0.3, 0
	for range 100 {
		g0, g1 := pull*(scale-1), pull*offset
		h00, h01, h11 := pull, 0.0, pull
		for _, x := range s {
			weight, target := x.weight/nonMated, 0.0
			if x.mated {
				weight, target = x.weight/mated, 1
			}
			p := 1 / (1 + math.Exp(-(scale*x.score + offset)))
			g0 += weight * (p - target) * x.score
			g1 += weight * (p - target)
			v := weight * p * (1 - p)
			h00 += v * x.score * x.score
			h01 += v * x.score
			h11 += v
		}
		det := h00*h11 - h01*h01
		d0, d1 := (h11*g0-h01*g1)/det, (h00*g1-h01*g0)/det
		step, before := 1.0, loss(scale, offset)
		for step > 1e-6 && (scale-step*d0 <= 0 || loss(scale-step*d0, offset-step*d1) > before) {
			step /= 2
		}
		if step <= 1e-6 || math.Abs(d0)+math.Abs(d1) < 1e-9 {
			break
		}
		scale, offset = scale-step*d0, offset-step*d1
	}
	return scale, offset
}

// sober fits scale, offset, odd and alike of a comparator together, to the least Cllr over scores before calibration.
func sober(model *compare.TwoCovariance, s []scored) (err error) {
	model.Scale, model.Offset, model.Odd, model.Alike, err = soberly(s)
	return err
}

// soberly gives the four figures of a calibration. It begins with what logistic gives.
func soberly(s []scored) (scale, offset, odd, alike float64, err error) {
	mated, nonMated := weights(s)
	// Both shares lie between nothing and a fifth.
	share := func(x float64) float64 { return 0.2 / (1 + math.Exp(-x)) }
	const pull = 1e-4
	loss := func(v []float64) float64 {
		scale, odd, alike := math.Exp(v[0]), share(v[2]), share(v[3])
		sum := pull * (v[0]*v[0] + v[1]*v[1] + v[2]*v[2] + v[3]*v[3])
		for _, x := range s {
			z := compare.Sober(scale*x.score+v[1], odd, alike)
			if x.mated {
				sum += x.weight / mated * softplus(-z)
			} else {
				sum += x.weight / nonMated * softplus(z)
			}
		}
		return sum
	}
	scale, offset = logistic(s)
	found, err := optimize.Minimize(optimize.Problem{Func: loss}, []float64{math.Log(scale), offset, -2, -2}, nil, &optimize.NelderMead{})
	if err != nil {
		return 0, 0, 0, 0, fmt.Errorf("fit: calibration does not settle: %w", err)
	}
	return round(math.Exp(found.X[0])), round(found.X[1]), round(share(found.X[2])), round(share(found.X[3])), nil
}

// softplus is log(1+exp(x)) without overflow.
func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// errorRate is the equal error rate of weighted scores, for the log.
func errorRate(s []scored) float64 {
	s = slices.Clone(s)
	slices.SortFunc(s, func(a, b scored) int { return cmp.Compare(a.score, b.score) })
	mated, nonMated := weights(s)
	best, rate, miss, alarm := math.Inf(1), 1.0, 0.0, 1.0
	for _, x := range s {
		if x.mated {
			miss += x.weight / mated
		} else {
			alarm -= x.weight / nonMated
		}
		if gap := math.Abs(miss - alarm); gap < best {
			best, rate = gap, (miss+alarm)/2
		}
	}
	return rate
}
