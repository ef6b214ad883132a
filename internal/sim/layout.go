package sim

// Layout says which physical keys write a character.
type Layout uint8

// The layouts.
const (
	QWERTY Layout = iota // United States
	AZERTY               // France
)

// chord is how one character is written: a dead key first where there is one, then a key, with shift or without.
type chord struct {
	code      string
	shift     bool
	dead      string
	deadShift bool
}

// LayoutFor gives the layout that people who write in a language ("en", "fr") usually have.
func LayoutFor(language string) Layout {
	if language == "fr" {
		return AZERTY
	}
	return QWERTY
}

func (l Layout) chord(c rune) chord {
	table := qwerty
	if l == AZERTY {
		table = azerty
	}
	if found, ok := table[c]; ok {
		return found
	}
	return chord{code: "Unidentified"} // written by some key that no table here knows
}

var qwerty, azerty = buildQWERTY(), buildAZERTY()

func buildQWERTY() map[rune]chord {
	t := map[rune]chord{' ': {code: "Space"}, '\n': {code: "Enter"}, '\t': {code: "Tab"}}
	for c := 'a'; c <= 'z'; c++ {
		code := "Key" + string(c-'a'+'A')
		t[c], t[c-'a'+'A'] = chord{code: code}, chord{code: code, shift: true}
	}
	put(t, "0123456789", false, "Digit0", "Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9")
	put(t, ")!@#$%^&*(", true, "Digit0", "Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9")
	rest := []string{"Minus", "Equal", "BracketLeft", "BracketRight", "Backslash", "Semicolon", "Quote", "Comma", "Period", "Slash", "Backquote"}
	put(t, "-=[]\\;',./`", false, rest...)
	put(t, "_+{}|:\"<>?~", true, rest...)
	return t
}

func buildAZERTY() map[rune]chord {
	t := map[rune]chord{' ': {code: "Space"}, '\n': {code: "Enter"}, '\t': {code: "Tab"}}
	moved := map[rune]string{'a': "KeyQ", 'q': "KeyA", 'z': "KeyW", 'w': "KeyZ", 'm': "Semicolon"}
	for c := 'a'; c <= 'z'; c++ {
		code, ok := moved[c]
		if !ok {
			code = "Key" + string(c-'a'+'A')
		}
		t[c], t[c-'a'+'A'] = chord{code: code}, chord{code: code, shift: true}
	}
	digits := []string{"Digit0", "Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9"}
	put(t, "à&é\"'(-è_ç", false, digits...)
	put(t, "0123456789", true, digits...)
	put(t, ",;:!)=^$ù*<", false, "KeyM", "Comma", "Period", "Slash", "Minus", "Equal", "BracketLeft", "BracketRight", "Quote", "Backslash", "IntlBackslash")
	put(t, "?./§°+¨£%µ>", true, "KeyM", "Comma", "Period", "Slash", "Minus", "Equal", "BracketLeft", "BracketRight", "Quote", "Backslash", "IntlBackslash")
	plain := []rune("aeiou")
	for i, c := range []rune("âêîôû") {
		t[c] = chord{code: t[plain[i]].code, dead: "BracketLeft"}
	}
	for i, c := range []rune("äëïöü") {
		t[c] = chord{code: t[plain[i]].code, dead: "BracketLeft", deadShift: true}
	}
	t['’'] = t['\'']
	return t
}

func put(t map[rune]chord, characters string, shift bool, codes ...string) {
	for i, c := range []rune(characters) {
		t[c] = chord{code: codes[i], shift: shift}
	}
}

// place is where a key lies under a touch typist's hands.
type place struct {
	hand   int // 0 left, 1 right
	finger int // 0 little finger to 3 index finger, 4 thumb
	row    int // 0 digits to 4 space bar
	column int
}

var places = buildPlaces()

// rows lists the keys of each row from left to right; the position in the row is the column.
var rows = [][]string{
	{"Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9", "Digit0", "Minus", "Equal"},
	{"KeyQ", "KeyW", "KeyE", "KeyR", "KeyT", "KeyY", "KeyU", "KeyI", "KeyO", "KeyP", "BracketLeft", "BracketRight"},
	{"KeyA", "KeyS", "KeyD", "KeyF", "KeyG", "KeyH", "KeyJ", "KeyK", "KeyL", "Semicolon", "Quote", "Backslash"},
	{"KeyZ", "KeyX", "KeyC", "KeyV", "KeyB", "KeyN", "KeyM", "Comma", "Period", "Slash"},
}

func buildPlaces() map[string]place {
	byColumn := []int{0, 1, 2, 3, 3, 3, 3, 2, 1, 0, 0, 0}
	t := map[string]place{
		"Space": {1, 4, 4, 5}, "Enter": {1, 0, 2, 12}, "Tab": {0, 0, 1, -1}, "Backspace": {1, 0, 0, 12},
		"ShiftLeft": {0, 0, 3, -1}, "ShiftRight": {1, 0, 3, 11}, "IntlBackslash": {0, 0, 3, -1},
	}
	for row, codes := range rows {
		for column, code := range codes {
			hand := 0
			if column > 4 {
				hand = 1
			}
			t[code] = place{hand, byColumn[column], row, column}
		}
	}
	return t
}

// neighbour gives the key beside a letter key, to the side that sign says, or "" at the row's end.
func neighbour(code string, sign int) string {
	p, ok := places[code]
	if !ok || p.row < 1 || p.row > 3 || p.column < 0 {
		return ""
	}
	row := rows[p.row]
	if i := p.column + sign; i >= 0 && i < len(row) && len(row[i]) == len("KeyA") {
		return row[i]
	}
	return ""
}

// written gives the character that a letter key writes without shift, or 0.
func (l Layout) written(code string) rune {
	table := qwerty
	if l == AZERTY {
		table = azerty
	}
	for c := 'a'; c <= 'z'; c++ {
		if table[c].code == code {
			return c
		}
	}
	return 0
}
