package browsertest

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/observation"
)

// dragHTML has an excluded area on the left and nothing on the right.
const dragHTML = `<style>body { margin: 0; height: 600px }
#canvas { position: absolute; left: 0; top: 100px; width: 200px; height: 300px; user-select: none }</style>
<div id="canvas" data-ipse-exclude></div>`

// keptApart lies between movements, so that every one is kept: those that come faster are thinned.
const keptApart = 10 * time.Millisecond

// sweep moves the mouse to and fro over the right half of the page, with the buttons that are held, slowly enough for every
// movement to be kept.
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
		d.run(chromedp.Sleep(keptApart))
	}
}

// sweptUp moves the mouse with no button held until a window of that has arrived, and gives it.
func (d *desk) sweptUp() observation.Observation {
	d.t.Helper()
	for round := 0; len(d.observations()) == 0; round++ {
		if round == 40 {
			d.t.Fatal("no window of 800 movements after the drag, want one")
		}
		d.sweep(20, 0)
	}
	return d.observations()[0]
}

func TestADragThatBeginsOnAnExcludedElementIsLeftOut(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy + "; style-src 'unsafe-inline'", body: dragHTML})
	d.start()
	d.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 100, 200),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, 100, 200, chromedp.ButtonLeft))
	d.sweep(200, 1)
	d.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, 400, 200, chromedp.ButtonLeft))
	d.nothing("a drag of what is excluded")
	over := time.Now().UnixMilli()
	if o := d.sweptUp(); o.StartMS < over-100 {
		t.Errorf("the window begins %d ms before the drag was over, want it to hold nothing of the drag", over-o.StartMS)
	}
	d.unbroken()
}

// A release outside of the window may be told to nobody; the next movement with no button held says that the drag is over.
func TestADragWhoseEndIsNotToldEndsWithTheButton(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy + "; style-src 'unsafe-inline'", body: dragHTML,
		before: "addEventListener('pointerup', function (e) { e.stopImmediatePropagation(); }, true);"})
	d.start()
	d.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 100, 200),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, 100, 200, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, 400, 200, chromedp.ButtonLeft))
	d.sweptUp()
	d.unbroken()
}
