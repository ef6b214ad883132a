package browsertest

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// dragHTML has an excluded area on the left and nothing on the right.
const dragHTML = `<style>body { margin: 0; height: 600px }
#canvas { position: absolute; left: 0; top: 100px; width: 200px; height: 300px; user-select: none }</style>
<div id="canvas" data-ipse-exclude></div>`

// sweep moves the mouse to and fro over the right half of the page, with the buttons that are held.
func (d *desk) sweep(moves int, held int64) {
	d.t.Helper()
	button := input.MouseButtonNone
	if held != 0 {
		button = input.MouseButtonLeft
	}
	for i := range moves {
		p := input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: float64(300 + 3*(i%90)), Y: float64(150 + i%70), Button: button, Buttons: held}
		if _, err := chromedp.Call(d.ctx, input.DispatchMouseEvent, p); err != nil {
			d.t.Fatal(err)
		}
	}
}

func TestADragThatBeginsOnAnExcludedElementIsLeftOut(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy + "; style-src 'unsafe-inline'", body: dragHTML})
	d.start()
	d.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 100, 200),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, 100, 200, chromedp.ButtonLeft))
	d.sweep(200, 1)
	d.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, 400, 200, chromedp.ButtonLeft))
	d.nothing("a drag of what is excluded")
	d.sweep(100, 0)
	d.nothing("too few movements after it")
	d.sweep(120, 0) // more than one window's, because those that come fast are thinned
	d.windows(1, "with the mouse after the drag")
	d.unbroken()
}

// A release outside of the window is told to nobody; the next movement with no button held says that the drag is over.
func TestADragWhoseEndIsNotToldEndsWithTheButton(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy + "; style-src 'unsafe-inline'", body: dragHTML,
		before: "addEventListener('pointerup', function (e) { e.stopImmediatePropagation(); }, true);"})
	d.start()
	d.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, 100, 200, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, 400, 200, chromedp.ButtonLeft))
	d.sweep(220, 0)
	d.windows(1, "with the mouse after a drag whose end nobody told")
	d.unbroken()
}
