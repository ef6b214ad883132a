package presence

import "testing"

func TestARemoteDesktopIsToldAndNoAlarm(t *testing.T) {
	if effect, ok := RemoteControl.Effect(); !ok || effect != Context {
		t.Fatalf("the effect is %v, want a context", effect)
	}
	kinds := pointerAttack(t, Research(), "remote_desktop", 4)
	if n := count(kinds, RemoteControl); n < 3 {
		t.Errorf("%d of 4 are told within a minute, want 3", n)
	}
}
