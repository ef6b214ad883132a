package report

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// lineEvery is how often progress is told where a bar cannot be drawn.
const lineEvery = 10 * time.Second

// Progress tells a person how far long work is: a bar on a terminal, an occasional line elsewhere. It is not safe for
// use by several goroutines at once.
type Progress struct {
	out      io.Writer
	terminal bool
	now      func() time.Time

	stage    string
	bar      *progressbar.ProgressBar
	lastLine time.Time
}

// NewProgress tells progress on a file, usually standard error.
func NewProgress(out *os.File) *Progress {
	info, err := out.Stat()
	return &Progress{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, now: time.Now}
}

// Report says that done of total steps of a stage are finished. A new stage ends the one before.
func (p *Progress) Report(stage string, done, total int) {
	if stage != p.stage {
		p.Clear()
		p.stage, p.lastLine = stage, p.now()
	}
	if !p.terminal {
		if p.now().Sub(p.lastLine) >= lineEvery {
			p.lastLine = p.now()
			fmt.Fprintf(p.out, "%s: %d of %d\n", stage, done, total)
		}
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(stage),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
	}
	// A bar that cannot be drawn is no reason to stop measuring.
	_ = p.bar.Set(done)
}

// Clear takes the bar away, so that something else can be written.
func (p *Progress) Clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
	p.stage = ""
}
