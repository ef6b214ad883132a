package attack

import (
	"math"
	"slices"
)

// neighbours believes what was true of the nearest training windows, in the coordinates in which sentences differ most.
type neighbours struct {
	of     *Sentences
	count  int
	weight []float64 // of each coordinate in a distance
	points []float64 // training windows, one after the other, weighted
}

// priorWeight is how many neighbours what is usual among all windows stands for.
const priorWeight = 1

// Neighbours is the attacker who looks up the training windows that are most like a window. A coordinate counts by the
// share of its variance that lies among sentences.
func Neighbours(of *Sentences, count int) Attacker {
	a := &neighbours{of: of, count: count}
	for _, between := range of.model.Between {
		a.weight = append(a.weight, math.Sqrt(between/(1+between)))
	}
	for _, x := range of.single {
		for j, v := range x {
			a.points = append(a.points, v*a.weight[j])
		}
	}
	return a
}

func (a *neighbours) Beliefs(e Example) Beliefs {
	t := a.of.targets
	b := scaled(t.Base, priorWeight)
	levels := make([]float64, len(t.Levels))
	nearest := a.nearest(e)
	for _, i := range nearest {
		t.holds(&a.of.examples[i].Text, levels, func(w int) { b.Words[w]++ })
		for l, v := range levels {
			b.Levels[l] += v
		}
	}
	return scaled(b, 1/(priorWeight+float64(len(nearest))))
}

// nearest gives the nearest training windows, the nearest first.
func (a *neighbours) nearest(e Example) []int {
	u := a.of.model.Project(a.of.scaler.scale(e.Inputs, make([]float64, len(e.Inputs))))
	for j := range u {
		u[j] *= a.weight[j]
	}
	distances, members := make([]float64, 0, a.count+1), make([]int, 0, a.count+1)
	limit := math.Inf(1)
	for i := range a.of.single {
		sum := 0.0
		for j, v := range a.points[i*len(u) : (i+1)*len(u)] {
			if sum += (v - u[j]) * (v - u[j]); sum >= limit {
				break
			}
		}
		if sum >= limit {
			continue
		}
		at, _ := slices.BinarySearch(distances, sum)
		distances, members = slices.Insert(distances, at, sum), slices.Insert(members, at, i)
		if len(members) > a.count {
			distances, members = distances[:a.count], members[:a.count]
		}
		if len(members) == a.count {
			limit = distances[a.count-1]
		}
	}
	return members
}
