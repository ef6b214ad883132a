package attack

// countsCaution is how many windows of all kinds are mixed into what is usual among windows of one number of strokes.
const countsCaution = 20

// ignorant believes the same of every window: what is usual in the training windows.
type ignorant struct{ usual Beliefs }

func (a ignorant) Beliefs(Example) Beliefs { return a.usual }

// Ignorant is the attacker who has no observation: any attacker, trained on inputs that say nothing, ends here.
func Ignorant(t *Targets) Attacker { return ignorant{t.Base} }

// counting believes what is usual among windows of the same position and number of strokes.
type counting struct {
	targets *Targets
	usual   map[[2]int]Beliefs
}

// Counting is the attacker who knows of an observation only that it exists: which window of its session it is, and of how
// many strokes.
func Counting(t *Targets, examples []Example) Attacker {
	a := counting{t, map[[2]int]Beliefs{}}
	n := map[[2]int]float64{}
	levels := make([]float64, len(t.Levels))
	for i := range examples {
		key := [2]int{examples[i].Position, examples[i].Events}
		sum, ok := a.usual[key]
		if !ok {
			sum = scaled(t.Base, countsCaution)
			a.usual[key] = sum
		}
		n[key]++
		t.holds(&examples[i].Text, levels, func(w int) { sum.Words[w]++ })
		for l, v := range levels {
			sum.Levels[l] += v
		}
	}
	for key, sum := range a.usual {
		a.usual[key] = scaled(sum, 1/(n[key]+countsCaution))
	}
	return a
}

func (a counting) Beliefs(e Example) Beliefs {
	if b, ok := a.usual[[2]int{e.Position, e.Events}]; ok {
		return b
	}
	return a.targets.Base
}

func scaled(b Beliefs, by float64) Beliefs {
	out := Beliefs{make([]float64, len(b.Levels)), make([]float64, len(b.Words))}
	for i, v := range b.Levels {
		out.Levels[i] = v * by
	}
	for i, v := range b.Words {
		out.Words[i] = v * by
	}
	return out
}
