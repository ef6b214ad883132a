package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/redteam"
	"ipse.dev/ipse/internal/redteam/browser"
	"ipse.dev/ipse/lab/report"
)

type attackPage struct {
	URL     string   `arg:"" help:"Address of the page. {subject} in it stands for a new user id for each attack." placeholder:"URL"`
	Attacks []string `arg:"" optional:"" name:"attack" help:"Attacks to make, such as page.cdp-keys; all if left out."`

	Before   string        `placeholder:"SCRIPT" help:"JavaScript to run once the page is loaded, such as one that signs a test subject in; {subject} in it as in the address."`
	Field    string        `default:"textarea, input[type=text], input:not([type]), [contenteditable]" placeholder:"SELECTOR" help:"CSS selector of the field to type into. Default ${default}."`
	Chromium string        `placeholder:"FILE" help:"Chromium to use; the one that is found in PATH if left out."`
	For      time.Duration `default:"1m" help:"Length of each attack at most. Default ${default}."`
	Seed     uint64        `default:"1" help:"Seed of the attacks. Default ${default}."`

	Server     string `default:"http://127.0.0.1:7473" placeholder:"URL" help:"Address of the page's ipse server, to ask for reasons with --api-key-file. Default ${default}."`
	APIKeyFile string `name:"api-key-file" placeholder:"FILE" help:"File that holds that server's API key: api-key in its data folder. Without it reasons stay unknown."`
	Erase      bool   `help:"Erase after each attack whoever the page was signed in as, with all that the server knows of them. For test subjects only; needs --api-key-file."`
	attackReport
}

// Run carries the command out.
func (c *attackPage) Run(ctx context.Context, parent *attackCommand) error {
	if err := errors.Join(checkFor(c.For), c.check()); err != nil {
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
	api, err := c.api(ctx, guard)
	if err != nil {
		return err
	}
	progress := report.NewProgress(os.Stderr)
	defer progress.Clear()
	page := browser.Page{
		URL: c.URL, Guard: guard, Before: c.Before, Field: c.Field, Chromium: c.Chromium, For: c.For, Seed: c.Seed,
		API: api, Erase: c.Erase, Warn: func(err error) { fmt.Fprintf(os.Stderr, "ipse: %v\n", err) },
		Progress: func(a browser.Attack, atSeconds float64) {
			progress.Report(a.Name+", seconds", int(atSeconds), int(c.For.Seconds()))
		},
	}
	found := redteam.Report{Target: c.URL, At: time.Now(), Seed: c.Seed, Paced: true}
	if found.Outcomes, err = page.Run(ctx, attacks); err != nil {
		return attackError(err)
	}
	progress.Clear()
	found.Notes = notes(page, len(attacks))
	return c.write(os.Stdout, found)
}

// api gives the page's server as its application's back end asks it; nil where no key was given.
func (c *attackPage) api(ctx context.Context, guard redteam.Guard) (*client.Client, error) {
	if c.APIKeyFile == "" {
		if c.Erase {
			return nil, errUsage{errors.New("attack: --erase needs the server's API key; name its file with --api-key-file")}
		}
		return nil, nil
	}
	if _, err := guard.Address(ctx, c.Server); err != nil {
		return nil, errUsage{err}
	}
	key, err := atServer{Server: c.Server, APIKeyFile: c.APIKeyFile}.key()
	if err != nil {
		return nil, err
	}
	return client.Over(guard.HTTP(), c.Server, key), nil
}

// notes say what the outcomes leave open.
func notes(p browser.Page, attacks int) []string {
	var out []string
	if p.API == nil {
		out = append(out, "Reasons are not told to pages: --api-key-file gives them.")
	}
	if attacks > 1 && !p.OwnSubjects() {
		out = append(out, "All attacks met one test subject, so that a late one may have been taken for the replay of an earlier one: {subject} in the address or in --before gives each its own, --erase erases in between.")
	}
	return out
}
