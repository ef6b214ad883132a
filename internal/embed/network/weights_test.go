package network

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
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

// withWeight sets the float16 that begins so many bytes before the checksum.
func withWeight(raw []byte, before int, half uint16) []byte {
	out := append([]byte(nil), raw...)
	binary.LittleEndian.PutUint16(out[len(out)-4-before:], half)
	return resealed(out)
}

func TestUnusableWeightsAreRefused(t *testing.T) {
	good, err := os.ReadFile("testdata/small.net")
	if err != nil {
		t.Fatal(err)
	}
	other := append([]byte(nil), good...)
	other[len(magic)] = 2
	changed := append([]byte(nil), good...)
	changed[len(changed)-40] ^= 1
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
		{"another version", other, "format version 2; want 1"},
		{"endless header", resealed(endless), "header would be"},
		{"a weight less", resealed(append(append([]byte(nil), good[:len(good)-6]...), 0, 0, 0, 0)), "bytes of weights"},
		{"not a number", withWeight(good, 2, 0x7e00), "NaN"},
		{"infinite", withWeight(good, 100, 0x7c00), "finite"},
		{"too large", withWeight(good, 100, 0x7bff), "65504"},
		{"another kind", withHeader(good, `"keyboard"`, `"piano"`), `kind is "piano"`},
		{"without a name", withHeader(good, `"test-1"`, `""`), "name is empty"},
		{"unknown member", withHeader(good, `"kind"`, `"keys": 1, "kind"`), "unknown field"},
		{"wrong inputs", withHeader(good, `"inputs": 15`, `"inputs": 14`), "inputs are 14"},
		{"wrong shape", withHeader(good, `"channels": 16`, `"channels": 20`), "bytes of weights"},
		{"no multiple of four", withHeader(good, `"wide": 16`, `"wide": 18`), "wide is 18"},
		{"heads that do not divide", withHeader(good, `"heads": 4`, `"heads": 12`), "do not divide"},
		{"even kernel", withHeader(good, `"kernel": 5`, `"kernel": 4`), "kernel is 4"},
		{"too many blocks", withHeader(good, `"blocks": 2`, `"blocks": 99`), "blocks are 99"},
		{"too large a network", withHeader(good, `"channels": 16`, `"channels": 512`), "at most 250000"},
		{"two objects", withHeader(good, `"seen": {}}`, `"seen": {}} {}`), "something follows"},
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

func TestHalves(t *testing.T) {
	for half, want := range map[uint16]float32{
		0x0000: 0, 0x3c00: 1, 0xc000: -2, 0x3555: 0.33325195, 0x0001: 5.9604645e-08, 0x7bff: 65504,
	} {
		got, rest := halves(binary.LittleEndian.AppendUint16(nil, half), 1)
		if got[0] != want || len(rest) != 0 {
			t.Errorf("%04x is %g with %d bytes left, want %g with none", half, got[0], len(rest), want)
		}
	}
}

// FuzzParse looks for a file that panics, or that is taken and then gives something other than a unit vector or zeros.
func FuzzParse(f *testing.F) {
	good, err := os.ReadFile("testdata/small.net")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:200])
	f.Add(withWeight(good, 64, 0x5bff))
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
		e := n.NewPass().Keyboard(typed(20))
		for _, v := range e {
			if v != 0 {
				checkUnit(t, e)
				return
			}
		}
	})
}
