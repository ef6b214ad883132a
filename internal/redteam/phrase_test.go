package redteam

import (
	"slices"
	"testing"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/policy"
)

func TestAReplayedPhraseIsCaught(t *testing.T) {
	k := kit(start(t, app.Options{}))
	k.Material, k.Learn = Generated(3), true
	if n := len(k.Material.Seen.Phrases); n != phraseTypings {
		t.Fatalf("%d typings of a phrase were generated, want %d", n, phraseTypings)
	}
	outcomes, err := k.Run(t.Context(), phraseReplays())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		if o.Verdict != Caught || !slices.Contains(o.Reasons, policy.Replayed) || o.Keys == 0 || o.Windows > phraseReplayed {
			t.Errorf("%s: %+v; want it caught as a replay within %d typings", o.Attack, o, phraseReplayed)
		}
		if o.Attack == "replay.phrase_exact" && o.Windows != 1 {
			t.Errorf("%s: caught by typing %d, want the first", o.Attack, o.Windows)
		}
	}
}

func TestAPhraseNobodyHasSeenCannotBeReplayed(t *testing.T) {
	for _, a := range phraseReplays() {
		if s := a.Make(Random(1, a.Name), Material{}, Length{DurationMS: 60_000}); !s.Empty() {
			t.Errorf("%s of nothing: %d typings, want none", a.Name, len(s.Phrases))
		}
	}
	if got := phrasesLike(nil, 1); got != nil {
		t.Errorf("no typing gave %d typings of a phrase, want none", len(got))
	}
}
