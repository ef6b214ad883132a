package protocol

import (
	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
)

// keyboardWindows cuts one session's keys; windows that a pause or the end makes shorter than least are dropped.
func keyboardWindows(keys []event.Key, strokes, least int) []window.Keyboard {
	cutter := window.NewKeyboardCutter(strokes, least)
	var out []window.Keyboard
	for _, e := range keys {
		out = append(out, cutter.Push(e)...)
	}
	return append(out, cutter.Flush()...)
}

func pointerWindows(events []event.Pointer, size, least int) []window.Pointer {
	cutter := window.NewPointerCutter(size, least)
	var out []window.Pointer
	for _, e := range events {
		out = append(out, cutter.Push(e)...)
	}
	return append(out, cutter.Flush()...)
}

func (r *run) keyboardProbe(w window.Keyboard) compare.Probe {
	return compare.Probe{Embedding: r.Model.EmbedKeyboard(w), Events: len(w.Strokes)}
}

func (r *run) keyboardProbes(s dataset.Session, strokes, least int) []compare.Probe {
	var probes []compare.Probe
	for _, w := range keyboardWindows(s.Keys, strokes, least) {
		probes = append(probes, r.keyboardProbe(w))
	}
	return probes
}

func (r *run) touchProbes(s dataset.Session, strokes, least int) []compare.Probe {
	var probes []compare.Probe
	for _, w := range s.TouchWindows(strokes, least) {
		probes = append(probes, compare.Probe{Embedding: r.Model.EmbedTouch(w), Events: len(w.Strokes)})
	}
	return probes
}

func (r *run) pointerProbes(s dataset.Session, size, least int) []compare.Probe {
	var probes []compare.Probe
	for _, w := range pointerWindows(s.Pointers, size, least) {
		probes = append(probes, compare.Probe{Embedding: r.Model.EmbedPointer(w), Events: len(w.Events)})
	}
	return probes
}
