package event

// Class is one of the nine key classes to which a collector reduces every key the moment its event arrives. No other
// part of ipse ever knows more about a key than its class.
type Class uint8

// The nine classes. The numbers are part of the golden vectors and of trained models: never renumber them.
const (
	LeftLetter  Class = iota // a letter under the left hand
	RightLetter              // a letter under the right hand
	Digit                    // a digit, on the main block or the keypad
	Space                    // the space bar
	Backspace                // backspace or delete
	Enter                    // enter or tab
	Shift                    // either shift key
	Modifier                 // any other modifier or navigation key
	Other                    // everything else, punctuation included
	ClassCount  = 9
)

var classNames = [ClassCount]string{
	"left letter", "right letter", "digit", "space", "backspace", "enter", "shift", "modifier", "other",
}

// String gives the class's name in plain words.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return "invalid class"
}

// Valid reports whether c is one of the nine classes.
func (c Class) Valid() bool { return c < ClassCount }

// Letter reports whether c is a letter of either hand.
func (c Class) Letter() bool { return c == LeftLetter || c == RightLetter }

// ClassOf maps a physical key, named by its W3C UI Events "code" (such as "KeyA" or "ShiftLeft"), to its class. It goes
// by position, so the layout does not matter. Unknown codes are Other.
func ClassOf(code string) Class {
	switch code {
	case "KeyQ", "KeyW", "KeyE", "KeyR", "KeyT", "KeyA", "KeyS", "KeyD", "KeyF", "KeyG", "KeyZ", "KeyX", "KeyC", "KeyV", "KeyB":
		return LeftLetter
	case "KeyY", "KeyU", "KeyI", "KeyO", "KeyP", "KeyH", "KeyJ", "KeyK", "KeyL", "KeyN", "KeyM":
		return RightLetter
	case "Digit0", "Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9",
		"Numpad0", "Numpad1", "Numpad2", "Numpad3", "Numpad4", "Numpad5", "Numpad6", "Numpad7", "Numpad8", "Numpad9":
		return Digit
	case "Space":
		return Space
	case "Backspace", "Delete":
		return Backspace
	case "Enter", "NumpadEnter", "Tab":
		return Enter
	case "ShiftLeft", "ShiftRight":
		return Shift
	case "ControlLeft", "ControlRight", "AltLeft", "AltRight", "MetaLeft", "MetaRight", "CapsLock", "Fn", "ContextMenu",
		"ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown", "Insert", "Escape", "NumLock":
		return Modifier
	}
	return Other
}
