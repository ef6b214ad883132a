package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/lab/report"
)

// resultsFolder is where the page results.md has its files.
const resultsFolder = "results"

// writeReports writes what --out asks for: of each protocol its figures as JSON, its page and its plots, and with all
// the page of all of them.
func (c *evalCommand) writeReports(sections []report.Section, weights *compare.Weights) error {
	folder := ""
	if c.Protocol == "all" {
		folder = resultsFolder
	}
	page := report.Page{Date: time.Now(), Commit: cmp.Or(c.Commit, buildCommit()), Weights: weights, Against: c.Against}
	for _, s := range sections {
		plots, err := report.Plots(s)
		if err != nil {
			return err
		}
		drawn := report.Drawn{Section: s, Plots: plots}
		page.Sections = append(page.Sections, drawn)
		run := report.Run{Date: page.Date, Commit: page.Commit, Command: c.command(s.Result.Protocol), Weights: weights, ByHand: c.People != "unseen", Drawn: drawn}
		name := filepath.Join(folder, s.Result.Protocol)
		if err := c.write(name+".json", func(w io.Writer) error { return report.JSON(w, s) }); err != nil {
			return err
		}
		if err := c.write(name+".html", run.HTML); err != nil {
			return err
		}
		for _, p := range plots {
			if err := c.write(filepath.Join(folder, drawn.PlotFile(p, ".svg")), p.Chart.SVG); err != nil {
				return err
			}
			if err := c.write(filepath.Join(folder, drawn.PlotFile(p, ".png")), p.Chart.PNG); err != nil {
				return err
			}
		}
	}
	if c.Protocol != "all" {
		return nil
	}
	return c.write("results.md", page.Write)
}

// command is what makes a protocol's report again. Folders of this machine are not in it.
func (c *evalCommand) command(protocol string) string {
	command := "ipse eval " + protocol + " --data DIR --weights " + filepath.Base(c.Weights)
	for _, model := range c.Model {
		command += " --model " + model
	}
	if c.Against != "" {
		command += " --against " + filepath.Base(c.Against)
	}
	for _, model := range c.AgainstModel {
		command += " --against-model " + model
	}
	if c.People != "unseen" {
		command += " --people " + c.People
	}
	return command + " --out DIR"
}

func (c *evalCommand) write(name string, content func(io.Writer) error) (err error) {
	path := filepath.Join(c.Out, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return errUsage{fmt.Errorf("eval: %w", err)}
	}
	f, err := os.Create(path)
	if err != nil {
		return errUsage{fmt.Errorf("eval: %w", err)}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return content(f)
}

// buildCommit is the commit that this binary was built from, as far as it is known.
func buildCommit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", changed since"
		}
	}
	if commit == "" {
		return ""
	}
	return commit + changed
}
