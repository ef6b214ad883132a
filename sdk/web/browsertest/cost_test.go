package browsertest

import (
	"encoding/json"
	"math"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// A benchmark works so often without and with the SDK in turn, so long each time.
const (
	costRounds   = 4
	costDuration = 6 * time.Second
)

// BenchmarkMainThread measures what the SDK takes of the page's main thread while somebody types 100 words a minute and moves
// a mouse of 1,000 Hz, in CPU time as the browser's own trace has it. Speed is reported and never asserted.
//
//   - sdk: every call of the browser into the SDK's scripts, with all that it calls. What goes on after a promise (writing a
//     report, signing it) is not in it: the trace has no calls for that.
//   - empty: the same of listeners that do nothing, for the same events, in the SDK's place. So much it costs that somebody
//     listens at all, the trace's own cost of writing every call down among it.
//   - tasks-more: all tasks of the main thread with the SDK, less those with empty listeners. Small beside what the browser
//     takes to dispatch events, and so very uncertain.
//
// Both are worked for in turn, in one page; of each the least counts, which others on the machine disturbed least.
//
// A mouse's events reach a page once a frame, sixteen of a mouse of 1,000 Hz together. Events from the protocol are not held
// back for the frame: sent one by one, several hundred calls a second have to take them; sent by frames, it is nearer to
// what a mouse does.
//
//	make bench-sdk
func BenchmarkMainThread(b *testing.B) {
	for name, burst := range map[string]int{"one by one": 1, "by frames of 16 ms": 16} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				reportCost(b, burst)
			}
			b.ReportMetric(0, "ns/op") // of everything around it
		})
	}
}

// emptyListeners takes what the SDK listens for while one types and moves a mouse, and does nothing.
const emptyListeners = `var silence = new AbortController();
for (var name of ['pointermove', 'pointerdown', 'pointerup', 'wheel', 'keydown', 'keyup', 'input', 'paste', 'compositionstart']) {
  addEventListener(name, function () {}, { capture: true, passive: true, signal: silence.signal });
}
//# sourceURL=/sdk/empty.js
`

func reportCost(b *testing.B, burst int) {
	d := openPage(b, embedding{csp: foreignPolicy})
	d.reply["reportAfterSeconds"] = 5 // as the server has it
	params := performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}
	if _, err := chromedp.Call(d.ctx, performance.Enable, params); err != nil {
		b.Fatal(err)
	}
	empty, sdk := unmeasured, unmeasured
	for range costRounds {
		d.do(emptyListeners)
		empty.least(measureCost(b, d, burst))
		d.do("silence.abort()")
		d.start()
		d.run(chromedp.Sleep(time.Second)) // until models have come
		sdk.least(measureCost(b, d, burst))
		d.do("collector.stop(); states = []; listening = false")
	}
	b.ReportMetric(sdk.calls, "sdk-%-of-core")
	b.ReportMetric(empty.calls, "empty-%-of-core")
	b.ReportMetric(sdk.tasks-empty.tasks, "tasks-more-%-of-core")
	b.ReportMetric(empty.tasks, "page-%-of-core")
	b.ReportMetric(sdk.longestMS, "longest-ms")
	b.ReportMetric(sdk.perSecond, "calls/s")
	b.ReportMetric(sdk.words, "words/min")
}

// cost is what the main thread did in a stretch of work: percent of a core, and the longest call in ms.
type cost struct{ calls, tasks, longestMS, perSecond, words float64 }

var unmeasured = cost{calls: math.Inf(1), tasks: math.Inf(1), longestMS: math.Inf(1), words: math.Inf(1)}

func (c *cost) least(o cost) {
	c.calls, c.tasks, c.longestMS = math.Min(c.calls, o.calls), math.Min(c.tasks, o.tasks), math.Min(c.longestMS, o.longestMS)
	c.words, c.perSecond = math.Min(c.words, o.words), math.Max(c.perSecond, o.perSecond)
}

func measureCost(b *testing.B, d *desk, burst int) cost {
	b.Helper()
	var calls []float64 // ms each
	var mu sync.Mutex
	complete := make(chan struct{})
	taken := true
	err := chromedp.Listen(d.ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		if !taken {
			return
		}
		switch e := ev.(type) {
		case *tracing.EventDataCollected:
			for _, raw := range e.Value {
				if callMS, ok := callOf(raw); ok {
					calls = append(calls, callMS)
				}
			}
		case *tracing.EventTracingComplete:
			taken = false
			close(complete)
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	_, err = chromedp.Call(d.ctx, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{
		RecordMode: tracing.TraceConfigRecordModeRecordUntilFull, IncludedCategories: []string{"devtools.timeline"}}})
	if err != nil {
		b.Fatal(err)
	}
	before, from := taskMS(b, d), time.Now()
	strokes := d.work(b, costDuration, burst)
	seconds := time.Since(from).Seconds()
	c := cost{tasks: (taskMS(b, d) - before) / 10 / seconds, words: strokes / seconds * 12}
	if _, err := chromedp.Call(d.ctx, tracing.End, struct{}{}); err != nil {
		b.Fatal(err)
	}
	<-complete
	for _, ms := range calls {
		c.calls += ms / 10 / seconds
		c.longestMS = math.Max(c.longestMS, ms)
	}
	c.perSecond = float64(len(calls)) / seconds
	return c
}

// ofThePage matches the SDK's scripts of the page's thread, and the empty listeners.
var ofThePage = regexp.MustCompile(`/sdk/(ipse\.|ipse-session\.m|empty\.)js$`)

// callOf reads an event of the trace: a call from the browser into a script, and what CPU time of the thread it took.
func callOf(raw []byte) (ms float64, ok bool) {
	var e struct {
		Name string  `json:"name"`
		Tdur float64 `json:"tdur"` // microseconds
		Args struct {
			Data struct {
				URL string `json:"url"`
			} `json:"data"`
		} `json:"args"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return 0, false
	}
	return e.Tdur / 1000, e.Name == "FunctionCall" && ofThePage.MatchString(e.Args.Data.URL)
}

func taskMS(b *testing.B, d *desk) float64 {
	b.Helper()
	got, err := chromedp.Call(d.ctx, performance.GetMetrics, struct{}{})
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range got.Metrics {
		if m.Name == "TaskDuration" {
			return m.Value * 1000
		}
	}
	b.Fatal("the browser tells no TaskDuration")
	return 0
}

// work types and moves the mouse for a while and gives the number of strokes. The mouse's events come so many at a time.
func (d *desk) work(b *testing.B, length time.Duration, burst int) float64 {
	b.Helper()
	d.do("document.getElementById('field').focus()")
	var strokes atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(length)
	// Each call waits for the page, so that several are under way.
	const hands = 32
	var turn sync.Mutex
	start := time.Now()
	next := 0
	for range hands {
		all.Go(func() {
			for {
				turn.Lock()
				next++
				n := float64(next)
				due := start.Add(time.Duration((next+burst-1)/burst*burst) * time.Millisecond)
				turn.Unlock()
				if due.After(end) {
					return
				}
				time.Sleep(time.Until(due))
				p := input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved,
					X: 300 + 200*math.Sin(n/170), Y: 250 + 150*math.Cos(n/230), PointerType: input.DispatchMouseEventPointerTypeMouse}
				if _, err := chromedp.Call(d.ctx, input.DispatchMouseEvent, p); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Go(func() {
		for time.Now().Before(end) {
			for _, p := range []input.DispatchKeyEventParams{
				{Type: input.DispatchKeyEventTypeKeyDown, Code: "KeyA", Key: "a", Text: "a"},
				{Type: input.DispatchKeyEventTypeKeyUp, Code: "KeyA", Key: "a"},
			} {
				if _, err := chromedp.Call(d.ctx, input.DispatchKeyEvent, p); err != nil {
					b.Error(err)
					return
				}
				time.Sleep(58 * time.Millisecond) // with the way there 120 ms a stroke: 500 a minute, 100 words of five
			}
			strokes.Add(1)
		}
	})
	all.Wait()
	return float64(strokes.Load())
}
