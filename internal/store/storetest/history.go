package storetest

import (
	"testing"

	"ipse.dev/ipse/internal/store"
)

func testHistories(t *testing.T, s Store) {
	mustOpen(t, s, session("s1", "p1", 0), session("s2", "p2", 0))
	notFound[store.History](t, "before anything was kept")(s.History(t.Context(), "p1"))
	first, second := store.History{Subject: "p1", Body: []byte(`{"a":1}`)}, store.History{Subject: "p1", Body: []byte(`{"a":2}`)}
	others := store.History{Subject: "p2", Body: []byte(`{"b":1}`)}
	mustApply(t, s, store.Batch{Applied: 1, Histories: []store.History{first, others}})
	same(t, "history", first)(s.History(t.Context(), "p1"))
	mustApply(t, s, store.Batch{Previous: 1, Applied: 2, Histories: []store.History{second}})
	same(t, "the later one in place of the earlier", second)(s.History(t.Context(), "p1"))
	if err := s.Apply(t.Context(), store.Batch{Previous: 1, Applied: 3, Histories: []store.History{first}}); err == nil {
		t.Error("a batch on an old checkpoint was kept, want store.ErrFenced")
	}
	same(t, "fenced off, it is as it was", second)(s.History(t.Context(), "p1"))
	if err := s.Erase(t.Context(), "p1", store.Batch{Previous: 2, Applied: 3}); err != nil {
		t.Fatal(err)
	}
	notFound[store.History](t, "an erased subject's history")(s.History(t.Context(), "p1"))
	same(t, "others' stay", others)(s.History(t.Context(), "p2"))
	mustApply(t, s, store.Batch{Previous: 3, Applied: 4, Histories: []store.History{first}})
	notFound[store.History](t, "a late row of an erased subject")(s.History(t.Context(), "p1"))
}
