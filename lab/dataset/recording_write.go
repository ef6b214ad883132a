package dataset

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"ipse.dev/ipse/internal/event"
)

// classCodes names, for each class, codes that stand for it in a written recording. One key cannot be pressed twice at
// once, so each class has as many codes as keys of it may be held together.
var classCodes = [event.ClassCount][]string{
	event.LeftLetter:  {"KeyA", "KeyS", "KeyD", "KeyF", "KeyG", "KeyQ", "KeyW", "KeyE", "KeyR", "KeyT"},
	event.RightLetter: {"KeyJ", "KeyK", "KeyL", "KeyH", "KeyU", "KeyI", "KeyO", "KeyP", "KeyN", "KeyM"},
	event.Digit:       {"Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9", "Digit0"},
	event.Space:       {"Space"},
	event.Backspace:   {"Backspace", "Delete"},
	event.Enter:       {"Enter", "NumpadEnter", "Tab"},
	event.Shift:       {"ShiftLeft", "ShiftRight"},
	event.Modifier:    {"ControlLeft", "ControlRight", "AltLeft", "AltRight", "MetaLeft", "MetaRight", "ArrowLeft", "ArrowRight"},
	event.Other:       {"Period", "Comma", "Slash", "Semicolon", "Quote", "Minus", "Equal", "Backslash"},
}

// RecordingWriter writes one recording. It knows no more of a key than its class: the codes that it writes stand for
// the class, and reading them back gives the classes, the order and the times that were written.
type RecordingWriter struct {
	out  *json.Encoder
	held [event.ClassCount][]string // codes that are down, oldest first
}

// NewRecordingWriter writes the header.
func NewRecordingWriter(w io.Writer, subject, session, device string) (*RecordingWriter, error) {
	h := RecordingHeader{Format: RecordingFormat, Subject: subject, Session: session, Device: device}
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("dataset: write recording: %w", err)
	}
	if _, err := parseRecordingHeader(line); err != nil {
		return nil, fmt.Errorf("dataset: write recording: %w", err)
	}
	r := &RecordingWriter{out: json.NewEncoder(w)}
	return r, r.write(h)
}

func (r *RecordingWriter) write(v any) error {
	if err := r.out.Encode(v); err != nil {
		return fmt.Errorf("dataset: write recording: %w", err)
	}
	return nil
}

// Key writes a press or release.
func (r *RecordingWriter) Key(e event.Key) error {
	if !e.Class.Valid() {
		return fmt.Errorf("dataset: write recording: class %d is none of the nine", e.Class)
	}
	line := recordingLine{T: &e.TimeMS, K: "up"}
	var code string
	if e.Down {
		line.K = "down"
		code = r.press(e.Class, e.Repeat)
	} else {
		code = r.release(e.Class)
	}
	line.C = &code
	return r.write(line)
}

func (r *RecordingWriter) press(class event.Class, repeat bool) string {
	held := r.held[class]
	if repeat && len(held) > 0 {
		return held[len(held)-1]
	}
	for _, code := range classCodes[class] {
		if !slices.Contains(held, code) {
			r.held[class] = append(held, code)
			return code
		}
	}
	return held[0] // more keys of the class are down than a keyboard has
}

func (r *RecordingWriter) release(class event.Class) string {
	held := r.held[class]
	if len(held) == 0 {
		return classCodes[class][0]
	}
	code := held[0]
	r.held[class] = slices.Delete(held, 0, 1)
	return code
}

// Pointer writes a pointer event.
func (r *RecordingWriter) Pointer(e event.Pointer) error {
	line := recordingLine{T: &e.TimeMS, X: &e.X, Y: &e.Y}
	switch e.Kind {
	case event.Move:
		line.P = "move"
	case event.Press:
		line.P, line.B = "down", &e.Button
	case event.Release:
		line.P, line.B = "up", &e.Button
	case event.Wheel:
		line.P, line.DX, line.DY = "wheel", &e.WheelX, &e.WheelY
	default:
		return fmt.Errorf("dataset: write recording: unknown kind of pointer event %d", e.Kind)
	}
	return r.write(line)
}

// Touch writes a touch event. A radius or pressure that the device did not tell is left out.
func (r *RecordingWriter) Touch(e event.Touch) error {
	line := recordingLine{T: &e.TimeMS, ID: &e.Contact, X: &e.X, Y: &e.Y}
	if e.RadiusPX != 0 {
		line.R = &e.RadiusPX
	}
	if e.Pressure != 0 {
		line.PR = &e.Pressure
	}
	switch e.Kind {
	case event.TouchStart:
		line.F = "start"
	case event.TouchMove:
		line.F = "move"
	case event.TouchEnd:
		line.F = "end"
	case event.TouchCancel:
		line.F = "cancel"
	default:
		return fmt.Errorf("dataset: write recording: unknown kind of touch event %d", e.Kind)
	}
	return r.write(line)
}

// Motion writes one reading of motion.
func (r *RecordingWriter) Motion(e event.Motion) error {
	return r.write(recordingLine{T: &e.TimeMS, M: append(e.Acceleration[:], e.Rotation[:]...)})
}
