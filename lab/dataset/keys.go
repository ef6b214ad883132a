package dataset

import (
	"strings"

	"ipse.dev/ipse/internal/event"
)

// The tables below name the physical key (W3C UI Events "code") behind each set's own name of a key, on the US layout on
// which the sets were recorded. They are needed for one moment: until event.ClassOf has turned the code into a class.

// codeOfName maps the names of BB-MAS (which writes the character that the key produced) and of Villani (which spells
// keys out, in lower case). Unknown names give "", which is class Other.
func codeOfName(name string) string {
	if len(name) == 1 {
		return codeOfCharacter(name[0])
	}
	return namedCodes[strings.ToLower(name)]
}

func codeOfCharacter(c byte) string {
	switch {
	case c >= 'a' && c <= 'z':
		return "Key" + string(rune(c-'a'+'A'))
	case c >= 'A' && c <= 'Z':
		return "Key" + string(rune(c))
	case isDigit(c):
		return "Digit" + string(rune(c))
	case c == ' ':
		return "Space"
	}
	if i := strings.IndexByte(")!@#$%^&*(", c); i >= 0 {
		return "Digit" + string(rune('0'+i))
	}
	return punctuationCodes[c]
}

var punctuationCodes = map[byte]string{
	'-': "Minus", '_': "Minus", '=': "Equal", '+': "Equal", '[': "BracketLeft", '{': "BracketLeft",
	']': "BracketRight", '}': "BracketRight", '\\': "Backslash", '|': "Backslash", ';': "Semicolon", ':': "Semicolon",
	'\'': "Quote", '"': "Quote", ',': "Comma", '<': "Comma", '.': "Period", '>': "Period", '/': "Slash", '?': "Slash",
	'`': "Backquote", '~': "Backquote",
}

var namedCodes = map[string]string{
	"space": "Space", "backspace": "Backspace", "delete": "Delete", "return": "Enter", "enter": "Enter", "tab": "Tab",
	"shift": "ShiftLeft", "lshift": "ShiftLeft", "rshift": "ShiftRight",
	"ctrl": "ControlLeft", "lctrl": "ControlLeft", "rctrl": "ControlRight",
	"alt": "AltLeft", "lalt": "AltLeft", "ralt": "AltRight",
	"lwin": "MetaLeft", "rwin": "MetaRight", "apps": "ContextMenu", "capslock": "CapsLock", "caps_lock": "CapsLock",
	"left": "ArrowLeft", "right": "ArrowRight", "up": "ArrowUp", "down": "ArrowDown",
	"home": "Home", "end": "End", "pageup": "PageUp", "page_up": "PageUp", "pagedown": "PageDown", "page_down": "PageDown",
	"insert": "Insert", "escape": "Escape", "esc": "Escape", "numlock": "NumLock", "num_lock": "NumLock",
	"comma": "Comma", "period": "Period", "slash": "Slash", "semicolon": "Semicolon", "quote": "Quote", "dash": "Minus",
	"equals": "Equal", "open_bracket": "BracketLeft", "close_bracket": "BracketRight", "back_slash": "Backslash",
	"back_quote": "Backquote",
	"num0":       "Numpad0", "num1": "Numpad1", "num2": "Numpad2", "num3": "Numpad3", "num4": "Numpad4",
	"num5": "Numpad5", "num6": "Numpad6", "num7": "Numpad7", "num8": "Numpad8", "num9": "Numpad9",
	"numpad_0": "Numpad0", "numpad_1": "Numpad1", "numpad_2": "Numpad2", "numpad_3": "Numpad3", "numpad_4": "Numpad4",
	"numpad_5": "Numpad5", "numpad_6": "Numpad6", "numpad_7": "Numpad7", "numpad_8": "Numpad8", "numpad_9": "Numpad9",
	"numend": "Numpad1", "numdown": "Numpad2", "numpgdn": "Numpad3", "numleft": "Numpad4", "numright": "Numpad6",
	"numhome": "Numpad7", "numup": "Numpad8", "numpgup": "Numpad9", "numins": "Numpad0", "numdel": "NumpadDecimal",
	"num.": "NumpadDecimal", "num+": "NumpadAdd", "num-": "NumpadSubtract", "num*": "NumpadMultiply", "num/": "NumpadDivide",
}

// codeOfKeyCode maps the DOM's old numeric keyCode, which Aalto recorded. Unknown numbers give "", which is class Other.
func codeOfKeyCode(keyCode int32) string {
	switch {
	case keyCode >= 'A' && keyCode <= 'Z':
		return "Key" + string(rune(keyCode))
	case keyCode >= '0' && keyCode <= '9':
		return "Digit" + string(rune(keyCode))
	case keyCode >= 96 && keyCode <= 105:
		return "Numpad" + string(rune('0'+keyCode-96))
	}
	return keyCodes[keyCode]
}

var keyCodes = map[int32]string{
	8: "Backspace", 9: "Tab", 13: "Enter", 16: "ShiftLeft", 17: "ControlLeft", 18: "AltLeft", 20: "CapsLock", 27: "Escape",
	32: "Space", 33: "PageUp", 34: "PageDown", 35: "End", 36: "Home", 37: "ArrowLeft", 38: "ArrowUp", 39: "ArrowRight",
	40: "ArrowDown", 45: "Insert", 46: "Delete", 91: "MetaLeft", 92: "MetaRight", 93: "ContextMenu", 144: "NumLock",
	224: "MetaLeft", 225: "AltRight",
}

// keyCodeClasses is codeOfKeyCode and event.ClassOf in one table, for speed.
var keyCodeClasses = func() (classes [256]event.Class) {
	for k := range classes {
		classes[k] = event.ClassOf(codeOfKeyCode(int32(k)))
	}
	return classes
}()

// keyNames gives each name that a file uses a number of its own (by physical key, so that "A" and "a" share one) and its
// class. It lives as long as the reading of one file.
type keyNames struct {
	byName map[string]namedKey
	byCode map[string]int32
}

type namedKey struct {
	key   int32
	class event.Class
}

func newKeyNames() *keyNames {
	return &keyNames{byName: map[string]namedKey{}, byCode: map[string]int32{}}
}

func (k *keyNames) lookup(name []byte) namedKey {
	if found, ok := k.byName[string(name)]; ok {
		return found
	}
	code := codeOfName(string(name))
	identity := code
	if identity == "" {
		identity = "name " + string(name)
	}
	number, ok := k.byCode[identity]
	if !ok {
		number = int32(len(k.byCode))
		k.byCode[identity] = number
	}
	found := namedKey{key: number, class: event.ClassOf(code)}
	k.byName[string(name)] = found
	return found
}
