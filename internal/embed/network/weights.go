package network

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// ErrWeights is the error for a weights file that cannot be used.
var ErrWeights = errors.New("network: unusable weights")

// FormatVersion is the version of the weights files that Parse reads.
const FormatVersion = 1

// MaxParameters is the largest network that is read: larger ones are too slow in a browser.
const MaxParameters = 250_000

// magic begins every weights file, whatever its version.
const magic = "ipse-net"

// maxHeader bounds the header in bytes, before it is read.
const maxHeader = 1 << 20

// maxWeight bounds a weight. Trained ones stay far below; with it, no window can make a sum overflow.
const maxWeight = 256

// Kinds of networks.
const (
	KeyboardKind = "keyboard"
	PointerKind  = "pointer"
)

// Header is the JSON at the start of a weights file.
type Header struct {
	Kind  string              `json:"kind"` // the modality that the network reads
	Name  string              `json:"name"` // of the model, as observations name it
	Shape Shape               `json:"shape"`
	Card  Card                `json:"card"`
	Seen  map[string][]string `json:"seen"` // data set → its own identifiers of the people whom training has seen
}

// Shape is the sizes of a network.
type Shape struct {
	Inputs     int `json:"inputs"`     // values an event becomes
	Channels   int `json:"channels"`   // of the hidden layers
	Blocks     int `json:"blocks"`     // hidden layers with a residual connection
	Kernel     int `json:"kernel"`     // events that a convolution sees
	Wide       int `json:"wide"`       // channels that are pooled
	Heads      int `json:"heads"`      // of the attention
	Dimensions int `json:"dimensions"` // of the embedding
}

// Card says what a network was trained on, what it may be used for and how wrong it is.
type Card struct {
	Purpose string     `json:"purpose"`
	Data    []CardData `json:"data"`
	Rebuild string     `json:"rebuild"`
	Error   string     `json:"error"` // measured error, with whom it was measured on
}

// CardData is one data set's part in the training.
type CardData struct {
	Name   string `json:"name"`
	People int    `json:"people"`
	Terms  string `json:"terms"`
}

// Parse reads a weights file: the magic, the version as one byte, the header's length (uint32) and the header, then
// the weights as float16 in the order of the layers, and a CRC-32 (IEEE) of all that. Numbers are little-endian. A file
// that is cut, changed, of another version or shape gives an error that wraps ErrWeights.
func Parse(raw []byte) (*Network, error) {
	n, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWeights, err)
	}
	return n, nil
}

func parse(raw []byte) (*Network, error) {
	const before = len(magic) + 1 + 4
	if len(raw) < len(magic) || string(raw[:len(magic)]) != magic {
		return nil, errors.New("the file does not begin as a weights file does")
	}
	if len(raw) < before+4 {
		return nil, fmt.Errorf("cut: %d bytes; want at least %d", len(raw), before+4)
	}
	if v := raw[len(magic)]; v != FormatVersion {
		return nil, fmt.Errorf("format version %d; want %d", v, FormatVersion)
	}
	body, sum := raw[:len(raw)-4], binary.LittleEndian.Uint32(raw[len(raw)-4:])
	if got := crc32.ChecksumIEEE(body); got != sum {
		return nil, fmt.Errorf("cut or changed: the checksum is %08x, the file says %08x", got, sum)
	}
	length := binary.LittleEndian.Uint32(raw[len(magic)+1:])
	if length > maxHeader || int(length) > len(body)-before {
		return nil, fmt.Errorf("the header would be %d bytes long; want at most %d, within the file", length, maxHeader)
	}
	n := &Network{}
	if err := decodeHeader(body[before:before+int(length)], &n.header); err != nil {
		return nil, err
	}
	if err := n.header.validate(); err != nil {
		return nil, err
	}
	return n, n.read(body[before+int(length):])
}

func decodeHeader(raw []byte, h *Header) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(h); err != nil {
		return fmt.Errorf("the header: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the header's JSON object")
	}
	return nil
}

func (h Header) validate() error {
	s := h.Shape
	want := map[string]int{KeyboardKind: keyboardInputs, PointerKind: pointerInputs}
	inputs, ok := want[h.Kind]
	switch {
	case !ok:
		return fmt.Errorf("kind is %q; want %q or %q", h.Kind, KeyboardKind, PointerKind)
	case h.Name == "":
		return errors.New("the name is empty; want the model's")
	case s.Inputs != inputs:
		return fmt.Errorf("inputs are %d; a %s network has %d", s.Inputs, h.Kind, inputs)
	case s.Kernel < 1 || s.Kernel > 15 || s.Kernel%2 == 0:
		return fmt.Errorf("kernel is %d; want an odd number from 1 to 15", s.Kernel)
	case s.Blocks < 0 || s.Blocks > 16:
		return fmt.Errorf("blocks are %d; want 0 to 16", s.Blocks)
	}
	for name, v := range map[string]int{"channels": s.Channels, "wide": s.Wide, "heads": s.Heads, "dimensions": s.Dimensions} {
		if v < 4 || v > 1024 || v%4 != 0 {
			return fmt.Errorf("%s is %d; want a multiple of four from 4 to 1024", name, v)
		}
	}
	if s.Wide%s.Heads != 0 {
		return fmt.Errorf("%d wide channels do not divide among %d heads", s.Wide, s.Heads)
	}
	if p := s.parameters(); p > MaxParameters {
		return fmt.Errorf("%d parameters; want at most %d", p, MaxParameters)
	}
	return nil
}

// layers gives the layers of a shape, without weights, in the order of the file.
func (s Shape) layers() []layer {
	all := []layer{{inputs: s.Inputs, outputs: s.Channels, kernel: s.Kernel}}
	for range s.Blocks {
		all = append(all, layer{inputs: s.Channels, outputs: s.Channels, kernel: s.Kernel})
	}
	return append(all,
		layer{inputs: s.Channels, outputs: s.Wide, kernel: 1},
		layer{inputs: s.Wide, outputs: s.Heads, kernel: 1},
		layer{inputs: 2 * s.Wide, outputs: s.Dimensions, kernel: 1})
}

func (l layer) parameters() int { return l.outputs*l.kernel*l.inputs + l.outputs }

func (s Shape) parameters() int {
	sum := 0
	for _, l := range s.layers() {
		sum += l.parameters()
	}
	return sum
}

func (n *Network) read(raw []byte) error {
	if want := 2 * n.header.Shape.parameters(); len(raw) != want {
		return fmt.Errorf("%d bytes of weights; the shape wants %d", len(raw), want)
	}
	layers := n.header.Shape.layers()
	for i := range layers {
		l := &layers[i]
		l.weights, raw = halves(raw, l.outputs*l.kernel*l.inputs)
		l.bias, raw = halves(raw, l.outputs)
		for _, v := range append(l.weights[:len(l.weights):len(l.weights)], l.bias...) {
			if !(v >= -maxWeight && v <= maxWeight) {
				return fmt.Errorf("layer %d holds the weight %g; want finite ones within ±%d", i, v, maxWeight)
			}
		}
	}
	end := len(layers) - 3
	n.first, n.blocks = layers[0], layers[1:end]
	n.widen, n.attend, n.out = layers[end], layers[end+1], layers[end+2]
	return nil
}

// halves decodes n float16 numbers (IEEE 754-2008) and gives the rest.
func halves(raw []byte, n int) ([]float32, []byte) {
	out := make([]float32, n)
	for i := range out {
		h := binary.LittleEndian.Uint16(raw[2*i:])
		sign := float64(1)
		if h>>15 == 1 {
			sign = -1
		}
		exponent, fraction := int(h>>10&31), float64(h&1023)/1024
		switch exponent {
		case 0:
			out[i] = float32(sign * math.Ldexp(fraction, -14))
		case 31:
			out[i] = float32(math.NaN()) // infinity and not-a-number are equally unusable
		default:
			out[i] = float32(sign * math.Ldexp(1+fraction, exponent-15))
		}
	}
	return out, raw[2*n:]
}
