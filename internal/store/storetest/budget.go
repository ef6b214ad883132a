package storetest

import (
	"context"
	"errors"
	"testing"

	"ipse.dev/ipse/internal/store"
)

type sums interface {
	BudgetDays(ctx context.Context, from int64) ([]store.Day, error)
	SealDays(ctx context.Context, before int64, enough int, within int64) error
	ForgetDays(ctx context.Context, before int64) error
	DecidedCases(ctx context.Context, cause string, from int64) ([]store.Decided, error)
}

func testSums(t *testing.T, s Store) {
	day := store.Day{Number: 100, InputMS: 1000, ShadowMS: 400, Alerts: 2, ShadowAlerts: 1, Injected: 3, Marks: []int{1, 2},
		Peaks: []store.PeakBin{{Bin: 3, N: 2}, {Bin: 3, Cut: true, N: 1}}}
	mustApply(t, s, store.Batch{Partition: 1, Applied: 5, Days: []store.Day{day, {Number: 101, InputMS: 7}}})
	if err := s.Apply(t.Context(), store.Batch{Partition: 1, Previous: 4, Applied: 9, Days: []store.Day{day}}); !errors.Is(err, store.ErrFenced) {
		t.Errorf("a batch on an old checkpoint: %v, want store.ErrFenced", err)
	}
	more := store.Day{Number: 100, InputMS: 10, Alerts: 1, Marks: []int{2, 3}, Peaks: []store.PeakBin{{Bin: 3, N: 1}, {Bin: 9, N: 1}}}
	mustApply(t, s, store.Batch{Partition: 2, Applied: 6, Days: []store.Day{more}})
	want := []store.Day{
		{Number: 100, Since: 100, InputMS: 1010, ShadowMS: 400, Alerts: 3, ShadowAlerts: 1, Injected: 3, Crowd: 3,
			Peaks: []store.PeakBin{{Bin: 3, N: 3}, {Bin: 3, Cut: true, N: 1}, {Bin: 9, N: 1}}},
		{Number: 101, Since: 101, InputMS: 7},
	}
	same(t, "sums: what is fenced adds nothing", want)(s.BudgetDays(t.Context(), 0))
	same(t, "from a day on", want[1:])(s.BudgetDays(t.Context(), 101))
	mustApply(t, s, store.Batch{Partition: 3, Applied: 6, Days: []store.Day{{Number: 101, InputMS: 1, Threshold: 2, Shift: 0.5}, {Number: 102, Threshold: 2, Shift: 0.5}}})
	want[1].InputMS, want[1].Mixed = 8, true
	want = append(want, store.Day{Number: 102, Since: 102, Threshold: 2, Shift: 0.5})
	same(t, "two thresholds in one day", want[1:])(s.BudgetDays(t.Context(), 101))
	if err := s.ForgetDays(t.Context(), 101); err != nil {
		t.Fatal(err)
	}
	same(t, "after forgetting", want[1:])(s.BudgetDays(t.Context(), 0))
}

// A day of few people must not be told apart from the next; one of enough stands alone, and its people are forgotten.
func testSealing(t *testing.T, s Store) {
	peak := []store.PeakBin{{Bin: 2, N: 1}}
	mustApply(t, s, store.Batch{Applied: 1, Days: []store.Day{
		{Number: 10, InputMS: 1, Alerts: 1, Marks: []int{1, 2, 3}, Peaks: peak},
		{Number: 11, InputMS: 10, ShadowMS: 5, Marks: []int{7}, Peaks: peak},
		{Number: 13, InputMS: 100, Marks: []int{1, 8}, Peaks: peak},
		{Number: 14, InputMS: 1000, Marks: []int{9}},
	}})
	seal := func(before int64) {
		t.Helper()
		if err := s.SealDays(t.Context(), before, 3, 5); err != nil {
			t.Fatal(err)
		}
	}
	seal(14)
	same(t, "the first day stands alone, the next ones wait for the third of their people", []store.Day{
		{Number: 10, Since: 10, InputMS: 1, Alerts: 1, Crowd: 3, Over: true, Peaks: peak},
		{Number: 13, Since: 11, InputMS: 110, ShadowMS: 5, Crowd: 3, Over: true, Peaks: []store.PeakBin{{Bin: 2, N: 2}}},
		{Number: 14, Since: 14, InputMS: 1000, Crowd: 1},
	})(s.BudgetDays(t.Context(), 0))
	mustApply(t, s, store.Batch{Previous: 1, Applied: 2, Days: []store.Day{{Number: 13, InputMS: 5, Marks: []int{4}}}}) // a late one
	seal(18)
	same(t, "what waits moves on", []store.Day{
		{Number: 10, Since: 10, InputMS: 1, Alerts: 1, Crowd: 3, Over: true, Peaks: peak},
		{Number: 13, Since: 11, InputMS: 115, ShadowMS: 5, Crowd: 3, Over: true, Peaks: []store.PeakBin{{Bin: 2, N: 2}}},
		{Number: 18, Since: 14, InputMS: 1000, Crowd: 1},
	})(s.BudgetDays(t.Context(), 0))
	seal(25)
	days, err := s.BudgetDays(t.Context(), 14)
	if err != nil || len(days) != 0 {
		t.Errorf("got %+v, %v; want what found nobody else within five days dropped", days, err)
	}
}

func testDecided(t *testing.T, s Store) {
	mustOpen(t, s, session("s1", "p1", 0))
	const dayMS = 86_400_000
	day := begin.UnixMilli() / dayMS
	row := func(id, cause string, hours int) store.Case {
		return store.Case{ID: id, Session: "s1", Subject: "p1", Cause: cause, OpenedAt: begin.Truncate(dayMS*1e6).AddDate(0, 0, hours/24), Body: []byte("{}")}
	}
	mustApply(t, s, store.Batch{Applied: 1, Cases: []store.Case{
		row("a", "differs", 0), row("b", "differs", 0), row("c", "differs", 0), row("d", "injected", 0), row("e", "differs", 24),
	}})
	for id, verdict := range map[string]string{"a": "right_person", "b": "right_person", "d": "impostor", "e": "impostor"} {
		if err := s.Decide(t.Context(), id, verdict, begin); err != nil {
			t.Fatal(err)
		}
	}
	want := []store.Decided{{Day: day, Verdict: "right_person", N: 2}, {Day: day + 1, Verdict: "impostor", N: 1}}
	same(t, "verdicts", want)(s.DecidedCases(t.Context(), "differs", 0))
	same(t, "verdicts from a day on", want[1:])(s.DecidedCases(t.Context(), "differs", day+1))
	if err := s.Decide(t.Context(), "b", "impostor", begin); err != nil {
		t.Fatal(err)
	}
	want = []store.Decided{{Day: day, Verdict: "impostor", N: 1}, {Day: day, Verdict: "right_person", N: 1}, want[1]}
	same(t, "after a reviewer's second thought", want)(s.DecidedCases(t.Context(), "differs", 0))
}
