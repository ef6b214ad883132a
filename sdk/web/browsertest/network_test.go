package browsertest

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/evanw/esbuild/pkg/api"

	"ipse.dev/ipse/internal/embed/network"
)

// networkPage runs networks in a worker of a real Chromium.
type networkPage struct {
	t     testing.TB
	ctx   context.Context
	runs  int
	files sync.Map // path → weights; the server reads while the test adds
}

const networkHTML = `<!doctype html><title>networks</title><script>
var result, worker = new Worker('/worker.js');
worker.onmessage = function (m) { result = m.data; };
worker.onerror = function (e) { result = { error: e.message || 'the worker does not start' }; };
function run(task) {
  result = undefined;
  fetch(task.path).then(function (r) { return r.arrayBuffer(); }).then(function (file) {
    worker.postMessage({ file: file, windows: task.windows, runs: task.runs }, [file]);
  });
}
</script>`

func openNetworkPage(t testing.TB) *networkPage {
	t.Helper()
	// As build bundles what is shipped.
	built := api.Build(api.BuildOptions{
		EntryPoints: []string{"networkworker.ts"}, Bundle: true, Format: api.FormatIIFE, Platform: api.PlatformBrowser,
		MinifySyntax: true, MinifyWhitespace: true, MinifyIdentifiers: true,
		Engines: []api.Engine{{Name: api.EngineChrome, Version: "100"}, {Name: api.EngineSafari, Version: "15.4"}},
	})
	if len(built.Errors) > 0 {
		t.Fatalf("the worker cannot be bundled: %+v", built.Errors)
	}
	p := &networkPage{t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, contentType := []byte(networkHTML), "text/html"
		if r.URL.Path == "/worker.js" {
			content, contentType = built.OutputFiles[0].Contents, "text/javascript"
		} else if weights, ok := p.files.Load(r.URL.Path); ok {
			content, contentType = weights.([]byte), "application/octet-stream"
		}
		w.Header().Set("Content-Type", contentType)
		if _, err := w.Write(content); err != nil {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
	}))
	t.Cleanup(server.Close)
	var stop context.CancelFunc
	p.ctx, stop = browser(t)
	t.Cleanup(stop)
	if err := chromedp.Do(p.ctx, chromedp.Navigate(server.URL)); err != nil {
		t.Fatal(err)
	}
	return p
}

// passed is what the worker gives for one window.
type passed struct {
	Embedding    []float64
	Milliseconds []float64
}

// run gives for each window its embedding and the milliseconds that each of so many passes took.
func (p *networkPage) run(weights []byte, windows json.RawMessage, runs int) ([]passed, error) {
	p.t.Helper()
	p.runs++
	path := fmt.Sprintf("/%d.net", p.runs)
	p.files.Store(path, weights)
	task := fmt.Sprintf("run({path: %q, windows: %s, runs: %d}); undefined", path, windows, runs)
	if err := chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void](task)); err != nil {
		p.t.Fatal(err)
	}
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); {
		text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("JSON.stringify(result) || ''"))
		if err != nil {
			p.t.Fatal(err)
		}
		if text == "" {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		var r struct {
			Windows []passed
			Error   string
		}
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			p.t.Fatalf("%v: %s", err, text)
		}
		if r.Error != "" {
			return nil, errors.New(r.Error)
		}
		return r.Windows, nil
	}
	p.t.Fatal("the worker does not answer within a minute")
	return nil, nil
}

// TestGoldenVectorsInTheBrowser compares with what PyTorch computes, as the unit tests do outside of a browser.
func TestGoldenVectorsInTheBrowser(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../../../internal/embed/networks/*.net", "../../../internal/embed/network/testdata/*.net"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files (%v), want some", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	p := openNetworkPage(t)
	for _, file := range files {
		if strings.Contains(filepath.Base(file), "touch") {
			continue // networks of touch run in Go only: the SDK does not collect touches
		}
		weights, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		windows, err := os.ReadFile(strings.TrimSuffix(file, ".net") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var golden []struct {
			Name      string
			Embedding []float64
		}
		if err := json.Unmarshal(windows, &golden); err != nil {
			t.Fatal(err)
		}
		got, err := p.run(weights, windows, 0)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for i, want := range golden {
			if len(got[i].Embedding) != len(want.Embedding) {
				t.Fatalf("%s, %s: %d dimensions, want %d", file, want.Name, len(got[i].Embedding), len(want.Embedding))
			}
			for j, v := range got[i].Embedding {
				if !(math.Abs(v-want.Embedding[j]) <= 1e-4) {
					t.Errorf("%s, %s: dimension %d is %g, want %g", file, want.Name, j, v, want.Embedding[j])
				}
			}
		}
	}
	if _, err := p.run([]byte("<!doctype html>"), json.RawMessage("[]"), 0); err == nil || !strings.Contains(err.Error(), "unusable weights") {
		t.Errorf("a web page for weights gives %v, want an error that says unusable weights", err)
	}
}

// BenchmarkNetworkInTheBrowser measures passes in a worker, for the shape that is shipped and for about the largest that
// is taken. Speed is reported and never asserted.
//
//	go test ./sdk/web/browsertest -run '^$' -bench NetworkInTheBrowser -benchtime 1x
func BenchmarkNetworkInTheBrowser(b *testing.B) {
	shipped := network.Shape{Inputs: 15, Channels: 64, Blocks: 3, Kernel: 5, Wide: 128, Heads: 4, Dimensions: 64}
	largest := shipped
	largest.Channels, largest.Blocks = 100, 4
	p := openNetworkPage(b)
	for _, c := range []struct {
		name    string
		kind    string
		members []network.Shape
		events  int
	}{
		{"92k parameters/30 strokes", network.KeyboardKind, []network.Shape{shipped}, 30},
		{"92k parameters/60 strokes", network.KeyboardKind, []network.Shape{shipped}, 60},
		{"92k parameters/128 pointer events", network.PointerKind, []network.Shape{shipped}, 128},
		{"two members of 92k/60 strokes", network.KeyboardKind, []network.Shape{shipped, shipped}, 60},
		{"238k parameters/60 strokes", network.KeyboardKind, []network.Shape{largest}, 60},
		{"238k parameters/128 pointer events", network.PointerKind, []network.Shape{largest}, 128},
	} {
		b.Run(c.name, func(b *testing.B) {
			weights := untrained(b, c.kind, c.members)
			for b.Loop() {
				const runs = 60
				got, err := p.run(weights, generated(c.kind, c.events), runs)
				if err != nil {
					b.Fatal(err)
				}
				times := slices.Sorted(slices.Values(got[0].Milliseconds))
				b.ReportMetric(times[0], "min-ms")
				b.ReportMetric(times[runs/2], "p50-ms")
				b.ReportMetric(times[runs*9/10], "p90-ms")
				b.ReportMetric(got[0].Milliseconds[0], "first-ms")
			}
			b.ReportMetric(0, "ns/op") // of everything around it
		})
	}
}

// generated gives one window of events that are as far apart as a person's.
func generated(kind string, events int) json.RawMessage {
	var rows [][]int
	for i := range events {
		if kind == network.KeyboardKind {
			rows = append(rows, []int{i*170 + i%5*20, i*170 + i%5*20 + 80 + i%7*9, i % 9})
		} else {
			rows = append(rows, []int{i * 8, 300 + i*i%91, 200 + i*7%53, 0})
		}
	}
	raw, err := json.Marshal([]map[string]any{{map[string]string{network.KeyboardKind: "strokes", network.PointerKind: "events"}[kind]: rows}})
	if err != nil {
		panic(err)
	}
	return raw
}

// untrained writes a weights file of these shapes, as network.Parse documents it.
func untrained(t testing.TB, kind string, members []network.Shape) []byte {
	t.Helper()
	header, err := json.Marshal(network.Header{Kind: kind, Name: "untrained", Members: members})
	if err != nil {
		t.Fatal(err)
	}
	out := append([]byte("ipse-net"), network.FormatVersion)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(header)))
	out = append(out, header...)
	for _, s := range members {
		layers := [][2]int{{s.Kernel * s.Inputs, s.Channels}}
		for range s.Blocks {
			layers = append(layers, [2]int{s.Kernel * s.Channels, s.Channels})
		}
		layers = append(layers, [2]int{s.Channels, s.Wide}, [2]int{s.Wide, s.Heads}, [2]int{2 * s.Wide, s.Dimensions})
		for _, l := range layers {
			for i := range l[0] * l[1] {
				out = append(out, byte(i*2654435761>>7))
			}
		}
		for _, l := range layers {
			for range l[1] {
				out = binary.LittleEndian.AppendUint32(out, math.Float32bits(0.001))
			}
			for range l[1] {
				out = binary.LittleEndian.AppendUint32(out, math.Float32bits(0.01))
			}
		}
	}
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
	if _, err := network.Parse(out); err != nil {
		t.Fatal(err)
	}
	return out
}
