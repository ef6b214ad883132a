package redteam

import (
	"math/rand/v2"

	"ipse.dev/ipse/internal/trust"
)

// contexts are what no behaviour shows and an application or an agent tells of.
var contexts = []Attack{
	{
		Name: "context.virtual-machine", Want: Context, Tells: trust.VirtualMachine,
		Doc: "The subject types in a virtual machine, and an application that knows tells of it: behaviour shows nothing of a local one.",
		Make: func(r *rand.Rand, m Material, l Length) Stretch {
			s := Stretch{Keys: m.Hands.Keys}
			if s.Empty() {
				s.Keys = humanLike(r, l).Keys
			}
			return s
		},
	},
}
