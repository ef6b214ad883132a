package window

// MarkUntrusted counts a key event that software made and that the collector does not take for behaviour.
func (c *KeyboardCutter) MarkUntrusted() { c.marks.Untrusted++ }

// MarkUntrusted counts a pointer event that software made and that the collector does not take for behaviour.
func (c *PointerCutter) MarkUntrusted() { c.marks.Untrusted++ }

// MarkUntrusted counts a touch event that software made and that the collector does not take for behaviour.
func (c *TouchCutter) MarkUntrusted() { c.marks.Untrusted++ }
