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
	"regexp"
)

// ErrWeights is the error for a weights file that cannot be used.
var ErrWeights = errors.New("network: unusable weights")

// FormatVersion is the version of the weights files that Parse reads.
const FormatVersion = 2

// MaxParameters is the largest network that is read, all members together: larger ones are too slow in a browser.
const MaxParameters = 250_000

// MaxMembers is how many members a network may have.
const MaxMembers = 8

// magic begins every weights file, whatever its version.
const magic = "ipse-net"

// maxHeader bounds the header in bytes, before it is read.
const maxHeader = 1 << 20

// maxWeight bounds a weight. Trained ones stay far below; with it, no window can make a sum overflow.
const maxWeight = 256

// modelName is what collectors take for the name of a model: it becomes part of an address.
var modelName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Kinds of networks.
const (
	KeyboardKind = "keyboard"
	PointerKind  = "pointer"
	TouchKind    = "touch"
)

// Header is the JSON at the start of a weights file.
type Header struct {
	Kind    string              `json:"kind"` // the modality that the network reads
	Name    string              `json:"name"` // of the model, as observations name it
	Members []Shape             `json:"members"`
	Card    Card                `json:"card"`
	Seen    map[string][]string `json:"seen"` // data set → its own identifiers of the people whom training has seen
}

// Dimensions is the length of the network's embeddings: of all members' together.
func (h Header) Dimensions() int {
	sum := 0
	for _, s := range h.Members {
		sum += s.Dimensions
	}
	return sum
}

// Shape is the sizes of one member.
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
// what each member weighs, and a CRC-32 (IEEE) of all that. A member's weights are whole steps, one signed byte each, in
// the order of the layers; behind all of them follow, layer by layer, the size of a step (float32) for each row of
// weights and the biases (float32). Bytes of one kind lie together because gzip packs them better so. Numbers are
// little-endian. A file that is cut, changed, of another version or shape gives an error that wraps ErrWeights.
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
	want := map[string]int{KeyboardKind: keyboardInputs, PointerKind: pointerInputs, TouchKind: touchInputs}
	inputs, ok := want[h.Kind]
	switch {
	case !ok:
		return fmt.Errorf("kind is %q; want %q, %q or %q", h.Kind, KeyboardKind, PointerKind, TouchKind)
	case !modelName.MatchString(h.Name):
		return fmt.Errorf("the name is %q; want up to 64 small letters, digits and hyphens", h.Name)
	case len(h.Members) < 1 || len(h.Members) > MaxMembers:
		return fmt.Errorf("%d members; want 1 to %d", len(h.Members), MaxMembers)
	}
	parameters := 0
	for i, s := range h.Members {
		if err := s.validate(); err != nil {
			return fmt.Errorf("member %d: %w", i, err)
		}
		if s.Inputs != inputs {
			return fmt.Errorf("member %d: inputs are %d; a %s network has %d", i, s.Inputs, h.Kind, inputs)
		}
		parameters += s.parameters()
	}
	if parameters > MaxParameters {
		return fmt.Errorf("%d parameters; want at most %d", parameters, MaxParameters)
	}
	return nil
}

func (s Shape) validate() error {
	switch {
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

func (l layer) weightCount() int { return l.outputs * l.kernel * l.inputs }

func (s Shape) parameters() int {
	sum := 0
	for _, l := range s.layers() {
		sum += l.weightCount() + l.outputs
	}
	return sum
}

// bytes is how long a member is in the file.
func (s Shape) bytes() int {
	sum := 0
	for _, l := range s.layers() {
		sum += l.weightCount() + 2*4*l.outputs
	}
	return sum
}

func (n *Network) read(raw []byte) error {
	want := 0
	for _, s := range n.header.Members {
		want += s.bytes()
	}
	if len(raw) != want {
		return fmt.Errorf("%d bytes of weights; the shape wants %d", len(raw), want)
	}
	for i, s := range n.header.Members {
		m, err := readMember(s, raw[:s.bytes()])
		if err != nil {
			return fmt.Errorf("member %d, %w", i, err)
		}
		n.members, raw = append(n.members, m), raw[s.bytes():]
	}
	return nil
}

func readMember(s Shape, raw []byte) (member, error) {
	layers := s.layers()
	steps := raw
	for _, l := range layers {
		raw = raw[l.weightCount():]
	}
	for i := range layers {
		l := &layers[i]
		l.weights, l.bias = make([][2]float32, l.weightCount()/2), make([]float32, l.outputs)
		span := l.kernel * l.inputs
		for row := range l.outputs {
			size := floatAt(raw, row)
			if !(size >= 0 && size <= maxWeight) {
				return member{}, fmt.Errorf("layer %d: a step of row %d is %g; want a finite size from 0 to %d", i, row, size, maxWeight)
			}
			for j := range span {
				v := float32(int8(steps[row*span+j])) * size
				if !(v >= -maxWeight && v <= maxWeight) {
					return member{}, fmt.Errorf("layer %d holds the weight %g; want finite ones within ±%d", i, v, maxWeight)
				}
				l.weights[row/2*span+j][row%2] = v
			}
			if l.bias[row] = floatAt(raw, l.outputs+row); !(l.bias[row] >= -maxWeight && l.bias[row] <= maxWeight) {
				return member{}, fmt.Errorf("layer %d holds the bias %g; want finite ones within ±%d", i, l.bias[row], maxWeight)
			}
		}
		steps, raw = steps[l.weightCount():], raw[2*4*l.outputs:]
	}
	end := len(layers) - 3
	return member{
		shape: s, first: layers[0], blocks: layers[1:end], widen: layers[end], attend: layers[end+1], out: layers[end+2],
	}, nil
}

func floatAt(raw []byte, i int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
}
