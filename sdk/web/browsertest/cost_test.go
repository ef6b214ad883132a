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
	costRounds   = 3
	costDuration = 8 * time.Second
)

// BenchmarkMainThread measures what the SDK takes of the page's main thread while somebody types 100 words a minute and moves
// a mouse of 1,000 Hz. Speed is reported and never asserted.
//
// The figure is CPU time of the renderer's main thread in all its tasks, with the SDK less without it: what the browser
// takes to dispatch the events by itself is not in it, what it does for the SDK in no function of the SDK is. Both are worked
// for in turn, in one page; of each the least counts, which others on the machine disturbed least. The trace, which makes
// every call dearer, comes afterwards: it tells what share the calls into the SDK's scripts have, without what goes on
// after a promise.
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

func reportCost(b *testing.B, burst int) {
	d := openPage(b, embedding{csp: foreignPolicy})
	d.reply["reportAfterSeconds"] = 5 // as the server has it
	params := performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}
	if _, err := chromedp.Call(d.ctx, performance.Enable, params); err != nil {
		b.Fatal(err)
	}
	without, with := math.Inf(1), math.Inf(1)
	strokes, seconds := 0.0, 0.0
	for range costRounds {
		without = math.Min(without, measureCost(b, d, burst, nil))
		d.start()
		d.run(chromedp.Sleep(2 * time.Second)) // until models have come
		with = math.Min(with, measureCost(b, d, burst, func(n, s float64) { strokes += n; seconds += s }))
		d.do("collector.stop(); states = []; listening = false")
	}
	d.start()
	script := traceCost(b, d, burst)
	b.ReportMetric(with-without, "sdk-%-of-core")
	b.ReportMetric(without, "page-alone-%-of-core")
	b.ReportMetric(100*script.callMS/1000/costDuration.Seconds(), "traced-%-of-core")
	b.ReportMetric(float64(script.calls)/costDuration.Seconds(), "traced-calls/s")
	b.ReportMetric(script.longestMS, "traced-longest-ms")
	b.ReportMetric(strokes/seconds*12, "words/min")
}

// measureCost works for a while and gives the main thread's CPU time in all tasks, percent of a core.
func measureCost(b *testing.B, d *desk, burst int, worked func(strokes, seconds float64)) float64 {
	b.Helper()
	before, from := taskMS(b, d), time.Now()
	strokes := d.work(b, costDuration, burst)
	seconds := time.Since(from).Seconds()
	if worked != nil {
		worked(strokes, seconds)
	}
	return (taskMS(b, d) - before) / 10 / seconds
}

// cost is what the trace tells of calls into the SDK's scripts.
type cost struct {
	callMS    float64 // CPU time in them, with all that they call
	longestMS float64
	calls     int
}

func traceCost(b *testing.B, d *desk, burst int) cost {
	b.Helper()
	var c cost
	var mu sync.Mutex
	complete := make(chan struct{})
	taken := true
	err := chromedp.Listen(d.ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *tracing.EventDataCollected:
			for _, raw := range e.Value {
				if taken {
					c.add(raw)
				}
			}
		case *tracing.EventTracingComplete:
			if taken {
				close(complete)
			}
			taken = false
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
	d.work(b, costDuration, burst)
	if _, err := chromedp.Call(d.ctx, tracing.End, struct{}{}); err != nil {
		b.Fatal(err)
	}
	<-complete
	return c
}

// ofThePage matches the SDK's scripts of the page's thread.
var ofThePage = regexp.MustCompile(`/sdk/ipse(\.|-session\.m)js$`)

// add takes an event of the trace: a call from the browser into a script, and what CPU time it took.
func (c *cost) add(raw []byte) {
	var e struct {
		Name string  `json:"name"`
		Tdur float64 `json:"tdur"` // microseconds of the thread's CPU time
		Args struct {
			Data struct {
				URL string `json:"url"`
			} `json:"data"`
		} `json:"args"`
	}
	if err := json.Unmarshal(raw, &e); err != nil || e.Name != "FunctionCall" || !ofThePage.MatchString(e.Args.Data.URL) {
		return
	}
	c.calls++
	c.callMS += e.Tdur / 1000
	c.longestMS = math.Max(c.longestMS, e.Tdur/1000)
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
