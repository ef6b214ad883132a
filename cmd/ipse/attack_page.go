package main

import (
	"context"
	"os"
	"time"

	"ipse.dev/ipse/internal/redteam"
	"ipse.dev/ipse/internal/redteam/browser"
	"ipse.dev/ipse/lab/report"
)

type attackPage struct {
	URL     string   `arg:"" help:"Address of the page." placeholder:"URL"`
	Attacks []string `arg:"" optional:"" name:"attack" help:"Attacks to make, such as page.cdp-keys; all if left out."`

	Before   string        `placeholder:"SCRIPT" help:"JavaScript to run once the page is loaded, such as one that signs a test subject in."`
	Field    string        `default:"textarea, input[type=text], input:not([type]), [contenteditable]" placeholder:"SELECTOR" help:"CSS selector of the field to type into. Default ${default}."`
	Chromium string        `placeholder:"FILE" help:"Chromium to use; the one that is found in PATH if left out."`
	For      time.Duration `default:"1m" help:"Length of each attack at most. Default ${default}."`
	Seed     uint64        `default:"1" help:"Seed of the attacks. Default ${default}."`
	attackReport
}

// Run carries the command out.
func (c *attackPage) Run(ctx context.Context, parent *attackCommand) error {
	if err := checkFor(c.For); err != nil {
		return err
	}
	attacks, err := browser.Choose(c.Attacks)
	if err != nil {
		return attackError(err)
	}
	guard, err := redteam.NewGuard(parent.Allow)
	if err != nil {
		return errUsage{err}
	}
	if _, err := guard.Address(ctx, c.URL); err != nil {
		return errUsage{err}
	}
	progress := report.NewProgress(os.Stderr)
	defer progress.Clear()
	page := browser.Page{
		URL: c.URL, Guard: guard, Before: c.Before, Field: c.Field, Chromium: c.Chromium, For: c.For, Seed: c.Seed,
		Progress: func(a browser.Attack, atSeconds float64) {
			progress.Report(a.Name+", seconds", int(atSeconds), int(c.For.Seconds()))
		},
	}
	found := redteam.Report{Target: c.URL, At: time.Now(), Seed: c.Seed, Paced: true}
	if found.Outcomes, err = page.Run(ctx, attacks); err != nil {
		return attackError(err)
	}
	progress.Clear()
	return c.write(os.Stdout, found)
}
