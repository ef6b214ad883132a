// Package observation owns the one thing that crosses from a device to the server: what was computed from one window.
// Its JSON has a fixed size and no field that could carry a key or a text; a test keeps it so.
package observation

import (
	"encoding/base64"
	"strconv"
)

// Version of the wire format. It changes only when a reader of the old one could misunderstand the new one.
const Version = 1

// Modality names the kind of input that a window was cut from.
type Modality string

// The modalities.
const (
	Keyboard Modality = "keyboard"
	Pointer  Modality = "pointer"
	Touch    Modality = "touch"
	Motion   Modality = "motion"
	Phrase   Modality = "phrase" // a text that the application asked for, position by position
)

// DeviceClass tells kinds of hardware apart as far as a comparison needs it.
type DeviceClass string

// The device classes.
const (
	Desktop DeviceClass = "desktop"
	Tablet  DeviceClass = "tablet"
	Phone   DeviceClass = "phone"
)

// Flag is a remark on the quality of a window. It may make the answer "cannot tell"; it is never evidence.
type Flag string

// The quality flags.
const (
	BlurredClock Flag = "blurred_clock" // timestamps come in steps too coarse to tell people apart
	InputMethod  Flag = "input_method"  // an input method composed the text
	PasteHeavy   Flag = "paste_heavy"   // much of the text came from the clipboard
	ShortWindow  Flag = "short_window"  // fewer events than a full window
	LostEvents   Flag = "lost_events"   // releases were missed, or events arrived out of order
	Simulated    Flag = "simulated"     // the window holds events that no hand made, and that the page told the collector to accept
	BrokenPhrase Flag = "broken_phrase" // a phrase was not typed straight through; the observation holds no timing
)

// Flags lists every quality flag in a fixed order.
var Flags = []Flag{BlurredClock, InputMethod, PasteHeavy, ShortWindow, LostEvents, Simulated, BrokenPhrase}

// Liveness holds the measures that come for free with a window.
type Liveness struct {
	UntrustedShare     float64 `json:"untrustedShare" minimum:"0" maximum:"1" doc:"Share of the events that software, not a device, made."`
	TimestampQuantumMS float64 `json:"timestampQuantumMS" minimum:"0" maximum:"1000" doc:"Largest step of which nearly all timestamps are multiples, in milliseconds; 0 when none was found."`
	RepeatShare        float64 `json:"repeatShare" minimum:"0" maximum:"1" doc:"Share of the presses that the keyboard repeated by itself."`
	Pastes             int     `json:"pastes" minimum:"0" maximum:"1000" doc:"How often text came from the clipboard."`

	// What follows is optional: an older collector, or a window of a kind that has none, leaves it out.

	Driven      bool      `json:"driven,omitempty" doc:"The browser itself says that a program drives it."`
	MeasureList string    `json:"measureList,omitempty" doc:"The list that names the measures, see package liveness; empty when there are none."`
	Measures    []float64 `json:"measures,omitempty" doc:"Measures of the window by which hands differ from programs, in the list's order."`
	Sketch      Sketch    `json:"sketch,omitempty" doc:"Names of up to two stretches of the window, 8 bytes each, by which the same behaviour is known when it comes again."`
}

// wireDigits are the significant digits of a feature or measure on the wire: more would be noise, and a longer observation.
const wireDigits = 5

// ForWire gives the observation as it is sent: with as many digits of each feature and measure as say anything.
func (o Observation) ForWire() Observation {
	o.Features, o.Liveness.Measures = forWire(o.Features), forWire(o.Liveness.Measures)
	return o
}

func forWire(numbers []float64) []float64 {
	if len(numbers) == 0 {
		return numbers
	}
	out := make([]float64, len(numbers))
	for i, x := range numbers {
		out[i], _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', wireDigits, 64), 64) // what was just written can be read
	}
	return out
}

// Sketch holds the names of up to two stretches of a window, SketchNameBytes each: alike stretches have names that differ
// in few bits, and a name has no room for the timings that it comes from. On the wire it is standard base64.
type Sketch []byte

// Sizes of a sketch.
const (
	SketchNameBytes = 8
	MaxSketchBytes  = 2 * SketchNameBytes
)

// MarshalText writes standard base64 with padding.
func (s Sketch) MarshalText() ([]byte, error) { return base64.StdEncoding.AppendEncode(nil, s), nil }

// UnmarshalText reads standard base64 with padding.
func (s *Sketch) UnmarshalText(text []byte) error {
	raw, err := base64.StdEncoding.Strict().AppendDecode(nil, text)
	if err != nil {
		return err
	}
	*s = raw
	return nil
}

// Embedding is the vector that the behaviour model gives, one signed byte a dimension; on the wire it is standard
// base64. The model's scale turns it back into numbers.
type Embedding []int8

// MarshalText writes standard base64 with padding.
func (e Embedding) MarshalText() ([]byte, error) {
	raw := make([]byte, len(e))
	for i, v := range e {
		raw[i] = byte(v)
	}
	return base64.StdEncoding.AppendEncode(nil, raw), nil
}

// UnmarshalText reads standard base64 with padding.
func (e *Embedding) UnmarshalText(text []byte) error {
	raw, err := base64.StdEncoding.Strict().AppendDecode(nil, text)
	if err != nil {
		return err
	}
	*e = make(Embedding, len(raw))
	for i, v := range raw {
		(*e)[i] = int8(v)
	}
	return nil
}

// Observation is what one window of behaviour becomes. Features are the values of the list that FeatureList names, in
// its order (see package feature).
//
// An observation of the modality Phrase is of one typing of a text that the application asked for. Its embedding is the
// timings themselves, position by position: what stands at a position is not in it, neither as a key nor as a class. The
// application knows its own text and says by a number which one it was.
type Observation struct {
	Sequence    int64       `json:"sequence"`
	Modality    Modality    `json:"modality"`
	Model       string      `json:"model"`
	DeviceClass DeviceClass `json:"deviceClass"`
	StartMS     int64       `json:"startMS"`
	DurationMS  int64       `json:"durationMS"`
	Events      int         `json:"events"`
	Embedding   Embedding   `json:"embedding"`
	FeatureList string      `json:"featureList"`
	Features    []float64   `json:"features"`
	Liveness    Liveness    `json:"liveness"`
	Quality     []Flag      `json:"quality"`
	Phrase      int64       `json:"phrase,omitempty"` // the application's number for its text, 1 to MaxPhrase; 0 for windows
}

// MaxPhrase bounds the application's numbers for its texts: 31 bits have no room for a text.
const MaxPhrase = 1<<31 - 1
