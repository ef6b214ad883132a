package browser

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/redteam"
	"ipse.dev/ipse/internal/sim"
)

// errOver ends an attack: it was caught, or its time is up.
var errOver = errors.New("browser: the attack is over")

// hands drive a page, and count what they do.
type hands struct {
	ctx     context.Context
	field   string
	rand    *rand.Rand
	started time.Time
	limit   time.Duration
	caught  func() bool
	tell    func(atSeconds float64)

	keys, events int
}

// wait lets time pass; errOver once the attack has been caught or its time is up.
func (h *hands) wait(d time.Duration) error {
	at := time.Since(h.started)
	h.tell(at.Seconds())
	if h.caught() || at+d > h.limit {
		return errOver
	}
	if d <= 0 {
		return h.ctx.Err()
	}
	return sleep(h.ctx, d)
}

// until waits for a moment of the attack, in milliseconds from its beginning.
func (h *hands) until(ms float64) error {
	return h.wait(time.Duration(ms*float64(time.Millisecond)) - time.Since(h.started))
}

func (h *hands) key(down bool, code, text string) error {
	p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Code: code, Key: text}
	if down {
		p.Type, p.Text = input.DispatchKeyEventTypeKeyDown, text
		h.keys++
	}
	if text == "" { // backspace and shift write nothing
		p.Key = strings.TrimSuffix(strings.TrimSuffix(code, "Left"), "Right")
		if down {
			p.Type = input.DispatchKeyEventTypeRawKeyDown
		}
	}
	_, err := chromedp.Call(h.ctx, input.DispatchKeyEvent, p)
	return err
}

// stroke presses and releases the key of a letter or a space, after so long.
func (h *hands) stroke(c rune, dwell time.Duration) error {
	code := "Space"
	if c != ' ' {
		code = "Key" + strings.ToUpper(string(c))
	}
	if err := h.key(true, code, string(c)); err != nil {
		return err
	}
	if dwell > 0 {
		if err := h.wait(dwell); err != nil {
			return err
		}
	}
	return h.key(false, code, string(c))
}

func (h *hands) mouse(kind input.DispatchMouseEventType, x, y float64) error {
	p := input.DispatchMouseEventParams{Type: kind, X: x, Y: y}
	if kind != input.DispatchMouseEventTypeMouseMoved {
		p.Button, p.ClickCount = input.MouseButtonLeft, 1
	}
	h.events++
	_, err := chromedp.Call(h.ctx, input.DispatchMouseEvent, p)
	return err
}

// click presses and releases at once, as scripts do.
func (h *hands) click(x, y float64) error {
	if err := h.mouse(input.DispatchMouseEventTypeMousePressed, x, y); err != nil {
		return err
	}
	return h.mouse(input.DispatchMouseEventTypeMouseReleased, x, y)
}

// dispatch lets a script in the page make the event.
func (h *hands) dispatch(k sim.Keystroke) error {
	kind := "keyup"
	if k.Down {
		kind = "keydown"
		h.keys++
	}
	return chromedp.Do(h.ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
		`document.querySelector(%q)?.dispatchEvent(new KeyboardEvent(%q, { code: %q, bubbles: true, composed: true })); undefined`,
		h.field, kind, k.Code)))
}

// box is where the field lies in the viewport.
type box struct{ X, Y, W, H float64 }

func (h *hands) place() (box, error) {
	return chromedp.Run(h.ctx, chromedp.Evaluate[box](fmt.Sprintf(
		`(() => { const r = document.querySelector(%q)?.getBoundingClientRect() ?? { x: 200, y: 200, width: 200, height: 40 };
		return { X: r.x, Y: r.y, W: r.width, H: r.height }; })()`, h.field)))
}

const words = "the parcel has left our house and will be with you on friday please keep the number at hand "

// attacks are the ways to drive a page.
var attacks = []Attack{
	{
		Name: "page.webdriver", Want: redteam.Alarm, driven: true,
		Doc: "A program drives the browser with a person's timing, and the browser says so (navigator.webdriver).",
		act: func(h *hands) error {
			return h.write(func(k sim.Keystroke) error { return h.key(k.Down, k.Code, k.Text) })
		},
	},
	{
		Name: "page.cdp-keys", Want: redteam.Alarm,
		Doc: "Keys through the debugging protocol, press and release at once, one every 40 ms; the WebDriver flag is hidden.",
		act: func(h *hands) error {
			for i := 0; ; i++ {
				if err := h.stroke(rune(words[i%len(words)]), 0); err != nil {
					return err
				}
				if err := h.wait(40 * time.Millisecond); err != nil {
					return err
				}
			}
		},
	},
	{
		Name: "page.cdp-pointer", Want: redteam.Alarm,
		Doc: "The pointer through the debugging protocol: straight lines at one speed, clicks without a dwell.",
		act: func(h *hands) error {
			x, y := 100.0, 100.0
			for {
				toX, toY := 60+1100*h.rand.Float64(), 60+600*h.rand.Float64()
				const steps = 40
				for i := 1; i <= steps; i++ {
					at := float64(i) / steps
					if err := h.mouse(input.DispatchMouseEventTypeMouseMoved, x+(toX-x)*at, y+(toY-y)*at); err != nil {
						return err
					}
					if err := h.wait(16 * time.Millisecond); err != nil {
						return err
					}
				}
				x, y = toX, toY
				// Beside whatever there is to press: the page shall stay as it is.
				if err := h.wait(200 * time.Millisecond); err != nil {
					return err
				}
			}
		},
	},
	{
		Name: "page.dom-events", Want: redteam.CannotTell,
		Doc: "A script in the page dispatches key events with a person's timing. Collectors take them for nobody's behaviour.",
		act: func(h *hands) error { return h.write(h.dispatch) },
	},
	{
		Name: "page.dom-mixed", Want: redteam.Alarm,
		Doc: "A script dispatches every third key event in between those of a keyboard.",
		act: func(h *hands) error {
			return h.write(func(k sim.Keystroke) error {
				if h.keys%3 == 2 {
					return h.dispatch(k)
				}
				return h.key(k.Down, k.Code, k.Text)
			})
		},
	},
	{
		Name: "page.cdp-clicks", Want: redteam.Alarm,
		Doc: "The pointer through the debugging protocol: set onto one target after the other in a step or two, clicks at once, several a second.",
		act: func(h *hands) error {
			x, y := 300.0, 300.0
			for {
				toX, toY := math.Floor(60+1100*h.rand.Float64()), math.Floor(60+600*h.rand.Float64())
				if err := h.leap(x, y, toX, toY, 1+h.rand.IntN(2)); err != nil {
					return err
				}
				x, y = toX, toY
				if err := h.click(x, y); err != nil {
					return err
				}
				if err := h.wait(time.Duration(60+140*h.rand.Float64()) * time.Millisecond); err != nil {
					return err
				}
			}
		},
	},
	{
		Name: "page.agent", Want: redteam.Alarm,
		Doc: "An agent: it thinks for a second or two, puts the pointer on the field's middle, clicks, and types a sentence in one go.",
		act: func(h *hands) error {
			return h.rounds(func() error {
				for _, c := range words {
					if err := h.stroke(c, 0); err != nil {
						return err
					}
					if err := h.wait(time.Duration(8+6*h.rand.Float64()) * time.Millisecond); err != nil {
						return err
					}
				}
				return nil
			})
		},
	},
	{
		Name: "page.agent-insert", Want: redteam.CannotTell,
		Doc: "An agent that types no key: it clicks, puts a whole sentence in at once (Input.insertText) and scrolls by script. Dictation and voice control do the same.",
		act: func(h *hands) error {
			return h.rounds(func() error {
				if _, err := chromedp.Call(h.ctx, input.InsertText, input.InsertTextParams{Text: words}); err != nil {
					return err
				}
				return chromedp.Do(h.ctx, chromedp.Evaluate[chromedp.Void]("scrollBy(0, 200); undefined"))
			})
		},
	},
	{
		Name: "page.agent-slow", Want: redteam.CannotTell,
		Doc: "An agent that takes its time: one key after the other, half a second apart, each let go at once. Keyboards on the screen do the same.",
		act: func(h *hands) error {
			for i := 0; ; i++ {
				if err := h.stroke(rune(words[i%len(words)]), 0); err != nil {
					return err
				}
				if err := h.wait(time.Duration(450+250*h.rand.Float64()) * time.Millisecond); err != nil {
					return err
				}
			}
		},
	},
}

// rounds thinks for a second or two, puts the pointer on the field's middle, clicks and writes, over and over.
func (h *hands) rounds(write func() error) error {
	for {
		if err := h.wait(time.Duration(800+1400*h.rand.Float64()) * time.Millisecond); err != nil {
			return err
		}
		b, err := h.place()
		if err != nil {
			return err
		}
		x, y := b.X+b.W/2, b.Y+b.H/2
		if err := h.mouse(input.DispatchMouseEventTypeMouseMoved, x, y); err != nil {
			return err
		}
		if err := h.click(x, y); err != nil {
			return err
		}
		if err := write(); err != nil {
			return err
		}
	}
}

// leap moves the pointer in so many even steps, which follow at once.
func (h *hands) leap(x, y, toX, toY float64, steps int) error {
	for i := 1; i <= steps; i++ {
		at := float64(i) / float64(steps)
		if err := h.mouse(input.DispatchMouseEventTypeMouseMoved, x+(toX-x)*at, y+(toY-y)*at); err != nil {
			return err
		}
	}
	return nil
}

// write plays a generated person's keystrokes at their times.
func (h *hands) write(key func(sim.Keystroke) error) error {
	person := sim.NewPerson(h.rand.Uint64()).Session(h.rand.Uint64())
	atMS := 0.0
	for {
		for _, k := range person.Type(person.NextSentence("en"), sim.LayoutFor("en"), atMS) {
			if err := h.until(k.TimeMS); err != nil {
				return err
			}
			if err := key(k); err != nil {
				return err
			}
			atMS = k.TimeMS
		}
		atMS += 400
	}
}
