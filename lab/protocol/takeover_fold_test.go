package protocol

import (
	"encoding/json"
	"math"
	"testing"

	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/lab/dataset"
)

func TestInputLeavesPausesOut(t *testing.T) {
	r, _ := ofDwell(t)
	keys := typed(2, 60)
	half := len(keys) / 2
	for i := half; i < len(keys); i++ {
		keys[i].TimeMS += 20_000
	}
	got := r.moments(dataset.Session{Keys: keys})
	if len(got) != 2 {
		t.Fatalf("%d windows, want 2", len(got))
	}
	first, second := got[0], got[1]
	if first.own != first.passed || first.passed.actions != 30 || first.passed.wallMS != first.passed.inputMS || !(first.passed.wallMS > 29*190) {
		t.Errorf("of the first window %+v passed, and %+v of its own; want the same, 30 actions and more than %d ms of input", first.passed, first.own, 29*190)
	}
	if pause := second.passed.wallMS - second.passed.inputMS; math.Abs(pause-15_130) > 20 {
		t.Errorf("before the second window %.0f ms passed beside input, want those beyond %d of some 20,130", pause, pauseMS)
	}
	if second.own.wallMS != second.own.inputMS || second.own.actions != 30 || math.Abs(second.own.wallMS-first.own.wallMS) > 600 {
		t.Errorf("of its own the second window has %+v, want 30 actions and no pause", second.own)
	}
	all := r.moments(dataset.Session{Keys: typed(5, 60)})
	sum, want := span{}, 0.0
	for _, m := range all {
		sum = sum.plus(m.passed)
		want = max(want, sum.wallMS)
	}
	events := typed(5, 60)
	if last := events[len(events)-1].TimeMS; math.Abs(sum.wallMS-last) > 400 || sum.actions != 150 {
		t.Errorf("of five windows %+v passed, want 150 actions and about %.0f ms", sum, last)
	}
}

func TestEveryWindowAlarmsAtAThresholdBelowAll(t *testing.T) {
	r, f := ofDwell(t)
	a := madeUp(r, "a", 60, 60)
	s, compared := f.enrolled(a.enrol)
	if !compared[observation.Keyboard] {
		t.Fatal("after 30 windows nothing is compared")
	}
	got := f.at(-100).genuine(s, a.genuine, nil)
	if want := windows(a.genuine); got.alarms != want || want != 30 {
		t.Errorf("%d alarms in %d windows, want one each", got.alarms, want)
	}
	if quiet := f.at(1).genuine(s, a.genuine, nil); quiet.alarms != 0 || quiet.passed != got.passed {
		t.Errorf("at a threshold of 1 %d alarms in %+v, want none in the same %+v", quiet.alarms, quiet.passed, got.passed)
	}
}

func TestSomebodyFarAwayIsNoticedAtTheFirstWindow(t *testing.T) {
	r, f := ofDwell(t)
	f = f.at(-2)
	a, far, alike := madeUp(r, "a", 60, 60), madeUp(r, "b", 60, 110), madeUp(r, "c", 60, 60.25)
	s, _ := f.enrolled(a.enrol)
	keep := map[int]bool{0: true, 7: true, 29: true}
	own := f.genuine(s, a.genuine, keep)
	if own.alarms != 0 || len(own.stands) != 3 {
		t.Fatalf("%d alarms and %d places to splice, want none and 3", own.alarms, len(own.stands))
	}
	for splice, stand := range own.stands {
		for _, from := range []int{0, 11} {
			got := f.takeover(stand, far.whole, from)
			want := taken{noticed: true, after: far.whole[from].own, windows: 1}
			if got != want {
				t.Errorf("spliced in after %d windows, from window %d on: %+v; want %+v, seconds from the splice on", splice, from, got, want)
			}
		}
		if got := f.takeover(stand, alike.whole, 3); got.noticed || got.windows != len(alike.whole) {
			t.Errorf("somebody just alike: %+v; want that nobody notices in all of %d windows", got, len(alike.whole))
		}
	}
}

func TestAnImpostorHasTenMinutesAndPlaysNothingTwice(t *testing.T) {
	r, f := ofDwell(t)
	a := madeUp(r, "a", 60, 60)
	s, _ := f.enrolled(a.enrol)
	long := madeUp(r, "b", 200, 60)
	got := f.at(never).takeover(f.signIn(s), long.whole, 150)
	if got.after.inputMS > longestMS || got.after.inputMS < longestMS-10_000 || got.noticed {
		t.Errorf("%+v; want nearly ten minutes", got)
	}
	if again := f.at(never).takeover(f.signIn(s), a.whole, 59); again.windows != 60 {
		t.Errorf("somebody with 60 windows played %d, want each once", again.windows)
	}
}

func TestFoldingOnLeavesTheStandAsItWas(t *testing.T) {
	r, f := ofDwell(t)
	f = f.at(3)
	a, b := madeUp(r, "a", 60, 60), madeUp(r, "b", 60, 75)
	s, _ := f.enrolled(a.enrol)
	before, err := json.Marshal(s.refs[onlyKey(t, s)])
	if err != nil {
		t.Fatal(err)
	}
	once := f.takeover(f.signIn(s), b.whole, 0)
	if twice := f.takeover(f.signIn(s), b.whole, 0); once != twice {
		t.Errorf("the same takeover gives %+v and then %+v", once, twice)
	}
	here := f.signIn(s)
	here, _, first := f.step(here, b.whole[0], b.whole[0].own)
	if _, _, again := f.step(here, b.whole[0], span{}); first == nil || again != nil {
		t.Errorf("a window and the same at the same time score %v and %v, want a score and none: it is passed over", first, again)
	}
	if after, _ := json.Marshal(s.refs[onlyKey(t, s)]); string(after) != string(before) {
		t.Errorf("a takeover changed the reference that it began with: %s, was %s", after, before)
	}
}

// onlyKey gives the key of the one reference that there is.
func onlyKey(t *testing.T, s stand) (key enrol.Key) {
	t.Helper()
	if len(s.refs) != 1 {
		t.Fatalf("%d references, want one", len(s.refs))
	}
	for k := range s.refs {
		key = k
	}
	return key
}

func TestFewerWindowsEnrolAndTheGenuineRunStays(t *testing.T) {
	r := &run{Input: Input{Model: dwellModel(t)}}
	sessions := [][]moment{r.moments(dataset.Session{Keys: typed(7, 80)}), r.moments(dataset.Session{Keys: typed(5, 80)})}
	all, few := byTime(keyboardEnrol)(dataset.Person{}, sessions), byTime(2)(dataset.Person{}, sessions)
	if got, want := windows(all.enrol), 6; got != want {
		t.Fatalf("%d windows enrol of twelve, want half of them, %d", got, want)
	}
	if got := windows(few.enrol); got != 2 || len(few.enrol) != 1 {
		t.Errorf("%d windows in %d sessions enrol where two were asked for, want the last two", got, len(few.enrol))
	}
	if windows(few.genuine) != windows(all.genuine) {
		t.Errorf("the genuine run holds %d windows with few enrolled and %d with all, want the same", windows(few.genuine), windows(all.genuine))
	}
}
