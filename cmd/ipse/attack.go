package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"ipse.dev/ipse/internal/redteam"
	"ipse.dev/ipse/internal/redteam/browser"
)

// attackCommand attacks one's own installation.
type attackCommand struct {
	List   attackList   `cmd:"" help:"Name every attack with what an installation should make of it."`
	Server attackServer `cmd:"" help:"Attack a running server of one's own by its HTTP API: what is reported is what a collector would compute of the attacker's events."`
	Page   attackPage   `cmd:"" help:"Attack a page of one's own that carries ipse, in a Chromium of this machine."`

	Allow allowed `env:"-" placeholder:"ADDRESS" help:"Addresses that may be attacked beside this machine: IP addresses, networks, host names. Taken from the file of --config alone: {\"attack\":{\"allow\":[\"10.1.2.3\"]}}."`
}

// allowed is the list of addresses that may be attacked.
type allowed []string

// BeforeResolve runs for a flag of the command line, before the file of --config is read.
func (allowed) BeforeResolve(*kong.Context) error {
	return errors.New(`--allow is taken from the file of --config alone, so that no slip of the hand attacks anybody: {"attack":{"allow":["10.1.2.3"]}}`)
}

// attackReport is how an attack's report is written.
type attackReport struct {
	JSON bool   `name:"json" help:"Write the report as JSON instead of a table."`
	Out  string `placeholder:"FILE" help:"Also write the report as one HTML page."`
}

// check refuses a file that cannot be written before an hour of attacks is made for it. It leaves a report of before as it is.
func (c attackReport) check() error {
	if c.Out == "" {
		return nil
	}
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return errUsage{fmt.Errorf("attack: --out wants a file that can be written: %w", err)}
	}
	return f.Close()
}

// write writes the report and says by its error whether something was not answered as wanted.
func (c attackReport) write(w io.Writer, r redteam.Report) error {
	shown := r.Text
	if c.JSON {
		shown = r.JSON
	}
	if err := shown(w); err != nil {
		return err
	}
	if c.Out != "" {
		if err := writeFile(c.Out, r.HTML); err != nil {
			return err
		}
	}
	if !r.Passed() {
		return fmt.Errorf("attack: %d of %d attacks were not answered as wanted", len(r.Outcomes)-r.AsWanted(), len(r.Outcomes))
	}
	return nil
}

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return errUsage{fmt.Errorf("attack: --out wants a file that can be written: %w", err)}
	}
	return errors.Join(write(f), f.Close())
}

type attackList struct {
	JSON bool `name:"json" help:"Write a JSON array instead of a table."`
}

// Run carries the command out.
func (c *attackList) Run() error { return c.write(os.Stdout) }

func (c *attackList) write(w io.Writer) error {
	type row struct {
		On   string       `json:"on"`
		Name string       `json:"name"`
		Want redteam.Want `json:"want"`
		Doc  string       `json:"doc"`
	}
	var rows []row
	for _, a := range redteam.Attacks() {
		rows = append(rows, row{"server", a.Name, a.Want, a.Doc})
	}
	for _, a := range browser.Attacks() {
		rows = append(rows, row{"page", a.Name, a.Want, a.Doc})
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(rows)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "attack\ton a\twanted\twhat it does\n")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.Name, r.On, strings.ReplaceAll(string(r.Want), "_", " "), r.Doc)
	}
	return t.Flush()
}

// attackError makes an error that the caller can mend one that ends with exit status 2.
func attackError(err error) error {
	if errors.Is(err, redteam.ErrForeign) || errors.Is(err, redteam.ErrUnknownAttack) {
		return errUsage{err}
	}
	return err
}

// Bounds of an attack's length.
const (
	shortestAttack = time.Second
	longestAttack  = 45 * time.Minute
)

func checkFor(d time.Duration) error {
	if d < shortestAttack || d > longestAttack {
		return errUsage{fmt.Errorf("attack: --for is %v; want %v to %v", d, shortestAttack, longestAttack)}
	}
	return nil
}

// strokesFor is how many strokes an attack has at most: more than a fast typist's.
func strokesFor(d time.Duration) int { return max(120, int(10*d.Seconds())) }
