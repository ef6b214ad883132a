package network

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// resealed gives the file a fresh checksum, so that what lies behind it is reached.
func resealed(raw []byte) []byte {
	out := append([]byte(nil), raw[:len(raw)-4]...)
	return binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
}

// withHeader replaces text in the header and mends length and checksum.
func withHeader(raw []byte, old, now string) []byte {
	at := len(magic) + 1
	length := int(binary.LittleEndian.Uint32(raw[at:]))
	header := strings.Replace(string(raw[at+4:at+4+length]), old, now, 1)
	out := append([]byte(nil), raw[:at]...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(header)))
	out = append(out, header...)
	return resealed(append(out, raw[at+4+length:]...))
}

// withFloat sets the number that begins so many bytes before the checksum. The last layer has 32 outputs, so the last
// 128 bytes are biases and the 128 before them sizes of steps.
func withFloat(raw []byte, before int, value float64) []byte {
	out := append([]byte(nil), raw...)
	binary.LittleEndian.PutUint32(out[len(out)-4-before:], math.Float32bits(float32(value)))
	return resealed(out)
}

func TestUnusableWeightsAreRefused(t *testing.T) {
	good, err := os.ReadFile("testdata/small.net")
	if err != nil {
		t.Fatal(err)
	}
	other := append([]byte(nil), good...)
	other[len(magic)] = 1
	changed := append([]byte(nil), good...)
	changed[len(changed)-40] ^= 1
	from := bytes.Index(good, []byte("[{"))
	members := string(good[from : bytes.Index(good, []byte("}]"))+2])
	endless := append([]byte(nil), good...)
	binary.LittleEndian.PutUint32(endless[len(magic)+1:], 1<<31)
	for _, c := range []struct {
		name string
		raw  []byte
		says string
	}{
		{"empty", nil, "does not begin"},
		{"something else", []byte(`{"version":1}`), "does not begin"},
		{"cut in the magic's version", good[:len(magic)+2], "cut"},
		{"cut", good[:len(good)/2], "cut or changed"},
		{"one byte short", good[:len(good)-1], "cut or changed"},
		{"one bit changed", changed, "cut or changed"},
		{"another version", other, "format version 1; want 2"},
		{"endless header", resealed(endless), "header would be"},
		{"a weight less", resealed(append(append([]byte(nil), good[:len(good)-6]...), 0, 0, 0, 0)), "bytes of weights"},
		{"not a number", withFloat(good, 4, math.NaN()), "NaN"},
		{"infinite", withFloat(good, 100, math.Inf(1)), "+Inf; want finite"},
		{"too large", withFloat(good, 100, 65504), "65504"},
		{"a step that is not a number", withFloat(good, 132, math.NaN()), "NaN; want a finite size"},
		{"a step below zero", withFloat(good, 256, -1), "row 0 is -1"},
		{"steps that go too far", withFloat(good, 132, 255), "want finite ones within"},
		{"another kind", withHeader(good, `"keyboard"`, `"piano"`), `kind is "piano"`},
		{"without a name", withHeader(good, `"test-1"`, `""`), "name is \"\""},
		{"a name that is no part of an address", withHeader(good, `"test-1"`, `"../test"`), "want up to 64 small letters"},
		{"unknown member", withHeader(good, `"kind"`, `"keys": 1, "kind"`), "unknown field"},
		{"wrong inputs", withHeader(good, `"inputs": 15`, `"inputs": 14`), "member 0: inputs are 14"},
		{"wrong shape", withHeader(good, `"channels": 16`, `"channels": 20`), "bytes of weights"},
		{"no multiple of four", withHeader(good, `"wide": 16`, `"wide": 18`), "wide is 18"},
		{"heads that do not divide", withHeader(good, `"heads": 4`, `"heads": 12`), "do not divide"},
		{"even kernel", withHeader(good, `"kernel": 5`, `"kernel": 4`), "kernel is 4"},
		{"too many blocks", withHeader(good, `"blocks": 2`, `"blocks": 99`), "blocks are 99"},
		{"too large a network", withHeader(good, `"channels": 16`, `"channels": 512`), "at most 250000"},
		{"two objects", withHeader(good, `"seen": {}}`, `"seen": {}} {}`), "something follows"},
		{"no members", withHeader(good, members, `[]`), "0 members; want 1 to 8"},
		{"too many members", withHeader(good, members, "["+strings.Repeat(members[1:len(members)-1]+",", 8)+members[1:]), "9 members; want 1 to 8"},
		{"a member more than weights", withHeader(good, members, "["+members[1:len(members)-1]+","+members[1:]), "bytes of weights"},
		{"members that are too large together", withHeader(good, members, "["+strings.Repeat(strings.Replace(members[1:len(members)-1], `16`, `80`, 1)+",", 4)+members[1:]), "at most 250000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := Parse(c.raw)
			if !errors.Is(err, ErrWeights) {
				t.Fatalf("got %v, %v; want an error that is ErrWeights", n, err)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %q; want it to say %q", err, c.says)
			}
		})
	}
}

// TestWeightsAreStepsTimesTheirSize reads the first and last weight of the last layer by hand.
func TestWeightsAreStepsTimesTheirSize(t *testing.T) {
	n := smallNetwork(t)
	raw, err := os.ReadFile("testdata/small.net")
	if err != nil {
		t.Fatal(err)
	}
	floats := 0
	for _, l := range n.header.Members[0].layers() {
		floats += 2 * 4 * l.outputs
	}
	out := n.members[0].out
	count := 2 * len(out.weights)
	span := count / out.outputs
	for _, c := range []struct{ weight, row int }{{0, 0}, {count - 1, out.outputs - 1}} {
		step := int8(raw[len(raw)-4-floats-count+c.weight])
		size := math.Float32frombits(binary.LittleEndian.Uint32(raw[len(raw)-4-256+4*c.row:]))
		got := out.weights[c.row/2*span+c.weight%span][c.row%2]
		if want := float32(step) * size; got != want {
			t.Errorf("weight %d is %g, want %d steps of %g: %g", c.weight, got, step, size, want)
		}
	}
}

// FuzzParse looks for a file that panics, or that is taken and then gives something other than a unit vector or zeros.
func FuzzParse(f *testing.F) {
	good, err := os.ReadFile("testdata/small.net")
	if err != nil {
		f.Fatal(err)
	}
	several, err := os.ReadFile("testdata/members.net")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(several)
	f.Add(good[:200])
	f.Add(withFloat(good, 64, 250))
	f.Add(withHeader(good, `"wide": 16`, `"wide": 20`))
	f.Add(withHeader(good, `"blocks": 2`, `"blocks": 1`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 4 {
			raw = resealed(raw)
		}
		n, err := Parse(raw)
		if err != nil {
			if !errors.Is(err, ErrWeights) {
				t.Fatalf("error %v is not ErrWeights", err)
			}
			return
		}
		var e []float32
		if n.Header().Kind == PointerKind {
			e = n.NewPass().Pointer(moved(70))
		} else {
			e = n.NewPass().Keyboard(typed(20))
		}
		for _, s := range n.header.Members {
			part := slices.Clone(e[:s.Dimensions])
			scale(part, math.Sqrt(float64(len(n.header.Members))))
			if slices.ContainsFunc(part, func(v float32) bool { return v != 0 }) {
				checkUnit(t, part)
			}
			e = e[s.Dimensions:]
		}
	})
}
