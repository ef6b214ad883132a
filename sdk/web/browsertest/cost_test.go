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

	"ipse.dev/ipse/internal/observation"
)

// costDuration is how long a person types 100 words a minute and moves a mouse that reports 1,000 times a second.
const costDuration = 20 * time.Second

// BenchmarkMainThread measures what the SDK takes of the page's main thread while somebody types and moves the mouse, in
// CPU time as the browser's own trace has it: every call of a function of the SDK's script, with all that it calls.
// Speed is reported and never asserted.
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
	idle := measureCost(b, d, burst)
	d.start()
	measured := measureCost(b, d, burst)
	share := func(ms, seconds float64) float64 { return 100 * ms / 1000 / seconds }
	b.ReportMetric(share(measured.scriptMS, measured.seconds), "sdk-%-of-core")
	b.ReportMetric(share(measured.taskMS, measured.seconds)-share(idle.taskMS, idle.seconds), "tasks-more-%-of-core")
	b.ReportMetric(share(idle.taskMS, idle.seconds), "page-alone-%-of-core")
	b.ReportMetric(measured.pointerEvents/measured.seconds, "pointer-events/s")
	b.ReportMetric(measured.strokes/measured.seconds*12, "words/min")
	b.ReportMetric(float64(measured.calls)/measured.seconds, "calls/s")
	b.ReportMetric(measured.longestMS, "longest-ms")
	if share(idle.scriptMS, idle.seconds) > 0 {
		b.Errorf("the SDK took %g ms before it was started, want none", idle.scriptMS)
	}
}

// cost is what the main thread did in a stretch of work.
type cost struct {
	seconds       float64
	scriptMS      float64 // CPU time in the SDK's functions
	longestMS     float64 // the longest of its calls
	calls         int
	taskMS        float64 // CPU time of all tasks of the main thread
	pointerEvents float64 // that became windows
	strokes       float64
}

func measureCost(b *testing.B, d *desk, burst int) cost {
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
	_, err = chromedp.Call(d.ctx, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	if err != nil {
		b.Fatal(err)
	}
	_, err = chromedp.Call(d.ctx, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{
		RecordMode: tracing.TraceConfigRecordModeRecordUntilFull, IncludedCategories: []string{"devtools.timeline"}}})
	if err != nil {
		b.Fatal(err)
	}
	before, windows, from := taskMS(b, d), len(d.observations()), time.Now()
	c.strokes = d.work(b, costDuration, burst)
	c.seconds = time.Since(from).Seconds()
	c.taskMS = taskMS(b, d) - before
	d.run(chromedp.Sleep(2 * time.Second)) // until what was measured last has arrived
	for _, o := range d.observations()[windows:] {
		if o.Modality == observation.Pointer {
			c.pointerEvents += float64(o.Events)
		}
	}
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
	c.scriptMS += e.Tdur / 1000
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
