package browsertest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/observation"
)

func TestAPhraseIsMeasuredWhereThePageAsksForIt(t *testing.T) {
	d := open(t, false, foreignPolicy, "{}")
	d.start()
	d.press("password", 12)
	d.do("var phrase = collector.phrase(7, 12, document.getElementById('password'))")
	d.press("password", 12)
	d.do("phrase.done()")
	d.until("the phrase has arrived", func() bool { return len(d.observations()) >= 1 })
	o := d.observations()[0]
	if o.Modality != observation.Phrase || o.Phrase != 7 || o.Events != 12 || len(o.Embedding) != 23 || len(o.Quality) != 0 {
		t.Errorf("got %+v, want phrase 7 of twelve positions and no remark", o)
	}
	if slices.Max(o.Embedding[12:]) == -128 {
		t.Errorf("timings %v, want intervals above 0", o.Embedding)
	}

	d.run(chromedp.Sleep(2200 * time.Millisecond)) // until nothing more is waited for
	d.press("password", 40)
	d.do("dropped = collector.phrase(8, 12, document.getElementById('field'))")
	d.press("field", 12)
	d.do("dropped.drop()")
	d.run(chromedp.Sleep(1200 * time.Millisecond))
	if n := len(d.observations()); n != 1 {
		t.Errorf("%d observations, want no more than the phrase: the rest was not asked for", n)
	}
	for _, word := range []string{"KeyA", "abcdef"} {
		if strings.Contains(d.wire(), word) {
			t.Errorf("the wire carries %q", word)
		}
	}
}

func TestAPhraseThatIsFilledInSaysNothing(t *testing.T) {
	d := open(t, false, foreignPolicy, "{}")
	d.start()
	for i, fill := range []func(){
		func() { d.do("dispatchStrokes(12)") }, // as a password manager does
		func() {
			d.press("field", 12)
			for _, command := range []string{"selectAll", "copy", "paste"} {
				p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Code: "F5", Key: "F5", Commands: []string{command}}
				if _, err := chromedp.Call(d.ctx, input.DispatchKeyEvent, p); err != nil {
					t.Fatal(err)
				}
				p.Type, p.Commands = input.DispatchKeyEventTypeKeyUp, nil
				if _, err := chromedp.Call(d.ctx, input.DispatchKeyEvent, p); err != nil {
					t.Fatal(err)
				}
			}
		},
		func() { d.press("field", 11) }, // and one before and one after: too many
	} {
		d.do("var phrase = collector.phrase(9, 12, document.getElementById('field'))")
		d.press("field", 1)
		fill()
		d.press("field", 1)
		d.do("phrase.done()")
		d.until("the phrase has arrived", func() bool { return len(d.observations()) > i })
		o := d.observations()[i]
		if !slices.Contains(o.Quality, observation.BrokenPhrase) || slices.Max(o.Embedding) != -128 {
			t.Errorf("filled in, %d: flags %v and timings %v, want a broken phrase without timing", i, o.Quality, o.Embedding)
		}
	}
}
