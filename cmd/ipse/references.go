package main

import (
	"context"
	"errors"
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

// ofSubject is what all of them need.
type ofSubject struct {
	atServer
	Subject string `arg:"" help:"The subject's pseudonym: from the answer to POST /v1/sessions, or the heading of a session's page in the console." placeholder:"SUBJECT"`
}

// which narrows down what is put right; empty means all.
type which struct {
	Modality    modality    `help:"Only references of this modality: keyboard, pointer, touch or phrase." placeholder:"MODALITY"`
	DeviceClass deviceClass `name:"device-class" help:"Only references of this device class: desktop, tablet or phone." placeholder:"CLASS"`
}

func (w which) forClient() client.Which {
	return client.Which{Modality: observation.Modality(w.Modality), DeviceClass: observation.DeviceClass(w.DeviceClass)}
}

type (
	modality    observation.Modality
	deviceClass observation.DeviceClass
	moment      time.Time
)

// UnmarshalText takes a modality that has references.
func (m *modality) UnmarshalText(text []byte) error {
	switch v := observation.Modality(text); v {
	case observation.Keyboard, observation.Pointer, observation.Touch, observation.Phrase:
		*m = modality(v)
		return nil
	}
	return fmt.Errorf("%q is no modality; want keyboard, pointer, touch or phrase", text)
}

// UnmarshalText takes a device class.
func (d *deviceClass) UnmarshalText(text []byte) error {
	switch v := observation.DeviceClass(text); v {
	case observation.Desktop, observation.Tablet, observation.Phone:
		*d = deviceClass(v)
		return nil
	}
	return fmt.Errorf("%q is no device class; want desktop, tablet or phone", text)
}

// UnmarshalText takes a moment that has been, in the form of RFC 3339.
func (m *moment) UnmarshalText(text []byte) error {
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q is no moment; want date, time and zone, such as 2026-11-20T08:00:00Z or 2026-11-20T08:00:00+01:00", text)
	}
	if at.After(time.Now()) {
		return fmt.Errorf("%s has not been yet; want a moment before somebody else was at work", text)
	}
	*m = moment(at)
	return nil
}

type referencesShow struct{ ofSubject }

type referencesRollBack struct {
	ofSubject
	which
	To moment `required:"" placeholder:"TIME" help:"The moment, with its zone, such as 2026-11-20T08:00:00Z."`
}

type referencesAccept struct {
	ofSubject
	which
}

type referencesEnrolAgain struct {
	ofSubject
	which
}

// Run carries the command out.
func (c *referencesShow) Run(ctx context.Context) error {
	return c.ask(func(api *client.Client) (client.Subject, error) { return api.Subject(ctx, c.Subject) })
}

// Run carries the command out.
func (c *referencesRollBack) Run(ctx context.Context) error {
	return c.ask(func(api *client.Client) (client.Subject, error) {
		return api.RollBack(ctx, c.Subject, time.Time(c.To), c.forClient())
	})
}

// Run carries the command out.
func (c *referencesAccept) Run(ctx context.Context) error {
	return c.ask(func(api *client.Client) (client.Subject, error) {
		return api.Accept(ctx, c.Subject, c.forClient())
	})
}

// Run carries the command out.
func (c *referencesEnrolAgain) Run(ctx context.Context) error {
	return c.ask(func(api *client.Client) (client.Subject, error) {
		return api.EnrolAgain(ctx, c.Subject, c.forClient())
	})
}

// ask does something at the server and prints the references as they are then.
func (s *ofSubject) ask(do func(*client.Client) (client.Subject, error)) error {
	api, err := s.open()
	if err != nil {
		return fmt.Errorf("references: %w", err)
	}
	subject, err := do(api)
	if err != nil {
		return s.said(err)
	}
	return listReferences(os.Stdout, subject)
}

// said names what went wrong and what would be right.
func (s *ofSubject) said(err error) error {
	var p *client.Problem
	if errors.As(err, &p) && p.Type == client.SubjectUnknown {
		return fmt.Errorf("references: the server knows no subject %q; want the pseudonym from the answer to POST /v1/sessions or from the heading of a session's page in the console, not a user id", s.Subject)
	}
	return fmt.Errorf("references: %w", s.told(err))
}

func listReferences(w io.Writer, s client.Subject) error {
	if len(s.References) == 0 {
		_, err := fmt.Fprintln(w, "Nothing has been learnt of this subject yet.")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MODALITY\tDEVICE\tMODEL\tPHRASE\tPLACE\tMATURITY\tERROR TO EXPECT\tVERSION\tSTATE\tKEPT")
	for _, r := range s.References {
		var kept []string
		for _, k := range r.Kept {
			kept = append(kept, fmt.Sprintf("%d of %s", k.Version, k.At.Format(time.RFC3339)))
		}
		state, expect, phrase := "", "", ""
		if r.Phrase > 0 {
			phrase = strconv.FormatInt(r.Phrase, 10)
		}
		switch {
		case r.Mixed:
			state = "mixes two people: enrol-again"
		case r.DriftedAt != nil:
			state = "drifts since " + r.DriftedAt.Format(time.RFC3339) + ": roll-back or accept"
		}
		if r.ExpectedErrorShare > 0 {
			expect = strconv.FormatFloat(100*r.ExpectedErrorShare, 'f', 1, 64) + " %"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%.0f %%\t%s\t%d\t%s\t%s\n", r.Modality, r.DeviceClass, r.Model, phrase, r.Place, 100*r.Maturity, expect, r.Version, state, strings.Join(kept, ", "))
	}
	return table.Flush()
}
