package window

import (
	"testing"

	"ipse.dev/ipse/internal/event"
)

func TestMarkUntrustedCountsWithoutBehaviour(t *testing.T) {
	keyboard := NewKeyboardCutter(1, 1)
	keyboard.MarkUntrusted()
	keyboard.Push(event.Key{Class: event.LeftLetter, Down: true, Trusted: true})
	windows := keyboard.Push(event.Key{TimeMS: 80, Class: event.LeftLetter, Trusted: true})
	if len(windows) != 1 || windows[0].Marks.Untrusted != 1 || len(windows[0].Strokes) != 1 {
		t.Errorf("keyboard windows = %+v, want one of one stroke with one untrusted event", windows)
	}
	pointer := NewPointerCutter(1, 1)
	pointer.MarkUntrusted()
	moves := pointer.Push(event.Pointer{Trusted: true})
	if len(moves) != 1 || moves[0].Marks.Untrusted != 1 || len(moves[0].Events) != 1 {
		t.Errorf("pointer windows = %+v, want one of one event with one untrusted event", moves)
	}
}
