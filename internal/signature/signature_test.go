package signature

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func signer(t testing.TB) *Signer {
	t.Helper()
	s, err := NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sign(t testing.TB, s *Signer, token, body string) string {
	t.Helper()
	header, err := s.Sign(token, []byte(body), noon)
	if err != nil {
		t.Fatal(err)
	}
	return header
}

// TestSignatureHoldsForWhatWasSignedOnly changes each thing that is signed.
func TestSignatureHoldsForWhatWasSignedOnly(t *testing.T) {
	s := signer(t)
	header := sign(t, s, "token", "body")
	parts := strings.Split(header, ".")
	other := strings.Split(sign(t, signer(t), "token", "body"), ".")
	later := strings.Split(sign(t, s, "token", "body"), ".")
	join := func(p ...string) string { return strings.Join(p, ".") }
	for name, c := range map[string]struct {
		header, token, body string
		want                bool
	}{
		"as it was signed":        {header, "token", "body", true},
		"another body":            {header, "token", "bodY", false},
		"a longer body":           {header, "token", "body\n", false},
		"another session's token": {header, "token-2", "body", false},
		"another stamp":           {join(parts[0], later[1], parts[2], parts[3]), "token", "body", false},
		"another key":             {join(parts[0], parts[1], other[2], parts[3]), "token", "body", false},
		"another signature":       {join(parts[0], parts[1], parts[2], other[3]), "token", "body", false},
		"no signature at all":     {join(parts[0], parts[1], parts[2], strings.Repeat("A", 86)), "token", "body", false},
		"token and body shifted":  {header, "token\n1", "body", false},
	} {
		t.Run(name, func(t *testing.T) {
			read, err := Parse(c.header)
			if err != nil {
				t.Fatal(err)
			}
			if got := read.Holds(c.token, []byte(c.body)); got != c.want {
				t.Errorf("holds = %v, want %v", got, c.want)
			}
		})
	}
	if read, err := Parse(header); err != nil || read.Signer != s.Thumbprint() || read.Stamp != noon.UnixMicro() {
		t.Errorf("parsed %+v, %v; want the signer %s and the stamp %d", read, err, s.Thumbprint(), noon.UnixMicro())
	}
}

func TestParseRefusesOtherForms(t *testing.T) {
	good := strings.Split(sign(t, signer(t), "t", "b"), ".")
	with := func(i int, part string) string {
		changed := append([]string(nil), good...)
		changed[i] = part
		return strings.Join(changed, ".")
	}
	for name, header := range map[string]string{
		"empty": "", "three parts": strings.Join(good[:3], "."), "five parts": strings.Join(good, ".") + ".",
		"another version": with(0, "v2"), "a stamp of 0": with(1, "0"), "a negative stamp": with(1, "-1"), "a sign": with(1, "+5"),
		"a leading zero": with(1, "05"), "a stamp beyond a browser's integers": with(1, strconv.FormatInt(MaxStamp+1, 10)), "no stamp": with(1, ""),
		"a short key": with(2, good[2][:86]), "a key off the curve": with(2, "BA"+strings.Repeat("A", 85)), "the point at infinity": with(2, strings.Repeat("A", 87)),
		"a compressed key": with(2, "Ag"+good[2][2:]), "padding": with(3, good[3]+"=="), "a line break": with(3, good[3][:85]+"\n"), "standard base64": with(3, strings.Repeat("+", 86)),
		"bits that stand for nothing": with(3, good[3][:85]+"_"), "very long": strings.Repeat("v1.", 200),
	} {
		if read, err := Parse(header); err == nil {
			t.Errorf("%s: parsed %q as %+v, want a refusal", name, header, read)
		}
	}
}

// TestStampsGrow holds whatever the clock does.
func TestStampsGrow(t *testing.T) {
	key := signer(t)
	rapid.Check(t, func(t *rapid.T) {
		s := &Signer{key: key.key, point: key.point}
		last := int64(0)
		for _, jump := range rapid.SliceOfN(rapid.Int64Range(-1e15, 1e15), 1, 20).Draw(t, "jumps in µs") {
			if rapid.Bool().Draw(t, "the server has seen more") {
				s.Above(last + 7)
				last += 7
			}
			if got := s.next(noon.Add(time.Duration(jump) * time.Microsecond)); got <= last || got > MaxStamp {
				t.Fatalf("stamp %d after %d, want more, up to %d", got, last, int64(MaxStamp))
			} else {
				last = got
			}
		}
	})
}

// TestWebCryptoSignature reads what a WebCrypto of another implementation has signed.
func TestWebCryptoSignature(t *testing.T) {
	raw, err := os.ReadFile("testdata/webcrypto.json")
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ Header, Token, Body string }
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	read, err := Parse(c.Header)
	if err != nil || !read.Holds(c.Token, []byte(c.Body)) {
		t.Errorf("the signature does not hold: %v", err)
	}
}

// FuzzParse: whatever parses is written as its parts say, and nothing makes the decoder or the check panic.
func FuzzParse(f *testing.F) {
	s := signer(f)
	header := sign(f, s, "t", "b")
	for _, seed := range []string{"", "v1...", header, "v1.1." + strings.Repeat("A", 87) + "." + strings.Repeat("A", 86), header[:len(header)-1] + "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		read, err := Parse(header)
		if err != nil {
			return
		}
		point, err := read.public.Bytes()
		if err != nil || read.Signer != thumbprint(point) || read.Stamp < 1 || read.Stamp > MaxStamp {
			t.Fatalf("%q parsed as %+v (%v), want a stamp in range and the key's own thumbprint", header, read, err)
		}
		if !strings.HasPrefix(header, version+"."+strconv.FormatInt(read.Stamp, 10)+"."+strict.EncodeToString(point)+".") {
			t.Fatalf("%q is another way to write what it stands for, want one way only", header)
		}
		if header != sign(t, s, "t", "b") && read.Signer == s.Thumbprint() && read.Holds("u", []byte("b")) {
			t.Fatalf("%q holds for a token that was never signed for", header)
		}
	})
}
