package event

import "testing"

func TestClassOfGoesByPosition(t *testing.T) {
	want := map[string]Class{
		"KeyA": LeftLetter, "KeyB": LeftLetter, "KeyT": LeftLetter, "KeyY": RightLetter, "KeyN": RightLetter, "KeyM": RightLetter,
		"Digit0": Digit, "Numpad9": Digit, "Space": Space, "Backspace": Backspace, "Delete": Backspace,
		"Enter": Enter, "NumpadEnter": Enter, "Tab": Enter, "ShiftRight": Shift,
		"ControlLeft": Modifier, "ArrowUp": Modifier, "Escape": Modifier,
		"Comma": Other, "F5": Other, "": Other, "keya": Other, "IntlBackslash": Other,
	}
	for code, class := range want {
		if got := ClassOf(code); got != class {
			t.Errorf("ClassOf(%q) = %v, want %v", code, got, class)
		}
	}
}

func TestEveryLetterHasAHand(t *testing.T) {
	for r := 'A'; r <= 'Z'; r++ {
		if c := ClassOf("Key" + string(r)); !c.Letter() {
			t.Errorf("Key%c is %v, want a letter", r, c)
		}
	}
}

func TestNamesCoverEveryClass(t *testing.T) {
	seen := map[string]bool{}
	for c := range Class(ClassCount) {
		if name := c.String(); name == "" || seen[name] {
			t.Errorf("class %d has the name %q: empty or taken", c, name)
		} else {
			seen[name] = true
		}
	}
	if Class(ClassCount).Valid() || Class(ClassCount).String() != "invalid class" {
		t.Error("a tenth class is taken for valid")
	}
}
