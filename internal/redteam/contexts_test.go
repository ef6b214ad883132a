package redteam

import (
	"slices"
	"testing"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/trust"
)

func TestAVirtualMachineIsToldAndAnAlarmWherePolicySaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		alarmOn []string
		verdict Verdict
		windows int
	}{
		"by default":                      {nil, Undecided, 2},
		"an alarm on remote control":      {[]string{string(policy.RemoteControl)}, Undecided, 2},
		"an alarm on the virtual machine": {[]string{string(policy.VirtualMachine)}, Caught, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, app.Options{AlarmOn: c.alarmOn})
			k := kit(server)
			k.Material, k.Learn, k.Keep = Generated(400), true, true
			outcomes, err := k.Run(t.Context(), contexts)
			if err != nil {
				t.Fatal(err)
			}
			o := outcomes[0]
			if o.Verdict != c.verdict || !o.AsWanted() || !slices.Equal(o.Reasons, []policy.ReasonCode{policy.VirtualMachine}) || o.NoHand {
				t.Errorf("%+v; want %s for %s alone, and nothing said of hands", o, c.verdict, policy.VirtualMachine)
			}
			if o.Windows < c.windows || (o.Verdict == Caught) != (o.Windows == 0) {
				t.Errorf("%d windows were reported; want %d at least, and none after an alarm", o.Windows, c.windows)
			}
		})
	}
}

func TestOfWhatNobodyToldNothingIsSaid(t *testing.T) {
	k := kit(start(t, app.Options{}))
	silent := contexts[0]
	silent.Tells = ""
	outcomes, err := k.Run(t.Context(), []Attack{silent})
	if err != nil {
		t.Fatal(err)
	}
	if o := outcomes[0]; slices.Contains(o.Reasons, policy.VirtualMachine) || o.AsWanted() {
		t.Errorf("%+v; want no word of a virtual machine of which nobody told", o)
	}
	given := k.In(t.Context(), client.Opened{CollectorToken: "some token"}, Attack{Name: "x", Tells: trust.VirtualMachine, Make: silent.Make})
	if given.Verdict != NotMade || given.Problem == "" {
		t.Errorf("with a collector's token alone: %+v; want that it was not made, and why", given)
	}
}

// A context is wanted to be named: an alarm that does not name it is for something else.
func TestAContextThatIsNotNamedIsNotAnsweredAsWanted(t *testing.T) {
	for _, c := range []struct {
		verdict Verdict
		reasons []policy.ReasonCode
		want    bool
	}{
		{Caught, []policy.ReasonCode{policy.Mismatch}, false},
		{Caught, []policy.ReasonCode{policy.RemoteControl}, true}, // where policy allows no remote work
		{Undecided, []policy.ReasonCode{policy.RemoteControl}, true},
		{Undecided, []policy.ReasonCode{policy.NoInput}, false},
		{Undecided, nil, true},
		{Passed, nil, false},
	} {
		o := Outcome{Want: Context, Verdict: c.verdict, Reasons: c.reasons}
		if o.AsWanted() != c.want {
			t.Errorf("%s because of %v: as wanted is %v, want %v", c.verdict, c.reasons, o.AsWanted(), c.want)
		}
	}
}
