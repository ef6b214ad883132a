package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/observation"
)

// referencesCommand looks at a subject's references and puts them right, through a running server.
type referencesCommand struct {
	Show       referencesShow       `cmd:"" help:"List a subject's references with the versions that are kept."`
	RollBack   referencesRollBack   `cmd:"" name:"roll-back" help:"Put references back to what they were at a moment: when somebody else is known to have worked in the subject's place since."`
	Accept     referencesAccept     `cmd:"" help:"Let references that have drifted learn on: somebody has made sure that they are still the subject's."`
	EnrolAgain referencesEnrolAgain `cmd:"" name:"enrol-again" help:"Empty references, so that they are learnt anew: for an enrolment that mixed two people."`
}

// atServer is what all of them need.
type atServer struct {
	Subject    string `arg:"" help:"The subject's pseudonym, as opening a session told it."`
	Server     string `help:"Address of the running server. Default ${default}." default:"http://127.0.0.1:7473" placeholder:"URL"`
	APIKeyFile string `name:"api-key-file" help:"File that holds the API key: api-key in the server's data folder." required:"" type:"existingfile" placeholder:"FILE"`
}

// which narrows down what is put right.
type which struct {
	Modality    observation.Modality    `help:"Only references of this modality: keyboard, pointer, touch or phrase." enum:",keyboard,pointer,touch,phrase" default:""`
	DeviceClass observation.DeviceClass `name:"device-class" help:"Only references of this device class: desktop, tablet or phone." enum:",desktop,tablet,phone" default:""`
}

type referencesShow struct{ atServer }

type referencesRollBack struct {
	atServer
	which
	To time.Time `required:"" placeholder:"TIME" help:"The moment, as 2026-11-20T08:00:00Z."`
}

type referencesAccept struct {
	atServer
	which
}

type referencesEnrolAgain struct {
	atServer
	which
}

// Run carries the command out.
func (c *referencesShow) Run(ctx context.Context) error {
	return c.ask(func(api *client.Client) (client.Subject, error) { return api.Subject(ctx, c.Subject) })
}

// Run carries the command out.
func (c *referencesRollBack) Run(ctx context.Context) error {
	return c.ask(func(api *client.Client) (client.Subject, error) {
		return api.RollBack(ctx, c.Subject, c.To, client.Which(c.which))
	})
}

// Run carries the command out.
func (c *referencesAccept) Run(ctx context.Context) error {
	return c.ask(func(api *client.Client) (client.Subject, error) {
		return api.Accept(ctx, c.Subject, client.Which(c.which))
	})
}

// Run carries the command out.
func (c *referencesEnrolAgain) Run(ctx context.Context) error {
	return c.ask(func(api *client.Client) (client.Subject, error) {
		return api.EnrolAgain(ctx, c.Subject, client.Which(c.which))
	})
}

// ask does something at the server and prints the references as they are then.
func (s *atServer) ask(do func(*client.Client) (client.Subject, error)) error {
	key, err := os.ReadFile(s.APIKeyFile)
	if err != nil {
		return fmt.Errorf("references: read the API key: %w", err)
	}
	subject, err := do(client.New(s.Server, strings.TrimSpace(string(key))))
	if err != nil {
		return fmt.Errorf("references: %w", err)
	}
	return listReferences(os.Stdout, subject)
}

func listReferences(w io.Writer, s client.Subject) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MODALITY\tDEVICE\tMODEL\tPLACE\tMATURITY\tERROR TO EXPECT\tVERSION\tSTATE\tKEPT")
	for _, r := range s.References {
		var kept []string
		for _, k := range r.Kept {
			kept = append(kept, fmt.Sprintf("%d of %s", k.Version, k.At.Format(time.RFC3339)))
		}
		state, expect := "", ""
		switch {
		case r.Mixed:
			state = "mixes two people: enrol again"
		case r.DriftedAt != nil:
			state = "drifts since " + r.DriftedAt.Format(time.RFC3339) + ": roll back or accept"
		}
		if r.ExpectedErrorShare > 0 {
			expect = strconv.FormatFloat(100*r.ExpectedErrorShare, 'f', 1, 64) + " %"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%.0f %%\t%s\t%d\t%s\t%s\n", r.Modality, r.DeviceClass, r.Model, r.Place, 100*r.Maturity, expect, r.Version, state, strings.Join(kept, ", "))
	}
	return table.Flush()
}
