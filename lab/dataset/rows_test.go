package dataset

import (
	"bytes"
	"encoding/csv"
	"slices"
	"testing"

	"ipse.dev/ipse/internal/event"
)

func TestSplitCSV(t *testing.T) {
	tests := []struct {
		row  string
		want []string
		bad  bool
	}{
		{"", []string{""}, false},
		{"a,b", []string{"a", "b"}, false},
		{",", []string{"", ""}, false},
		{`1,",",x`, []string{"1", ",", "x"}, false},
		{`"""",0`, []string{`"`, "0"}, false},
		{`"a""b","",`, []string{`a"b`, "", ""}, false},
		{`"open`, nil, true},
		{`"`, nil, true},
		{`"a"b`, nil, true},
	}
	for _, tt := range tests {
		got, err := splitCSV([]byte(tt.row), nil)
		if (err != nil) != tt.bad {
			t.Errorf("splitCSV(%q) gives the error %v, want one: %v", tt.row, err, tt.bad)
		} else if err == nil && !slices.Equal(texts(got), tt.want) {
			t.Errorf("splitCSV(%q) = %q, want %q", tt.row, texts(got), tt.want)
		}
	}
}

func texts(fields [][]byte) (out []string) {
	for _, f := range fields {
		out = append(out, string(f))
	}
	return out
}

// Where both read a row, this reader and the standard library's agree.
func FuzzSplitCSV(f *testing.F) {
	for _, seed := range []string{`a,b`, `1,",",x`, `"""",0`, `"a""b","",`, `a"b,c`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		got, err := splitCSV(row, nil)
		if err != nil || bytes.ContainsAny(row, "\r\n") || len(row) == 0 {
			return
		}
		r := csv.NewReader(bytes.NewReader(row))
		r.LazyQuotes = true
		want, err := r.Read()
		if err == nil && !slices.Equal(texts(got), want) {
			t.Errorf("splitCSV(%q) = %q, the standard library has %q", row, texts(got), want)
		}
	})
}

// A row of any set that makes no sense is an error, never a panic, and never an event out of range.
func FuzzRows(f *testing.F) {
	f.Add([]byte("7\t1\ts\ts\t1\t100\t150\ta\t65"))
	f.Add([]byte("7\t1\ts\ts\t1\t1.2e+3\t150\t\t\t255"))
	f.Add([]byte("15,Left,Pressed,7,8"))
	f.Add([]byte("1,\",\",0,7"))
	f.Fuzz(func(t *testing.T, row []byte) {
		var aalto aaltoReader
		if aalto.row(row, "7") == nil {
			for _, s := range aalto.sentences {
				for _, e := range keyEvents(s.strokes) {
					if !e.Class.Valid() || e.TimeMS < 0 || e.TimeMS > maxTimeMS {
						t.Errorf("%q becomes %+v", row, e)
					}
				}
			}
		}
		if fields, err := csvRow(row, nil, 5); err == nil {
			if e, _, err := pointerEvent(fields[1:]); err == nil && (e.X != e.X || e.Kind > event.Wheel) {
				t.Errorf("%q becomes %+v", row, e)
			}
		}
	})
}

func TestEveryNameOfAKeyHasAClassThatFits(t *testing.T) {
	for name, want := range map[string]event.Class{
		"a": event.LeftLetter, "P": event.RightLetter, "5": event.Digit, "%": event.Digit, "SPACE": event.Space, "space": event.Space,
		"BACKSPACE": event.Backspace, "NUMDEL": event.Other, "RETURN": event.Enter, "TAB": event.Enter, "RSHIFT": event.Shift,
		"CAPSLOCK": event.Modifier, "LWIN": event.Modifier, "page_up": event.Modifier, "NUM7": event.Digit, "NUMLEFT": event.Digit,
		"\"": event.Other, "F12": event.Other, "": event.Other, "semicolon": event.Other,
	} {
		if got := newKeyNames().lookup([]byte(name)).class; got != want {
			t.Errorf("%q is %v, want %v", name, got, want)
		}
	}
	for code, want := range map[int]event.Class{
		65: event.LeftLetter, 90: event.LeftLetter, 80: event.RightLetter, 48: event.Digit, 105: event.Digit, 32: event.Space,
		8: event.Backspace, 46: event.Backspace, 13: event.Enter, 9: event.Enter, 16: event.Shift, 17: event.Modifier,
		40: event.Modifier, 190: event.Other, 0: event.Other, 229: event.Other,
	} {
		if got := keyCodeClasses[code]; got != want {
			t.Errorf("keyCode %d is %v, want %v", code, got, want)
		}
	}
}

func TestNaturalOrder(t *testing.T) {
	want := []string{"", "user", "user2", "user02b", "user10", "user10a", "v"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, naturalOrder)
	if !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
}
