package presence

import (
	"math/rand/v2"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/adversary"
)

func TestARemoteDesktopIsToldAndNoAlarm(t *testing.T) {
	if effect, ok := RemoteControl.Effect(); !ok || effect != Context {
		t.Fatalf("the effect is %v, want a context", effect)
	}
	kinds := pointerAttack(t, Research(), "remote_desktop", 4)
	if n := count(kinds, RemoteControl); n < 3 {
		t.Errorf("%d of 4 are told within a minute, want 3", n)
	}
}

// The weights that judge by default take their time: nobody of any set comes near their bound.
func TestARemoteDesktopIsToldByDefaultInTime(t *testing.T) {
	_, material := stolen()
	remote := slices.IndexFunc(adversary.PointerAttacks, func(a adversary.PointerAttack) bool { return a.Family == "remote_desktop" })
	for seed := range uint64(3) {
		session := adversary.PointerAttacks[remote].Make(rand.New(rand.NewPCG(seed, 3)), material, 8*60_000)
		if !found(Default(), nil, session)[RemoteControl] {
			t.Errorf("session %d is not told within eight minutes, want it told", seed)
		}
	}
}
