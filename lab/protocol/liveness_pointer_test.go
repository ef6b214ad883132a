package protocol

import (
	"errors"
	"testing"

	"ipse.dev/ipse/internal/adversary"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
)

func TestPiecesHoldSoMuchMovementAndNoRests(t *testing.T) {
	var events []event.Pointer
	at := 0.0
	for i := range 700 {
		at += 16
		if i%50 == 49 {
			at += 5000
		}
		events = append(events, event.Pointer{TimeMS: at, X: float64(i)})
	}
	pieces := movementPieces(events, 5000)
	if len(pieces) != 2 {
		t.Fatalf("%d pieces of 11 s of movement, want 2 of 5 s", len(pieces))
	}
	for _, p := range pieces {
		if len(p) < 310 || len(p) > 330 {
			t.Errorf("a piece of 5 s has %d events, want about 320", len(p))
		}
	}
}

func TestStraightLinesScoreHigherThanNothing(t *testing.T) {
	a := adversary.PointerAttacks[0]
	made := a.Make(pointerChance("test"), adversary.PointerMaterial{}, 60_000)
	pieces := piecesOf([][]event.Pointer{made}, generatedSeconds, true)
	scores := pointerScores(presence.Default(), presence.GeneratedPath, pieces)
	if len(scores) == 0 {
		t.Fatal("a minute of straight lines gives no piece of 5 s")
	}
	for _, s := range scores {
		if s <= 0 {
			t.Errorf("a piece of straight lines scores %g, want more than 0", s)
		}
	}
}

func TestPointerLivenessSaysThatThereIsNoData(t *testing.T) {
	everybody := func(string, string) bool { return true }
	if _, err := openPointers(t.TempDir()); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("judges from an empty folder: %v, want ErrNotFound", err)
	}
	none := func(string) presence.Judge { return presence.Judge{} }
	if _, err := pointerFamilies(t.TempDir(), presence.Default(), none, everybody, nil); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("families of an empty folder: %v, want ErrNotFound", err)
	}
	if _, err := pointerHumans(t.TempDir(), presence.Default(), everybody); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("people of an empty folder: %v, want ErrNotFound", err)
	}
}
