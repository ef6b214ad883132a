package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/protocol"
	"ipse.dev/ipse/lab/report"
)

type evalCommand struct {
	Protocol    string `arg:"" enum:"aalto,cmu,bbmas,sapimouse,balabit,recordings,all" help:"What to measure: aalto, cmu, bbmas, sapimouse, balabit, recordings, or all that the folder holds."`
	Data        string `required:"" env:"IPSE_DATASETS" placeholder:"DIR" help:"The data set's folder, or one that contains it."`
	Weights     string `default:"open" placeholder:"NAME|FILE" help:"Weights to measure: open, research or a file. Default ${default}."`
	Out         string `placeholder:"DIR" help:"Also write PROTOCOL.json here; with all, write results/PROTOCOL.json and the page results.md."`
	JSON        bool   `name:"json" help:"Write one JSON object a protocol on standard output instead of a table."`
	People      string `enum:"unseen,calibration" default:"unseen" help:"Whom to measure: everybody whom the weights have not seen, or the calibration people of ipse fit, to choose among models by."`
	OnMalformed string `name:"on-malformed" enum:"stop,skip" default:"stop" help:"What to do about a row that cannot be read: stop or skip."`
}

// Run carries the command out.
func (c *evalCommand) Run(ctx context.Context) error {
	weights, err := compare.Load(c.Weights)
	if err != nil {
		return evalError(err)
	}
	model, err := protocol.FromWeights(weights.Name, weights)
	if err != nil {
		return err
	}
	var results []protocol.Result
	for _, name := range c.protocols() {
		result, err := c.measure(ctx, name, model)
		if c.Protocol == "all" && (errors.Is(err, dataset.ErrNotFound) || errors.Is(err, protocol.ErrTooFew)) {
			fmt.Fprintf(os.Stderr, "ipse: %s is passed over: %v\n", name, err)
			continue
		}
		if err != nil {
			return evalError(err)
		}
		if err := c.show(result, weights); err != nil {
			return err
		}
		results = append(results, result)
	}
	if len(results) == 0 {
		return errUsage{fmt.Errorf("eval: %s holds no data set that can be measured; known are %v", c.Data, protocol.Names())}
	}
	if c.Protocol == "all" && c.Out != "" {
		return c.writePage(results, weights)
	}
	return nil
}

func (c *evalCommand) protocols() []string {
	if c.Protocol == "all" {
		return protocol.Names()
	}
	return []string{c.Protocol}
}

// measure runs one protocol and says on standard error how far it is, who is left out and what was passed over.
func (c *evalCommand) measure(ctx context.Context, name string, model protocol.Model) (protocol.Result, error) {
	progress := report.NewProgress(os.Stderr)
	defer progress.Clear()
	skipped := 0
	var first *dataset.RowError
	in := protocol.Input{Data: c.Data, Model: model, Progress: progress.Report}
	if c.People == "calibration" {
		in.Keep = func(set, id string) bool { return fit.RoleOf(set, id) == fit.Calibration }
	}
	if c.OnMalformed == "skip" {
		in.Options.OnMalformed = func(e *dataset.RowError) error {
			if skipped++; first == nil {
				first = e
			}
			return nil
		}
	}
	result, err := protocol.Run(ctx, name, in)
	progress.Clear()
	if skipped > 0 {
		fmt.Fprintf(os.Stderr, "ipse: %s: %d malformed rows were passed over; the first: %v\n", name, skipped, first)
	}
	for _, note := range result.Notes {
		fmt.Fprintf(os.Stderr, "ipse: %s: %s\n", name, note)
	}
	if skipped > 0 {
		result.Notes = append(result.Notes, fmt.Sprintf("%d malformed rows were passed over", skipped))
	}
	return result, err
}

func (c *evalCommand) show(r protocol.Result, weights *compare.Weights) error {
	if c.Out != "" {
		name := r.Protocol + ".json"
		if c.Protocol == "all" {
			name = filepath.Join("results", name)
		}
		if err := c.write(name, func(f *os.File) error { return report.JSON(f, r) }); err != nil {
			return err
		}
	}
	if c.JSON {
		return report.JSON(os.Stdout, r)
	}
	if err := report.Table(os.Stdout, r, weights.Name); err != nil {
		return err
	}
	_, err := fmt.Println()
	return err
}

func (c *evalCommand) writePage(results []protocol.Result, weights *compare.Weights) error {
	page := report.Page{Date: time.Now(), Commit: buildCommit(), Weights: weights, Results: results}
	return c.write("results.md", func(f *os.File) error { return page.Write(f) })
}

func (c *evalCommand) write(name string, content func(*os.File) error) (err error) {
	path := filepath.Join(c.Out, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return content(f)
}

// evalError makes an error about the folder, its rows or the weights one that ends with exit status 2.
func evalError(err error) error {
	var row *dataset.RowError
	for _, usage := range []error{dataset.ErrNotFound, dataset.ErrMixed, protocol.ErrTooFew, compare.ErrWeights} {
		if errors.Is(err, usage) {
			return errUsage{err}
		}
	}
	if errors.As(err, &row) {
		return errUsage{err}
	}
	return err
}

// buildCommit is the commit that this binary was built from, as far as it is known.
func buildCommit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return ""
}
