package fit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"ipse.dev/ipse/internal/presence"
)

func TestJoinedNetworksSayTheMean(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	names := []string{"a", "b", "c"}
	var networks []*presence.Network
	for i := range 3 {
		var examples []example
		for k := range 300 {
			attack := k%2 == 0
			shift := float64(side(attack))
			examples = append(examples, example{[]float64{shift + rng.NormFloat64(), float64(i) + rng.NormFloat64(), 2 * rng.NormFloat64()}, attack, 1})
		}
		networks = append(networks, trainNetwork("list", names, []string{"a", "c"}, examples, uint64(i)))
	}
	all := joined(networks)
	for range 50 {
		m := []float64{rng.NormFloat64(), rng.NormFloat64(), 2 * rng.NormFloat64()}
		want := 0.0
		for _, n := range networks {
			want += n.Nats(m) / 3
		}
		if got := all.Nats(m); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%v: together they say %g, want %g", fmt.Sprint(m), got, want)
		}
	}
}
